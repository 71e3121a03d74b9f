//! Writing who was active (rule L4): collected in memory, in one transaction now and then.

use std::sync::Arc;

use super::Job;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

pub(super) const JOB: Job = Job::in_each_process(
    "activity",
    |settings| settings.activity_flush,
    |app| Box::pin(write(app, Due::Throttled)),
)
.at_stop(|app| Box::pin(write(app, Due::Everything)));

/// Which activity to write.
#[derive(Clone, Copy)]
enum Due {
    /// What the throttle lets through.
    Throttled,
    /// All of it.
    Everything,
}

/// One batch. A failure is told once and the batch kept for the next time.
async fn write(app: App, due: Due) {
    let now = app.now();
    let seen = match due {
        Due::Throttled => app.activity().due(now),
        Due::Everything => app.activity().unwritten(),
    };
    if seen.is_empty() {
        return;
    }
    let seen = Arc::new(seen);
    let batch = Arc::clone(&seen);
    let written = app
        .write(Caller::job(JOB.name), move |act| Ok::<_, AppError>(act.housekeeping().touch_users(&batch)?))
        .await;
    match written {
        Ok(()) => app.activity().written(&seen, now),
        Err(error) => {
            tracing::warn!(%error, users = seen.len(), "activity could not be written; it is kept for the next time");
        }
    }
}
