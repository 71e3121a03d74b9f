//! Table `group` as a tree: what is above a group and below it, the members that come from below, and what a deletion
//! does to the children. These methods are used by those of `Groups`.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::Text;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::group::{MemberCounts, MemberRow, MembersQuery, MembershipFilter, ReachedGroup};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::role::Role;

use super::Queries;
use super::dialect::{by_code_point, matches, one_of};
use crate::fragments::{Condition, IfThere, Statement};
use crate::rows::{GroupRow, reached_group};
use crate::schema::{group_members, groups, users};
use crate::types::{LossyText, text};
use crate::{DeletedGroup, ScimGroupWrites as _, StoreResult};

/// A table of ids in front of a query: the words before a bound id, and those after it.
pub(super) type Table = (&'static str, &'static str);

/// Table `above` with the ids of a user's groups and of every group above them, around the user's id. `UNION` keeps each
/// group once, which also ends a ring of parents.
pub(super) const ABOVE: Table = (
    "WITH RECURSIVE above(id) AS (SELECT group_id FROM group_member WHERE user_id = ",
    " UNION SELECT g.parent_group_id FROM \"group\" g JOIN above ON g.id = above.id \
     WHERE g.parent_group_id IS NOT NULL) ",
);

/// Table `line` with the id of a group and those of every group above it, around the group's id.
const LINE: Table = (
    "WITH RECURSIVE line(id) AS (SELECT id FROM \"group\" WHERE id = ",
    " UNION SELECT g.parent_group_id FROM \"group\" g JOIN line ON g.id = line.id \
     WHERE g.parent_group_id IS NOT NULL) ",
);

/// Table `below` with the id of a group and those of every group below it, around the group's id.
const BELOW: Table = (
    "WITH RECURSIVE below(id) AS (SELECT id FROM \"group\" WHERE id = ",
    " UNION SELECT g.id FROM \"group\" g JOIN below ON g.parent_group_id = below.id) ",
);

/// The same two where no group has a parent.
const ONLY_LINE: Table = ("WITH line(id) AS (SELECT id FROM \"group\" WHERE id = ", ") ");
const ONLY_BELOW: Table = ("WITH below(id) AS (SELECT id FROM \"group\" WHERE id = ", ") ");

impl Queries<'_> {
    /// Table `line`.
    pub(super) fn line(&self) -> Table {
        if self.layout.group_parents { LINE } else { ONLY_LINE }
    }

    /// Table `below`.
    fn below(&self) -> Table {
        if self.layout.group_parents { BELOW } else { ONLY_BELOW }
    }

    /// Whether a row of `group` is a group of this user, or above one.
    pub(super) fn among_groups_of(&self, user: &UserId) -> Condition {
        let user = user.as_str();
        if self.layout.group_parents {
            let above = Condition::fixed("(\"group\".\"id\" IN (").sql(ABOVE.0).bind(user);
            return above.sql(ABOVE.1).sql("SELECT id FROM above))");
        }
        Condition::new("\"group\".\"id\" IN (SELECT group_id FROM group_member WHERE user_id = ", user, ")")
    }

    pub(super) fn load_line_ids(&mut self, id: &GroupId) -> StoreResult<Vec<GroupId>> {
        let (before, after) = self.line();
        let ids: Vec<LossyText> = Statement::new(before)
            .text(id.as_str())
            .sql(after)
            .sql("SELECT g.id FROM \"group\" g JOIN line ON line.id = g.id")
            .rows::<Text>()
            .load(self.conn)?;
        Ok(ids.into_iter().map(|id| GroupId::from_stored(id.into())).collect())
    }

    pub(super) fn load_line(&mut self, id: &GroupId) -> StoreResult<Vec<ReachedGroup>> {
        let (before, after) = self.line();
        let in_line = Condition::fixed("(\"group\".\"id\" IN (")
            .sql(before)
            .bind(id.as_str())
            .sql(after)
            .sql("SELECT id FROM line))");
        let parent = IfThere::new(groups::parent_group_id, self.layout.group_parents);
        let rows: Vec<(GroupRow, Option<LossyText>)> =
            groups::table.filter(in_line).select((GroupRow::as_select(), parent)).load(self.conn)?;
        let line = rows.into_iter().map(|(row, parent)| {
            let itself = row.has_id(id);
            reached_group((row, parent, itself))
        });
        Ok(line.collect())
    }

    /// Whether a row of `user` is a member of the group in this sense.
    fn member_in(&self, id: &GroupId, filter: MembershipFilter) -> Condition {
        let id = id.as_str();
        let (before, after) = self.below();
        let direct = |condition: Condition| {
            condition.sql("IN (SELECT user_id FROM group_member WHERE group_id = ").bind(id).sql(")")
        };
        let effective = |condition: Condition| {
            let tree = condition.sql("\"user\".\"id\" IN (").sql(before).bind(id).sql(after);
            tree.sql("SELECT m.user_id FROM group_member m JOIN below ON below.id = m.group_id)")
        };
        let begun = Condition::fixed("(");
        let whole = match filter {
            MembershipFilter::Direct => direct(begun.sql("\"user\".\"id\" ")),
            MembershipFilter::Effective => effective(begun),
            MembershipFilter::Inherited => direct(effective(begun).sql(" AND \"user\".\"id\" NOT ")),
        };
        whole.sql(")")
    }

    /// The same of those who match.
    fn matching_member(&mut self, id: &GroupId, query: &MembersQuery) -> StoreResult<Condition> {
        let member = self.member_in(id, query.filter);
        Ok(match &query.search {
            Some(search) => member.also(matches(self.conn, search, self.layout)?),
            None => member,
        })
    }

    pub(super) fn load_member_counts(&mut self, id: &GroupId) -> StoreResult<MemberCounts> {
        let mut count = |filter| -> StoreResult<i64> {
            let condition = self.member_in(id, filter);
            Ok(users::table.filter(condition).count().get_result(self.conn)?)
        };
        let direct = count(MembershipFilter::Direct)?;
        Ok(MemberCounts::new(direct, count(MembershipFilter::Effective)?))
    }

    pub(super) fn load_group_members(
        &mut self,
        id: &GroupId,
        query: &MembersQuery,
    ) -> StoreResult<Vec<MemberRow>> {
        let condition = self.matching_member(id, query)?;
        let is_direct = group_members::table
            .filter(group_members::group_id.eq(id.as_str()))
            .filter(group_members::user_id.eq(users::id));
        let rows: Vec<(LossyText, LossyText, LossyText, LossyText, bool)> = users::table
            .filter(condition)
            .order((by_code_point(users::name), by_code_point(users::id)))
            .limit(MembersQuery::LIMIT)
            .offset(query.offset)
            .select((users::id, users::name, users::email, users::role, exists(is_direct)))
            .load(self.conn)?;
        let members = rows.into_iter().map(|(id, name, email, role, direct)| MemberRow {
            id: UserId::from_stored(id.into()),
            name: name.into(),
            email: email.into(),
            role: Role::from_stored(role.as_str()),
            direct,
        });
        Ok(members.collect())
    }

    pub(super) fn load_member_total(&mut self, id: &GroupId, query: &MembersQuery) -> StoreResult<i64> {
        let condition = self.matching_member(id, query)?;
        Ok(users::table.filter(condition).count().get_result(self.conn)?)
    }

    pub(super) fn load_groups_between(
        &mut self,
        id: &GroupId,
        of: &[UserId],
    ) -> StoreResult<Vec<(UserId, GroupId)>> {
        let (before, after) = self.below();
        let below = Condition::fixed("(\"group_member\".\"group_id\" IN (")
            .sql(before)
            .bind(id.as_str())
            .sql(after)
            .sql("SELECT id FROM below) AND \"group_member\".\"group_id\" <> ")
            .bind(id.as_str())
            .sql(")");
        let pairs: Vec<(LossyText, LossyText)> = group_members::table
            .filter(one_of!("\"group_member\".\"user_id\"", of.iter().map(UserId::as_str)))
            .filter(below)
            .select((group_members::user_id, group_members::group_id))
            .load(self.conn)?;
        let pairs = pairs.into_iter();
        Ok(pairs
            .map(|(user, group)| (UserId::from_stored(user.into()), GroupId::from_stored(group.into())))
            .collect())
    }

    /// Nothing is left to foreign keys: attached SQLite databases run without.
    pub(super) fn remove_group(
        &mut self,
        id: &GroupId,
        now: UnixSeconds,
    ) -> StoreResult<Option<DeletedGroup>> {
        let mut deleted = DeletedGroup::default();
        if self.layout.group_parents {
            deleted = self.move_children_up(id, now)?;
        }
        let members = group_members::table.filter(group_members::group_id.eq(id.as_str()));
        diesel::delete(members).execute(self.conn)?;
        if self.layout.newer.access_grant {
            Statement::new("DELETE FROM access_grant WHERE principal_type = 'group' AND principal_id = ")
                .text(id.as_str())
                .execute(self.conn)?;
        }
        self.delete_scim_group_links(id)?;
        let rows = diesel::delete(groups::table.find(id.as_str())).execute(self.conn)?;
        Ok((rows > 0).then_some(deleted))
    }

    /// Gives the children of a group its own parent. A child that is this parent (a ring, made from outside) becomes a top
    /// group.
    fn move_children_up(&mut self, id: &GroupId, now: UnixSeconds) -> StoreResult<DeletedGroup> {
        let query = groups::table.find(id.as_str()).select(groups::parent_group_id);
        let parent: Option<Option<LossyText>> = query.get_result(self.conn).optional()?;
        let parent = text(parent.flatten()).filter(|parent| parent != id.as_str());
        let children = groups::table
            .filter(groups::parent_group_id.eq(id.as_str()))
            .filter(groups::id.ne(id.as_str()))
            .order(by_code_point(groups::id))
            .select(groups::id);
        let children: Vec<LossyText> = children.load(self.conn)?;
        for child in &children {
            let above = parent.as_deref().filter(|parent| *parent != child.as_str());
            diesel::update(groups::table.find(child.as_str()))
                .set((groups::parent_group_id.eq(above), groups::updated_at.eq(now)))
                .execute(self.conn)?;
        }
        Ok(DeletedGroup {
            parent: parent.map(GroupId::from_stored),
            children: children.into_iter().map(|id| GroupId::from_stored(id.into())).collect(),
        })
    }
}
