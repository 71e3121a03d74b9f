//! What users change in their own account.

use rosterd_domain::email::EmailLookup;
use rosterd_domain::error::DomainError;
use rosterd_domain::ids::UserId;
use rosterd_domain::rules::picture;
use rosterd_domain::rules::user_update::SentProfile;
use rosterd_domain::secret::PlainPassword;
use rosterd_domain::user::{AccountRow, UserChanges};
use rosterd_storage::SignIn;

use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::{Changes, Event, Outcome, Unchanged};
use crate::passwords::{Against, Asker};
use crate::sessions;
use crate::stored_config::Key;
use crate::users::{new_stamp, write_changes};

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
        *image = picture::url_to_store(&id, std::mem::take(image), &account.profile_image_url, listed);
    }
    let changes = sent.changes(&account)?;
    write_changes(act, &account, &changes)?;
    let account = act.read().find_account(&id)?.ok_or(DomainError::UserNotFound)?;
    Ok(act.app().present_account(account, act.now()))
}

/// Keeps the actor's time zone, any text. Front ends call it at every start, so what is stored already is only read.
///
/// # Errors
/// [`AppError::InvalidToken`] when the account is gone; those of the store.
pub async fn update_timezone(app: &App, caller: Caller, timezone: String) -> AppResult<()> {
    let sent = timezone.clone();
    let is_known = app
        .snapshot(caller.clone(), move |act| {
            let id = act.me()?.id.clone();
            Ok::<_, AppError>(act.read().find_timezone(&id)?.as_deref() == Some(sent.as_str()))
        })
        .await?;
    if is_known {
        return Ok(());
    }
    let bytes = timezone.len();
    app.write_much(caller, bytes, move |act| {
        let (id, now) = (act.me()?.id.clone(), act.now());
        if !act.read().lock_user(&id)? {
            return Err(AppError::InvalidToken);
        }
        let stored = act.read().find_timezone(&id)?;
        // Where somebody is, is told to nobody.
        let told = Changes::default().named("timezone", stored.as_ref() != Some(&timezone));
        let outcome =
            Outcome::changed_if(!told.is_empty(), Event::UserUpdated(id.clone(), told), Unchanged::Same);
        let changes = if stored.as_ref() == Some(&timezone) {
            UserChanges::default()
        } else {
            UserChanges { timezone: Some(Some(timezone)), ..UserChanges::default() }
        };
        act.change_and_tell(|tx| Ok((tx.update_user(&id, &changes, now)?, outcome)))?;
        Ok(())
    })
    .await
}

/// Deletes the actor's sessions with an identity provider. Open WebUI makes them.
///
/// # Errors
/// [`AppError::NotFound`] where there is none; those of the store.
pub fn delete_oauth_sessions(act: &mut Act<'_>, provider: &str) -> AppResult<()> {
    let id = act.me()?.id.clone();
    let deleted = act.change_and_tell(|tx| {
        let deleted = tx.delete_oauth_sessions_with(&id, provider)?;
        let event = Event::OauthSessionDeleted(id.clone(), provider.to_owned());
        Ok((deleted, Outcome::changed_if(deleted, event, Unchanged::NothingThere)))
    })?;
    if deleted { Ok(()) } else { Err(AppError::NotFound("There is no session with this provider.")) }
}

/// Changes the caller's own password. Where accounts carry a session stamp, all sessions of the account end, the one it
/// was asked from too; API keys live on (rule M15).
///
/// Hashing takes long. If the account was changed meanwhile, nothing is written: the other change may be the owner's
/// way to keep somebody out.
///
/// # Errors
/// [`AppError::IncorrectPassword`]; rules R3 and R6; [`AppError::Conflict`] where the account was changed meanwhile; those of the
/// store.
pub async fn update_password(
    app: &App,
    caller: Caller,
    current: PlainPassword,
    new: PlainPassword,
) -> AppResult<()> {
    let asker = Asker::Known(caller.request.client_ip);
    let found = find_own_sign_in(app, caller.clone(), |_act, _stored| Ok(())).await?;
    let Some((Owner { id, name, email }, checked)) = check_password(app, found, current, asker).await? else {
        return Err(not_checked(app, caller, changed_meanwhile()).await);
    };
    app.settings().password_policy.check(&new)?;
    let renewed = app.passwords().hash_new(new, &name, &email, asker).await?;
    let changed = app.write(caller, move |act| {
        act.read().lock_user(&id)?;
        // This locks the row that is read next, also against Open WebUI beside us.
        let new = new_stamp(act, &id)?;
        if !act.read().find_sign_in_of(&id)?.is_some_and(|current| current.is_still(&checked)) {
            return Err(changed_meanwhile());
        }
        let tx = act.change(Event::UserPasswordChanged(id.clone()));
        tx.update_password(&id, &renewed, Some(&new))?;
        tx.delete_password_links(&id)?;
        sessions::end_all(act, &id, None)?;
        Ok(())
    });
    match changed.await {
        // The caller's session was good when it was first looked at: what ended it came between.
        Err(AppError::InvalidToken) => Err(changed_meanwhile()),
        done => done,
    }
}

/// Who asks with the account's own password.
pub(crate) struct Owner {
    pub(crate) id: UserId,
    pub(crate) name: String,
    pub(crate) email: String,
}

/// Finds what the caller's own password is to be checked against, and counts the attempt. `judge` comes before that.
///
/// # Errors
/// [`AppError::RateLimited`]; those of `judge`; those of the store.
pub(crate) async fn find_own_sign_in(
    app: &App,
    caller: Caller,
    judge: impl FnOnce(&mut Act<'_>, Option<&SignIn>) -> AppResult<()> + Send + 'static,
) -> AppResult<(Owner, Option<SignIn>)> {
    let find = |act: &mut Act<'_>| {
        let me = act.me()?;
        let owner = Owner { id: me.id.clone(), name: me.name.clone(), email: me.email.clone() };
        let stored = act.read().find_sign_in_of(&owner.id)?;
        judge(act, stored.as_ref())?;
        // The same limits as for signing in: a stolen session must not become a place to guess passwords.
        let limiter = act.app().limiter();
        limiter.count(act, limiter.known(&owner.email, act.request().client_ip))?;
        Ok((owner, stored))
    };
    app.attempt(caller, find).await
}

/// Checks the password against what was found: `None` where it is another one.
///
/// # Errors
/// [`AppError::Busy`] where too many wait.
pub(crate) async fn check_password(
    app: &App,
    (owner, stored): (Owner, Option<SignIn>),
    current: PlainPassword,
    asker: Asker,
) -> AppResult<Option<(Owner, SignIn)>> {
    let against = match &stored {
        Some(stored) => Against::Stored(stored.hash.clone()),
        None => Against::Nobody(&owner.email),
    };
    let fits = app.passwords().check(current, against, asker).await?;
    Ok(stored.filter(|_| fits).map(|checked| (owner, checked)))
}

/// Why a password was another one. On PostgreSQL the hash can be that of a change which ended this session after it was looked
/// at: then it is `meanwhile`.
pub(crate) async fn not_checked(app: &App, caller: Caller, meanwhile: AppError) -> AppError {
    match app.me(caller).await {
        Err(AppError::InvalidToken) => meanwhile,
        _ => AppError::IncorrectPassword,
    }
}

fn changed_meanwhile() -> AppError {
    AppError::Conflict("This account was changed at the same moment, so its password was not. Sign in again.")
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
