//! One SQLite connection: how it is opened, which PRAGMAs it gets, and the function that folds case.

use std::fmt::Write as _;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::ConnectionError;
use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;

use super::file::{Identity, OpenFile};
use super::kept::Kept;
use crate::codes::{Meaning, Trouble};
use crate::findings;
use crate::native::sqlite::{Limit, Opened};
use crate::options::{Instrument, StatementEvent};
use crate::pool::Connect;
use crate::types::{LossyText, StoredTime};
use crate::{StoreError, StoreOptions, StoreResult, Synchronous};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Queries; SQLite refuses any write on it.
    Read,
    /// Transactions.
    Write,
}

/// A connection.
pub(crate) struct Link {
    pub(crate) conn: SqliteConnection,
    /// How long its statements may still take.
    pub(crate) limit: Arc<Limit>,
    /// The file could only be opened for reading.
    pub(crate) read_only: bool,
    /// The write-ahead log as it was after the connection's first commit.
    pub(crate) log: Option<Identity>,
    /// What it keeps of the users for lists, where it does.
    pub(crate) kept: Option<Kept>,
}

impl Deref for Link {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.conn
    }
}

impl DerefMut for Link {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.conn
    }
}

/// Opens connections to one file.
#[derive(Clone)]
pub(crate) struct Connector {
    path: String,
    /// What has to lie at the path.
    file: Option<Arc<OpenFile>>,
    own: bool,
    synchronous: Synchronous,
    busy_timeout: Duration,
    instrument: Option<Instrument>,
    purpose: Purpose,
    /// Kibibytes of page cache.
    cache: usize,
    /// Pages in the write-ahead log at which a commit copies it into the database; `None`: as SQLite does, at 1,000.
    longest_log: Option<usize>,
    /// Bytes that a connection may keep of the users; `None`: it keeps nothing.
    keep: Option<usize>,
    /// An open connection does not wait for the locks of others.
    impatient: bool,
    /// The file is opened for reading alone.
    untouched: bool,
}

/// Between two attempts to switch a file to WAL.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(20);

/// Page cache of a connection unless said otherwise, which is what SQLite itself gives one. Kibibytes.
const CACHE: usize = 2000;

/// Most that one connection gets: the upper levels of every index of a million users, and the rows of those who are
/// active. Kibibytes.
pub(crate) const MOST_CACHE: usize = 8 * 1024;

#[diesel::declare_sql_function]
extern "SQL" {
    /// Text as it is searched, the same as the domain's.
    fn rosterd_fold(text: Text) -> Text;
    /// Text as it is read.
    fn rosterd_text(text: Text) -> Text;
    /// A time as it is read.
    fn rosterd_time(time: BigInt) -> BigInt;
}

impl Connector {
    /// A connector to the file at `path`, for writing, to a database that is not ours until
    /// [`own`](Connector::own) says so.
    pub(crate) fn new(path: String, options: &StoreOptions) -> Self {
        Self {
            path,
            file: None,
            own: false,
            synchronous: options.synchronous,
            busy_timeout: options.busy_timeout,
            instrument: options.instrument.clone(),
            purpose: Purpose::Write,
            cache: CACHE,
            longest_log: None,
            keep: None,
            impatient: false,
            untouched: false,
        }
    }

    /// The same file as a standalone database, or not.
    pub(crate) fn own(self, own: bool) -> Self {
        Self { own, ..self }
    }

    /// The same file for another purpose.
    pub(crate) fn purpose(&self, purpose: Purpose) -> Self {
        Self { purpose, ..self.clone() }
    }

    /// The same file for reading alone, of whomever it is.
    pub(crate) fn reading(&self) -> Self {
        self.purpose(Purpose::Read)
    }

    /// The same file, which the system lets nobody write to through these connections.
    pub(crate) fn untouched(self) -> Self {
        Self { untouched: true, ..self }
    }

    /// The same file with so many kibibytes of page cache for each connection, but `most` at most, and no fewer than SQLite gives.
    pub(crate) fn cache(self, cache: usize, most: usize) -> Self {
        Self { cache: cache.clamp(CACHE, most), ..self }
    }

    /// The same file, whose locks are waited for while a connection is opened and never after that.
    pub(crate) fn waiting_for_nobody(self) -> Self {
        Self { impatient: true, ..self }
    }

    /// The same file, of whose users a connection may keep so many bytes for lists.
    pub(crate) fn keeping(self, most: usize) -> Self {
        Self { keep: Some(most), ..self }
    }

    /// The same file, whose write-ahead log is copied by a commit only when it has so many pages.
    pub(crate) fn longest_log(self, pages: usize) -> Self {
        Self { longest_log: Some(pages), ..self }
    }

    /// The same file, whose locks of other processes are waited for no longer than this.
    pub(crate) fn with_busy_timeout(self, longest: Duration) -> Self {
        Self { busy_timeout: self.busy_timeout.min(longest), ..self }
    }

    /// The same path, of which every connection has to be on this file.
    pub(crate) fn only(self, file: Arc<OpenFile>) -> Self {
        Self { file: Some(file), ..self }
    }

    /// Whether the path still leads to the file that connections are on, see [`OpenFile::ensure_in_place`]. Always, where
    /// no file was named.
    pub(crate) fn ensure_in_place(&self) -> StoreResult<()> {
        self.file.as_ref().map_or(Ok(()), |file| file.ensure_in_place())
    }

    /// The same for the write-ahead log of a connection, see [`OpenFile::ensure_log_in_place`].
    pub(crate) fn ensure_log_in_place(&self, link: &mut Link) -> StoreResult<()> {
        self.file.as_ref().map_or(Ok(()), |file| file.ensure_log_in_place(&mut link.log))
    }

    fn pragmas(&self) -> String {
        // The timeout first: every later PRAGMA may meet a lock.
        let mut pragmas = format!("PRAGMA busy_timeout = {};", self.busy_timeout.as_millis());
        if self.own {
            let synchronous = match self.synchronous {
                Synchronous::Full => "FULL",
                Synchronous::Normal => "NORMAL",
            };
            pragmas.push_str("PRAGMA foreign_keys = ON; PRAGMA synchronous = ");
            pragmas.push_str(synchronous);
            pragmas.push(';');
        } else {
            // Open WebUI runs without, and the bundled SQLite is compiled with them on.
            pragmas.push_str("PRAGMA foreign_keys = OFF;");
        }
        // Of this connection alone; the file does not remember it. Negative: kibibytes and not pages.
        let _writing_to_a_string_cannot_fail = write!(pragmas, "PRAGMA cache_size = -{};", self.cache);
        if let Some(pages) = self.longest_log {
            let _writing_to_a_string_cannot_fail = write!(pragmas, "PRAGMA wal_autocheckpoint = {pages};");
        }
        if self.purpose == Purpose::Read {
            pragmas.push_str("PRAGMA query_only = ON;");
        }
        if self.impatient {
            pragmas.push_str("PRAGMA busy_timeout = 0;");
        }
        pragmas
    }

    fn uri(&self) -> String {
        let uri = uri(&self.path);
        match uri.strip_suffix("mode=rw") {
            Some(path) if self.untouched => format!("{path}mode=ro"),
            _ => uri,
        }
    }

    /// Switches the file to WAL, which it remembers. Only for a standalone database.
    ///
    /// Where another process does the same at this moment, SQLite refuses one of the two at once, whatever it may wait: each
    /// has read the file and keeps the other from writing. So it is tried again for as long as a lock is waited for.
    pub(crate) fn enable_wal(&self, conn: &mut SqliteConnection) -> StoreResult<()> {
        let until = Instant::now() + self.busy_timeout;
        loop {
            match conn.batch_execute("PRAGMA journal_mode = WAL;").map_err(StoreError::from) {
                Err(StoreError::Unavailable { .. }) if Instant::now() < until => {
                    std::thread::sleep(BETWEEN_ATTEMPTS);
                }
                done => return done,
            }
        }
    }
}

impl Connect for Connector {
    type Conn = Link;

    fn connect(&self) -> StoreResult<Link> {
        self.ensure_in_place()?;
        let mut opened = crate::native::sqlite::open(&self.uri()).map_err(|error| match error {
            ConnectionError::CouldntSetupConfiguration(error) => error.into(),
            other => {
                findings::note(Meaning::Lasting(Trouble::Files), &other.to_string());
                StoreError::unavailable(other)
            }
        })?;
        opened.conn.batch_execute(&self.pragmas())?;
        // Again: what lies there before and after is what was opened in between.
        self.ensure_in_place()?;
        rosterd_fold_utils::register_impl(&mut opened.conn, |text: LossyText| {
            rosterd_domain::list::fold(text.as_str())
        })?;
        rosterd_text_utils::register_impl(&mut opened.conn, |text: LossyText| String::from(text))?;
        rosterd_time_utils::register_impl(&mut opened.conn, |time: StoredTime| i64::from(time))?;
        if let Some(instrument) = &self.instrument {
            opened = opened.watched_by(watch(instrument.clone()));
        }
        let Opened { conn, limit, read_only, .. } = opened;
        Ok(Link { conn, limit, read_only, log: None, kept: self.keep.map(Kept::new) })
    }

    // A file does not hang up.
    fn is_alive(&self, _link: &mut Link) -> bool {
        true
    }
}

/// The path as a URI with which SQLite opens a file and never makes one: one that was deleted must not come back empty,
/// and one that we make is [made](super::file) for its owner alone.
pub(crate) fn uri(path: &str) -> String {
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let has_drive = cfg!(windows) && path.as_bytes().get(1) == Some(&b':');
    let mut uri = String::from("file:");
    // Two slashes begin a host, so a whole path begins after an empty one.
    uri.push_str(if has_drive {
        "///"
    } else if path.starts_with('/') {
        "//"
    } else {
        ""
    });
    for character in path.chars() {
        match character {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            other => uri.push(other),
        }
    }
    uri + "?mode=rw"
}

/// Diesel's events as ours.
fn watch(instrument: Instrument) -> impl Instrumentation {
    move |event: InstrumentationEvent<'_>| match event {
        InstrumentationEvent::StartQuery { query, .. } => instrument(StatementEvent::Run(&query.to_string())),
        InstrumentationEvent::CacheQuery { sql, .. } => instrument(StatementEvent::Prepare(sql)),
        _ => {}
    }
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_by_its_letters_and_never_made() {
        assert_eq!(uri("data/a.db"), "file:data/a.db?mode=rw");
        assert_eq!(uri("/data/a.db"), "file:///data/a.db?mode=rw");
        assert_eq!(uri("//data/a.db"), "file:////data/a.db?mode=rw");
        assert_eq!(uri("50%?#/a.db"), "file:50%25%3f%23/a.db?mode=rw");
    }
}
