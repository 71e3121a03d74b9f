//! Counts what is still there, threads or connections, so that a close can wait for the last of them.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// How many are left. A clone counts the same ones.
#[derive(Debug, Clone, Default)]
pub struct Remaining(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    count: Mutex<usize>,
    fewer: Condvar,
}

/// One of them, until it is dropped. Whatever is counted has to be dropped before this is.
#[derive(Debug)]
pub struct One(Remaining);

impl Remaining {
    /// Counts one more.
    #[must_use]
    pub fn add(&self) -> One {
        *self.lock() += 1;
        One(self.clone())
    }

    /// Waits until none is left; `false` when some still are at that moment.
    #[must_use]
    pub fn none_by(&self, until: Instant) -> bool {
        let mut count = self.lock();
        while *count > 0 {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            count = self.0.fewer.wait_timeout(count, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// A number cannot be left half written, so a poisoned lock is as good as another.
    fn lock(&self) -> MutexGuard<'_, usize> {
        self.0.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for One {
    fn drop(&mut self) {
        let mut count = self.0.lock();
        *count = count.saturating_sub(1);
        self.0.0.fewer.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_last_one_is_waited_for_and_not_longer() {
        let remaining = Remaining::default();
        assert!(remaining.none_by(Instant::now()), "none was there");
        let (one, other) = (remaining.add(), remaining.add());
        drop(one);
        assert!(!remaining.none_by(Instant::now()), "one is left");
        let ending = std::thread::spawn(move || drop(other));
        assert!(remaining.none_by(Instant::now() + Duration::from_mins(1)));
        ending.join().unwrap();
    }
}
