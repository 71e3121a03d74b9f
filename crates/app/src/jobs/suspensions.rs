//! Ending the suspensions whose time is over, in the rows that Open WebUI reads too.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::suspensions;

pub(super) const JOB: Job =
    Job::once(suspensions::JOB, |_settings| Duration::from_secs(30), |app| Box::pin(end(app)));

async fn end(app: App) -> Ran {
    match suspensions::end_all_over(&app).await {
        Ok(accounts) => {
            tracing::debug!(accounts, "suspensions whose time is over are ended");
            Ran::Well
        }
        Err(error) => {
            tracing::warn!(%error, "suspensions whose time is over could not be ended; the next run tries again");
            Ran::Failed
        }
    }
}
