//! What connections by SCIM keep of groups: table `rosterd_scim_group`.

use rosterd_domain::ids::{ConnectionId, GroupId, UserId};
use rosterd_domain::scim::{GroupLink, SeenMembers};
use rosterd_scim::{Condition, GroupReference, ListQuery};

use crate::StoreResult;

/// Table `rosterd_scim_group`. Where [`Layout::scim`](crate::Layout::scim) says no, it counts as empty. Groups that are gone, since another
/// program deleted them, are not found. A connection sees the accounts and groups that it keeps and has not deleted (rule J3).
pub trait ScimGroups {
    /// What the connection keeps of a group, also of one that it has deleted.
    fn find_scim_group(&mut self, connection: &ConnectionId, id: &GroupId) -> StoreResult<Option<GroupLink>>;

    /// The group that the connection knows by this name, in whatever letters: the one that it sees, else the one that it deleted last.
    fn find_scim_group_named(
        &mut self,
        connection: &ConnectionId,
        display_name: &str,
    ) -> StoreResult<Option<GroupLink>>;

    /// One page of the groups that the connection sees.
    fn list_scim_groups(
        &mut self,
        connection: &ConnectionId,
        query: &ListQuery,
    ) -> StoreResult<Vec<GroupLink>>;

    /// How many groups there are on all pages.
    fn count_scim_groups(
        &mut self,
        connection: &ConnectionId,
        filter: Option<&Condition>,
    ) -> StoreResult<i64>;

    /// How many members of these groups the connection sees, counted no further than `most`, and when each group last changed; in no
    /// order. A group costs the same however many members it has.
    fn list_seen_members(
        &mut self,
        connection: &ConnectionId,
        groups: &[GroupId],
        most: i64,
    ) -> StoreResult<Vec<(GroupId, SeenMembers)>>;

    /// The members of these groups that the connection sees, in no order.
    fn list_scim_members(
        &mut self,
        connection: &ConnectionId,
        groups: &[GroupId],
    ) -> StoreResult<Vec<(GroupId, UserId)>>;

    /// Which of these texts are ids of accounts that the connection sees, in no order.
    fn list_scim_users_among(&mut self, connection: &ConnectionId, ids: &[&str]) -> StoreResult<Vec<UserId>>;

    /// The groups of these accounts that the connection sees, in one statement, by name and then id.
    fn list_scim_groups_of(
        &mut self,
        connection: &ConnectionId,
        users: &[UserId],
    ) -> StoreResult<Vec<(UserId, GroupReference)>>;

    /// Whether others use the group too: it has members that the connection does not keep, groups below it, or another connection.
    fn is_scim_group_shared(&mut self, connection: &ConnectionId, id: &GroupId) -> StoreResult<bool>;
}

/// Changes to table `rosterd_scim_group`. Where there is no such table they do nothing.
pub trait ScimGroupWrites {
    /// Inserts what the connection keeps of a group.
    fn insert_scim_group(&mut self, connection: &ConnectionId, link: &GroupLink) -> StoreResult<()>;

    /// Writes all of it but `made` and `created_at`; gives whether it is there.
    fn update_scim_group(&mut self, connection: &ConnectionId, link: &GroupLink) -> StoreResult<bool>;

    /// Deletes what all connections keep of a group; gives how many kept anything.
    fn delete_scim_group_links(&mut self, group: &GroupId) -> StoreResult<usize>;
}
