//! Where the time comes from.
//!
//! Rules take `now` as an argument; whoever calls them takes it from a [`Clock`], so a test decides what time it is.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;

/// UTC, whole seconds since 1970-01-01 00:00:00. Every time on the wire and in the database has this shape.
pub type UnixSeconds = i64;

/// UTC, whole milliseconds since 1970-01-01 00:00:00: the times of the audit log.
pub type UnixMillis = i64;

/// The last second that a calendar of four digits has.
pub const LAST_SECOND: UnixSeconds = 253_402_300_799;

/// A moment as people are told of it, such as `2027-01-15 08:00:00 UTC`.
#[must_use]
pub fn spelled(at: UnixSeconds) -> String {
    DateTime::from_timestamp(at, 0)
        .map_or_else(|| at.to_string(), |time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The current second.
    fn now(&self) -> UnixSeconds;

    /// The current millisecond; of a clock that knows seconds only, the first of the current second.
    fn now_millis(&self) -> UnixMillis {
        self.now().saturating_mul(1000)
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SystemClock;

impl Clock for SystemClock {
    /// A clock set before 1970 or past the range of `i64` reads as the nearest end of that range.
    #[expect(clippy::disallowed_methods, reason = "the one place that may ask the machine for the time")]
    fn now(&self) -> UnixSeconds {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that may ask the machine for the time")]
    fn now_millis(&self) -> UnixMillis {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until it is told otherwise. For tests and replays.
#[derive(Debug, Default)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub const fn new(now: UnixSeconds) -> Self {
        Self(AtomicI64::new(now))
    }

    /// Puts the clock to `now`, forwards or backwards.
    pub fn set(&self, now: UnixSeconds) {
        self.0.store(now, Ordering::SeqCst);
    }

    /// Moves the clock by `seconds`; a negative number moves it back.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> UnixSeconds {
        self.0.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = FixedClock::new(100);
        assert_eq!(clock.now(), 100);
        clock.advance(50);
        assert_eq!(clock.now(), 150);
        clock.advance(-150);
        assert_eq!(clock.now(), 0);
        clock.set(7);
        assert_eq!(clock.now(), 7);
    }

    #[test]
    fn the_system_clock_is_past_2020() {
        assert!(SystemClock.now() > 1_577_836_800);
        assert!(SystemClock.now_millis() / 1000 >= SystemClock.now() - 1);
        assert_eq!(FixedClock::new(7).now_millis(), 7000);
    }
}
