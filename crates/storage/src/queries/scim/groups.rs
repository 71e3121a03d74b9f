//! Table `rosterd_scim_group`.

use diesel::prelude::*;
use rosterd_domain::ids::{ConnectionId, GroupId, UserId};
use rosterd_scim::GroupReference;

use super::super::Queries;
use crate::schema::scim_groups;
use crate::{ScimGroupWrites, ScimGroups, StoreResult};

impl ScimGroups for Queries<'_> {
    fn list_scim_groups_of(
        &mut self,
        _connection: &ConnectionId,
        _users: &[UserId],
    ) -> StoreResult<Vec<(UserId, GroupReference)>> {
        Ok(Vec::new())
    }
}

impl ScimGroupWrites for Queries<'_> {
    fn delete_scim_group_links(&mut self, group: &GroupId) -> StoreResult<usize> {
        if !self.layout.scim {
            return Ok(0);
        }
        let links = scim_groups::table.filter(scim_groups::group_id.eq(group.as_str()));
        Ok(diesel::delete(links).execute(self.conn)?)
    }
}
