//! What admins do to accounts: updating and deleting (rules P1 to P4, R1 to R5).

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::email::EmailAddress;
use rosterd_domain::error::DomainError;
use rosterd_domain::ids::UserId;
use rosterd_domain::role::Role;
use rosterd_domain::rules::user_update::{self, UserUpdate};
use rosterd_domain::rules::{deletion, primary_admin};
use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_domain::user::{AccountRow, UserChanges, UserModel};
use rosterd_storage::{Db, Lock, StoreError};
use uuid::Uuid;

use crate::app::App;
use crate::auth::{Admin, Caller};
use crate::error::{ApiError, FieldError, faults_of};
use crate::openapi::schemas;
use crate::services::avatars;

/// An update as it was sent: its fields are judged where they differ from what is stored.
#[derive(Debug, utoipa::ToSchema)]
#[schema(as = UserUpdateForm)]
pub struct SentUpdate {
    /// The new role.
    #[schema(value_type = schemas::Role)]
    pub role: String,
    /// The new name.
    #[schema(
        min_length = 1,
        max_length = 255,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*[^\s\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\xad\u034f\u115f\u1160\u200b-\u200d\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0][^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$"
    )]
    pub name: String,
    /// The new address, as sent.
    #[schema(pattern = r"^[^\x00]*$")]
    pub email: String,
    /// The new picture, or what is stored already.
    #[schema(value_type = schemas::PictureUrl)]
    pub profile_image_url: String,
    /// The new password; absent, null or empty: unchanged.
    #[schema(value_type = Option<String>, format = Password)]
    pub password: Option<PlainPassword>,
}

/// What is wrong with a role and a name that were sent, beside what is stored.
pub(crate) fn faults(role: Option<&str>, name: Option<&str>, target: Option<&AccountRow>) -> Vec<FieldError> {
    let role = role.map(|role| faults_of(&[], &user_update::role(role, target)));
    let name = name.map(|name| faults_of(&[], &user_update::new_name(name, target)));
    role.into_iter().chain(name).flatten().collect()
}

/// Updates a user and gives the whole record. All fields or none.
///
/// # Errors
/// Rules P1, R2 and R3 as [`ApiError::Rule`]; those of the store.
pub async fn update(
    app: &App,
    caller: Caller<Admin>,
    id: UserId,
    sent: SentUpdate,
) -> Result<UserModel, ApiError> {
    let sent = std::sync::Arc::new(sent);
    let hash = match sent.password.as_ref().filter(|password| !password.expose().is_empty()) {
        None => None,
        Some(password) => {
            // Hashing takes long and would hold the write lock: it comes first, but not for a request that the
            // rules refuse anyway.
            let (handle, target, form) = (app.clone(), id.clone(), std::sync::Arc::clone(&sent));
            app.read(caller.clone(), move |db, me| {
                judge(&handle, db, &me.id, &target, &form).map(|_judged| ())
            })
            .await?;
            Some(app.passwords().hash(password.clone()).await?)
        }
    };
    let (handle, now) = (app.clone(), app.now());
    let bytes = sent.profile_image_url.len();
    app.write_much(caller, bytes, move |tx, me| {
        lock_accounts(tx, &me.id)?;
        let judged = judge(&handle, tx, &me.id, &id, &sent)?;
        apply(tx, &id, &judged, hash.as_ref(), now)?;
        let user = tx.find_user(&id)?.ok_or(DomainError::UserNotFound)?;
        Ok(handle.shown(user, now))
    })
    .await
}

/// Lets one change of accounts after another happen. The caller's right was read before the lock was there: whoever
/// held it may have taken that right away, or two admins could delete each other.
fn lock_accounts(tx: &mut dyn Db, actor: &UserId) -> Result<(), ApiError> {
    tx.lock(Lock::Accounts)?;
    match tx.find_account(actor)? {
        None => Err(ApiError::InvalidToken),
        Some(actor) if actor.role.is_admin() => Ok(()),
        Some(_) => Err(ApiError::AccessProhibited),
    }
}

/// Every rule of an update, in the order in which their refusals are told.
fn judge(
    app: &App,
    db: &mut dyn Db,
    actor: &UserId,
    id: &UserId,
    sent: &SentUpdate,
) -> Result<(AccountRow, UserUpdate, Option<UserId>), ApiError> {
    let target = db.lock_account(id)?;
    let faults = faults(Some(&sent.role), Some(&sent.name), target.as_ref());
    if !faults.is_empty() {
        return Err(ApiError::Validation(faults));
    }
    let role = user_update::role(&sent.role, target.as_ref())?;
    let primary = db.find_primary_admin()?;
    primary_admin::ensure_may_update(actor, id, &role, primary.as_ref())?;
    let target = target.ok_or(DomainError::UserNotFound)?;
    let form = UserUpdate {
        role,
        name: sent.name.clone(),
        email: sent.email.clone(),
        profile_image_url: avatars::meant(id, &sent.profile_image_url, &target.profile_image_url),
        password: sent.password.clone(),
    };
    let owner = match user_update::new_email(&form.email, &target)? {
        Some(email) => db.find_user_id_by_email(&(&email).into())?,
        None => None,
    };
    user_update::changes(&target, &form, owner.as_ref())?;
    user_update::new_password(&form.password, &app.settings().password_policy)?;
    Ok((target, form, owner))
}

fn apply(
    tx: &mut dyn Db,
    id: &UserId,
    (target, form, owner): &(AccountRow, UserUpdate, Option<UserId>),
    hash: Option<&PasswordHash>,
    now: UnixSeconds,
) -> Result<(), ApiError> {
    let changes = user_update::changes(target, form, owner.as_ref())?;
    if let Some(email) = &changes.email {
        tx.update_auth_email(id, email)?;
    }
    tx.update_user(id, &changes, now).map_err(taken)?;
    if let Some(hash) = hash {
        let email = changes.email.as_ref().map_or(target.email.as_str(), EmailAddress::as_str);
        replace_password(tx, id, email, hash)?;
    }
    Ok(())
}

/// A password that somebody else sets ends the sessions that were opened with the old one. An account of a foreign
/// database may lack the row for it; then it gets one, or the new password would be lost without a word.
fn replace_password(tx: &mut dyn Db, id: &UserId, email: &str, hash: &PasswordHash) -> Result<(), ApiError> {
    if !tx.update_password(id, hash, Some(&Uuid::new_v4().to_string()))? {
        tx.insert_auth(id, email, hash).map_err(taken)?;
    }
    Ok(())
}

/// Who acts when nobody's account does: whoever runs the server, on its command line. No account has the empty id, so
/// rule P1 protects the primary admin from it as from every other admin.
#[must_use]
pub fn operator() -> UserId {
    UserId::from_stored(String::new())
}

/// Gives a user a role, on behalf of `actor`, inside a transaction. The same role again writes nothing (rule R5).
///
/// # Errors
/// Rule P1 and `USER_NOT_FOUND` as [`ApiError::Rule`]; those of the store.
pub fn set_role_by(
    tx: &mut dyn Db,
    actor: &UserId,
    id: &UserId,
    role: &Role,
    now: UnixSeconds,
) -> Result<UserModel, ApiError> {
    let primary = tx.find_primary_admin()?;
    primary_admin::ensure_may_update(actor, id, role, primary.as_ref())?;
    let target = tx.lock_account(id)?.ok_or(DomainError::UserNotFound)?;
    let changes =
        UserChanges { role: (target.role != *role).then(|| role.clone()), ..UserChanges::default() };
    tx.update_user(id, &changes, now)?;
    Ok(tx.find_user(id)?.ok_or(DomainError::UserNotFound)?)
}

/// Sets a user's password without asking for the old one, in the user's own name: the way back for whoever lost it.
/// The primary admin's too, since rule P1 lets it change itself and the row of `user` stays as it is. Sessions opened
/// with the old password end.
///
/// # Errors
/// Rule R3 and `USER_NOT_FOUND` as [`ApiError::Rule`]; those of the store.
pub async fn reset_password(app: &App, id: UserId, password: PlainPassword) -> Result<UserModel, ApiError> {
    app.settings().password_policy.check(&password)?;
    let hash = app.passwords().hash(password).await?;
    app.store()
        .write(move |tx| {
            let account = tx.lock_account(&id)?.ok_or(DomainError::UserNotFound)?;
            replace_password(tx, &id, &account.email, &hash)?;
            Ok(tx.find_user(&id)?.ok_or(DomainError::UserNotFound)?)
        })
        .await
}

/// A unique violation on a user means its address: ids are ours.
pub(crate) fn taken(error: StoreError) -> ApiError {
    match error {
        StoreError::AlreadyExists { .. } => DomainError::EmailTaken.into(),
        other => other.into(),
    }
}

/// Deletes a user and all that hangs on the account, or nothing (rule P4).
///
/// # Errors
/// Rules P1 to P3 as [`ApiError::Rule`]; [`ApiError::DeleteUser`] when the database fails half-way and rolls back.
pub async fn delete(app: &App, caller: Caller<Admin>, id: UserId) -> Result<(), ApiError> {
    let now = app.now();
    app.write(caller, move |tx, me| {
        lock_accounts(tx, &me.id)?;
        delete_by(tx, &me.id, &id, now)
    })
    .await
}

/// [`delete`] inside a transaction, on behalf of `actor`.
///
/// # Errors
/// As [`delete`].
pub fn delete_by(tx: &mut dyn Db, actor: &UserId, id: &UserId, now: UnixSeconds) -> Result<(), ApiError> {
    // Nobody may be made a member of a group while being deleted.
    tx.lock(Lock::Accounts)?;
    let primary = tx.find_primary_admin()?;
    let found = tx.lock_user(id)?.then_some(());
    deletion::ensure_deletable(actor, id, found, primary.as_ref())?;
    delete_rows(tx, id, now).map_err(|error| match error {
        StoreError::Unavailable { .. } => error.into(),
        other => ApiError::DeleteUser(other),
    })
}

/// The user's row comes last: the others refer to it.
fn delete_rows(tx: &mut dyn Db, id: &UserId, now: UnixSeconds) -> Result<(), StoreError> {
    tx.remove_from_all_groups(id, now)?;
    tx.delete_chats(id)?;
    tx.delete_api_keys(id)?;
    tx.delete_oauth_sessions(id)?;
    tx.delete_auth(id)?;
    tx.delete_user(id)?;
    Ok(())
}
