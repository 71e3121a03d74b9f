//! What is told of a database whose accounts came from another one.

use std::collections::BTreeMap;

use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::Event;

/// Tells that the accounts of another database are all here, and lets servers start: both in one transaction. `from` is what the
/// other one is, such as `Open WebUI 0.12`; `rows` how many rows of each table came.
///
/// # Errors
/// [`AppError::AccessProhibited`] for all but the operator; those of the store.
pub async fn tell_migrated(
    app: &App,
    caller: Caller,
    from: &'static str,
    rows: BTreeMap<&'static str, u64>,
) -> AppResult<()> {
    app.write(caller, move |act| {
        act.actor().ensure_operator()?;
        act.tell(Event::DatabaseMigrated(from, rows));
        act.housekeeping().end_migration()?;
        Ok::<_, AppError>(())
    })
    .await
}
