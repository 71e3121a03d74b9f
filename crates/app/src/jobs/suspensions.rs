//! Ending the suspensions whose time is over, in the rows that Open WebUI reads too.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::suspensions;

pub(super) const JOB: Job =
    Job::once(suspensions::JOB, |_settings| Duration::from_secs(30), |app| Box::pin(end(app)));

async fn end(app: App) -> Ran {
    Ran::told(suspensions::end_all_over(&app).await, "suspensions whose time is over", "ended")
}
