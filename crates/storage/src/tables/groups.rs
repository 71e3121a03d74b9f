//! What can be asked about groups, their members and their place in the tree.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::group::{
    Group, GroupChanges, GroupWithCount, MemberCounts, MemberRow, MembersQuery, NamedGroup, NewGroup,
    ReachedGroup,
};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::json::JsonText;
use rosterd_domain::user::UserInfo;

use crate::{DeletedGroup, PermissionSources, StoreResult};

/// Tables `group` and `group_member`.
pub trait Groups {
    /// The user's own groups, `updated_at` descending, then id.
    fn list_groups_of(&mut self, user: &UserId) -> StoreResult<Vec<Group>>;

    /// The permission texts that count for this user: those of its groups and, where the layout has parents, of
    /// every group above them (each group once, cycles end).
    fn list_permissions_of(&mut self, user: &UserId) -> StoreResult<Vec<JsonText>>;

    /// The configured value at `template` together with what [`list_permissions_of`](Groups::list_permissions_of) gives:
    /// all that a user's rights are computed from, in one statement where the layout allows.
    fn find_permission_sources(&mut self, user: &UserId, template: &str) -> StoreResult<PermissionSources>;

    /// The groups that count for the user, `updated_at` descending, then id: its own, and with `inherited` every group
    /// above them too (each group once, rings end) (rules N20 and M19).
    fn list_reached_groups(&mut self, user: &UserId, inherited: bool) -> StoreResult<Vec<ReachedGroup>>;

    /// Id and name of the user's groups, `updated_at` descending, then id.
    fn list_group_names_of(&mut self, user: &UserId) -> StoreResult<Vec<NamedGroup>>;

    /// The ids of the groups of each of these users, ascending, in one statement. There are as many lists as users, in their order.
    fn list_group_ids_of(&mut self, users: &[&UserId]) -> StoreResult<Vec<Vec<GroupId>>>;

    /// All groups, or one member's, with member counts, in one statement; `updated_at` descending, then id.
    fn list_groups(&mut self, member: Option<&UserId>) -> StoreResult<Vec<GroupWithCount>>;

    /// One group with its member count.
    fn find_group(&mut self, id: &GroupId) -> StoreResult<Option<GroupWithCount>>;

    /// The same of the groups that somebody reaches: is a member of, or of a group below (rules M5 and M19). Each says
    /// whether it is one of these: with `all`, the others are listed too.
    fn list_groups_seen_by(&mut self, user: &UserId, all: bool) -> StoreResult<Vec<(GroupWithCount, bool)>>;

    /// One group, locked until the transaction ends (`FOR UPDATE` on PostgreSQL).
    fn lock_group(&mut self, id: &GroupId) -> StoreResult<Option<GroupWithCount>>;

    /// The ids of a group and of every group above it, in no order; none for an unknown id. Rings end.
    fn list_line_ids(&mut self, id: &GroupId) -> StoreResult<Vec<GroupId>>;

    /// A group (as [`Membership::Direct`](rosterd_domain::group::Membership::Direct)) and every group above it, in no
    /// order; none for an unknown id. Rings end.
    fn list_line(&mut self, id: &GroupId) -> StoreResult<Vec<ReachedGroup>>;

    /// The groups with these names, in the order of the names: the exact spelling, else the same text in normalization
    /// form C; the lowest (`created_at`, `id`) of several. Names without a zero character.
    fn find_groups_by_name(&mut self, names: &[&str]) -> StoreResult<Vec<Option<GroupId>>>;

    /// The group's members, by `created_at`, then id.
    fn list_members(&mut self, id: &GroupId) -> StoreResult<Vec<UserInfo>>;

    /// How many members the group has, with and without those of the groups below it (rule M7). Memberships of accounts
    /// that are gone do not count.
    fn count_group_members(&mut self, id: &GroupId) -> StoreResult<MemberCounts>;

    /// A page of those members by name, then id, by code point.
    fn list_group_members(&mut self, id: &GroupId, query: &MembersQuery) -> StoreResult<Vec<MemberRow>>;

    /// How many members match, by the same filter.
    fn count_matching_members(&mut self, id: &GroupId, query: &MembersQuery) -> StoreResult<i64>;

    /// By which groups below this one these users are members of it: pairs of user and group.
    fn list_groups_between(&mut self, id: &GroupId, users: &[UserId]) -> StoreResult<Vec<(UserId, GroupId)>>;
}

/// Changes to tables `group` and `group_member`.
pub trait GroupWrites {
    /// Inserts.
    fn insert_group(&mut self, new: &NewGroup) -> StoreResult<()>;

    /// Writes the fields that are `Some` and `updated_at`; gives whether the group exists.
    fn update_group(&mut self, id: &GroupId, changes: &GroupChanges, now: UnixSeconds) -> StoreResult<bool>;

    /// Deletes the group with its memberships and with what was granted to it. Its children get its own parent, and their
    /// `updated_at` moves (rule M9). `None` where there is no such group.
    fn delete_group(&mut self, id: &GroupId, now: UnixSeconds) -> StoreResult<Option<DeletedGroup>>;

    /// Makes these users members: unknown ids and present members are skipped. Gives those who were added and moves
    /// the group's `updated_at`. `fresh_id` gives a new row id at each call.
    fn add_members(
        &mut self,
        id: &GroupId,
        users: &[UserId],
        now: UnixSeconds,
        fresh_id: &mut dyn FnMut() -> String,
    ) -> StoreResult<Vec<UserId>>;

    /// Ends these memberships; gives those who were members and moves the group's `updated_at`.
    fn remove_members(
        &mut self,
        id: &GroupId,
        users: &[UserId],
        now: UnixSeconds,
    ) -> StoreResult<Vec<UserId>>;

    /// Ends every membership of this user and moves those groups' `updated_at` (rule P4).
    fn remove_from_all_groups(&mut self, user: &UserId, now: UnixSeconds) -> StoreResult<()>;
}
