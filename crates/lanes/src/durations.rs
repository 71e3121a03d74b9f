//! How long things took, counted in groups, without locks: for whoever watches the program.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The longest durations of the groups, shortest first. What took longer than the last is in one more group.
pub const BOUNDS: [Duration; 14] = [
    Duration::from_micros(500),
    Duration::from_millis(1),
    Duration::from_micros(2_500),
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(2_500),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// Durations that are being counted. Only ever goes up.
#[derive(Debug, Default)]
pub struct Durations {
    groups: [AtomicU64; BOUNDS.len() + 1],
    nanos: AtomicU64,
}

impl Durations {
    /// Counts one more. Takes a few nanoseconds.
    pub fn note(&self, took: Duration) {
        let group = BOUNDS.iter().position(|bound| took <= *bound).unwrap_or(BOUNDS.len());
        self.groups[group].fetch_add(1, Ordering::Relaxed);
        self.nanos.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// What was counted so far. One that is being noted at this moment may be in the groups and not yet in the sum.
    #[must_use]
    pub fn counted(&self) -> CountedDurations {
        CountedDurations {
            groups: std::array::from_fn(|group| self.groups[group].load(Ordering::Relaxed)),
            sum: Duration::from_nanos(self.nanos.load(Ordering::Relaxed)),
        }
    }
}

/// Durations that were counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CountedDurations {
    /// How many took no longer than each of [`BOUNDS`] and longer than the one before it; the last took longer than all.
    groups: [u64; BOUNDS.len() + 1],
    /// All of them together.
    pub sum: Duration,
}

impl CountedDurations {
    /// How many.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.groups.iter().sum()
    }

    /// For each of [`BOUNDS`], how many took no longer.
    pub fn no_longer_than(&self) -> impl Iterator<Item = (Duration, u64)> {
        let sums = self.groups.iter().scan(0, |sum, group| {
            *sum += group;
            Some(*sum)
        });
        BOUNDS.into_iter().zip(sums)
    }

    /// Counts those of another count, too.
    pub fn add(&mut self, other: &Self) {
        for (group, more) in self.groups.iter_mut().zip(other.groups) {
            *group += more;
        }
        self.sum += other.sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_duration_is_in_one_group_and_in_the_sum() {
        let durations = Durations::default();
        let all = [0, 500_000, 500_001, 10_000_000_000, 10_000_000_001].map(Duration::from_nanos);
        for took in all {
            durations.note(took);
        }
        let mut counted = durations.counted();
        assert_eq!((counted.count(), counted.sum), (5, all.iter().sum()));
        let no_longer: Vec<_> = counted.no_longer_than().map(|(_, count)| count).collect();
        assert_eq!(no_longer, [2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4]);
        counted.add(&durations.counted());
        assert_eq!((counted.count(), counted.sum), (10, 2 * all.iter().sum::<Duration>()));
    }

    #[test]
    fn the_bounds_rise() {
        assert!(BOUNDS.is_sorted_by(|one, next| one < next));
    }
}
