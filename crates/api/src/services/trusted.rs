//! Signing in by the word of a trusted proxy.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::email::{EmailAddress, EmailLookup};
use rosterd_domain::error::DomainError;
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::name::UserName;
use rosterd_domain::role::Role;
use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_storage::{Db, Lock};
use uuid::Uuid;

use super::accounts::{DEFAULT_IMAGE_URL, NewAccount, close_sign_up, fresh_id, insert, join_default_group};
use super::sessions::{Session, ensure_method_is_enough};
use crate::app::App;
use crate::error::ApiError;

/// What a trusted proxy says of the person behind a request.
#[derive(Debug, Clone)]
pub struct TrustedIdentity {
    /// The address.
    pub email: String,
    /// The name; `None`: the address.
    pub name: Option<String>,
    /// The names of all the groups the person is in, possibly none; `None`: not told.
    pub groups: Option<Vec<String>>,
}

/// Signs in whom a trusted proxy vouches for, opening the account at the first visit. Where the proxy tells groups,
/// the account is made a member of exactly those that exist; an admin's groups stay, as with Open WebUI.
///
/// # Errors
/// Rule R2; [`ApiError::InvalidCredentials`] for an account that is not active; those of the store.
pub async fn sign_in(app: &App, identity: TrustedIdentity) -> Result<Session, ApiError> {
    let email = EmailLookup::new(&identity.email);
    let (handle, now, known) = (app.clone(), app.now(), email.clone());
    let asking = app.clone();
    let existing = app
        .store()
        .read(move |db| {
            ensure_method_is_enough(&asking, db, "trusted_header")?;
            Ok::<_, ApiError>(db.find_user_id_by_email(&known)?)
        })
        .await?;
    let hash = match existing {
        Some(_) => None,
        None if EmailAddress::parse(&identity.email).is_err() => return Err(DomainError::InvalidEmail.into()),
        // Nobody knows this password: the account opens through the proxy alone.
        None => Some(app.passwords().hash(PlainPassword::new(Uuid::new_v4().to_string())).await?),
    };
    app.store()
        .write(move |tx| {
            tx.lock(Lock::Accounts)?;
            let id = match (tx.find_user_id_by_email(&email)?, &hash) {
                (Some(id), _) => id,
                (None, Some(hash)) => open(&handle, tx, &identity, hash, now)?,
                (None, None) => return Err(ApiError::InvalidCredentials),
            };
            if let Some(groups) = &identity.groups
                && !tx.find_caller(&id, None)?.is_some_and(|row| row.role.is_admin())
            {
                sync_groups(tx, &id, groups, now)?;
            }
            let session = handle.open_session(tx, &id, "trusted_header", now)?;
            handle.activity().saw(&id, now);
            Ok(session)
        })
        .await
}

fn open(
    app: &App,
    tx: &mut dyn Db,
    identity: &TrustedIdentity,
    hash: &PasswordHash,
    now: UnixSeconds,
) -> Result<UserId, ApiError> {
    let config = app.stored_config(tx)?;
    let first = tx.count_users()? == 0;
    let role = if first { Role::Admin } else { config.default_role() };
    let email = EmailAddress::parse(&identity.email)?;
    let name = identity.name.as_deref().map(UserName::parse).and_then(Result::ok);
    let name = match name {
        Some(name) => name,
        None => UserName::parse(email.as_str())?,
    };
    let new = NewAccount {
        name,
        email: identity.email.clone(),
        password: PlainPassword::new(String::new()),
        profile_image_url: DEFAULT_IMAGE_URL.to_owned(),
    };
    let id = insert(tx, &new, &email, role, hash, now)?;
    if first {
        close_sign_up(app, tx, now)?;
    }
    join_default_group(tx, &config, &id, now)?;
    Ok(id)
}

fn sync_groups(tx: &mut dyn Db, id: &UserId, names: &[String], now: UnixSeconds) -> Result<(), ApiError> {
    let mut wanted = Vec::new();
    for name in names {
        wanted.extend(tx.find_group_by_name(name)?.map(|group| group.id));
    }
    let current: Vec<GroupId> = tx.list_group_names_of(id)?.into_iter().map(|group| group.id).collect();
    let user = std::slice::from_ref(id);
    for gone in current.iter().filter(|group| !wanted.contains(group)) {
        tx.remove_members(gone, user, now)?;
    }
    for fresh in wanted.iter().filter(|group| !current.contains(group)) {
        tx.add_members(fresh, user, now, &mut fresh_id)?;
    }
    Ok(())
}
