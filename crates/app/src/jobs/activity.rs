//! Writing who was active (rule L4), and which API keys (rule K3) and connections (rule J1) were used: collected in memory, in one transaction now and then.

use std::sync::Arc;

use super::{Job, Ran};
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
async fn write(app: App, due: Due) -> Ran {
    let now = app.now();
    let (users, sessions, keys, connections) = match due {
        Due::Throttled => (
            app.activity().due(now),
            app.sessions_seen().due(now),
            app.key_uses().due(now),
            app.connection_uses().due(now),
        ),
        Due::Everything => (
            app.activity().unwritten(),
            app.sessions_seen().unwritten(),
            app.key_uses().unwritten(),
            app.connection_uses().unwritten(),
        ),
    };
    if users.is_empty() && sessions.is_empty() && keys.is_empty() && connections.is_empty() {
        return Ran::Well;
    }
    let seen = Arc::new((users, sessions, keys, connections));
    let batch = Arc::clone(&seen);
    let written = app
        .write(Caller::job(JOB.name), move |act| {
            let (users, sessions, keys, connections) = &*batch;
            act.housekeeping().touch_users(users)?;
            act.housekeeping().touch_sessions(sessions)?;
            act.housekeeping().touch_api_keys(keys)?;
            act.housekeeping().touch_connections(connections)?;
            Ok::<_, AppError>(())
        })
        .await;
    let (users, sessions, keys, connections) = &*seen;
    match written {
        Ok(()) => {
            app.activity().written(users, now);
            app.sessions_seen().written(sessions, now);
            app.key_uses().written(keys, now);
            app.connection_uses().written(connections, now);
            Ran::Well
        }
        Err(error) => {
            tracing::warn!(%error, users = users.len(), "activity could not be written; it is kept for the next time");
            Ran::Failed
        }
    }
}
