//! What can go wrong while using a database; [`OpenError`](crate::OpenError) is about opening it.
//!
//! The databases report "try again later" in many words; [`StoreError::from`] gathers them under
//! [`StoreError::Unavailable`], which the caller answers with 503. It never means that a row is absent.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::lane::LaneError;

/// The result of every call on a [`Db`](crate::Db).
pub type StoreResult<T> = Result<T, StoreError>;

/// Why a read or a write did not happen. A write that ends in an error has left no trace.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique key is taken. `what` is the database's own name for it: the constraint on PostgreSQL, the message
    /// (which ends in `table.column` or an index name) on SQLite.
    #[error("the value of a unique key is taken: {what}")]
    AlreadyExists {
        /// The key's name, for logs.
        what: String,
    },
    /// The database is out of reach, locked, overloaded or shutting down; trying again later is right.
    #[error("the database is not available: {reason}")]
    Unavailable {
        /// The database's own words, for logs.
        reason: String,
    },
    /// A stored value cannot be what its column is for.
    #[error("table {table}, column {column}, row {id}: the stored value is corrupt")]
    Corrupt {
        /// The table's name.
        table: &'static str,
        /// The column's name.
        column: &'static str,
        /// The row's key.
        id: String,
    },
    /// Any other failure of a statement: a defect here or a foreign schema.
    #[error("a statement failed")]
    Database(#[source] DieselError),
    /// The closure panicked; its transaction was rolled back.
    #[error("a database job panicked")]
    Worker,
}

impl StoreError {
    /// Shorthand for [`StoreError::Unavailable`].
    pub(crate) fn unavailable(reason: impl std::fmt::Display) -> Self {
        Self::Unavailable { reason: reason.to_string() }
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(kind, information) => match kind {
                DatabaseErrorKind::UniqueViolation => {
                    let what = information.constraint_name().unwrap_or_else(|| information.message());
                    Self::AlreadyExists { what: what.to_owned() }
                }
                DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::SerializationFailure => Self::unavailable(information.message()),
                _ if is_passing(information.message()) => Self::unavailable(information.message()),
                _ => Self::Database(error),
            },
            DieselError::BrokenTransactionManager => Self::unavailable(&error),
            _ => Self::Database(error),
        }
    }
}

impl From<LaneError> for StoreError {
    fn from(error: LaneError) -> Self {
        match error {
            LaneError::Full | LaneError::Late | LaneError::Shut => Self::unavailable(error),
            LaneError::Panicked => Self::Worker,
        }
    }
}

/// Whether this message of a database speaks of a passing state: Diesel hides the error code of both databases.
fn is_passing(message: &str) -> bool {
    const SIGNS: [&str; 17] = [
        // SQLite
        "database is locked",
        "database table is locked",
        "database schema is locked",
        "database or disk is full",
        "disk I/O error",
        "unable to open database file",
        // PostgreSQL
        "deadlock detected",
        "terminating connection",
        "server closed the connection",
        "could not receive data from server",
        "no connection to the server",
        "canceling statement due to",
        "too many connections",
        "remaining connection slots",
        "too many clients",
        "the database system is",
        "out of shared memory",
    ];
    SIGNS.iter().any(|sign| message.contains(sign))
}
