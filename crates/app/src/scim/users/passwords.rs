//! The passwords that a connection sends (rule J10).

use rosterd_domain::ids::UserId;
use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_domain::user::AccountRow;
use rosterd_scim::Password;
use rosterd_storage::ScimUserRow;

use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppResult;
use crate::passwords::Asker;
use crate::scim;
use crate::users::replace_password;

/// The hash of a password that is sent for a user that is there; `None` where it is not to be set.
pub(super) async fn hashed_for(
    app: &App,
    caller: &Caller,
    mount: &str,
    id: &UserId,
    password: Option<&Password>,
) -> AppResult<Option<PasswordHash>> {
    let Some(password) = password else { return Ok(None) };
    let id = id.clone();
    let owner = scim::read(app, caller.clone(), mount.to_owned(), move |act| {
        let connection = act.actor().connection()?.clone();
        let known = act.read().find_scim_user(&connection.id, &id)?;
        let takes = connection.takes_passwords && known.is_some_and(|row| row.made && row.is_visible());
        if takes { Ok(act.read().find_account(&id)?) } else { Ok(None) }
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
