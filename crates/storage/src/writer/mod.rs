//! SQLite's one writer: a thread that runs the queued closures, each in its own savepoint, commits once for all of
//! them, and then answers. A whole batch needs one fsync, and writers never wait for each other's lock.
//!
//! A large write is committed alone, and large writes get a tenth of the time while others write ([`shares`]). So
//! nobody waits for the megabytes of somebody else.
//!
//! A closure that fails or panics is rolled back to its savepoint and does not affect the others. If the
//! transaction cannot begin or commit, every closure in it fails with [`StoreError::Unavailable`].

mod line;
mod shares;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;
use rosterd_lanes::{Entrance, LaneError, Remaining, Ticket, wait_for};
use tokio::sync::oneshot;

use self::line::Line;
use crate::carried;
use crate::checkpointer::{self, Checkpointer};
use crate::findings;
use crate::fragments::Statement;
use crate::health::{self, Health};
use crate::pool::Connect;
use crate::sqlite::{Connector, Link, Queries};
use crate::turns::Turns;
use crate::{Db, Layout, Origin, StoreError, StoreOptions, StoreResult};

/// Closures in one transaction at most: the last one's answer waits for all of them.
const BATCH: usize = 128;

/// The way to the thread. The thread ends when this is shut or dropped, and the queue has run dry.
pub(crate) struct Writer {
    queue: Entrance<Box<dyn Job>>,
    /// The thread itself and the checkpointer's.
    threads: Remaining,
    /// How long the statements of one closure may take.
    limit: Duration,
}

/// A queued closure with its types erased.
trait Job: Send {
    /// Whose write it is.
    fn origin(&self) -> Origin;
    /// Whether somebody waits for it, and it is not too late.
    fn is_waiting(&self) -> bool;
    /// Takes up the job unless it is too late for that.
    fn take_up(&self) -> bool;
    /// Runs the closure and keeps its result; gives whether its writes are to stay.
    fn run(&mut self, db: &mut dyn Db) -> bool;
    /// Sends the result, which is an error if the transaction was lost.
    fn answer(self: Box<Self>, lost: Option<&str>);
}

struct Closure<F, T, E, C> {
    origin: Origin,
    ticket: Arc<Ticket>,
    work: Option<F>,
    result: Option<Result<T, E>>,
    committed: C,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E, C> Job for Closure<F, T, E, C>
where
    F: FnOnce(&mut dyn Db) -> Result<T, E> + Send,
    C: FnOnce(&mut T) + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn origin(&self) -> Origin {
        self.origin
    }

    fn is_waiting(&self) -> bool {
        self.ticket.is_waiting()
    }

    fn take_up(&self) -> bool {
        self.ticket.take_up()
    }

    fn run(&mut self, db: &mut dyn Db) -> bool {
        let Some(work) = self.work.take().filter(|_| !self.ticket.is_overdue()) else { return false };
        let result = catch_unwind(AssertUnwindSafe(|| work(db))).unwrap_or_else(|_panic| {
            tracing::error!("a write panicked; it was rolled back");
            Err(StoreError::Worker.into())
        });
        // A caller who was told that it takes too long must not find it done after all.
        let late = result.is_ok() && self.ticket.is_overdue();
        let result = if late { Err(StoreError::unavailable(LaneError::Overdue).into()) } else { result };
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, lost: Option<&str>) {
        let result = match (lost, self.result) {
            (None, Some(Ok(mut value))) => {
                (self.committed)(&mut value);
                Ok(value)
            }
            (None | Some(_), Some(result @ Err(_))) => result,
            (Some(reason), _) => Err(StoreError::unavailable(reason).into()),
            (None, None) => Err(StoreError::Worker.into()),
        };
        self.ticket.end();
        // Nobody listening means that the client went away; the write stands.
        let _gone = self.reply.send(result);
    }
}

impl Writer {
    /// Starts the thread. It connects when the first write comes.
    pub(crate) fn start(
        connector: Connector,
        layout: Arc<Layout>,
        health: Arc<Health>,
        turns: Arc<Turns>,
        options: &StoreOptions,
    ) -> std::io::Result<Self> {
        let (sender, jobs) = bounded(options.queue.max(1));
        let threads = Remaining::default();
        // The log of an attached database is left to its own program's ways.
        let checkpointer = if layout.wal && layout.is_standalone() {
            Some(Checkpointer::start(connector.clone(), threads.add())?)
        } else {
            None
        };
        let connector =
            if checkpointer.is_some() { connector.longest_log(checkpointer::LONGEST_LOG) } else { connector };
        let limit = options.statement_timeout;
        let name = "rosterd-writer".to_owned();
        let place = Place { connector, layout, health, turns, limit };
        let queued = Line::new(jobs, options);
        let here = threads.add();
        std::thread::Builder::new().name(name).spawn(move || {
            let _here = here;
            work_off(queued, &place, checkpointer.as_ref());
        })?;
        Ok(Self { queue: Entrance::new(sender), threads, limit })
    }

    /// Takes no more closures; those that wait are still carried out. Returns at once.
    pub(crate) fn shut(&self) {
        self.queue.shut();
    }

    /// Waits until a [shut](Writer::shut) writer has written everything and closed its connections; `false` when it has
    /// not at that moment.
    pub(crate) fn ended_by(&self, until: Instant) -> bool {
        self.threads.none_by(until)
    }

    /// Queues a closure, which must begin within `wait`, and waits until it is committed or rolled back.
    pub(crate) async fn run<T, E, F, C>(
        &self,
        origin: Origin,
        wait: Duration,
        closure: F,
        committed: C,
    ) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E> + Send + 'static,
        C: FnOnce(&mut T) + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let ticket = Arc::new(Ticket::new(wait, Some(self.limit)));
        let (work, result) = (Some(closure), None);
        let job = Closure { origin, ticket: Arc::clone(&ticket), work, result, committed, reply };
        self.queue.try_send(Box::new(job)).map_err(StoreError::from)?;
        wait_for(answer, &ticket, || ticket.overdue()).await.map_err(StoreError::from)?
    }
}

/// Where the thread writes.
struct Place {
    connector: Connector,
    layout: Arc<Layout>,
    health: Arc<Health>,
    turns: Arc<Turns>,
    limit: Duration,
}

/// The thread's life: one batch after another.
fn work_off(mut queued: Line, place: &Place, checkpointer: Option<&Checkpointer>) {
    let mut link = None;
    while let Some(waiting) = queued.next(&place.turns) {
        let mut batch = Batch::new(waiting);
        if batch.waiting.is_empty() {
            continue;
        }
        let began = Instant::now();
        let lost = commit(&mut batch, &mut link, place).err();
        if let Some(reason) = &lost {
            // Those that had not begun are lost with the others.
            batch.done.extend(batch.waiting.drain(..).filter(|job| job.take_up()));
            tracing::warn!(reason, writes = batch.done.len(), "a transaction failed");
        }
        if batch.was_large {
            queued.shares.spent_on_large(began, Instant::now());
        } else {
            queued.shares.spent_on_others(Instant::now());
        }
        let writes = batch.done.len();
        for job in batch.done {
            job.answer(lost.as_deref());
        }
        queued.put_back(batch.waiting, &place.turns);
        if let Some(checkpointer) = checkpointer {
            checkpointer.wrote(writes);
        }
    }
}

/// What is written together.
struct Batch {
    waiting: VecDeque<Box<dyn Job>>,
    done: Vec<Box<dyn Job>>,
    /// One of those done was large: the rest is left for another transaction.
    was_large: bool,
}

impl Batch {
    /// These, but for those that nobody waits for. A job that is too late is dropped, and with it its sender: that is its
    /// answer.
    fn new(mut waiting: VecDeque<Box<dyn Job>>) -> Self {
        waiting.retain(|job| job.is_waiting());
        Self { waiting, done: Vec::new(), was_large: false }
    }

    /// The next to be run.
    fn take_up(&mut self) -> Option<Box<dyn Job>> {
        if self.was_large {
            return None;
        }
        std::iter::from_fn(|| self.waiting.pop_front()).find(|job| job.take_up())
    }
}

/// Runs a batch in one transaction. `Err` says why nothing of it was written.
fn commit(batch: &mut Batch, link: &mut Option<Link>, place: &Place) -> Result<(), String> {
    let (outcome, found) = findings::during(|| {
        place.connector.ensure_in_place()?;
        // A connection on which a transaction failed is closed with it: it may be one to a file that could only be read.
        let mut conn = match link.take() {
            Some(conn) => conn,
            None => place.connector.connect()?,
        };
        let wrote = run_all(batch, &mut conn, place)?;
        // After the commit, so that nothing is confirmed that went into a file which has no name any more.
        ensure_kept(link.insert(conn), place)?;
        StoreResult::Ok(wrote)
    });
    place.health.take_in(&found);
    match (outcome, found.trouble) {
        (Ok(wrote), None) if wrote => place.health.is_well_again(),
        (Ok(_), _) => {}
        // SQLite ends a transaction by itself where the file fails; what fails after that is not the reason.
        (Err(_), Some((_, reason))) | (Err(StoreError::Unavailable { reason }), None) => return Err(reason),
        (Err(StoreError::Database(error)), None) => return Err(error.to_string()),
        (Err(error), None) => return Err(error.to_string()),
    }
    Ok(())
}

/// Whether anything was written is only found out where somebody wants to know.
fn run_all(batch: &mut Batch, link: &mut Link, place: &Place) -> StoreResult<bool> {
    let troubled = place.health.is_troubled();
    let changes = |link: &mut Link| if troubled { total_changes(link) } else { Ok(0) };
    link.batch_execute("BEGIN IMMEDIATE")?;
    if troubled {
        link.batch_execute(health::TRY)?;
    }
    let before = changes(link)?;
    while let Some(mut job) = batch.take_up() {
        let ran = run(&mut job, link, place);
        // Where a statement failed around it, it is lost with the others.
        batch.was_large |= *ran.as_ref().unwrap_or(&false);
        batch.done.push(job);
        ran?;
    }
    let wrote = changes(link)? != before;
    link.batch_execute("COMMIT")?;
    Ok(wrote)
}

/// Runs one closure in its savepoint; gives whether it was a large one.
fn run(job: &mut Box<dyn Job>, link: &mut Link, place: &Place) -> StoreResult<bool> {
    Statement::new("SAVEPOINT rosterd_write").execute(&mut **link)?;
    link.limit.set(place.limit);
    let (keep, carried) = carried::during(|| job.run(&mut Queries::new(link, &place.layout)));
    link.limit.lift();
    if !keep {
        Statement::new("ROLLBACK TO rosterd_write").execute(&mut **link)?;
    }
    Statement::new("RELEASE rosterd_write").execute(&mut **link)?;
    Ok(place.turns.learn(job.origin(), carried))
}

/// Whether what was just committed can be found again.
fn ensure_kept(link: &mut Link, place: &Place) -> StoreResult<()> {
    place.connector.ensure_in_place()?;
    if place.layout.wal { place.connector.ensure_log_in_place(link) } else { Ok(()) }
}

/// Rows that the connection has changed since it was opened.
fn total_changes(conn: &mut SqliteConnection) -> StoreResult<i64> {
    Ok(diesel::dsl::sql::<BigInt>("SELECT total_changes()").get_result(conn)?)
}
