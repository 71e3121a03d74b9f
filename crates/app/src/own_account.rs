//! What users change in their own account.

use rosterd_domain::email::EmailLookup;
use rosterd_domain::error::DomainError;
use rosterd_domain::rules::user_update::SentProfile;
use rosterd_domain::rules::{api_keys, picture};
use rosterd_domain::secret::{ApiKey, PlainPassword};
use rosterd_domain::user::AccountRow;
use uuid::Uuid;

use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::{Event, Outcome, Unchanged};
use crate::passwords::Against;
use crate::permissions;
use crate::stored_config::Key;
use crate::users::write_changes;

/// Changes the actor's own record.
///
/// # Errors
/// [`AppError::InvalidToken`] when the account is gone; a rule about a field; those of the store.
pub fn update_profile(act: &mut Act<'_>, mut sent: SentProfile) -> AppResult<AccountRow> {
    let id = act.me()?.id.clone();
    let account = act.read().lock_account(&id)?.ok_or(AppError::InvalidToken)?;
    sent.ensure_fits(&account)?;
    if let Some(image) = &mut sent.profile_image_url {
        let listed = act.app().settings().listed_image_bytes();
        *image = picture::meant(&id, std::mem::take(image), &account.profile_image_url, listed);
    }
    let changes = sent.changes(&account)?;
    write_changes(act, &account, &changes)?;
    let account = act.read().find_account(&id)?.ok_or(DomainError::UserNotFound)?;
    Ok(act.app().present_account(account, act.now()))
}

/// Changes the caller's own password. The session it was asked from goes on.
///
/// # Errors
/// [`AppError::IncorrectPassword`]; rule R3; those of the store.
pub async fn update_password(
    app: &App,
    caller: Caller,
    current: PlainPassword,
    new: PlainPassword,
) -> AppResult<()> {
    let (id, email, stored) = app
        .snapshot(caller.clone(), |act| {
            let (id, email) = (act.me()?.id.clone(), act.me()?.email.clone());
            let stored = act.read().find_sign_in_of(&id)?;
            Ok::<_, AppError>((id, email, stored))
        })
        .await?;
    // The same limit as for signing in: a stolen session must not become a place to guess passwords.
    app.limiter().count_email(&email)?;
    let against = match &stored {
        Some(stored) => Against::Stored(stored.hash.clone()),
        None => Against::Nobody(&email),
    };
    let fits = app.passwords().check(current, against).await?;
    let Some(checked) = stored.filter(|_| fits) else { return Err(AppError::IncorrectPassword) };
    app.settings().password_policy.check(&new)?;
    let renewed = app.passwords().hash(new).await?;
    app.write(caller, move |act| {
        act.read().lock_user(&id)?;
        if !act.read().find_sign_in_of(&id)?.is_some_and(|current| current.is_still(&checked)) {
            return Err(AppError::IncorrectPassword);
        }
        act.change(Event::UserPasswordChanged(id.clone())).update_password(&id, &renewed, None)?;
        Ok(())
    })
    .await
}

/// The actor's API key.
///
/// # Errors
/// [`AppError::ApiKeyNotFound`].
pub fn api_key(act: &mut Act<'_>) -> AppResult<ApiKey> {
    let id = act.me()?.id.clone();
    act.read().find_api_key(&id)?.ok_or(AppError::ApiKeyNotFound)
}

/// A new API key in place of the actor's old one.
///
/// # Errors
/// [`AppError::ApiKeyCreationNotAllowed`].
pub fn create_api_key(act: &mut Act<'_>) -> AppResult<ApiKey> {
    let (app, now) = (act.app(), act.now());
    let (id, role) = (act.me()?.id.clone(), act.me()?.role.clone());
    // The key refers to the account, which must not go meanwhile; and of two new keys at once one is left.
    if !act.read().lock_user(&id)? {
        return Err(AppError::InvalidToken);
    }
    let config = app.api_key_config(act.read())?;
    let rights = permissions::effective(app, act.read(), &id)?;
    if !api_keys::may_use_api_key(&role, &rights, config.enabled) {
        return Err(AppError::ApiKeyCreationNotAllowed);
    }
    let key = ApiKey::from_stored(format!("sk-{}", Uuid::new_v4().simple()));
    act.change(Event::ApiKeyCreated(id.clone())).replace_api_key(&id, &key, now)?;
    Ok(key)
}

/// Deletes the actor's API key; gives whether there was one.
///
/// # Errors
/// Those of the store.
pub fn delete_api_key(act: &mut Act<'_>) -> AppResult<bool> {
    let id = act.me()?.id.clone();
    Ok(act.change_and_tell(|tx| {
        let deleted = tx.delete_api_keys(&id)?;
        let event = Event::ApiKeyDeleted(id.clone());
        Ok((deleted, Outcome::changed_if(deleted, event, Unchanged::NothingThere)))
    })?)
}

/// Whom to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminDetails {
    /// The admin's name.
    pub name: Option<String>,
    /// The configured e-mail address, else the admin's.
    pub email: Option<String>,
}

/// Whom to ask: name and e-mail address of the admin, shown to people who wait to be let in.
///
/// # Errors
/// [`AppError::FeatureOff`] where it is switched off.
pub fn admin_details(act: &mut Act<'_>) -> AppResult<AdminDetails> {
    let app = act.app();
    let config = app.stored_config(act.read())?;
    if !config.is_on(Key::ShowAdminDetails) {
        return Err(AppError::FeatureOff("Admin details are hidden on this server."));
    }
    let configured = Some(config.text(Key::AdminEmail)).filter(|email| !email.is_empty());
    let id = match configured.map(EmailLookup::new) {
        Some(email) => act.read().find_user_id_by_email(&email)?,
        None => act.read().find_primary_admin()?,
    };
    let admin = match id {
        Some(id) => act.read().find_account(&id)?,
        None => None,
    };
    let (name, email) = admin.map(|admin| (admin.name, admin.email)).unzip();
    Ok(AdminDetails { name, email: configured.map(str::to_owned).or(email) })
}
