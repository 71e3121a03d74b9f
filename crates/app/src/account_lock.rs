//! The lock that changes of accounts take.

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
