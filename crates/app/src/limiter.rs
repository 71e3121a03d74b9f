//! How many sign-in attempts are allowed, by e-mail address and by client IP.
//!
//! Nothing that a client sent is stored. A hash, whose key is new in each process, maps it to one of a fixed number
//! of places, so the memory is bounded. Two e-mail addresses or client IPs can share a place and then also its
//! attempts. Nobody gets more attempts by this, and nobody can choose from outside whose attempts they share.

mod window;

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
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

/// Counts tries. Limits of zero mean no limit.
pub(crate) struct SignInLimiter {
    by_email: Option<Count>,
    by_client_ip: Option<Count>,
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

    /// Counts one try, or says how long there is to wait for the next.
    fn take(&self, key: impl Hash, now: Instant) -> Result<(), Duration> {
        let place = self.place(key);
        let mut tries = self.lock();
        let window = tries.entry(place).or_insert_with(|| Window::from(now));
        window.take(now, self.most, self.period)
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
            by_email: Count::new(limit.per_email, limit.window, places),
            by_client_ip: Count::new(limit.per_client_ip, limit.window, places),
        }
    }

    /// Counts one try, by client before e-mail address: who is shut out as a client does not use up the tries of others'
    /// e-mail addresses. One that is too long to be an account's is counted by client alone.
    ///
    /// # Errors
    /// [`AppError::RateLimited`] when there were too many.
    pub(crate) fn count(&self, email: &str, client: ClientIp) -> Result<(), AppError> {
        self.count_client(client)?;
        if email.len() <= MAX_EMAIL_BYTES { self.count_email(email) } else { Ok(()) }
    }

    /// Counts one try by client alone: of what belongs to no account.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    pub(crate) fn count_client(&self, client: ClientIp) -> Result<(), AppError> {
        client.counted().map_or(Ok(()), |ip| Self::take(self.by_client_ip.as_ref(), ip))
    }

    /// Counts one try of a caller who is known, by e-mail address alone.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    pub(crate) fn count_email(&self, email: &str) -> Result<(), AppError> {
        Self::take(self.by_email.as_ref(), fold(email.trim()))
    }

    fn take(count: Option<&Count>, key: impl Hash) -> Result<(), AppError> {
        let Some(count) = count else { return Ok(()) };
        count.take(key, Instant::now()).map_err(|wait| AppError::RateLimited {
            // Rounded up: who comes back then is not refused again.
            retry_after_seconds: u64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1),
        })
    }

    /// Lets go of the places that have all their tries again.
    pub(crate) fn forget_idle(&self) {
        let now = Instant::now();
        for count in [&self.by_email, &self.by_client_ip].into_iter().flatten() {
            count.forget_idle(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Duration;

    use super::*;

    const NOWHERE: ClientIp = ClientIp::new(None);

    fn from(ip: &str) -> ClientIp {
        ClientIp::new(Some(ip.parse().unwrap()))
    }

    fn limit(per_email: u32, per_client_ip: u32) -> SignInLimit {
        SignInLimit { per_email, per_client_ip, window: Duration::from_mins(3) }
    }

    fn limiter(per_email: u32, per_client_ip: u32) -> SignInLimiter {
        SignInLimiter::new(limit(per_email, per_client_ip))
    }

    #[test]
    fn the_sixteenth_try_in_three_minutes_is_refused() {
        let limiter = limiter(15, 0);
        for _ in 0..15 {
            limiter.count("a@example.com", NOWHERE).unwrap();
        }
        let refused = limiter.count("A@Example.com ", NOWHERE).unwrap_err();
        assert!(matches!(refused, AppError::RateLimited { retry_after_seconds: 1..=180 }));
        limiter.count("b@example.com", NOWHERE).unwrap();
    }

    #[test]
    fn a_client_ip_has_a_limit_of_its_own() {
        let limiter = limiter(0, 2);
        limiter.count("a@example.com", from("127.0.0.1")).unwrap();
        limiter.count("b@example.com", from("127.0.0.1")).unwrap();
        assert!(limiter.count("c@example.com", from("127.0.0.1")).is_err());
        limiter.count("c@example.com", from("127.0.0.2")).unwrap();
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let limiter = limiter(0, 2);
        limiter.count("a@example.com", from("2001:db8:1:2::1")).unwrap();
        limiter.count("b@example.com", from("2001:db8:1:2:ffff::9")).unwrap();
        assert!(limiter.count("c@example.com", from("2001:db8:1:2:a:b:c:d")).is_err());
        limiter.count("c@example.com", from("2001:db8:1:3::1")).unwrap();
    }

    #[test]
    fn an_e_mail_address_that_nobody_can_have_is_counted_by_client_alone() {
        let limiter = limiter(1, 3);
        let long = "x".repeat(MAX_EMAIL_BYTES + 1);
        for _ in 0..3 {
            limiter.count(&long, from("192.0.2.1")).unwrap();
        }
        assert!(limiter.count(&long, from("192.0.2.1")).is_err());
        assert!(limiter.by_email.unwrap().lock().is_empty());
    }

    #[test]
    fn any_number_of_e_mail_addresses_and_clients_takes_a_fixed_number_of_places() {
        let limiter = SignInLimiter::with_places(limit(15, 150), 64);
        let mut refused = 0;
        for n in 0..100_000_u32 {
            let client = ClientIp::new(Some(IpAddr::from(n.to_be_bytes())));
            refused += u32::from(limiter.count(&format!("{n}@example.com"), client).is_err());
        }
        let [emails, clients] =
            [limiter.by_email.as_ref(), limiter.by_client_ip.as_ref()].map(Option::unwrap);
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
            let count = limiter.by_email.as_ref().unwrap();
            (0..8).map(|n| count.place(format!("{n}@example.com"))).collect()
        };
        assert_eq!(places(&one), places(&one));
        assert_ne!(places(&one), places(&other));
    }
}
