//! What somebody may do, computed from what is stored (docs/API.md, "Permissions").

use rosterd_domain::ids::UserId;
use rosterd_domain::json::JsonText;
use rosterd_domain::permissions::{EffectivePermissions, PermissionTree, StoredTemplate, UserPermissions};
use rosterd_storage::{PermissionSources, Reads};

use crate::app::App;
use crate::error::AppResult;
use crate::permission_trees::TEMPLATE_PATH;

/// What this user may do: the template, with the permissions of all of the user's groups, and every known key.
///
/// # Errors
/// Those of the store.
pub fn effective(app: &App, db: &mut dyn Reads, user: &UserId) -> AppResult<EffectivePermissions> {
    Ok(of_sources(app, &db.find_permission_sources(user, TEMPLATE_PATH)?))
}

/// The same of what is stored.
pub(crate) fn of_sources(app: &App, sources: &PermissionSources) -> EffectivePermissions {
    let trees = app.permission_trees();
    let template = sources.template.as_ref();
    let template = template.map_or_else(|| trees.defaults(), |text| trees.of_template(text.as_str()));
    let groups: Vec<_> = sources.groups.iter().map(|text| trees.of(text.as_str())).collect();
    let groups = groups.iter().map(AsRef::as_ref);
    EffectivePermissions::of(&template, groups, &app.settings().defaults.permissions)
}

/// The stored template with all known rights, and those that only other programs know behind them.
///
/// # Errors
/// Those of the store.
pub fn whole_template(app: &App, db: &mut dyn Reads) -> AppResult<PermissionTree> {
    Ok(whole_of(app, db.find_config(TEMPLATE_PATH)?.as_ref()))
}

/// The same of this text.
pub(crate) fn whole_of(app: &App, stored: Option<&JsonText>) -> PermissionTree {
    let defaults = &app.settings().defaults.permissions;
    let mut tree =
        stored.map(|text| StoredTemplate::read(text.as_str(), defaults.rights()).tree).unwrap_or_default();
    tree.fill(defaults);
    tree
}

/// The stored template, or the configured defaults where there is none.
///
/// # Errors
/// Those of the store.
pub fn stored_template(app: &App, db: &mut dyn Reads) -> AppResult<UserPermissions> {
    Ok(template_of(app, db.find_config(TEMPLATE_PATH)?.as_ref()))
}

/// The same of this text.
pub(crate) fn template_of(app: &App, stored: Option<&JsonText>) -> UserPermissions {
    let defaults = &app.settings().defaults.permissions;
    match stored {
        Some(text) => known_of(app.permission_trees().of_template(text.as_str()).tree(), defaults),
        None => *defaults,
    }
}

/// The known keys of a stored template; what it does not say is as configured.
fn known_of(stored: &PermissionTree, defaults: &UserPermissions) -> UserPermissions {
    let mut tree = stored.clone();
    tree.fill(defaults);
    defaults.map(|section, right, _default| tree.allows(section, right.key))
}
