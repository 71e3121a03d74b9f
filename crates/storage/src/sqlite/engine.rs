//! An opened SQLite database: where each kind of call finds its connection.

use std::sync::Arc;
use std::time::Instant;

use diesel::RunQueryDsl as _;
use diesel::sqlite::{Sqlite, SqliteConnection};
use tempfile::TempDir;

use super::connect::{Connector, MOST_CACHE, Purpose};
use super::inspect::inspect;
use super::leaving;
use super::queries::{Session, fold_anew};
use crate::fragments::Statement;
use crate::migrations::{self, Step};
use crate::options::cores;
use crate::pool::{Connect, Filling, Pool, Pooled};
use crate::store::{Aborted, View, guarded};
use crate::url::Kind;
use crate::writer::Writer;
use crate::{DatabaseUrl, Db, Lane, Layout, OpenError, Ownership, StoreError, StoreOptions};

/// Connections of the measured alternative to the writer, see [`StoreOptions::group_commit`], and the threads that wait
/// for one of them: as many as actix-web has for blocking calls.
const WRITERS: usize = 4;
const WAITING_WRITERS: usize = 512;

/// What the page caches of all inline connections may take together, beyond SQLite's own 2 MB each. Kibibytes.
const INLINE_CACHE: usize = 24 * 1024;

/// Pools by purpose. Readers cannot write.
pub(crate) struct Engine {
    /// For calls on the calling thread; only in WAL mode, where a reader waits for nobody.
    inline: Option<Pool<Connector>>,
    point: Pool<Connector>,
    scan: Pool<Connector>,
    walk: Pool<Connector>,
    writes: Writes,
    /// For the last connection of all.
    connector: Connector,
    layout: Arc<Layout>,
    /// The folder of a throw-away database, removed with the store. Dropped last.
    folder: Option<TempDir>,
}

enum Writes {
    Together(Writer),
    OneByOne { lane: Lane, pool: Arc<Pool<Connector>> },
}

/// Where the file is, and the folder that goes with it if it is to be thrown away.
fn locate(url: &DatabaseUrl) -> Result<(String, Option<TempDir>), OpenError> {
    match url.kind() {
        Kind::SqliteFile(path) => Ok((path.clone(), None)),
        Kind::SqliteThrowAway => {
            let folder = tempfile::Builder::new().prefix("rosterd-").tempdir()?;
            let path = folder.path().join("rosterd.db");
            Ok((path.to_string_lossy().into_owned(), Some(folder)))
        }
        Kind::Postgres(_) => Err(OpenError::NotBuilt("this address as SQLite")),
    }
}

/// Takes a step of the migrations of the database at this address, if it is ours or empty.
pub(crate) fn migrate(options: &StoreOptions, step: Step) -> Result<Vec<String>, OpenError> {
    let (path, _folder) = locate(&options.url)?;
    let refused = |error: StoreError| OpenError::connect(&options.url, &error);
    let connector = Connector::new(path, options).own(true);
    let mut conn = connector.connect().map_err(refused)?;
    let allowed = StoreOptions { migrate: true, ..options.clone() };
    if inspect(&mut conn).map_err(OpenError::Inspect)?.ownership(&allowed, &known()?)? == Ownership::Attached
    {
        return Ok(Vec::new());
    }
    Connector::enable_wal(&mut conn).map_err(refused)?;
    take_step(&mut conn, step)
}

/// The versions of our migrations.
fn known() -> Result<Vec<String>, OpenError> {
    migrations::versions::<Sqlite>(&migrations::SQLITE)
}

/// Takes the step in one transaction, which keeps other processes out and takes back what failed.
fn take_step(conn: &mut SqliteConnection, step: Step) -> Result<Vec<String>, OpenError> {
    conn.immediate_transaction(|conn| {
        migrations::take(conn, migrations::SQLITE, step, fold_anew).map_err(Aborted::By)
    })
    .map_err(|aborted| match aborted {
        Aborted::By(error) => error,
        Aborted::Database(error) => OpenError::Migration(error.to_string()),
    })
}

impl Engine {
    /// Connects, recognises, migrates what is ours, and prepares the pools.
    pub(crate) fn open(options: &StoreOptions) -> Result<(Self, Arc<Layout>), OpenError> {
        let (path, folder) = locate(&options.url)?;
        let connector = Connector::new(path, options);
        let refused = |error: StoreError| OpenError::connect(&options.url, &error);
        let mut conn = connector.connect().map_err(refused)?;
        let mut schema = inspect(&mut conn).map_err(OpenError::Inspect)?;
        let ownership = schema.ownership(options, &known()?)?;
        let connector = connector.own(ownership == Ownership::Own);
        if ownership == Ownership::Own && options.migrate {
            drop(conn);
            conn = connector.connect().map_err(refused)?;
            Connector::enable_wal(&mut conn).map_err(refused)?;
            take_step(&mut conn, Step::Up)?;
            schema = inspect(&mut conn).map_err(OpenError::Inspect)?;
        }
        let layout = Arc::new(schema.checked_layout(ownership, &options.url)?);
        drop(conn);

        let reader = connector.purpose(Purpose::Read);
        let pool = |size, filling| Pool::new(reader.clone(), size, options.wait, filling).map_err(refused);
        // As many as request threads can run at once; a call that finds none free goes to the point lane.
        let inline = if layout.wal {
            let reader = reader.clone().cache(INLINE_CACHE / cores());
            Some(Pool::new(reader, cores(), options.wait, Filling::Eager).map_err(refused)?)
        } else {
            None
        };
        let writes = if options.group_commit {
            Writes::Together(Writer::start(
                connector.clone().cache(MOST_CACHE),
                Arc::clone(&layout),
                options.queue,
                options.wait,
            )?)
        } else {
            let lane = Lane::new("rosterd-write", WAITING_WRITERS, options.queue, options.wait)?;
            let pool = Pool::new(connector.clone(), WRITERS, options.wait, Filling::Lazy).map_err(refused)?;
            Writes::OneByOne { lane, pool: Arc::new(pool) }
        };
        let engine = Self {
            inline,
            point: pool(options.threads, Filling::Lazy)?,
            scan: pool(options.threads, Filling::Lazy)?,
            walk: pool(crate::stream::THREADS, Filling::Lazy)?,
            writes,
            connector,
            layout: Arc::clone(&layout),
            folder,
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
            Writes::OneByOne { lane, pool } => {
                lane.shut();
                let ended = lane.ended_by(until);
                pool.shut();
                pool.closed_by(until) && ended
            }
        };
        let pools = || self.inline.iter().chain([&self.point, &self.scan, &self.walk]);
        pools().for_each(Pool::shut);
        let read = pools().filter(|pool| !pool.closed_by(until)).count() == 0;
        if self.layout.wal && self.folder.is_none() {
            leaving::as_one_file(&self.connector, self.layout.is_own());
        }
        written && read
    }

    /// Runs `f` here and now if that can block nobody; gives it back otherwise.
    pub(crate) fn try_inline<T, E, F>(&self, view: View, f: F) -> Result<Result<T, E>, F>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E>,
        E: From<StoreError>,
    {
        match self.inline.as_ref().and_then(Pool::try_get) {
            Some(pooled) => Ok(self.run(pooled, view, f)),
            None => Err(f),
        }
    }

    /// Runs a point read; blocks.
    pub(crate) fn point<T, E, F>(&self, view: View, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E>,
        E: From<StoreError>,
    {
        self.run(self.point.get()?, view, f)
    }

    /// Runs a list or a search; blocks.
    pub(crate) fn scan<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E>,
        E: From<StoreError>,
    {
        self.run(self.scan.get()?, View::OfAll, f)
    }

    /// Runs a walk over everything; blocks for as long as it takes.
    pub(crate) fn walk<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E>,
        E: From<StoreError>,
    {
        self.run(self.walk.get()?, View::OfStatement, f)
    }

    /// Runs a transaction.
    pub(crate) async fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.writes {
            Writes::Together(writer) => writer.run(f).await,
            Writes::OneByOne { lane, pool } => {
                let (pool, layout) = (Arc::clone(pool), Arc::clone(&self.layout));
                lane.run(move || write_alone(&pool, &layout, f)).await.map_err(StoreError::from)?
            }
        }
    }

    fn run<T, E, F>(&self, mut pooled: Pooled<Connector>, view: View, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E>,
        E: From<StoreError>,
    {
        let mut session = Session::new(pooled.conn(), &self.layout);
        if view == View::OfStatement {
            return guarded(f, &mut session);
        }
        // Takes no lock yet: the first statement does.
        Statement::new("BEGIN").execute(session.conn).map_err(StoreError::from)?;
        let result = guarded(f, &mut session);
        if let Err(error) = Statement::new("COMMIT").execute(session.conn) {
            tracing::warn!(%error, "a read could not be ended; its connection is closed");
            pooled.discard();
        }
        result
    }
}

/// One closure in a transaction of its own.
fn write_alone<T, E, F>(pool: &Pool<Connector>, layout: &Layout, f: F) -> Result<T, E>
where
    F: FnOnce(&mut dyn Db) -> Result<T, E>,
    E: From<StoreError>,
{
    let mut pooled = pool.get()?;
    let conn = pooled.conn();
    conn.immediate_transaction(|conn| guarded(f, &mut Session::new(conn, layout)).map_err(Aborted::By))
        .map_err(Aborted::into_cause)
}
