//! How a closure on a connection ends: normally, with a panic, or with its transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::work::Run;
use crate::{Db, StoreError, StoreResult};

/// Runs the closure and gives whether it ended well; a panic becomes [`StoreError::Worker`], so that neither thread nor
/// connection is lost to it.
pub(crate) fn guarded(run: Run<'_>, db: &mut dyn Db) -> StoreResult<bool> {
    catch_unwind(AssertUnwindSafe(|| run(db))).map_err(|_panic| {
        tracing::error!("a database job panicked");
        StoreError::Worker
    })
}

/// Why Diesel's transaction ended without a commit.
pub(crate) enum Aborted<E> {
    /// By an error of ours.
    By(E),
    /// By the closure, which keeps its error.
    #[cfg_attr(
        not(any(feature = "postgres", feature = "one-by-one")),
        expect(dead_code, reason = "SQLite's writer ends its transactions by itself")
    )]
    ByClosure,
    /// By the database.
    Database(diesel::result::Error),
}

impl<E> From<diesel::result::Error> for Aborted<E> {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

/// The end of a transaction in which a closure ran.
#[cfg(any(feature = "postgres", feature = "one-by-one"))]
pub(crate) fn ended(transaction: Result<(), Aborted<StoreError>>) -> StoreResult<bool> {
    match transaction {
        Ok(()) => Ok(true),
        Err(Aborted::ByClosure) => Ok(false),
        Err(Aborted::By(error)) => Err(error),
        Err(Aborted::Database(error)) => Err(error.into()),
    }
}

/// What a closure that ran means for its transaction.
#[cfg(any(feature = "postgres", feature = "one-by-one"))]
pub(crate) fn kept(ran: StoreResult<bool>) -> Result<(), Aborted<StoreError>> {
    match ran {
        Ok(true) => Ok(()),
        Ok(false) => Err(Aborted::ByClosure),
        Err(error) => Err(Aborted::By(error)),
    }
}
