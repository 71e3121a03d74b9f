//! Forgetting what matters no more: attempts to sign in, tokens that were signed out of and have ended, and the memory of
//! hashes. Each process has its own.

use std::time::Duration;

use super::{Job, Ran};

pub(super) const JOB: Job = Job::in_each_process(
    "sweep",
    |_settings| Duration::from_secs(5),
    |app| {
        Box::pin(async move {
            app.limiter().forget_idle();
            app.revoked().forget_ended(app.now());
            app.passwords().release_memory();
            Ran::Well
        })
    },
);
