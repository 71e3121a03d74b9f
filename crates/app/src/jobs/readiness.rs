//! Asking whether the database can be worked with, so that metrics tell it also where nobody asks `/health/db`. Only where
//! there are metrics.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::settings::MetricsPage;

pub(super) const JOB: Job =
    Job::in_each_process("readiness", |_settings| Duration::from_secs(10), |app| Box::pin(check(app)));

/// What it finds is kept by the store, and told there. A database that is not ready is no failure of the job.
async fn check(app: App) -> Ran {
    if !matches!(app.settings().metrics, MetricsPage::Off) {
        let _kept_by_the_store = app.store().check().await;
    }
    Ran::Well
}
