//! Tables `rosterd_scim_user` and `rosterd_scim_email`.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{ConnectionId, UserId};
use rosterd_scim::{
    Condition as Filter, Email, Field, List, ListQuery, PersonName, ResourceKind, Sort, UserAttributes,
};

use super::super::Queries;
use super::super::dialect::{Backend, OFTEN, by_code_point, one_of, one_of_several_indexes};
use super::filter::{ACTIVE, compiled};
use super::key;
use crate::fragments::Condition;
use crate::schema::{scim_emails, scim_users, users};
use crate::types::{LossyText, StoredTime, text, time};
use crate::{ScimUserRow, ScimUserWrites, ScimUsers, StoreResult};

/// A row as it is read, but for its e-mail addresses.
#[derive(Queryable, Selectable)]
#[diesel(table_name = scim_users)]
struct UserColumns {
    user_id: LossyText,
    made: bool,
    hidden_at: Option<StoredTime>,
    suspended_since: Option<StoredTime>,
    user_name: LossyText,
    external_id: Option<LossyText>,
    display_name: Option<LossyText>,
    formatted: Option<LossyText>,
    family_name: Option<LossyText>,
    given_name: Option<LossyText>,
    created_at: StoredTime,
    updated_at: StoredTime,
    version: StoredTime,
}

impl UserColumns {
    fn into_row(self, active: bool) -> ScimUserRow {
        ScimUserRow {
            user: UserId::from_stored(self.user_id.into()),
            made: self.made,
            hidden_at: time(self.hidden_at),
            suspended_since: time(self.suspended_since),
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
            version: self.version.into(),
            attributes: UserAttributes {
                user_name: self.user_name.into(),
                external_id: text(self.external_id),
                active,
                display_name: text(self.display_name),
                name: PersonName {
                    formatted: text(self.formatted),
                    family_name: text(self.family_name),
                    given_name: text(self.given_name),
                },
                emails: Vec::new(),
            },
        }
    }
}

/// What was sent, as it is written.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = scim_users, treat_none_as_null = true)]
struct SentColumns<'a> {
    user_name: &'a str,
    user_name_key: String,
    external_id: Option<String>,
    display_name: Option<String>,
    display_key: Option<String>,
    formatted: Option<String>,
    formatted_key: Option<String>,
    family_name: Option<String>,
    family_key: Option<String>,
    given_name: Option<String>,
    given_key: Option<String>,
}

impl<'a> SentColumns<'a> {
    fn of(sent: &'a UserAttributes) -> Self {
        let UserAttributes { user_name, external_id, active: _, display_name, name, emails: _ } = sent;
        let PersonName { formatted, family_name, given_name } = name;
        Self {
            user_name,
            user_name_key: key(user_name),
            external_id: external_id.clone(),
            display_name: display_name.clone(),
            display_key: display_name.as_deref().map(key),
            formatted: formatted.clone(),
            formatted_key: formatted.as_deref().map(key),
            family_name: family_name.clone(),
            family_key: family_name.as_deref().map(key),
            given_name: given_name.clone(),
            given_key: given_name.as_deref().map(key),
        }
    }
}

/// An e-mail address as it is written.
#[derive(Insertable)]
#[diesel(table_name = scim_emails, treat_none_as_default_value = false)]
struct EmailColumns<'a> {
    connection_id: &'a str,
    user_id: &'a str,
    position: String,
    value: &'a str,
    value_key: String,
    display: Option<String>,
    display_key: Option<String>,
    kind: Option<String>,
    kind_key: Option<String>,
    is_primary: Option<bool>,
}

type Rows = scim_users::BoxedQuery<'static, Backend>;

/// Rows in the order of a column: that of a text or moment that every row has, or that of one that some have, in which those without
/// come last. Ties are in the order of the ids.
macro_rules! ordered {
    ($rows:expr, $descending:expr, $column:expr) => {
        if $descending {
            $rows.order(($column.desc(), by_code_point(scim_users::user_id)))
        } else {
            $rows.order(($column.asc(), by_code_point(scim_users::user_id)))
        }
    };
    ($rows:expr, $descending:expr, maybe $column:expr) => {
        if $descending {
            $rows.order(($column.is_null(), $column.desc(), by_code_point(scim_users::user_id)))
        } else {
            $rows.order(($column.is_null(), $column.asc(), by_code_point(scim_users::user_id)))
        }
    };
}

fn in_order(rows: Rows, sort: Option<Sort>) -> Rows {
    let Some(Sort { by, descending }) = sort else {
        return rows.order((scim_users::created_at, by_code_point(scim_users::user_id)));
    };
    match by {
        Field::Id if descending => rows.order(by_code_point(scim_users::user_id).desc()),
        Field::Id => rows.order(by_code_point(scim_users::user_id)),
        Field::UserName => ordered!(rows, descending, scim_users::user_name_key),
        Field::ExternalId => ordered!(rows, descending, maybe scim_users::external_id),
        Field::DisplayName => ordered!(rows, descending, maybe scim_users::display_key),
        Field::Formatted => ordered!(rows, descending, maybe scim_users::formatted_key),
        Field::FamilyName => ordered!(rows, descending, maybe scim_users::family_key),
        Field::GivenName => ordered!(rows, descending, maybe scim_users::given_key),
        Field::LastModified => ordered!(rows, descending, scim_users::updated_at),
        // Users have no other field that a list can be sorted by.
        _ => ordered!(rows, descending, scim_users::created_at),
    }
}

/// A number that the database takes: there are not more rows than that.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The rows of a connection. Of an attached database without those whose account is gone.
fn rows_of(connection: &ConnectionId, is_standalone: bool) -> Rows {
    let of = Condition::fixed(OFTEN.0).sql("\"rosterd_scim_user\".\"connection_id\" = ");
    let rows = scim_users::table.into_boxed::<Backend>();
    let rows = rows.filter(of.bind(connection.as_str()).sql(OFTEN.1));
    if is_standalone {
        return rows;
    }
    rows.filter(exists(users::table.filter(users::id.eq(scim_users::user_id)).select(users::id)))
}

/// Those that it sees and that meet the filter.
fn seen_rows_of(connection: &ConnectionId, filter: Option<&Filter>, is_standalone: bool) -> Rows {
    let rows = rows_of(connection, is_standalone).filter(scim_users::hidden_at.is_null());
    match filter {
        Some(filter) => rows.filter(compiled(connection, ResourceKind::User, filter)),
        None => rows,
    }
}

/// A page. Its ids are found first, in an index alone where there is one of this order: pages are asked for by number, so that the
/// database passes over all rows before them.
fn page_of(connection: &ConnectionId, query: &ListQuery, is_standalone: bool) -> Rows {
    let ids = in_order(seen_rows_of(connection, query.filter.as_ref(), is_standalone), query.sort);
    let ids = ids.limit(whole(query.page.count)).offset(whole(query.page.offset()));
    let rows = scim_users::table.into_boxed::<Backend>();
    let rows = rows.filter(scim_users::connection_id.eq(connection.as_str().to_owned()));
    in_order(rows.filter(scim_users::user_id.eq_any(ids.select(scim_users::user_id))), query.sort)
}

impl Queries<'_> {
    fn load_rows(
        &mut self,
        connection: &ConnectionId,
        rows: Rows,
        with_emails: bool,
    ) -> StoreResult<Vec<ScimUserRow>> {
        let read: Vec<(UserColumns, bool)> =
            rows.select((UserColumns::as_select(), Condition::fixed(ACTIVE))).load(self.conn)?;
        let mut rows: Vec<ScimUserRow> =
            read.into_iter().map(|(columns, active)| columns.into_row(active)).collect();
        if with_emails && !rows.is_empty() {
            self.add_emails(connection, &mut rows)?;
        }
        Ok(rows)
    }

    fn add_emails(&mut self, connection: &ConnectionId, rows: &mut [ScimUserRow]) -> StoreResult<()> {
        type Columns = (LossyText, LossyText, Option<LossyText>, Option<LossyText>, Option<bool>);
        let of = one_of!("\"rosterd_scim_email\".\"user_id\"", rows.iter().map(|row| row.user.as_str()));
        let read: Vec<Columns> = scim_emails::table
            .filter(scim_emails::connection_id.eq(connection.as_str()))
            .filter(of)
            .order((scim_emails::user_id, scim_emails::position))
            .select((
                scim_emails::user_id,
                scim_emails::value,
                scim_emails::display,
                scim_emails::kind,
                scim_emails::is_primary,
            ))
            .load(self.conn)?;
        let mut emails: HashMap<String, Vec<Email>> = HashMap::new();
        for (user, value, display, kind, primary) in read {
            let email = Email { value: value.into(), display: text(display), kind: text(kind), primary };
            emails.entry(user.into()).or_default().push(email);
        }
        for row in rows {
            row.attributes.emails = emails.remove(row.user.as_str()).unwrap_or_default();
        }
        Ok(())
    }

    fn insert_emails(
        &mut self,
        connection: &ConnectionId,
        user: &UserId,
        emails: &[Email],
    ) -> StoreResult<()> {
        if emails.is_empty() {
            return Ok(());
        }
        let rows: Vec<EmailColumns<'_>> = emails
            .iter()
            .enumerate()
            .map(|(position, email)| EmailColumns {
                connection_id: connection.as_str(),
                user_id: user.as_str(),
                position: format!("{position:04}"),
                value: &email.value,
                value_key: key(&email.value),
                display: email.display.clone(),
                display_key: email.display.as_deref().map(key),
                kind: email.kind.clone(),
                kind_key: email.kind.as_deref().map(key),
                is_primary: email.primary,
            })
            .collect();
        diesel::insert_into(scim_emails::table).values(rows).execute(self.conn)?;
        Ok(())
    }
}

impl ScimUsers for Queries<'_> {
    fn find_scim_user(
        &mut self,
        connection: &ConnectionId,
        user: &UserId,
    ) -> StoreResult<Option<ScimUserRow>> {
        if !self.layout.scim {
            return Ok(None);
        }
        let row = rows_of(connection, self.layout.is_standalone())
            .filter(scim_users::user_id.eq(user.as_str().to_owned()));
        Ok(self.load_rows(connection, row, true)?.into_iter().next())
    }

    fn find_scim_user_by_name(
        &mut self,
        connection: &ConnectionId,
        user_name: &str,
    ) -> StoreResult<Option<ScimUserRow>> {
        if !self.layout.scim {
            return Ok(None);
        }
        let name = Condition::new("\"rosterd_scim_user\".\"user_name_key\" = ", key(user_name), "");
        let row = rows_of(connection, self.layout.is_standalone()).filter(one_of_several_indexes(name));
        Ok(self.load_rows(connection, row, true)?.into_iter().next())
    }

    fn list_scim_users(
        &mut self,
        connection: &ConnectionId,
        query: &ListQuery,
    ) -> StoreResult<Vec<ScimUserRow>> {
        if !self.layout.scim {
            return Ok(Vec::new());
        }
        let rows = page_of(connection, query, self.layout.is_standalone());
        self.load_rows(connection, rows, query.projection.includes(List::Emails))
    }

    fn count_scim_users(&mut self, connection: &ConnectionId, filter: Option<&Filter>) -> StoreResult<i64> {
        if !self.layout.scim {
            return Ok(0);
        }
        Ok(seen_rows_of(connection, filter, self.layout.is_standalone()).count().get_result(self.conn)?)
    }

    fn is_suspension_wanted_beside(
        &mut self,
        connection: Option<&ConnectionId>,
        user: &UserId,
        since: UnixSeconds,
    ) -> StoreResult<bool> {
        if !self.layout.scim {
            return Ok(false);
        }
        let beside = connection.map_or("", ConnectionId::as_str);
        let others = scim_users::table
            .filter(scim_users::user_id.eq(user.as_str()))
            .filter(scim_users::suspended_since.eq(since))
            .filter(scim_users::connection_id.ne(beside));
        let found: i64 = others.count().get_result(self.conn)?;
        Ok(found > 0)
    }
}

impl ScimUserWrites for Queries<'_> {
    fn insert_scim_user(&mut self, connection: &ConnectionId, row: &ScimUserRow) -> StoreResult<()> {
        if !self.layout.scim {
            return Ok(());
        }
        diesel::insert_into(scim_users::table)
            .values((
                scim_users::connection_id.eq(connection.as_str()),
                scim_users::user_id.eq(row.user.as_str()),
                scim_users::made.eq(row.made),
                scim_users::hidden_at.eq(row.hidden_at),
                scim_users::suspended_since.eq(row.suspended_since),
                scim_users::created_at.eq(row.created_at),
                scim_users::updated_at.eq(row.updated_at),
                scim_users::version.eq(row.version),
                SentColumns::of(&row.attributes),
            ))
            .execute(self.conn)?;
        self.insert_emails(connection, &row.user, &row.attributes.emails)
    }

    fn update_scim_user(
        &mut self,
        connection: &ConnectionId,
        stored: &ScimUserRow,
        row: &ScimUserRow,
    ) -> StoreResult<()> {
        if !self.layout.scim || stored == row {
            return Ok(());
        }
        diesel::update(scim_users::table.find((connection.as_str(), row.user.as_str())))
            .set((
                scim_users::hidden_at.eq(row.hidden_at),
                scim_users::suspended_since.eq(row.suspended_since),
                scim_users::updated_at.eq(row.updated_at),
                scim_users::version.eq(row.version),
                SentColumns::of(&row.attributes),
            ))
            .execute(self.conn)?;
        if stored.attributes.emails == row.attributes.emails {
            return Ok(());
        }
        let emails = scim_emails::table
            .filter(scim_emails::connection_id.eq(connection.as_str()))
            .filter(scim_emails::user_id.eq(row.user.as_str()));
        diesel::delete(emails).execute(self.conn)?;
        self.insert_emails(connection, &row.user, &row.attributes.emails)
    }

    fn forget_wanted_suspensions(&mut self, user: &UserId) -> StoreResult<()> {
        if !self.layout.scim {
            return Ok(());
        }
        let wanted = scim_users::table
            .filter(scim_users::user_id.eq(user.as_str()))
            .filter(scim_users::suspended_since.is_not_null());
        diesel::update(wanted).set(scim_users::suspended_since.eq(None::<UnixSeconds>)).execute(self.conn)?;
        Ok(())
    }

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

#[cfg(all(test, feature = "sqlite"))]
mod tests;
