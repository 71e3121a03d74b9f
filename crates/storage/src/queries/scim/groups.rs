//! Table `rosterd_scim_group`.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use rosterd_domain::ids::{ConnectionId, GroupId, UserId};
use rosterd_domain::scim::{GroupLink, SeenMembers};
use rosterd_scim::{Condition as Filter, Field, GroupReference, ListQuery, ResourceKind, Sort};

use super::super::Queries;
use super::super::dialect::{one_of, one_of_several_indexes};
use super::filter::compiled;
use super::key;
use crate::fragments::{Condition, Statement};
use crate::schema::scim_groups;
use crate::types::{LossyText, StoredTime, text, time};
use crate::{ScimGroupWrites, ScimGroups, StoreResult};

/// What a connection keeps of a group, as it is read.
type LinkColumns =
    (LossyText, bool, Option<StoredTime>, LossyText, Option<LossyText>, StoredTime, StoredTime, StoredTime);

/// The types of its columns.
type LinkTypes = (Text, Bool, Nullable<BigInt>, Text, Nullable<Text>, BigInt, BigInt, BigInt);

const LINKS: &str = "SELECT group_id, made, hidden_at, display_name, external_id, created_at, updated_at, version \
                     FROM rosterd_scim_group WHERE connection_id = ";

/// The groups of a connection that it sees. Attached databases have no foreign keys to ours: a group may be gone.
const VISIBLE: &str =
    " AND hidden_at IS NULL AND EXISTS (SELECT 1 FROM \"group\" g WHERE g.id = rosterd_scim_group.group_id)";

/// Members that a connection sees. SQLite takes the tables of a CROSS JOIN in this order: memberships first, of which a group has fewer
/// than a connection has accounts.
const SEEN_MEMBERS: &str = " FROM group_member m CROSS JOIN rosterd_scim_user s WHERE s.user_id = m.user_id AND s.hidden_at IS NULL \
                            AND s.connection_id = ";

fn link(
    (id, made, hidden_at, display_name, external_id, created_at, updated_at, version): LinkColumns,
) -> GroupLink {
    GroupLink {
        id: GroupId::from_stored(id.into()),
        made,
        hidden_at: time(hidden_at),
        display_name: display_name.into(),
        external_id: text(external_id),
        created_at: created_at.into(),
        updated_at: updated_at.into(),
        version: version.into(),
    }
}

/// The order of a page. All texts are in the order of their code points.
fn order(sort: Option<Sort>) -> &'static str {
    let Some(Sort { by, descending }) = sort else { return "created_at, group_id" };
    match (by, descending) {
        (Field::Id, false) => "group_id",
        (Field::Id, true) => "group_id DESC",
        (Field::ExternalId, false) => "external_id IS NULL, external_id, group_id",
        (Field::ExternalId, true) => "external_id IS NULL, external_id DESC, group_id",
        (Field::LastModified, false) => "updated_at, group_id",
        (Field::LastModified, true) => "updated_at DESC, group_id",
        (Field::DisplayName, false) => "display_key, group_id",
        (Field::DisplayName, true) => "display_key DESC, group_id",
        (Field::Created, true) => "created_at DESC, group_id",
        // Groups have no other field that a list can be sorted by.
        (_, _) => "created_at, group_id",
    }
}

/// A number that the database takes: there are not more rows than that.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl ScimGroups for Queries<'_> {
    fn find_scim_group(&mut self, connection: &ConnectionId, id: &GroupId) -> StoreResult<Option<GroupLink>> {
        if !self.layout.scim {
            return Ok(None);
        }
        let found = Statement::new(LINKS).text(connection.as_str()).sql(" AND group_id = ").text(id.as_str());
        // By the id itself, which is in the words of the index of any database.
        let there =
            found.sql(" AND EXISTS (SELECT 1 FROM \"group\" g WHERE g.id = ").text(id.as_str()).sql(")");
        let row: Option<LinkColumns> = there.rows::<LinkTypes>().get_result(self.conn).optional()?;
        Ok(row.map(link))
    }

    fn find_scim_group_named(
        &mut self,
        connection: &ConnectionId,
        display_name: &str,
    ) -> StoreResult<Option<GroupLink>> {
        if !self.layout.scim {
            return Ok(None);
        }
        let name = Condition::new("display_key = ", key(display_name), "");
        let found = Statement::new(LINKS)
            .text(connection.as_str())
            .sql(" AND ")
            .condition(one_of_several_indexes(name))
            .sql(" AND EXISTS (SELECT 1 FROM \"group\" g WHERE g.id = rosterd_scim_group.group_id)")
            .sql(" ORDER BY hidden_at IS NOT NULL, hidden_at DESC, group_id LIMIT 1");
        let row: Option<LinkColumns> = found.rows::<LinkTypes>().get_result(self.conn).optional()?;
        Ok(row.map(link))
    }

    fn list_scim_groups(
        &mut self,
        connection: &ConnectionId,
        query: &ListQuery,
    ) -> StoreResult<Vec<GroupLink>> {
        if !self.layout.scim {
            return Ok(Vec::new());
        }
        let page = Statement::new(LINKS).text(connection.as_str()).sql(VISIBLE);
        let page = filtered(page, connection, query.filter.as_ref());
        let page = page.sql(" ORDER BY ").sql(order(query.sort));
        let page = page.sql(" LIMIT ").number(whole(query.page.count));
        let page = page.sql(" OFFSET ").number(whole(query.page.offset()));
        let rows: Vec<LinkColumns> = page.rows::<LinkTypes>().load(self.conn)?;
        Ok(rows.into_iter().map(link).collect())
    }

    fn count_scim_groups(&mut self, connection: &ConnectionId, filter: Option<&Filter>) -> StoreResult<i64> {
        if !self.layout.scim {
            return Ok(0);
        }
        let all = Statement::new("SELECT count(*) FROM rosterd_scim_group WHERE connection_id = ");
        let all = all.text(connection.as_str()).sql(VISIBLE);
        Ok(filtered(all, connection, filter).rows::<BigInt>().get_result(self.conn)?)
    }

    fn list_seen_members(
        &mut self,
        connection: &ConnectionId,
        groups: &[GroupId],
        most: i64,
    ) -> StoreResult<Vec<(GroupId, SeenMembers)>> {
        if !self.layout.scim || groups.is_empty() {
            return Ok(Vec::new());
        }
        let counted = Statement::new("SELECT g.id, (SELECT count(*) FROM (SELECT 1")
            .sql(SEEN_MEMBERS)
            .text(connection.as_str())
            .sql(" AND m.group_id = g.id LIMIT ")
            .number(most)
            .sql(") seen), coalesce(g.updated_at, 0) FROM \"group\" g WHERE ")
            .condition(one_of!("g.id", groups.iter().map(GroupId::as_str)));
        let rows: Vec<(LossyText, i64, StoredTime)> =
            counted.rows::<(Text, BigInt, BigInt)>().load(self.conn)?;
        let seen = |(id, count, changed): (LossyText, i64, StoredTime)| {
            (GroupId::from_stored(id.into()), SeenMembers { count, changed_at: changed.into() })
        };
        Ok(rows.into_iter().map(seen).collect())
    }

    fn list_scim_members(
        &mut self,
        connection: &ConnectionId,
        groups: &[GroupId],
    ) -> StoreResult<Vec<(GroupId, UserId)>> {
        if !self.layout.scim || groups.is_empty() {
            return Ok(Vec::new());
        }
        let members = Statement::new("SELECT m.group_id, m.user_id")
            .sql(SEEN_MEMBERS)
            .text(connection.as_str())
            .sql(" AND ")
            .condition(one_of!("m.group_id", groups.iter().map(GroupId::as_str)));
        let rows: Vec<(LossyText, LossyText)> = members.rows::<(Text, Text)>().load(self.conn)?;
        let member = |(group, user): (LossyText, LossyText)| {
            (GroupId::from_stored(group.into()), UserId::from_stored(user.into()))
        };
        Ok(rows.into_iter().map(member).collect())
    }

    fn list_scim_users_among(&mut self, connection: &ConnectionId, ids: &[&str]) -> StoreResult<Vec<UserId>> {
        if !self.layout.scim || ids.is_empty() {
            return Ok(Vec::new());
        }
        let seen = Statement::new("SELECT user_id FROM rosterd_scim_user WHERE connection_id = ")
            .text(connection.as_str())
            .sql(" AND hidden_at IS NULL AND ")
            .condition(one_of!("user_id", ids.iter().copied()));
        let rows: Vec<LossyText> = seen.rows::<Text>().load(self.conn)?;
        Ok(rows.into_iter().map(|id| UserId::from_stored(id.into())).collect())
    }

    fn list_scim_groups_of(
        &mut self,
        connection: &ConnectionId,
        users: &[UserId],
    ) -> StoreResult<Vec<(UserId, GroupReference)>> {
        if !self.layout.scim || users.is_empty() {
            return Ok(Vec::new());
        }
        let groups = Statement::new(
            "SELECT m.user_id, s.group_id, s.display_name FROM group_member m CROSS JOIN rosterd_scim_group s \
             WHERE s.group_id = m.group_id AND s.hidden_at IS NULL AND s.connection_id = ",
        )
        .text(connection.as_str())
        .sql(" AND ")
        .condition(one_of!("m.user_id", users.iter().map(UserId::as_str)))
        .sql(" ORDER BY s.display_key, s.group_id");
        let rows: Vec<(LossyText, LossyText, LossyText)> =
            groups.rows::<(Text, Text, Text)>().load(self.conn)?;
        let reference = |(user, group, display): (LossyText, LossyText, LossyText)| {
            (UserId::from_stored(user.into()), GroupReference { id: group.into(), display: display.into() })
        };
        Ok(rows.into_iter().map(reference).collect())
    }

    fn is_scim_group_shared(&mut self, connection: &ConnectionId, id: &GroupId) -> StoreResult<bool> {
        if !self.layout.scim {
            return Ok(false);
        }
        let others = Condition::fixed(
            "(EXISTS (SELECT 1 FROM group_member m JOIN \"user\" u ON u.id = m.user_id WHERE m.group_id = ",
        )
        .bind(id.as_str())
        .sql(" AND NOT EXISTS (SELECT 1 FROM rosterd_scim_user s WHERE s.user_id = m.user_id AND s.connection_id = ")
        .bind(connection.as_str())
        .sql(")) OR EXISTS (SELECT 1 FROM rosterd_scim_group o WHERE o.hidden_at IS NULL AND o.group_id = ")
        .bind(id.as_str())
        .sql(" AND o.connection_id <> ")
        .bind(connection.as_str())
        .sql(")");
        let others = if self.layout.group_parents {
            let below = others.sql(" OR EXISTS (SELECT 1 FROM \"group\" c WHERE c.parent_group_id = ");
            below.bind(id.as_str()).sql(")")
        } else {
            others
        };
        Ok(diesel::select(others.sql(")")).get_result(self.conn)?)
    }
}

/// The rows of a statement that a filter leaves.
fn filtered<'a>(rows: Statement<'a>, connection: &ConnectionId, filter: Option<&Filter>) -> Statement<'a> {
    match filter {
        Some(filter) => rows.sql(" AND ").condition(compiled(connection, ResourceKind::Group, filter)),
        None => rows,
    }
}

impl ScimGroupWrites for Queries<'_> {
    fn insert_scim_group(&mut self, connection: &ConnectionId, link: &GroupLink) -> StoreResult<()> {
        if !self.layout.scim {
            return Ok(());
        }
        diesel::insert_into(scim_groups::table)
            .values((
                scim_groups::connection_id.eq(connection.as_str()),
                scim_groups::group_id.eq(link.id.as_str()),
                scim_groups::made.eq(link.made),
                scim_groups::hidden_at.eq(link.hidden_at),
                scim_groups::display_name.eq(&link.display_name),
                scim_groups::display_key.eq(key(&link.display_name)),
                scim_groups::external_id.eq(link.external_id.as_deref()),
                scim_groups::created_at.eq(link.created_at),
                scim_groups::updated_at.eq(link.updated_at),
                scim_groups::version.eq(link.version),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    fn update_scim_group(&mut self, connection: &ConnectionId, link: &GroupLink) -> StoreResult<bool> {
        if !self.layout.scim {
            return Ok(false);
        }
        let row = scim_groups::table.find((connection.as_str(), link.id.as_str()));
        let written = diesel::update(row)
            .set((
                scim_groups::hidden_at.eq(link.hidden_at),
                scim_groups::display_name.eq(&link.display_name),
                scim_groups::display_key.eq(key(&link.display_name)),
                scim_groups::external_id.eq(link.external_id.as_deref()),
                scim_groups::updated_at.eq(link.updated_at),
                scim_groups::version.eq(link.version),
            ))
            .execute(self.conn)?;
        Ok(written > 0)
    }

    fn delete_scim_group_links(&mut self, group: &GroupId) -> StoreResult<usize> {
        if !self.layout.scim {
            return Ok(0);
        }
        let links = scim_groups::table.filter(scim_groups::group_id.eq(group.as_str()));
        Ok(diesel::delete(links).execute(self.conn)?)
    }
}
