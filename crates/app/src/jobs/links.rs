//! Forgetting links that have ended, accounts that wait for nothing any more because another program let them in (rule C4), and what
//! connections by SCIM keep of accounts and groups that another program has deleted.

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
            let waiting = act.housekeeping().forget_void_unconfirmed()?;
            Ok::<_, AppError>((links, waiting, act.housekeeping().forget_scim_links_of_gone()?))
        })
        .await;
    match forgotten {
        Ok((links, waiting, gone)) => {
            tracing::debug!(links, waiting, gone, "ended links are forgotten");
            Ran::Well
        }
        Err(error) => {
            tracing::warn!(%error, "ended links could not be forgotten; the next run tries again");
            Ran::Failed
        }
    }
}
