//! What the server does by itself, beside the requests: a runner, and one file a job.
//!
//! A job has a name, an interval, and work that acts as [`Actor::Job`](crate::Actor). One run of it ends before the next
//! begins. [`Runner::stop`] waits for the runs at work; what must not stay in memory has its own last run then.
//!
//! To add a job: a file beside this one with a `pub(super) const JOB: Job`, and its name in [`ALL`].

mod activity;
mod sweep;

use std::pin::Pin;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::settings::Settings;

/// Every job.
pub const ALL: [Job; 2] = [activity::JOB, sweep::JOB];

/// What a run does. It tells the log of its own failures: there is nobody else to tell.
type Work = fn(App) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// Something that is done again and again.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// Its name, in the log and for [`Actor::Job`](crate::Actor).
    pub name: &'static str,
    every: fn(&Settings) -> Duration,
    work: Work,
    /// What is done in place of a run when the server stops, after the last request.
    at_stop: Option<Work>,
}

/// The jobs of an application, running.
#[derive(Debug)]
pub struct Runner {
    app: App,
    stop: watch::Sender<bool>,
    running: Vec<(Job, JoinHandle<()>)>,
}

impl Runner {
    /// Starts these jobs on the runtime this is called from. The first run of each is at once.
    #[must_use]
    pub fn start(app: &App, jobs: &[Job]) -> Self {
        let (stop, stopped) = watch::channel(false);
        let start = |job: &Job| (*job, tokio::spawn(again_and_again(app.clone(), *job, stopped.clone())));
        Self { app: app.clone(), running: jobs.iter().map(start).collect(), stop }
    }

    /// Ends the jobs: a run at work is waited for, and no other begins. Call it after the last request was answered.
    pub async fn stop(self) {
        // Nobody listening means that all have ended.
        let _all_ended = self.stop.send(true);
        for (job, running) in self.running {
            if let Err(why) = running.await {
                tracing::error!(job = job.name, %why, "a job ended by itself");
            }
            if let Some(last) = job.at_stop {
                last(self.app.clone()).await;
            }
        }
    }
}

async fn again_and_again(app: App, job: Job, mut stopped: watch::Receiver<bool>) {
    let mut ticks = interval((job.every)(app.settings()).max(Duration::from_millis(1)));
    // A run that took longer than the interval is not made up for.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            // An error means that the runner is gone, and so is the reason to go on.
            _stop = stopped.wait_for(|stop| *stop) => return,
            _tick = ticks.tick() => {}
        }
        // Not raced with the stop: what has begun is waited for. A run that panics ends alone.
        if tokio::spawn((job.work)(app.clone())).await.is_err() {
            tracing::error!(job = job.name, "a run of the job panicked; the next one comes in its time");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use rosterd_domain::clock::SystemClock;
    use rosterd_storage::{DatabaseUrl, Store, StoreOptions};
    use tokio::sync::Semaphore;

    use super::*;
    use crate::settings::TokenSecret;

    fn app() -> App {
        let url = DatabaseUrl::parse("sqlite://:memory:").unwrap();
        let store = Store::open(&StoreOptions::new(url)).unwrap();
        App::new(store, Settings::new(TokenSecret::new("a secret for tests")), Arc::new(SystemClock)).unwrap()
    }

    fn often(_settings: &Settings) -> Duration {
        Duration::from_millis(1)
    }

    #[tokio::test]
    async fn a_stop_waits_for_the_run_at_work_and_then_comes_the_last() {
        static BEGUN: Semaphore = Semaphore::const_new(0);
        static MAY_END: Semaphore = Semaphore::const_new(0);
        static AT_WORK: AtomicUsize = AtomicUsize::new(0);
        static LAST: AtomicUsize = AtomicUsize::new(0);
        async fn work() {
            assert_eq!(AT_WORK.fetch_add(1, Ordering::SeqCst), 0, "no two runs at once");
            BEGUN.add_permits(1);
            let _permit = MAY_END.acquire().await;
            AT_WORK.fetch_sub(1, Ordering::SeqCst);
        }
        fn last() {
            assert_eq!(AT_WORK.load(Ordering::SeqCst), 0, "the run at work has ended");
            LAST.fetch_add(1, Ordering::SeqCst);
        }
        let job = Job {
            name: "waits",
            every: often,
            work: |_app| Box::pin(work()),
            at_stop: Some(|_app| Box::pin(async { last() })),
        };
        let runner = Runner::start(&app(), &[job]);
        BEGUN.acquire().await.unwrap().forget();
        let mut stopping = Box::pin(runner.stop());
        tokio::select! {
            biased;
            () = &mut stopping => panic!("the run has not ended"),
            () = std::future::ready(()) => {}
        }
        MAY_END.add_permits(10);
        stopping.await;
        assert_eq!(LAST.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_run_that_panics_ends_alone() {
        static RUNS: Semaphore = Semaphore::const_new(0);
        fn work() {
            RUNS.add_permits(1);
            panic!("on purpose");
        }
        let job =
            Job { name: "panics", every: often, work: |_app| Box::pin(async { work() }), at_stop: None };
        let runner = Runner::start(&app(), &[job]);
        let _three = RUNS.acquire_many(3).await.unwrap();
        runner.stop().await;
    }

    #[test]
    fn no_two_jobs_share_a_name() {
        let names: Vec<_> = ALL.iter().map(|job| job.name).collect();
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len(), "{names:?}");
    }
}
