//! What admins do to accounts: updating and deleting (rules P1 to P4, R1 to R5).

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::email::EmailAddress;
use rosterd_domain::error::DomainError;
use rosterd_domain::ids::UserId;
use rosterd_domain::role::Role;
use rosterd_domain::rules::user_update::{self, UserUpdate};
use rosterd_domain::rules::{deletion, primary_admin};
use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_domain::user::UserModel;
use rosterd_storage::{Db, Lock, StoreError};
use uuid::Uuid;

use crate::app::App;
use crate::auth::{Admin, Caller};
use crate::error::ApiError;
use crate::services::avatars;

/// An update as it was sent: the address is judged only after the caller's right.
#[derive(Debug)]
pub struct SentUpdate {
    /// The new role.
    pub role: Role,
    /// The new name.
    pub name: String,
    /// The new address, as sent.
    pub email: String,
    /// The new image.
    pub profile_image_url: String,
    /// The new password; `None` or empty: unchanged.
    pub password: Option<PlainPassword>,
}

impl SentUpdate {
    fn judged(&self) -> Result<UserUpdate, DomainError> {
        Ok(UserUpdate {
            role: self.role.clone(),
            name: self.name.clone(),
            email: EmailAddress::parse(&self.email)?,
            profile_image_url: self.profile_image_url.clone(),
            password: self.password.clone(),
        })
    }
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
    app.write(caller, move |tx, me| {
        tx.lock(Lock::Accounts)?;
        let judged = judge(&handle, tx, &me.id, &id, &sent)?;
        apply(tx, &id, &judged, hash.as_ref(), now)?;
        let user = tx.find_user(&id)?.ok_or(DomainError::UserNotFound)?;
        Ok(handle.shown(user, now))
    })
    .await
}

/// Every rule of an update, in the order in which their refusals are told.
fn judge(
    app: &App,
    db: &mut dyn Db,
    actor: &UserId,
    id: &UserId,
    sent: &SentUpdate,
) -> Result<(UserModel, UserUpdate, Option<UserId>), ApiError> {
    let primary = db.find_primary_admin()?;
    primary_admin::ensure_may_update(actor, id, &sent.role, primary.as_ref())?;
    let target = db.lock_user(id)?.ok_or(DomainError::UserNotFound)?;
    let mut form = sent.judged()?;
    form.profile_image_url = avatars::meant(id, &form.profile_image_url, &target.profile_image_url);
    let owner = db.find_user_id_by_email(&form.email)?;
    user_update::changes(&target, &form, owner.as_ref())?;
    user_update::new_password(&form.password, &app.settings().password_policy)?;
    Ok((target, form, owner))
}

fn apply(
    tx: &mut dyn Db,
    id: &UserId,
    (target, form, owner): &(UserModel, UserUpdate, Option<UserId>),
    hash: Option<&PasswordHash>,
    now: UnixSeconds,
) -> Result<(), ApiError> {
    let changes = user_update::changes(target, form, owner.as_ref())?;
    if let Some(email) = &changes.email {
        tx.update_auth_email(id, email)?;
    }
    tx.update_user(id, &changes, now).map_err(taken)?;
    if let Some(hash) = hash {
        // A password that an admin sets ends the sessions that were opened with the old one.
        tx.update_password(id, hash, Some(&Uuid::new_v4().to_string()))?;
    }
    Ok(())
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
    app.write(caller, move |tx, me| delete_by(tx, &me.id, &id, now)).await
}

/// [`delete`] inside a transaction, on behalf of `actor`.
///
/// # Errors
/// As [`delete`].
pub fn delete_by(tx: &mut dyn Db, actor: &UserId, id: &UserId, now: UnixSeconds) -> Result<(), ApiError> {
    let primary = tx.find_primary_admin()?;
    let found = tx.lock_user(id)?;
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
