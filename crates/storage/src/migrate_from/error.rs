//! Why nothing, or not all, was carried. Each message says what to do.

use super::Report;
use crate::{OpenError, StoreError};

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The target cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The source cannot be opened.
    #[error("the source cannot be read: {why}{}", of_source(.why))]
    Source {
        /// Why.
        why: OpenError,
    },
    /// The source or the target failed.
    #[error("the database failed; what was copied stays, and the same command goes on")]
    Store(#[from] StoreError),
    /// The source is the temporary database of another process.
    #[error(
        "a temporary database (sqlite://) cannot be the source or the target of a migration; name a file"
    )]
    ThrowAway,
    /// Source and target are the same.
    #[error("the source is the database that DATABASE_URL names; let DATABASE_URL name a new one")]
    Same,
    /// The target is Open WebUI's.
    #[error(
        "{url} is a database of Open WebUI, and a migration goes into a standalone one; let DATABASE_URL name a new database"
    )]
    Attached {
        /// The target's URL, without its password.
        url: String,
    },
    /// The target has rows of its own.
    #[error(
        "{url} is in use already ({}), and a migration changes no roster that is there; let DATABASE_URL name a new database",
        .found.join(", ")
    )]
    Occupied {
        /// The target's URL, without its password.
        url: String,
        /// Such as `3 rows of user`.
        found: Vec<String>,
    },
    /// The target has the beginning of another migration.
    #[error(
        "{url} has the beginning of a migration from {source_url}; go on with that source, or begin anew from this one with \
         --restart"
    )]
    Other {
        /// The target's URL, without its password.
        url: String,
        /// The source of that migration.
        source_url: String,
    },
    /// A server works on the target.
    #[error("a server is running on {url}; stop it, and wait half a minute if it was killed")]
    InUse {
        /// The target's URL, without its password.
        url: String,
    },
    /// The target has the beginning of a migration by a program whose tables are others.
    #[error(
        "the migration into {url} was begun by an older version of rosterd, and its tables cannot be brought up to date in the \
         middle; go on with that version, let DATABASE_URL name a new database, or begin anew with --restart"
    )]
    OtherVersion {
        /// The target's URL, without its password.
        url: String,
    },
    /// Another process goes on with the same migration, or has ended it.
    #[error(
        "another `rosterd migrate-from` has taken over this migration, or has ended it; let that one end. This one has written \
         nothing since"
    )]
    Concurrent,
    /// What the checks found keeps the source from being carried. Nothing was written.
    #[error("the source cannot be carried before this is mended; nothing was written")]
    Checks(Box<Report>),
    /// Source and target are still not the same.
    #[error(
        "{rows} rows still differ from the source ({}): somebody changes it. Stop Open WebUI, or whatever writes to the source, and \
         give the same command again: it goes on from here",
        .named.join(", ")
    )]
    Differs {
        /// How many.
        rows: u64,
        /// Some of them, each with its table.
        named: Vec<String>,
    },
    /// The source gives its rows in an order that their ids do not have.
    #[error(
        "{table} {key}: the rows of the source do not come in the order of their ids, because an id there is no text or is there \
         twice; --dry-run names such rows. Mend them, and give the same command again"
    )]
    Disorder {
        /// The table.
        table: &'static str,
        /// The key of the row that comes too late.
        key: String,
    },
    /// The source changed in a way that the rows that were copied stand in the way of.
    #[error(
        "the source has changed since it was copied, and what was copied stands in the way ({what}); begin anew with --restart"
    )]
    Moved {
        /// The database's name for it.
        what: String,
    },
    /// It was asked to stop.
    #[error("stopped; what was copied stays, and the same command goes on")]
    Stopped,
}

/// What else mends it where it is the source.
fn of_source(error: &OpenError) -> &'static str {
    match error {
        OpenError::Elsewhere { .. } | OpenError::NoSchema { .. } => {
            ". For the source, --schema NAME takes the place of DATABASE_SCHEMA"
        }
        _ => "",
    }
}
