//! Ending a backup before it is done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(feature = "sqlite")]
use std::sync::{Mutex, PoisonError};
#[cfg(feature = "sqlite")]
use std::time::Duration;

use super::BackupError;
#[cfg(feature = "sqlite")]
use crate::native::sqlite::Limit;

/// Ends a backup from another thread. A clone is another handle on the same.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    asked: AtomicBool,
    /// That of the statement at work.
    #[cfg(feature = "sqlite")]
    limit: Mutex<Option<Arc<Limit>>>,
}

impl Stop {
    /// Asks whoever works under this to end soon.
    pub fn now(&self) {
        self.0.asked.store(true, Ordering::SeqCst);
        #[cfg(feature = "sqlite")]
        self.interrupt();
    }

    /// Whether it was asked to.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.asked.load(Ordering::SeqCst)
    }

    /// Goes on unless it was asked to end.
    pub(super) fn check(&self) -> Result<(), BackupError> {
        if self.is_asked() { Err(BackupError::Stopped) } else { Ok(()) }
    }

    /// From now on a stop interrupts the statements of this connection.
    #[cfg(feature = "sqlite")]
    pub(crate) fn interrupts(&self, limit: &Arc<Limit>) {
        *self.0.limit.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(limit));
        if self.is_asked() {
            self.interrupt();
        }
    }

    #[cfg(feature = "sqlite")]
    fn interrupt(&self) {
        if let Some(limit) = &*self.0.limit.lock().unwrap_or_else(PoisonError::into_inner) {
            limit.set(Duration::ZERO);
        }
    }
}
