//! Table `rosterd_suspension`.

use std::collections::HashMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::UserId;
use rosterd_domain::role::Role;
use rosterd_domain::suspension::{Suspension, SuspensionRow};
use rosterd_domain::user::UserModel;

use super::Queries;
use super::dialect::one_of;
use crate::schema::{suspensions, users};
use crate::types::{LossyText, StoredTime, text, time};
use crate::{StoreResult, SuspensionWrites, Suspensions};

/// What is shown of a row.
pub(super) type Shown = (StoredTime, Option<StoredTime>, Option<LossyText>, LossyText);

/// The columns of [`Shown`].
macro_rules! shown {
    () => {
        (suspensions::since, suspensions::until, suspensions::reason, suspensions::role)
    };
}

pub(super) use shown;

pub(super) fn suspension((since, until, reason, role): Shown) -> Suspension {
    Suspension {
        reason: text(reason),
        since: since.into(),
        until: time(until),
        role: Role::from_stored(role.as_str()),
    }
}

impl Suspensions for Queries<'_> {
    fn find_suspension(&mut self, user: &UserId) -> StoreResult<Option<SuspensionRow>> {
        if !self.layout.suspensions {
            return Ok(None);
        }
        let query = suspensions::table.find(user.as_str()).select((shown!(), suspensions::active));
        let row: Option<(Shown, bool)> = query.get_result(self.conn).optional()?;
        Ok(row.map(|(shown, was_active)| SuspensionRow { shown: suspension(shown), was_active }))
    }

    fn list_suspensions(&mut self, users: &[UserId]) -> StoreResult<Vec<(UserId, Suspension)>> {
        if !self.layout.suspensions || users.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(LossyText, Shown)> = suspensions::table
            .filter(one_of!("\"rosterd_suspension\".\"user_id\"", users.iter().map(UserId::as_str)))
            .select((suspensions::user_id, shown!()))
            .load(self.conn)?;
        Ok(rows.into_iter().map(|(user, row)| (UserId::from_stored(user.into()), suspension(row))).collect())
    }

    fn list_ended_suspensions(&mut self, now: UnixSeconds, limit: i64) -> StoreResult<Vec<UserId>> {
        if !self.layout.suspensions {
            return Ok(Vec::new());
        }
        let gone = not(exists(users::table.filter(users::id.eq(suspensions::user_id)).select(users::id)));
        // Told apart from NULL: a condition that may be unknown cannot be joined with one that never is.
        let over = suspensions::until.is_not_null().and(suspensions::until.assume_not_null().le(now));
        let ids: Vec<LossyText> = suspensions::table
            .filter(over.or(gone))
            .order(suspensions::user_id)
            .select(suspensions::user_id)
            .limit(limit)
            .load(self.conn)?;
        Ok(ids.into_iter().map(|id| UserId::from_stored(id.into())).collect())
    }
}

impl SuspensionWrites for Queries<'_> {
    fn put_suspension(&mut self, user: &UserId, row: &SuspensionRow) -> StoreResult<()> {
        if !self.layout.suspensions {
            return Ok(());
        }
        let SuspensionRow { shown: Suspension { reason, since, until, role }, was_active } = row;
        let columns = (
            suspensions::since.eq(since),
            suspensions::until.eq(until),
            suspensions::reason.eq(reason.as_deref()),
            suspensions::role.eq(role.as_str()),
            suspensions::active.eq(was_active),
        );
        diesel::insert_into(suspensions::table)
            .values((suspensions::user_id.eq(user.as_str()), columns))
            .on_conflict(suspensions::user_id)
            .do_update()
            .set(columns)
            .execute(self.conn)?;
        Ok(())
    }

    fn delete_suspension(&mut self, user: &UserId) -> StoreResult<bool> {
        if !self.layout.suspensions {
            return Ok(false);
        }
        Ok(diesel::delete(suspensions::table.find(user.as_str())).execute(self.conn)? > 0)
    }
}

impl Queries<'_> {
    /// Adds their suspensions to rows of users, of whom these are suspended.
    pub(super) fn add_suspensions(
        &mut self,
        users: &mut [UserModel],
        suspended: &[UserId],
    ) -> StoreResult<()> {
        let mut found: HashMap<UserId, Suspension> = self.list_suspensions(suspended)?.into_iter().collect();
        if !found.is_empty() {
            for user in users {
                user.suspension = found.remove(&user.id);
            }
        }
        Ok(())
    }
}
