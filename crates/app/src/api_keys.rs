//! API keys: the one of `/auths/api_key`, and those with a name (rules K1 to K7, M20).

use rosterd_domain::api_key::{AllowedPaths, ApiKeyInfo, KeyName, NewApiKey, format};
use rosterd_domain::ids::{ApiKeyId, UserId};
use rosterd_domain::rules::api_keys::{self, MAX_KEYS, SentEnd, has_ended};
use rosterd_domain::rules::primary_admin;
use rosterd_domain::secret::ApiKey;
use uuid::Uuid;

use crate::account_lock::lock_accounts;
use crate::act::Act;
use crate::error::{AppError, AppResult};
use crate::event::{Event, Outcome, Unchanged};
use crate::permissions;

/// The actor's API key: where it is stored as a hash, its beginning and asterisks (rule K7).
///
/// # Errors
/// [`AppError::ApiKeyNotFound`]; [`AppError::ApiKeyNotAllowed`] for an actor with a key that only reads (rule K4).
pub fn find(act: &mut Act<'_>) -> AppResult<ApiKey> {
    if act.me()?.key.as_ref().is_some_and(|key| key.read_only) {
        return Err(AppError::ApiKeyNotAllowed);
    }
    let id = act.me()?.id.clone();
    act.read().find_api_key(&id)?.ok_or(AppError::ApiKeyNotFound)
}

/// A new API key in place of the actor's old one.
///
/// # Errors
/// [`AppError::ApiKeyCreationNotAllowed`].
pub fn replace(act: &mut Act<'_>) -> AppResult<ApiKey> {
    let now = act.now();
    let id = ensure_may_make(act)?;
    let key = ApiKey::from_stored(format!("sk-{}", Uuid::new_v4().simple()));
    act.change(Event::ApiKeyCreated(id.clone())).replace_api_key(&id, &key, now)?;
    Ok(key)
}

/// Deletes the actor's API key; gives what is answered (rule M20).
///
/// # Errors
/// Those of the store.
pub fn delete(act: &mut Act<'_>) -> AppResult<bool> {
    let (id, dialect) = (act.me()?.id.clone(), act.app().dialect());
    let was_there = act.change_and_tell(|tx| {
        let deleted = tx.delete_api_key(&id)?;
        let event = Event::ApiKeyDeleted(id.clone());
        Ok((deleted, Outcome::changed_if(deleted, event, Unchanged::NothingThere)))
    })?;
    Ok(api_keys::answer_to_deletion(dialect, was_there))
}

/// A key to be made, as it was sent.
#[derive(Debug, Clone)]
pub struct SentKey {
    /// What its owner calls it.
    pub name: KeyName,
    /// When it is to end.
    pub end: SentEnd,
    /// It only reads.
    pub read_only: bool,
    /// The only paths it works for.
    pub allowed_paths: Option<AllowedPaths>,
}

/// A key that was made. Its text is never shown again.
#[derive(Debug)]
pub struct MadeKey {
    /// The key.
    pub key: ApiKey,
    /// What may be told of it.
    pub info: ApiKeyInfo,
}

/// The keys of the actor, see [`all_of`].
///
/// # Errors
/// [`AppError::HumanSessionRequired`] (rule M12); [`AppError::Conflict`] where the database has no table for them.
pub fn list(act: &mut Act<'_>) -> AppResult<Vec<ApiKeyInfo>> {
    act.actor().ensure_person()?;
    ensure_kept(act)?;
    let id = act.me()?.id.clone();
    all_of(act, &id)
}

/// Makes the actor a key with a name (rule K2).
///
/// # Errors
/// As [`list`]; [`AppError::ApiKeyCreationNotAllowed`]; [`AppError::Conflict`] where there are too many; the end of the key as
/// [`AppError::Rule`].
pub fn create(act: &mut Act<'_>, sent: SentKey) -> AppResult<MadeKey> {
    act.actor().ensure_person()?;
    ensure_kept(act)?;
    let now = act.now();
    let user = ensure_may_make(act)?;
    let expires_at = api_keys::end_of_new_key(sent.end, act.app().settings().api_key_lives, now)?;
    ensure_room(act, &user)?;
    let SentKey { name, read_only, allowed_paths, .. } = sent;
    let new = NewApiKey {
        id: ApiKeyId::from_stored(Uuid::new_v4().to_string()),
        user: user.clone(),
        name,
        key: format::generate(random),
        read_only,
        allowed_paths,
        created_at: now,
        expires_at,
    };
    let info = new.info();
    act.change(Event::NamedKeyCreated(user, Box::new(info.clone()))).insert_named_key(&new)?;
    Ok(MadeKey { key: new.key, info })
}

/// Random bytes. Of a UUID of version 4 two bytes have fixed bits and are left out.
pub(crate) fn random() -> [u8; 14] {
    let bytes = Uuid::new_v4().into_bytes();
    std::array::from_fn(|number| match number {
        0..6 => bytes[number],
        6 => bytes[7],
        _ => bytes[number + 2],
    })
}

/// Deletes one of the actor's keys.
///
/// # Errors
/// As [`list`]; [`AppError::ApiKeyNotFound`].
pub fn delete_one(act: &mut Act<'_>, key: &ApiKeyId) -> AppResult<()> {
    act.actor().ensure_person()?;
    ensure_kept(act)?;
    let id = act.me()?.id.clone();
    delete_by_id(act, &id, key)
}

/// The keys of a user, for admins; see [`all_of`]. A program may ask too: it may be what shuts out people who leave.
///
/// # Errors
/// [`AppError::Conflict`] where the database has no table for keys with a name; [`AppError::NotFound`] for an unknown user.
pub fn list_of(act: &mut Act<'_>, user: &UserId) -> AppResult<Vec<ApiKeyInfo>> {
    act.actor().ensure_admin()?;
    ensure_kept(act)?;
    act.read().find_account(user)?.ok_or(AppError::NO_SUCH_USER)?;
    all_of(act, user)
}

/// Deletes a key of a user, for admins.
///
/// # Errors
/// As [`list_of`]; [`AppError::ApiKeyNotFound`]; rule P1 as [`AppError::Rule`].
pub fn delete_of(act: &mut Act<'_>, user: &UserId, key: &ApiKeyId) -> AppResult<()> {
    act.actor().ensure_admin()?;
    ensure_kept(act)?;
    lock_owner(act, user)?;
    delete_by_id(act, user, key)
}

/// Rule P1 for whoever is about to change the keys of a user.
fn lock_owner(act: &mut Act<'_>, user: &UserId) -> AppResult<()> {
    lock_accounts(act)?;
    let actor = act.actor().id().cloned();
    if !act.read().lock_user(user)? {
        return Err(AppError::NO_SUCH_USER);
    }
    let primary = act.read().find_primary_admin()?;
    primary_admin::ensure_may_update(actor.as_ref(), user, None, primary.as_ref())?;
    Ok(())
}

/// What may be told of all keys of a user: those with a name and the one of `/auths/api_key`, the newest first.
///
/// # Errors
/// [`AppError::AccessProhibited`] for whoever is neither an admin nor the user; those of the store.
pub fn all_of(act: &mut Act<'_>, user: &UserId) -> AppResult<Vec<ApiKeyInfo>> {
    if act.actor().id() != Some(user) {
        act.actor().ensure_admin()?;
    }
    let mut keys = act.read().list_api_keys(user)?;
    for key in &mut keys {
        let seen = act.app().key_uses().overlay(&key.id, key.last_used_at.unwrap_or_default());
        key.last_used_at = Some(seen).filter(|seen| *seen > 0);
    }
    Ok(keys)
}

/// How many keys of a user have not ended.
///
/// # Errors
/// As [`all_of`].
pub fn count_good(act: &mut Act<'_>, user: &UserId) -> AppResult<usize> {
    let now = act.now();
    Ok(all_of(act, user)?.iter().filter(|key| !has_ended(key.expires_at, now)).count())
}

/// Deletes all keys of a user: those with a name and the one of `/auths/api_key`, also on a database that has no table for the
/// former. Gives how many there were. The operator deletes those of the primary admin too (rule K6).
///
/// # Errors
/// [`AppError::AccessProhibited`] for whoever is no admin; [`AppError::NotFound`] for an unknown user; rule P1 as
/// [`AppError::Rule`]; those of the store.
pub fn delete_all_of(act: &mut Act<'_>, user: &UserId) -> AppResult<usize> {
    act.actor().ensure_admin()?;
    if act.actor().ensure_operator().is_err() {
        lock_owner(act, user)?;
    }
    let count = act.change_and_tell(|tx| {
        let mut ids = tx.delete_all_api_keys(user)?;
        ids.sort();
        let count = ids.len();
        let event = Event::ApiKeysDeleted(user.clone(), ids);
        Ok((count, Outcome::changed_if(count > 0, event, Unchanged::NothingThere)))
    })?;
    Ok(count)
}

/// Open WebUI would ignore the limits of a key in its own table.
fn ensure_kept(act: &Act<'_>) -> AppResult<()> {
    if act.app().store().layout().named_keys {
        return Ok(());
    }
    Err(AppError::Conflict(
        "This database has no table for API keys with a name. `rosterd adopt --apply` adds it; then restart rosterd.",
    ))
}

/// Keys must be switched on, and the account must have the right to them. Locks the account: a key refers to it, and of two
/// requests at once the second counts the key of the first.
fn ensure_may_make(act: &mut Act<'_>) -> AppResult<UserId> {
    let (id, role) = (act.me()?.id.clone(), act.me()?.role.clone());
    if !act.read().lock_user(&id)? {
        return Err(AppError::InvalidToken);
    }
    let app = act.app();
    let config = app.api_key_config(act.read())?;
    let rights = permissions::effective(app, act.read(), &id)?;
    if api_keys::may_use_api_key(&role, &rights, config.enabled) {
        Ok(id)
    } else {
        Err(AppError::ApiKeyCreationNotAllowed)
    }
}

/// Lets go on where the account has fewer than [`MAX_KEYS`] keys with a name. Where it has as many, those that have ended make
/// room.
fn ensure_room(act: &mut Act<'_>, user: &UserId) -> AppResult<()> {
    let now = act.now();
    let named = act.read().list_api_keys(user)?.iter().filter(|key| key.name.is_some()).count();
    if named >= MAX_KEYS && named - act.housekeeping().forget_ended_api_keys(user, now)? >= MAX_KEYS {
        return Err(AppError::Conflict(
            "This account has 50 API keys, the most it may have. Delete one first.",
        ));
    }
    Ok(())
}

fn delete_by_id(act: &mut Act<'_>, user: &UserId, key: &ApiKeyId) -> AppResult<()> {
    let deleted = act.change_and_tell(|tx| {
        let deleted = tx.delete_api_key_by_id(user, key)?;
        let event = Event::ApiKeysDeleted(user.clone(), vec![key.clone()]);
        Ok((deleted, Outcome::changed_if(deleted, event, Unchanged::NothingThere)))
    })?;
    if deleted { Ok(()) } else { Err(AppError::ApiKeyNotFound) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k1_no_two_keys_are_alike() {
        let one = format::generate(random);
        let other = format::generate(random);
        assert!(format::has_name(&one) && !format::is_mistyped(&one));
        assert_ne!(one.expose(), other.expose());
    }
}
