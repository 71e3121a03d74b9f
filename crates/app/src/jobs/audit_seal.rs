//! Giving events their order and their seals, about every second.

use super::{Job, Ran};
use crate::app::App;
use crate::audit;

pub(super) const JOB: Job =
    Job::once("audit_seal", |settings| settings.audit.seal_every, |app| Box::pin(seal(app)))
        .only_if(|settings| settings.audit.is_on);

async fn seal(app: App) -> Ran {
    match audit::seal(&app).await {
        Ok(_events) => Ran::Well,
        Err(error) => {
            tracing::warn!(%error, "events could not be sealed; the next run tries again");
            Ran::Failed
        }
    }
}
