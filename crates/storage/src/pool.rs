//! Connections at rest: r2d2 pools whose connections are asked whether they still live only where that is in doubt.
//!
//! r2d2's own choice is to ask at every check-out, which costs a round trip, or never. Here a connection is asked when
//! it has rested for long; and after one was lost, those made before it are replaced unasked, since a server that
//! restarted has ended all of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::r2d2::{self, HandleError, ManageConnection, PooledConnection};
use rosterd_lanes::{One, Remaining};
use scheduled_thread_pool::ScheduledThreadPool;

use crate::codes::Verdict;
use crate::{PoolMetrics, StoreError, StoreResult};

/// How often a pool that is being closed looks for connections that came to rest since it last looked.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// How long a connection may rest before it is asked whether it still lives.
const IDLE_LIMIT: Duration = Duration::from_secs(30);

/// The threads on which r2d2 connects.
pub(crate) type Connecting = Arc<ScheduledThreadPool>;

/// Threads to connect on, for the pools of one server: one that does not answer must not keep them from another.
pub(crate) fn connecting() -> Connecting {
    Arc::new(ScheduledThreadPool::builder().num_threads(2).thread_name_pattern("rosterd-connect-{}").build())
}

/// The same for files, which are opened in no time: all of the process share these.
#[cfg(feature = "sqlite")]
pub(crate) fn opening() -> Connecting {
    static OPENING: std::sync::LazyLock<Connecting> = std::sync::LazyLock::new(connecting);
    Arc::clone(&OPENING)
}

/// How connections are made and tested.
pub(crate) trait Connect: Send + Sync + 'static {
    /// A connection.
    type Conn: Send + 'static;

    /// Makes one. [`StoreError::Unavailable`] when the database is out of reach.
    fn connect(&self) -> StoreResult<Self::Conn>;

    /// Whether a connection that has rested still works; must cost one round trip at most.
    fn is_alive(&self, conn: &mut Self::Conn) -> bool;
}

/// A bounded number of connections.
pub(crate) struct Pool<M: Connect> {
    pool: r2d2::Pool<Manager<M>>,
    /// Shared with the manager.
    state: Arc<State>,
}

/// What a pool and the manager of its connections both look at.
#[derive(Default)]
struct State {
    /// No connection is given out or made any more, and one that comes back is closed.
    shut: AtomicBool,
    /// Those that are open, at rest or on loan.
    open: Remaining,
    /// How often no connection could be made.
    failed: AtomicU64,
}

impl State {
    fn ensure_not_shut(&self) -> StoreResult<()> {
        if self.shut.load(Ordering::Acquire) {
            return Err(StoreError::unavailable("the database is closed: the program is stopping"));
        }
        Ok(())
    }
}

/// When a pool makes its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filling {
    /// As they are needed.
    Lazy,
    #[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "only SQLite reads on request threads"))]
    /// All at once, so that none is made on a request thread later.
    Eager,
}

impl<M: Connect> Pool<M> {
    /// A pool of `size` connections at most. Where one cannot be made, it is tried again after half of `wait`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when an eager pool cannot be filled.
    pub(crate) fn new(
        connector: M,
        size: usize,
        wait: Duration,
        filling: Filling,
        connecting: Connecting,
    ) -> StoreResult<Self> {
        let size = u32::try_from(size.max(1)).unwrap_or(u32::MAX);
        let state = Arc::<State>::default();
        let manager = Manager { connector, generation: AtomicU64::new(0), state: Arc::clone(&state) };
        let builder = r2d2::Pool::builder()
            .max_size(size)
            .connection_timeout(wait)
            .idle_timeout(None)
            .max_lifetime(None)
            .error_handler(Box::new(Quiet))
            .thread_pool(connecting);
        let pool = match filling {
            Filling::Lazy => builder.min_idle(Some(0)).build_unchecked(manager),
            Filling::Eager => builder.min_idle(Some(size)).build(manager).map_err(StoreError::unavailable)?,
        };
        Ok(Self { pool, state })
    }

    /// A connection that is free right now and ready, or nothing.
    #[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "only SQLite reads on request threads"))]
    pub(crate) fn try_get(&self) -> Option<Pooled<M>> {
        self.state.ensure_not_shut().ok()?;
        self.pool.try_get().map(|link| Pooled { link })
    }

    /// A connection, waited for until then: a job has one time for its turn and for its connection.
    pub(crate) fn get(&self, until: Instant) -> StoreResult<Pooled<M>> {
        self.state.ensure_not_shut()?;
        let wait = until.saturating_duration_since(Instant::now());
        self.pool.get_timeout(wait).map(|link| Pooled { link }).map_err(StoreError::unavailable)
    }

    /// How it stands.
    pub(crate) fn metrics(&self, name: &'static str) -> PoolMetrics {
        let now = self.pool.state();
        PoolMetrics {
            name,
            open: now.connections,
            idle: now.idle_connections,
            most: self.pool.max_size(),
            failed: self.state.failed.load(Ordering::Relaxed),
        }
    }

    /// Gives out no more connections and makes none. Returns at once.
    pub(crate) fn shut(&self) {
        self.state.shut.store(true, Ordering::Release);
    }

    /// Closes the connections of a [shut](Pool::shut) pool, those on loan as they come back; `false` when one is still
    /// open at that moment.
    pub(crate) fn closed_by(&self, until: Instant) -> bool {
        loop {
            // None passes for valid any more, so that r2d2 closes all that rest. One that was just being made on r2d2's
            // own thread may come to rest after that.
            drop(self.pool.try_get());
            let look_again = Instant::now() + LOOK_AGAIN;
            if self.state.open.none_by(look_again.min(until)) {
                return true;
            }
            if look_again >= until {
                return false;
            }
        }
    }
}

/// A connection on loan; it goes back when this is dropped.
pub(crate) struct Pooled<M: Connect> {
    link: PooledConnection<Manager<M>>,
}

impl<M: Connect> Pooled<M> {
    /// The connection itself.
    pub(crate) fn conn(&mut self) -> &mut M::Conn {
        &mut self.link.conn
    }

    /// Gives the connection back, or does with it what was found.
    pub(crate) fn settle(mut self, verdict: Verdict) {
        self.link.verdict = verdict;
    }
}

/// What r2d2 keeps: the connection, and what speaks for its life.
struct Resting<C> {
    conn: C,
    generation: u64,
    since: Instant,
    verdict: Verdict,
    /// After the connection, which must be closed when it counts as closed.
    _open: One,
}

struct Manager<M> {
    connector: M,
    /// Raised when a connection was lost: those made before it are not trusted.
    generation: AtomicU64,
    state: Arc<State>,
}

impl<M: Connect> ManageConnection for Manager<M> {
    type Connection = Resting<M::Conn>;
    type Error = StoreError;

    fn connect(&self) -> StoreResult<Self::Connection> {
        self.state.ensure_not_shut()?;
        let generation = self.generation.load(Ordering::Acquire);
        let open = self.state.open.add();
        let connected = self.connector.connect();
        if connected.is_err() {
            self.state.failed.fetch_add(1, Ordering::Relaxed);
        }
        let conn = connected?;
        Ok(Resting { conn, generation, since: Instant::now(), verdict: Verdict::Keep, _open: open })
    }

    fn is_valid(&self, link: &mut Self::Connection) -> StoreResult<()> {
        self.state.ensure_not_shut()?;
        let current = link.generation == self.generation.load(Ordering::Acquire);
        if current && (link.since.elapsed() < IDLE_LIMIT || self.connector.is_alive(&mut link.conn)) {
            Ok(())
        } else {
            Err(StoreError::unavailable("the connection was lost while it was idle"))
        }
    }

    fn has_broken(&self, link: &mut Self::Connection) -> bool {
        link.since = Instant::now();
        if link.verdict == Verdict::Distrust {
            self.generation.fetch_add(1, Ordering::AcqRel);
        }
        link.verdict != Verdict::Keep || self.state.shut.load(Ordering::Acquire)
    }
}

/// A connection that cannot be made is told by the request that wanted it; r2d2 tries again and again meanwhile.
#[derive(Debug)]
struct Quiet;

impl HandleError<StoreError> for Quiet {
    fn handle_error(&self, error: StoreError) {
        tracing::debug!(%error, "a database connection could not be opened");
    }
}
