//! Forgetting links that have ended. They open nothing anyway.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

pub(super) const JOB: Job =
    Job::once("links", |_settings| Duration::from_hours(1), |app| Box::pin(forget(app)));

async fn forget(app: App) -> Ran {
    let now = app.now();
    let forgotten = app
        .write(Caller::job(JOB.name), move |act| {
            Ok::<_, AppError>(act.housekeeping().forget_ended_links(now)?)
        })
        .await;
    match forgotten {
        Ok(links) => {
            tracing::debug!(links, "ended links are forgotten");
            Ran::Well
        }
        Err(error) => {
            tracing::warn!(%error, "ended links could not be forgotten; the next run tries again");
            Ran::Failed
        }
    }
}
