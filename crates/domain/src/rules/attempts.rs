//! How often a password may be tried (rule M28).
//!
//! An attempt is counted in up to three ways: by its client IP, by client IP and account together, and by account alone.
//! Strangers who try an account use up their own attempts at it, not those of its owner on another client IP. The limit of
//! the account alone is much wider; it is for many clients that try one account together, and each of them has a
//! few attempts before it counts.
//!
//! Attempts are counted in a sliding window: all of the current period, and the part of the period before that lies within
//! one period from now. So the limit holds for any period, approximately, and needs only two numbers and a time.

use std::time::Duration;

use crate::clock::UnixSeconds;

/// Attempts that a client has at an account before the limit of the account alone counts for it: however many others try
/// the account, its owner comes in.
pub const ALWAYS: u32 = 3;

/// How many attempts there may be within a window. A limit of zero is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInLimit {
    /// Attempts a client IP has at one e-mail address.
    pub per_email: u32,
    /// Attempts that all client IPs together have at one e-mail address.
    pub per_account: u32,
    /// Attempts a client IP has; an IPv6 network of 64 bits counts as one.
    pub per_client_ip: u32,
    /// The window. Part of a second counts as a whole one.
    pub window: Duration,
}

impl Default for SignInLimit {
    fn default() -> Self {
        Self { per_email: 15, per_account: 150, per_client_ip: 150, window: Duration::from_mins(3) }
    }
}

/// A way in which attempts are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedBy {
    /// By client IP.
    ClientIp,
    /// By client IP and account together.
    Pair,
    /// By account alone.
    Account,
}

/// Something for each way in which an attempt is counted; `None`: it is not counted in this way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByCount<T> {
    /// By client IP.
    pub client_ip: Option<T>,
    /// By client IP and account together.
    pub pair: Option<T>,
    /// By account alone.
    pub account: Option<T>,
}

impl<T> ByCount<T> {
    /// In no way.
    pub const NONE: Self = Self { client_ip: None, pair: None, account: None };

    /// What there is, in the order in which it is always locked.
    pub fn into_each(self) -> impl Iterator<Item = T> {
        [self.client_ip, self.pair, self.account].into_iter().flatten()
    }

    /// The same with what `find` gives for each; where it gives nothing, the attempt is not counted.
    pub fn and_then<U>(self, mut find: impl FnMut(T) -> Option<U>) -> ByCount<U> {
        ByCount {
            client_ip: self.client_ip.and_then(&mut find),
            pair: self.pair.and_then(&mut find),
            account: self.account.and_then(&mut find),
        }
    }

    /// Both, where there are both.
    pub fn zip<U>(self, other: ByCount<U>) -> ByCount<(T, U)> {
        ByCount {
            client_ip: self.client_ip.zip(other.client_ip),
            pair: self.pair.zip(other.pair),
            account: self.account.zip(other.account),
        }
    }
}

/// What was counted in one way: the attempts that were let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// When the current period began: at the first attempt, and every period from then. Seconds of any one clock.
    pub began_at: UnixSeconds,
    /// Attempts in it.
    pub count: i64,
    /// Attempts in the period before.
    pub before: i64,
}

/// An attempt that was one too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// Whose limit it was.
    pub by: CountedBy,
    /// After how many seconds the next attempt is let through, if there is no other until then; at least 1.
    pub wait_seconds: u64,
}

impl SignInLimit {
    /// Counts an attempt on top of what was counted before, and gives what is counted now. The client IP is asked first
    /// and the account last. An attempt that is refused is not counted in any way.
    ///
    /// # Errors
    /// [`Refused`] when there were too many.
    pub fn take(&self, counted: ByCount<Attempts>, now: UnixSeconds) -> Result<ByCount<Attempts>, Refused> {
        let period = self.window_seconds();
        let one_more = |by, before: Option<Attempts>, most: u32| match before.filter(|_| most > 0) {
            None => Ok(before),
            Some(before) => match before.one_more(now, most, period) {
                Ok(after) => Ok(Some(after)),
                Err(wait_seconds) => Err(Refused { by, wait_seconds }),
            },
        };
        let client_ip = one_more(CountedBy::ClientIp, counted.client_ip, self.per_client_ip)?;
        let pair = one_more(CountedBy::Pair, counted.pair, self.per_email)?;
        let account = match one_more(CountedBy::Account, counted.account, self.per_account) {
            Err(_) if pair.is_none_or(|pair| pair.recent(now, period) <= i64::from(ALWAYS)) => {
                counted.account
            }
            account => account?,
        };
        Ok(ByCount { client_ip, pair, account })
    }

    /// The window in whole seconds, at least one.
    #[must_use]
    pub fn window_seconds(&self) -> i64 {
        i64::try_from(self.window.as_millis().div_ceil(1000)).unwrap_or(i64::MAX / 4).clamp(1, i64::MAX / 4)
    }
}

impl Attempts {
    /// None yet; the first period begins now.
    #[must_use]
    pub const fn from(now: UnixSeconds) -> Self {
        Self { began_at: now, count: 0, before: 0 }
    }

    /// Whether all attempts were long enough ago to be forgotten.
    #[must_use]
    pub const fn is_over(&self, now: UnixSeconds, period: i64) -> bool {
        let passed = now.saturating_sub(self.began_at);
        passed >= period.saturating_mul(2) || self.count == 0 && passed >= period
    }

    /// With one more attempt, if there were fewer than `most` in the `period` up to now; otherwise how many seconds there
    /// are to wait.
    fn one_more(self, now: UnixSeconds, most: u32, period: i64) -> Result<Self, u64> {
        let current = self.advanced(now, period);
        let most = i64::from(most);
        let passed = now.saturating_sub(current.began_at);
        if current.recent(now, period) < most {
            return Ok(Self { count: current.count + 1, ..current });
        }
        // When enough of the period before has passed, or after this one when enough of this one has.
        let room = most - current.count;
        let wait = if room > 0 {
            fades(current.before, room, period) - passed
        } else {
            period - passed + fades(current.count, most, period)
        };
        Err(u64::try_from(wait).unwrap_or_default().max(1))
    }

    /// As they are at this moment. A clock that was set back does not make the period longer.
    fn advanced(self, now: UnixSeconds, period: i64) -> Self {
        let known = Self { count: self.count.clamp(0, MOST), before: self.before.clamp(0, MOST), ..self };
        let passed = now.saturating_sub(self.began_at);
        if passed < 0 {
            Self { began_at: now, ..known }
        } else if known.is_over(now, period) {
            Self::from(now)
        } else if passed >= period {
            Self { began_at: self.began_at.saturating_add(period), count: 0, before: known.count }
        } else {
            known
        }
    }

    /// How many count now: those of this period, and of those before the part that still counts, rounded down.
    fn recent(self, now: UnixSeconds, period: i64) -> i64 {
        let left = period.saturating_sub(now.saturating_sub(self.began_at)).clamp(0, period);
        self.count.saturating_add(part(self.before, left, period))
    }
}

/// No more are counted than this: the highest limit that there can be.
const MOST: i64 = u32::MAX as i64;

/// `count * part / whole`, rounded down; none of them is negative, and `whole` is not zero.
fn part(count: i64, part: i64, whole: i64) -> i64 {
    let exact = i128::from(count) * i128::from(part) / i128::from(whole.max(1));
    i64::try_from(exact).unwrap_or(i64::MAX)
}

/// After how many seconds of a period fewer than `room` of `count` attempts of the period before still count: the first
/// second at which `count * (period - seconds) / period` is below `room`.
fn fades(count: i64, room: i64, period: i64) -> i64 {
    part(period, count.saturating_sub(room).max(0), count.max(1)) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: i64 = 180;
    const MOST: u32 = 15;
    const NOW: UnixSeconds = 1_800_000_000;

    /// Counts on the one, and gives whether it was let through.
    fn take(attempts: &mut Attempts, now: UnixSeconds) -> Result<(), u64> {
        attempts.one_more(now, MOST, PERIOD).map(|after| *attempts = after)
    }

    #[test]
    fn m28_the_sixteenth_in_three_minutes_is_refused_however_slowly_they_come() {
        for step in [0, 1, 3, 11] {
            let mut attempts = Attempts::from(NOW);
            let passed = (0..PERIOD).filter(|n| take(&mut attempts, NOW + n * step % PERIOD).is_ok()).count();
            assert_eq!(passed, 15, "every {step} seconds");
        }
    }

    #[test]
    fn m28_the_end_of_a_period_does_not_give_all_attempts_at_once() {
        let mut attempts = Attempts::from(NOW);
        for _ in 0..15 {
            take(&mut attempts, NOW + PERIOD - 1).unwrap();
        }
        let next = NOW + PERIOD + 1;
        let passed = (0..15).filter(|_| take(&mut attempts, next).is_ok()).count();
        assert!(passed <= 1, "{passed}");
    }

    #[test]
    fn m28_who_waits_as_long_as_told_is_let_in_and_not_sooner() {
        let mut attempts = Attempts::from(NOW);
        let mut now = NOW;
        for step in 0..2000 {
            match take(&mut attempts, now) {
                Ok(()) => now += step * 7 % 9,
                Err(wait) => {
                    let wait = i64::try_from(wait).unwrap();
                    assert!((1..=2 * PERIOD).contains(&wait), "step {step}: {wait}");
                    for early in 1..wait {
                        assert!(
                            take(&mut { attempts }, now + early).is_err(),
                            "step {step}: {early} of {wait}"
                        );
                    }
                    now += wait;
                    assert!(take(&mut attempts, now).is_ok(), "step {step}: {wait}");
                }
            }
        }
    }

    #[test]
    fn m28_a_lowered_limit_tells_the_truth_too() {
        for (count, before) in [(150, 0), (20, 90), (0, 150), (15, 15), (14, 1000)] {
            let attempts = Attempts { began_at: NOW, count, before };
            for passed in [0, 1, 100, 179] {
                let Err(wait) = attempts.one_more(NOW + passed, MOST, PERIOD) else { continue };
                let then = NOW + passed + i64::try_from(wait).unwrap();
                assert!(attempts.one_more(then, MOST, PERIOD).is_ok(), "{attempts:?} after {passed}");
                assert!(attempts.one_more(then - 1, MOST, PERIOD).is_err(), "{attempts:?} after {passed}");
            }
        }
    }

    #[test]
    fn m28_after_a_quiet_period_all_attempts_are_there_again() {
        let mut attempts = Attempts::from(NOW);
        for _ in 0..15 {
            take(&mut attempts, NOW).unwrap();
        }
        let later = NOW + 2 * PERIOD;
        assert!(attempts.is_over(later, PERIOD) && !attempts.is_over(later - 1, PERIOD));
        for _ in 0..15 {
            take(&mut attempts, later).unwrap();
        }
        assert!(take(&mut attempts, later).is_err());
    }

    #[test]
    fn m28_what_no_clock_and_no_count_can_have_meant_locks_nobody_out_for_long() {
        let odd = [i64::MIN, -1, 0, i64::MAX];
        for began_at in odd {
            for count in odd {
                for before in odd {
                    let attempts = Attempts { began_at, count, before };
                    let wait = attempts.one_more(NOW, MOST, PERIOD).err().unwrap_or_default();
                    assert!(wait <= 360, "{attempts:?}: {wait}");
                }
            }
        }
    }

    fn limit(per_email: u32, per_account: u32, per_client_ip: u32) -> SignInLimit {
        SignInLimit { per_email, per_account, per_client_ip, window: Duration::from_mins(3) }
    }

    /// Attempts of many clients at one account, one after the other, as they are counted.
    #[derive(Default)]
    struct Account(Option<Attempts>);

    impl Account {
        /// Whether one more attempt of this client is let through.
        fn tried(
            &mut self,
            limit: SignInLimit,
            client: &mut Option<ByCount<Attempts>>,
        ) -> Result<(), Refused> {
            let begun = Some(Attempts::from(NOW));
            let known = client.unwrap_or(ByCount { client_ip: begun, pair: begun, account: None });
            let after = limit.take(ByCount { account: self.0.or(begun), ..known }, NOW)?;
            (self.0, *client) = (after.account, Some(after));
            Ok(())
        }
    }

    #[test]
    fn m28_strangers_do_not_lock_the_owner_out() {
        let (limit, mut account) = (limit(15, 150, 0), Account::default());
        for _stranger in 0..100 {
            let mut stranger = None;
            for _ in 0..20 {
                let _refused = account.tried(limit, &mut stranger);
            }
        }
        let mut owner = None;
        for _ in 0..ALWAYS {
            account.tried(limit, &mut owner).unwrap();
        }
        let refused = account.tried(limit, &mut owner).unwrap_err();
        assert_eq!(refused.by, CountedBy::Account);
        // A browser that is known is not counted by account.
        let mut counted = ByCount { account: None, ..owner.unwrap() };
        for _ in 0..12 {
            counted = limit.take(counted, NOW).unwrap();
        }
        assert_eq!(limit.take(counted, NOW).unwrap_err().by, CountedBy::Pair);
    }

    #[test]
    fn m28_many_clients_together_have_a_limit_for_one_account() {
        let (limit, mut account) = (limit(15, 30, 0), Account::default());
        let mut let_in = 0;
        for _stranger in 0..10 {
            let mut stranger = None;
            let_in += (0..15).filter(|_| account.tried(limit, &mut stranger).is_ok()).count();
        }
        // Fifteen of each of the first two, then three of each of the others.
        assert_eq!(let_in, 30 + 8 * ALWAYS as usize);
    }

    #[test]
    fn m28_what_is_refused_is_counted_nowhere() {
        let limit = limit(2, 0, 3);
        let begun = Some(Attempts::from(NOW));
        let mut counted = ByCount { client_ip: begun, pair: begun, account: begun };
        for _ in 0..2 {
            counted = limit.take(counted, NOW).unwrap();
        }
        assert_eq!(limit.take(counted, NOW).unwrap_err().by, CountedBy::Pair);
        // The client has its third attempt, at another account.
        let other = limit.take(ByCount { pair: begun, ..counted }, NOW).unwrap();
        let refused = limit.take(ByCount { pair: begun, ..other }, NOW).unwrap_err();
        assert_eq!(refused.by, CountedBy::ClientIp);
        assert!((1..=360).contains(&refused.wait_seconds));
    }

    #[test]
    fn a_limit_of_zero_is_none() {
        let begun = Some(Attempts::from(NOW));
        let mut counted = ByCount { client_ip: begun, pair: begun, account: begun };
        for _ in 0..1000 {
            counted = limit(0, 0, 0).take(counted, NOW).unwrap();
        }
    }

    #[test]
    fn a_window_is_whole_seconds() {
        for (millis, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (180_000, 180)] {
            let limit = SignInLimit { window: Duration::from_millis(millis), ..SignInLimit::default() };
            assert_eq!(limit.window_seconds(), seconds, "{millis} ms");
        }
        let endless = SignInLimit { window: Duration::MAX, ..SignInLimit::default() };
        assert!(endless.window_seconds() > 0);
    }
}
