//! How long a process keeps a job that only one process may run at a time.
//!
//! A lease is kept from one run to the next, so that one process runs the job until it stops. It must last longer
//! than the interval; otherwise it would end between two runs and move from process to process. The longer it is,
//! the later another process takes over when the first one dies.

use std::time::Duration;

/// No lease is shorter, in seconds: a pause of the process or of the database is no reason to take its job away.
pub const SHORTEST_SECONDS: i64 = 30;

/// No lease is longer, in seconds: ten years.
const LONGEST_SECONDS: i64 = 315_360_000;

/// How many seconds a lease lasts from when it is taken or renewed, for a job with this interval: half as long again, and
/// at least [`SHORTEST_SECONDS`]. Part of a second counts as a whole one.
#[must_use]
pub fn seconds(interval: Duration) -> i64 {
    let whole = interval.as_millis().saturating_mul(3).div_ceil(2000);
    i64::try_from(whole).unwrap_or(LONGEST_SECONDS).clamp(SHORTEST_SECONDS, LONGEST_SECONDS)
}

/// When a run that still goes on renews a lease of so many seconds, again and again: twice can fail, and the third comes
/// before the end.
#[must_use]
pub fn renewal(seconds: i64) -> Duration {
    length(seconds) / 3
}

/// The length of a lease of so many seconds.
#[must_use]
pub fn length(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_outlasts_the_interval_by_half() {
        for (millis, expected) in
            [(0, 30), (1, 30), (20_000, 30), (20_001, 31), (60_000, 90), (3_600_000, 5_400)]
        {
            assert_eq!(seconds(Duration::from_millis(millis)), expected, "{millis} ms");
        }
        assert_eq!(seconds(Duration::MAX), LONGEST_SECONDS);
    }

    #[test]
    fn a_run_renews_its_lease_well_before_the_end() {
        for lease in [SHORTEST_SECONDS, 90, 5_400] {
            assert!(renewal(lease) * 2 < length(lease) && renewal(lease) > Duration::ZERO);
        }
    }
}
