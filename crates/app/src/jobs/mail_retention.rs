//! Removing mails that ended long ago, also where mail is not set up any more.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::mail;

pub(super) const JOB: Job =
    Job::once("mail_retention", |_settings| Duration::from_hours(1), |app| Box::pin(remove(app)));

async fn remove(app: App) -> Ran {
    Ran::told(mail::remove_old(&app).await, "mails that ended long ago", "removed")
}
