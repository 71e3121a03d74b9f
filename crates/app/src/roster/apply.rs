//! Carrying out a plan: in one transaction, by the use cases that the API and the command line have for each change, so that their
//! rules hold and each change is told by its own event.

use std::collections::BTreeMap;

use rosterd_domain::group::{GroupChanges, GroupName, GroupWithCount};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::roster::{
    GroupChange, GroupMade, GroupRef, MemberRef, Plan, RightChange, SettingChange, Step, with_changes,
};
use rosterd_domain::stored_config::Key;
use rosterd_storage::{Lock, StoreError};
use serde_json::Value;

use super::{Order, RosterError};
use crate::act::Act;
use crate::error::AppError;
use crate::groups::{self, GroupDraft};
use crate::{config, permissions};

/// Carries out a plan. It is made once more under the locks of everything that it changes; where it does not come out the same,
/// nothing is written (rule D4).
///
/// # Errors
/// As [`plan`](super::plan()); [`RosterError::Changed`]; those of the use cases.
pub fn apply(act: &mut Act<'_>, order: &Order, planned: &Plan) -> Result<(), RosterError> {
    act.actor().ensure_operator()?;
    act.read().lock(Lock::GroupTree)?;
    act.read().lock(Lock::Config)?;
    let plan = super::plan(act, order)?;
    if plan != *planned {
        return Err(RosterError::Changed);
    }
    let mut made = Made::default();
    for step in &plan.steps {
        match step {
            Step::CreateGroup(group) => create(act, group, &mut made)?,
            Step::ChangeGroup(change) => change_group(act, change, &made)?,
            Step::DeleteGroup { id, .. } => groups::delete(act, id)?,
            Step::ChangePermissions { rights } => change_template(act, rights)?,
            Step::ChangeSettings { settings } => change_settings(act, settings, &made)?,
        }
    }
    Ok(())
}

/// The ids of the groups that were made, by name: those that are made have different names.
#[derive(Debug, Default)]
struct Made(BTreeMap<String, GroupId>);

impl Made {
    /// The id of a group, which is stored or was made before whoever refers to it.
    fn id_of(&self, group: &GroupRef) -> Result<GroupId, RosterError> {
        let made = || self.0.get(&group.name).cloned();
        let missing = AppError::Internal("a plan refers to a group that it has not made yet");
        group.id.clone().or_else(made).ok_or(RosterError::App(missing))
    }
}

fn create(act: &mut Act<'_>, group: &GroupMade, made: &mut Made) -> Result<(), RosterError> {
    let owner = act.read().find_primary_admin()?;
    let rights = group.rights.iter();
    let rights: Vec<_> = rights
        .map(|(right, on)| RightChange { right: right.clone(), before: None, after: Some(*on) })
        .collect();
    let draft = GroupDraft {
        parent: group.parent.as_ref().map(|parent| made.id_of(parent)).transpose()?,
        name: GroupName::parse(&group.name).map_err(AppError::Rule)?,
        description: group.description.clone(),
        permissions: (!rights.is_empty())
            .then(|| with_changes(None, &rights))
            .transpose()
            .map_err(|why| AppError::Rule(why.into()))?,
        ..GroupDraft::default()
    };
    let id = groups::create(act, draft, owner)?.group.id;
    add(act, &id, &group.members)?;
    made.0.insert(group.name.clone(), id);
    Ok(())
}

fn change_group(act: &mut Act<'_>, change: &GroupChange, made: &Made) -> Result<(), RosterError> {
    if change.changes_row() {
        let parent = change
            .parent
            .as_ref()
            .map(|parent| parent.after.as_ref().map(|parent| made.id_of(parent)).transpose());
        let parent = parent.transpose()?;
        let mut is_as_planned = true;
        let updated = groups::update(act, &change.id, |stored| {
            let stored = stored.ok_or(AppError::GroupNotFound)?;
            is_as_planned = is_before(stored, change);
            if !is_as_planned {
                return Err(AppError::Conflict("The group has changed since the plan was made."));
            }
            changes_of(stored, change, parent)
        });
        if !is_as_planned {
            return Err(RosterError::Changed);
        }
        updated?;
    }
    add(act, &change.id, &change.added)?;
    if !change.removed.is_empty() {
        groups::remove_members(act, &change.id, &ids_of(&change.removed))?;
    }
    Ok(())
}

/// Whether the row is still as the plan has it: Open WebUI changes names and permissions without the lock that rosterd takes.
fn is_before(stored: &GroupWithCount, change: &GroupChange) -> bool {
    let same_rights = match super::read::rights_of(&stored.group) {
        None => change.rights.is_empty(),
        Some(rights) => change.rights.iter().all(|right| rights.get(&right.right).copied() == right.before),
    };
    let same_description =
        change.description.as_ref().is_none_or(|change| change.before == stored.group.description);
    stored.group.name == change.name && same_description && same_rights
}

fn changes_of(
    stored: &GroupWithCount,
    change: &GroupChange,
    parent: Option<Option<GroupId>>,
) -> Result<GroupChanges, AppError> {
    Ok(GroupChanges {
        parent,
        name: change.rename.as_ref().map(|rename| GroupName::parse(&rename.after)).transpose()?,
        description: change.description.as_ref().map(|description| description.after.clone()),
        permissions: (!change.rights.is_empty())
            .then(|| with_changes(stored.group.permissions.as_ref(), &change.rights))
            .transpose()
            .map_err(|_not_json| StoreError::unreadable("group", "permissions", stored.group.id.as_str()))?
            .map(Some),
        data: None,
        meta: None,
    })
}

fn add(act: &mut Act<'_>, group: &GroupId, members: &[MemberRef]) -> Result<(), RosterError> {
    if !members.is_empty() {
        groups::add_members(act, group, &ids_of(members))?;
    }
    Ok(())
}

fn ids_of(members: &[MemberRef]) -> Vec<UserId> {
    members.iter().map(|member| member.id.clone()).collect()
}

fn change_template(act: &mut Act<'_>, rights: &[RightChange]) -> Result<(), RosterError> {
    let changes = rights.iter().filter_map(|change| {
        let (section, key) = change.right.section_and_key()?;
        Some((section.to_owned(), key.to_owned(), change.after?))
    });
    let changes: Vec<_> = changes.collect();
    permissions::change_template(act, &changes)?;
    Ok(())
}

fn change_settings(act: &mut Act<'_>, settings: &[SettingChange], made: &Made) -> Result<(), RosterError> {
    let mut values = Vec::new();
    for change in settings {
        let unknown = AppError::Internal("a plan changes a setting that there is not");
        let key = Key::named(change.name).ok_or(unknown)?;
        let value = match &change.group {
            Some(group) => Value::from(made.id_of(group)?.as_str()),
            None => change.after.clone(),
        };
        values.push((key, value));
    }
    config::set(act, &values)?;
    Ok(())
}
