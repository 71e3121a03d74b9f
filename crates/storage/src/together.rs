//! A read whose outcome all who wait for it share: one of them runs it, and nobody gets what was read before they came.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::StoreResult;

/// See the module.
#[derive(Debug)]
pub(crate) struct Together<T> {
    /// The outcome of the read that has not begun yet.
    next: Mutex<Arc<OnceCell<T>>>,
    /// Held by the read under way.
    reading: tokio::sync::Mutex<()>,
}

impl<T> Default for Together<T> {
    fn default() -> Self {
        Self { next: Mutex::default(), reading: tokio::sync::Mutex::default() }
    }
}

impl<T: Copy> Together<T> {
    /// The outcome of a read that begins after this call. An error goes to the one caller whose read failed; the others
    /// read anew.
    pub(crate) async fn get(&self, read: impl AsyncFnOnce() -> StoreResult<T>) -> StoreResult<T> {
        let mine = Arc::clone(&self.next.lock().unwrap_or_else(PoisonError::into_inner));
        let outcome = mine.get_or_try_init(|| async {
            let _alone = self.reading.lock().await;
            self.leave_out_those_to_come(&mine);
            read().await
        });
        outcome.await.copied()
    }

    /// Whoever comes from now on waits for another read.
    fn leave_out_those_to_come(&self, mine: &Arc<OnceCell<T>>) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&next, mine) {
            *next = Arc::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::Semaphore;

    use super::*;
    use crate::StoreError;

    #[tokio::test]
    async fn those_who_wait_share_one_read_and_later_ones_do_not() {
        let (together, reads, gate) = (Together::default(), AtomicU32::new(0), Semaphore::new(0));
        let read = async || {
            let number = reads.fetch_add(1, Ordering::SeqCst);
            gate.acquire().await.unwrap().forget();
            Ok(number)
        };
        let later = async {
            // The first read is under way by now: it may have missed what these have seen.
            assert_eq!(reads.load(Ordering::SeqCst), 1);
            gate.add_permits(2);
            tokio::join!(together.get(&read), together.get(&read), together.get(&read))
        };
        let (first, later) = tokio::join!(biased; together.get(&read), later);
        assert_eq!(first.unwrap(), 0);
        assert_eq!([later.0.unwrap(), later.1.unwrap(), later.2.unwrap()], [1; 3]);
    }

    #[tokio::test]
    async fn an_error_is_for_who_met_it() {
        let (together, reads) = (Together::default(), AtomicU32::new(0));
        let read = async || match reads.fetch_add(1, Ordering::SeqCst) {
            0 => Err(StoreError::unavailable("gone")),
            number => Ok(number),
        };
        let (first, second) = tokio::join!(biased; together.get(&read), together.get(&read));
        assert!(matches!(first, Err(StoreError::Unavailable { .. })));
        assert_eq!(second.unwrap(), 1);
    }
}
