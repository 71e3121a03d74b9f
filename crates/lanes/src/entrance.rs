//! The way into a queue.

use std::sync::{PoisonError, RwLock};

use crossbeam_channel::{Sender, TrySendError};

use crate::LaneError;

/// The way into a queue. After [`shut`](Entrance::shut) what waits is worked off and nothing more comes in.
#[derive(Debug)]
pub struct Entrance<T>(RwLock<Option<Sender<T>>>);

impl<T> Entrance<T> {
    /// The entrance to this queue.
    #[must_use]
    pub fn new(queue: Sender<T>) -> Self {
        Self(RwLock::new(Some(queue)))
    }

    /// Puts something into the queue, unless it is full or shut.
    ///
    /// # Errors
    /// [`LaneError::Full`] and [`LaneError::Shut`]; [`LaneError::Panicked`] when nobody works the queue off any more.
    pub fn try_send(&self, item: T) -> Result<(), LaneError> {
        let queue = self.0.read().unwrap_or_else(PoisonError::into_inner);
        queue.as_ref().ok_or(LaneError::Shut)?.try_send(item).map_err(|refused| match refused {
            TrySendError::Full(_) => LaneError::Full,
            TrySendError::Disconnected(_) => LaneError::Panicked,
        })
    }

    /// How many wait inside, and how many may.
    #[must_use]
    pub fn waiting(&self) -> (usize, usize) {
        let queue = self.0.read().unwrap_or_else(PoisonError::into_inner);
        queue.as_ref().map_or((0, 0), |queue| (queue.len(), queue.capacity().unwrap_or_default()))
    }

    /// Lets nothing more in. Whoever works off the queue sees its end when it has run dry.
    pub fn shut(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).take();
    }
}
