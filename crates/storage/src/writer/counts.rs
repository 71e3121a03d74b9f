//! What the writer and its checkpointer count.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rosterd_lanes::{Durations, LaneCounts};

use crate::WriterMetrics;

/// See [`WriterMetrics`].
#[derive(Debug, Default)]
pub(crate) struct WriterCounts {
    pub(super) lane: LaneCounts,
    batches: Durations,
    writes: AtomicU64,
    lost: AtomicU64,
    pub(crate) checkpoints: Durations,
    pub(crate) failed_checkpoints: AtomicU64,
}

impl WriterCounts {
    /// A transaction took so long.
    pub(super) fn ends(&self, took: Duration, is_lost: bool) {
        self.lane.ends(took);
        self.batches.note(took);
        self.lost.fetch_add(u64::from(is_lost), Ordering::Relaxed);
    }

    /// So many writes were in it.
    pub(super) fn wrote(&self, writes: usize) {
        self.writes.fetch_add(u64::try_from(writes).unwrap_or_default(), Ordering::Relaxed);
    }

    /// What was counted so far.
    pub(super) fn counted(&self) -> WriterMetrics {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        WriterMetrics {
            batches: self.batches.counted(),
            writes: count(&self.writes),
            lost: count(&self.lost),
            checkpoints: self.checkpoints.counted(),
            failed_checkpoints: count(&self.failed_checkpoints),
        }
    }
}
