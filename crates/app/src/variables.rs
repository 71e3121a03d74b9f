//! The caller's own variables (rule N11).

use rosterd_domain::json::{JsonObject, is_same_text};
use rosterd_domain::variables::UserVariables;

use crate::act::Act;
use crate::error::{AppError, AppResult};
use crate::event::Event;

/// Told where the database has no place for variables.
const NO_PLACE: &str = "This database keeps no variables.";

/// The actor's variables.
///
/// # Errors
/// [`AppError::NotFound`] on a database of an older Open WebUI; those of the store.
pub fn own(act: &mut Act<'_>) -> AppResult<UserVariables> {
    let id = act.me()?.id.clone();
    ensure_place(act)?;
    Ok(UserVariables::read(act.read().find_variables(&id)?.as_ref()))
}

/// Replaces all of the actor's variables. The same again writes nothing.
///
/// # Errors
/// What does not fit, as [`AppError::Rule`]; as [`own`].
pub fn replace(act: &mut Act<'_>, sent: &JsonObject) -> AppResult<UserVariables> {
    let (id, now) = (act.me()?.id.clone(), act.now());
    ensure_place(act)?;
    let variables = UserVariables::parse(sent)?;
    let text = variables.to_stored();
    act.read().lock_user(&id)?;
    let stored = act.read().find_variables(&id)?;
    if !stored.is_some_and(|stored| is_same_text(&stored, &text)) {
        act.change(Event::UserVariablesChanged(id.clone())).set_variables(&id, &text, now)?;
    }
    Ok(variables)
}

fn ensure_place(act: &Act<'_>) -> AppResult<()> {
    if act.app().store().layout().newer.variables { Ok(()) } else { Err(AppError::NotFound(NO_PLACE)) }
}
