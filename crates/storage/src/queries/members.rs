//! Table `group_member`: who is in which group. These methods are used by those of `Groups`.

use diesel::dsl::exists;
use diesel::prelude::*;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::user::UserInfo;

use super::Queries;
use super::dialect::{self, by_code_point, one_of};
use crate::StoreResult;
use crate::rows::UserInfoRow;
use crate::schema::{group_members, groups, users};
use crate::types::LossyText;

/// Rows of one INSERT: five parameters each, and SQLite takes 32,766.
const ROWS: usize = 1_000;

impl Queries<'_> {
    pub(super) fn load_group_ids_of(&mut self, of: &[&UserId]) -> StoreResult<Vec<Vec<GroupId>>> {
        let mut groups: Vec<Vec<GroupId>> = vec![Vec::new(); of.len()];
        for (place, group) in dialect::group_ids_of(self.conn, of)? {
            if let Some(groups) = usize::try_from(place).ok().and_then(|place| groups.get_mut(place)) {
                groups.push(GroupId::from_stored(group.into()));
            }
        }
        // In one order, whatever the database's: the same answer twice is the same text twice.
        for groups in &mut groups {
            groups.sort_unstable();
        }
        Ok(groups)
    }

    pub(super) fn load_members(&mut self, id: &GroupId) -> StoreResult<Vec<UserInfo>> {
        let in_group = group_members::table
            .filter(group_members::group_id.eq(id.as_str()))
            .select(group_members::user_id);
        let rows: Vec<UserInfoRow> = users::table
            .filter(users::id.eq_any(in_group))
            .order((users::created_at, by_code_point(users::id)))
            .select(UserInfoRow::as_select())
            .load(self.conn)?;
        Ok(rows.into_iter().map(UserInfo::from).collect())
    }

    pub(super) fn insert_members(
        &mut self,
        id: &GroupId,
        of: &[UserId],
        now: UnixSeconds,
        fresh_id: &mut dyn FnMut() -> String,
    ) -> StoreResult<Vec<UserId>> {
        let present = group_members::table
            .filter(group_members::group_id.eq(id.as_str()))
            .filter(group_members::user_id.eq(users::id));
        let newcomers: Vec<LossyText> = users::table
            .filter(one_of!("\"user\".\"id\"", of.iter().map(UserId::as_str)))
            .filter(diesel::dsl::not(exists(present)))
            .order(by_code_point(users::id))
            .select(users::id)
            .load(self.conn)?;
        let mut added: Vec<LossyText> = Vec::new();
        for newcomers in newcomers.chunks(ROWS) {
            let rows: Vec<_> = newcomers
                .iter()
                .map(|user| {
                    (
                        group_members::id.eq(fresh_id()),
                        group_members::group_id.eq(id.as_str()),
                        group_members::user_id.eq(user.as_str()),
                        group_members::created_at.eq(now),
                        group_members::updated_at.eq(now),
                    )
                })
                .collect();
            // Another process may have added one of them since; that is no failure.
            let insert = diesel::insert_into(group_members::table).values(rows).on_conflict_do_nothing();
            added.extend(insert.returning(group_members::user_id).get_results::<LossyText>(self.conn)?);
        }
        self.mark_changed(id, added.len(), now)?;
        Ok(added.into_iter().map(|user| UserId::from_stored(user.into())).collect())
    }

    pub(super) fn end_memberships(
        &mut self,
        id: &GroupId,
        of: &[UserId],
        now: UnixSeconds,
    ) -> StoreResult<Vec<UserId>> {
        let members = group_members::table
            .filter(group_members::group_id.eq(id.as_str()))
            .filter(one_of!("\"group_member\".\"user_id\"", of.iter().map(UserId::as_str)));
        let removed: Vec<LossyText> =
            diesel::delete(members).returning(group_members::user_id).get_results(self.conn)?;
        self.mark_changed(id, removed.len(), now)?;
        Ok(removed.into_iter().map(|user| UserId::from_stored(user.into())).collect())
    }

    pub(super) fn end_all_memberships(&mut self, user: &UserId, now: UnixSeconds) -> StoreResult<()> {
        self.mark_groups_of(user, now)?;
        let of_user = group_members::table.filter(group_members::user_id.eq(user.as_str()));
        diesel::delete(of_user).execute(self.conn)?;
        Ok(())
    }

    /// Moves `updated_at` of all groups of a user.
    pub(super) fn mark_groups_of(&mut self, user: &UserId, now: UnixSeconds) -> StoreResult<()> {
        let of_user = group_members::table.filter(group_members::user_id.eq(user.as_str()));
        let their_groups = groups::table.filter(groups::id.eq_any(of_user.select(group_members::group_id)));
        diesel::update(their_groups).set(groups::updated_at.eq(now)).execute(self.conn)?;
        Ok(())
    }

    /// Moves the group's `updated_at` if any membership changed.
    fn mark_changed(&mut self, id: &GroupId, changed: usize, now: UnixSeconds) -> StoreResult<()> {
        if changed > 0 {
            let group = groups::table.find(id.as_str());
            diesel::update(group).set(groups::updated_at.eq(now)).execute(self.conn)?;
        }
        Ok(())
    }
}
