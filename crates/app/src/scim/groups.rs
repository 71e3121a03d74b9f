//! Groups by SCIM: those that a connection made or was linked to, and their members among the accounts that it sees (rules J3, J8
//! and J9).

mod documents;

use std::collections::BTreeSet;

use rosterd_domain::error::DomainError;
use rosterd_domain::group::{GroupChanges, GroupName};
use rosterd_domain::ids::{ConnectionId, GroupId, UserId};
use rosterd_domain::rules::scim_groups::{
    Existing, Fate, Moves, Own, Plan, Refused, ensure_manages, fate, plan, replaced,
};
use rosterd_domain::scim::{Connection, GroupLink};
use rosterd_scim::patch::{GroupChanges as Sent, MembersChange, PatchRequest};
use rosterd_scim::{Group, GroupForm, IfMatch, ListQuery, Projection, ScimError, ScimType};
use rosterd_storage::Lock;

use crate::act::Act;
use crate::error::{AppError, AppResult};
use crate::event::{Changes, Event, Outcome};
use crate::groups::{self, GroupDraft, become_member, cease_membership};
use documents::{document, documents, version_now};

/// A page of the groups that the connection sees, and how many there are on all pages.
///
/// # Errors
/// [`AppError::AccessProhibited`] for all but connections; those of the store.
pub fn list(act: &mut Act<'_>, query: &ListQuery) -> AppResult<(u64, Vec<Group>)> {
    let connection = act.actor().connection()?.id.clone();
    let page = query.page;
    let links = match page.count {
        0 => Vec::new(),
        _ => act.read().list_scim_groups(&connection, query)?,
    };
    let total = match page.total(links.len()) {
        Some(total) => total,
        None => u64::try_from(act.read().count_scim_groups(&connection, query.filter.as_ref())?).unwrap_or(0),
    };
    Ok((total, documents(act, &connection, links, &query.projection)?))
}

/// One group.
///
/// # Errors
/// [`AppError::GroupNotFound`], also for groups that the connection does not see; those of [`list`].
pub fn one(act: &mut Act<'_>, id: &GroupId, projection: &Projection) -> AppResult<Group> {
    let connection = act.actor().connection()?.id.clone();
    let link = visible(act, &connection, id)?;
    document(act, &connection, link, projection)
}

/// Makes a group, or links the connection to one, as its rule says (rule J9). Members that the connection does not see are passed over.
///
/// # Errors
/// [`AppError::Scim`]: 403 for a connection without groups, `uniqueness` for a name that is taken, `invalidValue` for a name that a group
/// cannot have, or that no group has; those of [`list`].
pub fn create(act: &mut Act<'_>, form: GroupForm, projection: &Projection) -> AppResult<Group> {
    let connection = act.actor().connection()?.clone();
    let name = group_name(&form.display_name)?;
    act.read().lock(Lock::GroupTree)?;
    let plan = plan_for(act, &connection, &form.display_name, &name)?;
    let GroupForm { display_name, external_id, members } = form;
    let id = match plan {
        Plan::Make => {
            let id = make(act, &connection, name)?;
            let link = new_link(act, &id, true, display_name, external_id.flatten());
            // Told by the group that was made.
            act.change_and_tell(|tx| {
                tx.insert_scim_group(&connection.id, &link)?;
                Ok(((), Outcome::ToldApart))
            })?;
            id
        }
        Plan::Link(id) => {
            let link = new_link(act, &id, false, display_name, external_id.flatten());
            act.change(Event::ScimGroupLinked(id.clone())).insert_scim_group(&connection.id, &link)?;
            id
        }
        Plan::ShowAgain(id) => {
            let mut link = act.read().find_scim_group(&connection.id, &id)?.ok_or(AppError::GroupNotFound)?;
            link.hidden_at = None;
            link.display_name = display_name;
            link.external_id = external_id.unwrap_or(link.external_id);
            link.touch(act.now());
            act.change(Event::ScimGroupLinked(id.clone())).update_scim_group(&connection.id, &link)?;
            id
        }
    };
    // Nobody leaves: the request knows nothing of who is in a group that was there.
    let add = members.unwrap_or_default();
    move_members(act, &connection.id, &id, &MembersChange::Changed { add, remove: BTreeSet::new() })?;
    let link = visible(act, &connection.id, &id)?;
    document(act, &connection.id, link, projection)
}

/// What PUT makes of a group. Members change only if the form names them (rule J8).
///
/// # Errors
/// Those of [`patch`].
pub fn replace(
    act: &mut Act<'_>,
    id: &GroupId,
    form: GroupForm,
    condition: Option<&IfMatch>,
    projection: &Projection,
) -> AppResult<Group> {
    let GroupForm { display_name, external_id, members } = form;
    let members = members.map_or(MembersChange::Nothing, MembersChange::Replace);
    change(act, id, Sent { display_name: Some(display_name), external_id, members }, condition, projection)
}

/// What PATCH makes of a group: all of its operations, or none.
///
/// # Errors
/// [`AppError::GroupNotFound`]; [`AppError::Scim`]: 412 where the group is not of the version that `condition` names, those of the request,
/// and those of [`create`].
pub fn patch(
    act: &mut Act<'_>,
    id: &GroupId,
    request: &PatchRequest,
    condition: Option<&IfMatch>,
    projection: &Projection,
) -> AppResult<Group> {
    let sent = request.group_changes()?;
    change(act, id, sent, condition, projection)
}

/// Deletes a group that the connection made and that nobody else uses. From any other group its own accounts leave, if it made the group,
/// and it sees the group no more (rule J9).
///
/// # Errors
/// As [`patch`].
pub fn delete(act: &mut Act<'_>, id: &GroupId, condition: Option<&IfMatch>) -> AppResult<()> {
    let connection = act.actor().connection()?.clone();
    let mut link = held(act, &connection, id, condition)?;
    let shared = link.made && act.read().is_scim_group_shared(&connection.id, id)?;
    match fate(link.made, shared) {
        Fate::Delete => return groups::delete_held(act, id),
        Fate::LeaveAndHide => {
            let members = members_of(act, &connection.id, id)?;
            leave(act, id, &members.into_iter().collect::<Vec<_>>())?;
        }
        Fate::Hide => {}
    }
    link.hidden_at = Some(act.now());
    link.touch(act.now());
    act.change(Event::ScimGroupHidden(id.clone())).update_scim_group(&connection.id, &link)?;
    Ok(())
}

/// Ends the memberships of an account in all groups that the connection sees: whoever comes back must not be in groups of which the
/// identity provider does not know.
///
/// # Errors
/// Those of the store.
pub(super) fn leave_all(act: &mut Act<'_>, connection: &ConnectionId, user: &UserId) -> AppResult<()> {
    act.read().lock(Lock::GroupTree)?;
    let user = std::slice::from_ref(user);
    for (_, group) in act.read().list_scim_groups_of(connection, user)? {
        leave(act, &GroupId::from_stored(group.id), user)?;
    }
    Ok(())
}

/// A group that the connection sees, held until the end: it may be changed, and has the version that the request wants.
fn held(
    act: &mut Act<'_>,
    connection: &Connection,
    id: &GroupId,
    condition: Option<&IfMatch>,
) -> AppResult<GroupLink> {
    act.read().lock(Lock::GroupTree)?;
    let link = visible(act, &connection.id, id)?;
    if let Some(condition) = condition {
        condition.check(&version_now(act, &connection.id, &link)?)?;
    }
    ensure_manages(connection.group_rule).map_err(refused)?;
    Ok(link)
}

fn visible(act: &mut Act<'_>, connection: &ConnectionId, id: &GroupId) -> AppResult<GroupLink> {
    let link = act.read().find_scim_group(connection, id)?;
    link.filter(GroupLink::is_visible).ok_or(AppError::GroupNotFound)
}

fn change(
    act: &mut Act<'_>,
    id: &GroupId,
    sent: Sent,
    condition: Option<&IfMatch>,
    projection: &Projection,
) -> AppResult<Group> {
    let connection = act.actor().connection()?.clone();
    let mut link = held(act, &connection, id, condition)?;
    let (mut told, mut changes) = (Changes::default(), GroupChanges::default());
    if let Some(name) = sent.display_name.filter(|name| *name != link.display_name) {
        let of_group = group_name(&name)?;
        ensure_free(act, &connection.id, &link, &name, &of_group)?;
        told = told.of("display_name", &link.display_name, &name);
        link.display_name = name;
        // A group that the connection was linked to keeps the name that its admins gave it.
        if link.made {
            let group = act.read().lock_group(id)?.ok_or(AppError::GroupNotFound)?;
            changes = GroupChanges { name: Some(of_group), ..GroupChanges::default() }.beside(&group);
            if let Some(name) = &changes.name {
                told = told.of("name", &group.group.name, name.as_str());
            }
        }
    }
    if let Some(external_id) = sent.external_id.filter(|external_id| *external_id != link.external_id) {
        told = told.named("external_id", true);
        link.external_id = external_id;
    }
    let moved = move_members(act, &connection.id, id, &sent.members)?;
    if moved || !told.is_empty() {
        let now = act.now();
        link.touch(now);
        // Who came and went is told already.
        let event = Event::GroupUpdated(id.clone(), told.clone());
        let outcome = if told.is_empty() { Outcome::ToldApart } else { Outcome::Changed(event) };
        act.change_and_tell(|tx| {
            tx.update_scim_group(&connection.id, &link)?;
            if !changes.is_empty() {
                tx.update_group(id, &changes, now)?;
            }
            Ok(((), outcome))
        })?;
    }
    document(act, &connection.id, link, projection)
}

/// Whether a group of the connection may have this name: none of its other groups has it, nor has any other group, if the name is also
/// that of the group.
fn ensure_free(
    act: &mut Act<'_>,
    connection: &ConnectionId,
    link: &GroupLink,
    display_name: &str,
    name: &GroupName,
) -> AppResult<()> {
    let own = act.read().find_scim_group_named(connection, display_name)?;
    if own.is_some_and(|own| own.is_visible() && own.id != link.id) {
        return Err(refused(Refused::Taken));
    }
    if !link.made {
        return Ok(());
    }
    let of_name = act.read().find_groups_by_name(&[name.as_str()])?.into_iter().flatten().next();
    if of_name.is_some_and(|id| id != link.id) { Err(refused(Refused::OfOthers)) } else { Ok(()) }
}

fn plan_for(
    act: &mut Act<'_>,
    connection: &Connection,
    display_name: &str,
    name: &GroupName,
) -> AppResult<Plan> {
    ensure_manages(connection.group_rule).map_err(refused)?;
    let own = act.read().find_scim_group_named(&connection.id, display_name)?;
    let own = own.map(|link| Own { is_hidden: !link.is_visible(), id: link.id });
    let of_name = act.read().find_groups_by_name(&[name.as_str()])?.into_iter().flatten().next();
    let existing = match of_name {
        Some(id) => {
            let link = act.read().find_scim_group(&connection.id, &id)?;
            Some(Existing { id, hidden: link.map(|link| !link.is_visible()) })
        }
        None => None,
    };
    plan(connection.group_rule, own, existing).map_err(refused)
}

/// Makes the group itself. It belongs to who made the connection, else to the primary admin.
fn make(act: &mut Act<'_>, connection: &Connection, name: GroupName) -> AppResult<GroupId> {
    const NOBODY: AppError = AppError::Conflict(
        "A group belongs to an account, and there is none on this server. Make an account first.",
    );
    let mut owner = None;
    if let Some(maker) = &connection.created_by
        && act.read().find_last_active_at(maker)?.is_some()
    {
        owner = Some(maker.clone());
    }
    let owner = match owner {
        Some(maker) => maker,
        None => act.read().find_primary_admin()?.ok_or(NOBODY)?,
    };
    Ok(groups::make(act, GroupDraft { name, ..GroupDraft::default() }, owner)?.group.id)
}

fn new_link(
    act: &Act<'_>,
    id: &GroupId,
    made: bool,
    display_name: String,
    external_id: Option<String>,
) -> GroupLink {
    let now = act.now();
    GroupLink {
        id: id.clone(),
        made,
        hidden_at: None,
        display_name,
        external_id,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// Who comes and goes by a request (rule J8); gives whether anybody did.
fn move_members(
    act: &mut Act<'_>,
    connection: &ConnectionId,
    id: &GroupId,
    change: &MembersChange,
) -> AppResult<bool> {
    let moves = match change {
        MembersChange::Nothing => return Ok(false),
        MembersChange::Changed { add, remove } => {
            let named: Vec<&str> = add.iter().chain(remove).map(String::as_str).collect();
            let known = act.read().list_scim_users_among(connection, &named)?;
            let (join, rest): (Vec<_>, Vec<_>) =
                known.into_iter().partition(|user| add.contains(user.as_str()));
            Moves { join, leave: rest }
        }
        MembersChange::Replace(named) => {
            let members = members_of(act, connection, id)?;
            let named: Vec<&str> = named.iter().map(String::as_str).collect();
            let known = act.read().list_scim_users_among(connection, &named)?;
            replaced(&members, &known.into_iter().collect())
        }
    };
    let joined = !moves.join.is_empty() && become_member(act, id, &moves.join)?;
    Ok(leave(act, id, &moves.leave)? || joined)
}

/// Ends these memberships; gives whether there was any.
fn leave(act: &mut Act<'_>, id: &GroupId, users: &[UserId]) -> AppResult<bool> {
    Ok(!users.is_empty() && cease_membership(act, id, users)?)
}

/// The members of a group that the connection sees.
fn members_of(act: &mut Act<'_>, connection: &ConnectionId, id: &GroupId) -> AppResult<BTreeSet<UserId>> {
    let members = act.read().list_scim_members(connection, std::slice::from_ref(id))?;
    Ok(members.into_iter().map(|(_, user)| user).collect())
}

/// The name that the group gets.
fn group_name(display_name: &str) -> AppResult<GroupName> {
    GroupName::parse(display_name).map_err(|error| match error {
        DomainError::Field { message, .. } => {
            ScimError::new(ScimType::InvalidValue, format!("`displayName` {message}")).into()
        }
        other => other.into(),
    })
}

fn refused(why: Refused) -> AppError {
    let error = match why {
        Refused::NoGroups => ScimError::with_status(403, why.sentence()),
        Refused::Taken | Refused::OfOthers => ScimError::new(ScimType::Uniqueness, why.sentence()),
        Refused::NotThere => ScimError::new(ScimType::InvalidValue, why.sentence()),
    };
    error.into()
}
