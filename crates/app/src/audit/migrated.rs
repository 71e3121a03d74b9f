//! What is told of a database whose accounts came from another one.

use std::collections::BTreeMap;

use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::Event;

/// Tells that the accounts of another database are all here, and lets servers start: both in one transaction. `from` is what the
/// other one is, such as `Open WebUI 0.12`; `rows` how many rows of each table came; `run` which run of the migration says so.
/// Gives `false`, and nothing was told or changed, where another run has taken over or ended it.
///
/// # Errors
/// [`AppError::AccessProhibited`] for all but the operator; those of the store.
pub async fn tell_migrated(
    app: &App,
    caller: Caller,
    from: &'static str,
    rows: BTreeMap<&'static str, u64>,
    run: String,
) -> AppResult<bool> {
    app.write(caller, move |act| {
        act.actor().ensure_operator()?;
        let ended = act.housekeeping().end_migration(&run)?;
        if ended {
            act.tell(Event::DatabaseMigrated(from, rows));
        }
        Ok::<_, AppError>(ended)
    })
    .await
}
