//! The lease of a job that one process at a time does for all on the database.
//!
//! It is kept from run to run (rule in [`lease`](rosterd_domain::rules::lease)), prolonged while a run goes on, and given
//! back when the server stops. Of a process that dies it ends by itself, and another one takes it with its next run.

use rosterd_domain::rules::lease;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout_at};
use uuid::Uuid;

use super::{Job, RunResult};
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};

/// See the module.
#[derive(Clone)]
pub(super) struct Lease {
    app: App,
    name: &'static str,
    /// This runner, among all processes.
    holder: String,
    seconds: i64,
    held: bool,
    /// When it was last taken, by this process's clock.
    taken_at: Option<Instant>,
}

/// How a run under a lease ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended<T> {
    /// As a run ends.
    Done(T),
    /// It panicked.
    Panicked,
    /// It was ended because the lease was lost.
    Lost,
}

impl Lease {
    /// The lease of this job; not taken yet. `None` where the database has no table for it.
    pub(super) fn of(job: &Job, app: &App) -> Option<Self> {
        app.store().layout().leases.then(|| Self {
            seconds: lease::seconds((job.every)(app.settings())),
            app: app.clone(),
            name: job.name,
            holder: Uuid::new_v4().to_string(),
            held: false,
            taken_at: None,
        })
    }

    /// Runs the job once, if this process has or gets its lease.
    pub(super) async fn run(&mut self, job: Job) -> RunResult {
        let taken_at = match self.taken_at.filter(|_| self.held) {
            // A job that runs every second does not write its lease every second.
            Some(taken_at) if taken_at.elapsed() < lease::renewal(self.seconds) => taken_at,
            _ => {
                // Before the question: the lease ends here no later than in the database.
                let taken_at = Instant::now();
                if let Some(why_not) = self.take().await {
                    return why_not;
                }
                self.taken_at = Some(taken_at);
                taken_at
            }
        };
        let work = tokio::spawn((job.work)(self.app.clone()));
        let ended = while_held(work, taken_at, self.seconds, || self.clone().renew()).await;
        match ended {
            Ended::Done(ran) => ran.into(),
            Ended::Panicked => RunResult::Panicked,
            Ended::Lost => {
                self.held = false;
                tracing::warn!(job = self.name, "the job's lease was lost while it ran; this run was ended");
                RunResult::Lost
            }
        }
    }

    /// Takes the lease, or prolongs it; gives why it could not.
    async fn take(&mut self) -> Option<RunResult> {
        let Self { name, holder, seconds, .. } = self.clone();
        let answer = self
            .app
            .write(Caller::job(name), move |act| {
                Ok::<_, AppError>(act.housekeeping().take_lease(name, &holder, seconds)?)
            })
            .await;
        let had = std::mem::replace(&mut self.held, matches!(answer, Ok(true)));
        match answer {
            Ok(true) if !had => {
                tracing::info!(job = name, holder = self.holder, "this process does the job from now on");
            }
            Ok(false) if had => tracing::warn!(job = name, "another process has taken over the job"),
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(job = name, %error, "the job's lease could not be taken; the next run tries again");
                return Some(RunResult::Failed);
            }
        }
        (!self.held).then_some(RunResult::Elsewhere)
    }

    async fn renew(self) -> AppResult<bool> {
        let Self { app, name, holder, seconds, .. } = self;
        app.write(Caller::job(name), move |act| Ok(act.housekeeping().renew_lease(name, &holder, seconds)?))
            .await
    }

    /// Lets another process have the job at once.
    pub(super) async fn give_back(self) {
        let Self { app, name, holder, held, .. } = self;
        if !held {
            return;
        }
        let given = app
            .write(Caller::job(name), move |act| {
                Ok::<_, AppError>(act.housekeeping().give_back_lease(name, &holder)?)
            })
            .await;
        if let Err(error) = given {
            tracing::warn!(job = name, %error, "the job's lease could not be given back; it ends by itself");
        }
    }
}

/// Waits for the work, under a lease that was taken at this moment for so many seconds. `renew` prolongs it and gives whether
/// it could; where the lease is lost, or cannot be prolonged before it ends, the work is ended.
async fn while_held<T, R, F>(
    mut work: JoinHandle<T>,
    taken_at: Instant,
    seconds: i64,
    mut renew: R,
) -> Ended<T>
where
    R: FnMut() -> F,
    F: Future<Output = AppResult<bool>>,
{
    let length = lease::length(seconds);
    let mut ends = taken_at + length;
    let mut renewals = interval_at(taken_at + lease::renewal(seconds), lease::renewal(seconds));
    renewals.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            ended = &mut work => return ended.map_or(Ended::Panicked, Ended::Done),
            () = sleep_until(ends) => break,
            _tick = renewals.tick() => {}
        }
        let asked = Instant::now();
        match timeout_at(ends, renew()).await {
            Ok(Ok(true)) => ends = asked + length,
            Ok(Ok(false)) | Err(_) => break,
            Ok(Err(error)) => tracing::warn!(%error, "a job's lease could not be renewed; it is tried again"),
        }
    }
    work.abort();
    // Where it ended by itself at the last moment, all the better.
    let _ended = work.await;
    Ended::Lost
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    /// A run that ends after so many seconds.
    fn working(seconds: u64) -> JoinHandle<()> {
        tokio::spawn(tokio::time::sleep(Duration::from_secs(seconds)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_run_renews_its_lease_until_it_ends() {
        let renewed = AtomicUsize::new(0);
        let renew = || {
            renewed.fetch_add(1, Ordering::SeqCst);
            ready(Ok(true))
        };
        assert_eq!(while_held(working(95), Instant::now(), 30, renew).await, Ended::Done(()));
        assert_eq!(renewed.load(Ordering::SeqCst), 9, "each 10 seconds");
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_whose_lease_another_process_has_is_ended() {
        let (alive, began) = (Arc::new(()), Instant::now());
        let held = Arc::clone(&alive);
        let work = tokio::spawn(async move {
            pending::<()>().await;
            drop(held);
        });
        assert_eq!(while_held(work, began, 30, || ready(Ok(false))).await, Ended::Lost);
        assert_eq!(began.elapsed().as_secs(), 10, "at the first renewal");
        assert_eq!(Arc::strong_count(&alive), 1, "nothing of the run is left");
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_is_ended_before_a_lease_ends_that_cannot_be_renewed() {
        let began = Instant::now();
        let fails = || ready(Err(AppError::InvalidToken));
        assert_eq!(while_held(working(1_000), began, 30, fails).await, Ended::Lost);
        assert_eq!(began.elapsed().as_secs(), 30);
        let began = Instant::now();
        assert_eq!(while_held(working(1_000), began, 30, pending).await, Ended::Lost);
        assert_eq!(began.elapsed().as_secs(), 30, "nor is an answer waited for that does not come");
    }

    #[tokio::test(start_paused = true)]
    async fn a_renewal_that_fails_once_ends_nothing() {
        let asked = AtomicUsize::new(0);
        let renew = || {
            let first = asked.fetch_add(1, Ordering::SeqCst) == 0;
            ready(if first { Err(AppError::InvalidToken) } else { Ok(true) })
        };
        assert_eq!(while_held(working(60), Instant::now(), 30, renew).await, Ended::Done(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_panics_says_so() {
        let work = tokio::spawn(async { panic!("on purpose") });
        assert_eq!(while_held(work, Instant::now(), 30, || ready(Ok(true))).await, Ended::Panicked);
    }
}
