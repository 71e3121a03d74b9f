//! An opened PostgreSQL database: where each kind of call finds its connection.

use std::sync::Arc;

use diesel::Connection;
use diesel::connection::SimpleConnection;

use super::connect::{Connector, Link};
use super::inspect::inspect;
use super::queries::Session;
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
    if inspect(&mut link.conn).map_err(OpenError::Inspect)?.ownership(&allowed)? == Ownership::Attached {
        return Ok(Vec::new());
    }
    take_step(&mut link, step)
}

/// A connection for work that may take long, or the reason in the server's own words.
fn first_connection(options: &StoreOptions) -> Result<Link, OpenError> {
    let connector = Connector::new(&options.url, options)?.without_statement_timeout();
    connector.connect().map_err(|error| OpenError::connect(&options.url, &error))
}

/// Takes the step while no other process does. Each migration is a transaction.
fn take_step(link: &mut Link, step: Step) -> Result<Vec<String>, OpenError> {
    let failed = |error: diesel::result::Error| OpenError::Migration(error.to_string());
    // A lock of the session, not of a transaction: it spans several.
    link.conn.batch_execute("SELECT pg_advisory_lock(x'726f737400000000'::bigint)").map_err(failed)?;
    let done = migrations::take(&mut link.conn, migrations::POSTGRES, step)?;
    link.conn.batch_execute("SELECT pg_advisory_unlock(x'726f737400000000'::bigint)").map_err(failed)?;
    Ok(done)
}

impl Engine {
    /// Connects, recognises, migrates what is ours, and prepares the pools.
    pub(crate) fn open(options: &StoreOptions) -> Result<(Self, Arc<Layout>), OpenError> {
        let mut link = first_connection(options)?;
        let mut schema = inspect(&mut link.conn).map_err(OpenError::Inspect)?;
        let ownership = schema.ownership(options)?;
        if ownership == Ownership::Own && options.migrate {
            take_step(&mut link, Step::Up)?;
            schema = inspect(&mut link.conn).map_err(OpenError::Inspect)?;
        }
        let layout = Arc::new(schema.checked_layout(ownership, &options.url)?);

        let main = Connector::new(&options.url, options)?;
        let reader = match &options.read_replica_url {
            Some(url) => Connector::new(url, options)?,
            None => main.clone(),
        };
        let walker = reader.without_statement_timeout();
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
        self.read(self.walk.get()?, f)
    }

    /// Runs a transaction; blocks.
    pub(crate) fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E>,
        E: From<StoreError>,
    {
        let mut pooled = self.point.get()?;
        let conn = &mut pooled.conn().conn;
        let result = conn
            .transaction(|conn| guarded(f, &mut Session { conn, layout: &self.layout }).map_err(Aborted::By))
            .map_err(Aborted::into_cause);
        settle(pooled);
        result
    }

    fn read<T, E, F>(&self, mut pooled: Pooled<Connector>, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<T, E>,
        E: From<StoreError>,
    {
        let conn = &mut pooled.conn().conn;
        let result = guarded(f, &mut Session { conn, layout: &self.layout });
        settle(pooled);
        result
    }
}

/// Gives a connection back, or up: one that was lost says that the others may be lost too.
fn settle(mut pooled: Pooled<Connector>) {
    if pooled.conn().is_lost() {
        pooled.discard();
    }
}
