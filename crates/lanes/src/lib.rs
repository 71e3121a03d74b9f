//! A few named threads with a bounded queue, for blocking work that no request thread should wait for.
//!
//! Nothing waits without limit. A full queue refuses work at once. A job that has not begun within the wait of the
//! lane is not run. In a lane with a limit, a job that has begun and takes longer than the limit is given up. Its
//! thread may hang as long as a frozen server does not answer, so a substitute thread takes its place. There may be
//! as many substitutes as the lane has threads.

mod crew;
mod durations;
mod entrance;
mod metrics;
mod remaining;
mod ticket;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use tokio::sync::oneshot;

use crew::Crew;
pub use durations::{BOUNDS, CountedDurations, Durations};
pub use entrance::Entrance;
pub use metrics::{LaneCounts, LaneMetrics, Refused};
pub use remaining::{One, Remaining};
pub use ticket::{Ticket, wait_for};

/// Threads and their queue. The threads end when the lane is shut or dropped, and its queue has run dry.
#[derive(Debug)]
pub struct Lane {
    queue: Entrance<Job>,
    crew: Arc<Crew>,
    wait: Duration,
    limit: Option<Duration>,
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
    /// The job has begun and is not done in time. What it does may still happen.
    #[error("the job takes too long")]
    Overdue,
    /// The job panicked. The thread lives on.
    #[error("the job panicked")]
    Panicked,
    /// The lane was shut before the job came.
    #[error("the program is stopping and accepts no more jobs")]
    Shut,
}

/// Work and the ticket that says who may still decide about it.
struct Job {
    ticket: Arc<Ticket>,
    work: Work,
}

/// What a thread is to do; it goes by the ticket until when to wait and whether to go on.
type Work = Box<dyn FnOnce(&Arc<Ticket>) + Send>;

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

/// Work that goes on after its answer, and the lane it goes on in.
#[derive(Debug)]
pub struct Ongoing {
    crew: Arc<Crew>,
    ticket: Arc<Ticket>,
}

impl Ongoing {
    /// Gives it up: others get its thread's place.
    pub fn give_up(&self) {
        self.crew.overdue(&self.ticket);
    }
}

impl Lane {
    /// Starts `threads` threads called `name`, with room for `queue` waiting jobs (at least one each). A job that
    /// has not begun after `wait` is refused; one that has begun is waited for.
    ///
    /// # Errors
    /// The operating system's, when it gives no thread.
    pub fn new(name: &str, threads: usize, queue: usize, wait: Duration) -> std::io::Result<Self> {
        Self::start(name, threads, queue, wait, None)
    }

    /// As [`new`](Lane::new), but no job is waited for longer than `wait` and `limit` together.
    ///
    /// # Errors
    /// As [`new`](Lane::new).
    pub fn limited(
        name: &str,
        threads: usize,
        queue: usize,
        wait: Duration,
        limit: Duration,
    ) -> std::io::Result<Self> {
        Self::start(name, threads, queue, wait, Some(limit))
    }

    fn start(
        name: &str,
        threads: usize,
        queue: usize,
        wait: Duration,
        limit: Option<Duration>,
    ) -> std::io::Result<Self> {
        let (queue, jobs) = bounded(queue.max(1));
        Ok(Self { queue: Entrance::new(queue), crew: Crew::start(name, threads.max(1), jobs)?, wait, limit })
    }

    /// Takes no more jobs; those that wait are still worked off. Returns at once.
    pub fn shut(&self) {
        self.queue.shut();
    }

    /// Waits until the threads of a [shut](Lane::shut) lane have ended; `false` when some still work at that moment.
    #[must_use]
    pub fn ended_by(&self, until: Instant) -> bool {
        self.crew.none_by(until)
    }

    /// How it stands, and what it has done.
    #[must_use]
    pub fn metrics(&self) -> LaneMetrics {
        let (waiting, room) = self.queue.waiting();
        self.crew.metrics(waiting, room)
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
        self.run_by(move |_ticket| work()).await
    }

    /// As [`run`](Lane::run), with the ticket, which says until when the work may wait and whether it was given up.
    ///
    /// # Errors
    /// As [`run`](Lane::run).
    pub async fn run_by<T, F>(&self, work: F) -> Result<T, LaneError>
    where
        T: Send + 'static,
        F: FnOnce(&Ticket) -> T + Send + 'static,
    {
        self.run_within(self.wait, work).await
    }

    /// As [`run_by`](Lane::run_by), where some of the time that it may wait has passed elsewhere.
    ///
    /// # Errors
    /// As [`run`](Lane::run).
    pub async fn run_within<T, F>(&self, wait: Duration, work: F) -> Result<T, LaneError>
    where
        T: Send + 'static,
        F: FnOnce(&Ticket) -> T + Send + 'static,
    {
        let work = move |ticket: &Arc<Ticket>, reply: oneshot::Sender<T>| {
            let value = work(ticket);
            // Nobody listening means that the request was abandoned: nothing to tell.
            let _abandoned = reply.send(value);
        };
        self.enqueue(wait, work).await.map(|(value, _ongoing)| value)
    }

    /// As [`run`](Lane::run), but the work itself says when its value is ready and may go on after that.
    ///
    /// # Errors
    /// As [`run`](Lane::run).
    pub async fn run_replying<T, F>(&self, work: F) -> Result<(T, Ongoing), LaneError>
    where
        T: Send + 'static,
        F: FnOnce(&Arc<Ticket>, oneshot::Sender<T>) + Send + 'static,
    {
        self.enqueue(self.wait, work).await
    }

    async fn enqueue<T, F>(&self, wait: Duration, work: F) -> Result<(T, Ongoing), LaneError>
    where
        T: Send + 'static,
        F: FnOnce(&Arc<Ticket>, oneshot::Sender<T>) + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let ticket = Arc::new(Ticket::new(wait, self.limit));
        let job = Job {
            ticket: Arc::clone(&ticket),
            work: Box::new(move |ticket| {
                if !reply.is_closed() {
                    work(ticket, reply);
                }
            }),
        };
        if self.crew.has_waiting() {
            self.crew.relieve();
        }
        let outcome = match self.queue.try_send(job) {
            Ok(()) => wait_for(answer, &ticket, || self.crew.overdue(&ticket)).await,
            Err(refused) => Err(refused),
        };
        if let Err(refused) = &outcome {
            self.crew.refused(*refused);
        }
        if matches!(outcome, Err(LaneError::Late)) {
            self.crew.relieve();
        }
        Ok((outcome?, Ongoing { crew: Arc::clone(&self.crew), ticket }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use crossbeam_channel::Sender;

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    /// A lane of one thread which is busy until the sender is used or dropped.
    async fn blocked(queue: usize, deadline: Duration) -> (Lane, Sender<()>) {
        let lane = Lane::new("test", 1, queue, deadline).unwrap();
        let (release, released) = bounded::<()>(0);
        let (begun, has_begun) = oneshot::channel();
        let work = Box::new(move |_ticket: &Arc<Ticket>| {
            begun.send(()).unwrap();
            let _ = released.recv();
        });
        lane.queue.try_send(Job { ticket: Arc::new(Ticket::new(LONG, None)), work }).unwrap();
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
    async fn what_it_does_is_counted() {
        let (lane, release) = blocked(1, LONG).await;
        let mut waiting = Box::pin(lane.run(|| 1));
        assert!(futures_poll_once(&mut waiting).await.is_none());
        assert_eq!(lane.run(|| 2).await, Err(LaneError::Full));
        let metrics = lane.metrics();
        assert_eq!((metrics.name.as_str(), metrics.threads, metrics.busy), ("test", 1, 1));
        assert_eq!((metrics.waiting, metrics.room, metrics.hanging), (1, 1, 0));
        assert_eq!(metrics.refused, Refused { full: 1, ..Refused::default() });
        drop(release);
        waiting.await.unwrap();
        assert_eq!(lane.run(|| panic!("on purpose")).await, Err::<(), _>(LaneError::Panicked));
        // The thread has counted the job before this one.
        lane.run(|| ()).await.unwrap();
        let metrics = lane.metrics();
        assert_eq!((metrics.waits.count(), metrics.waiting), (4, 0));
        assert_eq!(metrics.refused, Refused { full: 1, panicked: 1, ..Refused::default() });
        assert!(metrics.worked > Duration::ZERO);
        lane.shut();
        assert!(lane.ended_by(Instant::now() + LONG));
        assert_eq!(lane.metrics().busy, 0);
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

    const SHORT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn a_job_that_hangs_is_given_up_and_another_thread_goes_on() {
        let lane = Lane::limited("test", 1, 4, LONG, SHORT).unwrap();
        // Work that is due at once, so that only the limit is waited for.
        let impatient = Lane { wait: SHORT, ..lane };
        let (release, released) = bounded::<()>(0);
        let (told, tells) = bounded(1);
        let hanging = impatient.run_by(move |ticket| {
            let _ = released.recv();
            told.send(ticket.is_overdue()).unwrap();
        });
        assert_eq!(hanging.await, Err(LaneError::Overdue));
        assert_eq!(impatient.run(|| 7).await, Ok(7), "on a substitute");
        drop(release);
        assert!(tells.recv().unwrap(), "the work sees that nothing may come of it");
        assert_eq!(impatient.run(|| 8).await, Ok(8));
    }

    #[tokio::test]
    async fn substitutes_are_bounded_and_leave() {
        let lane = Lane::limited("test", 1, 8, SHORT, SHORT).unwrap();
        let (release, released) = bounded::<()>(0);
        for expected in [LaneError::Overdue, LaneError::Overdue, LaneError::Late, LaneError::Late] {
            let released = released.clone();
            let hanging = lane.run(move || {
                let _ = released.recv();
            });
            assert_eq!(hanging.await, Err(expected), "one thread, one substitute");
        }
        drop(release);
        let limit = std::time::Instant::now() + LONG;
        // Both come back, and the one that is too many leaves with its share of the crew.
        while Arc::strong_count(&lane.crew) > 2 {
            assert!(std::time::Instant::now() < limit, "the substitute stays");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(lane.run(|| 7).await, Ok(7));
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_is_given_up_too() {
        let lane = Lane::limited("test", 1, 8, SHORT, SHORT).unwrap();
        let (_release, released) = bounded::<()>(0);
        let (begun, has_begun) = oneshot::channel();
        let mut abandoned = Box::pin(lane.run(move || {
            begun.send(()).unwrap();
            let _ = released.recv();
        }));
        assert!(futures_poll_once(&mut abandoned).await.is_none());
        has_begun.await.unwrap();
        drop(abandoned);
        let limit = std::time::Instant::now() + LONG;
        while lane.run(|| 7).await != Ok(7) {
            assert!(std::time::Instant::now() < limit, "the lane is dead");
        }
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
