//! Forgetting links that have ended, and accounts that wait for nothing any more because another program let them in (rule C4).

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
            let links = act.housekeeping().forget_ended_links(now)?;
            Ok::<_, AppError>((links, act.housekeeping().forget_void_unconfirmed()?))
        })
        .await;
    match forgotten {
        Ok((links, waiting)) => {
            tracing::debug!(links, waiting, "ended links are forgotten");
            Ran::Well
        }
        Err(error) => {
            tracing::warn!(%error, "ended links could not be forgotten; the next run tries again");
            Ran::Failed
        }
    }
}
