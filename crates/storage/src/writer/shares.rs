//! Which write is next: large writes get a tenth of the writer's time while others write, and all of it otherwise.

use std::time::{Duration, Instant};

/// After a large write the others have so many times its time.
const OTHERS: u32 = 9;

/// Who wrote within this is writing still: the writes of somebody who waits for each answer come with gaps between them.
const QUIET: Duration = Duration::from_secs(1);

/// What the writer has spent, and on whom.
#[derive(Debug)]
pub(super) struct Shares {
    /// When the others have had their time since the last large write.
    paid: Option<Instant>,
    /// When somebody else last wrote.
    others: Option<Instant>,
    /// The last turn was the others'.
    others_last: bool,
    /// How long large writes are kept waiting at most, whatever the last one took.
    longest: Duration,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// All ordinary writes that wait, together.
    Ordinary,
    /// One large write, by itself.
    Large,
    /// Wait for work, until then at most.
    Wait(Option<Instant>),
}

impl Shares {
    /// Nothing spent yet.
    pub(super) fn new(longest: Duration) -> Self {
        Self { paid: None, others: None, others_last: true, longest }
    }

    /// Whose turn it is, where writes of these kinds wait.
    pub(super) fn next(&self, now: Instant, ordinary: bool, large: bool) -> Next {
        let from = self.large_from();
        if large && from.is_none_or(|from| now >= from) && (self.others_last || !ordinary) {
            Next::Large
        } else if ordinary {
            Next::Ordinary
        } else {
            Next::Wait(if large { from } else { None })
        }
    }

    /// An ordinary batch ended.
    pub(super) fn spent_on_others(&mut self, ended: Instant) {
        (self.others, self.others_last) = (Some(ended), true);
    }

    /// A large write took from `began` to `ended`.
    pub(super) fn spent_on_large(&mut self, began: Instant, ended: Instant) {
        let theirs = (ended.saturating_duration_since(began) * OTHERS).min(self.longest);
        (self.paid, self.others_last) = (Some(ended + theirs), false);
    }

    /// From when a large write may begin: when the others have had their time, or have been quiet for long enough.
    fn large_from(&self) -> Option<Instant> {
        let (paid, others) = (self.paid?, self.others?);
        Some(paid.min(others + QUIET))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn who_is_alone_does_not_wait() {
        let now = Instant::now();
        let mut shares = Shares::new(Duration::MAX);
        assert_eq!(shares.next(now, false, false), Next::Wait(None));
        assert_eq!(shares.next(now, true, false), Next::Ordinary);
        for _ in 0..3 {
            assert_eq!(shares.next(now, false, true), Next::Large);
            shares.spent_on_large(now, now + 50 * MS);
        }
    }

    #[test]
    fn while_others_write_large_writes_get_a_tenth() {
        let mut now = Instant::now();
        let mut shares = Shares::new(Duration::MAX);
        let (mut ordinary, mut large) = (Duration::ZERO, Duration::ZERO);
        // Both always wait.
        for _ in 0..20_000 {
            let began = now;
            match shares.next(now, true, true) {
                Next::Ordinary => {
                    now += 2 * MS;
                    ordinary += 2 * MS;
                    shares.spent_on_others(now);
                }
                Next::Large => {
                    now += 40 * MS;
                    large += 40 * MS;
                    shares.spent_on_large(began, now);
                }
                Next::Wait(_) => panic!("there is work"),
            }
        }
        let share = large.as_secs_f64() / (ordinary + large).as_secs_f64();
        assert!((0.095..=0.101).contains(&share), "{share}");
    }

    #[test]
    fn a_gap_between_others_is_not_theirs_to_fill() {
        let now = Instant::now();
        let mut shares = Shares::new(Duration::MAX);
        shares.spent_on_others(now);
        shares.spent_on_large(now, now + 40 * MS);
        // The others' next writes are still on their way.
        assert_eq!(shares.next(now + 41 * MS, false, true), Next::Wait(Some(now + 400 * MS)));
        assert_eq!(shares.next(now + 41 * MS, true, true), Next::Ordinary);
        assert_eq!(shares.next(now + 400 * MS, false, true), Next::Large);
        shares.spent_on_large(now + 400 * MS, now + 600 * MS);
        // They have gone.
        assert_eq!(shares.next(now + 601 * MS, false, true), Next::Wait(Some(now + QUIET)));
        assert_eq!(shares.next(now + QUIET, false, true), Next::Large);
    }

    #[test]
    fn after_a_large_write_others_come_first_and_it_waits_for_an_end() {
        let now = Instant::now();
        let mut shares = Shares::new(100 * MS);
        shares.spent_on_others(now);
        shares.spent_on_large(now, now + 10_000 * MS);
        let paid = now + 10_100 * MS;
        assert_eq!(shares.next(paid, true, true), Next::Ordinary);
        shares.spent_on_others(paid);
        assert_eq!(shares.next(paid, true, true), Next::Large);
    }
}
