//! An opened SQLite database: where each kind of call finds its connection.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::BigInt;
use diesel::sqlite::{Sqlite, SqliteConnection};
use rosterd_lanes::Ticket;
use tempfile::TempDir;

use super::connect::{Connector, Link, MOST_CACHE, Purpose};
use super::file::{self, OpenFile};
use super::hold::Hold;
use super::inspect::inspect;
use super::leaving::Leaving;
use super::queries::{Queries, fold_anew, hash_clear_keys};
use crate::codes::Trouble;
use crate::findings;
use crate::fragments::Statement;
use crate::guard::{Aborted, guarded};
use crate::health::Health;
use crate::migrations::{self, Step};
use crate::options::cores;
use crate::pool::{Connect, Filling, Pool, Pooled, opening};
use crate::store::View;
use crate::turns::Turns;
use crate::url::Kind;
use crate::work::{Call, Run, Work};
use crate::writer::Writer;
use crate::{
    DatabaseUrl, Db, Layout, OpenError, Opening, OpeningWatch, Origin, Ownership, Search, StoreError,
    StoreMetrics, StoreOptions, StoreResult, Unready,
};

/// What the page caches of all inline connections may take together, beyond SQLite's own 2 MB each. Kibibytes.
const INLINE_CACHE: usize = 24 * 1024;

/// The same of the connections of the scan lane, where they keep nothing else. Kibibytes.
const SCAN_CACHE: usize = 24 * 1024;

/// Most of it that one of them gets: what the search of a common text touches in a million users, most of it to look at the copies
/// of those who are met before the page is full. Kibibytes.
const MOST_SCAN_CACHE: usize = 12 * 1024;

/// What the connections of the scan lane may keep of the users of an attached database together. Bytes.
const KEPT: usize = 24 * 1024 * 1024;

/// Pools by purpose. Readers cannot write.
pub(crate) struct Engine {
    /// For calls on the calling thread, which never wait for a lock.
    inline: Pool<Connector>,
    point: Pool<Connector>,
    scan: Pool<Connector>,
    walk: Pool<Connector>,
    writes: Writes,
    /// Keeps the read lock while many read: of a standalone database alone, and only one in WAL mode has such a lock.
    hold: Option<Hold>,
    /// Which file the connections are on.
    file: Arc<OpenFile>,
    /// `None` where there is nothing to be left in order.
    leaving: Option<Box<Leaving>>,
    layout: Arc<Layout>,
    health: Arc<Health>,
    /// How long a write may wait for its turn.
    wait: Duration,
    /// How long a closure's statements may take.
    statement_timeout: Duration,
    /// The folder of a throw-away database, removed with the store. Dropped last.
    _folder: Option<TempDir>,
}

enum Writes {
    Together(Writer),
    #[cfg(feature = "one-by-one")]
    OneByOne(super::one_by_one::OneByOne),
}

/// What is told of a file that cannot be written.
const READ_ONLY: &str = "the database file can only be read (attempt to write a read-only database)";

/// Where the file is, and the folder that goes with it if it is to be thrown away.
fn locate(url: &DatabaseUrl) -> Result<(String, Option<TempDir>), OpenError> {
    match url.kind() {
        Kind::SqliteFile(path) => Ok((path.clone(), None)),
        Kind::SqliteThrowAway => {
            let folder = tempfile::Builder::new().prefix("rosterd-").tempdir()?;
            let path = folder.path().join("rosterd.db");
            Ok((path.to_string_lossy().into_owned(), Some(folder)))
        }
        Kind::Postgres(_) => Err(OpenError::NotBuilt("this URL as SQLite")),
    }
}

/// Takes a step of the migrations of the database at this URL, if it is ours or empty.
pub(crate) fn migrate(options: &StoreOptions, step: Step) -> Result<Vec<String>, OpenError> {
    let (path, _folder) = locate(&options.url)?;
    file::ensure_there(&path, &StoreOptions { create: step == Step::Up, migrate: true, ..options.clone() })?;
    let refused = |error: StoreError| OpenError::connect(&options.url, &error);
    let connector = Connector::new(path, options).own(true);
    let mut conn = connector.connect().map_err(refused)?;
    let allowed = StoreOptions { migrate: true, ..options.clone() };
    if inspect(&mut conn).map_err(OpenError::Inspect)?.ownership(&allowed, &known()?)? == Ownership::Attached
    {
        return Ok(Vec::new());
    }
    connector.enable_wal(&mut conn).map_err(refused)?;
    take_step(&mut conn, step, &options.watch)
}

/// The versions of our migrations.
pub(crate) fn known() -> Result<Vec<String>, OpenError> {
    migrations::versions::<Sqlite>(&migrations::SQLITE)
}

/// Takes the step in one transaction, which keeps other processes out and takes back what failed.
fn take_step(
    conn: &mut SqliteConnection,
    step: Step,
    watch: &OpeningWatch,
) -> Result<Vec<String>, OpenError> {
    // Nothing is left in the file of API keys that were stored in clear.
    conn.batch_execute("PRAGMA secure_delete = ON")
        .map_err(|error| OpenError::Migration(error.to_string()))?;
    watch.tell(Opening::Waiting);
    conn.immediate_transaction(|conn| {
        migrations::take(conn, migrations::SQLITE, step, watch, fold_anew, hash_clear_keys)
            .map_err(Aborted::By)
    })
    .map_err(|aborted| match aborted {
        Aborted::By(error) => error,
        Aborted::Database(error) => OpenError::Migration(error.to_string()),
        Aborted::ByClosure => OpenError::Migration("it was given up".to_owned()),
    })
}

impl Engine {
    /// Connects, recognises, migrates what is ours, and prepares the pools.
    pub(crate) fn open(options: &StoreOptions, turns: &Arc<Turns>) -> Result<(Self, Arc<Layout>), OpenError> {
        let refused = |error: StoreError| OpenError::connect(&options.url, &error);
        options.watch.tell(Opening::Connecting);
        let (path, folder) = locate(&options.url)?;
        file::ensure_there(&path, options)?;
        let file = OpenFile::at(&path).map_err(|error| refused(StoreError::unavailable(error)))?;
        let file = Arc::new(file);
        file::tell_leftovers(&file);
        let read_only = file::read_only_part(&file);
        let connector = Connector::new(path, options).only(Arc::clone(&file));
        let unreadable = |error| refused(file::explained(error, read_only));
        let mut conn = connector.connect().map_err(unreadable)?;
        options.watch.tell(Opening::Looking);
        let mut schema = inspect(&mut conn).map_err(|error| match read_only {
            Some(_) => unreadable(error),
            None => OpenError::Inspect(error),
        })?;
        file::warn_when_read_only(&file, read_only);
        let ownership = schema.ownership(options, &known()?)?;
        let connector = connector.own(ownership == Ownership::Standalone);
        if ownership == Ownership::Standalone {
            file::warn_when_open_to_others(&file);
        }
        let may_migrate = options.migrate && read_only.is_none();
        if ownership == Ownership::Standalone && may_migrate {
            drop(conn);
            conn = connector.connect().map_err(refused)?;
            connector.enable_wal(&mut conn).map_err(refused)?;
            take_step(&mut conn, Step::Up, &options.watch)?;
            options.watch.tell(Opening::Looking);
            schema = inspect(&mut conn).map_err(OpenError::Inspect)?;
        }
        let options = &StoreOptions { migrate: may_migrate, ..options.clone() };
        let layout = Arc::new(schema.checked_layout(ownership, options)?);
        let health = Arc::new(Health::default());
        if conn.read_only {
            health.troubled_from_the_start(Trouble::ReadOnly, READ_ONLY);
        }
        drop(conn);

        let leaving = (layout.wal && folder.is_none() && read_only.is_none())
            .then(|| Box::new(Leaving::new(&connector, Arc::clone(&file), ownership)));
        let reader = connector.purpose(Purpose::Read);
        let pool = |connector, size, filling| {
            Pool::new(connector, size, options.wait, filling, opening()).map_err(refused)
        };
        // As many as request threads can run at once; a call that finds none free, or a lock, goes to the point lane.
        let inliner = reader.clone().cache(INLINE_CACHE / cores(), MOST_CACHE);
        let inliner = if layout.wal { inliner } else { inliner.waiting_for_nobody() };
        let inline = pool(inliner, cores(), Filling::Eager)?;
        let scanner = if layout.search == Search::Scan {
            reader.clone().keeping(KEPT / options.threads.max(1))
        } else {
            reader.clone().cache(SCAN_CACHE / options.threads.max(1), MOST_SCAN_CACHE)
        };
        let hold =
            if layout.wal && layout.is_standalone() { Some(Hold::start(reader.clone())?) } else { None };
        let together = |connector: Connector| {
            let (layout, health) = (Arc::clone(&layout), Arc::clone(&health));
            Writer::start(connector.cache(MOST_CACHE, MOST_CACHE), layout, health, Arc::clone(turns), options)
        };
        #[cfg(feature = "one-by-one")]
        let writes = if options.group_commit {
            Writes::Together(together(connector)?)
        } else {
            let pool = |size, filling| pool(connector, size, filling);
            Writes::OneByOne(super::one_by_one::OneByOne::start(options, pool)?)
        };
        #[cfg(not(feature = "one-by-one"))]
        let writes = Writes::Together(together(connector)?);
        let engine = Self {
            inline,
            point: pool(reader.clone(), options.threads, Filling::Lazy)?,
            scan: pool(scanner, options.threads, Filling::Lazy)?,
            walk: pool(reader, crate::stream::THREADS, Filling::Lazy)?,
            writes,
            hold,
            file,
            leaving,
            layout: Arc::clone(&layout),
            health,
            wait: options.wait,
            statement_timeout: options.statement_timeout,
            _folder: folder,
        };
        Ok((engine, layout))
    }

    /// Ends the writer when it has written all that waits, closes every connection, and leaves the database as one file
    /// unless another process has it open; `false` when some work or connection would not end. Blocks until then at
    /// most, and a moment for the file.
    pub(crate) fn close(&self, until: Instant) -> bool {
        let written = match &self.writes {
            Writes::Together(writer) => {
                writer.shut();
                writer.ended_by(until)
            }
            #[cfg(feature = "one-by-one")]
            Writes::OneByOne(writers) => writers.close(until),
        };
        let pools = || [&self.inline, &self.point, &self.scan, &self.walk].into_iter();
        pools().for_each(Pool::shut);
        let mut read = pools().filter(|pool| !pool.closed_by(until)).count() == 0;
        if let Some(hold) = &self.hold {
            read &= hold.closed_by(until);
        }
        if let Some(leaving) = &self.leaving {
            leaving.leave_one_file();
        }
        written && read
    }

    /// Whether the file is still the one that was opened.
    pub(crate) fn ensure_in_place(&self) -> StoreResult<()> {
        self.file.ensure_in_place()
    }

    /// What keeps it from its work, as far as the calls so far have shown.
    pub(crate) fn trouble(&self) -> Option<Unready> {
        if self.file.is_lost() {
            return Some(Unready::LostFile);
        }
        self.health.known().map(|known| known.trouble.into())
    }

    /// Adds how pools, writer and log stand.
    pub(crate) fn add_metrics(&self, metrics: &mut StoreMetrics) {
        let pools =
            [("inline", &self.inline), ("point", &self.point), ("scan", &self.scan), ("stream", &self.walk)];
        metrics.pools = pools.map(|(name, pool)| pool.metrics(name)).into();
        metrics.log_bytes = if self.layout.wal { self.file.log_bytes() } else { None };
        match &self.writes {
            Writes::Together(writer) => {
                metrics.lanes.push(writer.lane_metrics());
                metrics.writer = Some(writer.metrics());
            }
            #[cfg(feature = "one-by-one")]
            Writes::OneByOne(_) => {}
        }
    }

    /// Runs the closure here and now if that can block nobody; `None`: it did not run.
    pub(crate) fn try_inline(&self, view: View, run: Run<'_>) -> Option<StoreResult<bool>> {
        let mut pooled = self.inline.try_get()?;
        if let Some(hold) = &self.hold {
            hold.reads();
        }
        if self.layout.wal {
            return Some(self.run(pooled, view, run));
        }
        // A writer keeps readers out while it commits. Who has the read lock before the call begins waits for nobody.
        if !begin_reading(pooled.conn()) {
            return None;
        }
        Some(self.on_loan(pooled, &mut |link| self.read_to_the_end(link, run)))
    }

    /// Runs a point read; blocks.
    pub(crate) fn point(&self, ticket: &Ticket, view: View, run: Run<'_>) -> StoreResult<bool> {
        self.run(self.point.get(ticket.due())?, view, run)
    }

    /// Runs a list or a search; blocks.
    pub(crate) fn scan(&self, ticket: &Ticket, run: Run<'_>) -> StoreResult<bool> {
        self.run(self.scan.get(ticket.due())?, View::OfAll, run)
    }

    /// Runs a walk over everything; blocks for as long as it takes.
    pub(crate) fn walk(&self, ticket: &Ticket, run: Run<'_>) -> StoreResult<bool> {
        let pooled = self.walk.get(ticket.due())?;
        self.on_loan(pooled, &mut |link| guarded(run, &mut Queries::new(link, &self.layout)))
    }

    /// Runs a transaction, which must begin within `wait`; gives the work back, which keeps what came of it.
    pub(crate) async fn write(
        &self,
        origin: Origin,
        wait: Duration,
        work: Box<dyn Work>,
    ) -> StoreResult<Box<dyn Work>> {
        match &self.writes {
            Writes::Together(writer) => writer.run(origin, wait, work).await,
            #[cfg(feature = "one-by-one")]
            Writes::OneByOne(writers) => {
                let (layout, health) = (Arc::clone(&self.layout), Arc::clone(&self.health));
                writers.run(Arc::clone(&self.file), (layout, health), wait, work).await
            }
        }
    }

    /// Whether the database takes writes as far as is known; where that is in doubt, a transaction tries.
    /// Changes nothing.
    pub(crate) async fn check_writes(&self) -> StoreResult<()> {
        let Some(known) = self.health.known() else { return Ok(()) };
        let nothing = Call::reading(|_db: &mut dyn Db| Ok::<_, StoreError>(()));
        self.write(Origin::default(), self.wait, Box::new(nothing)).await?;
        if !known.is_over_when_a_try_works() {
            return Err(StoreError::unavailable(known.reason));
        }
        self.health.is_well_again();
        Ok(())
    }

    fn run(&self, pooled: Pooled<Connector>, view: View, run: Run<'_>) -> StoreResult<bool> {
        self.on_loan(pooled, &mut |link| {
            link.limit.set(self.statement_timeout);
            if view == View::OfStatement {
                return guarded(run, &mut Queries::new(link, &self.layout));
            }
            // Takes no lock yet: the first statement does.
            Statement::new("BEGIN").execute(&mut link.conn).map_err(StoreError::from)?;
            self.read_to_the_end(link, run)
        })
    }

    /// Runs the call in the read transaction that was begun, and ends it.
    fn read_to_the_end(&self, link: &mut Link, run: Run<'_>) -> StoreResult<bool> {
        link.limit.set(self.statement_timeout);
        let mut queries = Queries::new(&mut link.conn, &self.layout);
        queries.memory = link.kept.as_mut();
        let result = guarded(run, &mut queries);
        if let Err(error) = Statement::new("COMMIT").execute(queries.conn) {
            tracing::warn!(%error, "a read transaction could not be ended; its connection is closed");
            findings::note_unusable();
        }
        result
    }

    /// Works on a connection and settles what becomes of it.
    fn on_loan(
        &self,
        mut pooled: Pooled<Connector>,
        work: &mut dyn FnMut(&mut Link) -> StoreResult<bool>,
    ) -> StoreResult<bool> {
        let (result, found) = findings::during(|| work(pooled.conn()));
        pooled.conn().limit.lift();
        if found != findings::Findings::default() {
            self.health.take_in(&found);
            pooled.settle(found.verdict);
        }
        result
    }
}

/// Begins a read transaction and takes its lock; `false`, and nothing has begun, where that is not possible at once.
fn begin_reading(link: &mut Link) -> bool {
    if Statement::new("BEGIN").execute(&mut link.conn).is_err() {
        return false;
    }
    let locked = Statement::new("PRAGMA data_version").rows::<BigInt>().get_result::<i64>(&mut link.conn);
    // Whatever is wrong, the point lane meets it too and says so.
    locked.is_ok() || {
        let _nothing_was_begun = Statement::new("ROLLBACK").execute(&mut link.conn);
        false
    }
}
