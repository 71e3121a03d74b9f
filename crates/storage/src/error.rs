//! What can go wrong while using a database; [`OpenError`](crate::OpenError) is about opening it.
//!
//! The databases report "try again later" by many codes; [`StoreError::from`] gathers them under
//! [`StoreError::Unavailable`], which the caller answers with 503. It never means that a row is absent. What an error
//! says is read from its code ([`codes`](crate::codes)) and never from its text, which PostgreSQL writes in the server's
//! language.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use rosterd_lanes::LaneError;

use crate::codes::{self, Meaning};
use crate::findings;
#[cfg(feature = "postgres")]
use crate::native::postgres::Finder;
use crate::turns::TurnError;

/// The result of every call on a [`Db`](crate::Db).
pub type StoreResult<T> = Result<T, StoreError>;

/// Why a read or a write did not happen. A write that ends in an error has left no trace, but for one on PostgreSQL whose
/// connection was lost, or whose time was over, while it was being committed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique key is taken. `what` is the database's own name for it: the constraint on PostgreSQL, the message
    /// (which ends in `table.column` or an index name) on SQLite.
    #[error("another row already has this unique key: {what}")]
    AlreadyExists {
        /// The key's name, for logs.
        what: String,
    },
    /// The database is out of reach, locked, overloaded or shutting down, takes no writes, has no space left, refuses its
    /// files or a right, or took too long. Trying again later is right.
    #[error("the database is not available: {reason}")]
    Unavailable {
        /// The database's own words, for logs.
        reason: String,
    },
    /// A stored value is no JSON, so nothing may be written over it. Made by [`StoreError::unreadable`], which logs it.
    #[error("table {table}, column {column}, row {id}: the stored value is not JSON and was not changed")]
    Unreadable {
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
    /// [`StoreError::Unreadable`], told in the log by its place: whoever mends the row has to find it.
    #[must_use]
    pub fn unreadable(table: &'static str, column: &'static str, id: impl Into<String>) -> Self {
        let id = id.into();
        tracing::warn!(
            table,
            column,
            row = id,
            "a stored value is not JSON. An update that would overwrite it was refused; repair the value by hand"
        );
        Self::Unreadable { table, column, id }
    }

    /// Shorthand for [`StoreError::Unavailable`].
    pub(crate) fn unavailable(reason: impl std::fmt::Display) -> Self {
        Self::Unavailable { reason: reason.to_string() }
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, information) => {
                let what = information.constraint_name().unwrap_or_else(|| information.message());
                Self::AlreadyExists { what: what.to_owned() }
            }
            DieselError::DatabaseError(kind, information) => {
                let meaning = meaning_of(kind, &*information);
                findings::note(meaning, information.message());
                if meaning.is_unavailable() {
                    Self::unavailable(information.message())
                } else {
                    Self::Database(DieselError::DatabaseError(kind, information))
                }
            }
            DieselError::BrokenTransactionManager => {
                findings::note(Meaning::Lost, "the transaction manager is broken");
                Self::unavailable(error)
            }
            DieselError::RollbackErrorOnCommit { rollback_error, commit_error } => {
                let _noted = Self::from(*rollback_error);
                Self::from(*commit_error)
            }
            other => Self::Database(other),
        }
    }
}

/// What an error of a database says, by its code.
fn meaning_of(
    kind: DatabaseErrorKind,
    information: &(dyn DatabaseErrorInformation + Send + Sync),
) -> Meaning {
    // What libpq notices by itself has no code.
    if matches!(kind, DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand) {
        return Meaning::Lost;
    }
    #[cfg(feature = "postgres")]
    match crate::native::postgres::finder(information) {
        Finder::Server(state) => return codes::of_sqlstate(state),
        Finder::Libpq => return Meaning::Lost,
        Finder::Other => {}
    }
    #[cfg(feature = "sqlite")]
    if let Some(code) = crate::native::sqlite::code_of(information.message()) {
        return codes::of_sqlite(code);
    }
    Meaning::Fault
}

impl From<LaneError> for StoreError {
    fn from(error: LaneError) -> Self {
        match error {
            LaneError::Full | LaneError::Late | LaneError::Overdue | LaneError::Shut => {
                Self::unavailable(error)
            }
            LaneError::Panicked => Self::Worker,
        }
    }
}

impl From<TurnError> for StoreError {
    fn from(error: TurnError) -> Self {
        match error {
            TurnError::Crowded => Self::unavailable(error),
            TurnError::Lane(error) => error.into(),
        }
    }
}
