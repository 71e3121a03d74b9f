//! The sessions that are open: looking at them, and ending them (rules A4 to A6). One's own are for persons alone (rule M12);
//! those of others for admins, and of the primary admin only for itself and for the operator.

use rosterd_domain::ids::{SessionId, UserId};
use rosterd_domain::rules::primary_admin;
use rosterd_domain::session::OpenSession;

use crate::account_lock::{Held, hold_accounts};
use crate::act::Act;
use crate::error::{AppError, AppResult};
use crate::event::{Event, Outcome, Unchanged};
use crate::sessions::{end_all, end_one};
use crate::users::new_stamp;

/// The actor's own open sessions, newest first. `current` is the one that the request came with.
///
/// # Errors
/// [`AppError::HumanSessionRequired`] for others than persons; [`AppError::Conflict`] where sessions are not kept; those of
/// the store.
pub fn own(act: &mut Act<'_>, current: Option<&SessionId>) -> AppResult<Vec<OpenSession>> {
    act.actor().ensure_person()?;
    let id = act.me()?.id.clone();
    list(act, &id, current)
}

/// Ends one of the actor's own sessions, the current one too.
///
/// # Errors
/// As [`own`]; [`AppError::NotFound`] where the actor has no such open session.
pub fn end_own(act: &mut Act<'_>, session: &SessionId) -> AppResult<()> {
    act.actor().ensure_person()?;
    ensure_kept(act)?;
    let id = act.me()?.id.clone();
    if end_one(act, &id, session)? { Ok(()) } else { Err(no_such_session()) }
}

/// Ends all of the actor's own sessions but for the one that the request came with; where that one is not kept, all of
/// them. Sessions that Open WebUI opened are not kept, and go on.
///
/// # Errors
/// As [`own`].
pub fn end_others(act: &mut Act<'_>, current: Option<&SessionId>) -> AppResult<()> {
    act.actor().ensure_person()?;
    ensure_kept(act)?;
    let id = act.me()?.id.clone();
    if !act.read().lock_user(&id)? {
        return Err(AppError::InvalidToken);
    }
    end_all(act, &id, current)?;
    Ok(())
}

/// A user's open sessions, newest first. `current` is the one that the request came with. For admins.
///
/// # Errors
/// [`AppError::NotFound`] for an unknown id; [`AppError::Conflict`] where sessions are not kept; those of the store.
pub fn of_user(act: &mut Act<'_>, id: &UserId, current: Option<&SessionId>) -> AppResult<Vec<OpenSession>> {
    act.actor().ensure_admin()?;
    act.read().find_last_active_at(id)?.ok_or(AppError::NO_SUCH_USER)?;
    list(act, id, current)
}

/// Ends one session of a user. For admins; rule P1 as for [`end_all_of`].
///
/// # Errors
/// [`AppError::NotFound`] for an unknown user, and where the user has no such open session; otherwise as [`end_all_of`].
pub fn end_one_of(act: &mut Act<'_>, id: &UserId, session: &SessionId) -> AppResult<()> {
    act.actor().ensure_admin()?;
    ensure_kept(act)?;
    let held = hold_accounts(act)?;
    lock_target(act, &held, id)?;
    if end_one(act, id, session)? { Ok(()) } else { Err(no_such_session()) }
}

/// What ending all sessions of an account came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// How many of those that are kept were open.
    pub kept: usize,
    /// Whether every session is over, those that Open WebUI opened too.
    pub all: bool,
}

/// Ends all sessions of a user, the actor's own too where it is the same (rules N12 and A5). API keys live on.
///
/// Where accounts carry a stamp (rule M15), no session outlives this. Otherwise those do that Open WebUI opened.
///
/// # Errors
/// [`AppError::NotFound`] for an unknown id, and on a database of an older Open WebUI that was not adopted; the primary
/// admin's sessions as [`AppError::Rule`]; those of the store.
pub fn end_all_of(act: &mut Act<'_>, id: &UserId) -> AppResult<Ended> {
    let held = hold_to_end_all(act)?;
    end_all_held(act, &held, id)
}

/// Holds what the end of all sessions of an account needs.
pub(crate) fn hold_to_end_all(act: &mut Act<'_>) -> AppResult<Held> {
    act.actor().ensure_admin()?;
    if !act.app().store().layout().session_stamp && !act.app().keeps_sessions() {
        return Err(AppError::NotFound(
            "On this database sessions cannot be ended for a whole account. `rosterd adopt --apply` adds the table for them.",
        ));
    }
    hold_accounts(act)
}

/// [`end_all_of`] while that is held.
pub(crate) fn end_all_held(act: &mut Act<'_>, held: &Held, id: &UserId) -> AppResult<Ended> {
    lock_target(act, held, id)?;
    end_everything(act, id)
}

/// Ends all sessions of an account whose row is locked.
pub(crate) fn end_everything(act: &mut Act<'_>, id: &UserId) -> AppResult<Ended> {
    let new = new_stamp(act, id)?;
    let now = act.now();
    let event = Event::UserSessionsEnded(id.clone(), None);
    let ended = act.change_and_tell(|tx| {
        let all = tx.replace_stamp(id, &new)?;
        let kept = tx.end_sessions(id, None, now)?;
        Ok((Ended { kept, all }, Outcome::changed_if(all || kept > 0, event, Unchanged::NothingThere)))
    })?;
    Ok(ended)
}

/// Locks the account whose sessions are about to be ended, and asks whether the actor may do that.
fn lock_target(act: &mut Act<'_>, held: &Held, id: &UserId) -> AppResult<()> {
    if !act.read().lock_user(id)? {
        return Err(AppError::NO_SUCH_USER);
    }
    Ok(primary_admin::ensure_may_end_sessions(held.actor.as_ref(), id, held.primary.as_ref())?)
}

fn list(act: &mut Act<'_>, user: &UserId, current: Option<&SessionId>) -> AppResult<Vec<OpenSession>> {
    ensure_kept(act)?;
    let (app, now) = (act.app(), act.now());
    let mut rows = act.read().list_sessions(user, now)?;
    for row in &mut rows {
        row.last_seen_at = app.sessions_seen().overlay(&row.id, row.last_seen_at);
    }
    Ok(rows.into_iter().map(|row| row.into_answer(current)).collect())
}

fn ensure_kept(act: &Act<'_>) -> AppResult<()> {
    if act.app().keeps_sessions() {
        return Ok(());
    }
    Err(AppError::Conflict(
        "This database has no table for sessions. `rosterd adopt --apply` adds it; start the server again afterwards.",
    ))
}

fn no_such_session() -> AppError {
    AppError::NotFound("There is no such open session.")
}
