//! Which place something is counted at.

use std::net::IpAddr;

use hmac::{Hmac, Mac as _};
use rosterd_domain::list::fold;
use sha2::Sha256;

use crate::keyed::keyed;
use crate::request::ClientIp;
use crate::settings::TokenSecret;

/// Places of each of the three counts. Full tables take some 30 MB; they are full once as many different accounts,
/// client IPs and pairs of these were tried within the window.
pub(super) const PLACES: u64 = 1 << 17;

/// Maps what is counted to places. The same secret gives the same places in every process.
pub(super) struct Places {
    hash: Hmac<Sha256>,
    places: u64,
}

/// Which count a place belongs to: the upper half of its number.
#[derive(Clone, Copy)]
enum Count {
    Client,
    Pair,
    Account,
}

impl Places {
    /// # Errors
    /// As [`keyed`].
    pub(super) fn new(secret: &TokenSecret) -> std::io::Result<Self> {
        Ok(Self { hash: keyed(secret, "rosterd: places of attempts")?, places: PLACES })
    }

    /// Of a client IP, as it is counted.
    pub(super) fn of_client(&self, ip: IpAddr) -> i64 {
        self.of(Count::Client, &ip.to_string(), "")
    }

    /// Of a client IP that shows tokens of SCIM.
    pub(super) fn of_client_of_scim(&self, ip: IpAddr) -> i64 {
        self.of(Count::Client, &ip.to_string(), "scim")
    }

    /// Of an account, whether there is one with this e-mail address or not, and a client.
    pub(super) fn of_pair(&self, email: &str, client: ClientIp) -> i64 {
        let ip = client.counted().map_or_else(String::new, |ip| ip.to_string());
        self.of(Count::Pair, &ip, &fold(email.trim()))
    }

    /// Of an account alone.
    pub(super) fn of_account(&self, email: &str) -> i64 {
        self.of(Count::Account, "", &fold(email.trim()))
    }

    fn of(&self, count: Count, ip: &str, email: &str) -> i64 {
        // No IP has a space in it: no two of these read alike.
        let hash =
            self.hash.clone().chain_update(format!("{} {ip} {email}", count as u8)).finalize().into_bytes();
        let number = hash.iter().take(8).fold(0, |number: u64, byte| (number << 8) | u64::from(*byte));
        (i64::from(count as u8) << 32) | i64::try_from(number % self.places).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn places(secret: &str) -> Places {
        Places::new(&TokenSecret::new(secret)).unwrap()
    }

    #[test]
    fn m28_places_are_the_same_for_all_who_have_the_secret_and_cannot_be_foretold() {
        let at = |secret| {
            (0..8).map(|n| places(secret).of_account(&format!("{n}@example.com"))).collect::<Vec<_>>()
        };
        assert_eq!(at("secret"), at("secret"));
        assert_ne!(at("secret"), at("another"));
    }

    #[test]
    fn m28_the_three_counts_have_places_of_their_own_and_a_fixed_number() {
        let places = Places { places: 64, ..places("secret") };
        let ip = |n: u32| IpAddr::from(n.to_be_bytes());
        let mut all = HashSet::new();
        for n in 0..10_000 {
            let email = format!("{n}@example.com");
            let client = ClientIp::new(Some(ip(n)));
            all.extend([places.of_client(ip(n)), places.of_pair(&email, client), places.of_account(&email)]);
        }
        assert_eq!(all.len(), 3 * 64);
    }

    #[test]
    fn m28_an_e_mail_address_is_counted_alike_however_it_is_written() {
        let places = places("secret");
        for written in ["BOB@example.com", " bob@Example.com\t", "ｂob@example.com"] {
            assert_eq!(places.of_account(written), places.of_account("bob@example.com"), "{written}");
        }
        assert_ne!(places.of_account("bob@example.com"), places.of_account("bob@example.org"));
    }
}
