//! The opened database and its lanes. [`calls`](crate::calls) run on them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rosterd_lanes::Lane;

use crate::readiness::Readiness;
use crate::share::Share;
#[cfg(feature = "sqlite")]
use crate::short_pages::ShortPages;
use crate::together::Together;
use crate::turns::{IN_LINE, Turns};
use crate::{Layout, OpenError, Ownership, StoreOptions, stream};

/// How long [`Store::close`] waits for work under way, and for the connections it is on.
const CLOSING: Duration = Duration::from_secs(5);

/// An open database. Cloning it is cheap and shares everything.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

/// What the clones share.
pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) layout: Arc<Layout>,
    /// The migrations that a standalone database needs; of an attached one none.
    pub(crate) migrations: Vec<String>,
    pub(crate) readiness: Readiness,
    pub(crate) point: Lane,
    pub(crate) scan: Lane,
    pub(crate) stream: Lane,
    pub(crate) turns: Arc<Turns>,
    /// What large work may take of the point lane.
    pub(crate) large: Arc<Share>,
    /// How long a call may wait for its thread.
    pub(crate) wait: Duration,
    /// How long a statement may take.
    pub(crate) limit: Duration,
    replica: bool,
    closed: AtomicBool,
    /// The count of all users, where it is not kept.
    pub(crate) count: Together<i64>,
    /// Which pages of lists may be read on the thread that asks for them.
    #[cfg(feature = "sqlite")]
    pub(crate) short_pages: ShortPages,
}

/// The one dispatch between the two databases.
pub(crate) enum Engine {
    #[cfg(feature = "sqlite")]
    Sqlite(crate::sqlite::Engine),
    #[cfg(feature = "postgres")]
    Postgres(crate::postgres::Engine),
}

impl Engine {
    /// SQLite's, if it is that one.
    #[cfg(feature = "sqlite")]
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unnecessary_wraps, reason = "the other database gives None")
    )]
    pub(crate) fn sqlite(&self) -> Option<&crate::sqlite::Engine> {
        match self {
            Self::Sqlite(engine) => Some(engine),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => None,
        }
    }

    /// PostgreSQL's, if it is that one.
    #[cfg(feature = "postgres")]
    #[cfg_attr(
        not(feature = "sqlite"),
        expect(clippy::unnecessary_wraps, reason = "the other database gives None")
    )]
    pub(crate) fn postgres(&self) -> Option<&crate::postgres::Engine> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => None,
            Self::Postgres(engine) => Some(engine),
        }
    }

    /// Which of the two it is.
    pub(crate) fn is_sqlite(&self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => true,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => false,
        }
    }
}

/// What the statements of a read see of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Each the state at its own moment.
    OfStatement,
    /// All the same state, where that costs nothing.
    OfAll,
}

/// Calls the same method of whichever engine this is.
macro_rules! each {
    ($engine:expr, $inner:ident => $call:expr) => {
        match $engine {
            #[cfg(feature = "sqlite")]
            Engine::Sqlite($inner) => $call,
            #[cfg(feature = "postgres")]
            Engine::Postgres($inner) => $call,
        }
    };
}
pub(crate) use each;

impl Store {
    /// Connects, finds out whose database it is, brings an own one up to date, checks that all needed tables and
    /// columns exist, and starts the threads. Blocks; call it before the server starts.
    ///
    /// An attached database (Open WebUI's) is never altered here, not even by a PRAGMA.
    ///
    /// # Errors
    /// [`OpenError`], each with a message that says what to do.
    pub fn open(options: &StoreOptions) -> Result<Self, OpenError> {
        // On SQLite an account's writes stand in line with the others'; on PostgreSQL each holds a thread, also while it
        // waits for a row that another one of them has locked.
        let at_work = if options.url.is_sqlite() { IN_LINE } else { options.threads / 2 };
        let turns = Arc::new(Turns::new(at_work));
        let (engine, layout) = Self::open_engine(options, &turns)?;
        let (wait, limit) = (options.wait, options.statement_timeout);
        let lane = |name, threads| Lane::limited(name, threads, options.queue, wait, limit);
        let known = match (&engine, layout.ownership) {
            (_, Ownership::Attached) => Vec::new(),
            #[cfg(feature = "sqlite")]
            (Engine::Sqlite(_), Ownership::Standalone) => crate::sqlite::known()?,
            #[cfg(feature = "postgres")]
            (Engine::Postgres(_), Ownership::Standalone) => crate::postgres::known()?,
        };
        let inner = Inner {
            engine,
            migrations: known,
            readiness: Readiness::default(),
            point: lane("rosterd-point", options.threads)?,
            scan: lane("rosterd-scan", options.threads)?,
            stream: Lane::limited("rosterd-stream", stream::THREADS, stream::QUEUE, wait, limit)?,
            turns,
            large: Arc::new(Share::new(options.threads, options.wait / 2)),
            wait,
            limit,
            replica: options.read_replica_url.is_some() && !options.url.is_sqlite(),
            closed: AtomicBool::new(false),
            count: Together::default(),
            #[cfg(feature = "sqlite")]
            short_pages: ShortPages::default(),
            layout,
        };
        if inner.layout.ownership == Ownership::Attached {
            tracing::info!(
                config = ?inner.layout.config,
                revocations = inner.layout.revocations,
                sessions = inner.layout.sessions,
                "attached to an Open WebUI database; its tables are used as they are. Without rosterd's indexes \
                 lists, searches and sign-in by e-mail address read whole tables: see `rosterd adopt`"
            );
        }
        Ok(Self { inner: Arc::new(inner) })
    }

    fn open_engine(
        options: &StoreOptions,
        #[cfg_attr(
            not(feature = "sqlite"),
            expect(unused_variables, reason = "only SQLite's engine sees to the turns itself")
        )]
        turns: &Arc<Turns>,
    ) -> Result<(Engine, Arc<Layout>), OpenError> {
        if options.url.is_sqlite() {
            #[cfg(feature = "sqlite")]
            return crate::sqlite::Engine::open(options, turns)
                .map(|(engine, layout)| (Engine::Sqlite(engine), layout));
            #[cfg(not(feature = "sqlite"))]
            return Err(OpenError::NotBuilt("SQLite"));
        }
        #[cfg(feature = "postgres")]
        return crate::postgres::Engine::open(options)
            .map(|(engine, layout)| (Engine::Postgres(engine), layout));
        #[cfg(not(feature = "postgres"))]
        return Err(OpenError::NotBuilt("PostgreSQL"));
    }

    /// Ends the use of the database, for all clones: no more work is taken
    /// ([`StoreError::Unavailable`](crate::StoreError::Unavailable)), what waits is carried out, threads end, connections are
    /// closed. A SQLite database in WAL mode is then one file without `-wal` and `-shm` beside it, unless another process has
    /// it open. Does nothing the second time.
    ///
    /// Blocks: 5 seconds at most for work that does not end, which the log then says, and on SQLite a second at most for
    /// the locks of other processes. Not for a thread that answers requests.
    pub fn close(&self) {
        if self.inner.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        let until = Instant::now() + CLOSING;
        let lanes = self.lanes();
        lanes.into_iter().for_each(Lane::shut);
        // Connections go last: what waits in the lanes needs them.
        let ended = lanes.into_iter().filter(|lane| !lane.ended_by(until)).count() == 0;
        let closed = each!(&self.inner.engine, engine => engine.close(until));
        if !(ended && closed) {
            let seconds = CLOSING.as_secs();
            tracing::warn!(
                "some work on the database did not end within {seconds} seconds; its connection stays open until the process ends"
            );
        }
    }

    /// The lanes, in the order in which they are shown.
    pub(crate) fn lanes(&self) -> [&Lane; 3] {
        [&self.inner.point, &self.inner.scan, &self.inner.stream]
    }

    /// What the database turned out to be.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.inner.layout
    }

    /// Whether it is a SQLite database; otherwise it is one of PostgreSQL.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.inner.engine.is_sqlite()
    }

    /// Whether [`scan`](Store::scan) reads a replica, which may lag: a right that must hold *now* has to be checked
    /// by [`read`](Store::read) first.
    #[must_use]
    pub fn scans_may_lag(&self) -> bool {
        self.inner.replica
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("layout", &self.inner.layout).finish_non_exhaustive()
    }
}
