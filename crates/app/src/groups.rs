//! Groups and their members (docs/API.md, "Groups").

use rosterd_domain::error::DomainError;
use rosterd_domain::group::{
    self, GroupChanges, GroupInfo, GroupMembers, GroupName, GroupWithCount, MembersQuery, NewGroup, tree,
};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::json::JsonText;
use rosterd_domain::text::{MAX_DESCRIPTION, ensure_short};
use rosterd_domain::user::UserInfo;
use rosterd_storage::{DeletedGroup, Lock};
use uuid::Uuid;

use crate::act::Act;
use crate::error::{AppError, AppResult};
use crate::event::{Changes, Event, Outcome, Unchanged};
use crate::versions::{self, Condition};

/// Told on a database of an older Open WebUI.
const NO_TREE: &str = "This database is one of an older Open WebUI, which does not have this.";

/// A group to be made. Permissions and data were judged when they were read.
#[derive(Debug, Clone, Default)]
pub struct GroupDraft {
    /// The group above it.
    pub parent: Option<GroupId>,
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

/// All groups for those who manage them. For others those they are in and, in a dialect with a tree, every group above
/// these (rule M5); with `share` those that they can share with, or those that nobody can (rule M6).
///
/// # Errors
/// Those of the store.
pub fn list(act: &mut Act<'_>, share: Option<bool>) -> AppResult<Vec<GroupWithCount>> {
    if act.actor().ensure_admin().is_ok() {
        return Ok(act.read().list_groups(None)?);
    }
    let me = act.me()?.id.clone();
    if !tree::is_known(act.app().dialect()) {
        return Ok(act.read().list_groups(Some(&me))?);
    }
    let groups = act.read().list_groups_seen_by(&me, share == Some(true))?;
    let listed = |(counted, seen): &(GroupWithCount, bool)| {
        group::share::is_listed(share, counted.group.data.as_ref(), *seen)
    };
    Ok(groups.into_iter().filter(listed).map(|(counted, _seen)| counted).collect())
}

/// One group.
///
/// # Errors
/// [`AppError::GroupNotFound`]; those of the store.
pub fn get(act: &mut Act<'_>, id: &GroupId) -> AppResult<GroupWithCount> {
    act.actor().ensure_admin()?;
    existing(act, id)
}

/// What every verified user may see of a group.
///
/// # Errors
/// [`AppError::NotFound`] on a database of an older Open WebUI; [`AppError::GroupNotFound`]; those of the store.
pub fn info(act: &mut Act<'_>, id: &GroupId) -> AppResult<GroupInfo> {
    ensure_tree(act)?;
    Ok(existing(act, id)?.into())
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

/// The direct members of a group.
///
/// # Errors
/// As [`get`].
pub fn members(act: &mut Act<'_>, id: &GroupId) -> AppResult<Vec<UserInfo>> {
    get(act, id)?;
    let members = act.read().list_members(id)?;
    Ok(members.into_iter().map(|member| act.app().shown_info(member, act.now()).as_member()).collect())
}

/// A page of the members of a group, with those of the groups below it (rule M7).
///
/// # Errors
/// As [`info`].
pub fn members_of_tree(act: &mut Act<'_>, id: &GroupId, query: &MembersQuery) -> AppResult<GroupMembers> {
    act.actor().ensure_admin()?;
    ensure_tree(act)?;
    if act.read().list_line_ids(id)?.is_empty() {
        return Err(AppError::GroupNotFound);
    }
    let counts = act.read().count_group_members(id)?;
    let rows = act.read().list_group_members(id, query)?;
    let total = match query.search {
        Some(_) => act.read().count_matching_members(id, query)?,
        None => counts.of(query.filter),
    };
    let ids: Vec<UserId> = rows.iter().map(|row| row.id.clone()).collect();
    let via = act.read().list_groups_between(id, &ids)?;
    Ok(GroupMembers::new(rows, via, total, counts))
}

/// Makes a group, which belongs to `owner`; `None`: to the acting account.
///
/// # Errors
/// A description that is too long, and a parent that it cannot have (rule M1), as [`AppError::Rule`]; a parent that is not
/// there as [`AppError::GroupNotFound`]; those of the store.
pub fn create(act: &mut Act<'_>, draft: GroupDraft, owner: Option<UserId>) -> AppResult<GroupWithCount> {
    act.actor().ensure_admin()?;
    let owner = match owner {
        Some(owner) => owner,
        None => act.me()?.id.clone(),
    };
    make(act, draft, owner)
}

/// [`create`] for whoever may do it.
pub(crate) fn make(act: &mut Act<'_>, draft: GroupDraft, owner: UserId) -> AppResult<GroupWithCount> {
    ensure_short("description", &draft.description, None, MAX_DESCRIPTION)?;
    let (dialect, share) = (act.app().dialect(), act.app().settings().new_group_share);
    let GroupDraft { parent, name, description, permissions, data, meta } = draft;
    let (sent_data, data) = (data.is_some(), group::data::of_new(dialect, data, share.to_json()));
    let id = GroupId::from_stored(fresh_id());
    act.read().lock(Lock::GroupTree)?;
    if let Some(parent) = &parent {
        ensure_may_have(act, None, parent)?;
    }
    let told = Changes::default()
        .of("parent_group_id", (), parent.as_ref().map(GroupId::as_str))
        .of("name", (), name.as_str())
        .of("description", (), &description)
        .of("permissions", (), permissions.as_ref().map(JsonText::to_value))
        .named("data", sent_data)
        .named("meta", meta.is_some());
    let new =
        NewGroup { id, owner, parent, name, description, data, meta, permissions, created_at: act.now() };
    act.change(Event::GroupCreated(new.id.clone(), told)).insert_group(&new)?;
    existing(act, &new.id)
}

/// Changes a group. `judge` says what was sent beside the group as it is stored, if it is. What is stored already is not
/// written again.
///
/// # Errors
/// Those of `judge`; a description that is too long, and a parent that the group cannot have (rule M1), as
/// [`AppError::Rule`]; [`AppError::GroupNotFound`], also for a parent that is not there; those of the store.
pub fn update(
    act: &mut Act<'_>,
    id: &GroupId,
    judge: impl FnOnce(Option<&GroupWithCount>) -> AppResult<GroupChanges>,
) -> AppResult<GroupWithCount> {
    update_if(act, id, &Condition::None, judge)
}

/// The same, only if the group has still the [version](versions::of_group) that the condition names (rule S4).
///
/// # Errors
/// As [`update`]; [`AppError::PreconditionFailed`].
pub fn update_if(
    act: &mut Act<'_>,
    id: &GroupId,
    condition: &Condition,
    judge: impl FnOnce(Option<&GroupWithCount>) -> AppResult<GroupChanges>,
) -> AppResult<GroupWithCount> {
    act.actor().ensure_admin()?;
    let now = act.now();
    // Two groups that become each other's parent at once would both be fine beside what is stored.
    act.read().lock(Lock::GroupTree)?;
    let stored = act.read().lock_group(id)?;
    let changes = judge(stored.as_ref())?;
    let stored = stored.ok_or(AppError::GroupNotFound)?;
    condition.ensure_tag(|| versions::of_group(&stored))?;
    changes.ensure_fits(&stored.group)?;
    let changes = changes.beside(&stored);
    if let Some(Some(parent)) = &changes.parent {
        ensure_may_have(act, Some(id), parent)?;
    }
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

fn told_of(stored: &GroupWithCount, changes: &GroupChanges) -> Changes {
    let mut told = Changes::default();
    if let Some(parent) = &changes.parent {
        told = told_of_parent(told, stored.parent(), parent.as_ref());
    }
    let stored = &stored.group;
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

fn told_of_parent(told: Changes, before: Option<&GroupId>, after: Option<&GroupId>) -> Changes {
    told.of("parent_group_id", before.map(GroupId::as_str), after.map(GroupId::as_str))
}

/// Deletes a group, its memberships and what was granted to it. Its children get its own parent (rule M9).
///
/// # Errors
/// [`AppError::GroupNotFound`]; those of the store.
pub fn delete(act: &mut Act<'_>, id: &GroupId) -> AppResult<()> {
    act.actor().ensure_admin()?;
    // Who joins at this moment would be a member of nothing, and a group that is made below it would have no parent.
    act.read().lock(Lock::GroupTree)?;
    delete_held(act, id)
}

/// [`delete`] while the tree of groups is held, for whoever may do it.
pub(crate) fn delete_held(act: &mut Act<'_>, id: &GroupId) -> AppResult<()> {
    let name = act.read().lock_group(id)?.ok_or(AppError::GroupNotFound)?.group.name;
    let (event, now) = (Event::GroupDeleted(id.clone(), name), act.now());
    let deleted = act.change(event).delete_group(id, now)?.ok_or(AppError::GroupNotFound)?;
    let DeletedGroup { parent, children } = deleted;
    for child in children {
        let told = told_of_parent(Changes::default(), Some(id), parent.as_ref().filter(|it| **it != child));
        act.tell(Event::GroupUpdated(child, told));
    }
    Ok(())
}

/// Makes users members. Unknown ids and present members are skipped.
///
/// # Errors
/// [`AppError::GroupNotFound`]; those of the store.
pub fn add_members(act: &mut Act<'_>, id: &GroupId, users: &[UserId]) -> AppResult<GroupWithCount> {
    hold_members(act, id)?;
    let changed = become_member(act, id, users)?;
    touch_unless(changed, act, id)?;
    existing(act, id)
}

/// Ends memberships. Ids that are no members are skipped.
///
/// # Errors
/// [`AppError::GroupNotFound`]; those of the store.
pub fn remove_members(act: &mut Act<'_>, id: &GroupId, users: &[UserId]) -> AppResult<GroupWithCount> {
    hold_members(act, id)?;
    let changed = cease_membership(act, id, users)?;
    touch_unless(changed, act, id)?;
    existing(act, id)
}

/// Makes one user a member, while the members are held.
///
/// # Errors
/// [`DomainError::UserNotFound`]; those of the store.
pub(crate) fn add_one_held(act: &mut Act<'_>, id: &GroupId, user: &UserId) -> AppResult<()> {
    ensure_user(act, user)?;
    let changed = become_member(act, id, std::slice::from_ref(user))?;
    touch_unless(changed, act, id)
}

/// Ends one user's membership, while the members are held.
///
/// # Errors
/// As [`add_one_held`].
pub(crate) fn remove_one_held(act: &mut Act<'_>, id: &GroupId, user: &UserId) -> AppResult<()> {
    ensure_user(act, user)?;
    let changed = cease_membership(act, id, std::slice::from_ref(user))?;
    touch_unless(changed, act, id)
}

/// Holds the members of a group: neither the group nor one of the users may go between the look-up and the write.
pub(crate) fn hold_members(act: &mut Act<'_>, id: &GroupId) -> AppResult<()> {
    act.actor().ensure_admin()?;
    act.read().lock(Lock::GroupTree)?;
    existing(act, id)?;
    Ok(())
}

fn ensure_user(act: &mut Act<'_>, user: &UserId) -> AppResult<()> {
    if act.read().find_last_active_at(user)?.is_some() {
        Ok(())
    } else {
        Err(DomainError::UserNotFound.into())
    }
}

/// In a dialect with a tree a request for members moves `updated_at` of the group even where nobody comes or goes.
fn touch_unless(changed: bool, act: &mut Act<'_>, id: &GroupId) -> AppResult<()> {
    if !changed && tree::is_known(act.app().dialect()) {
        let now = act.now();
        act.change_and_tell(|tx| {
            tx.update_group(id, &GroupChanges::default(), now)?;
            Ok(((), Outcome::Unchanged(Unchanged::Same)))
        })?;
    }
    Ok(())
}

/// Refuses a parent that the group may not have (rule M1); `group` is `None` for a new one.
fn ensure_may_have(act: &mut Act<'_>, group: Option<&GroupId>, parent: &GroupId) -> AppResult<()> {
    let line = act.read().list_line_ids(parent)?;
    if tree::ensure_may_have(group, parent, &line)? { Ok(()) } else { Err(AppError::GroupNotFound) }
}

/// Whether the database has groups above groups for its front end.
///
/// # Errors
/// [`AppError::NotFound`] where it has not.
pub(crate) fn ensure_tree(act: &Act<'_>) -> AppResult<()> {
    if tree::is_known(act.app().dialect()) { Ok(()) } else { Err(AppError::NotFound(NO_TREE)) }
}

/// The write of [`add_members`]; tells of those who were not members before, and gives whether there were any.
pub(crate) fn become_member(act: &mut Act<'_>, group: &GroupId, users: &[UserId]) -> AppResult<bool> {
    let now = act.now();
    Ok(act.change_and_tell(|tx| {
        let added = tx.add_members(group, users, now, &mut fresh_id)?;
        let changed = !added.is_empty();
        let event = Event::GroupMemberAdded(group.clone(), added);
        Ok((changed, Outcome::changed_if(changed, event, Unchanged::Same)))
    })?)
}

/// The write of [`remove_members`]; tells of those who were members, and gives whether there were any.
pub(crate) fn cease_membership(act: &mut Act<'_>, group: &GroupId, users: &[UserId]) -> AppResult<bool> {
    let now = act.now();
    Ok(act.change_and_tell(|tx| {
        let removed = tx.remove_members(group, users, now)?;
        let changed = !removed.is_empty();
        let event = Event::GroupMemberRemoved(group.clone(), removed);
        Ok((changed, Outcome::changed_if(changed, event, Unchanged::NothingThere)))
    })?)
}

fn existing(act: &mut Act<'_>, id: &GroupId) -> AppResult<GroupWithCount> {
    act.read().find_group(id)?.ok_or(AppError::GroupNotFound)
}

/// A fresh row id.
fn fresh_id() -> String {
    Uuid::new_v4().to_string()
}
