//! Writing the events that are counted in memory: failed sign-ins and refused calls.

use super::{Job, Ran};
use crate::app::App;
use crate::audit;

pub(super) const JOB: Job =
    Job::in_each_process("audit_counts", |settings| settings.audit.seal_every, |app| Box::pin(write(app)))
        .at_stop(|app| Box::pin(write(app)));

async fn write(app: App) -> Ran {
    match audit::write_counted(&app).await {
        Ok(_rows) => Ran::Well,
        Err(error) => {
            tracing::warn!(%error, "counted events could not be written; they are kept for the next time");
            Ran::Failed
        }
    }
}
