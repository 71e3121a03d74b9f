//! Work on documents that are so large that parsing them would keep a thread from answering other requests.
//!
//! It is done on one thread. After each piece of work the thread pauses for several times as long as the work took.
//! So most of the processor is left to other requests, however many large documents there are.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rosterd_lanes::{Lane, LaneMetrics};

use crate::error::AppError;

/// From how many bytes on work is heavy. Less than this takes less than a millisecond.
pub(crate) const LARGE: usize = 256 << 10;

/// How many times as long as it worked the thread rests.
const REST: u32 = 2;

/// How long it rests at most.
const LONGEST_REST: Duration = Duration::from_millis(200);

/// How many pieces of work may wait; each holds its document.
const QUEUE: usize = 64;

/// How long a piece of work may wait for its turn.
const WAIT: Duration = Duration::from_secs(5);

/// The thread.
pub struct Heavy {
    lane: Lane,
    /// When it has rested enough.
    rested: Arc<Mutex<Instant>>,
}

impl Heavy {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives none.
    pub(crate) fn new() -> std::io::Result<Self> {
        let lane = Lane::new("rosterd-heavy", 1, QUEUE, WAIT)?;
        Ok(Self { lane, rested: Arc::new(Mutex::new(Instant::now())) })
    }

    /// How the thread stands.
    pub(crate) fn metrics(&self) -> LaneMetrics {
        self.lane.metrics()
    }

    /// Works on so many bytes: here and now where they are few, else on the thread.
    ///
    /// # Errors
    /// [`AppError::Busy`] when too much waits for the thread already.
    pub async fn run<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AppError> {
        if bytes < LARGE {
            return Ok(work());
        }
        let rested = Arc::clone(&self.rested);
        let paced = move || {
            let until = *rested.lock().unwrap_or_else(PoisonError::into_inner);
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
            let began = Instant::now();
            let value = work();
            let rest = (began.elapsed() * REST).min(LONGEST_REST);
            *rested.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + rest;
            value
        };
        self.lane.run(paced).await.map_err(|_refused| AppError::Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread() -> Option<String> {
        std::thread::current().name().map(str::to_owned)
    }

    #[tokio::test]
    async fn only_large_work_leaves_the_thread() {
        let heavy = Heavy::new().unwrap();
        assert_eq!(heavy.run(LARGE - 1, thread).await.unwrap(), thread());
        assert_eq!(heavy.run(LARGE, thread).await.unwrap().as_deref(), Some("rosterd-heavy"));
    }

    #[tokio::test]
    async fn it_rests_longer_than_it_works() {
        let heavy = Heavy::new().unwrap();
        let work = || {
            let began = Instant::now();
            std::thread::sleep(Duration::from_millis(20));
            (began, Instant::now())
        };
        let (_, ended) = heavy.run(LARGE, work).await.unwrap();
        let (began, _) = heavy.run(LARGE, work).await.unwrap();
        assert!(began.duration_since(ended) >= Duration::from_millis(40));
    }
}
