//! How often somebody may try a password (rule M28).
//!
//! Tries are counted by account and client IP together, by account alone, and by client IP alone. Strangers who try an
//! account use up their own tries of it, not those of its owner on another client IP. The limit of the account alone is
//! ten times as wide; it is for many clients that try one account together, and each of them has a few tries before it
//! counts. A browser in which the owner has signed in before is exempt from it.
//!
//! Nothing that a client sent is stored. A hash, whose key is new in each process, maps it to one of a fixed number
//! of places, so the memory is bounded. Two e-mail addresses or client IPs can share a place and then also its
//! attempts. Nobody gets more attempts by this, and nobody can choose from outside whose attempts they share.

mod window;

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rosterd_domain::list::fold;

use self::window::Window;
use crate::error::AppError;
use crate::request::ClientIp;
use crate::settings::SignInLimit;

/// Places of each of the two counts. A full table takes a few megabytes; it is full once as many different e-mail
/// e-mail addresses, or client IPs, were tried within the window.
const PLACES: u64 = 1 << 17;

/// Longest e-mail address that is counted, in bytes: 64 for the name, 255 for the host (RFC 5321, 4.5.3.1). No account
/// has a longer one.
pub(crate) const MAX_EMAIL_BYTES: usize = 320;

/// Tries that a client has of an account before the limit of the account alone counts for it: however many others try the
/// account, its owner comes in.
const ALWAYS: u32 = 3;

/// Counts tries. Limits of zero mean no limit.
pub(crate) struct SignInLimiter {
    pairs: Option<Count>,
    accounts: Option<Count>,
    clients: Option<Count>,
}

/// What a try has already taken: whether the limit of the account alone counts for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "the account's own limit is still to be asked"]
pub(crate) struct Tried {
    few: bool,
}

/// Tries of all keys of one kind.
struct Count {
    /// By place.
    tries: Mutex<HashMap<u64, Window>>,
    most: NonZeroU32,
    period: Duration,
    places: u64,
    hash: RandomState,
}

impl Count {
    fn new(most: u32, period: Duration, places: u64) -> Option<Self> {
        let most = NonZeroU32::new(most)?;
        Some(Self { tries: Mutex::default(), most, period, places, hash: RandomState::new() })
    }

    fn place(&self, key: impl Hash) -> u64 {
        self.hash.hash_one(key) % self.places
    }

    /// Counts one try and gives how many that are, or says how long there is to wait for the next.
    fn take(&self, key: impl Hash, now: Instant) -> Result<u32, Duration> {
        let place = self.place(key);
        let mut tries = self.lock();
        let window = tries.entry(place).or_insert_with(|| Window::from(now));
        window.take(now, self.most, self.period)
    }

    /// Takes back the try that was counted last.
    fn give_back(&self, key: impl Hash) {
        let place = self.place(key);
        if let Some(window) = self.lock().get_mut(&place) {
            window.give_back();
        }
    }

    fn forget_idle(&self, now: Instant) {
        let mut tries = self.lock();
        tries.retain(|_place, window| !window.is_over(now, self.period));
        tries.shrink_to_fit();
    }

    /// Counts like these cannot be left half written, so a poisoned lock is as good as another.
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Window>> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SignInLimiter {
    pub(crate) fn new(limit: SignInLimit) -> Self {
        Self::with_places(limit, PLACES)
    }

    fn with_places(limit: SignInLimit, places: u64) -> Self {
        Self {
            pairs: Count::new(limit.per_email, limit.window, places),
            accounts: Count::new(limit.per_account, limit.window, places),
            clients: Count::new(limit.per_client_ip, limit.window, places),
        }
    }

    /// Counts one try to sign in, by client before account: who is shut out as a client does not use up tries of
    /// accounts. An e-mail address that is too long to be an account's is counted by client alone. What is left to ask is
    /// the [limit of the account](Self::count_account).
    ///
    /// # Errors
    /// [`AppError::RateLimited`] when there were too many.
    pub(crate) fn count(&self, email: &str, client: ClientIp) -> Result<Tried, AppError> {
        self.count_client(client)?;
        if email.len() <= MAX_EMAIL_BYTES { self.count_pair(email, client) } else { Ok(Tried { few: true }) }
    }

    /// Counts one try by client alone: of what belongs to no account, such as a sign-up.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    pub(crate) fn count_client(&self, client: ClientIp) -> Result<(), AppError> {
        client.counted().map_or(Ok(()), |ip| Self::take(self.clients.as_ref(), ip).map(|_tries| ()))
    }

    /// Counts one try of a caller who is known, such as a change of the password, by account and client.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    pub(crate) fn count_pair(&self, email: &str, client: ClientIp) -> Result<Tried, AppError> {
        let tries = Self::take(self.pairs.as_ref(), pair(email, client))?;
        Ok(Tried { few: tries <= ALWAYS })
    }

    /// Counts the same try by account alone. It is refused where too many clients together have tried the account, unless
    /// this one has tried it a few times only. A refused try is given back to the client.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    pub(crate) fn count_account(&self, tried: Tried, email: &str, client: ClientIp) -> Result<(), AppError> {
        let refused = Self::take(self.accounts.as_ref(), account(email)).err().filter(|_| !tried.few);
        let Some(refused) = refused else { return Ok(()) };
        if let Some(pairs) = &self.pairs {
            pairs.give_back(pair(email, client));
        }
        Err(refused)
    }

    fn take(count: Option<&Count>, key: impl Hash) -> Result<u32, AppError> {
        let Some(count) = count else { return Ok(0) };
        count.take(key, Instant::now()).map_err(|wait| AppError::RateLimited {
            // Rounded up: who comes back then is not refused again.
            retry_after_seconds: u64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1),
        })
    }

    /// Lets go of the places that have all their tries again.
    pub(crate) fn forget_idle(&self) {
        let now = Instant::now();
        for count in [&self.pairs, &self.accounts, &self.clients].into_iter().flatten() {
            count.forget_idle(now);
        }
    }
}

/// An account as it is counted, whether there is one or not.
fn account(email: &str) -> String {
    fold(email.trim())
}

/// An account and who tries it.
fn pair(email: &str, client: ClientIp) -> (String, Option<IpAddr>) {
    (account(email), client.counted())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOWHERE: ClientIp = ClientIp::new(None);

    fn from(ip: &str) -> ClientIp {
        ClientIp::new(Some(ip.parse().unwrap()))
    }

    fn limit(per_email: u32, per_account: u32, per_client_ip: u32) -> SignInLimit {
        SignInLimit { per_email, per_account, per_client_ip, window: Duration::from_mins(3) }
    }

    fn limiter(per_email: u32, per_client_ip: u32) -> SignInLimiter {
        SignInLimiter::new(limit(per_email, 0, per_client_ip))
    }

    impl SignInLimiter {
        /// Counts a try by all there is.
        fn count_all(&self, email: &str, client: ClientIp) -> Result<(), AppError> {
            let tried = self.count(email, client)?;
            self.count_account(tried, email, client)
        }
    }

    #[test]
    fn the_sixteenth_try_in_three_minutes_is_refused() {
        let limiter = limiter(15, 0);
        for _ in 0..15 {
            limiter.count_all("a@example.com", NOWHERE).unwrap();
        }
        let refused = limiter.count_all("A@Example.com ", NOWHERE).unwrap_err();
        assert!(matches!(refused, AppError::RateLimited { retry_after_seconds: 1..=180 }));
        limiter.count_all("b@example.com", NOWHERE).unwrap();
    }

    #[test]
    fn m28_strangers_do_not_lock_the_owner_out() {
        let limiter = SignInLimiter::new(limit(15, 150, 0));
        let owner = from("192.0.2.1");
        for stranger in 1..=100_u8 {
            for _ in 0..20 {
                let _refused =
                    limiter.count_all("a@example.com", ClientIp::new(Some([203, 0, 113, stranger].into())));
            }
        }
        for _ in 0..ALWAYS {
            limiter.count_all("a@example.com", owner).unwrap();
        }
        let refused = limiter.count_all("a@example.com", owner).unwrap_err();
        assert!(matches!(refused, AppError::RateLimited { retry_after_seconds: 1..=360 }));
        // A browser that is known asks for no more than this.
        for _ in 0..12 {
            let _exempt = limiter.count("a@example.com", owner).unwrap();
        }
        assert!(limiter.count("a@example.com", owner).is_err());
    }

    #[test]
    fn m28_many_clients_together_have_a_limit_for_one_account() {
        let limiter = SignInLimiter::new(limit(15, 30, 0));
        let mut let_in = 0;
        for stranger in 1..=10_u8 {
            for _ in 0..15 {
                let client = ClientIp::new(Some([203, 0, 113, stranger].into()));
                let_in += u32::from(limiter.count_all("a@example.com", client).is_ok());
            }
        }
        // Fifteen of each of the first two, then three of each of the others.
        assert_eq!(let_in, 30 + 8 * ALWAYS);
        limiter.count_all("b@example.com", from("203.0.113.1")).unwrap();
    }

    #[test]
    fn a_client_ip_has_a_limit_of_its_own() {
        let limiter = limiter(0, 2);
        limiter.count_all("a@example.com", from("127.0.0.1")).unwrap();
        limiter.count_all("b@example.com", from("127.0.0.1")).unwrap();
        assert!(limiter.count_all("c@example.com", from("127.0.0.1")).is_err());
        limiter.count_all("c@example.com", from("127.0.0.2")).unwrap();
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let limiter = limiter(0, 2);
        limiter.count_all("a@example.com", from("2001:db8:1:2::1")).unwrap();
        limiter.count_all("b@example.com", from("2001:db8:1:2:ffff::9")).unwrap();
        assert!(limiter.count_all("c@example.com", from("2001:db8:1:2:a:b:c:d")).is_err());
        limiter.count_all("c@example.com", from("2001:db8:1:3::1")).unwrap();
    }

    #[test]
    fn an_e_mail_address_that_nobody_can_have_is_counted_by_client_alone() {
        let limiter = limiter(1, 3);
        let long = "x".repeat(MAX_EMAIL_BYTES + 1);
        for _ in 0..3 {
            limiter.count_all(&long, from("192.0.2.1")).unwrap();
        }
        assert!(limiter.count_all(&long, from("192.0.2.1")).is_err());
        assert!(limiter.pairs.unwrap().lock().is_empty());
    }

    #[test]
    fn any_number_of_e_mail_addresses_and_clients_takes_a_fixed_number_of_places() {
        let limiter = SignInLimiter::with_places(limit(15, 0, 150), 64);
        let mut refused = 0;
        for n in 0..100_000_u32 {
            let client = ClientIp::new(Some(IpAddr::from(n.to_be_bytes())));
            refused += u32::from(limiter.count_all(&format!("{n}@example.com"), client).is_err());
        }
        let [emails, clients] = [limiter.pairs.as_ref(), limiter.clients.as_ref()].map(Option::unwrap);
        assert_eq!((emails.lock().len(), clients.lock().len()), (64, 64));
        // A table that is too small refuses; it never lets guesses through uncounted.
        assert!(refused > 100_000 - 64 * 150, "{refused}");
        limiter.forget_idle();
        assert_eq!(emails.lock().len(), 64, "what was just tried is no idle place");
    }

    #[test]
    fn places_cannot_be_foretold() {
        let (one, other) = (limiter(15, 0), limiter(15, 0));
        let places = |limiter: &SignInLimiter| -> Vec<u64> {
            let count = limiter.pairs.as_ref().unwrap();
            (0..8).map(|n| count.place(format!("{n}@example.com"))).collect()
        };
        assert_eq!(places(&one), places(&one));
        assert_ne!(places(&one), places(&other));
    }
}
