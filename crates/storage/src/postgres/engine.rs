//! An opened PostgreSQL database: where each kind of call finds its connection.

use std::sync::Arc;
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::pg::{Pg, PgConnection};
use diesel::sql_types::{BigInt, Bool, Nullable};
use diesel::{Connection, RunQueryDsl};
use rosterd_lanes::Ticket;

use super::connect::{Connector, Link, NO_STATEMENT_TIMEOUT};
use super::inspect::inspect_named;
use super::queries::{Queries, fold_anew, hash_clear_keys};
use crate::codes::{Trouble, Verdict};
use crate::findings;
use crate::guard::{Aborted, ended, guarded, kept};
use crate::health::{self, Health};
use crate::inspect::Schema;
use crate::migrations::{self, Step};
use crate::pool::{Connect, Filling, Pool, connecting};
use crate::readiness;
use crate::store::View;
use crate::work::Run;
use crate::{
    Layout, OpenError, Opening, OpeningWatch, Ownership, StoreError, StoreMetrics, StoreOptions, StoreResult,
    Unready,
};

/// Pools by purpose; the last two are on the replica where there is one.
pub(crate) struct Engine {
    point: Pool<Connector>,
    scan: Pool<Connector>,
    walk: Pool<Connector>,
    layout: Arc<Layout>,
    health: Health,
}

/// What a server says that takes no writes.
const READ_ONLY: &str = "PostgreSQL takes no writes (transaction_read_only is on)";

/// Takes a step of the migrations of the database at this URL, if it is ours or empty.
pub(crate) fn migrate(options: &StoreOptions, step: Step) -> Result<Vec<String>, OpenError> {
    let mut link = first_connection(options)?;
    let allowed = StoreOptions { migrate: true, ..options.clone() };
    if look(&mut link, options)?.ownership(&allowed, &known()?)? == Ownership::Attached {
        return Ok(Vec::new());
    }
    take_step(&mut link, step, &options.watch)
}

/// A connection, or the reason in the server's own words.
fn first_connection(options: &StoreOptions) -> Result<Link, OpenError> {
    let connector = Connector::new(&options.url, options)?;
    connector.connect().map_err(|error| OpenError::connect(&options.url, &error))
}

/// What the database says about itself.
fn look(link: &mut Link, options: &StoreOptions) -> Result<Schema, OpenError> {
    inspect_named(&mut link.conn, options.url.schema()).map_err(OpenError::Inspect)
}

/// The versions of our migrations.
pub(crate) fn known() -> Result<Vec<String>, OpenError> {
    migrations::versions::<Pg>(&migrations::POSTGRES)
}

/// Takes the step in one transaction, while no other process does.
fn take_step(link: &mut Link, step: Step, watch: &OpeningWatch) -> Result<Vec<String>, OpenError> {
    link.conn
        .transaction(|conn| {
            conn.batch_execute(NO_STATEMENT_TIMEOUT)?;
            watch.tell(Opening::Waiting);
            // A lock of the transaction and not of the session, which a pooler may give to somebody else.
            conn.batch_execute("SELECT pg_advisory_xact_lock(x'726f737400000000'::bigint)")?;
            migrations::take(conn, migrations::POSTGRES, step, watch, fold_anew, hash_clear_keys)
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
    pub(crate) fn open(options: &StoreOptions) -> Result<(Self, Arc<Layout>), OpenError> {
        options.watch.tell(Opening::Connecting);
        let mut link = first_connection(options)?;
        options.watch.tell(Opening::Looking);
        let mut schema = look(&mut link, options)?;
        let ownership = schema.ownership(options, &known()?)?;
        if ownership == Ownership::Standalone && options.migrate {
            take_step(&mut link, Step::Up, &options.watch)?;
            options.watch.tell(Opening::Looking);
            schema = look(&mut link, options)?;
        }
        let layout = Arc::new(schema.checked_layout(ownership, options)?);
        let health = Health::default();
        if is_read_only(&mut link.conn).map_err(OpenError::Inspect)? {
            health.troubled_by(Trouble::ReadOnly, READ_ONLY);
        }

        let main = Connector::new(&options.url, options)?;
        let to_main = connecting();
        let (reader, to_reader) = match &options.read_replica_url {
            Some(url) => (Connector::new(url, options)?, connecting()),
            None => (main.clone(), Arc::clone(&to_main)),
        };
        let walker = reader.clone();
        // As many again as there are threads: for the substitutes of those that hang with their connection.
        let pool = |connector, threads: usize, connecting| {
            Pool::new(connector, threads.max(1) * 2, options.wait, Filling::Lazy, connecting)
                .map_err(|error| OpenError::connect(&options.url, &error))
        };
        let engine = Self {
            point: pool(main, options.threads, to_main)?,
            scan: pool(reader, options.threads, Arc::clone(&to_reader))?,
            walk: pool(walker, crate::stream::THREADS, to_reader)?,
            layout: Arc::clone(&layout),
            health,
        };
        Ok((engine, layout))
    }

    /// Closes every connection; `false` when one was still on loan at that moment.
    pub(crate) fn close(&self, until: Instant) -> bool {
        let pools = [&self.point, &self.scan, &self.walk];
        pools.into_iter().for_each(Pool::shut);
        pools.into_iter().filter(|pool| !pool.closed_by(until)).count() == 0
    }

    /// What keeps it from its work, as far as the calls so far have shown.
    pub(crate) fn trouble(&self) -> Option<Unready> {
        self.health.known().map(|known| known.trouble.into())
    }

    /// Adds how the pools stand.
    pub(crate) fn add_metrics(&self, metrics: &mut StoreMetrics) {
        let pools = [("point", &self.point), ("scan", &self.scan), ("stream", &self.walk)];
        metrics.pools = pools.map(|(name, pool)| pool.metrics(name)).into();
    }

    /// Runs a point read; blocks.
    pub(crate) fn point(&self, ticket: &Ticket, _view: View, run: Run<'_>) -> StoreResult<bool> {
        self.on_loan(&self.point, ticket, &mut |conn| self.read(conn, run))
    }

    /// Runs a list or a search; blocks.
    pub(crate) fn scan(&self, ticket: &Ticket, run: Run<'_>) -> StoreResult<bool> {
        self.on_loan(&self.scan, ticket, &mut |conn| self.read(conn, run))
    }

    /// Runs a walk over everything; blocks for as long as it takes.
    pub(crate) fn walk(&self, ticket: &Ticket, run: Run<'_>) -> StoreResult<bool> {
        self.on_loan(&self.walk, ticket, &mut |conn| {
            ended(conn.transaction(|conn| {
                conn.batch_execute(NO_STATEMENT_TIMEOUT)?;
                kept(self.read(conn, run))
            }))
        })
    }

    /// Runs a transaction; blocks.
    pub(crate) fn write(&self, ticket: &Ticket, run: Run<'_>) -> StoreResult<bool> {
        let mut wrote = false;
        let result = self.on_loan(&self.point, ticket, &mut |conn| {
            ended(conn.transaction(|conn| {
                kept(self.read(conn, run))?;
                if ticket.is_overdue() {
                    // The caller was told that it did not happen.
                    return Err(Aborted::By(StoreError::unavailable("the transaction takes too long")));
                }
                wrote = self.health.is_troubled() && has_written(conn)?;
                Ok(())
            }))
        });
        if wrote && result.is_ok() {
            self.health.is_well_again();
        }
        result
    }

    /// Whether the database can be read and takes writes; blocks. Changes nothing. Gives the migrations that ran, of a
    /// standalone database.
    pub(crate) fn check(&self, ticket: &Ticket) -> StoreResult<Vec<String>> {
        self.on_loan(&self.point, ticket, &mut |conn| {
            let applied = readiness::look(&mut Queries::new(conn, &self.layout), &self.layout)?;
            if is_read_only(conn)? {
                // The session may be older than the end of that state: the next check gets a new one.
                findings::note(crate::codes::Meaning::Lasting(Trouble::ReadOnly), READ_ONLY);
                return Err(StoreError::unavailable(READ_ONLY));
            }
            let Some(known) = self.health.known() else { return Ok(applied) };
            conn.batch_execute(health::TRY)?;
            if !known.is_over_when_a_try_works() {
                return Err(StoreError::unavailable(known.reason));
            }
            self.health.is_well_again();
            Ok(applied)
        })
    }

    fn read(&self, conn: &mut PgConnection, run: Run<'_>) -> StoreResult<bool> {
        guarded(run, &mut Queries::new(conn, &self.layout))
    }

    /// Works on a connection of this pool and settles what becomes of it.
    fn on_loan<T>(
        &self,
        pool: &Pool<Connector>,
        ticket: &Ticket,
        work: &mut dyn FnMut(&mut PgConnection) -> StoreResult<T>,
    ) -> StoreResult<T> {
        let mut pooled = pool.get(ticket.due())?;
        if ticket.is_overdue() {
            // The connection that was to show that it still lives took its time.
            pooled.settle(Verdict::Distrust);
            return Err(StoreError::unavailable("the connection hung"));
        }
        let (result, found) = findings::during(|| work(&mut pooled.conn().conn));
        self.health.take_in(&found);
        // One that hung may have left something unread, and has shown that its server or its network hangs.
        pooled.settle(if ticket.is_overdue() { Verdict::Distrust } else { found.verdict });
        result
    }
}

/// Whether the server refuses writes: a standby, or set so.
fn is_read_only(conn: &mut PgConnection) -> StoreResult<bool> {
    let asked = diesel::dsl::sql::<Bool>("SELECT current_setting('transaction_read_only')::bool");
    Ok(asked.get_result(conn)?)
}

/// Whether the transaction under way has written anything.
fn has_written(conn: &mut PgConnection) -> diesel::QueryResult<bool> {
    let asked = diesel::dsl::sql::<Nullable<BigInt>>("SELECT txid_current_if_assigned()");
    asked.get_result::<Option<i64>>(conn).map(|id| id.is_some())
}
