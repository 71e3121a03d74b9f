//! Reading the log.

use rosterd_domain::audit::{AuditEvent, EventQuery};

use super::verify::ensure_log;
use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppResult;

/// Most events of one page.
pub const MOST: i64 = 1000;

/// One page of events, newest first; [`MOST`] of them at most.
///
/// # Errors
/// [`AppError::NotFound`](crate::AppError::NotFound) where the database keeps no events;
/// [`AppError::AccessProhibited`](crate::AppError::AccessProhibited) for all but admins; those of the store.
pub fn list(act: &mut Act<'_>, query: &EventQuery) -> AppResult<Vec<AuditEvent>> {
    act.actor().ensure_admin()?;
    ensure_log(act.app())?;
    page(act, query)
}

/// The same of the events about the actor.
///
/// # Errors
/// As [`list`], but for the right; see [`Act::me`].
pub fn list_own(act: &mut Act<'_>, query: &EventQuery) -> AppResult<Vec<AuditEvent>> {
    let id = act.me()?.id.as_str().to_owned();
    ensure_log(act.app())?;
    page(act, &EventQuery { subject: Some(id), ..query.clone() })
}

fn page(act: &mut Act<'_>, query: &EventQuery) -> AppResult<Vec<AuditEvent>> {
    let query = EventQuery { limit: query.limit.clamp(1, MOST), ..query.clone() };
    Ok(act.read().list_events(&query)?.into_iter().map(AuditEvent::from).collect())
}

/// Sealed events after this position, in the order of positions; [`MOST`] of them at most.
///
/// # Errors
/// As [`list`].
pub async fn sealed_after(app: &App, caller: Caller, position: i64) -> AppResult<Vec<AuditEvent>> {
    app.scan(caller, move |act| {
        act.actor().ensure_admin()?;
        ensure_log(act.app())?;
        Ok(act.read().list_sealed_events(position, MOST)?.into_iter().map(AuditEvent::from).collect())
    })
    .await
}

/// The position of the last sealed event; 0 where there is none.
///
/// # Errors
/// As [`list`].
pub async fn last_position(app: &App, caller: Caller) -> AppResult<i64> {
    app.read(caller, |act| {
        act.actor().ensure_admin()?;
        ensure_log(act.app())?;
        let chains = act.read().find_chains()?;
        Ok(chains.iter().map(|chain| chain.position).max().unwrap_or_default())
    })
    .await
}
