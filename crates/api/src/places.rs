//! How many of a kind this process does at a time.

use std::sync::atomic::{AtomicUsize, Ordering};

use rosterd_app::AppError;

/// Places for work that lasts, as a static.
pub(crate) struct Places {
    taken: AtomicUsize,
    most: usize,
}

/// A place that is taken, until it is dropped.
pub(crate) struct Place(&'static Places);

impl Places {
    /// So many.
    pub(crate) const fn new(most: usize) -> Self {
        Self { taken: AtomicUsize::new(0), most }
    }

    /// Takes one.
    ///
    /// # Errors
    /// [`AppError::Busy`] where none is left.
    pub(crate) fn take(&'static self) -> Result<Place, AppError> {
        let room = |taken: usize| (taken < self.most).then_some(taken + 1);
        match self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, room) {
            Ok(_before) => Ok(Place(self)),
            Err(_full) => Err(AppError::Busy),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_it_is_dropped() {
        static TWO: Places = Places::new(2);
        let places = [TWO.take(), TWO.take()];
        assert!(places.iter().all(Result::is_ok));
        assert!(matches!(TWO.take(), Err(AppError::Busy)));
        drop(places);
        assert!(TWO.take().is_ok());
    }
}
