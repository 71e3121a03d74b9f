//! Counting the mails that wait, so that metrics tell them. Only where there are metrics, and mail is set up.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::mail;
use crate::settings::MetricsPage;

pub(super) const JOB: Job =
    Job::in_each_process("mail_counts", |_settings| Duration::from_secs(10), |app| Box::pin(count(app)))
        .only_if(|settings| settings.mail.is_some() && !matches!(settings.metrics, MetricsPage::Off));

async fn count(app: App) -> Ran {
    match mail::count_waiting(&app).await {
        Ok(()) => Ran::Well,
        Err(error) => {
            tracing::warn!(%error, "mails that wait could not be counted; metrics tell those before");
            Ran::Failed
        }
    }
}
