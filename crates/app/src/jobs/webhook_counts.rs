//! Counting the deliveries of webhooks that wait, so that metrics tell them. Only where there are metrics.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::settings::MetricsPage;
use crate::webhooks;

pub(super) const JOB: Job =
    Job::in_each_process("webhook_counts", |_settings| Duration::from_secs(10), |app| Box::pin(count(app)))
        .only_if(|settings| settings.audit.is_on && !matches!(settings.metrics, MetricsPage::Off));

async fn count(app: App) -> Ran {
    match webhooks::count_waiting(&app).await {
        Ok(()) => Ran::Well,
        Err(error) => {
            tracing::warn!(%error, "deliveries that wait could not be counted; metrics tell those before");
            Ran::Failed
        }
    }
}
