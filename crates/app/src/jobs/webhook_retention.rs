//! Removing deliveries of webhooks that ended long ago.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::webhooks;

pub(super) const JOB: Job =
    Job::once("webhook_retention", |_settings| Duration::from_hours(1), |app| Box::pin(remove(app)));

async fn remove(app: App) -> Ran {
    Ran::told(webhooks::remove_old(&app).await, "deliveries of webhooks that ended long ago", "removed")
}
