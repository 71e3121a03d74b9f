//! Effective permissions and the default template (contract, section 6).

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::UserId;
use rosterd_domain::permissions::{
    EffectivePermissions, PermissionTree, StoredTemplate, UserPermissions, replace_known, set_rights,
};
use rosterd_storage::{Db, Lock, StoreError};

use crate::app::App;
use crate::auth::{Admin, Caller, Verified};
use crate::error::ApiError;

/// Where the template lies in the stored configuration.
pub const TEMPLATE_PATH: &str = "user.permissions";

/// What this user may do: the template, with the permissions of all of the user's groups, and every known key.
///
/// # Errors
/// Those of the store.
pub fn effective(app: &App, db: &mut dyn Db, user: &UserId) -> Result<EffectivePermissions, ApiError> {
    let trees = app.permission_trees();
    let sources = db.find_permission_sources(user, TEMPLATE_PATH)?;
    let template = sources.template.map_or_else(|| trees.defaults(), |text| trees.of_template(text.as_str()));
    let groups: Vec<_> = sources.groups.iter().map(|text| trees.of(text.as_str())).collect();
    let groups = groups.iter().map(AsRef::as_ref);
    Ok(EffectivePermissions::compute(&template, groups, &app.settings().defaults.permissions))
}

/// The caller's own permissions. Admins get the same computation as everybody.
///
/// # Errors
/// Those of the store.
pub async fn own(app: &App, caller: Caller<Verified>) -> Result<EffectivePermissions, ApiError> {
    let handle = app.clone();
    app.read(caller, move |db, me| effective(&handle, db, &me.id)).await
}

/// The template, with all known keys and no others.
///
/// # Errors
/// Those of the store.
pub async fn template(app: &App, caller: Caller<Admin>) -> Result<UserPermissions, ApiError> {
    let handle = app.clone();
    app.read(caller, move |db, _me| stored_template(&handle, db)).await
}

/// Replaces the known keys of the template; what other programs keep beside them stays.
///
/// # Errors
/// Those of the store.
pub async fn set_template(
    app: &App,
    caller: Caller<Admin>,
    template: UserPermissions,
) -> Result<UserPermissions, ApiError> {
    let now = app.now();
    app.write(caller, move |tx, _me| {
        write_template(tx, &template, now)?;
        Ok(template)
    })
    .await
}

/// Sets some rights of the template, inside a transaction, and gives all of it as [`whole_template`] does; every other
/// right stays as it holds now. Each is a section, a key and a value. Rights that are not known are set too: who takes
/// them from people has to ask whether they are meant.
///
/// # Errors
/// Those of the store.
pub fn change_template(
    app: &App,
    tx: &mut dyn Db,
    changes: &[(String, String, bool)],
    now: UnixSeconds,
) -> Result<PermissionTree, ApiError> {
    // Read under the lock: of two changes at once, the later sees the earlier.
    tx.lock(Lock::Config)?;
    let mut template = stored_template(app, tx)?;
    let unknown: Vec<_> =
        changes.iter().filter(|(section, key, value)| !template.set(section, key, *value)).collect();
    let stored = tx.find_config(TEMPLATE_PATH)?;
    let text = replace_known(stored.as_ref(), &template)
        .map_err(|_not_json| StoreError::unreadable("config", "value", TEMPLATE_PATH))?;
    let unknown = unknown.iter().map(|(section, key, value)| (section.as_str(), key.as_str(), *value));
    let text = set_rights(&text, unknown);
    tx.set_configs(&[(TEMPLATE_PATH, text)], now)?;
    whole_template(app, tx)
}

/// The stored template with all known rights, and those that only other programs know behind them.
///
/// # Errors
/// Those of the store.
pub fn whole_template(app: &App, db: &mut dyn Db) -> Result<PermissionTree, ApiError> {
    let stored = db.find_config(TEMPLATE_PATH)?;
    let mut tree = stored.map(|text| StoredTemplate::read(text.as_str()).tree).unwrap_or_default();
    tree.fill(&app.settings().defaults.permissions);
    Ok(tree)
}

/// The stored template, or the configured defaults where there is none.
///
/// # Errors
/// Those of the store.
pub fn stored_template(app: &App, db: &mut dyn Db) -> Result<UserPermissions, ApiError> {
    let defaults = &app.settings().defaults.permissions;
    Ok(match db.find_config(TEMPLATE_PATH)? {
        Some(text) => known_of(&app.permission_trees().of_template(text.as_str()), defaults),
        None => *defaults,
    })
}

/// The known keys of a stored template; what it does not say is as configured.
fn known_of(stored: &PermissionTree, defaults: &UserPermissions) -> UserPermissions {
    let mut tree = stored.clone();
    tree.fill(defaults);
    let mut known = *defaults;
    for (section, key, _default) in defaults.iter() {
        known.set(section, key, tree.allows(section, key));
    }
    known
}

/// The write of [`set_template`], inside a transaction.
///
/// # Errors
/// Those of the store.
pub fn write_template(tx: &mut dyn Db, template: &UserPermissions, now: i64) -> Result<(), ApiError> {
    tx.lock(Lock::Config)?;
    let stored = tx.find_config(TEMPLATE_PATH)?;
    let text = replace_known(stored.as_ref(), template)
        .map_err(|_not_json| StoreError::unreadable("config", "value", TEMPLATE_PATH))?;
    Ok(tx.set_configs(&[(TEMPLATE_PATH, text)], now)?)
}
