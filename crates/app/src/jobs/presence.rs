//! Telling the database that this server works on it, see [`presence`].

use super::{Job, Ran};
use crate::presence;

/// The last of all: what other jobs do at the stop is done before the note is removed.
pub(super) const JOB: Job = Job::in_each_process(
    presence::NAME,
    |_settings| presence::every(),
    |app| Box::pin(async move { ran(presence::renew(&app).await.is_ok()) }),
)
.at_stop(|app| Box::pin(async move { ran(presence::withdraw(&app).await.is_ok()) }));

/// What failed is told there, and a note that stays ends by itself.
fn ran(well: bool) -> Ran {
    if well { Ran::Well } else { Ran::Failed }
}
