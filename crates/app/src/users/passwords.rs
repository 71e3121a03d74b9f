//! Passwords that somebody sets for an account without the old one (rules R3, R6 and M15).

use rosterd_domain::error::DomainError;
use rosterd_domain::ids::UserId;
use rosterd_domain::rules::second_factor;
use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_domain::user::UserModel;
use rosterd_storage::NewStamp;
use uuid::Uuid;

use super::{email_taken, whole};
use crate::act::Act;
use crate::api_keys;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::Event;
use crate::passwords::Asker;
use crate::sessions;

/// A password that somebody else sets ends the sessions that were opened with the old one. An account of a foreign
/// database may lack the row for it; then it gets one, or the new password would be lost without a word.
pub(crate) fn replace_password(
    act: &mut Act<'_>,
    id: &UserId,
    email: &str,
    hash: &PasswordHash,
) -> AppResult<()> {
    let new = new_stamp(act, id)?;
    let tx = act.change(Event::UserPasswordChanged(id.clone()));
    if !tx.update_password(id, hash, Some(&new))? {
        tx.insert_auth(id, email, hash, Some(&new.stamp)).map_err(email_taken)?;
    }
    // Whoever has one does not know that it is needed no more (rule O3).
    tx.delete_password_links(id)?;
    sessions::end_all(act, id, None)?;
    Ok(())
}

/// What ends all sessions of an account (rule M15).
pub(crate) fn new_stamp(act: &mut Act<'_>, id: &UserId) -> AppResult<NewStamp> {
    let kept = act.read().lock_second_factor(id)?;
    let mfa = second_factor::after_sessions_ended(kept.as_ref(), &Uuid::new_v4().to_string());
    Ok(NewStamp { stamp: Uuid::new_v4().to_string(), mfa })
}

/// Sets a user's password without asking for the old one, in the user's own name: the way back for whoever lost it.
/// The primary admin's too, since rule P1 lets it change itself and the row of `user` stays as it is. Sessions opened
/// with the old password end.
///
/// # Errors
/// Rules R3 and R6 and `USER_NOT_FOUND` as [`AppError::Rule`]; [`AppError::AccessProhibited`] for all but the operator; those of
/// the store.
pub async fn reset_password(
    app: &App,
    caller: Caller,
    id: UserId,
    password: PlainPassword,
    keys: Keys,
) -> AppResult<Reset> {
    app.settings().password_policy.check(&password)?;
    let account = id.clone();
    let (name, email) = app
        .snapshot(caller.clone(), move |act| {
            act.actor().ensure_operator()?;
            let account = act.read().find_account(&account)?.ok_or(DomainError::UserNotFound)?;
            Ok::<_, AppError>((account.name, account.email))
        })
        .await?;
    let asker = Asker::Known(caller.request.client_ip);
    let hash = app.passwords().hash_new(password, &name, &email, asker).await?;
    app.write(caller, move |act| {
        act.actor().ensure_operator()?;
        let account = act.read().lock_account(&id)?.ok_or(DomainError::UserNotFound)?;
        replace_password(act, &id, &account.email, &hash)?;
        let keys_deleted = match keys {
            Keys::Stay => 0,
            Keys::Go => api_keys::delete_all_of(act, &id)?,
        };
        let keys_left = api_keys::count_good(act, &id)?;
        Ok(Reset { user: whole(act, &id)?, keys_deleted, keys_left })
    })
    .await
}

/// What becomes of the API keys of an account whose password is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// They go on.
    Stay,
    /// All are deleted.
    Go,
}

/// What [`reset_password`] did.
#[derive(Debug)]
pub struct Reset {
    /// The account.
    pub user: UserModel,
    /// How many API keys were deleted.
    pub keys_deleted: usize,
    /// How many are left that have not ended.
    pub keys_left: usize,
}
