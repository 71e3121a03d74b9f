//! The last that is done with a SQLite file in WAL mode: everything into the one file, nothing beside it.

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;

use super::connect::Connector;
use super::file::OpenFile;
use crate::pool::Connect as _;
use crate::{Ownership, StoreResult};

/// How long the locks of other processes may hold up a stop.
const LOCK_WAIT: Duration = Duration::from_secs(1);

/// Two processes that end at the same moment keep each other from removing the log, so each tries again.
const ATTEMPTS: u32 = 4;

/// What is needed to leave a database in WAL mode as one file.
pub(super) struct Leaving {
    connector: Connector,
    file: Arc<OpenFile>,
    first: &'static str,
}

impl Leaving {
    /// For this file, of our own or not.
    pub(super) fn new(connector: &Connector, file: Arc<OpenFile>, ownership: Ownership) -> Self {
        let first = match ownership {
            Ownership::Standalone => "PRAGMA wal_checkpoint(TRUNCATE)",
            // The log of an attached database is copied by whoever closes it last; any read makes a connection count.
            Ownership::Attached => READ,
        };
        Self { connector: connector.clone().with_busy_timeout(LOCK_WAIT), file, first }
    }

    /// Copies the write-ahead log into the database and removes it, unless another process has the database open, which
    /// then does so when it ends. Call it when all connections of this process are closed.
    ///
    /// SQLite itself removes the log with the last connection; but where several are closed at once, each sees the
    /// others and none does. So one is opened that is alone.
    pub(super) fn leave_one_file(&self) {
        if self.file.ensure_in_place().is_err() {
            // Told already, and what lies there now is another's.
            return;
        }
        let mut work = self.first;
        for attempt in 0..ATTEMPTS {
            std::thread::sleep(pause(attempt));
            if let Err(error) = open_and_close(&self.connector, work) {
                // Nothing is lost: the log holds it, and the next to open the database reads it.
                tracing::warn!(%error, "the write-ahead log could not be copied into the database at the end");
                return;
            }
            if !self.file.has_log() {
                return;
            }
            work = READ;
        }
        tracing::info!(
            "another process has the database open; the files -wal and -shm stay until that process ends"
        );
    }
}

/// Reads the file, and with it the log.
const READ: &str = "PRAGMA schema_version";

fn open_and_close(connector: &Connector, work: &str) -> StoreResult<()> {
    Ok(connector.connect()?.batch_execute(work)?)
}

/// None before the first attempt; then longer and longer, and another time in each process. 14 ms times 6 in all at most.
fn pause(attempt: u32) -> Duration {
    Duration::from_millis(u64::from(std::process::id() % 13 + 2)) * attempt
}
