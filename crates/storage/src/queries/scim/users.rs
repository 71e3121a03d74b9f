//! Tables `rosterd_scim_user` and `rosterd_scim_email`.

use diesel::prelude::*;
use rosterd_domain::ids::UserId;

use super::super::Queries;
use crate::schema::{scim_emails, scim_users};
use crate::{ScimUserWrites, ScimUsers, StoreResult};

impl ScimUsers for Queries<'_> {}

impl ScimUserWrites for Queries<'_> {
    fn delete_scim_user_links(&mut self, user: &UserId) -> StoreResult<usize> {
        if !self.layout.scim {
            return Ok(0);
        }
        diesel::delete(scim_emails::table.filter(scim_emails::user_id.eq(user.as_str())))
            .execute(self.conn)?;
        let links = scim_users::table.filter(scim_users::user_id.eq(user.as_str()));
        Ok(diesel::delete(links).execute(self.conn)?)
    }
}
