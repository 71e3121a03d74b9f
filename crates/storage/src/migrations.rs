//! The migrations of standalone databases, embedded in the binary, under the same names for both.
//!
//! Several servers may start at the same moment; the first one migrates while the others wait for it. An attached
//! database is left alone by everything here.

use diesel::QueryableByName;
use diesel::backend::Backend;
use diesel::migration::MigrationSource;
use diesel::sql_types::Text;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::{OpenError, Opening, OpeningWatch, StoreError, StoreOptions, StoreResult};

/// Brings an empty or standalone database up to date, as [`Store::open`](crate::Store::open) does too; gives the versions
/// that were applied. Does nothing to an attached one.
///
/// # Errors
/// [`OpenError`]; a migration that fails leaves the database as it was before it.
pub fn run(options: &StoreOptions) -> Result<Vec<String>, OpenError> {
    with_own(options, Step::Up)
}

/// The versions that [`run`] would apply.
///
/// # Errors
/// [`OpenError`].
pub fn pending(options: &StoreOptions) -> Result<Vec<String>, OpenError> {
    with_own(options, Step::Look)
}

/// Takes back every migration, and with them **all data**; gives the versions that were taken back.
///
/// # Errors
/// [`OpenError`].
pub fn revert_all(options: &StoreOptions) -> Result<Vec<String>, OpenError> {
    with_own(options, Step::Down)
}

/// What to do with the migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Up,
    Look,
    Down,
}

fn with_own(options: &StoreOptions, step: Step) -> Result<Vec<String>, OpenError> {
    if options.url.is_sqlite() {
        #[cfg(feature = "sqlite")]
        return crate::sqlite::migrate(options, step);
        #[cfg(not(feature = "sqlite"))]
        return Err(OpenError::NotBuilt("SQLite"));
    }
    #[cfg(feature = "postgres")]
    return crate::postgres::migrate(options, step);
    #[cfg(not(feature = "postgres"))]
    return Err(OpenError::NotBuilt("PostgreSQL"));
}

/// Those of an SQLite database.
#[cfg(feature = "sqlite")]
pub(crate) const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Those of a PostgreSQL database.
#[cfg(feature = "postgres")]
pub(crate) const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The versions of these migrations, as a database notes them.
pub(crate) fn versions<DB: Backend>(migrations: &EmbeddedMigrations) -> Result<Vec<String>, OpenError> {
    let migrations: Vec<Box<dyn diesel::migration::Migration<DB>>> =
        migrations.migrations().map_err(|error| OpenError::Migration(error.to_string()))?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

/// The versions that ran, from the table in which Diesel notes them.
pub(crate) const APPLIED: &str = "SELECT version FROM __diesel_schema_migrations ORDER BY version";

/// A row of [`APPLIED`].
#[derive(QueryableByName)]
pub(crate) struct Applied {
    #[diesel(sql_type = Text)]
    pub(crate) version: String,
}

/// The migration to which a step in Rust belongs: the copies that searches read are folded anew, since the way to fold
/// has changed. It runs in the same transaction, and once, as the migration does.
const FOLDED_ANEW: &str = "202611261200000000";

/// Takes the step on a connection whose caller has seen to it that no other process does the same. `fold_anew` writes
/// the copies that searches read. `hash_clear_keys` hashes API keys that are stored in clear. It runs at every start:
/// rows may have been copied from a database of Open WebUI.
pub(crate) fn take<DB, C>(
    conn: &mut C,
    migrations: EmbeddedMigrations,
    step: Step,
    watch: &OpeningWatch,
    fold_anew: impl FnOnce(&mut C) -> StoreResult<()>,
    hash_clear_keys: impl FnOnce(&mut C) -> StoreResult<()>,
) -> Result<Vec<String>, OpenError>
where
    DB: Backend,
    C: MigrationHarness<DB>,
{
    let versions: Result<Vec<String>, _> = match step {
        Step::Up => run_pending(conn, migrations, watch),
        Step::Down => {
            conn.revert_all_migrations(migrations).map(|done| done.iter().map(ToString::to_string).collect())
        }
        Step::Look => conn
            .pending_migrations(migrations)
            .map(|pending| pending.iter().map(|migration| migration.name().to_string()).collect()),
    };
    let versions = versions.map_err(|error| OpenError::Migration(error.to_string()))?;
    let failed = |error: StoreError| OpenError::Migration(error.to_string());
    if step == Step::Up && versions.iter().any(|version| version == FOLDED_ANEW) {
        watch.tell(Opening::Folding);
        fold_anew(conn).map_err(failed)?;
    }
    if step == Step::Up {
        watch.tell(Opening::HashingKeys);
        hash_clear_keys(conn).map_err(failed)?;
    }
    Ok(versions)
}

/// Runs what did not run yet, in order; gives its versions.
fn run_pending<DB, C>(
    conn: &mut C,
    migrations: EmbeddedMigrations,
    watch: &OpeningWatch,
) -> diesel::migration::Result<Vec<String>>
where
    DB: Backend,
    C: MigrationHarness<DB>,
{
    let pending = conn.pending_migrations(migrations)?;
    let of = pending.len();
    let mut done = Vec::with_capacity(of);
    for (migration, step) in pending.iter().zip(1..) {
        watch.tell(Opening::Updating { step, of });
        done.push(conn.run_migration(migration)?.to_string());
    }
    Ok(done)
}
