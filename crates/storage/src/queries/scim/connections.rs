//! Table `rosterd_scim_connection`.

use std::collections::BTreeMap;

use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{ConnectionId, UserId};
use rosterd_domain::role::Role;
use rosterd_domain::scim::{Connection, ConnectionRow, GroupRule, LinkableUser};

use super::super::Queries;
use super::super::dialect::{Backend, by_code_point, for_key_share};
use crate::schema::{
    scim_connections, scim_emails, scim_groups, scim_users, suspensions, unconfirmed, users,
};
use crate::types::{LossyText, StoredTime, time};
use crate::{ScimConnectionWrites, ScimConnections, StoreResult};

/// A row as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = scim_connections)]
struct ConnectionColumns {
    id: LossyText,
    name: LossyText,
    token_hash: LossyText,
    old_token_hash: Option<LossyText>,
    old_token_until: Option<StoredTime>,
    default_role: LossyText,
    links_by_email: bool,
    takes_passwords: bool,
    deletes_accounts: bool,
    group_rule: LossyText,
    created_at: StoredTime,
    created_by: Option<LossyText>,
    last_used_at: Option<StoredTime>,
}

impl From<ConnectionColumns> for ConnectionRow {
    fn from(row: ConnectionColumns) -> Self {
        Self {
            connection: Connection {
                id: ConnectionId::from_stored(row.id.into()),
                name: row.name.into(),
                // Whatever else somebody has written there gives no rights.
                default_role: match Role::from_stored(row.default_role.as_str()) {
                    Role::User => Role::User,
                    _ => Role::Pending,
                },
                links_by_email: row.links_by_email,
                takes_passwords: row.takes_passwords,
                deletes_accounts: row.deletes_accounts,
                group_rule: GroupRule::from_stored(row.group_rule.as_str()),
                created_at: row.created_at.into(),
                created_by: row.created_by.map(|id| UserId::from_stored(id.into())),
                last_used_at: time(row.last_used_at),
            },
            token_hash: row.token_hash.into(),
            old_token: row.old_token_hash.map(String::from).zip(time(row.old_token_until)),
        }
    }
}

/// The columns of a connection that can change, with their values.
macro_rules! changing {
    ($row:expr) => {{
        let connection = &$row.connection;
        let (old_hash, old_until) = match &$row.old_token {
            Some((hash, until)) => (Some(hash.as_str()), Some(*until)),
            None => (None, None),
        };
        (
            scim_connections::name.eq(&connection.name),
            scim_connections::token_hash.eq(&$row.token_hash),
            scim_connections::old_token_hash.eq(old_hash),
            scim_connections::old_token_until.eq(old_until),
            scim_connections::default_role.eq(connection.default_role.as_str()),
            scim_connections::links_by_email.eq(connection.links_by_email),
            scim_connections::takes_passwords.eq(connection.takes_passwords),
            scim_connections::deletes_accounts.eq(connection.deletes_accounts),
            scim_connections::group_rule.eq(connection.group_rule.as_str()),
        )
    }};
}

impl ScimConnections for Queries<'_> {
    fn list_connections(&mut self) -> StoreResult<Vec<ConnectionRow>> {
        if !self.layout.scim {
            return Ok(Vec::new());
        }
        let rows: Vec<ConnectionColumns> = scim_connections::table
            .order((scim_connections::created_at.asc(), scim_connections::id.asc()))
            .select(ConnectionColumns::as_select())
            .load(self.conn)?;
        Ok(rows.into_iter().map(ConnectionRow::from).collect())
    }

    fn find_connection(&mut self, id: &ConnectionId) -> StoreResult<Option<ConnectionRow>> {
        if !self.layout.scim {
            return Ok(None);
        }
        let query = scim_connections::table.find(id.as_str()).select(ConnectionColumns::as_select());
        Ok(query.get_result(self.conn).optional()?.map(ConnectionRow::from))
    }

    fn find_connection_by_hash(&mut self, token_hash: &str) -> StoreResult<Option<ConnectionRow>> {
        if !self.layout.scim {
            return Ok(None);
        }
        // The hash of a token is that of one connection: a new token is no token of before.
        let query = scim_connections::table
            .filter(
                scim_connections::token_hash
                    .eq(token_hash)
                    .nullable()
                    .or(scim_connections::old_token_hash.eq(token_hash)),
            )
            .select(ConnectionColumns::as_select());
        Ok(query.first(self.conn).optional()?.map(ConnectionRow::from))
    }

    fn has_connections(&mut self) -> StoreResult<bool> {
        if !self.layout.scim {
            return Ok(false);
        }
        let some: Option<LossyText> =
            scim_connections::table.select(scim_connections::id).first(self.conn).optional()?;
        Ok(some.is_some())
    }

    fn hold_connection(&mut self, id: &ConnectionId) -> StoreResult<bool> {
        if !self.layout.scim {
            return Ok(false);
        }
        let query = scim_connections::table.find(id.as_str()).select(scim_connections::id);
        let row: Option<LossyText> = for_key_share!(query).get_result(self.conn).optional()?;
        Ok(row.is_some())
    }

    fn count_seen(&mut self) -> StoreResult<Vec<(ConnectionId, i64, i64)>> {
        if !self.layout.scim {
            return Ok(Vec::new());
        }
        let users: Vec<(LossyText, i64)> = scim_users::table
            .filter(scim_users::hidden_at.is_null())
            .group_by(scim_users::connection_id)
            .select((scim_users::connection_id, count_star()))
            .load(self.conn)?;
        let groups: Vec<(LossyText, i64)> = scim_groups::table
            .filter(scim_groups::hidden_at.is_null())
            .group_by(scim_groups::connection_id)
            .select((scim_groups::connection_id, count_star()))
            .load(self.conn)?;
        let mut seen = BTreeMap::<LossyText, (i64, i64)>::new();
        for (id, count) in users {
            seen.entry(id).or_default().0 = count;
        }
        for (id, count) in groups {
            seen.entry(id).or_default().1 = count;
        }
        let of = |(id, (users, groups)): (LossyText, (i64, i64))| {
            (ConnectionId::from_stored(id.into()), users, groups)
        };
        Ok(seen.into_iter().map(of).collect())
    }

    fn count_linkable(&mut self, id: &ConnectionId, primary: Option<&UserId>) -> StoreResult<i64> {
        if !self.layout.scim {
            return Ok(0);
        }
        Ok(self.linkable(id, primary).count().get_result(self.conn)?)
    }

    fn list_linkable(
        &mut self,
        id: &ConnectionId,
        primary: Option<&UserId>,
        (offset, limit): (i64, i64),
    ) -> StoreResult<Vec<LinkableUser>> {
        if !self.layout.scim {
            return Ok(Vec::new());
        }
        let rows: Vec<(LossyText, LossyText, LossyText, LossyText)> = self
            .linkable(id, primary)
            .order((by_code_point(users::email), by_code_point(users::id)))
            .offset(offset)
            .limit(limit)
            .select((users::id, users::name, users::email, users::role))
            .load(self.conn)?;
        let user = |(id, name, email, role): (LossyText, LossyText, LossyText, LossyText)| LinkableUser {
            id: UserId::from_stored(id.into()),
            name: name.into(),
            email: email.into(),
            role: Role::from_stored(role.as_str()),
        };
        Ok(rows.into_iter().map(user).collect())
    }
}

impl Queries<'_> {
    /// The accounts that a connection does not know, and that are no admins'.
    fn linkable<'a>(
        &self,
        id: &'a ConnectionId,
        primary: Option<&'a UserId>,
    ) -> users::BoxedQuery<'a, Backend> {
        let known = scim_users::table
            .filter(scim_users::connection_id.eq(id.as_str()))
            .filter(scim_users::user_id.eq(users::id));
        let others = users::table
            .filter(users::role.ne(Role::Admin.as_str()))
            .filter(not(exists(known)))
            .into_boxed::<Backend>();
        let others = match primary {
            Some(primary) => others.filter(users::id.ne(primary.as_str())),
            None => others,
        };
        // Who signed up with somebody else's e-mail address waits for it to be confirmed, and must not get the other's account.
        let others = if self.layout.unconfirmed {
            let waiting = unconfirmed::table.filter(unconfirmed::user_id.eq(users::id));
            others.filter(not(exists(waiting)))
        } else {
            others
        };
        if !self.layout.suspensions {
            return others;
        }
        // A suspended admin is pending meanwhile.
        let admins = suspensions::table
            .filter(suspensions::user_id.eq(users::id))
            .filter(suspensions::role.eq(Role::Admin.as_str()));
        others.filter(not(exists(admins)))
    }

    /// See [`Housekeeping::touch_connections`](crate::Housekeeping::touch_connections).
    pub(in super::super) fn touch_scim_connections(
        &mut self,
        seen: &[(ConnectionId, UnixSeconds)],
    ) -> StoreResult<()> {
        if !self.layout.scim {
            return Ok(());
        }
        // In the order of their ids, so that two processes that saw the same connections do not wait for each other.
        let mut seen: Vec<_> = seen.iter().collect();
        seen.sort();
        for (id, second) in seen {
            let is_older =
                scim_connections::last_used_at.is_null().or(scim_connections::last_used_at.lt(*second));
            diesel::update(scim_connections::table.find(id.as_str()).filter(is_older))
                .set(scim_connections::last_used_at.eq(*second))
                .execute(self.conn)?;
        }
        Ok(())
    }
}

impl ScimConnectionWrites for Queries<'_> {
    fn insert_connection(&mut self, row: &ConnectionRow) -> StoreResult<()> {
        if !self.layout.scim {
            return Ok(());
        }
        let connection = &row.connection;
        diesel::insert_into(scim_connections::table)
            .values((
                scim_connections::id.eq(connection.id.as_str()),
                scim_connections::created_at.eq(connection.created_at),
                scim_connections::created_by.eq(connection.created_by.as_ref().map(UserId::as_str)),
                changing!(row),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    fn update_connection(&mut self, row: &ConnectionRow) -> StoreResult<()> {
        if !self.layout.scim {
            return Ok(());
        }
        diesel::update(scim_connections::table.find(row.connection.id.as_str()))
            .set(changing!(row))
            .execute(self.conn)?;
        Ok(())
    }

    fn delete_connection(&mut self, id: &ConnectionId) -> StoreResult<bool> {
        if !self.layout.scim {
            return Ok(false);
        }
        // First the connection: this waits for the writes in its name, and lets no other one begin.
        let rows = diesel::delete(scim_connections::table.find(id.as_str())).execute(self.conn)?;
        let id = id.as_str();
        diesel::delete(scim_emails::table.filter(scim_emails::connection_id.eq(id))).execute(self.conn)?;
        diesel::delete(scim_users::table.filter(scim_users::connection_id.eq(id))).execute(self.conn)?;
        diesel::delete(scim_groups::table.filter(scim_groups::connection_id.eq(id))).execute(self.conn)?;
        Ok(rows > 0)
    }
}
