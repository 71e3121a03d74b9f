//! Table `group`: the groups themselves. Their members are in `members`.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Json, Nullable};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::group::{
    Group, GroupChanges, GroupWithCount, MemberCounts, MemberRow, MembersQuery, NamedGroup, NewGroup,
    ReachedGroup,
};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::json::JsonText;
use rosterd_domain::unicode::nfc;
use rosterd_domain::user::UserInfo;

use super::Queries;
use super::configs::present;
use super::dialect::{by_code_point, for_update, one_of};
use super::group_tree::ABOVE;
use crate::fragments::{Condition, IfThere, Statement};
use crate::rows::{CountedRow, GroupRow, group_name, group_with_count, reached_group};
use crate::schema::{config_values, group_members, groups};
use crate::types::{LossyText, StoredJson, json_text, stored_json};
use crate::{ConfigLayout, Configs, DeletedGroup, GroupWrites, Groups, PermissionSources, StoreResult};

#[diesel::declare_sql_function]
extern "SQL" {
    /// The second value where the first is NULL, which the databases sort to opposite ends.
    #[sql_name = "coalesce"]
    fn coalesce_time(time: Nullable<BigInt>, otherwise: BigInt) -> BigInt;
}

/// `updated_at` descending, then id (docs/API.md, "Groups").
macro_rules! last_changed_first {
    () => {
        (coalesce_time(groups::updated_at, 0).desc(), by_code_point(groups::id).asc())
    };
}

/// How many members the group of the outer query has.
macro_rules! member_count {
    () => {
        group_members::table.filter(group_members::group_id.eq(groups::id)).count().single_value()
    };
}

/// What [`group_with_count`] makes a group of.
macro_rules! counted {
    ($self:expr $(, $more:expr)?) => {
        (
            GroupRow::as_select(),
            IfThere::new(groups::parent_group_id, $self.layout.group_parents),
            member_count!(),
            $($more,)?
        )
    };
}

/// The ids of this user's groups.
macro_rules! ids_of {
    ($user:expr) => {
        group_members::table.filter(group_members::user_id.eq($user.as_str())).select(group_members::group_id)
    };
}

/// The user's groups that say anything about permissions.
macro_rules! permissions_of {
    ($user:expr) => {
        group_members::table
            .inner_join(groups::table.on(groups::id.eq(group_members::group_id)))
            .filter(group_members::user_id.eq($user.as_str()))
            .filter(groups::permissions.is_not_null())
    };
}

/// The permissions of those groups.
const PERMISSIONS_ABOVE: &str =
    "g.permissions FROM \"group\" g JOIN above ON above.id = g.id WHERE g.permissions IS NOT NULL";

impl Groups for Queries<'_> {
    fn list_groups_of(&mut self, user: &UserId) -> StoreResult<Vec<Group>> {
        let rows: Vec<GroupRow> = groups::table
            .filter(groups::id.eq_any(ids_of!(user)))
            .order(last_changed_first!())
            .select(GroupRow::as_select())
            .load(self.conn)?;
        Ok(rows.into_iter().map(Group::from).collect())
    }

    fn list_permissions_of(&mut self, user: &UserId) -> StoreResult<Vec<JsonText>> {
        if self.layout.group_parents {
            let query = Statement::new(ABOVE.0).text(user.as_str()).sql(ABOVE.1).sql("SELECT ");
            let texts: Vec<Option<StoredJson>> =
                query.sql(PERMISSIONS_ABOVE).rows::<Nullable<Json>>().load(self.conn)?;
            return Ok(texts.into_iter().filter_map(json_text).collect());
        }
        let texts: Vec<Option<StoredJson>> =
            permissions_of!(user).select(groups::permissions).load(self.conn)?;
        Ok(texts.into_iter().filter_map(json_text).collect())
    }

    fn find_permission_sources(&mut self, user: &UserId, template: &str) -> StoreResult<PermissionSources> {
        if self.layout.config != ConfigLayout::KeyValue || !self.layout.stored_settings {
            let template = self.find_config(template)?;
            return Ok(PermissionSources { template, groups: self.list_permissions_of(user)? });
        }
        let rows: Vec<(i32, Option<StoredJson>)> = if self.layout.group_parents {
            let query = Statement::new(ABOVE.0).text(user.as_str()).sql(ABOVE.1);
            query
                .sql("SELECT 1, c.value FROM config c WHERE c.key = ")
                .text(template)
                .sql(" UNION ALL SELECT 0, ")
                .sql(PERMISSIONS_ABOVE)
                .rows::<(Integer, Nullable<Json>)>()
                .load(self.conn)?
        } else {
            let template = config_values::table
                .find(template)
                .select((1.into_sql::<Integer>(), config_values::value.nullable()));
            let groups = permissions_of!(user).select((0.into_sql::<Integer>(), groups::permissions));
            template.union_all(groups).load(self.conn)?
        };
        let mut sources = PermissionSources::default();
        for (is_template, text) in rows {
            match json_text(text) {
                Some(text) if is_template == 1 => sources.template = present(text),
                Some(text) => sources.groups.push(text),
                None => {}
            }
        }
        Ok(sources)
    }

    fn list_reached_groups(&mut self, user: &UserId, inherited: bool) -> StoreResult<Vec<ReachedGroup>> {
        let parent = IfThere::new(groups::parent_group_id, self.layout.group_parents);
        if !(inherited && self.layout.group_parents) {
            let rows: Vec<(GroupRow, Option<LossyText>)> = groups::table
                .filter(groups::id.eq_any(ids_of!(user)))
                .order(last_changed_first!())
                .select((GroupRow::as_select(), parent))
                .load(self.conn)?;
            return Ok(rows.into_iter().map(|(row, parent)| reached_group((row, parent, true))).collect());
        }
        let above = Condition::fixed("\"group\".\"id\" IN (")
            .sql(ABOVE.0)
            .bind(user.as_str())
            .sql(ABOVE.1)
            .sql("SELECT id FROM above)");
        let is_member = group_members::table
            .filter(group_members::group_id.eq(groups::id))
            .filter(group_members::user_id.eq(user.as_str()));
        let rows: Vec<(GroupRow, Option<LossyText>, bool)> = groups::table
            .filter(above)
            .order(last_changed_first!())
            .select((GroupRow::as_select(), parent, exists(is_member)))
            .load(self.conn)?;
        Ok(rows.into_iter().map(reached_group).collect())
    }

    fn list_group_names_of(&mut self, user: &UserId) -> StoreResult<Vec<NamedGroup>> {
        let rows: Vec<(LossyText, LossyText)> = groups::table
            .filter(groups::id.eq_any(ids_of!(user)))
            .order(last_changed_first!())
            .select((groups::id, groups::name.assume_not_null()))
            .load(self.conn)?;
        Ok(rows.into_iter().map(group_name).collect())
    }

    fn list_group_ids_of(&mut self, users: &[&UserId]) -> StoreResult<Vec<Vec<GroupId>>> {
        self.load_group_ids_of(users)
    }

    fn list_groups(&mut self, member: Option<&UserId>) -> StoreResult<Vec<GroupWithCount>> {
        let all = groups::table.order(last_changed_first!()).select(counted!(self));
        let rows: Vec<CountedRow> = match member {
            None => all.load(self.conn)?,
            Some(user) => all.filter(groups::id.eq_any(ids_of!(user))).load(self.conn)?,
        };
        Ok(rows.into_iter().map(|row| group_with_count(self.layout.dialect, row)).collect())
    }

    fn find_group(&mut self, id: &GroupId) -> StoreResult<Option<GroupWithCount>> {
        let query = groups::table.find(id.as_str()).select(counted!(self));
        let row: Option<CountedRow> = query.get_result(self.conn).optional()?;
        Ok(row.map(|row| group_with_count(self.layout.dialect, row)))
    }

    fn list_groups_seen_by(&mut self, user: &UserId, all: bool) -> StoreResult<Vec<(GroupWithCount, bool)>> {
        let seen = self.among_groups_of(user);
        let query = groups::table.order(last_changed_first!()).select(counted!(self, seen.clone()));
        let rows: Vec<(GroupRow, Option<LossyText>, Option<i64>, bool)> =
            if all { query.load(self.conn)? } else { query.filter(seen).load(self.conn)? };
        let dialect = self.layout.dialect;
        let listed = |(row, parent, members, seen)| (group_with_count(dialect, (row, parent, members)), seen);
        Ok(rows.into_iter().map(listed).collect())
    }

    fn lock_group(&mut self, id: &GroupId) -> StoreResult<Option<GroupWithCount>> {
        let query = groups::table.find(id.as_str()).select(counted!(self));
        let row: Option<CountedRow> = for_update!(query).get_result(self.conn).optional()?;
        Ok(row.map(|row| group_with_count(self.layout.dialect, row)))
    }

    fn list_line_ids(&mut self, id: &GroupId) -> StoreResult<Vec<GroupId>> {
        self.load_line_ids(id)
    }

    fn list_line(&mut self, id: &GroupId) -> StoreResult<Vec<ReachedGroup>> {
        self.load_line(id)
    }

    fn find_groups_by_name(&mut self, names: &[&str]) -> StoreResult<Vec<Option<GroupId>>> {
        /// Id and name of the groups that a condition leaves, the oldest first.
        macro_rules! oldest_first {
            ($condition:expr) => {
                groups::table
                    .filter($condition)
                    .order((coalesce_time(groups::created_at, 0), by_code_point(groups::id)))
                    .select((groups::id, groups::name.assume_not_null()))
            };
        }
        let same_spelling: Vec<(LossyText, LossyText)> =
            oldest_first!(one_of!("\"group\".\"name\"", names.iter().copied())).load(self.conn)?;
        // Of groups with one name the first counts, which is the oldest.
        let mut by_spelling = HashMap::new();
        for row in &same_spelling {
            by_spelling.entry(row.1.as_str()).or_insert(row);
        }
        let exact = |name: &str| by_spelling.get(name).copied();
        let all: Vec<(LossyText, LossyText)> =
            if names.iter().any(|name| !name.is_ascii() && exact(name).is_none()) {
                oldest_first!(groups::name.is_not_null()).load(self.conn)?
            } else {
                Vec::new()
            };
        let mut by_text = HashMap::new();
        for row in &all {
            by_text.entry(nfc(row.1.as_str())).or_insert(row);
        }
        let same_text = |name: &str| by_text.get(&nfc(name)).copied();
        let id = |(id, _): &(LossyText, LossyText)| GroupId::from_stored(id.as_str().to_owned());
        Ok(names.iter().map(|name| exact(name).or_else(|| same_text(name)).map(id)).collect())
    }

    fn list_members(&mut self, id: &GroupId) -> StoreResult<Vec<UserInfo>> {
        self.load_members(id)
    }

    fn count_group_members(&mut self, id: &GroupId) -> StoreResult<MemberCounts> {
        self.load_member_counts(id)
    }

    fn list_group_members(&mut self, id: &GroupId, query: &MembersQuery) -> StoreResult<Vec<MemberRow>> {
        self.load_group_members(id, query)
    }

    fn count_matching_members(&mut self, id: &GroupId, query: &MembersQuery) -> StoreResult<i64> {
        self.load_member_total(id, query)
    }

    fn list_groups_between(&mut self, id: &GroupId, users: &[UserId]) -> StoreResult<Vec<(UserId, GroupId)>> {
        self.load_groups_between(id, users)
    }
}

impl GroupWrites for Queries<'_> {
    fn insert_group(&mut self, new: &NewGroup) -> StoreResult<()> {
        diesel::insert_into(groups::table)
            .values((
                groups::id.eq(new.id.as_str()),
                groups::user_id.eq(new.owner.as_str()),
                groups::name.eq(new.name.as_str()),
                groups::description.eq(&new.description),
                groups::data.eq(stored_json(new.data.as_ref())),
                groups::meta.eq(stored_json(new.meta.as_ref())),
                groups::permissions.eq(stored_json(new.permissions.as_ref())),
                groups::created_at.eq(new.created_at),
                groups::updated_at.eq(new.created_at),
            ))
            .execute(self.conn)?;
        if let Some(parent) = new.parent.as_ref().filter(|_| self.layout.group_parents) {
            // A statement of its own: an INSERT that names the column fails where there is none.
            let group = groups::table.find(new.id.as_str());
            diesel::update(group).set(groups::parent_group_id.eq(parent.as_str())).execute(self.conn)?;
        }
        Ok(())
    }

    fn update_group(&mut self, id: &GroupId, changes: &GroupChanges, now: UnixSeconds) -> StoreResult<bool> {
        /// Keeps both layers: leave alone, or set (to NULL).
        #[expect(clippy::option_option, reason = "Diesel's own way to tell the two apart")]
        fn json(change: Option<&Option<JsonText>>) -> Option<Option<StoredJson>> {
            change.map(|text| stored_json(text.as_ref()))
        }
        let parent = changes.parent.as_ref().filter(|_| self.layout.group_parents);
        let written = diesel::update(groups::table.find(id.as_str()))
            .set((
                parent.map(|parent| groups::parent_group_id.eq(parent.as_ref().map(GroupId::as_str))),
                changes.name.as_ref().map(|name| groups::name.eq(name.as_str())),
                changes.description.as_ref().map(|text| groups::description.eq(text)),
                json(changes.permissions.as_ref()).map(|json| groups::permissions.eq(json)),
                json(changes.data.as_ref()).map(|json| groups::data.eq(json)),
                json(changes.meta.as_ref()).map(|json| groups::meta.eq(json)),
                groups::updated_at.eq(now),
            ))
            .execute(self.conn)?;
        Ok(written > 0)
    }

    fn delete_group(&mut self, id: &GroupId, now: UnixSeconds) -> StoreResult<Option<DeletedGroup>> {
        self.remove_group(id, now)
    }

    fn add_members(
        &mut self,
        id: &GroupId,
        users: &[UserId],
        now: UnixSeconds,
        fresh_id: &mut dyn FnMut() -> String,
    ) -> StoreResult<Vec<UserId>> {
        self.insert_members(id, users, now, fresh_id)
    }

    fn remove_members(
        &mut self,
        id: &GroupId,
        users: &[UserId],
        now: UnixSeconds,
    ) -> StoreResult<Vec<UserId>> {
        self.end_memberships(id, users, now)
    }

    fn remove_from_all_groups(&mut self, user: &UserId, now: UnixSeconds) -> StoreResult<()> {
        self.end_all_memberships(user, now)
    }
}
