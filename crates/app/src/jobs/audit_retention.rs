//! Removing events whose time is over.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::audit;

pub(super) const JOB: Job =
    Job::once("audit_retention", |_settings| Duration::from_hours(1), |app| Box::pin(remove(app)))
        .only_if(|settings| settings.audit.is_on);

async fn remove(app: App) -> Ran {
    Ran::told(audit::remove_old(&app).await, "events whose time is over", "removed")
}
