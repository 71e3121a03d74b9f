//! Removing events whose time is over.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::audit;

pub(super) const JOB: Job =
    Job::once("audit_retention", |_settings| Duration::from_hours(1), |app| Box::pin(remove(app)))
        .only_if(|settings| settings.audit.is_on);

async fn remove(app: App) -> Ran {
    match audit::remove_old(&app).await {
        Ok(events) => {
            tracing::debug!(events, "events whose time is over are removed");
            Ran::Well
        }
        Err(error) => {
            tracing::warn!(%error, "events whose time is over could not be removed; the next run tries again");
            Ran::Failed
        }
    }
}
