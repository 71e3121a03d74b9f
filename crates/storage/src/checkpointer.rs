//! Copies SQLite's write-ahead log into the database file beside the writer, so that no write waits for that.
//!
//! SQLite by itself does it within the commit that makes the log long, and every write behind that one waits for two more
//! syncs. Here a thread with a connection of its own does it; a passive checkpoint never blocks the writer. Where the log
//! grows faster than it is copied, or readers hold it, the writer's own automatic checkpoint steps in at [`LONGEST_LOG`].

use crossbeam_channel::{Receiver, Sender, bounded};
use diesel::connection::SimpleConnection as _;
use diesel::sqlite::SqliteConnection;

use crate::pool::Connect as _;
use crate::sqlite::Connector;

/// Writes after which the log is copied: about as many pages as SQLite itself lets gather.
const WRITES: usize = 200;

/// Pages in the log at which the writer copies it after all: 32 MB.
pub(crate) const LONGEST_LOG: usize = 8000;

/// The way to the thread, which ends when this is dropped.
pub(crate) struct Checkpointer {
    wake: Sender<()>,
    writes: usize,
}

impl Checkpointer {
    /// Starts the thread. It connects when it is first needed.
    pub(crate) fn start(connector: Connector) -> std::io::Result<Self> {
        let (wake, calls) = bounded(1);
        let name = "rosterd-checkpoint".to_owned();
        std::thread::Builder::new().name(name).spawn(move || work_off(&calls, &connector))?;
        Ok(Self { wake, writes: 0 })
    }

    /// So many more writes are in the log.
    pub(crate) fn wrote(&mut self, writes: usize) {
        self.writes += writes;
        if self.writes >= WRITES {
            self.writes = 0;
            // A full queue means that the thread is about to look anyway.
            let _busy = self.wake.try_send(());
        }
    }
}

fn work_off(calls: &Receiver<()>, connector: &Connector) {
    let mut link = None;
    for () in calls {
        if let Err(error) = checkpoint(&mut link, connector) {
            // Nothing is lost: the log holds it, and the writer copies it when it becomes long.
            tracing::warn!(%error, "the write-ahead log could not be copied into the database");
            link = None;
        }
    }
}

fn checkpoint(link: &mut Option<SqliteConnection>, connector: &Connector) -> crate::StoreResult<()> {
    let conn = match link {
        Some(conn) => conn,
        None => link.insert(connector.connect()?),
    };
    Ok(conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")?)
}
