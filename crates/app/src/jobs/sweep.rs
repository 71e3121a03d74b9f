//! Forgetting what matters no more: attempts to sign in, and tokens that were signed out of and have ended. Each process has
//! its own, in memory.

use std::time::Duration;

use super::{Job, Ran};

pub(super) const JOB: Job = Job::in_each_process(
    "sweep",
    |_settings| Duration::from_secs(5),
    |app| {
        Box::pin(async move {
            app.limiter().forget_idle();
            app.revoked().forget_ended(app.now());
            Ran::Well
        })
    },
);
