//! The opened database and its lanes: which closure runs on which thread, in which transaction.
//!
//! | call | SQLite | PostgreSQL |
//! |---|---|---|
//! | [`Store::read`], [`Store::snapshot`] | on the calling thread unless that would wait for a lock, else the point lane | point lane |
//! | [`Store::scan`] | scan lane | scan lane, on the replica where there is one |
//! | [`Store::write`] | the one writer, which commits what is queued together | point lane, a transaction each |
//! | [`Store::stream_user_infos`] | stream lane | stream lane, on the replica where there is one |

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rosterd_lanes::{Lane, Ticket};

use crate::share::{self, Share};
use crate::turns::{IN_LINE, Turns};
use crate::{Db, Layout, OpenError, Origin, Ownership, StoreError, StoreOptions, carried, stream};

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
    point: Lane,
    scan: Lane,
    pub(crate) stream: Lane,
    turns: Arc<Turns>,
    /// What large work may take of the point lane.
    large: Arc<Share>,
    /// How long a call may wait for its thread.
    wait: Duration,
    /// How long a statement may take.
    pub(crate) limit: Duration,
    replica: bool,
    closed: AtomicBool,
}

/// The one dispatch between the two databases.
pub(crate) enum Engine {
    #[cfg(feature = "sqlite")]
    Sqlite(crate::sqlite::Engine),
    #[cfg(feature = "postgres")]
    Postgres(crate::postgres::Engine),
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
        let inner = Inner {
            engine,
            point: lane("rosterd-point", options.threads)?,
            scan: lane("rosterd-scan", options.threads)?,
            stream: Lane::limited("rosterd-stream", stream::THREADS, stream::QUEUE, wait, limit)?,
            turns,
            large: Arc::new(Share::new(options.threads, options.wait / 2)),
            wait,
            limit,
            replica: options.read_replica_url.is_some() && !options.url.is_sqlite(),
            closed: AtomicBool::new(false),
            layout,
        };
        if inner.layout.ownership == Ownership::Attached {
            tracing::info!(
                config = ?inner.layout.config,
                revocations = inner.layout.revocations,
                sessions = inner.layout.sessions,
                "attached to an Open WebUI database; its tables are used as they are. Without rosterd's indexes \
                 lists, searches and sign-in by address read whole tables: see `rosterd adopt`"
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

    /// Ends the use of the database, for all clones: no more work is taken ([`StoreError::Unavailable`]), what waits is
    /// carried out, threads end, connections are closed. A SQLite database in WAL mode is then one file without `-wal`
    /// and `-shm` beside it, unless another process has it open. Does nothing the second time.
    ///
    /// Blocks: 5 seconds at most for work that does not end, which the log then says, and on SQLite a second at most for
    /// the locks of other processes. Not for a thread that answers requests.
    pub fn close(&self) {
        if self.inner.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        let until = Instant::now() + CLOSING;
        let lanes = [&self.inner.point, &self.inner.scan, &self.inner.stream];
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

    /// What the database turned out to be.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.inner.layout
    }

    /// Whether [`scan`](Store::scan) reads a replica, which may lag: a right that must hold *now* has to be checked
    /// by [`read`](Store::read) first.
    #[must_use]
    pub fn scans_may_lag(&self) -> bool {
        self.inner.replica
    }

    /// Runs a read by unique key: a cheap one, since on SQLite it runs on the calling thread. For several statements
    /// [`snapshot`](Store::snapshot) is quicker.
    ///
    /// # Errors
    /// Those of `f`; [`StoreError::Unavailable`] when the database or its lane is out of reach or overloaded, or when the
    /// call takes longer than [`StoreOptions::wait`] and [`StoreOptions::statement_timeout`] together; and
    /// [`StoreError::Worker`] when `f` panics, both through `E`.
    pub async fn read<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.point_read(View::OfStatement, f).await
    }

    /// As [`read`](Store::read), on behalf of an account that may have large rows: once they are known to be, they are not
    /// read on the calling thread, and a few at a time.
    ///
    /// # Errors
    /// As [`read`](Store::read).
    pub async fn read_for<T, E, F>(&self, origin: Origin, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let turns = Arc::clone(&self.inner.turns);
        let known = turns.is_large(origin);
        // Noted by what is read; that little was read says nothing of the rest of the row.
        let f = move |db: &mut dyn Db| {
            let (result, carried) = carried::during(|| f(db));
            turns.learn_large(origin, carried);
            result
        };
        if !known {
            return self.point_read(View::OfStatement, f).await;
        }
        let due = Instant::now() + self.inner.wait;
        let leave = self.inner.large.wait(due).await.map_err(StoreError::from)?;
        let inner = Arc::clone(&self.inner);
        let work = move |ticket: &Ticket| {
            let read = || each!(&inner.engine, engine => engine.point(ticket, View::OfStatement, f));
            leave.work(share::AFTER_READ, read)
        };
        let wait = due.saturating_duration_since(Instant::now());
        self.inner.point.run_within(wait, work).await.map_err(StoreError::from)?
    }

    /// As [`read`](Store::read), for several cheap statements. On SQLite they see one state of the database and take its
    /// read lock once for all, which is dearer than most of them. On PostgreSQL each sees its own, since a transaction
    /// would cost two round trips more.
    ///
    /// # Errors
    /// As [`read`](Store::read).
    pub async fn snapshot<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.point_read(View::OfAll, f).await
    }

    async fn point_read<T, E, F>(&self, view: View, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        #[cfg(feature = "sqlite")]
        let f = match &self.inner.engine {
            Engine::Sqlite(engine) => match engine.try_inline(view, f) {
                Ok(result) => return result,
                Err(f) => f,
            },
            #[cfg(feature = "postgres")]
            Engine::Postgres(_) => f,
        };
        self.inner.large.others_work();
        let inner = Arc::clone(&self.inner);
        let work = move |ticket: &Ticket| each!(&inner.engine, engine => engine.point(ticket, view, f));
        self.inner.point.run_by(work).await.map_err(StoreError::from)?
    }

    /// Runs reads that may take a while (lists, searches, counts) without ever holding up the cheap ones. They may
    /// lag where a replica is configured, see [`scans_may_lag`](Store::scans_may_lag).
    ///
    /// # Errors
    /// As [`read`](Store::read).
    pub async fn scan<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        let work = move |ticket: &Ticket| each!(&inner.engine, engine => engine.scan(ticket, f));
        self.inner.scan.run_by(work).await.map_err(StoreError::from)?
    }

    /// Runs `f` in one transaction: committed before this returns `Ok`, rolled back when `f` gives `Err` or panics.
    ///
    /// Keep slow work (password hashing, network) outside: on SQLite every other write waits for this one. If the
    /// future is dropped after it was polled, the write may still happen.
    ///
    /// # Errors
    /// As [`read`](Store::read). Where the time is over, or on PostgreSQL the connection is lost, while the transaction is
    /// being committed, nobody knows whether it was. On PostgreSQL a deadlock or serialization failure is
    /// [`StoreError::Unavailable`] too: nothing was written, and the client may try again.
    pub async fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.write_then(Origin::default(), f, |_value| ()).await
    }

    /// As [`write`](Store::write), on behalf of somebody: of one account only a few writes are in the queues at a time and
    /// the rest waits, within the same [`StoreOptions::wait`], so that nobody else does. Writes that move much more than
    /// others, by what they bring or because of what their rows hold, have their own share of the time (a tenth while
    /// others are at work; on PostgreSQL also a quarter of the threads).
    ///
    /// `committed` gets the value once it is committed, also when nobody waits for it any more. It runs on the thread that
    /// wrote, so it must be quick.
    ///
    /// # Errors
    /// As [`write`](Store::write); [`StoreError::Unavailable`] also when too many writes of the account are waiting.
    pub async fn write_then<T, E, F, C>(&self, origin: Origin, f: F, committed: C) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E> + Send + 'static,
        C: FnOnce(&mut T) + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let due = Instant::now() + self.inner.wait;
        let turn = self.inner.turns.wait(origin, due).await.map_err(StoreError::from)?;
        // The turn ends with the work: whoever waits for the answer may have gone away long before.
        let f = move |db: &mut dyn Db| {
            let _turn = turn;
            f(db)
        };
        match &self.inner.engine {
            #[cfg(feature = "sqlite")]
            Engine::Sqlite(engine) => {
                engine.write(origin, due.saturating_duration_since(Instant::now()), f, committed).await
            }
            #[cfg(feature = "postgres")]
            Engine::Postgres(_) => {
                let leave = self.leave_to_write(origin, due).await.map_err(StoreError::from)?;
                let inner = Arc::clone(&self.inner);
                let work = move |ticket: &Ticket| match &inner.engine {
                    Engine::Postgres(engine) => {
                        let write = || carried::during(|| engine.write(ticket, f));
                        let (result, carried) = match leave {
                            Some(leave) => leave.work(share::AFTER_WRITE, write),
                            None => write(),
                        };
                        inner.turns.learn(origin, carried);
                        result.map(|mut value| {
                            committed(&mut value);
                            value
                        })
                    }
                    #[cfg(feature = "sqlite")]
                    Engine::Sqlite(_) => Err(StoreError::Worker.into()),
                };
                let wait = due.saturating_duration_since(Instant::now());
                self.inner.point.run_within(wait, work).await.map_err(StoreError::from)?
            }
        }
    }

    /// What a large write needs before it may take a thread.
    #[cfg(feature = "postgres")]
    async fn leave_to_write(
        &self,
        origin: Origin,
        due: Instant,
    ) -> Result<Option<share::Leave>, rosterd_lanes::LaneError> {
        if self.inner.turns.is_large(origin) {
            self.inner.large.wait(due).await.map(Some)
        } else {
            self.inner.large.others_work();
            Ok(None)
        }
    }

    /// Whether the database can be read and, as far as can be told without changing anything, takes writes: what
    /// readiness means. A write that failed because the database is read-only, full, damaged or refuses a right is
    /// remembered; the check then tries whether that is still so.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] with the reason.
    pub async fn check(&self) -> Result<(), StoreError> {
        match &self.inner.engine {
            #[cfg(feature = "sqlite")]
            Engine::Sqlite(engine) => {
                // Reads go on in a file that was deleted, and so would not tell.
                engine.ensure_in_place()?;
                // Any small read will do: it needs the file and a table.
                let place = self.inner.layout.config.probe();
                self.read(move |db| db.find_config(place)).await?;
                engine.check_writes().await
            }
            #[cfg(feature = "postgres")]
            Engine::Postgres(_) => {
                let inner = Arc::clone(&self.inner);
                let work = move |ticket: &Ticket| match &inner.engine {
                    Engine::Postgres(engine) => engine.check(ticket),
                    #[cfg(feature = "sqlite")]
                    Engine::Sqlite(_) => Err(StoreError::Worker),
                };
                self.inner.point.run_by(work).await?
            }
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("layout", &self.inner.layout).finish_non_exhaustive()
    }
}
