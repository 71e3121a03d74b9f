//! A PostgreSQL that hangs: server processes that are stopped and go on later.

use std::process::Command;

use rosterd_storage::raw;

use super::PostgresServer;
use crate::TestDb;

/// Server processes that do nothing until this is dropped.
#[derive(Debug)]
pub struct Frozen {
    processes: Vec<String>,
}

impl Frozen {
    /// Freezes every process that serves a connection to this database. New connections get new processes.
    ///
    /// `None`, said aloud, where the server is a lent one, whose processes are not ours to stop.
    ///
    /// # Panics
    /// When nobody is connected, or a process cannot be stopped.
    #[must_use]
    pub fn connections_of(db: &TestDb, test: &str) -> Option<Self> {
        if PostgresServer::shared().is_none_or(|server| server.folder().is_none()) {
            crate::run::report_skip(test);
            return None;
        }
        let others = "SELECT pid::text AS pid FROM pg_stat_activity \
                      WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let rows = raw::query_text(&db.database_url(), others).expect("the server tells its processes");
        let processes: Vec<String> = rows.into_iter().flatten().flatten().collect();
        assert!(!processes.is_empty(), "nobody is connected");
        Some(Self::these(processes))
    }

    /// Whether all of them have ended: those that are frozen have not.
    #[must_use]
    pub fn have_ended(db: &TestDb, processes: &[String]) -> bool {
        let query = format!("SELECT pid FROM pg_stat_activity WHERE pid IN ({})", processes.join(", "));
        raw::query_text(&db.database_url(), &query).expect("the server tells its processes").is_empty()
    }

    /// The ids of the processes.
    #[must_use]
    pub fn processes(&self) -> &[String] {
        &self.processes
    }

    /// Freezes these processes.
    ///
    /// # Panics
    /// When one of them cannot be stopped.
    pub(super) fn these(processes: Vec<String>) -> Self {
        let frozen = Self { processes };
        assert!(frozen.signal("STOP"), "the processes cannot be stopped");
        frozen
    }

    fn signal(&self, name: &str) -> bool {
        let sent = Command::new("kill").arg("-s").arg(name).args(&self.processes).status();
        sent.is_ok_and(|status| status.success())
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        // Fails where one of them has ended meanwhile; the others are sent it all the same.
        self.signal("CONT");
    }
}
