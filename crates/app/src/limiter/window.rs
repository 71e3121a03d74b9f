//! Counting attempts in a sliding window: all of the current period, and the part of the previous period that lies
//! within one period from now. So the limit holds for any period, approximately, and needs only two numbers.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

/// The tries of one key.
#[derive(Debug)]
pub(super) struct Window {
    /// When the period under way began: at the first try, and every period from then.
    began: Instant,
    /// Tries in it.
    count: u32,
    /// Tries in the period before.
    before: u32,
}

impl Window {
    /// No tries yet; the first period begins now.
    pub(super) fn from(now: Instant) -> Self {
        Self { began: now, count: 0, before: 0 }
    }

    /// Counts a try if there were fewer than `most` in the `period` up to now, and gives how many these are with it; else
    /// says how long to wait. A refused one is not counted.
    pub(super) fn take(&mut self, now: Instant, most: NonZeroU32, period: Duration) -> Result<u32, Duration> {
        self.advance(now, period);
        let most = most.get();
        let passed = now.saturating_duration_since(self.began);
        let before = self.weighed(passed, period);
        if before.saturating_add(self.count) < most {
            self.count += 1;
            return Ok(before.saturating_add(self.count));
        }
        // When enough of the period before has passed, or after this one when enough of this one has.
        let room = most.saturating_sub(self.count);
        Err(if room > 0 {
            fades(self.before, room, period).saturating_sub(passed)
        } else {
            period.saturating_sub(passed) + fades(self.count, most, period)
        })
    }

    /// Takes back the try that was counted last.
    pub(super) fn give_back(&mut self) {
        self.count = self.count.saturating_sub(1);
    }

    /// Whether all tries were long enough ago.
    pub(super) fn is_over(&self, now: Instant, period: Duration) -> bool {
        let passed = now.saturating_duration_since(self.began);
        passed >= period.saturating_mul(2) || self.count == 0 && passed >= period
    }

    fn advance(&mut self, now: Instant, period: Duration) {
        if self.is_over(now, period) {
            *self = Self::from(now);
        } else if now.saturating_duration_since(self.began) >= period {
            *self = Self { began: self.began + period, count: 0, before: self.count };
        }
    }

    /// How many of the tries before still count, rounded down.
    fn weighed(&self, passed: Duration, period: Duration) -> u32 {
        let left = period.saturating_sub(passed).as_nanos() * u128::from(self.before);
        u32::try_from(left / period.as_nanos().max(1)).unwrap_or(u32::MAX)
    }
}

/// After how much of a period fewer than `room` of `count` tries of the period before still count.
fn fades(count: u32, room: u32, period: Duration) -> Duration {
    let (count, room) = (u128::from(count.max(1)), u128::from(room));
    // The first moment at which `count * (1 - passed / period)` is below `room`.
    let nanos = period.as_nanos() * count.saturating_sub(room) / count + 1;
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_mins(3);
    const MOST: NonZeroU32 = NonZeroU32::new(15).unwrap();

    fn take(window: &mut Window, now: Instant) -> Result<u32, Duration> {
        window.take(now, MOST, PERIOD)
    }

    #[test]
    fn however_slowly_they_come_there_are_so_many_in_a_period() {
        let began = Instant::now();
        let mut window = Window::from(began);
        let taken =
            (0..1790).filter(|tenth| take(&mut window, began + PERIOD * *tenth / 1800).is_ok()).count();
        assert_eq!(taken, 15);
    }

    #[test]
    fn the_end_of_a_period_does_not_give_all_tries_at_once() {
        let began = Instant::now();
        let mut window = Window::from(began);
        take(&mut window, began).unwrap();
        let late = began + Duration::from_secs(179);
        for _ in 0..14 {
            take(&mut window, late).unwrap();
        }
        let next = began + PERIOD + Duration::from_secs(1);
        let taken = (0..15).filter(|_| take(&mut window, next).is_ok()).count();
        assert!(taken <= 1, "{taken}");
    }

    #[test]
    fn who_waits_as_long_as_told_is_let_in_and_not_sooner() {
        let began = Instant::now();
        let mut window = Window::from(began);
        let mut now = began;
        for step in 0..200 {
            match take(&mut window, now) {
                Ok(_tries) => now += Duration::from_millis(step * 7 % 400),
                Err(wait) => {
                    let early = now + wait.saturating_sub(Duration::from_millis(1));
                    assert!(take(&mut window, early).is_err(), "step {step}");
                    now += wait;
                    assert!(take(&mut window, now).is_ok(), "step {step}");
                }
            }
        }
    }

    #[test]
    fn after_a_quiet_period_all_tries_are_there_again() {
        let began = Instant::now();
        let mut window = Window::from(began);
        for _ in 0..15 {
            take(&mut window, began).unwrap();
        }
        let later = began + PERIOD * 2;
        assert!(window.is_over(later, PERIOD) && !window.is_over(began + Duration::from_secs(359), PERIOD));
        for _ in 0..15 {
            take(&mut window, later).unwrap();
        }
        assert!(take(&mut window, later).is_err());
    }
}
