//! Purging deleted accounts whose time is over.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::deleted;

/// Also where deleted accounts are not kept any more: what was kept before is purged then.
pub(super) const JOB: Job =
    Job::once("deleted_retention", |_settings| Duration::from_hours(1), |app| Box::pin(purge(app)));

async fn purge(app: App) -> Ran {
    Ran::told(deleted::purge_old(&app, JOB.name).await, "deleted accounts whose time is over", "purged")
}
