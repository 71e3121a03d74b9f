//! What is known of the runs of jobs, for whoever watches the program.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rosterd_domain::clock::UnixSeconds;
use tokio::time::Instant;

use super::Ran;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunResult {
    /// It did its work.
    Success,
    /// It could not; the log says why.
    Failed,
    /// It panicked.
    Panicked,
    /// It was ended because another process has taken over the job.
    Lost,
    /// There was none here: another process does the job.
    Elsewhere,
}

impl RunResult {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Success, Self::Failed, Self::Panicked, Self::Lost, Self::Elsewhere];

    /// As metrics spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::Lost => "lost",
            Self::Elsewhere => "elsewhere",
        }
    }
}

impl From<Ran> for RunResult {
    fn from(ran: Ran) -> Self {
        match ran {
            Ran::Well => Self::Success,
            Ran::Failed => Self::Failed,
        }
    }
}

/// What is known of a job since it was started.
#[derive(Debug, Clone)]
pub struct JobMetrics {
    /// Its name.
    pub name: &'static str,
    /// Its runs, by [`RunResult::ALL`].
    pub runs: [u64; RunResult::ALL.len()],
    /// When its last run here ended, by the application's clock.
    pub last_run: Option<UnixSeconds>,
    /// When its last run here ended that did its work.
    pub last_success: Option<UnixSeconds>,
    /// How late its next run is: it has not begun, though its time has come.
    pub lag: Duration,
}

/// Of all jobs of an application.
#[derive(Debug, Default)]
pub(crate) struct JobCounts(Mutex<BTreeMap<&'static str, Known>>);

#[derive(Debug, Default)]
struct Known {
    runs: [u64; RunResult::ALL.len()],
    last_run: Option<UnixSeconds>,
    last_success: Option<UnixSeconds>,
    next: Option<Instant>,
}

impl JobCounts {
    /// The job's next run is to begin at this moment.
    pub(super) fn due(&self, name: &'static str, next: Instant) {
        self.lock().entry(name).or_default().next = Some(next);
    }

    /// A run has ended like this.
    pub(super) fn ended(&self, name: &'static str, how: RunResult, now: UnixSeconds) {
        let mut all = self.lock();
        let job = all.entry(name).or_default();
        let count = RunResult::ALL.into_iter().zip(&mut job.runs).find(|(result, _)| *result == how);
        if let Some((_, count)) = count {
            *count += 1;
        }
        if how != RunResult::Elsewhere {
            job.last_run = Some(now);
        }
        if how == RunResult::Success {
            job.last_success = Some(now);
        }
    }

    /// What is known.
    pub(crate) fn metrics(&self) -> Vec<JobMetrics> {
        let now = Instant::now();
        let metrics = |(name, job): (&&'static str, &Known)| JobMetrics {
            name,
            runs: job.runs,
            last_run: job.last_run,
            last_success: job.last_success,
            lag: job.next.map_or(Duration::ZERO, |next| now.saturating_duration_since(next)),
        };
        self.lock().iter().map(metrics).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
