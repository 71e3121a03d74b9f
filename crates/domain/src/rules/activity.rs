//! When a user counts as active, and when that is written down (rule L4).

use crate::clock::UnixSeconds;

/// A user is active for this many seconds after a request.
pub const ACTIVE_WINDOW_SECONDS: i64 = 180;

/// Activity is written at most once in this many seconds a user. Well below [`ACTIVE_WINDOW_SECONDS`], so that nobody
/// who keeps sending requests ever reads as inactive.
pub const WRITE_INTERVAL_SECONDS: i64 = 60;

/// Whether somebody last seen at `last_active_at` is active at `now`: the window's last second still counts. A time that
/// lies as far in the future is a mistake and no activity.
#[must_use]
pub const fn is_active(last_active_at: UnixSeconds, now: UnixSeconds) -> bool {
    now.saturating_sub(last_active_at) <= ACTIVE_WINDOW_SECONDS && !is_impossible(last_active_at, now)
}

/// Whether `last_active_at` lies so far in the future that no other clock can have meant it: milliseconds, for example.
#[must_use]
pub const fn is_impossible(last_active_at: UnixSeconds, now: UnixSeconds) -> bool {
    last_active_at.saturating_sub(now) > ACTIVE_WINDOW_SECONDS
}

/// The later of what is stored and of when somebody was seen, unless what is stored is impossible.
#[must_use]
pub const fn later(stored: UnixSeconds, seen: UnixSeconds) -> UnixSeconds {
    if stored > seen && !is_impossible(stored, seen) { stored } else { seen }
}

/// Whether activity that was last written at `last_written_at` is to be written again.
#[must_use]
pub const fn is_due(last_written_at: UnixSeconds, now: UnixSeconds) -> bool {
    now.saturating_sub(last_written_at) >= WRITE_INTERVAL_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l4_active_for_180_seconds() {
        assert!(is_active(1000, 1000));
        assert!(is_active(1000, 1180));
        assert!(!is_active(1000, 1181));
        // Another machine's clock may be ahead of ours.
        assert!(is_active(1005, 1000));
        assert!(is_active(1180, 1000));
        assert!(!is_active(1181, 1000));
        assert!(!is_active(1_700_000_000_000, 1_700_000_000));
    }

    #[test]
    fn l4_an_impossible_time_is_put_right_by_the_next_request() {
        assert_eq!(later(1000, 2000), 2000);
        assert_eq!(later(2000, 1990), 2000);
        assert_eq!(later(1_700_000_000_000, 1_700_000_000), 1_700_000_000);
    }

    #[test]
    fn l4_written_at_most_once_a_minute() {
        assert!(!is_due(1000, 1000));
        assert!(!is_due(1000, 1059));
        assert!(is_due(1000, 1060));
    }

    #[test]
    fn l4_the_throttle_makes_nobody_inactive() {
        // A request a second, writes only when due: at every moment the written time is within the window.
        let mut written = 0;
        for now in 1..1000 {
            if is_due(written, now) {
                written = now;
            }
            assert!(is_active(written, now), "{now}");
        }
    }

    #[test]
    fn extreme_times_are_no_danger() {
        assert!(!is_active(i64::MIN, i64::MAX));
        assert!(!is_active(i64::MAX, i64::MIN));
        assert!(is_due(i64::MIN, i64::MAX));
    }
}
