//! Copies SQLite's write-ahead log into the database file beside the writer, so that no write waits for that.
//!
//! SQLite by itself does it within the commit that makes the log long, and every write behind that one waits for two more
//! syncs. Here a thread with a connection of its own does it; a passive checkpoint never blocks the writer. Where the log
//! grows faster than it is copied, or readers hold it, the writer's own automatic checkpoint steps in at [`LONGEST_LOG`].

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use diesel::connection::SimpleConnection as _;
use rosterd_lanes::One;

use crate::pool::Connect as _;
use crate::sqlite::{Connector, Link};
use crate::writer::WriterCounts;

/// Writes after which the log is copied at once: about as many pages as SQLite itself lets gather.
const WRITES: usize = 200;

/// How long fewer writes than that may lie in the log alone.
const INTERVAL: Duration = Duration::from_secs(1);

/// Pages in the log at which the writer copies it after all: 32 MB.
pub(crate) const LONGEST_LOG: usize = 8000;

/// The way to the thread, which ends when this is dropped.
pub(crate) struct Checkpointer {
    wake: Sender<()>,
    /// Writes since the log was last copied.
    writes: Arc<AtomicUsize>,
}

impl Checkpointer {
    /// Starts the thread, which keeps `here` until it has closed its connection. It connects when it is first needed.
    pub(crate) fn start(connector: Connector, here: One, counts: Arc<WriterCounts>) -> std::io::Result<Self> {
        let (wake, calls) = bounded(1);
        let writes = Arc::new(AtomicUsize::new(0));
        let written = Arc::clone(&writes);
        let name = "rosterd-checkpoint".to_owned();
        std::thread::Builder::new().name(name).spawn(move || {
            let _here = here;
            work_off(&calls, &written, &connector, &counts);
        })?;
        Ok(Self { wake, writes })
    }

    /// So many more writes are in the log.
    pub(crate) fn wrote(&self, writes: usize) {
        let before = self.writes.fetch_add(writes, Ordering::Relaxed);
        if before == 0 || before + writes >= WRITES {
            // A full queue means that the thread is about to look anyway.
            let _busy = self.wake.try_send(());
        }
    }
}

/// One checkpoint after another, each when there are enough writes, or some and nothing more for a while.
fn work_off(calls: &Receiver<()>, writes: &AtomicUsize, connector: &Connector, counts: &WriterCounts) {
    let mut link = None;
    while calls.recv().is_ok() {
        let due = Instant::now() + INTERVAL;
        while writes.load(Ordering::Relaxed) < WRITES && calls.recv_deadline(due).is_ok() {}
        writes.store(0, Ordering::Relaxed);
        let began = Instant::now();
        let copied = checkpoint(&mut link, connector);
        counts.checkpoints.note(began.elapsed());
        if let Err(error) = copied {
            counts.failed_checkpoints.fetch_add(1, Ordering::Relaxed);
            // Nothing is lost: the log holds it, and the writer copies it when it becomes long.
            tracing::warn!(%error, "the write-ahead log could not be copied into the database");
            link = None;
        }
    }
}

fn checkpoint(link: &mut Option<Link>, connector: &Connector) -> crate::StoreResult<()> {
    let conn = match link {
        Some(conn) => conn,
        None => link.insert(connector.connect()?),
    };
    Ok(conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")?)
}
