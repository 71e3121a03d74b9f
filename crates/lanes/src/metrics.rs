//! How busy a lane is, and was: plain numbers for whoever watches the program.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crate::{CountedDurations, Durations, LaneError};

/// How a lane stands, and what it has done since its start.
#[derive(Debug, Clone)]
pub struct LaneMetrics {
    /// The name of its threads.
    pub name: String,
    /// Its threads, without substitutes for those that hang.
    pub threads: usize,
    /// Threads at work, those that hang included.
    pub busy: usize,
    /// Threads whose work was given up and that have not come back from it.
    pub hanging: usize,
    /// Jobs that wait.
    pub waiting: usize,
    /// Jobs that may wait.
    pub room: usize,
    /// How long jobs waited that were begun.
    pub waits: CountedDurations,
    /// How long the threads have worked, all together; of work under way, nothing.
    pub worked: Duration,
    /// Jobs that got no answer, by the reason.
    pub refused: Refused,
}

/// Jobs that got no answer, by the reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refused {
    /// The queue was full.
    pub full: u64,
    /// They could not begin in time.
    pub late: u64,
    /// They took too long.
    pub overdue: u64,
    /// They panicked.
    pub panicked: u64,
}

/// What a lane, or a thread with a queue of its own, counts.
#[derive(Debug, Default)]
pub struct LaneCounts {
    waits: Durations,
    busy: AtomicUsize,
    worked: AtomicU64,
    full: AtomicU64,
    late: AtomicU64,
    overdue: AtomicU64,
    panicked: AtomicU64,
}

impl LaneCounts {
    /// A job is begun that has waited so long.
    pub fn waited(&self, waited: Duration) {
        self.waits.note(waited);
    }

    /// A thread begins to work.
    pub fn begins(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }

    /// A thread has worked so long.
    pub fn ends(&self, took: Duration) {
        self.busy.fetch_sub(1, Ordering::Relaxed);
        self.worked.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// A job got no answer.
    pub fn refused(&self, why: LaneError) {
        let count = match why {
            LaneError::Full => &self.full,
            LaneError::Late => &self.late,
            LaneError::Overdue => &self.overdue,
            LaneError::Panicked => &self.panicked,
            LaneError::Shut => return,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// What was counted so far, of a lane that is otherwise like this.
    #[must_use]
    pub fn counted(
        &self,
        name: &str,
        threads: usize,
        hanging: usize,
        waiting: usize,
        room: usize,
    ) -> LaneMetrics {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        LaneMetrics {
            name: name.to_owned(),
            threads,
            busy: self.busy.load(Ordering::Relaxed),
            hanging,
            waiting,
            room,
            waits: self.waits.counted(),
            worked: Duration::from_nanos(count(&self.worked)),
            refused: Refused {
                full: count(&self.full),
                late: count(&self.late),
                overdue: count(&self.overdue),
                panicked: count(&self.panicked),
            },
        }
    }
}
