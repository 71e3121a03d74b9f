//! Whether an account that a connection speaks of is an admin's, and whether it is active (rules J4 and J5).

use rosterd_domain::ids::UserId;
use rosterd_domain::role::Role;
use rosterd_domain::rules::scim_users::{Standing, Step, step};
use rosterd_domain::rules::suspension::SuspensionTerms;
use rosterd_domain::scim::Connection;
use rosterd_domain::user::AccountRow;
use rosterd_storage::ScimUserRow;

use crate::account_lock::Held;
use crate::act::Act;
use crate::error::AppResult;
use crate::suspensions::{end_held, suspend_held};

/// Whether an account belongs to an admin: one who is suspended, or has not confirmed an e-mail address, is none for the moment, and will
/// be one.
pub(super) fn is_admin(act: &mut Act<'_>, held: &Held, account: &AccountRow) -> AppResult<bool> {
    if account.role.is_admin() || held.primary.as_ref() == Some(&account.id) {
        return Ok(true);
    }
    if account.role != Role::Pending {
        return Ok(false);
    }
    let suspension = act.read().find_suspension(&account.id)?;
    let unconfirmed = act.read().find_unconfirmed(&account.id)?;
    Ok(suspension.is_some_and(|row| row.shown.role.is_admin())
        || unconfirmed.is_some_and(|row| row.role.is_admin()))
}

/// Whether an account waits until its e-mail address is confirmed.
pub(super) fn is_unconfirmed(act: &mut Act<'_>, account: &AccountRow) -> AppResult<bool> {
    Ok(account.role == Role::Pending && act.read().find_unconfirmed(&account.id)?.is_some())
}

/// Whether an account can be used, as the documents say it.
pub(super) fn is_active(act: &mut Act<'_>, id: &UserId) -> AppResult<bool> {
    let is_suspended = act.read().find_suspension(id)?.is_some();
    Ok(!is_suspended && act.read().find_sign_in_of(id)?.is_none_or(|row| row.active))
}

/// Does what a connection says of whether an account is active. The row then says whether it is, and what the connection wants; it is
/// not written here.
pub(super) fn settle(
    act: &mut Act<'_>,
    connection: &Connection,
    held: &Held,
    row: &mut ScimUserRow,
    active: bool,
) -> AppResult<()> {
    let id = row.user.clone();
    let suspension = act.read().find_suspension(&id)?.map(|row| row.shown);
    let wanted_by_others = match &suspension {
        Some(shown) => act.read().is_suspension_wanted_beside(Some(&connection.id), &id, shown.since)?,
        None => false,
    };
    let standing = Standing {
        suspension: suspension.as_ref().map(|shown| (shown.since, shown.until)),
        wanted: row.suspended_since,
        wanted_by_others,
    };
    match step(active, standing) {
        Step::Nothing => {}
        Step::Suspend => {
            let terms =
                SuspensionTerms { reason: Some(format!("Disabled by {}", connection.name)), until: None };
            suspend_held(act, held, &id, &terms)?;
            row.suspended_since = Some(act.now());
            row.attributes.active = false;
        }
        Step::Join => row.suspended_since = suspension.map(|shown| shown.since),
        Step::Prolong => {
            let terms = SuspensionTerms { reason: suspension.and_then(|shown| shown.reason), until: None };
            suspend_held(act, held, &id, &terms)?;
        }
        Step::Leave => row.suspended_since = None,
        Step::Resume => {
            row.suspended_since = None;
            row.attributes.active = end_held(act, &id)?;
        }
    }
    Ok(())
}
