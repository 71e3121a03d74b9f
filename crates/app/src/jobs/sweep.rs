//! Forgetting what matters no more: counts of sign-in tries that are over.

use std::time::Duration;

use super::Job;

pub(super) const JOB: Job = Job {
    name: "sweep",
    every: |_settings| Duration::from_secs(5),
    work: |app| Box::pin(async move { app.limiter().forget_idle() }),
    at_stop: None,
};
