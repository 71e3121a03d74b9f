//! A few named threads behind a bounded queue: where blocking work goes so that no request thread waits for it.
//!
//! Nothing waits for ever: a full queue refuses at once, and a job that did not start within the lane's deadline
//! is given up, by whoever notices first. What has started is waited for, since its outcome matters; keeping it
//! short is the job's affair (statement timeouts here).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tokio::sync::oneshot;

use crate::remaining::Remaining;

/// Threads and their queue. The threads end when the lane is shut or dropped, and its queue has run dry.
#[derive(Debug)]
pub struct Lane {
    queue: Entrance<Job>,
    threads: Remaining,
    deadline: Duration,
}

/// Why a job gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LaneError {
    /// The queue is full.
    #[error("too many jobs are waiting")]
    Full,
    /// The job did not start in time; it will not start any more.
    #[error("the job waited too long for its turn")]
    Late,
    /// The job panicked. The thread lives on.
    #[error("the job panicked")]
    Panicked,
    /// The lane was shut before the job came.
    #[error("no more jobs are taken: the program is stopping")]
    Shut,
}

/// The way into a queue. After [`shut`](Entrance::shut) what waits is worked off and nothing more comes in.
#[derive(Debug)]
pub(crate) struct Entrance<T>(RwLock<Option<Sender<T>>>);

impl<T> Entrance<T> {
    /// The entrance to this queue.
    pub(crate) fn new(queue: Sender<T>) -> Self {
        Self(RwLock::new(Some(queue)))
    }

    /// Puts something into the queue, unless it is full or shut.
    pub(crate) fn try_send(&self, item: T) -> Result<(), LaneError> {
        let queue = self.0.read().unwrap_or_else(PoisonError::into_inner);
        queue.as_ref().ok_or(LaneError::Shut)?.try_send(item).map_err(|refused| match refused {
            TrySendError::Full(_) => LaneError::Full,
            TrySendError::Disconnected(_) => LaneError::Panicked,
        })
    }

    /// Lets nothing more in. Whoever works off the queue sees its end when it has run dry.
    pub(crate) fn shut(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Work and the ticket that says who may still decide about it.
struct Job {
    ticket: Arc<Ticket>,
    work: Box<dyn FnOnce() + Send>,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

/// Settles the race between a thread that takes up a job and a caller that gives it up.
#[derive(Debug)]
pub(crate) struct Ticket {
    taken: AtomicBool,
    due: Instant,
}

impl Ticket {
    /// A ticket for work that must have begun within `deadline`.
    pub(crate) fn new(deadline: Duration) -> Self {
        Self { taken: AtomicBool::new(false), due: Instant::now() + deadline }
    }

    /// Takes up the work; `false` when it is too late for that or was given up.
    pub(crate) fn take_up(&self) -> bool {
        Instant::now() < self.due && !self.taken.swap(true, Ordering::AcqRel)
    }

    fn has_begun(&self) -> bool {
        self.taken.load(Ordering::Acquire)
    }

    /// Gives up the work; `false` when it has begun.
    fn give_up(&self) -> bool {
        !self.taken.swap(true, Ordering::AcqRel)
    }
}

impl Lane {
    /// Starts `threads` threads called `name`, with room for `queue` waiting jobs (at least one each). A job that
    /// has not begun after `deadline` is refused.
    ///
    /// # Errors
    /// The operating system's, when it gives no thread.
    pub fn new(name: &str, threads: usize, queue: usize, deadline: Duration) -> std::io::Result<Self> {
        let (sender, receiver) = bounded(queue.max(1));
        let remaining = Remaining::default();
        for _ in 0..threads.max(1) {
            let (jobs, here) = (receiver.clone(), remaining.add());
            std::thread::Builder::new().name(name.to_owned()).spawn(move || {
                let _here = here;
                work_off(&jobs);
            })?;
        }
        Ok(Self { queue: Entrance::new(sender), threads: remaining, deadline })
    }

    /// Takes no more jobs; those that wait are still worked off. Returns at once.
    pub fn shut(&self) {
        self.queue.shut();
    }

    /// Waits until the threads of a [shut](Lane::shut) lane have ended; `false` when some still work at that moment.
    #[must_use]
    pub fn ended_by(&self, until: Instant) -> bool {
        self.threads.none_by(until)
    }

    /// Runs `work` on one of the threads and gives its value. Dropping the future before the work began cancels it.
    ///
    /// Must be awaited inside a tokio runtime with time enabled (actix's is).
    ///
    /// # Errors
    /// [`LaneError`]; in the first two cases `work` did not run.
    pub async fn run<T, F>(&self, work: F) -> Result<T, LaneError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.run_replying(move |reply| {
            let value = work();
            // Nobody listening means that the request was abandoned: nothing to tell.
            let _abandoned = reply.send(value);
        })
        .await
    }

    /// As [`run`](Lane::run), but the work itself says when its value is ready and may go on after that.
    pub(crate) async fn run_replying<T, F>(&self, work: F) -> Result<T, LaneError>
    where
        T: Send + 'static,
        F: FnOnce(oneshot::Sender<T>) + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let ticket = Arc::new(Ticket::new(self.deadline));
        let job = Job {
            ticket: Arc::clone(&ticket),
            work: Box::new(move || {
                if !reply.is_closed() {
                    work(reply);
                }
            }),
        };
        self.queue.try_send(job)?;
        wait_for(answer, &ticket, self.deadline).await
    }
}

/// Waits for the answer; gives up at the deadline if the work has not begun by then.
pub(crate) async fn wait_for<T>(
    mut answer: oneshot::Receiver<T>,
    ticket: &Ticket,
    deadline: Duration,
) -> Result<T, LaneError> {
    let outcome = match tokio::time::timeout(deadline, &mut answer).await {
        Ok(outcome) => outcome,
        Err(_elapsed) if ticket.give_up() => return Err(LaneError::Late),
        Err(_elapsed) => answer.await,
    };
    // The sender is dropped unused when the job came too late, or unwound.
    outcome.map_err(|_dropped| if ticket.has_begun() { LaneError::Panicked } else { LaneError::Late })
}

/// One thread's life: until the lane is shut or gone and the queue is empty.
fn work_off(jobs: &Receiver<Job>) {
    for job in jobs {
        if job.ticket.take_up() && catch_unwind(AssertUnwindSafe(job.work)).is_err() {
            tracing::error!("a job panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    /// A lane of one thread which is busy until the sender is used or dropped.
    async fn blocked(queue: usize, deadline: Duration) -> (Lane, Sender<()>) {
        let lane = Lane::new("test", 1, queue, deadline).unwrap();
        let (release, released) = bounded::<()>(0);
        let (begun, has_begun) = oneshot::channel();
        let work = Box::new(move || {
            begun.send(()).unwrap();
            let _ = released.recv();
        });
        lane.queue.try_send(Job { ticket: Arc::new(Ticket::new(LONG)), work }).unwrap();
        has_begun.await.unwrap();
        (lane, release)
    }

    #[tokio::test]
    async fn gives_the_value_from_its_own_thread() {
        let lane = Lane::new("lane-test", 2, 4, LONG).unwrap();
        let name = lane.run(|| std::thread::current().name().map(str::to_owned)).await;
        assert_eq!(name.unwrap().as_deref(), Some("lane-test"));
    }

    #[tokio::test]
    async fn a_panic_ends_the_job_and_not_the_thread() {
        let lane = Lane::new("test", 1, 4, LONG).unwrap();
        assert_eq!(lane.run(|| panic!("on purpose")).await, Err::<(), _>(LaneError::Panicked));
        assert_eq!(lane.run(|| 7).await, Ok(7));
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let (lane, release) = blocked(1, LONG).await;
        let mut first = Box::pin(lane.run(|| 1));
        assert!(futures_poll_once(&mut first).await.is_none());
        assert_eq!(lane.run(|| 2).await, Err(LaneError::Full));
        drop(release);
        assert_eq!(first.await, Ok(1));
    }

    #[tokio::test]
    async fn a_job_that_cannot_begin_in_time_never_begins() {
        let (lane, release) = blocked(4, Duration::from_millis(20)).await;
        let ran = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&ran);
        assert_eq!(lane.run(move || seen.store(true, Ordering::SeqCst)).await, Err(LaneError::Late));
        drop(release);
        // The thread must be past the late job before the flag is looked at.
        while lane.run(|| ()).await.is_err() {}
        assert!(!ran.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn an_abandoned_job_is_skipped() {
        let (lane, release) = blocked(4, LONG).await;
        let ran = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&ran);
        let mut abandoned = Box::pin(lane.run(move || seen.store(true, Ordering::SeqCst)));
        assert!(futures_poll_once(&mut abandoned).await.is_none());
        drop(abandoned);
        drop(release);
        assert_eq!(lane.run(|| ()).await, Ok(()));
        assert!(!ran.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn a_shut_lane_works_off_what_waits_and_takes_nothing_more() {
        let (lane, release) = blocked(4, LONG).await;
        let mut waiting = Box::pin(lane.run(|| 1));
        assert!(futures_poll_once(&mut waiting).await.is_none());
        lane.shut();
        assert_eq!(lane.run(|| 2).await, Err(LaneError::Shut));
        assert!(!lane.ended_by(Instant::now()), "it still works");
        drop(release);
        assert_eq!(waiting.await, Ok(1));
        assert!(lane.ended_by(Instant::now() + LONG));
    }

    /// Polls once, so that the job is queued.
    async fn futures_poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(context) {
                std::task::Poll::Ready(value) => Some(value),
                std::task::Poll::Pending => None,
            })
        })
        .await
    }
}
