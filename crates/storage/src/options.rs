//! How a store is opened: the URL and the sizes of its lanes. Nothing here is read from the environment.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rosterd_domain::dialect::Dialect;

use crate::{DatabaseUrl, OpeningWatch};

/// Everything [`Store::open`](crate::Store::open) wants to know. Start from [`StoreOptions::new`].
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, not states")]
pub struct StoreOptions {
    /// The database.
    pub url: DatabaseUrl,
    /// A PostgreSQL read replica for [`Store::scan`](crate::Store::scan) and
    /// [`Store::stream_user_infos`](crate::Store::stream_user_infos).
    pub read_replica_url: Option<DatabaseUrl>,
    /// How durable an acknowledged write is on an own SQLite database. An attached one keeps SQLite's default.
    pub synchronous: Synchronous,
    /// How long SQLite waits for another process's lock. Default 5 s.
    pub busy_timeout: Duration,
    /// Threads, and with them connections, of each of the two pool lanes. Default: the cores, 2 to 8.
    pub threads: usize,
    /// How many jobs may wait in each lane; one more is refused at once. Default 1024.
    pub queue: usize,
    /// How long a job may wait for its turn and its connection together, and a PostgreSQL connection for its handshake.
    /// Default 5 s.
    pub wait: Duration,
    /// How long a statement may take; past it the call is [unavailable](crate::StoreError::Unavailable). A call is never
    /// waited for longer than this and `wait` together. Default 30 s.
    pub statement_timeout: Duration,
    /// SQLite: one writer that commits what is queued together (default), or `false` for a transaction a write on
    /// a pool of four, which exists to be measured against and needs the feature `one-by-one`.
    #[cfg(feature = "one-by-one")]
    pub group_commit: bool,
    /// PostgreSQL: keep the statements that run often prepared on their connection (default). `false` for a pooler that
    /// gives each transaction another connection and does not know prepared statements (PgBouncer before 1.21).
    pub prepared_statements: bool,
    /// Make what is not there yet: an SQLite file where the path leads to none, tables in an empty database. Default
    /// `true`; without `migrate` nothing is made either.
    pub create: bool,
    /// Bring an own or empty database up to date at start. Default `true`; never touches an attached one.
    pub migrate: bool,
    /// Open a database also where a [migration](crate::migrate_from) into it is not finished. Default `false`.
    pub unfinished: bool,
    /// Which front ends a database of our own speaks to. Default: the newest. An attached one speaks to its own.
    pub dialect: Dialect,
    /// Whether stored settings count: where not, table `config` is neither read nor written, and only the configured
    /// values hold. Default `true`.
    pub stored_settings: bool,
    /// Told what an opening database is busy with.
    pub watch: OpeningWatch,
    /// Told of every statement, for tests that count them.
    pub instrument: Option<Instrument>,
}

/// The callback of [`StoreOptions::instrument`]; called on the thread that runs the statement.
pub type Instrument = Arc<dyn Fn(StatementEvent<'_>) + Send + Sync>;

/// What Diesel did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementEvent<'a> {
    /// A statement is about to run; its text with placeholders.
    Run(&'a str),
    /// A statement was prepared for the first time on its connection; a second run without this event came from
    /// the cache.
    Prepare(&'a str),
}

/// SQLite's `PRAGMA synchronous`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// An acknowledged write survives a power failure.
    #[default]
    Full,
    /// It survives a crash of the process; a power failure may undo the last moments, never damage the file.
    Normal,
}

impl StoreOptions {
    /// The defaults for this database.
    #[must_use]
    pub fn new(url: DatabaseUrl) -> Self {
        Self {
            url,
            read_replica_url: None,
            synchronous: Synchronous::default(),
            busy_timeout: Duration::from_secs(5),
            threads: cores().clamp(2, 8),
            queue: 1024,
            wait: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            #[cfg(feature = "one-by-one")]
            group_commit: true,
            prepared_statements: true,
            create: true,
            migrate: true,
            unfinished: false,
            dialect: Dialect::default(),
            stored_settings: true,
            watch: OpeningWatch::default(),
            instrument: None,
        }
    }
}

/// The processor cores this process may use, at least one.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

impl fmt::Debug for StoreOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreOptions")
            .field("url", &self.url)
            .field("read_replica_url", &self.read_replica_url)
            .field("synchronous", &self.synchronous)
            .field("busy_timeout", &self.busy_timeout)
            .field("threads", &self.threads)
            .field("queue", &self.queue)
            .field("wait", &self.wait)
            .field("statement_timeout", &self.statement_timeout)
            .field("prepared_statements", &self.prepared_statements)
            .field("create", &self.create)
            .field("migrate", &self.migrate)
            .field("unfinished", &self.unfinished)
            .field("dialect", &self.dialect)
            .field("stored_settings", &self.stored_settings)
            .finish_non_exhaustive()
    }
}
