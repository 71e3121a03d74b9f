//! Table `rosterd_unconfirmed`.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use rosterd_domain::ids::UserId;
use rosterd_domain::role::Role;
use rosterd_domain::unconfirmed::Unconfirmed;

use super::Queries;
use crate::schema::{unconfirmed, users};
use crate::types::{LossyText, StoredTime};
use crate::{StoreResult, UnconfirmedAccounts, UnconfirmedWrites};

impl UnconfirmedAccounts for Queries<'_> {
    fn find_unconfirmed(&mut self, user: &UserId) -> StoreResult<Option<Unconfirmed>> {
        if !self.layout.unconfirmed {
            return Ok(None);
        }
        let query = unconfirmed::table.find(user.as_str()).select((unconfirmed::role, unconfirmed::since));
        let row: Option<(LossyText, StoredTime)> = query.get_result(self.conn).optional()?;
        Ok(row
            .map(|(role, since)| Unconfirmed { role: Role::from_stored(role.as_str()), since: since.into() }))
    }
}

impl UnconfirmedWrites for Queries<'_> {
    fn put_unconfirmed(&mut self, user: &UserId, row: &Unconfirmed) -> StoreResult<()> {
        if !self.layout.unconfirmed {
            return Ok(());
        }
        let columns = (unconfirmed::role.eq(row.role.as_str()), unconfirmed::since.eq(row.since));
        diesel::insert_into(unconfirmed::table)
            .values((unconfirmed::user_id.eq(user.as_str()), columns))
            .on_conflict(unconfirmed::user_id)
            .do_update()
            .set(columns)
            .execute(self.conn)?;
        Ok(())
    }

    fn delete_unconfirmed(&mut self, user: &UserId) -> StoreResult<bool> {
        if !self.layout.unconfirmed {
            return Ok(false);
        }
        Ok(diesel::delete(unconfirmed::table.find(user.as_str())).execute(self.conn)? > 0)
    }
}

/// Removes the rows that count for nothing, because another program has given the account a role or deleted it; gives how many.
pub(super) fn forget_void(queries: &mut Queries<'_>) -> StoreResult<usize> {
    if !queries.layout.unconfirmed {
        return Ok(0);
    }
    let waits = users::table
        .filter(users::id.eq(unconfirmed::user_id))
        .filter(users::role.eq(Role::Pending.as_str()))
        .select(users::id);
    Ok(diesel::delete(unconfirmed::table.filter(not(exists(waits)))).execute(queries.conn)?)
}
