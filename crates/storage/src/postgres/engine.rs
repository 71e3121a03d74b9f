//! An opened PostgreSQL database: where each kind of call finds its connection.

use std::sync::Arc;
use std::time::Instant;

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::pg::{Pg, PgConnection};

use super::connect::{Connector, Link, NO_STATEMENT_TIMEOUT};
use super::inspect::inspect_named;
use super::queries::{Session, fold_anew};
use crate::inspect::Schema;
use crate::migrations::{self, Step};
use crate::pool::{Connect, Filling, Pool, Pooled};
use crate::store::{Aborted, View, guarded};
use crate::{Db, Layout, OpenError, Ownership, StoreError, StoreOptions};

/// Pools by purpose; the last two are on the replica where there is one.
pub(crate) struct Engine {
    point: Pool<Connector>,
    scan: Pool<Connector>,
    walk: Pool<Connector>,
    layout: Arc<Layout>,
}

/// Takes a step of the migrations of the database at this address, if it is ours or empty.
pub(crate) fn migrate(options: &StoreOptions, step: Step) -> Result<Vec<String>, OpenError> {
    let mut link = first_connection(options)?;
    let allowed = StoreOptions { migrate: true, ..options.clone() };
    if look(&mut link, options)?.ownership(&allowed, &known()?)? == Ownership::Attached {
        return Ok(Vec::new());
    }
    take_step(&mut link, step)
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
fn known() -> Result<Vec<String>, OpenError> {
    migrations::versions::<Pg>(&migrations::POSTGRES)
}

/// Takes the step in one transaction, while no other process does.
fn take_step(link: &mut Link, step: Step) -> Result<Vec<String>, OpenError> {
    link.conn
        .transaction(|conn| {
            conn.batch_execute(NO_STATEMENT_TIMEOUT)?;
            // A lock of the transaction and not of the session, which a pooler may give to somebody else.
            conn.batch_execute("SELECT pg_advisory_xact_lock(x'726f737400000000'::bigint)")?;
            migrations::take(conn, migrations::POSTGRES, step, fold_anew).map_err(Aborted::By)
        })
        .map_err(|aborted| match aborted {
            Aborted::By(error) => error,
            Aborted::Database(error) => OpenError::Migration(error.to_string()),
        })
}

impl Engine {
    /// Connects, recognises, migrates what is ours, and prepares the pools.
    pub(crate) fn open(options: &StoreOptions) -> Result<(Self, Arc<Layout>), OpenError> {
        let mut link = first_connection(options)?;
        let mut schema = look(&mut link, options)?;
        let ownership = schema.ownership(options, &known()?)?;
        if ownership == Ownership::Own && options.migrate {
            take_step(&mut link, Step::Up)?;
            schema = look(&mut link, options)?;
        }
        let layout = Arc::new(schema.checked_layout(ownership, &options.url)?);

        let main = Connector::new(&options.url, options)?;
        let reader = match &options.read_replica_url {
            Some(url) => Connector::new(url, options)?,
            None => main.clone(),
        };
        let walker = reader.clone();
        let pool = |connector, size| {
            Pool::new(connector, size, options.wait, Filling::Lazy)
                .map_err(|error| OpenError::connect(&options.url, &error))
        };
        let engine = Self {
            point: pool(main, options.threads)?,
            scan: pool(reader, options.threads)?,
            walk: pool(walker, crate::stream::THREADS)?,
            layout: Arc::clone(&layout),
        };
        Ok((engine, layout))
    }

    /// Closes every connection; `false` when one was still on loan at that moment.
    pub(crate) fn close(&self, until: Instant) -> bool {
        let pools = [&self.point, &self.scan, &self.walk];
        pools.into_iter().for_each(Pool::shut);
        pools.into_iter().filter(|pool| !pool.closed_by(until)).count() == 0
    }

    /// Runs a point read; blocks.
    pub(crate) fn point<T, E, F>(&self, _view: View, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E>,
        E: From<StoreError>,
    {
        self.read(self.point.get()?, f)
    }

    /// Runs a list or a search; blocks.
    pub(crate) fn scan<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E>,
        E: From<StoreError>,
    {
        self.read(self.scan.get()?, f)
    }

    /// Runs a walk over everything; blocks for as long as it takes.
    pub(crate) fn walk<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E>,
        E: From<StoreError>,
    {
        let walk = |conn: &mut PgConnection| {
            conn.transaction(|conn| {
                conn.batch_execute(NO_STATEMENT_TIMEOUT)?;
                guarded(f, &mut Session::new(conn, &self.layout)).map_err(Aborted::By)
            })
            .map_err(Aborted::into_cause)
        };
        on_loan(self.walk.get()?, walk)
    }

    /// Runs a transaction; blocks.
    pub(crate) fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E>,
        E: From<StoreError>,
    {
        let write = |conn: &mut PgConnection| {
            conn.transaction(|conn| guarded(f, &mut Session::new(conn, &self.layout)).map_err(Aborted::By))
                .map_err(Aborted::into_cause)
        };
        on_loan(self.point.get()?, write)
    }

    fn read<T, E, F>(&self, pooled: Pooled<Connector>, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E>,
        E: From<StoreError>,
    {
        on_loan(pooled, |conn| guarded(f, &mut Session::new(conn, &self.layout)))
    }
}

/// Works on a connection and gives it back, or up: one that was lost says that the others may be lost too.
fn on_loan<R>(mut pooled: Pooled<Connector>, work: impl FnOnce(&mut PgConnection) -> R) -> R {
    let result = work(&mut pooled.conn().conn);
    if pooled.conn().is_lost() {
        pooled.discard();
    }
    result
}
