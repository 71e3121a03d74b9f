//! What is told of a database that came from a backup.

use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::Event;

/// Tells that a backup took the place of the database, by the name of its file: so that whoever reads the audit log knows why
/// what happened after the backup is not in it.
///
/// # Errors
/// [`AppError::AccessProhibited`] for all but the operator; those of the store.
pub async fn tell_restored(app: &App, caller: Caller, backup: String) -> AppResult<()> {
    app.write(caller, move |act| {
        act.actor().ensure_operator()?;
        act.tell(Event::DatabaseRestored(backup));
        Ok::<_, AppError>(())
    })
    .await
}
