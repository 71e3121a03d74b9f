//! Groups as they are answered.

use std::collections::{BTreeMap, HashMap};

use rosterd_domain::ids::{ConnectionId, GroupId};
use rosterd_domain::scim::{GroupLink, SeenMembers};
use rosterd_scim::{DateTime, Group, List, Meta, Projection, Version};

use crate::act::Act;
use crate::error::{AppError, AppResult};

/// A group with more members than this is answered without them (rule J11).
const MAX_MEMBERS: i64 = 1_000;

/// How many members a page of groups has, all groups together; those that come after it are answered without (rule J11).
const MAX_MEMBERS_OF_PAGE: i64 = 10_000;

pub(super) fn document(
    act: &mut Act<'_>,
    connection: &ConnectionId,
    link: GroupLink,
    projection: &Projection,
) -> AppResult<Group> {
    let documents = documents(act, connection, vec![link], projection)?;
    documents.into_iter().next().ok_or(AppError::GroupNotFound)
}

/// The groups as they are answered, in two statements however many they are.
pub(super) fn documents(
    act: &mut Act<'_>,
    connection: &ConnectionId,
    links: Vec<GroupLink>,
    projection: &Projection,
) -> AppResult<Vec<Group>> {
    let ids: Vec<GroupId> = links.iter().map(|link| link.id.clone()).collect();
    let seen = seen_members(act, connection, &ids)?;
    let seen = |id: &GroupId| seen.get(id).copied().unwrap_or_default();
    let mut shown: BTreeMap<GroupId, Vec<String>> = BTreeMap::new();
    if projection.includes(List::Members) {
        let mut room = MAX_MEMBERS_OF_PAGE;
        for id in &ids {
            let count = seen(id).count;
            if count <= MAX_MEMBERS.min(room) {
                room -= count;
                shown.insert(id.clone(), Vec::new());
            }
        }
        let with_members: Vec<GroupId> = shown.keys().filter(|id| seen(id).count > 0).cloned().collect();
        for (group, user) in act.read().list_scim_members(connection, &with_members)? {
            if let Some(members) = shown.get_mut(&group) {
                members.push(user.into_string());
            }
        }
    }
    let document = |link: GroupLink| {
        let mut members = shown.remove(&link.id);
        if let Some(members) = &mut members {
            members.sort_unstable();
        }
        Group {
            members,
            meta: Meta {
                created: DateTime::from_seconds(link.created_at),
                last_modified: DateTime::from_seconds(link.updated_at),
                version: version(&link, seen(&link.id)),
            },
            id: link.id.into_string(),
            external_id: link.external_id,
            display_name: link.display_name,
        }
    };
    Ok(links.into_iter().map(document).collect())
}

/// Members change elsewhere too, where nobody counts versions of ours.
fn version(link: &GroupLink, seen: SeenMembers) -> Version {
    Version::new(&format!("{}.{}.{}", link.version, seen.count, seen.changed_at))
}

/// The version that a group has now.
pub(super) fn version_now(
    act: &mut Act<'_>,
    connection: &ConnectionId,
    link: &GroupLink,
) -> AppResult<Version> {
    let seen = seen_members(act, connection, std::slice::from_ref(&link.id))?;
    Ok(version(link, seen.get(&link.id).copied().unwrap_or_default()))
}

/// Whether groups have more members than are shown is all that their number has to tell.
fn seen_members(
    act: &mut Act<'_>,
    connection: &ConnectionId,
    ids: &[GroupId],
) -> AppResult<HashMap<GroupId, SeenMembers>> {
    Ok(act.read().list_seen_members(connection, ids, MAX_MEMBERS + 1)?.into_iter().collect())
}
