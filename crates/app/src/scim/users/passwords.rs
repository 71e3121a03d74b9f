//! The passwords that a connection sends (rule J10).

use rosterd_domain::ids::UserId;
use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_domain::user::AccountRow;
use rosterd_scim::{IfMatch, Password};
use rosterd_storage::ScimUserRow;

use super::to_change;
use crate::account_lock::Held;
use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppResult;
use crate::passwords::Asker;
use crate::scim;
use crate::users::replace_password;

/// The hash of a password that is sent for a user that is there; `None` where it is not to be set. Hashing is dear: for a user that
/// may not be changed it is not done.
///
/// # Errors
/// As [`patch`](super::patch).
pub(super) async fn hashed_for(
    app: &App,
    caller: &Caller,
    mount: &str,
    (id, condition): (&UserId, Option<&IfMatch>),
    password: Option<&Password>,
) -> AppResult<Option<PasswordHash>> {
    let Some(password) = password else { return Ok(None) };
    let (id, condition) = (id.clone(), condition.cloned());
    let owner = scim::read(app, caller.clone(), mount.to_owned(), move |act| {
        let connection = act.actor().connection()?.clone();
        if !connection.takes_passwords {
            return Ok(None);
        }
        let held = Held { actor: None, primary: act.read().find_primary_admin()? };
        let (stored, account) = to_change(act, &connection, &held, &id, condition.as_ref())?;
        Ok(stored.made.then_some(account))
    });
    match owner.await?.value {
        Some(owner) => Ok(Some(hashed(app, caller, password, &owner.name, &owner.email).await?)),
        None => Ok(None),
    }
}

/// The hash of a password, if the policy lets it be one (rule R6).
pub(super) async fn hashed(
    app: &App,
    caller: &Caller,
    password: &Password,
    name: &str,
    email: &str,
) -> AppResult<PasswordHash> {
    let password = PlainPassword::new(password.expose().to_owned());
    app.settings().password_policy.check(&password)?;
    app.passwords().hash_new(password, name, email, Asker::Known(caller.request.client_ip)).await
}

/// Sets a password for an account that the connection made. Whoever had an account before keeps the password (rule J10).
pub(super) fn set_password(
    act: &mut Act<'_>,
    row: &ScimUserRow,
    account: &AccountRow,
    hash: Option<&PasswordHash>,
) -> AppResult<()> {
    let takes = act.actor().connection()?.takes_passwords;
    match hash.filter(|_| takes && row.made) {
        // As it is now: another e-mail address may have come with it.
        Some(hash) => {
            let email =
                act.read().find_account(&account.id)?.map_or_else(|| account.email.clone(), |now| now.email);
            replace_password(act, &account.id, &email, hash)
        }
        None => Ok(()),
    }
}
