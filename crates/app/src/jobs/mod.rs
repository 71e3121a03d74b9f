//! What the server does by itself, beside the requests: a runner, and one file a job.
//!
//! A job has a name, an interval, and work that acts as [`Actor::Job`](crate::Actor). One run of it ends before the next
//! begins. [`Runner::stop`] waits for the runs at work; what must not stay in memory has its own last run then.
//!
//! What concerns a process's own memory runs in each process ([`Job::in_each_process`]). What concerns the database, or tells
//! somebody outside, runs in one process at a time ([`Job::once`]): the one that has the job's lease.
//!
//! To add a job: a file beside this one with a `pub(super) const JOB: Job`, and its name in [`ALL`].

mod activity;
mod attempts;
mod audit_counts;
mod audit_retention;
mod audit_seal;
mod backup;
mod counts;
mod deleted_retention;
mod lease;
mod links;
mod mail;
mod mail_counts;
mod mail_retention;
mod presence;
mod readiness;
mod revocations;
mod sessions;
mod suspensions;
mod sweep;
mod webhook_counts;
mod webhook_retention;
mod webhooks;

use std::pin::Pin;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::app::App;
use crate::error::AppResult;
use crate::settings::Settings;
pub(crate) use counts::JobCounts;
pub use counts::{JobMetrics, RunResult};
use lease::Lease;

/// Every job.
pub const ALL: [Job; 20] = [
    activity::JOB,
    sweep::JOB,
    attempts::JOB,
    revocations::JOB,
    sessions::JOB,
    suspensions::JOB,
    links::JOB,
    readiness::JOB,
    backup::JOB,
    audit_counts::JOB,
    audit_seal::JOB,
    audit_retention::JOB,
    deleted_retention::JOB,
    webhooks::JOB,
    webhook_counts::JOB,
    webhook_retention::JOB,
    mail::JOB,
    mail_counts::JOB,
    mail_retention::JOB,
    presence::JOB,
];

/// The first run of a job that one process does comes after its interval, but no later than this after the start: processes
/// that start and end soon, such as those of a failing deployment, leave the lease to one that lasts.
const FIRST_RUN: Duration = Duration::from_mins(1);

/// What a run does. It tells the log of its own failures: there is nobody else to tell.
pub type Work = fn(App) -> Pin<Box<dyn Future<Output = Ran> + Send>>;

/// What came of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ran {
    /// It did its work.
    Well,
    /// It could not, and has told the log why.
    Failed,
}

impl Ran {
    /// What came of a run whose work was with many things of one kind. The log is told that `what` (in the plural) `is_done`, and how
    /// many these were; or that it could not be done.
    fn told(count: AppResult<usize>, what: &str, is_done: &str) -> Self {
        match count {
            Ok(count) => {
                tracing::debug!(count, "{what} are {is_done}");
                Self::Well
            }
            Err(error) => {
                tracing::warn!(%error, "{what} could not be {is_done}; the next run tries again");
                Self::Failed
            }
        }
    }
}

/// Something that is done again and again.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// Its name: in the log, for [`Actor::Job`](crate::Actor), and of its lease.
    pub name: &'static str,
    every: fn(&Settings) -> Duration,
    work: Work,
    by: By,
    is_wanted: fn(&Settings) -> bool,
}

/// Which of the processes on one database do a job.
#[derive(Debug, Clone, Copy)]
enum By {
    /// Each of them. `at_stop` is done in place of a run when the server stops, after the last request.
    Each { at_stop: Option<Work> },
    /// One at a time.
    One,
}

impl Job {
    /// A job that every process does, at once when it starts and then in this interval.
    #[must_use]
    pub const fn in_each_process(name: &'static str, every: fn(&Settings) -> Duration, work: Work) -> Self {
        Self { name, every, work, by: By::Each { at_stop: None }, is_wanted: |_settings| true }
    }

    /// A job that one process at a time does for all on the database, in this interval: the one that has the lease of this
    /// name. When that one stops, another takes over with its next run; when it dies, once the lease has ended, which
    /// lasts half as long again as the interval.
    ///
    /// A run whose lease is lost is ended where it next waits for something. A transaction that it has begun may still be
    /// committed, so work that goes on where another left off begins by reading, in the transaction that writes, how far
    /// that is.
    ///
    /// It does not run where the database has no table for leases (one of Open WebUI's that was not adopted, or by an older
    /// version): better undone than done twice, such as a message that is sent. The log says then what mends it.
    #[must_use]
    pub const fn once(name: &'static str, every: fn(&Settings) -> Duration, work: Work) -> Self {
        Self { name, every, work, by: By::One, is_wanted: |_settings| true }
    }

    /// The same where the settings ask for it, and nothing elsewhere.
    #[must_use]
    const fn only_if(self, is_wanted: fn(&Settings) -> bool) -> Self {
        Self { is_wanted, ..self }
    }

    /// The same with a last run when the server stops, after the last request. Only what every process does has one: what
    /// one does for all goes on in another.
    #[must_use]
    const fn at_stop(self, last: Work) -> Self {
        Self { by: By::Each { at_stop: Some(last) }, ..self }
    }
}

/// The jobs of an application, running.
#[derive(Debug)]
pub struct Runner {
    app: App,
    stop: watch::Sender<bool>,
    running: Vec<(Job, JoinHandle<()>)>,
}

impl Runner {
    /// Starts these jobs on the runtime this is called from.
    #[must_use]
    pub fn start(app: &App, jobs: &[Job]) -> Self {
        let (stop, stopped) = watch::channel(false);
        let spawn = |job: &Job| (*job, tokio::spawn(start(app.clone(), *job, stopped.clone())));
        let wanted = jobs.iter().filter(|job| (job.is_wanted)(app.settings()));
        Self { app: app.clone(), running: wanted.map(spawn).collect(), stop }
    }

    /// Ends the jobs: a run at work is waited for, no other begins, and leases are given back. Call it after the last request was answered.
    pub async fn stop(self) {
        // Nobody listening means that all have ended.
        let _all_ended = self.stop.send(true);
        for (job, running) in self.running {
            if let Err(why) = running.await {
                tracing::error!(job = job.name, %why, "a job ended unexpectedly");
            }
            if let By::Each { at_stop: Some(last) } = job.by {
                let _told_by_itself = last(self.app.clone()).await;
            }
        }
    }
}

async fn start(app: App, job: Job, stopped: watch::Receiver<bool>) {
    let every = (job.every)(app.settings()).max(Duration::from_millis(1));
    match job.by {
        By::Each { .. } => in_each_process(app, job, every, stopped).await,
        By::One => {
            let Some(lease) = Lease::of(&job, &app) else {
                tracing::warn!(
                    job = job.name,
                    "the job does not run: this database has no table rosterd_lease. `rosterd adopt --apply` adds it; \
                     start the server again afterwards"
                );
                return;
            };
            once(app, lease, job, every, stopped).await;
        }
    }
}

async fn in_each_process(app: App, job: Job, every: Duration, stopped: watch::Receiver<bool>) {
    let counts = app.job_counts();
    let mut runs = Runs::begin(Duration::ZERO, every, stopped);
    while runs.next().await {
        counts.due(job.name, Instant::now() + every);
        // Not raced with the stop: what has begun is waited for. A run that panics ends alone.
        let ended = match tokio::spawn((job.work)(app.clone())).await {
            Ok(ran) => ran.into(),
            Err(_panic) => RunResult::Panicked,
        };
        tell_of_panic(&job, ended);
        counts.ended(job.name, ended, app.now());
    }
}

async fn once(app: App, mut lease: Lease, job: Job, every: Duration, stopped: watch::Receiver<bool>) {
    let (counts, first) = (app.job_counts(), every.min(FIRST_RUN));
    counts.due(job.name, Instant::now() + first);
    let mut runs = Runs::begin(first, every, stopped);
    while runs.next().await {
        counts.due(job.name, Instant::now() + every);
        let ended = lease.run(job).await;
        tell_of_panic(&job, ended);
        counts.ended(job.name, ended, app.now());
    }
    lease.give_back().await;
}

fn tell_of_panic(job: &Job, ended: RunResult) {
    if ended == RunResult::Panicked {
        tracing::error!(job = job.name, "a run of the job panicked; the next run starts at its usual time");
    }
}

/// When a job runs.
struct Runs {
    ticks: tokio::time::Interval,
    stopped: watch::Receiver<bool>,
}

impl Runs {
    fn begin(first: Duration, every: Duration, stopped: watch::Receiver<bool>) -> Self {
        let mut ticks = interval_at(Instant::now() + first, every);
        // A run that took longer than the interval is not made up for.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { ticks, stopped }
    }

    /// Waits for the next run; `false` when there is none, since the server stops.
    async fn next(&mut self) -> bool {
        tokio::select! {
            biased;
            // An error means that the runner is gone, and so is the reason to go on.
            _stop = self.stopped.wait_for(|stop| *stop) => false,
            _tick = self.ticks.tick() => true,
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

    pub(super) fn app() -> App {
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
        async fn work() -> Ran {
            assert_eq!(AT_WORK.fetch_add(1, Ordering::SeqCst), 0, "no two runs at once");
            BEGUN.add_permits(1);
            let _permit = MAY_END.acquire().await;
            AT_WORK.fetch_sub(1, Ordering::SeqCst);
            Ran::Well
        }
        fn last() -> Ran {
            assert_eq!(AT_WORK.load(Ordering::SeqCst), 0, "the run at work has ended");
            LAST.fetch_add(1, Ordering::SeqCst);
            Ran::Well
        }
        let job = Job::in_each_process("waits", often, |_app| Box::pin(work()))
            .at_stop(|_app| Box::pin(async { last() }));
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
        fn work() -> Ran {
            RUNS.add_permits(1);
            panic!("on purpose");
        }
        let job = Job::in_each_process("panics", often, |_app| Box::pin(async { work() }));
        let app = app();
        let runner = Runner::start(&app, &[job]);
        let _three = RUNS.acquire_many(3).await.unwrap();
        runner.stop().await;
        let metrics = app.metrics().jobs;
        let [job] = metrics.as_slice() else { panic!("{metrics:?}") };
        assert!(job.name == "panics" && job.runs[RunResult::Panicked as usize] >= 3, "{job:?}");
        assert!(job.last_run.is_some() && job.last_success.is_none(), "{job:?}");
    }

    #[tokio::test]
    async fn what_a_run_did_is_counted() {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        static TWO: Semaphore = Semaphore::const_new(0);
        fn work() -> Ran {
            TWO.add_permits(1);
            if RUNS.fetch_add(1, Ordering::SeqCst) == 0 { Ran::Failed } else { Ran::Well }
        }
        let job = Job::in_each_process("counts", often, |_app| Box::pin(async { work() }));
        let app = app();
        let runner = Runner::start(&app, &[job]);
        let _two = TWO.acquire_many(2).await.unwrap();
        runner.stop().await;
        let metrics = app.metrics().jobs;
        let [job] = metrics.as_slice() else { panic!("{metrics:?}") };
        assert_eq!(job.runs[RunResult::Failed as usize], 1, "{job:?}");
        assert!(job.runs[RunResult::Success as usize] >= 1 && job.last_success.is_some(), "{job:?}");
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
