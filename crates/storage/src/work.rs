//! A closure with its types taken off: what carries it to a thread and a transaction is compiled once, not once for every
//! use case, of which there are about a hundred.

use std::any::Any;

use crate::{Db, StoreError, StoreResult};

/// Runs the closure on a connection; gives whether it ended well.
pub(crate) type Run<'a> = &'a mut dyn FnMut(&mut dyn Db) -> bool;

/// A closure that has not run, or what it gave.
pub(crate) trait Work: Send {
    /// Runs the closure and keeps what it gives; tells whether it ended well. Runs nothing the second time.
    fn run(&mut self, db: &mut dyn Db) -> bool;

    /// Tells of what it gave, once that is committed.
    fn committed(&mut self);

    /// The [`Call`], for who knows its types.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

/// A closure, and who is told once its writes are committed.
pub(crate) struct Call<F, C, T, E> {
    work: Option<F>,
    tell: Option<C>,
    result: Option<Result<T, E>>,
}

impl<F, T, E> Call<F, fn(&mut T), T, E> {
    /// A closure that nobody waits for but its caller.
    pub(crate) fn reading(work: F) -> Self {
        Self { work: Some(work), tell: None, result: None }
    }
}

impl<F, C, T, E> Call<F, C, T, E> {
    /// A closure of whose value `tell` hears once it is committed.
    pub(crate) fn writing(work: F, tell: C) -> Self {
        Self { work: Some(work), tell: Some(tell), result: None }
    }
}

impl<F, C, T, E: From<StoreError>> Call<F, C, T, E> {
    /// What the closure gave, unless the database has the last word.
    pub(crate) fn outcome(self, ran: StoreResult<()>) -> Result<T, E> {
        ran?;
        // It always ran where nothing else went wrong.
        self.result.unwrap_or_else(|| Err(StoreError::Worker.into()))
    }
}

impl<F, C, T, E> Call<F, C, T, E>
where
    F: 'static,
    C: 'static,
    T: 'static,
    E: From<StoreError> + 'static,
{
    /// The same of a call that was carried somewhere.
    pub(crate) fn outcome_of(carried: StoreResult<Box<dyn Work>>) -> Result<T, E> {
        match carried?.into_any().downcast::<Self>() {
            Ok(call) => call.outcome(Ok(())),
            // It comes back as it went.
            Err(_other) => Err(StoreError::Worker.into()),
        }
    }
}

impl<F, C, T, E> Work for Call<F, C, T, E>
where
    F: FnOnce(&mut dyn Db) -> Result<T, E> + Send + 'static,
    C: FnOnce(&mut T) + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    fn run(&mut self, db: &mut dyn Db) -> bool {
        let Some(work) = self.work.take() else { return false };
        self.result.insert(work(db)).is_ok()
    }

    fn committed(&mut self) {
        if let (Some(Ok(value)), Some(tell)) = (&mut self.result, self.tell.take()) {
            tell(value);
        }
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Reading = Call<fn(&mut dyn Db) -> StoreResult<u8>, fn(&mut u8), u8, StoreError>;

    #[test]
    fn a_call_that_did_not_run_gives_no_value() {
        let call: Reading = Call::reading(|_db| Ok(7));
        assert!(matches!(call.outcome(Ok(())), Err(StoreError::Worker)));
        let call: Reading = Call::reading(|_db| Ok(7));
        let lost = Err(StoreError::unavailable("gone"));
        assert!(matches!(call.outcome(lost), Err(StoreError::Unavailable { .. })));
    }
}
