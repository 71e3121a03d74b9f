//! SQLite's one writer: a thread that runs the queued closures, each in its own savepoint, commits once for all of
//! them, and then answers. A whole batch needs one fsync, and writers never wait for each other's lock.
//!
//! A large write is committed alone, and large writes get a tenth of the time while others write ([`shares`]). So
//! nobody waits for the megabytes of somebody else.
//!
//! A closure that fails or panics is rolled back to its savepoint and does not affect the others. If the
//! transaction cannot begin or commit, every closure in it fails with [`StoreError::Unavailable`].

mod counts;
mod line;
mod shares;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;
use rosterd_lanes::{Entrance, LaneError, LaneMetrics, Remaining, Ticket, wait_for};
use tokio::sync::oneshot;

pub(crate) use self::counts::WriterCounts;
use self::line::Line;
use crate::carried;
use crate::checkpointer::{self, Checkpointer};
use crate::findings;
use crate::fragments::Statement;
use crate::guard::guarded;
use crate::health::{self, Health};
use crate::pool::Connect;
use crate::sqlite::{Connector, Link, Queries, Sealing};
use crate::turns::Turns;
use crate::work::Work;
use crate::{Db, Layout, Origin, StoreError, StoreOptions, StoreResult, WriterMetrics};

/// The name of the thread.
const NAME: &str = "rosterd-writer";

/// Closures in one transaction at most: the last one's answer waits for all of them.
const BATCH: usize = 128;

/// The way to the thread. The thread ends when this is shut or dropped, and the queue has run dry.
pub(crate) struct Writer {
    queue: Entrance<Job>,
    /// The thread itself and the checkpointer's.
    threads: Remaining,
    /// How long the statements of one closure may take.
    limit: Duration,
    counts: Arc<WriterCounts>,
}

/// A queued closure.
struct Job {
    /// Whose write it is.
    origin: Origin,
    /// Whether somebody waits for it, and it is not too late.
    ticket: Arc<Ticket>,
    work: Box<dyn Work>,
    /// Whether it ended well, once it ran.
    ran: Option<StoreResult<bool>>,
    reply: oneshot::Sender<StoreResult<Box<dyn Work>>>,
}

impl Job {
    /// Runs the closure, which keeps its result; gives whether its writes are to stay.
    fn run(&mut self, db: &mut dyn Db) -> bool {
        if self.ticket.is_overdue() {
            return false;
        }
        let ran = guarded(&mut |db| self.work.run(db), db);
        // A caller who was told that it takes too long must not find it done after all.
        let late = matches!(ran, Ok(true)) && self.ticket.is_overdue();
        let ran = if late { Err(StoreError::unavailable(LaneError::Overdue)) } else { ran };
        let keep = matches!(ran, Ok(true));
        self.ran = Some(ran);
        keep
    }

    /// Sends the work with its result, or why there is none: the transaction may have been lost.
    fn answer(mut self, lost: Option<&str>) {
        let result = match (lost, self.ran) {
            (None, Some(Ok(true))) => {
                self.work.committed();
                Ok(self.work)
            }
            (_, Some(Ok(false))) => Ok(self.work),
            (_, Some(Err(error))) => Err(error),
            (Some(reason), _) => Err(StoreError::unavailable(reason)),
            (None, None) => Err(StoreError::Worker),
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
        let counts = Arc::<WriterCounts>::default();
        let checkpointer = if layout.wal && layout.is_standalone() {
            Some(Checkpointer::start(connector.clone(), threads.add(), Arc::clone(&counts))?)
        } else {
            None
        };
        let connector =
            if checkpointer.is_some() { connector.longest_log(checkpointer::LONGEST_LOG) } else { connector };
        let limit = options.statement_timeout;
        let place = Place { connector, layout, health, turns, limit, counts: Arc::clone(&counts) };
        let queued = Line::new(jobs, options);
        let here = threads.add();
        std::thread::Builder::new().name(NAME.to_owned()).spawn(move || {
            let _here = here;
            work_off(queued, &place, checkpointer.as_ref());
        })?;
        Ok(Self { queue: Entrance::new(sender), threads, limit, counts })
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

    /// How it stands as a lane.
    pub(crate) fn lane_metrics(&self) -> LaneMetrics {
        let (waiting, room) = self.queue.waiting();
        self.counts.lane.counted(NAME, 1, 0, waiting, room)
    }

    /// What it has written.
    pub(crate) fn metrics(&self) -> WriterMetrics {
        self.counts.counted()
    }

    /// Queues a closure, which must begin within `wait`, and waits until it is committed or rolled back.
    pub(crate) async fn run(
        &self,
        origin: Origin,
        wait: Duration,
        work: Box<dyn Work>,
    ) -> StoreResult<Box<dyn Work>> {
        let (reply, answer) = oneshot::channel();
        let ticket = Arc::new(Ticket::new(wait, Some(self.limit)));
        let job = Job { origin, ticket: Arc::clone(&ticket), work, ran: None, reply };
        let outcome = match self.queue.try_send(job) {
            Ok(()) => wait_for(answer, &ticket, || ticket.overdue()).await,
            Err(refused) => Err(refused),
        };
        outcome.inspect_err(|refused| self.counts.lane.refused(*refused)).map_err(StoreError::from)?
    }
}

/// Where the thread writes.
struct Place {
    connector: Connector,
    layout: Arc<Layout>,
    health: Arc<Health>,
    turns: Arc<Turns>,
    limit: Duration,
    counts: Arc<WriterCounts>,
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
        place.counts.lane.begins();
        let lost = commit(&mut batch, &mut link, place).err();
        place.counts.ends(began.elapsed(), lost.is_some());
        if let Some(reason) = &lost {
            // Those that had not begun are lost with the others.
            batch.done.extend(batch.waiting.drain(..).filter(|job| job.ticket.take_up()));
            tracing::warn!(reason, writes = batch.done.len(), "a transaction failed");
        }
        if batch.was_large {
            queued.shares.spent_on_large(began, Instant::now());
        } else {
            queued.shares.spent_on_others(Instant::now());
        }
        let writes = batch.done.len();
        place.counts.wrote(writes);
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
    waiting: VecDeque<Job>,
    done: Vec<Job>,
    /// One of those done was large: the rest is left for another transaction.
    was_large: bool,
}

impl Batch {
    /// These, but for those that nobody waits for. A job that is too late is dropped, and with it its sender: that is its
    /// answer.
    fn new(mut waiting: VecDeque<Job>) -> Self {
        waiting.retain(|job| job.ticket.is_waiting());
        Self { waiting, done: Vec::new(), was_large: false }
    }

    /// The next to be run.
    fn take_up(&mut self) -> Option<Job> {
        if self.was_large {
            return None;
        }
        std::iter::from_fn(|| self.waiting.pop_front()).find(|job| job.ticket.take_up())
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
    let mut seals = Sealing::default();
    while let Some(mut job) = batch.take_up() {
        place.counts.lane.waited(job.ticket.made().elapsed());
        let ran = run(&mut job, link, place, &mut seals);
        // Where a statement failed around it, it is lost with the others.
        batch.was_large |= *ran.as_ref().unwrap_or(&false);
        batch.done.push(job);
        ran?;
    }
    Queries::new(link, &place.layout).put_chains(seals.to_write())?;
    let wrote = changes(link)? != before;
    link.batch_execute("COMMIT")?;
    Ok(wrote)
}

/// Runs one closure in its savepoint; gives whether it was a large one. Its events are sealed after those of the closures
/// before it.
fn run(job: &mut Job, link: &mut Link, place: &Place, seals: &mut Sealing) -> StoreResult<bool> {
    Statement::new("SAVEPOINT rosterd_write").execute(&mut **link)?;
    let sealed_before = seals.clone();
    link.limit.set(place.limit);
    let (keep, carried) = carried::during(|| {
        let mut queries = Queries::new(link, &place.layout);
        queries.seals = Some(&mut *seals);
        job.run(&mut queries)
    });
    link.limit.lift();
    if !keep {
        *seals = sealed_before;
        Statement::new("ROLLBACK TO rosterd_write").execute(&mut **link)?;
    }
    Statement::new("RELEASE rosterd_write").execute(&mut **link)?;
    Ok(place.turns.learn(job.origin, carried))
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
