//! Effective permissions and the default template (docs/API.md, "Permissions").

use std::collections::BTreeMap;

use rosterd_domain::group::ReachedGroup;
use rosterd_domain::ids::UserId;
use rosterd_domain::json::{JsonText, is_same_text};
use rosterd_domain::permissions::{
    EffectivePermissions, ExplainedPermissions, ExplainedUser, GroupRights, PermissionTree, UserPermissions,
    replace_known, set_rights, to_store,
};
use rosterd_domain::user::AccountRow;
use rosterd_storage::{Lock, StoreError};
use serde_json::Value;

use crate::act::Act;
use crate::error::{AppError, AppResult};
use crate::event::{Changes, Event};
use crate::rights::whole_of;
use crate::versions::{self, Condition};

pub use crate::permission_trees::TEMPLATE_PATH;
pub use crate::rights::{effective, stored_template, whole_template};

/// What an account may do: the same that [`App::read_own_permissions`](crate::App::read_own_permissions) tells its owner.
///
/// # Errors
/// [`AppError::NotFound`]; those of the store.
pub fn of_user(act: &mut Act<'_>, id: &UserId) -> AppResult<EffectivePermissions> {
    act.actor().ensure_admin()?;
    find_account(act, id)?;
    effective(act.app(), act.read(), id)
}

/// The same with the sources of each right (rule M32).
///
/// # Errors
/// As [`of_user`].
pub fn explain(act: &mut Act<'_>, id: &UserId) -> AppResult<ExplainedPermissions> {
    act.actor().ensure_admin()?;
    let AccountRow { id, name, role, .. } = find_account(act, id)?;
    let groups = act.read().list_reached_groups(&id, true)?;
    let template = act.read().find_config(TEMPLATE_PATH)?;
    let trees = act.app().permission_trees();
    let template = template.map(|text| trees.of_template(text.as_str()));
    let text_of = |reached: &ReachedGroup| {
        trees.of(reached.group.permissions.as_ref().map_or("null", JsonText::as_str))
    };
    let of_groups: Vec<_> = groups.iter().map(text_of).collect();
    let groups = groups.iter().zip(&of_groups).map(|(group, read)| GroupRights { group, tree: read.tree() });
    let user = ExplainedUser { id, name, role };
    // Where no template is stored, none of its rights are.
    let nothing = PermissionTree::default();
    let template = template.as_ref().map_or(&nothing, |read| read.tree());
    Ok(ExplainedPermissions::of(user, template, groups.collect(), &act.app().settings().defaults.permissions))
}

fn find_account(act: &mut Act<'_>, id: &UserId) -> AppResult<AccountRow> {
    act.read().find_account(id)?.ok_or(AppError::NO_SUCH_USER)
}

/// The template, with all known keys and no others.
///
/// # Errors
/// Those of the store.
pub fn template(act: &mut Act<'_>) -> AppResult<UserPermissions> {
    act.actor().ensure_admin()?;
    stored_template(act.app(), act.read())
}

/// The entity tag of a template (rule S4).
#[must_use]
pub fn template_version(template: &UserPermissions) -> String {
    versions::of_value(serde_json::to_value(template).unwrap_or_default())
}

/// What the template is when nothing is stored (rule N19).
///
/// # Errors
/// [`AppError::AccessProhibited`] for all but admins.
pub fn defaults(act: &mut Act<'_>) -> AppResult<UserPermissions> {
    act.actor().ensure_admin()?;
    Ok(act.app().settings().defaults.permissions)
}

/// Replaces the template by what an admin sends; whether what other programs keep beside the known keys stays is
/// [`to_store`]'s affair. The same template again writes nothing. Where stored settings do not count nothing is written,
/// and the answer is the configured template.
///
/// # Errors
/// Every field that does not fit; [`AppError::PreconditionFailed`] where another
/// [version](template_version) is stored than the condition names (rule S4); those of the store; [`StoreError::Unreadable`] where
/// what is stored is no JSON.
pub fn set_template(act: &mut Act<'_>, sent: &Value, condition: &Condition) -> AppResult<UserPermissions> {
    act.actor().ensure_admin()?;
    let template = act.app().settings().defaults.permissions.rights().parse(sent)?;
    // Read under the lock: of two changes at once, the later sees the earlier.
    act.read().lock(Lock::Config)?;
    let before = stored_template(act.app(), act.read())?;
    condition.ensure_tag(|| template_version(&before))?;
    let stored = act.read().find_config(TEMPLATE_PATH)?;
    let text = to_store(stored.as_ref(), &template).map_err(|_not_json| unreadable())?;
    write_template(act, stored.as_ref(), text)?;
    if act.app().store().layout().stored_settings {
        Ok(template)
    } else {
        stored_template(act.app(), act.read())
    }
}

/// Sets some rights of the template and gives all of it as [`whole_template`] does; every other right stays as it holds
/// now. Each is a section, a key and a value. Rights that are not known are set too: who takes them from people has to
/// ask whether they are meant.
///
/// # Errors
/// As [`set_template`].
pub fn change_template(act: &mut Act<'_>, changes: &[(String, String, bool)]) -> AppResult<PermissionTree> {
    act.actor().ensure_admin()?;
    act.read().lock(Lock::Config)?;
    let app = act.app();
    let mut template = stored_template(app, act.read())?;
    let unknown: Vec<_> =
        changes.iter().filter(|(section, key, value)| !template.set(section, key, *value)).collect();
    let stored = act.read().find_config(TEMPLATE_PATH)?;
    let text = replace_known(stored.as_ref(), &template).map_err(|_not_json| unreadable())?;
    let unknown = unknown.iter().map(|(section, key, value)| (section.as_str(), key.as_str(), *value));
    let text = set_rights(&text, unknown);
    write_template(act, stored.as_ref(), text)?;
    whole_template(app, act.read())
}

/// Writes the template and tells which rights changed by it.
fn write_template(act: &mut Act<'_>, stored: Option<&JsonText>, text: JsonText) -> AppResult<()> {
    let counts = act.app().store().layout().stored_settings;
    if !counts || stored.is_some_and(|stored| is_same_text(stored, &text)) {
        return Ok(());
    }
    let now = act.now();
    let before = rights_of(&whole_of(act.app(), stored));
    let after = rights_of(&whole_of(act.app(), Some(&text)));
    let mut told = Changes::default();
    for right in before.keys().chain(after.keys()) {
        told = told.of(right, before.get(right), after.get(right));
    }
    let event = Event::PermissionsDefaultChanged(told);
    Ok(act.change(event).set_configs(&[(TEMPLATE_PATH, text)], now)?)
}

/// Every right of a tree, as `section.key`.
fn rights_of(tree: &PermissionTree) -> BTreeMap<String, bool> {
    fn collect(node: &Value, path: &str, rights: &mut BTreeMap<String, bool>) {
        match node {
            Value::Object(entries) => {
                for (key, inner) in entries {
                    let dot = if path.is_empty() { "" } else { "." };
                    collect(inner, &format!("{path}{dot}{key}"), rights);
                }
            }
            value => {
                rights.insert(path.to_owned(), value == &Value::Bool(true));
            }
        }
    }
    let mut rights = BTreeMap::new();
    collect(&serde_json::to_value(tree).unwrap_or_default(), "", &mut rights);
    rights
}

fn unreadable() -> StoreError {
    StoreError::unreadable("config", "value", TEMPLATE_PATH)
}
