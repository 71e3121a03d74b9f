//! What admins do to accounts: updating and deleting (rules P1 to P4, R1 to R5).

mod passwords;

use std::sync::Arc;

use rosterd_domain::deleted_user::DeletedUser;
use rosterd_domain::email::EmailAddress;
use rosterd_domain::error::DomainError;
use rosterd_domain::field_error::{FieldError, faults_of};
use rosterd_domain::ids::UserId;
use rosterd_domain::role::Role;
use rosterd_domain::rules::user_update::{self, UserUpdate};
use rosterd_domain::rules::way_back::Keep;
use rosterd_domain::rules::{deletion, picture, primary_admin, session};
use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_domain::user::{AccountRow, UserChanges, UserModel};
use rosterd_storage::{Lock, StoreError};

use crate::account_lock::{Held, hold_accounts, lock_accounts};
use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::deleted;
use crate::error::{AppError, AppResult};
use crate::event::{Changes, Event, Outcome, Unchanged};
use crate::links;
use crate::passwords::Asker;
use crate::sessions;
use crate::suspensions::{ensure_another_admin, ensure_role_may_change};
use crate::versions::{self, Condition, Tagged};

pub use passwords::{Keys, Reset, reset_password};
pub(crate) use passwords::{new_stamp, replace_password};

/// An update as it was sent: its fields are judged where they differ from what is stored.
#[derive(Debug)]
pub struct SentUpdate {
    /// The new role; of this and the others `None` is what is stored already.
    pub role: Option<String>,
    /// The new name.
    pub name: Option<String>,
    /// The new e-mail address, as sent.
    pub email: Option<String>,
    /// The new picture, or what is stored already.
    pub profile_image_url: Option<String>,
    /// The new password; `None` or empty: unchanged.
    pub password: Option<PlainPassword>,
}

/// What is wrong with a role and a name that were sent, beside what is stored.
#[must_use]
pub fn faults(role: Option<&str>, name: Option<&str>, target: Option<&AccountRow>) -> Vec<FieldError> {
    let role = role.map(|role| faults_of(&[], &user_update::role(role, target)));
    let name = name.map(|name| faults_of(&[], &user_update::new_name(name, target)));
    role.into_iter().chain(name).flatten().collect()
}

/// Updates a user and gives the whole record. All fields or none.
///
/// # Errors
/// Rules P1, R2, R3 and R6 as [`AppError::Rule`]; [`AppError::Conflict`] where a new e-mail address is to be confirmed and cannot be
/// (rule C1); those of the store.
pub async fn update(app: &App, caller: Caller, id: UserId, sent: SentUpdate) -> AppResult<UserModel> {
    Ok(update_if(app, caller, id, sent, Condition::None).await?.shown)
}

/// The same, only if the account has still the [version](versions::of_account) that the condition names (rule S4).
///
/// # Errors
/// As [`update`]; [`AppError::PreconditionFailed`].
pub async fn update_if(
    app: &App,
    caller: Caller,
    id: UserId,
    sent: SentUpdate,
    condition: Condition,
) -> AppResult<Tagged<UserModel>> {
    let sent = Arc::new((sent, condition));
    let asker = Asker::Known(caller.request.client_ip);
    let hash = match sent.0.password.as_ref().filter(|password| !password.expose().is_empty()) {
        None => None,
        Some(password) => {
            // Hashing takes long and would hold the write lock: it comes first, but not for a request that the
            // rules refuse anyway.
            let (target, form) = (id.clone(), Arc::clone(&sent));
            let judged =
                app.snapshot(caller.clone(), move |act| judge(act, &target, &form.0, &form.1)).await?;
            let name = judged.form.name.as_ref().unwrap_or(&judged.target.name);
            let email = judged.form.email.as_ref().unwrap_or(&judged.target.email);
            Some(app.passwords().hash_new(password.clone(), name, email, asker).await?)
        }
    };
    let bytes = sent.0.profile_image_url.as_ref().map_or(0, String::len);
    app.write_much(caller, bytes, move |act| {
        lock_accounts(act)?;
        let judged = judge(act, &id, &sent.0, &sent.1)?;
        apply(act, &id, &judged, hash.as_ref())?;
        whole_tagged(act, &id)
    })
    .await
}

/// A judged update: what is stored, what is asked for, and who has the e-mail address that is asked for.
struct Judged {
    target: AccountRow,
    form: UserUpdate,
    owner: Option<UserId>,
}

/// Every rule of an update, in the order in which their refusals are told.
fn judge(act: &mut Act<'_>, id: &UserId, sent: &SentUpdate, condition: &Condition) -> AppResult<Judged> {
    act.actor().ensure_admin()?;
    let actor = act.actor().id().cloned();
    let target = act.read().lock_account(id)?;
    let faults = faults(sent.role.as_deref(), sent.name.as_deref(), target.as_ref());
    if !faults.is_empty() {
        return Err(AppError::Validation(faults));
    }
    let role = match &sent.role {
        Some(role) => Some(user_update::role(role, target.as_ref())?),
        None => None,
    };
    let primary = act.read().find_primary_admin()?;
    primary_admin::ensure_may_update(actor.as_ref(), id, role.as_ref(), primary.as_ref())?;
    let target = target.ok_or(DomainError::UserNotFound)?;
    condition.ensure_tag(|| versions::of_account(&target))?;
    ensure_role_may_change(act, &target, role.as_ref())?;
    let form = UserUpdate {
        role,
        name: sent.name.clone(),
        email: sent.email.clone(),
        profile_image_url: sent.profile_image_url.clone().map(|sent| {
            picture::url_to_store(
                id,
                sent,
                &target.profile_image_url,
                act.app().settings().listed_image_bytes(),
            )
        }),
        password: sent.password.clone(),
    };
    let email = form.email.as_ref().map(|email| user_update::new_email(email, &target)).transpose()?;
    let owner = match email.flatten() {
        Some(email) => act.read().find_user_id_by_email(&(&email).into())?,
        None => None,
    };
    user_update::changes(&target, &form, owner.as_ref())?;
    user_update::new_password(&form.password, &act.app().settings().password_policy)?;
    Ok(Judged { target, form, owner })
}

fn apply(act: &mut Act<'_>, id: &UserId, judged: &Judged, hash: Option<&PasswordHash>) -> AppResult<()> {
    let Judged { target, form, owner } = judged;
    let mut changes = user_update::changes(target, form, owner.as_ref())?;
    let awaited = links::awaited_after(act, target, &changes)?;
    if awaited.is_some() {
        changes.role = (target.role != Role::Pending).then_some(Role::Pending);
    }
    write_changes(act, target, &changes)?;
    if let Some(hash) = hash {
        let email = changes.email.as_ref().map_or(target.email.as_str(), EmailAddress::as_str);
        replace_password(act, id, email, hash)?;
    }
    if let Some(role) = awaited {
        links::ask_to_confirm(act, id, &role)?;
    }
    Ok(())
}

/// Writes what differs, and tells of it. Where nothing does, nothing is written (rule R5).
pub(crate) fn write_changes(act: &mut Act<'_>, stored: &AccountRow, changes: &UserChanges) -> AppResult<()> {
    let now = act.now();
    let told = told_of(stored, changes);
    let role = changes.role.as_ref().filter(|role| **role != stored.role);
    if let Some(role) = role {
        let role = Changes::default().of("role", stored.role.as_str(), role.as_str());
        act.tell(Event::UserRoleChanged(stored.id.clone(), role));
    }
    let outcome = if told.is_empty() && role.is_some() {
        Outcome::ToldApart
    } else {
        let differs = !told.is_empty();
        Outcome::changed_if(differs, Event::UserUpdated(stored.id.clone(), told), Unchanged::Same)
    };
    act.change_and_tell(|tx| {
        if let Some(email) = &changes.email {
            tx.update_auth_email(&stored.id, email)?;
        }
        if role.is_some() {
            // Whoever gives a role answers for the e-mail address (rule C4).
            tx.delete_unconfirmed(&stored.id)?;
        }
        tx.update_user(&stored.id, changes, now)?;
        Ok(((), outcome))
    })
    .map_err(email_taken)?;
    // Whoever may do less must not go on with what was opened under the other role (rule A5).
    if role.is_some_and(|role| session::is_demotion(&stored.role, role)) {
        sessions::end_all(act, &stored.id, None)?;
    }
    Ok(())
}

/// What of a change is told, but for the role, which has an event of its own. Pictures can be long.
fn told_of(stored: &AccountRow, changes: &UserChanges) -> Changes {
    let mut told = Changes::default();
    if let Some(email) = &changes.email {
        told = told.of("email", &stored.email, email.as_str());
    }
    if let Some(name) = &changes.name {
        told = told.of("name", &stored.name, name.as_str());
    }
    if let Some(bio) = &changes.bio {
        told = told.of("bio", &stored.bio, bio);
    }
    if let Some(gender) = &changes.gender {
        told = told.of("gender", &stored.gender, gender);
    }
    if let Some(date) = &changes.date_of_birth {
        told = told.of("date_of_birth", stored.date_of_birth, date);
    }
    let picture = changes.profile_image_url.as_ref();
    told.named("profile_image_url", picture.is_some_and(|url| url.as_str() != stored.profile_image_url))
}

/// Gives a user a role. The same role again writes nothing (rule R5).
///
/// # Errors
/// Rule P1 and `USER_NOT_FOUND` as [`AppError::Rule`]; those of the store.
pub fn set_role(act: &mut Act<'_>, id: &UserId, role: &Role) -> AppResult<UserModel> {
    let held = hold_accounts(act)?;
    give_role(act, &held, id, role)?;
    whole(act, id)
}

/// [`set_role`] while the accounts are held.
pub(crate) fn give_role(act: &mut Act<'_>, held: &Held, id: &UserId, role: &Role) -> AppResult<()> {
    primary_admin::ensure_may_update(held.actor.as_ref(), id, Some(role), held.primary.as_ref())?;
    let target = act.read().lock_account(id)?.ok_or(DomainError::UserNotFound)?;
    ensure_role_may_change(act, &target, Some(role))?;
    let role = (target.role != *role).then(|| role.clone());
    write_changes(act, &target, &UserChanges { role, ..UserChanges::default() })
}

/// A unique violation on a user means its e-mail address: ids are ours.
pub(crate) fn email_taken(error: StoreError) -> AppError {
    match error {
        StoreError::AlreadyExists { .. } => DomainError::EmailTaken.into(),
        other => other.into(),
    }
}

/// The whole record, as it is shown.
pub(crate) fn whole(act: &mut Act<'_>, id: &UserId) -> AppResult<UserModel> {
    let user = act.read().find_user(id)?.ok_or(DomainError::UserNotFound)?;
    Ok(act.app().present_user(user, act.now()))
}

/// [`whole`], with the tag of what is stored.
pub(crate) fn whole_tagged(act: &mut Act<'_>, id: &UserId) -> AppResult<Tagged<UserModel>> {
    let user = act.read().find_user(id)?.ok_or(DomainError::UserNotFound)?;
    let tag = versions::of_user(&user);
    Ok(Tagged { shown: act.app().present_user(user, act.now()), tag })
}

/// Deletes a user and all that hangs on the account, or nothing (rule P4). It can be [restored](crate::deleted::restore) if it
/// is kept (rules B1 and B2).
///
/// # Errors
/// Rules P1 to P3 and B2 as [`AppError::Rule`]; [`AppError::DeleteUser`] when the database fails half-way and rolls back.
pub fn delete(act: &mut Act<'_>, id: &UserId, keep: Keep) -> AppResult<()> {
    let held = hold_to_delete(act)?;
    delete_held(act, &held, id, keep)
}

/// Holds what a deletion and its undoing need. Nobody may be made a member of a group while being deleted.
pub(crate) fn hold_to_delete(act: &mut Act<'_>) -> AppResult<Held> {
    let held = hold_accounts(act)?;
    act.read().lock(Lock::GroupTree)?;
    Ok(held)
}

/// [`delete`] while that is held.
pub(crate) fn delete_held(act: &mut Act<'_>, held: &Held, id: &UserId, keep: Keep) -> AppResult<()> {
    let found = act.read().lock_account(id)?;
    let account = deletion::ensure_deletable(held.actor.as_ref(), id, found, held.primary.as_ref())?;
    ensure_another_admin(act, &account)?;
    let kept = deleted::to_keep(act, &account, keep).map_err(|error| match error {
        AppError::Store(error) => not_deleted(error),
        other => other,
    })?;
    delete_rows(act, id, account.name, kept).map_err(not_deleted)
}

fn not_deleted(error: StoreError) -> AppError {
    match error {
        StoreError::Unavailable { .. } => error.into(),
        other => AppError::DeleteUser(other),
    }
}

/// The user's row comes last: the others refer to it.
fn delete_rows(
    act: &mut Act<'_>,
    id: &UserId,
    name: String,
    kept: Option<DeletedUser>,
) -> Result<(), StoreError> {
    let now = act.now();
    let tx = act.change(Event::UserDeleted(id.clone(), name));
    match kept {
        Some(kept) => tx.keep_deleted_user(&kept)?,
        // An account with this id may have been kept before.
        None => {
            tx.forget_deleted_user(id)?;
        }
    }
    tx.remove_from_all_groups(id, now)?;
    tx.delete_chats(id)?;
    tx.delete_all_api_keys(id)?;
    tx.delete_oauth_sessions(id)?;
    tx.delete_sessions(id)?;
    tx.delete_mails(id)?;
    tx.delete_suspension(id)?;
    tx.delete_unconfirmed(id)?;
    tx.delete_links(id)?;
    tx.delete_scim_user_links(id)?;
    tx.delete_auth(id)?;
    tx.delete_user(id)?;
    Ok(())
}
