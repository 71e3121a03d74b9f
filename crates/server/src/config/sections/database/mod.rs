//! `[database]`: which database, and how it is worked.

mod location;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rosterd_domain::dialect::Dialect;
use rosterd_storage::{DatabaseUrl, OpeningWatch, StoreOptions, Synchronous};

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const REPLICA_URL: Setting = Setting::new(
    "database.replica_url",
    "ROSTERD_DATABASE_REPLICA_URL",
    &[],
    Kind::DatabaseUrl,
    "",
    "URL of a PostgreSQL read replica for lists, searches and exports.",
);
const POOL_SIZE: Setting = Setting::new(
    "database.pool_size",
    "DATABASE_POOL_SIZE",
    &["ROSTERD_DATABASE_THREADS"],
    Kind::Integer,
    "0",
    "Connections, each with its own thread, for requests that are not answered inline; 0: one for each core, 2 to 8.",
);
const QUEUE: Setting = Setting::new(
    "database.queue",
    "ROSTERD_DATABASE_QUEUE",
    &[],
    Kind::Integer,
    "1024",
    "Requests that may wait for the database; more are answered with 503.",
);
const WAIT: Setting = Setting::new(
    "database.wait",
    "ROSTERD_DATABASE_WAIT",
    &[],
    Kind::Duration,
    "5s",
    "How long a request may wait for the database, including the wait for a connection; then 503.",
);
const STATEMENT_TIMEOUT: Setting = Setting::new(
    "database.statement_timeout",
    "ROSTERD_STATEMENT_TIMEOUT",
    &[],
    Kind::Duration,
    "30s",
    "How long a statement may take; then 503. No request takes longer than this and the wait together.",
);
const BUSY_TIMEOUT: Setting = Setting::new(
    "database.busy_timeout",
    "ROSTERD_BUSY_TIMEOUT",
    &[],
    Kind::Duration,
    "5s",
    "SQLite: how long to wait for the lock of another process.",
);
const SYNCHRONOUS: Setting = Setting::new(
    "database.synchronous",
    "ROSTERD_SYNCHRONOUS",
    &[],
    Kind::Choice(&["full", "normal"]),
    "full",
    "Standalone SQLite: with full, writes survive a power failure; with normal, the last ones may be lost.",
);
#[cfg(feature = "one-by-one")]
const GROUP_COMMIT: Setting = Setting::new(
    "database.group_commit",
    "ROSTERD_GROUP_COMMIT",
    &[],
    Kind::Switch,
    "true",
    "SQLite: writes that wait together share one commit.",
);
const PREPARED_STATEMENTS: Setting = Setting::new(
    "database.prepared_statements",
    "ROSTERD_PREPARED_STATEMENTS",
    &[],
    Kind::Switch,
    "true",
    "PostgreSQL: keep statements prepared. Set it to false behind a PgBouncer before 1.21 that pools transactions.",
);
const MIGRATE: Setting = Setting::new(
    "database.migrate",
    "ROSTERD_MIGRATE",
    &[],
    Kind::Switch,
    "true",
    "Bring a standalone database up to date at start. A database of Open WebUI is never changed.",
);

const DIALECT: Setting = Setting::new(
    "database.dialect",
    "ROSTERD_DIALECT",
    &[],
    Kind::Choice(&["0.12", "0.6"]),
    "0.12",
    "Which Open WebUI front end a standalone database answers; an attached one answers its own.",
);
const STORED_SETTINGS: Setting = Setting::new(
    "database.stored_settings",
    "ENABLE_PERSISTENT_CONFIG",
    &[],
    Kind::Switch,
    "true",
    "Settings that administrators change are stored in the database, and a stored value has priority; false: they are neither read nor written, and only the configuration counts.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[
    location::URL,
    location::TYPE,
    location::HOST,
    location::PORT,
    location::NAME,
    location::USER,
    location::PASSWORD,
    location::SCHEMA,
    location::DATA_DIR,
    REPLICA_URL,
    POOL_SIZE,
    QUEUE,
    WAIT,
    STATEMENT_TIMEOUT,
    BUSY_TIMEOUT,
    SYNCHRONOUS,
    #[cfg(feature = "one-by-one")]
    GROUP_COMMIT,
    PREPARED_STATEMENTS,
    MIGRATE,
    DIALECT,
    STORED_SETTINGS,
];

/// The replica, with the schema of the database it is one of.
#[expect(clippy::option_option, reason = "outer: readable; inner: set")]
fn read_replica(reader: &mut Reader<'_>, url: Option<&DatabaseUrl>) -> Option<Option<DatabaseUrl>> {
    let given = reader
        .read_optional(&REPLICA_URL, |text| DatabaseUrl::parse(text).map_err(|error| error.to_string()))?;
    let Some((replica, url)) = given.zip(url) else { return Some(None) };
    if replica.is_sqlite() || url.is_sqlite() {
        reader.conflict(
            &REPLICA_URL,
            "a replica is one of PostgreSQL; leave it empty, or let both URLs name PostgreSQL",
        );
        return None;
    }
    Some(Some(match url.schema() {
        Some(schema) => replica.with_schema(schema),
        None => replica,
    }))
}

/// Which database, and how it is worked. `Debug` and `Display` of the URLs hide passwords.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, not states")]
pub struct DatabaseConfig {
    /// The database.
    pub url: DatabaseUrl,
    /// PostgreSQL read replica.
    pub replica_url: Option<DatabaseUrl>,
    /// Connections of the pool lanes; `None`: by the number of cores.
    pub pool_size: Option<usize>,
    /// Waiting places.
    pub queue: usize,
    /// Longest wait for a place and a connection.
    pub wait: Duration,
    /// Longest time of a statement.
    pub statement_timeout: Duration,
    /// SQLite's `busy_timeout`.
    pub busy_timeout: Duration,
    /// SQLite's `synchronous`, on a standalone database.
    pub synchronous: Synchronous,
    /// Writes share commits on SQLite.
    #[cfg(feature = "one-by-one")]
    pub group_commit: bool,
    /// Statements stay prepared on PostgreSQL.
    pub prepared_statements: bool,
    /// Run our migrations at start.
    pub migrate: bool,
    /// Which front ends a standalone database answers.
    pub dialect: Dialect,
    /// Whether stored settings count.
    pub stored_settings: bool,
    /// Open it also where a migration into it is not finished; not read from anywhere.
    pub unfinished: bool,
    /// Told what the opening database is busy with; not read from anywhere.
    pub watch: OpeningWatch,
}

impl DatabaseConfig {
    pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let url = location::read(reader);
        let replica_url = read_replica(reader, url.as_ref());
        let pool_size = reader.read(&POOL_SIZE, parse::number(0..=1024_usize));
        let queue = reader.read(&QUEUE, parse::number(1..=1_000_000));
        let wait = reader.read(&WAIT, parse::positive_duration);
        let statement_timeout = reader.read(&STATEMENT_TIMEOUT, parse::positive_duration);
        let busy_timeout = reader.read(&BUSY_TIMEOUT, parse::duration);
        let synchronous = reader.read(&SYNCHRONOUS, |text| {
            parse::choice(&[("full", Synchronous::Full), ("normal", Synchronous::Normal)], text)
        });
        #[cfg(feature = "one-by-one")]
        let group_commit = reader.read(&GROUP_COMMIT, parse::switch);
        let prepared_statements = reader.read(&PREPARED_STATEMENTS, parse::switch);
        let migrate = reader.read(&MIGRATE, parse::switch);
        let dialect = reader.read(&DIALECT, |text| {
            let all = Dialect::ALL.map(|dialect| (dialect.as_str(), dialect));
            parse::choice(&all, text)
        });
        let stored_settings = reader.read(&STORED_SETTINGS, parse::switch);
        Some(Self {
            url: url?,
            replica_url: replica_url?,
            pool_size: pool_size.map(|size| Some(size).filter(|size| *size > 0))?,
            queue: queue?,
            wait: wait?,
            statement_timeout: statement_timeout?,
            busy_timeout: busy_timeout?,
            synchronous: synchronous?,
            #[cfg(feature = "one-by-one")]
            group_commit: group_commit?,
            prepared_statements: prepared_statements?,
            migrate: migrate?,
            dialect: dialect?,
            stored_settings: stored_settings?,
            unfinished: false,
            watch: OpeningWatch::default(),
        })
    }

    /// The same as the storage layer takes it.
    #[must_use]
    pub fn store_options(&self) -> StoreOptions {
        let mut options = StoreOptions::new(self.url.clone());
        options.read_replica_url.clone_from(&self.replica_url);
        if let Some(threads) = self.pool_size {
            options.threads = threads;
        }
        options.queue = self.queue;
        options.wait = self.wait;
        options.statement_timeout = self.statement_timeout;
        options.busy_timeout = self.busy_timeout;
        options.synchronous = self.synchronous;
        #[cfg(feature = "one-by-one")]
        {
            options.group_commit = self.group_commit;
        }
        options.prepared_statements = self.prepared_statements;
        options.migrate = self.migrate;
        options.unfinished = self.unfinished;
        options.dialect = self.dialect;
        options.stored_settings = self.stored_settings;
        options.watch = self.watch.clone();
        options
    }

    /// The folder of the SQLite file; `None` for PostgreSQL and throw-away databases.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        // How a URL with a file shows itself; the other kinds show nothing after three slashes.
        let url = self.url.to_string();
        let folder = Path::new(url.strip_prefix("sqlite:///")?).parent()?;
        Some(if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_path_buf() })
    }
}
