//! How the store stands, and what it has done since it was opened: plain numbers for whoever watches the program.

use rosterd_lanes::{CountedDurations, LaneMetrics};

use crate::store::{Engine, each};
use crate::{Store, Unready};

/// All of it.
#[derive(Debug, Clone)]
pub struct StoreMetrics {
    /// The lanes; on SQLite the writer is among them.
    pub lanes: Vec<LaneMetrics>,
    /// The pools of connections.
    pub pools: Vec<PoolMetrics>,
    /// What is written together. `None` on PostgreSQL, where each write is a transaction.
    pub writer: Option<WriterMetrics>,
    /// Size of SQLite's write-ahead log in bytes; `None` where there is none.
    pub log_bytes: Option<u64>,
    /// What the last check has found, see [`Store::check`]; `None` where there was none.
    pub readiness: Option<Result<(), Unready>>,
}

/// A pool of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolMetrics {
    /// What the connections are for.
    pub name: &'static str,
    /// Those that are open.
    pub open: u32,
    /// Those of them that nobody uses.
    pub idle: u32,
    /// How many may be open.
    pub most: u32,
    /// How often none could be opened.
    pub failed: u64,
}

/// What SQLite's one writer does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WriterMetrics {
    /// How long transactions took that each hold what waited.
    pub batches: CountedDurations,
    /// Writes in them.
    pub writes: u64,
    /// Transactions of which nothing was written.
    pub lost: u64,
    /// How long it took to copy the write-ahead log into the database.
    pub checkpoints: CountedDurations,
    /// How often that failed.
    pub failed_checkpoints: u64,
}

impl Store {
    /// How it stands. Quick, and asks the database nothing; of the system it asks the size of a file.
    #[must_use]
    pub fn metrics(&self) -> StoreMetrics {
        let inner = &self.inner;
        let mut metrics = StoreMetrics {
            lanes: self.lanes().map(rosterd_lanes::Lane::metrics).into(),
            pools: Vec::new(),
            writer: None,
            log_bytes: None,
            readiness: self.readiness(),
        };
        each!(&inner.engine, engine => engine.add_metrics(&mut metrics));
        metrics
    }
}
