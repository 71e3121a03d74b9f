//! The share of large work if every call has a thread: a few large calls at a time, and a pause for the others
//! after each.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rosterd_lanes::LaneError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep_until, timeout_at};

/// After a large write the others have so many times its time: it gets a tenth.
#[cfg(feature = "postgres")]
pub(crate) const AFTER_WRITE: u32 = 9;

/// The same after a large read.
pub(crate) const AFTER_READ: u32 = 4;

/// Who worked within this is working still: those who wait for each answer leave gaps between their calls.
const QUIET: Duration = Duration::from_secs(1);

/// What large work may take.
#[derive(Debug)]
pub(crate) struct Share {
    permits: Arc<Semaphore>,
    /// How many there are.
    count: u32,
    /// What `others` counts from.
    start: Instant,
    /// When somebody else last began a call. Milliseconds, plus one; 0 is never.
    others: AtomicU64,
    /// When the others have had their time.
    rested: Mutex<Instant>,
    /// How long large work is kept waiting for that at most.
    longest: Duration,
}

/// Leave to do one large piece of work.
#[derive(Debug)]
pub(crate) struct Leave {
    share: Arc<Share>,
    /// Given back when the work is done.
    _permit: OwnedSemaphorePermit,
}

impl Share {
    /// For `threads` threads, of which large work gets a quarter, and at least one.
    pub(crate) fn new(threads: usize, longest: Duration) -> Self {
        let count = u32::try_from(threads / 4).unwrap_or(u32::MAX).max(1);
        let start = Instant::now();
        Self {
            permits: Arc::new(Semaphore::new(count as usize)),
            count,
            start,
            others: AtomicU64::new(0),
            rested: Mutex::new(start),
            longest,
        }
    }

    /// Notes that somebody works who is not large.
    pub(crate) fn others_work(&self) {
        let elapsed = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.others.store(elapsed + 1, Ordering::Relaxed);
    }

    /// Waits until large work may begin, until `due` at most.
    pub(crate) async fn wait(self: &Arc<Self>, due: Instant) -> Result<Leave, LaneError> {
        let acquired = timeout_at(due.into(), Arc::clone(&self.permits).acquire_owned()).await;
        let permit = acquired.map_err(|_elapsed| LaneError::Late)?.map_err(|_closed| LaneError::Shut)?;
        while let Some(from) = self.rested_at().filter(|from| *from > Instant::now()) {
            if from >= due {
                return Err(LaneError::Late);
            }
            sleep_until(from.into()).await;
        }
        Ok(Leave { share: Arc::clone(self), _permit: permit })
    }

    /// When the others have had their time, or have been quiet for long enough.
    fn rested_at(&self) -> Option<Instant> {
        let others = self.others.load(Ordering::Relaxed).checked_sub(1)?;
        let quiet = self.start + Duration::from_millis(others) + QUIET;
        Some(self.rested.lock().unwrap_or_else(PoisonError::into_inner).min(quiet))
    }

    /// Notes that the others are to have this much time from now on.
    fn owe(&self, time: Duration) {
        let time = (time / self.count).min(self.longest);
        let mut rested = self.rested.lock().unwrap_or_else(PoisonError::into_inner);
        *rested = (*rested).max(Instant::now() + time);
    }
}

impl Leave {
    /// Does the work; the others have `times` its time then.
    pub(crate) fn work<T>(self, times: u32, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let value = work();
        self.share.owe(began.elapsed().saturating_mul(times));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn who_is_alone_does_not_wait() {
        let share = Arc::new(Share::new(8, LONG));
        for _ in 0..3 {
            let leave = share.wait(Instant::now() + LONG).await.unwrap();
            leave.work(1_000_000, || std::thread::sleep(Duration::from_millis(1)));
        }
    }

    #[tokio::test]
    async fn while_others_work_they_get_their_time() {
        let share = Arc::new(Share::new(2, LONG));
        let mut ended = None;
        for _ in 0..3 {
            share.others_work();
            let leave = share.wait(Instant::now() + LONG).await.unwrap();
            let rested = ended.map(|ended: Instant| ended.elapsed());
            assert!(rested.is_none_or(|rested| rested >= Duration::from_millis(45)), "{rested:?}");
            leave.work(9, || std::thread::sleep(Duration::from_millis(5)));
            ended = Some(Instant::now());
        }
    }

    #[tokio::test]
    async fn what_cannot_begin_in_time_is_refused() {
        let share = Arc::new(Share::new(1, LONG));
        let first = share.wait(Instant::now() + LONG).await.unwrap();
        assert_eq!(share.wait(Instant::now()).await.unwrap_err(), LaneError::Late);
        first.work(1_000_000, || std::thread::sleep(Duration::from_millis(1)));
        share.others_work();
        assert_eq!(share.wait(Instant::now()).await.unwrap_err(), LaneError::Late);
    }
}
