//! Purging deleted accounts whose time is over.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::deleted;

/// Also where deleted accounts are not kept any more: what was kept before is purged then.
pub(super) const JOB: Job =
    Job::once("deleted_retention", |_settings| Duration::from_hours(1), |app| Box::pin(purge(app)));

async fn purge(app: App) -> Ran {
    match deleted::purge_old(&app, JOB.name).await {
        Ok(accounts) => {
            tracing::debug!(accounts, "deleted accounts whose time is over are purged");
            Ran::Well
        }
        Err(error) => {
            tracing::warn!(%error, "deleted accounts whose time is over could not be purged; the next run tries again");
            Ran::Failed
        }
    }
}
