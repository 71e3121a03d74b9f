//! The lock that changes of accounts take.

use rosterd_domain::ids::UserId;
use rosterd_storage::Lock;

use crate::act::Act;
use crate::error::{AppError, AppResult};

/// Lets one change of accounts after another happen. The caller's right was read before the lock was there: whoever
/// held it may have taken that right away, or two admins could delete each other.
pub(crate) fn lock_accounts(act: &mut Act<'_>) -> AppResult<()> {
    act.read().lock(Lock::Accounts)?;
    let Some(me) = act.actor().id().cloned() else { return Ok(()) };
    match act.read().find_account(&me)? {
        None => Err(AppError::InvalidToken),
        Some(me) if me.role.is_admin() => Ok(()),
        Some(_) => Err(AppError::AccessProhibited),
    }
}

/// The lock of accounts while it is held, and what the rules ask beside an account: who acts, and who the primary admin is.
pub(crate) struct Held {
    pub(crate) actor: Option<UserId>,
    pub(crate) primary: Option<UserId>,
}

/// Takes the lock of accounts, for one account or for one after another.
pub(crate) fn hold_accounts(act: &mut Act<'_>) -> AppResult<Held> {
    act.actor().ensure_admin()?;
    lock_accounts(act)?;
    Ok(Held { actor: act.actor().id().cloned(), primary: act.read().find_primary_admin()? })
}
