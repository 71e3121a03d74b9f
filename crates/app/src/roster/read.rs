//! What is stored, as a roster is compared with it.

use std::collections::BTreeMap;

use rosterd_domain::group::{Group, GroupWithCount, tree};
use rosterd_domain::json::JsonText;
use rosterd_domain::permissions::PermissionTree;
use rosterd_domain::roster::{FlatRights, Roster, StoredGroup, StoredRoster, StoredSetting, flat};
use rosterd_domain::stored_config::{Key, Stored};

use crate::act::Act;
use crate::error::AppResult;
use crate::rights::whole_template;
use crate::stored_config::{find, held};

/// All of it.
pub(super) fn stored(act: &mut Act<'_>) -> AppResult<StoredRoster> {
    read(act, |_group| true)
}

/// What this document is compared with: members only of groups of which it names any.
pub(super) fn stored_for(act: &mut Act<'_>, roster: &Roster) -> AppResult<StoredRoster> {
    let asked = roster.groups_with_members();
    read(act, |group| asked.contains(group.group.id.as_str()) || asked.contains(group.group.name.as_str()))
}

fn read(act: &mut Act<'_>, with_members: impl Fn(&GroupWithCount) -> bool) -> AppResult<StoredRoster> {
    let app = act.app();
    let mut groups = Vec::new();
    for group in act.read().list_groups(None)? {
        let members = if with_members(&group) {
            act.read().list_members(&group.group.id)?.into_iter().map(|user| (user.id, user.email)).collect()
        } else {
            BTreeMap::new()
        };
        let parent = group.parent().cloned();
        let GroupWithCount { group, member_count, .. } = group;
        groups.push(StoredGroup {
            id: group.id,
            name: group.name,
            description: group.description,
            parent,
            permissions: group.permissions,
            member_count,
            members,
        });
    }
    let counts = app.store().layout().stored_settings;
    let template = if counts { Some(flat(&whole_template(app, act.read())?)) } else { None };
    Ok(StoredRoster {
        dialect: app.dialect(),
        has_tree: tree::is_known(app.dialect()),
        has_owner: act.read().find_primary_admin()?.is_some(),
        groups,
        template,
        template_defaults: flat(&PermissionTree::from(&app.settings().defaults.permissions)),
        settings: if counts { Some(settings(act)?) } else { None },
    })
}

/// The rights that a group gives; `None` where what is stored cannot be read.
pub(super) fn rights_of(group: &Group) -> Option<FlatRights> {
    match &group.permissions {
        Some(text) if text.value_for_change().is_err() => None,
        Some(text) => Some(flat(&PermissionTree::from_json(text.as_str()))),
        None => Some(FlatRights::new()),
    }
}

/// The settings of the administrator's form.
fn settings(act: &mut Act<'_>) -> AppResult<BTreeMap<Key, StoredSetting>> {
    let app = act.app();
    let (layout, defaults) = (app.store().layout(), &app.settings().defaults);
    let keys: Vec<Key> = Key::of_form(layout.dialect).collect();
    let stored = find(act.read(), &keys, layout.config)?;
    let setting = |(key, text): (Key, Option<_>)| {
        let setting = StoredSetting {
            held: held(key, text.as_ref(), layout.config, defaults),
            is_stored: text.as_ref().is_some_and(|text| matches!(key.read(text), Stored::Value(_))),
            is_unreadable: text.as_ref().is_some_and(JsonText::is_unreadable),
            default: defaults.value(key).clone(),
        };
        (key, setting)
    };
    Ok(stored.map(setting).collect())
}
