//! Sending mails that wait in the outbox, about every second. Only where mail is set up.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::mail;
use crate::settings::Settings;

pub(super) const JOB: Job =
    Job::once("mail", every, |app| Box::pin(send(app))).only_if(|settings| settings.mail.is_some());

fn every(settings: &Settings) -> Duration {
    settings.mail.as_ref().map_or(Duration::from_secs(1), |mail| mail.every)
}

async fn send(app: App) -> Ran {
    match mail::deliver(&app).await {
        Ok(_sent) => Ran::Well,
        Err(error) => {
            tracing::warn!(%error, "mails could not be sent; the next run goes on");
            Ran::Failed
        }
    }
}
