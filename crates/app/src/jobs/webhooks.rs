//! Delivering events to webhooks, about every second.

use super::{Job, Ran};
use crate::app::App;
use crate::webhooks;

pub(super) const JOB: Job =
    Job::once("webhooks", |settings| settings.webhooks.every, |app| Box::pin(deliver(app)))
        .only_if(|settings| settings.audit.is_on);

async fn deliver(app: App) -> Ran {
    match webhooks::deliver(&app).await {
        Ok(_requests) => Ran::Well,
        Err(error) => {
            tracing::warn!(%error, "webhooks could not be delivered; the next run goes on");
            Ran::Failed
        }
    }
}
