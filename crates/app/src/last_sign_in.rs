//! When the owner of an account signed in last, and which attempts failed (rule A12). One's own is for persons alone (rule M12),
//! that of others for admins.

use rosterd_domain::ids::UserId;
use rosterd_domain::last_sign_in::LastSignIn;

use crate::act::Act;
use crate::error::{AppError, AppResult};

/// Of the actor's own account.
///
/// # Errors
/// [`AppError::HumanSessionRequired`] for others than persons; [`AppError::Conflict`] where it is not kept; those of the store.
pub fn own(act: &mut Act<'_>) -> AppResult<LastSignIn> {
    act.actor().ensure_person()?;
    let id = act.me()?.id.clone();
    find(act, &id)
}

/// Of a user. For admins.
///
/// # Errors
/// [`AppError::NotFound`] for an unknown id; [`AppError::Conflict`] where it is not kept; those of the store.
pub fn of_user(act: &mut Act<'_>, id: &UserId) -> AppResult<LastSignIn> {
    act.actor().ensure_admin()?;
    act.read().find_last_active_at(id)?.ok_or(AppError::NO_SUCH_USER)?;
    find(act, id)
}

fn find(act: &mut Act<'_>, id: &UserId) -> AppResult<LastSignIn> {
    if !act.app().store().layout().sign_ins {
        return Err(AppError::Conflict(
            "This database has no table for sign-ins. `rosterd adopt --apply` adds it; start the server again afterwards.",
        ));
    }
    Ok(act.read().find_last_sign_in(id)?.unwrap_or_default())
}
