//! What connections by SCIM keep of groups: table `rosterd_scim_group`.

use rosterd_domain::ids::{ConnectionId, GroupId, UserId};
use rosterd_scim::GroupReference;

use crate::StoreResult;

/// Table `rosterd_scim_group`. Where [`Layout::scim`](crate::Layout::scim) says no, it counts as empty.
pub trait ScimGroups {
    /// The groups of these accounts that the connection sees.
    fn list_scim_groups_of(
        &mut self,
        connection: &ConnectionId,
        users: &[UserId],
    ) -> StoreResult<Vec<(UserId, GroupReference)>>;
}

/// Changes to table `rosterd_scim_group`. Where there is no such table they do nothing.
pub trait ScimGroupWrites {
    /// Deletes what all connections keep of a group; gives how many kept anything.
    fn delete_scim_group_links(&mut self, group: &GroupId) -> StoreResult<usize>;
}
