//! Which closure runs on which thread, in which transaction.
//!
//! | call | SQLite | PostgreSQL |
//! |---|---|---|
//! | [`Store::read`], [`Store::snapshot`] | on the calling thread unless that would wait for a lock, else the point lane | point lane |
//! | [`Store::page`] | a short one as [`Store::snapshot`], unless that keeps others waiting, else as [`Store::scan`] | as [`Store::scan`] |
//! | [`Store::scan`] | scan lane | scan lane, on the replica where there is one |
//! | [`Store::write`] | the one writer, which commits what is queued together | point lane, a transaction each |
//! | [`Store::stream_user_infos`] | stream lane | stream lane, on the replica where there is one |
//!
//! What is generic here only puts a closure into a [`Call`] and takes its result out again.

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use rosterd_domain::list::ListQuery;
#[cfg(feature = "sqlite")]
use rosterd_domain::list::{Direction, OrderBy, Window};
use rosterd_lanes::Ticket;

use crate::share;
#[cfg(feature = "sqlite")]
use crate::short_pages::ShortPages;
#[cfg(feature = "postgres")]
use crate::store::Inner;
use crate::store::{Engine, Store, View, each};
use crate::turns::Turn;
use crate::work::{Call, Work};
use crate::{Db, Origin, StoreError, StoreResult, carried};

/// Work on its way, and back with what came of it.
type Carried = StoreResult<Box<dyn Work>>;

impl Store {
    /// Runs a read by unique key: a cheap one, since on SQLite it runs on the calling thread. For several statements
    /// [`snapshot`](Store::snapshot) is quicker.
    ///
    /// # Errors
    /// Those of `f`; [`StoreError::Unavailable`] when the database or its lane is out of reach or overloaded, or when the
    /// call takes longer than [`StoreOptions::wait`](crate::StoreOptions::wait) and
    /// [`StoreOptions::statement_timeout`](crate::StoreOptions::statement_timeout) together; and
    /// [`StoreError::Worker`] when `f` panics, both through `E`.
    pub async fn read<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.point_read(View::OfStatement, None, f).await
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
        self.point_read(View::OfStatement, Some(origin), f).await
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
        self.point_read(View::OfAll, None, f).await
    }

    async fn point_read<T, E, F>(&self, view: View, origin: Option<Origin>, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        #[cfg_attr(
            not(feature = "sqlite"),
            expect(unused_mut, reason = "only SQLite reads on request threads")
        )]
        let mut call = Call::reading(f);
        #[cfg(feature = "sqlite")]
        if let Some(ran) = self.read_inline(view, origin, &mut call) {
            return call.outcome(ran);
        }
        Call::<F, fn(&mut T), T, E>::outcome_of(self.read_on_a_lane(view, origin, Box::new(call)).await)
    }

    /// Reads on the calling thread if that can block nobody; `None`: nothing ran.
    #[cfg(feature = "sqlite")]
    fn read_inline(
        &self,
        view: View,
        origin: Option<Origin>,
        work: &mut dyn Work,
    ) -> Option<StoreResult<()>> {
        let engine = self.inner.engine.sqlite()?;
        ShortPages::others_work();
        let mut read = || engine.try_inline(view, &mut |db| work.run(db));
        let ran = match origin {
            None => read(),
            Some(origin) if self.inner.turns.is_large(origin) => None,
            Some(origin) => {
                let (ran, carried) = carried::during(read);
                self.inner.turns.learn_large(origin, carried);
                ran
            }
        };
        ran.map(|ran| ran.map(|_ended_well| ()))
    }

    async fn read_on_a_lane(&self, view: View, origin: Option<Origin>, mut work: Box<dyn Work>) -> Carried {
        let inner = Arc::clone(&self.inner);
        let due = Instant::now() + self.inner.wait;
        let leave = match origin {
            Some(origin) if self.inner.turns.is_large(origin) => Some(self.inner.large.wait(due).await?),
            _ => {
                self.inner.large.others_work();
                None
            }
        };
        let job = move |ticket: &Ticket| {
            let mut read =
                || each!(&inner.engine, engine => engine.point(ticket, view, &mut |db| work.run(db)));
            let (ran, carried) = carried::during(|| match leave {
                Some(leave) => leave.work(share::AFTER_READ, read),
                None => read(),
            });
            // Noted by what is read; that little was read says nothing of the rest of the row.
            if let Some(origin) = origin {
                inner.turns.learn_large(origin, carried);
            }
            ran.map(|_ended_well| work)
        };
        self.inner.point.run_within(due.saturating_duration_since(Instant::now()), job).await?
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
        Call::<F, fn(&mut T), T, E>::outcome_of(self.scan_on_its_lane(Box::new(Call::reading(f))).await)
    }

    /// As [`scan`](Store::scan), for the page of a list. Where such a page is a few rows along an index, one after the other, the calling
    /// thread reads it itself, unless it has other requests too and did so a moment ago.
    ///
    /// # Errors
    /// As [`read`](Store::read).
    #[cfg_attr(
        not(feature = "sqlite"),
        expect(unused_variables, reason = "PostgreSQL is never asked on the calling thread")
    )]
    pub async fn page<T, E, F>(&self, query: &ListQuery, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        #[cfg(feature = "sqlite")]
        if self.is_short(query) {
            let mut call = Call::reading(f);
            if let Some(ran) = self.page_inline(&mut call) {
                return call.outcome(ran);
            }
            let measured = Box::new(call);
            return Call::<F, fn(&mut T), T, E>::outcome_of(self.page_on_its_lane(measured).await);
        }
        self.scan(f).await
    }

    /// Whether a page can be read in a moment, as long as its rows are not large.
    #[cfg(feature = "sqlite")]
    fn is_short(&self, query: &ListQuery) -> bool {
        let layout = &self.inner.layout;
        let is_by_index = match query.order.by {
            // Members stand in a table by name. A page by number begins before many of them, or there are few: whoever wants the
            // others first, or begins behind one of the members, may have to pass over a group of any size.
            OrderBy::GroupMember(_) => {
                layout.member_names
                    && query.order.direction == Direction::Descending
                    && matches!(query.window, Window::Offset { .. })
            }
            _ => true,
        };
        // A total that is not kept has to be counted.
        layout.counter && is_by_index && layout.walks_for(query)
    }

    /// As [`read_inline`](Store::read_inline), where this thread may read a page now.
    #[cfg(feature = "sqlite")]
    fn page_inline(&self, work: &mut dyn Work) -> Option<StoreResult<()>> {
        let engine = self.inner.engine.sqlite()?;
        let began = Instant::now();
        if !self.inner.short_pages.may_begin(began) {
            return None;
        }
        let (ran, carried) = carried::during(|| engine.try_inline(View::OfAll, &mut |db| work.run(db)));
        let ran = ran?;
        let now = Instant::now();
        ShortPages::rest_after(now - began, now);
        Some(ran.map(|ended_well| self.inner.short_pages.note(ended_well, carried)))
    }

    #[cfg(feature = "sqlite")]
    async fn page_on_its_lane(&self, mut work: Box<dyn Work>) -> Carried {
        let inner = Arc::clone(&self.inner);
        let job = move |ticket: &Ticket| {
            let read = || each!(&inner.engine, engine => engine.scan(ticket, &mut |db| work.run(db)));
            let (ran, carried) = carried::during(read);
            ran.map(|ended_well| {
                inner.short_pages.note(ended_well, carried);
                work
            })
        };
        self.inner.scan.run_by(job).await?
    }

    async fn scan_on_its_lane(&self, mut work: Box<dyn Work>) -> Carried {
        let inner = Arc::clone(&self.inner);
        let job = move |ticket: &Ticket| {
            let ran = each!(&inner.engine, engine => engine.scan(ticket, &mut |db| work.run(db)));
            ran.map(|_ended_well| work)
        };
        self.inner.scan.run_by(job).await?
    }

    /// Whether [`count_users_together`](Store::count_users_together) is the quicker way to the number of all users: PostgreSQL
    /// counts every row of an attached database, while SQLite does so from a page or two of an index.
    #[must_use]
    pub fn counts_together(&self) -> bool {
        !self.inner.layout.counter && !self.inner.engine.is_sqlite()
    }

    /// How many users there are, read after this was called, in one count for all who ask at the same time. May lag as
    /// [`scan`](Store::scan) may.
    ///
    /// # Errors
    /// As [`read`](Store::read).
    pub async fn count_users_together(&self) -> StoreResult<i64> {
        self.inner.count.get(async || self.scan(|db| db.count_users()).await).await
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
    /// the rest waits, within the same [`StoreOptions::wait`](crate::StoreOptions::wait), so that nobody else does. Writes
    /// that move much more than others, by what they bring or because of what their rows hold, have their own share of the
    /// time (a tenth while others are at work; on PostgreSQL also a quarter of the threads).
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
        let call = Box::new(Call::writing(f, committed));
        Call::<F, C, T, E>::outcome_of(self.write_in_turn(origin, call).await)
    }

    async fn write_in_turn(&self, origin: Origin, work: Box<dyn Work>) -> Carried {
        let due = Instant::now() + self.inner.wait;
        let turn = self.inner.turns.wait(origin, due).await?;
        let work = Box::new(InTurn { work, turn });
        match &self.inner.engine {
            #[cfg(feature = "sqlite")]
            Engine::Sqlite(engine) => {
                ShortPages::others_work();
                engine.write(origin, due.saturating_duration_since(Instant::now()), work).await
            }
            #[cfg(feature = "postgres")]
            Engine::Postgres(_) => {
                let leave = self.leave_to_write(origin, due).await?;
                let inner = Arc::clone(&self.inner);
                let job = move |ticket: &Ticket| inner.write_on_a_thread(ticket, origin, leave, work);
                self.inner.point.run_within(due.saturating_duration_since(Instant::now()), job).await?
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
}

#[cfg(feature = "postgres")]
impl Inner {
    /// A transaction of its own, on a thread of the point lane.
    fn write_on_a_thread(
        &self,
        ticket: &Ticket,
        origin: Origin,
        leave: Option<share::Leave>,
        mut work: Box<dyn Work>,
    ) -> Carried {
        let engine = self.engine.postgres().ok_or(StoreError::Worker)?;
        let mut write = || carried::during(|| engine.write(ticket, &mut |db| work.run(db)));
        let (ran, carried) = match leave {
            Some(leave) => leave.work(share::AFTER_WRITE, write),
            None => write(),
        };
        self.turns.learn(origin, carried);
        if ran? {
            work.committed();
        }
        Ok(work)
    }
}

/// A write and its turn among those of its account. The turn ends with the work: whoever waits for the answer may have gone
/// away long before.
struct InTurn {
    work: Box<dyn Work>,
    turn: Option<Turn>,
}

impl Work for InTurn {
    fn run(&mut self, db: &mut dyn Db) -> bool {
        let _turn = self.turn.take();
        self.work.run(db)
    }

    fn committed(&mut self) {
        self.work.committed();
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self.work.into_any()
    }
}
