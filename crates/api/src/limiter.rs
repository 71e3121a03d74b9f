//! How often sign-in may be tried (contract, section 7): by e-mail address and by network address.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use rosterd_domain::list::fold;

use crate::error::ApiError;
use crate::settings::SignInLimit;

/// Counts tries. Limits of zero mean no limit.
pub(crate) struct SignInLimiter {
    by_email: Option<DefaultKeyedRateLimiter<String>>,
    by_address: Option<DefaultKeyedRateLimiter<IpAddr>>,
    clock: DefaultClock,
}

impl SignInLimiter {
    pub(crate) fn new(limit: SignInLimit) -> Self {
        Self {
            by_email: quota(limit.per_email, limit).map(RateLimiter::keyed),
            by_address: quota(limit.per_address, limit).map(RateLimiter::keyed),
            clock: DefaultClock::default(),
        }
    }

    /// Counts one try.
    ///
    /// # Errors
    /// [`ApiError::RateLimited`] when there were too many.
    pub(crate) fn count(&self, email: &str, address: Option<IpAddr>) -> Result<(), ApiError> {
        let wait = |until: governor::NotUntil<_>| ApiError::RateLimited {
            retry_after_seconds: until.wait_time_from(self.clock.now()).as_secs().max(1),
        };
        if let (Some(limiter), Some(address)) = (&self.by_address, address) {
            limiter.check_key(&address).map_err(wait)?;
        }
        if let Some(limiter) = &self.by_email {
            limiter.check_key(&fold(email.trim())).map_err(wait)?;
        }
        Ok(())
    }

    /// Lets go of the keys that have all their tries again, so that memory does not grow with what was ever tried.
    pub(crate) fn forget_idle(&self) {
        if let Some(limiter) = &self.by_email {
            limiter.retain_recent();
        }
        if let Some(limiter) = &self.by_address {
            limiter.retain_recent();
        }
    }
}

/// `tries` within the window, all at once if need be.
fn quota(tries: u32, limit: SignInLimit) -> Option<Quota> {
    let tries = NonZeroU32::new(tries)?;
    Quota::with_period(limit.window / tries.get()).map(|quota| quota.allow_burst(tries))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn limiter(per_email: u32, per_address: u32) -> SignInLimiter {
        SignInLimiter::new(SignInLimit { per_email, per_address, window: Duration::from_mins(3) })
    }

    #[test]
    fn the_sixteenth_try_in_three_minutes_is_refused() {
        let limiter = limiter(15, 0);
        for _ in 0..15 {
            limiter.count("a@example.com", None).unwrap();
        }
        let refused = limiter.count("A@Example.com ", None).unwrap_err();
        assert!(matches!(refused, ApiError::RateLimited { retry_after_seconds: 1..=180 }));
        limiter.count("b@example.com", None).unwrap();
    }

    #[test]
    fn an_address_has_a_limit_of_its_own() {
        let limiter = limiter(0, 2);
        let here = Some("127.0.0.1".parse().unwrap());
        limiter.count("a@example.com", here).unwrap();
        limiter.count("b@example.com", here).unwrap();
        assert!(limiter.count("c@example.com", here).is_err());
        limiter.count("c@example.com", Some("127.0.0.2".parse().unwrap())).unwrap();
    }
}
