//! Groups and their members (docs/API.md, "Groups").

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::dialect::Dialect;
use rosterd_domain::group::{Group, GroupChanges, GroupName, GroupWithCount, NewGroup};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::json::JsonText;
use rosterd_domain::text::{MAX_DESCRIPTION, ensure_short};
use rosterd_domain::user::UserInfo;
use rosterd_storage::Lock;
use uuid::Uuid;

use crate::act::Act;
use crate::error::{AppError, AppResult};
use crate::event::{Changes, Event, Outcome, Unchanged};

/// A group to be made. Permissions were judged when they were read.
#[derive(Debug, Clone)]
pub struct GroupDraft {
    /// The name.
    pub name: GroupName,
    /// A few words on it, possibly none.
    pub description: String,
    /// What its members may do beyond the template.
    pub permissions: Option<JsonText>,
    /// Free-form JSON.
    pub data: Option<JsonText>,
    /// Free-form JSON.
    pub meta: Option<JsonText>,
}

/// All groups for those who manage them, their own for others.
///
/// # Errors
/// Those of the store.
pub fn list(act: &mut Act<'_>) -> AppResult<Vec<GroupWithCount>> {
    let member = match act.actor().ensure_admin() {
        Ok(()) => None,
        Err(_not_all) => Some(act.me()?.id.clone()),
    };
    Ok(act.read().list_groups(member.as_ref())?)
}

/// One group.
///
/// # Errors
/// [`AppError::GroupNotFound`]; those of the store.
pub fn get(act: &mut Act<'_>, id: &GroupId) -> AppResult<GroupWithCount> {
    act.actor().ensure_admin()?;
    existing(act, id)
}

/// A group with the ids of its members.
#[derive(Debug, Clone)]
pub struct Exported {
    /// The group.
    pub group: GroupWithCount,
    /// Its members, oldest account first.
    pub members: Vec<UserId>,
}

/// One group with the ids of its members.
///
/// # Errors
/// As [`get`].
pub fn export(act: &mut Act<'_>, id: &GroupId) -> AppResult<Exported> {
    let group = get(act, id)?;
    let members = act.read().list_members(id)?.into_iter().map(|member| member.id).collect();
    Ok(Exported { group, members })
}

/// The members of a group.
///
/// # Errors
/// As [`get`].
pub fn members(act: &mut Act<'_>, id: &GroupId) -> AppResult<Vec<UserInfo>> {
    get(act, id)?;
    let now: UnixSeconds = act.now();
    let members = act.read().list_members(id)?;
    Ok(members.into_iter().map(|member| member.shown(Dialect::V0_6, now, now)).collect())
}

/// Makes a group, which belongs to `owner`; `None`: to the acting account.
///
/// # Errors
/// A description that is too long as [`AppError::Rule`]; those of the store.
pub fn create(act: &mut Act<'_>, draft: GroupDraft, owner: Option<UserId>) -> AppResult<GroupWithCount> {
    act.actor().ensure_admin()?;
    ensure_short("description", &draft.description, None, MAX_DESCRIPTION)?;
    let owner = match owner {
        Some(owner) => owner,
        None => act.me()?.id.clone(),
    };
    let GroupDraft { name, description, permissions, data, meta } = draft;
    let id = GroupId::from_stored(fresh_id());
    let told = Changes::default()
        .of("name", (), name.as_str())
        .of("description", (), &description)
        .of("permissions", (), permissions.as_ref().map(JsonText::to_value))
        .named("data", data.is_some())
        .named("meta", meta.is_some());
    let new = NewGroup { id, owner, name, description, data, meta, permissions, created_at: act.now() };
    act.change(Event::GroupCreated(new.id.clone(), told)).insert_group(&new)?;
    existing(act, &new.id)
}

/// Changes a group. `judge` says what was sent beside the group as it is stored, if it is. What is stored already is not
/// written again.
///
/// # Errors
/// Those of `judge`; a description that is too long as [`AppError::Rule`]; [`AppError::GroupNotFound`]; those of the store.
pub fn update(
    act: &mut Act<'_>,
    id: &GroupId,
    judge: impl FnOnce(Option<&Group>) -> AppResult<GroupChanges>,
) -> AppResult<GroupWithCount> {
    act.actor().ensure_admin()?;
    let now = act.now();
    let stored = act.read().lock_group(id)?;
    let changes = judge(stored.as_ref())?;
    let stored = stored.ok_or(AppError::GroupNotFound)?;
    changes.ensure_fits(&stored)?;
    let changes = changes.beside(&stored);
    let told = told_of(&stored, &changes);
    act.change_and_tell(|tx| {
        if !changes.is_empty() {
            tx.update_group(id, &changes, now)?;
        }
        let event = Event::GroupUpdated(id.clone(), told);
        Ok(((), Outcome::changed_if(!changes.is_empty(), event, Unchanged::Same)))
    })?;
    existing(act, id)
}

fn told_of(stored: &Group, changes: &GroupChanges) -> Changes {
    let mut told = Changes::default();
    if let Some(name) = &changes.name {
        told = told.of("name", &stored.name, name.as_str());
    }
    if let Some(description) = &changes.description {
        told = told.of("description", &stored.description, description);
    }
    if let Some(permissions) = &changes.permissions {
        let (before, after) = (stored.permissions.as_ref(), permissions.as_ref());
        told = told.of("permissions", before.map(JsonText::to_value), after.map(JsonText::to_value));
    }
    told.named("data", changes.data.is_some()).named("meta", changes.meta.is_some())
}

/// Deletes a group and its memberships.
///
/// # Errors
/// [`AppError::GroupNotFound`]; those of the store.
pub fn delete(act: &mut Act<'_>, id: &GroupId) -> AppResult<()> {
    act.actor().ensure_admin()?;
    // Who joins at this moment would be a member of nothing, or stop the deletion by the foreign key.
    act.read().lock(Lock::Accounts)?;
    let event = Event::GroupDeleted(id.clone());
    if act.change(event).delete_group(id)? { Ok(()) } else { Err(AppError::GroupNotFound) }
}

/// Makes users members. Unknown ids and present members are skipped.
///
/// # Errors
/// [`AppError::GroupNotFound`]; those of the store.
pub fn add_members(act: &mut Act<'_>, id: &GroupId, users: &[UserId]) -> AppResult<GroupWithCount> {
    act.actor().ensure_admin()?;
    // Neither the group nor one of the users may go between the look-up and the insert.
    act.read().lock(Lock::Accounts)?;
    existing(act, id)?;
    become_member(act, id, users)?;
    existing(act, id)
}

/// Ends memberships. Ids that are no members are skipped.
///
/// # Errors
/// [`AppError::GroupNotFound`]; those of the store.
pub fn remove_members(act: &mut Act<'_>, id: &GroupId, users: &[UserId]) -> AppResult<GroupWithCount> {
    act.actor().ensure_admin()?;
    existing(act, id)?;
    cease_membership(act, id, users)?;
    existing(act, id)
}

/// The write of [`add_members`]; tells of those who were not members before.
pub(crate) fn become_member(act: &mut Act<'_>, group: &GroupId, users: &[UserId]) -> AppResult<()> {
    let now = act.now();
    Ok(act.change_and_tell(|tx| {
        let added = tx.add_members(group, users, now, &mut fresh_id)?;
        let changed = !added.is_empty();
        let event = Event::GroupMemberAdded(group.clone(), added);
        Ok(((), Outcome::changed_if(changed, event, Unchanged::Same)))
    })?)
}

/// The write of [`remove_members`]; tells of those who were members.
pub(crate) fn cease_membership(act: &mut Act<'_>, group: &GroupId, users: &[UserId]) -> AppResult<()> {
    let now = act.now();
    Ok(act.change_and_tell(|tx| {
        let removed = tx.remove_members(group, users, now)?;
        let changed = !removed.is_empty();
        let event = Event::GroupMemberRemoved(group.clone(), removed);
        Ok(((), Outcome::changed_if(changed, event, Unchanged::NothingThere)))
    })?)
}

fn existing(act: &mut Act<'_>, id: &GroupId) -> AppResult<GroupWithCount> {
    act.read().find_group(id)?.ok_or(AppError::GroupNotFound)
}

/// A fresh row id.
fn fresh_id() -> String {
    Uuid::new_v4().to_string()
}
