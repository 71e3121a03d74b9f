//! Who may still decide about a piece of work: the thread that does it or the caller that waits.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::LaneError;

const WAITING: u8 = 0;
const BEGUN: u8 = 1;
const GIVEN_UP: u8 = 2;
const OVERDUE: u8 = 3;
const DONE: u8 = 4;

/// Settles the races between a thread that takes up work, or ends it, and a caller that gives it up.
#[derive(Debug)]
pub struct Ticket {
    state: AtomicU8,
    made: Instant,
    /// When the work must have begun.
    due: Instant,
    /// How long it may take after that; `None`: as long as it takes.
    limit: Option<Duration>,
    /// Milliseconds from `made` to the last sign of life; [`PAUSED`] while it waits for somebody else.
    progress: AtomicU64,
}

/// The work waits for its client, which is not its fault.
const PAUSED: u64 = u64::MAX;

impl Ticket {
    /// A ticket for work that must begin within `wait` and be done `limit` later.
    #[must_use]
    pub fn new(wait: Duration, limit: Option<Duration>) -> Self {
        let made = Instant::now();
        let (state, progress) = (AtomicU8::new(WAITING), AtomicU64::new(0));
        Self { state, made, due: made + wait, limit, progress }
    }

    /// Takes up the work; `false` when it is too late for that or was given up.
    pub fn take_up(&self) -> bool {
        Instant::now() < self.due && self.turn(WAITING, BEGUN)
    }

    /// Whether the work still waits to be taken up, and in time.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        Instant::now() < self.due && self.state() == WAITING
    }

    /// Whether somebody may give it up once it has begun.
    pub(crate) fn is_limited(&self) -> bool {
        self.limit.is_some()
    }

    /// Since when the work waits, or waited.
    #[must_use]
    pub fn made(&self) -> Instant {
        self.made
    }

    /// When the work must have begun: how long a connection may be waited for.
    #[must_use]
    pub fn due(&self) -> Instant {
        self.due
    }

    /// The work has begun, and its caller was told that it takes too long: nothing more may come of it.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.state() == OVERDUE
    }

    /// The work is done; `false` when its caller had given it up.
    pub fn end(&self) -> bool {
        self.turn(BEGUN, DONE)
    }

    /// Gives up work that has begun; `false` when it is done.
    pub fn overdue(&self) -> bool {
        self.turn(BEGUN, OVERDUE)
    }

    /// The work waits for its client from now on.
    pub fn pause(&self) {
        self.progress.store(PAUSED, Ordering::Relaxed);
    }

    /// The work goes on, and has its whole time again.
    pub fn go_on(&self) {
        let elapsed = u64::try_from(self.made.elapsed().as_millis()).unwrap_or(PAUSED - 1);
        self.progress.store(elapsed, Ordering::Relaxed);
    }

    /// Whether the work has begun and should be done by now.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.state() == BEGUN && self.end_by().is_some_and(|end| Instant::now() >= end)
    }

    /// When the work must be done, as things stand.
    fn end_by(&self) -> Option<Instant> {
        match self.progress.load(Ordering::Relaxed) {
            PAUSED => None,
            progress => {
                let since = self.due.max(self.made + Duration::from_millis(progress));
                self.limit.map(|limit| since + limit)
            }
        }
    }

    /// Gives up work that has not begun; `false` when it has.
    fn give_up(&self) -> bool {
        self.turn(WAITING, GIVEN_UP)
    }

    fn has_begun(&self) -> bool {
        matches!(self.state(), BEGUN | DONE)
    }

    fn state(&self) -> u8 {
        self.state.load(Ordering::Acquire)
    }

    fn turn(&self, from: u8, to: u8) -> bool {
        self.state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// Waits for the answer; gives up when the work has not begun in time, and when it is not done in time. `overdue` marks
/// work that has begun as given up and gives `false` when it is done.
///
/// # Errors
/// [`LaneError::Late`], [`LaneError::Overdue`] and [`LaneError::Panicked`].
pub async fn wait_for<T>(
    mut answer: oneshot::Receiver<T>,
    ticket: &Ticket,
    overdue: impl FnOnce() -> bool,
) -> Result<T, LaneError> {
    let outcome = match tokio::time::timeout_at(ticket.due.into(), &mut answer).await {
        Ok(outcome) => outcome,
        Err(_elapsed) if ticket.give_up() => return Err(LaneError::Late),
        Err(_elapsed) => match ticket.end_by() {
            None => answer.await,
            Some(end) => match tokio::time::timeout_at(end.into(), &mut answer).await {
                Ok(outcome) => outcome,
                Err(_elapsed) if overdue() => return Err(LaneError::Overdue),
                Err(_elapsed) => answer.await,
            },
        },
    };
    // The sender is dropped unused when the job came too late, or unwound.
    outcome.map_err(|_dropped| if ticket.has_begun() { LaneError::Panicked } else { LaneError::Late })
}
