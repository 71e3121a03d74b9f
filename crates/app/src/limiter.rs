//! How often somebody may try a password (rule M28).
//!
//! The rule is in [`attempts`](rosterd_domain::rules::attempts). What is counted is kept in the database, where it has the
//! table for it: then all processes on it count together, and a restart forgets nothing. Otherwise each process counts in its
//! [memory].
//!
//! Nothing that a client sent is stored. A hash under the token secret maps it to one of a fixed number of [places], so
//! that table and memory are bounded. Two e-mail addresses or client IPs can share a place and then also its attempts. Nobody
//! gets more attempts by this, and nobody can choose from outside whose attempts they share.
//!
//! A client that was refused is refused from memory until its `Retry-After` is over: nothing can make that shorter, and so
//! a client that goes on does not keep the database busy.

mod memory;
mod places;
mod refusals;

use std::time::{Duration, Instant};

use rosterd_domain::rules::attempts::{Attempts, ByCount, CountedBy, Refused, SignInLimit};
use rosterd_storage::CountedAttempts;

use self::memory::Memory;
use self::places::Places;
use self::refusals::Refusals;
use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::request::ClientIp;
use crate::settings::TokenSecret;

/// Longest e-mail address that is counted, in bytes: 64 for the name, 255 for the host (RFC 5321, 4.5.3.1). No account
/// has a longer one.
pub(crate) const MAX_EMAIL_BYTES: usize = 320;

/// Counts attempts.
pub(crate) struct SignInLimiter {
    limit: SignInLimit,
    places: Places,
    memory: Memory,
    refusals: Refusals,
    /// Whether the database counts.
    is_shared: bool,
}

/// Where an attempt is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "an attempt is to be counted"]
pub(crate) struct Attempt(ByCount<i64>);

impl Attempt {
    /// The same in a browser in which the owner of the account has signed in before: the limit of the account alone does
    /// not count there.
    pub(crate) fn by_known_browser(self) -> Self {
        Self(ByCount { account: None, ..self.0 })
    }
}

impl SignInLimiter {
    /// `is_shared` says whether the database counts for all processes.
    ///
    /// # Errors
    /// When HMAC refuses the secret, which it never does.
    pub(crate) fn new(limit: SignInLimit, secret: &TokenSecret, is_shared: bool) -> std::io::Result<Self> {
        Ok(Self {
            limit,
            places: Places::new(secret)?,
            memory: Memory::default(),
            refusals: Refusals::default(),
            is_shared,
        })
    }

    /// An attempt to sign in. An e-mail address that is too long to be an account's is counted by client alone.
    pub(crate) fn sign_in(&self, email: &str, client: ClientIp) -> Attempt {
        if email.len() > MAX_EMAIL_BYTES {
            return self.by_client(client);
        }
        let account = (self.limit.per_account > 0).then(|| self.places.of_account(email));
        Attempt(ByCount { account, ..self.known(email, client).0 })
    }

    /// An attempt by a caller who is known to be no stranger, such as a change of the password: the limit of the account
    /// alone does not count.
    pub(crate) fn known(&self, email: &str, client: ClientIp) -> Attempt {
        let pair = (self.limit.per_email > 0).then(|| self.places.of_pair(email, client));
        Attempt(ByCount { pair, ..self.by_client(client).0 })
    }

    /// A wish for a mail to who has this e-mail address: counted like attempts to sign in, but apart from them.
    pub(crate) fn forgotten(&self, email: &str, client: ClientIp) -> Attempt {
        self.sign_in(&format!("forgotten {email}"), client)
    }

    /// An attempt at what belongs to no account, such as a sign-up.
    pub(crate) fn by_client(&self, client: ClientIp) -> Attempt {
        let ip = client.counted().filter(|_| self.limit.per_client_ip > 0);
        Attempt(ByCount { client_ip: ip.map(|ip| self.places.of_client(ip)), ..ByCount::NONE })
    }

    /// A wrong token of SCIM (rule J11): counted like attempts at what belongs to no account, but apart from them.
    pub(crate) fn scim(&self, client: ClientIp) -> Attempt {
        let ip = client.counted().filter(|_| self.limit.per_client_ip > 0);
        Attempt(ByCount { client_ip: ip.map(|ip| self.places.of_client_of_scim(ip)), ..ByCount::NONE })
    }

    /// Refuses a client that was refused and has not waited. Nothing is counted.
    ///
    /// # Errors
    /// [`AppError::RateLimited`].
    pub(crate) fn ensure_waited(&self, attempt: Attempt) -> AppResult<()> {
        let now = Instant::now();
        match attempt.0.into_each().filter_map(|place| self.refusals.left(place, now)).max() {
            None => Ok(()),
            Some(left) => Err(too_many(seconds_up(left))),
        }
    }

    /// Counts one attempt in a use case that [`App::attempt`] runs. One that is refused is counted nowhere.
    ///
    /// # Errors
    /// [`AppError::RateLimited`] when there were too many; those of the store.
    pub(crate) fn count(&self, act: &mut Act<'_>, attempt: Attempt) -> AppResult<()> {
        self.ensure_waited(attempt)?;
        let places = attempt.0;
        let judged = if self.is_shared {
            self.count_together(act, places)?
        } else {
            self.memory.take(self.limit, places)
        };
        judged.map_err(|refused| self.note(places, refused))
    }

    /// Counts in the database. What the places held is locked until the transaction ends, so no two processes can both have
    /// the last attempt.
    fn count_together(&self, act: &mut Act<'_>, places: ByCount<i64>) -> AppResult<Result<(), Refused>> {
        let each: Vec<i64> = places.into_each().collect();
        if each.is_empty() {
            return Ok(Ok(()));
        }
        let CountedAttempts { now, counted } = act.housekeeping().lock_attempts(&each)?;
        let at = |place| counted.iter().find(|(at, _)| *at == place).map(|(_, attempts)| *attempts);
        let after = match self.limit.take(places.and_then(at), now) {
            Ok(after) => after,
            Err(refused) => return Ok(Err(refused)),
        };
        let after: Vec<(i64, Attempts)> = places.zip(after).into_each().collect();
        act.housekeeping().keep_attempts(&after)?;
        Ok(Ok(()))
    }

    /// Remembers who was refused. The limit of an account alone does not hold for all who try it, so that is asked anew.
    fn note(&self, places: ByCount<i64>, Refused { by, wait_seconds }: Refused) -> AppError {
        let place = match by {
            CountedBy::ClientIp => places.client_ip,
            CountedBy::Pair => places.pair,
            CountedBy::Account => None,
        };
        if let Some(place) = place {
            self.refusals.note(place, Instant::now() + Duration::from_secs(wait_seconds));
        }
        too_many(wait_seconds)
    }

    /// Lets go of what is over in memory.
    pub(crate) fn forget_idle(&self) {
        self.memory.forget_idle(self.limit);
        self.refusals.forget_over(Instant::now());
    }

    /// How long a place of the table is kept that nobody tries, in seconds: half of what it is.
    pub(crate) fn window_seconds(&self) -> i64 {
        self.limit.window_seconds()
    }
}

impl App {
    /// Runs a use case that counts an attempt: in a transaction where the database counts.
    pub(crate) async fn attempt<T: Send + 'static>(
        &self,
        caller: Caller,
        work: impl FnOnce(&mut Act<'_>) -> AppResult<T> + Send + 'static,
    ) -> AppResult<T> {
        if self.counts_attempts_together() {
            self.write(caller, work).await
        } else {
            self.snapshot(caller, work).await
        }
    }

    /// Counts an attempt, and does nothing else.
    ///
    /// # Errors
    /// As [`SignInLimiter::count`].
    pub(crate) async fn count_attempt(&self, caller: Caller, attempt: Attempt) -> AppResult<()> {
        self.limiter().ensure_waited(attempt)?;
        self.attempt(caller, move |act| act.app().limiter().count(act, attempt)).await
    }
}

fn too_many(retry_after_seconds: u64) -> AppError {
    AppError::RateLimited { retry_after_seconds }
}

/// Rounded up: who comes back then is not refused again.
fn seconds_up(left: Duration) -> u64 {
    u64::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(per_email: u32, per_client_ip: u32) -> SignInLimiter {
        let limit = SignInLimit { per_email, per_account: 150, per_client_ip, ..SignInLimit::default() };
        SignInLimiter::new(limit, &TokenSecret::new("secret"), false).unwrap()
    }

    fn from(ip: &str) -> ClientIp {
        ClientIp::new(Some(ip.parse().unwrap()))
    }

    impl SignInLimiter {
        /// Counts in memory.
        fn try_once(&self, attempt: Attempt) -> AppResult<()> {
            self.ensure_waited(attempt)?;
            self.memory.take(self.limit, attempt.0).map_err(|refused| self.note(attempt.0, refused))
        }
    }

    #[test]
    fn m28_the_sixteenth_try_is_refused_however_the_e_mail_address_is_written() {
        let limiter = limiter(15, 0);
        let client = from("192.0.2.1");
        for _ in 0..15 {
            limiter.try_once(limiter.sign_in("a@example.com", client)).unwrap();
        }
        let again = limiter.sign_in("A@Example.com ", client);
        for _ in 0..2 {
            let refused = limiter.try_once(again).unwrap_err();
            assert!(matches!(refused, AppError::RateLimited { retry_after_seconds: 1..=360 }), "{refused:?}");
        }
        assert!(limiter.ensure_waited(again).is_err(), "as long as it was told to wait");
        limiter.try_once(limiter.sign_in("a@example.com", from("192.0.2.2"))).unwrap();
        limiter.try_once(limiter.sign_in("b@example.com", client)).unwrap();
    }

    #[test]
    fn m28_an_ipv6_network_is_one_client() {
        let limiter = limiter(0, 2);
        limiter.try_once(limiter.by_client(from("2001:db8:1:2::1"))).unwrap();
        limiter.try_once(limiter.by_client(from("2001:db8:1:2:ffff::9"))).unwrap();
        assert!(limiter.try_once(limiter.by_client(from("2001:db8:1:2:a:b:c:d"))).is_err());
        limiter.try_once(limiter.by_client(from("2001:db8:1:3::1"))).unwrap();
    }

    #[test]
    fn m28_each_attempt_is_counted_where_it_concerns_somebody() {
        let limiter = limiter(15, 150);
        let client = from("192.0.2.1");
        let ways = |attempt: Attempt| {
            let ByCount { client_ip, pair, account } = attempt.0;
            (client_ip.is_some(), pair.is_some(), account.is_some())
        };
        let long = "x".repeat(MAX_EMAIL_BYTES + 1);
        let sign_in = limiter.sign_in("a@example.com", client);
        for (attempt, expected) in [
            (sign_in, (true, true, true)),
            (sign_in.by_known_browser(), (true, true, false)),
            (limiter.sign_in(&long, client), (true, false, false)),
            (limiter.sign_in("a@example.com", ClientIp::new(None)), (false, true, true)),
            (limiter.known("a@example.com", client), (true, true, false)),
            (limiter.by_client(client), (true, false, false)),
            (limiter.by_client(ClientIp::new(None)), (false, false, false)),
        ] {
            assert_eq!(ways(attempt), expected, "{attempt:?}");
        }
        assert_eq!(ways(self::limiter(0, 0).sign_in("a@example.com", client)), (false, false, true));
    }
}
