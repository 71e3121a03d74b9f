//! Accounts: signing up, adding, and what people change about their own account (contract, section 7).

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::email::{EmailAddress, EmailLookup};
use rosterd_domain::error::DomainError;
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::json::JsonText;
use rosterd_domain::name::UserName;
use rosterd_domain::role::Role;
use rosterd_domain::rules::{api_keys, user_update};
use rosterd_domain::secret::{ApiKey, PasswordHash, PlainPassword};
use rosterd_domain::user::{AccountRow, NewUser, UserChanges, UserModel};
use rosterd_storage::{Db, Lock};
use uuid::Uuid;

use crate::app::App;
use crate::auth::{Admin, Authenticated, Caller, Verified};
use crate::error::ApiError;
use crate::passwords::Against;
use crate::services::sessions::Session;
use crate::services::users::taken;
use crate::services::{avatars, permissions};
use crate::stored_config::{ApiKeyConfig, Key, StoredConfig};

/// The image of an account that has none.
pub const DEFAULT_IMAGE_URL: &str = "/user.png";

/// What makes an account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The name.
    pub name: UserName,
    /// The address, as sent.
    pub email: String,
    /// The password.
    pub password: PlainPassword,
    /// The image.
    pub profile_image_url: String,
}

/// Opens an account. The first of all becomes admin and closes sign-up: of any number at once exactly one.
///
/// # Errors
/// 403 when sign-up is closed; rules R2 and R3 (A2: the cause is named, as 400); those of the store.
pub async fn sign_up(app: &App, new: NewAccount) -> Result<Session, ApiError> {
    let checks = (app.clone(), new.clone());
    // Hashing is dear: what would be refused anyway is refused before it.
    app.store()
        .read(move |db| ensure_sign_up_open(&checks.0, db).and_then(|_| judge(&checks.0, db, &checks.1)))
        .await?;
    let hash = app.passwords().hash(new.password.clone()).await?;
    let (handle, now) = (app.clone(), app.now());
    app.store()
        .write(move |tx| {
            tx.lock(Lock::Accounts)?;
            let config = ensure_sign_up_open(&handle, tx)?;
            let email = judge(&handle, tx, &new)?;
            let first = tx.count_users()? == 0;
            let role = if first { Role::Admin } else { config.default_role() };
            let id = insert(tx, &new, &email, role, &hash, now)?;
            if first {
                close_sign_up(&handle, tx, now)?;
            }
            join_default_group(tx, &config, &id, now)?;
            handle.open_session(tx, &id, "password", now)
        })
        .await
}

/// Adds an account on behalf of an admin.
///
/// # Errors
/// Rules R2 and R3; those of the store.
pub async fn add(app: &App, caller: Caller<Admin>, new: NewAccount, role: Role) -> Result<Session, ApiError> {
    let checks = (app.clone(), new.clone());
    app.read(caller.clone(), move |db, _me| judge(&checks.0, db, &checks.1)).await?;
    let hash = app.passwords().hash(new.password.clone()).await?;
    let (handle, now) = (app.clone(), app.now());
    app.write(caller, move |tx, _me| {
        tx.lock(Lock::Accounts)?;
        let email = judge(&handle, tx, &new)?;
        let id = insert(tx, &new, &email, role, &hash, now)?;
        let config = handle.stored_config(tx)?;
        join_default_group(tx, &config, &id, now)?;
        handle.open_session(tx, &id, "password", now)
    })
    .await
}

/// Creates an account without a caller: the command line's way. The same rules as [`add`]; as with [`sign_up`], the
/// first account of all is an admin and closes sign-up. `role` is `None` for what fits: admin for the first account,
/// user for every other.
///
/// # Errors
/// As [`add`]; a rule at `["role"]` when the first account is asked to be anything but an admin: as the primary
/// admin (rule P1) nobody could ever change it.
pub async fn create(app: &App, new: NewAccount, role: Option<Role>) -> Result<UserModel, ApiError> {
    let checks = (app.clone(), new.clone(), role.clone());
    app.store()
        .read(move |db| {
            let first = db.count_users()? == 0;
            role_of_created(checks.2, first).and_then(|_role| judge(&checks.0, db, &checks.1))
        })
        .await?;
    let hash = app.passwords().hash(new.password.clone()).await?;
    let (handle, now) = (app.clone(), app.now());
    app.store()
        .write(move |tx| {
            tx.lock(Lock::Accounts)?;
            let first = tx.count_users()? == 0;
            let role = role_of_created(role, first)?;
            let email = judge(&handle, tx, &new)?;
            let id = insert(tx, &new, &email, role, &hash, now)?;
            if first {
                close_sign_up(&handle, tx, now)?;
            }
            let config = handle.stored_config(tx)?;
            join_default_group(tx, &config, &id, now)?;
            Ok(tx.find_user(&id)?.ok_or(DomainError::UserNotFound)?)
        })
        .await
}

fn role_of_created(asked: Option<Role>, first: bool) -> Result<Role, ApiError> {
    match (asked, first) {
        (None, true) => Ok(Role::Admin),
        (None, false) => Ok(Role::User),
        (Some(role), true) if !role.is_admin() => Err(ApiError::Rule(DomainError::Field {
            path: vec!["role".to_owned()],
            message: "the first account must be an admin".to_owned(),
        })),
        (Some(role), _) => Ok(role),
    }
}

/// Changes the caller's own record.
///
/// # Errors
/// 401; those of the store.
pub async fn update_profile(
    app: &App,
    caller: Caller<Verified>,
    mut changes: UserChanges,
) -> Result<AccountRow, ApiError> {
    let (handle, now) = (app.clone(), app.now());
    let bytes = changes.profile_image_url.as_ref().map_or(0, String::len);
    app.write_much(caller, bytes, move |tx, me| {
        let account = tx.lock_account(&me.id)?.ok_or(ApiError::InvalidToken)?;
        changes.ensure_profile_fits(&account)?;
        if let Some(image) = &mut changes.profile_image_url {
            *image = avatars::meant(&me.id, image, &account.profile_image_url);
        }
        let changes = user_update::profile_changes(&account, changes)?;
        tx.update_user(&me.id, &changes, now)?;
        Ok(handle.shown_account(tx.find_account(&me.id)?.ok_or(DomainError::UserNotFound)?, now))
    })
    .await
}

/// Changes the caller's own password. The session it was asked from goes on.
///
/// # Errors
/// [`ApiError::IncorrectPassword`]; rule R3; those of the store.
pub async fn update_password(
    app: &App,
    caller: Caller<Authenticated>,
    current: PlainPassword,
    new: PlainPassword,
) -> Result<(), ApiError> {
    let (id, email, stored) =
        app.read(caller.clone(), |db, me| Ok((me.id.clone(), me.email, db.find_sign_in_of(&me.id)?))).await?;
    // The same limit as for signing in: a stolen session must not become a place to guess passwords.
    app.limiter().count_email(&email)?;
    let against = match &stored {
        Some(stored) => Against::Stored(stored.hash.clone()),
        None => Against::Nobody(&email),
    };
    let fits = app.passwords().check(current, against).await?;
    let Some(checked) = stored.filter(|_| fits) else { return Err(ApiError::IncorrectPassword) };
    app.settings().password_policy.check(&new)?;
    let renewed = app.passwords().hash(new).await?;
    app.write(caller, move |tx, _me| {
        tx.lock_user(&id)?;
        if !tx.find_sign_in_of(&id)?.is_some_and(|current| current.is_still(&checked)) {
            return Err(ApiError::IncorrectPassword);
        }
        tx.update_password(&id, &renewed, None)?;
        Ok(())
    })
    .await
}

/// The caller's API key.
///
/// # Errors
/// [`ApiError::ApiKeyNotFound`].
pub async fn api_key(app: &App, caller: Caller<Verified>) -> Result<ApiKey, ApiError> {
    app.read(caller, |db, me| db.find_api_key(&me.id)?.ok_or(ApiError::ApiKeyNotFound)).await
}

/// A new API key in place of the caller's old one.
///
/// # Errors
/// [`ApiError::ApiKeyCreationNotAllowed`].
pub async fn create_api_key(app: &App, caller: Caller<Verified>) -> Result<ApiKey, ApiError> {
    let (handle, now) = (app.clone(), app.now());
    app.write(caller, move |tx, me| {
        // The key refers to the account, which must not go meanwhile; and of two new keys at once one is left.
        if !tx.lock_user(&me.id)? {
            return Err(ApiError::InvalidToken);
        }
        let config = ApiKeyConfig::read(tx, &handle.settings().defaults)?;
        let rights = permissions::effective(&handle, tx, &me.id)?;
        if !api_keys::may_use_api_key(&me.role, &rights, config.enabled) {
            return Err(ApiError::ApiKeyCreationNotAllowed);
        }
        let key = ApiKey::from_stored(format!("sk-{}", Uuid::new_v4().simple()));
        tx.replace_api_key(&me.id, &key, now)?;
        Ok(key)
    })
    .await
}

/// Deletes the caller's API key; gives whether there was one.
///
/// # Errors
/// Those of the store.
pub async fn delete_api_key(app: &App, caller: Caller<Verified>) -> Result<bool, ApiError> {
    app.write(caller, |tx, me| Ok(tx.delete_api_keys(&me.id)?)).await
}

/// Whom to ask: name and address of the admin, shown to people who wait to be let in.
///
/// # Errors
/// 403 where it is switched off.
pub async fn admin_details(
    app: &App,
    caller: Caller<Authenticated>,
) -> Result<(Option<String>, Option<String>), ApiError> {
    let handle = app.clone();
    app.read(caller, move |db, _me| {
        let config = handle.stored_config(db)?;
        if !config.is_on(Key::ShowAdminDetails) {
            return Err(ApiError::FeatureOff("The admin's details are not shown here."));
        }
        let configured = Some(config.text(Key::AdminEmail)).filter(|email| !email.is_empty());
        let id = match configured.map(EmailLookup::new) {
            Some(email) => db.find_user_id_by_email(&email)?,
            None => db.find_primary_admin()?,
        };
        let admin = match id {
            Some(id) => db.find_account(&id)?,
            None => None,
        };
        let (name, email) = admin.map(|admin| (admin.name, admin.email)).unzip();
        Ok((name, configured.map(str::to_owned).or(email)))
    })
    .await
}

impl App {
    /// The stored configuration as it is now.
    pub(crate) fn stored_config(&self, db: &mut dyn Db) -> Result<StoredConfig, ApiError> {
        StoredConfig::read(db, self.store().layout().config, &self.settings().defaults)
    }
}

/// The stored configuration, if it lets people sign up.
fn ensure_sign_up_open(app: &App, db: &mut dyn Db) -> Result<StoredConfig, ApiError> {
    let config = app.stored_config(db)?;
    if config.is_on(Key::EnableSignup) && config.is_on(Key::EnableLoginForm) {
        Ok(config)
    } else {
        Err(ApiError::FeatureOff("Sign-up is closed. Ask an admin for an account."))
    }
}

/// Closes sign-up: what the first account does. A switch that cannot be read is closed already.
pub(super) fn close_sign_up(app: &App, tx: &mut dyn Db, now: UnixSeconds) -> Result<(), ApiError> {
    let path = Key::EnableSignup.path(app.store().layout().config);
    if tx.find_config(path)?.is_some_and(|stored| stored.is_unreadable()) {
        return Ok(());
    }
    Ok(tx.set_configs(&[(path, JsonText::from_stored("false".to_owned()))], now)?)
}

/// The rules of a new account: address, then password. Gives the address.
fn judge(app: &App, db: &mut dyn Db, new: &NewAccount) -> Result<EmailAddress, ApiError> {
    let email = EmailAddress::parse(&new.email)?;
    if db.find_user_id_by_email(&(&email).into())?.is_some() {
        return Err(DomainError::EmailTaken.into());
    }
    app.settings().password_policy.check(&new.password)?;
    Ok(email)
}

/// Both rows of an account.
pub(super) fn insert(
    tx: &mut dyn Db,
    new: &NewAccount,
    email: &EmailAddress,
    role: Role,
    hash: &PasswordHash,
    now: UnixSeconds,
) -> Result<UserId, ApiError> {
    let user = NewUser {
        id: UserId::from_stored(Uuid::new_v4().to_string()),
        email: email.clone(),
        name: new.name.as_str().to_owned(),
        role,
        profile_image_url: new.profile_image_url.clone(),
        created_at: created_at(tx, now)?,
        oauth: None,
    };
    tx.insert_user(&user).map_err(taken)?;
    tx.insert_auth(&user.id, email.as_str(), hash).map_err(taken)?;
    Ok(user.id)
}

/// When a new account counts as made: now, but later than the primary admin. In the same second the lower id would
/// decide who that is (rule P1), and a clock that was set back would hand it to whoever comes next.
fn created_at(db: &mut dyn Db, now: UnixSeconds) -> Result<UnixSeconds, ApiError> {
    let primary = match db.find_primary_admin()? {
        Some(id) => db.find_account(&id)?,
        None => None,
    };
    Ok(primary.map_or(now, |primary| now.max(primary.created_at.saturating_add(1))))
}

/// The group of new accounts, if one is configured and exists.
pub(super) fn join_default_group(
    tx: &mut dyn Db,
    config: &StoredConfig,
    id: &UserId,
    now: UnixSeconds,
) -> Result<(), ApiError> {
    let group = config.text(Key::DefaultGroupId);
    if group.is_empty() {
        return Ok(());
    }
    let group = GroupId::from_stored(group.to_owned());
    if tx.find_group(&group)?.is_some() {
        tx.add_members(&group, std::slice::from_ref(id), now, &mut fresh_id)?;
    }
    Ok(())
}

/// A fresh row id.
pub(crate) fn fresh_id() -> String {
    Uuid::new_v4().to_string()
}
