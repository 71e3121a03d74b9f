//! Removing mails that ended long ago, also where mail is not set up any more.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::mail;

pub(super) const JOB: Job =
    Job::once("mail_retention", |_settings| Duration::from_hours(1), |app| Box::pin(remove(app)));

async fn remove(app: App) -> Ran {
    match mail::remove_old(&app).await {
        Ok(mails) => {
            tracing::debug!(mails, "mails that ended long ago are removed");
            Ran::Well
        }
        Err(error) => {
            tracing::warn!(%error, "old mails could not be removed; the next run tries again");
            Ran::Failed
        }
    }
}
