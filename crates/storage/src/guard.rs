//! How a closure on a connection ends: normally, with a panic, or with its transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{Db, StoreError};

/// Runs `f`; a panic becomes [`StoreError::Worker`], so that neither thread nor connection is lost to it.
pub(crate) fn guarded<T, E, F>(f: F, db: &mut dyn Db) -> Result<T, E>
where
    F: FnOnce(&mut dyn Db) -> Result<T, E>,
    E: From<StoreError>,
{
    catch_unwind(AssertUnwindSafe(|| f(db))).unwrap_or_else(|_panic| {
        tracing::error!("a database job panicked");
        Err(StoreError::Worker.into())
    })
}

/// Why Diesel's transaction ended without a commit: by the closure's own error or by the database's.
pub(crate) enum Aborted<E> {
    By(E),
    Database(diesel::result::Error),
}

impl<E> From<diesel::result::Error> for Aborted<E> {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

#[cfg(any(feature = "postgres", feature = "one-by-one"))]
impl<E: From<StoreError>> Aborted<E> {
    /// The error for the caller.
    pub(crate) fn into_cause(self) -> E {
        match self {
            Self::By(error) => error,
            Self::Database(error) => StoreError::from(error).into(),
        }
    }
}
