//! The expressions that read differently on PostgreSQL than on SQLite.

use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgConnection, PgRowByRowLoadingMode};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{SessionId, UserId};
use rosterd_domain::list::SearchText;
use rosterd_domain::rules::activity::ACTIVE_WINDOW_SECONDS;

use crate::fragments::{Around, Condition, Framed, RowBytes, Statement, Wrapped};
use crate::types::LossyText;
use crate::{Layout, Lock, SealedEvent, StoreResult};

/// What an attached database can be given.
pub(crate) use super::additions::ADDITIONS;
use super::additions::{email_beyond_ascii, folded_email};
use super::in_columns::in_columns;
pub(crate) use super::one_pass::{Memory, find_page};
pub(crate) use super::packing::{
    AS_GIVEN, PACKED_COLUMNS, bytes_of, columns_of, packed, unpacked, unpacking,
};
pub(crate) use super::places::{behind, members_behind, null_tail};
pub(crate) use super::sealing::{Seals, keep_ends, known_ends, move_ends, seals_at_once};

/// The connection.
pub(crate) type Raw = PgConnection;
/// Diesel's name of the database.
pub(crate) type Backend = Pg;
/// How a walk over many rows fetches them: by default libpq would gather them all first.
pub(crate) type RowByRow = PgRowByRowLoadingMode;

/// The second it is by the database's own clock, since the epoch.
pub(crate) const NOW: &str = "CAST(extract(epoch FROM clock_timestamp()) AS bigint)";

/// How many tables of an unfinished migration there are: one or none.
pub(crate) const IS_MIGRATING: &str =
    "SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('rosterd_migrating')";

/// A reader never keeps a writer out.
pub(crate) const READERS_BLOCK_WRITERS: bool = false;

/// The planner may read and sort whole rows even where an index has their order.
pub(crate) const WALKS_WHOLE_ROWS: bool = false;

/// The planner knows how many rows meet a condition.
pub(crate) const HAS_STATISTICS: bool = true;

/// One of several columns that are looked up beside the same first one, each in an index of its own. A plan is kept by the connection
/// that made it, and one made for an empty table takes any of these indexes, and then reads all rows that have the first column until
/// there are statistics. So the statement is planned for each call.
pub(crate) fn one_of_several_indexes(condition: Condition) -> Condition {
    condition.planned_anew()
}

/// A statement that writes one table can write another one before it (`WITH … AS (INSERT …) UPDATE …`), which saves a trip.
pub(crate) const WRITES_TOGETHER: bool = true;

/// Locks the rows of a query until the transaction ends.
macro_rules! for_update {
    ($query:expr) => {
        $query.for_update()
    };
}
pub(crate) use for_update;

/// Keeps the rows of a query from being deleted until the transaction ends; they can be changed.
macro_rules! for_key_share {
    ($query:expr) => {
        $query.for_key_share()
    };
}
pub(crate) use for_key_share;

/// Locks the rows of `user` in a query until the transaction ends.
macro_rules! lock_users {
    ($query:expr) => {
        $crate::postgres::dialect::UsersLocked($query)
    };
}
pub(crate) use lock_users;

/// Whether a row of `auth` is that of the user.
macro_rules! is_account_of_user {
    () => {
        $crate::schema::auths::id.eq($crate::schema::users::id)
    };
}
pub(crate) use is_account_of_user;

/// A query whose rows of `user` are locked and no others: PostgreSQL locks none on the nullable side of an outer join,
/// and Diesel cannot name a table to lock.
#[derive(Debug, Clone, Copy, QueryId)]
pub(crate) struct UsersLocked<Q>(pub(crate) Q);

impl<Q: Query> Query for UsersLocked<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<PgConnection> for UsersLocked<Q> {}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for UsersLocked<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" FOR UPDATE OF \"user\"");
        Ok(())
    }
}

/// How to measure a document, see [`Short`](crate::fragments::Short): as it is kept, compressed or not, which needs no
/// look at it (four bytes are the length itself), then as text.
pub(crate) const SIZES: &[(&str, &str)] =
    &[("pg_column_size(", ") - 4"), ("octet_length(CAST(", " AS text))")];

impl QueryFragment<Pg> for RowBytes {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("0::bigint");
        Ok(())
    }
}

/// Around a condition that few rows meet, and around one that most do: PostgreSQL knows that by itself.
pub(crate) const RARELY: (&str, &str) = ("(", ")");
/// See [`RARELY`].
pub(crate) const OFTEN: (&str, &str) = ("(", ")");

/// Before a text, a comma and another text: at which character the latter begins in the former, or 0. A bracket closes it.
pub(crate) const POSITION: &str = "strpos(";

/// Around a text, and before another one: as many characters from the end of the former as the latter has. Two brackets close it.
pub(crate) const ENDING: (&str, &str) = ("right(", ", length(");

/// After a text in SQL: its order is that of its code points, whatever the database's locale.
pub(crate) const CODE_POINTS: &str = " COLLATE \"C\"";

/// After `WHERE` and a chat `c`: it is not one that Open WebUI made for itself.
pub(crate) const NOT_INTERNAL: &str = "(c.meta ->> 'internal') IS DISTINCT FROM 'true'";

/// Text in the order of its code points (rule L1), whatever the database's locale.
pub(crate) fn by_code_point<E>(text: E) -> Wrapped<E> {
    Wrapped::new("", text, " COLLATE \"C\"")
}

/// The rows whose e-mail address may be this one (as [`comparable`](rosterd_domain::email::comparable) gives it): all
/// whose e-mail address is this in ASCII, and all whose is not ASCII, which only Rust can compare.
macro_rules! may_have_address {
    ($column:literal, $key:expr) => {
        $crate::fragments::Condition::new(
            concat!("lower(btrim(", $column, ", E'\\t\\n\\x0b\\f\\r ') COLLATE \"C\") = "),
            $key,
            concat!(" OR octet_length(", $column, ") <> char_length(", $column, ")"),
        )
    };
}
pub(crate) use may_have_address;

/// The same of any of several e-mail addresses. `IN` and not `ANY`: the texts are put into a table of hashes, else each row would
/// be compared with all of them.
macro_rules! may_have_addresses {
    ($column:literal, $keys:expr) => {
        $crate::fragments::Condition::new(
            concat!(
                "lower(btrim(",
                $column,
                ", E'\\t\\n\\x0b\\f\\r ') COLLATE \"C\") IN (SELECT json_array_elements_text(CAST("
            ),
            $crate::fragments::json_array($keys),
            concat!(" AS json))) OR octet_length(", $column, ") <> char_length(", $column, ")"),
        )
    };
}
pub(crate) use may_have_addresses;

/// The accounts that may sign in with this e-mail address, as [`may_have_address`] says, found in the indexes of an
/// adopted database.
pub(crate) fn may_sign_in(key: &str) -> Condition {
    Condition::new(
        concat!("\"auth\".\"id\" IN (SELECT id FROM auth WHERE ", folded_email!(), " = "),
        key,
        concat!(" UNION ALL SELECT id FROM auth WHERE ", email_beyond_ascii!(), " = 1)"),
    )
}

/// Whether a column (written as SQL) is one of these texts. One bound JSON array: any number of texts makes the same
/// statement, which stays in the cache; a single one makes another.
macro_rules! one_of {
    ($column:literal, $texts:expr) => {
        match $crate::fragments::Texts::of($texts) {
            $crate::fragments::Texts::One(text) => {
                $crate::fragments::Condition::new(concat!($column, " = "), text, "")
            }
            $crate::fragments::Texts::Array(texts) => $crate::fragments::Condition::new(
                concat!($column, " = ANY(ARRAY(SELECT json_array_elements_text(CAST("),
                texts,
                " AS json))))",
            ),
        }
    };
}
pub(crate) use one_of;

/// The users whose ids are read as these, where these are not the ids themselves: there are none, PostgreSQL takes no bytes
/// that are no text.
pub(crate) fn ids_as_read<'a>(_ids: impl Iterator<Item = &'a str>) -> Option<Condition> {
    None
}

/// The groups of each of these users, with the user's place among them. A join with an array would be planned by how many users
/// PostgreSQL expects in it, and the plan kept.
pub(crate) fn group_ids_of(conn: &mut Raw, users: &[&UserId]) -> StoreResult<Vec<(i64, LossyText)>> {
    let statement = Statement::new("SELECT user_id, group_id FROM group_member WHERE ")
        .condition(one_of!("user_id", users.iter().map(|user| user.as_str())));
    let pairs: Vec<(LossyText, LossyText)> = statement.rows::<(Text, Text)>().load(conn)?;
    let mut places: Vec<(&str, i64)> = users.iter().map(|user| user.as_str()).zip(0..).collect();
    places.sort_unstable();
    let mut groups = Vec::with_capacity(pairs.len());
    for (user, group) in pairs {
        let first = places.partition_point(|(id, _)| *id < user.as_str());
        // Who is named twice has two places.
        for (_, place) in places[first..].iter().take_while(|(id, _)| *id == user.as_str()) {
            groups.push((*place, group.clone()));
        }
    }
    Ok(groups)
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// All values of a column.
    #[aggregate]
    fn array_agg(value: Nullable<Text>) -> Nullable<Array<Nullable<Text>>>;
}

/// The permissions of all groups of a query, in one column: see [`GatheredRights`](crate::types::GatheredRights).
pub(crate) fn gathered_rights<P>(parent: P) -> array_agg<Framed<Gathered, P>>
where
    Framed<Gathered, P>: AsExpression<Nullable<Text>>,
{
    array_agg(Framed::new(parent))
}

/// What makes a text of the rights of a group around its parent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gathered;

impl Around for Gathered {
    const BEFORE: &'static str = "CAST(CAST(";
    const AFTER: &'static str =
        " IS NOT NULL AS integer) AS text) || coalesce(CAST(\"group\".\"permissions\" AS text), '')";
}

/// The rows of the folded copy whose user's id is text: all.
pub(crate) fn copied_by_text() -> Condition {
    Condition::fixed("TRUE")
}

/// Name or e-mail address of a user contains the text (rule L2).
pub(crate) fn matches(conn: &mut Raw, search: &SearchText, layout: &Layout) -> StoreResult<Condition> {
    if !layout.search.has_copy(search) {
        return in_columns(conn, search);
    }
    Ok(Condition::new(
        "\"user\".\"id\" IN (SELECT user_id FROM rosterd_user_search WHERE folded LIKE ",
        pattern(search.folded()),
        ")",
    ))
}

/// The same of the copy of each user that a walk meets. A scalar subquery, which the planner does not turn around: how many
/// match is known here, and it can only guess.
pub(crate) fn met(search: &SearchText) -> Condition {
    Condition::new(
        "(SELECT s.folded FROM rosterd_user_search s WHERE s.user_id = \"user\".\"id\") LIKE ",
        pattern(search.folded()),
        "",
    )
}

/// The same of all copies at once, to be sorted. An array, which the planner does not turn around either.
pub(crate) fn looked_up(search: &SearchText, _layout: &Layout) -> Condition {
    Condition::new(
        "\"user\".\"id\" = ANY(ARRAY(SELECT s.user_id FROM rosterd_user_search s WHERE s.folded LIKE ",
        pattern(search.folded()),
        "))",
    )
}

/// How many copies match.
pub(crate) fn count_copies(conn: &mut Raw, search: &SearchText, _layout: &Layout) -> StoreResult<i64> {
    let pattern = pattern(search.folded());
    let statement =
        Statement::new("SELECT count(*) FROM rosterd_user_search WHERE folded LIKE ").text(&pattern);
    Ok(statement.rows::<BigInt>().get_result(conn)?)
}

/// The one form of a substring that a trigram index answers. PostgreSQL's LIKE minds case; what it would read as a
/// wildcard is escaped.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// Waits for the advisory lock of this name; the transaction's end frees it.
pub(crate) fn lock(conn: &mut Raw, lock: Lock) -> StoreResult<()> {
    // "rost" in ASCII, then a number for each lock. Other programs on the database use other numbers.
    let key = match lock {
        Lock::Accounts => 0x726f_7374_0000_0001_i64,
        Lock::Config => 0x726f_7374_0000_0002,
        Lock::Audit => 0x726f_7374_0000_0003,
        Lock::Webhooks => 0x726f_7374_0000_0004,
        Lock::Connections => 0x726f_7374_0000_0005,
        // The number that Open WebUI 0.12 takes, so that both servers wait for each other.
        Lock::GroupTree => 731_947_205,
    };
    diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(key).execute(conn)?;
    Ok(())
}

/// Sets `last_active_at` of each user to the given second, where it is lower or cannot be right, in one statement. The
/// rows are locked in order of their ids first, so that two processes that saw the same users do not deadlock.
pub(crate) fn touch(conn: &mut Raw, seen: &[(UserId, UnixSeconds)]) -> StoreResult<()> {
    let ids: Vec<&str> = seen.iter().map(|(id, _)| id.as_str()).collect();
    let seconds: Vec<i64> = seen.iter().map(|(_, second)| *second).collect();
    diesel::sql_query(
        "WITH seen AS (SELECT id, max(second) AS second FROM unnest($1, $2) AS s(id, second) GROUP BY id), \
         held AS (SELECT u.id, s.second FROM \"user\" u JOIN seen s ON s.id = u.id \
             WHERE u.last_active_at < s.second OR u.last_active_at > s.second + $3 \
             OR u.last_active_at IS NULL ORDER BY u.id FOR NO KEY UPDATE OF u) \
         UPDATE \"user\" u SET last_active_at = held.second FROM held WHERE u.id = held.id",
    )
    .bind::<Array<Text>, _>(ids)
    .bind::<Array<BigInt>, _>(seconds)
    .bind::<BigInt, _>(ACTIVE_WINDOW_SECONDS)
    .execute(conn)?;
    Ok(())
}

/// Sets `last_seen_at` of each session to the given second, where it is lower, in one statement that locks the rows in
/// order of their ids, as [`touch`] does.
pub(crate) fn touch_sessions(conn: &mut Raw, seen: &[(SessionId, UnixSeconds)]) -> StoreResult<()> {
    let ids: Vec<&str> = seen.iter().map(|(id, _)| id.as_str()).collect();
    let seconds: Vec<i64> = seen.iter().map(|(_, second)| *second).collect();
    diesel::sql_query(
        "WITH seen AS (SELECT id, max(second) AS second FROM unnest($1, $2) AS s(id, second) GROUP BY id), \
         held AS (SELECT r.id, s.second FROM rosterd_session r JOIN seen s ON s.id = r.id \
             WHERE r.last_seen_at < s.second ORDER BY r.id FOR NO KEY UPDATE OF r) \
         UPDATE rosterd_session r SET last_seen_at = held.second FROM held WHERE r.id = held.id",
    )
    .bind::<Array<Text>, _>(ids)
    .bind::<Array<BigInt>, _>(seconds)
    .execute(conn)?;
    Ok(())
}

/// Positions in a block, as the indexes `rosterd_ix_event_block_subject` and `rosterd_ix_event_block_actor` have them.
pub(crate) const BLOCK: i64 = 4096;

/// The events in these blocks of positions, in the words of the indexes that begin with the block. Of one block they come in
/// the order of the index.
pub(crate) fn in_blocks(blocks: &[i64]) -> Condition {
    match blocks {
        [block] => {
            Condition::new("\"rosterd_event\".\"position\" / 4096 = CAST(", block.to_string(), " AS bigint)")
        }
        blocks => Condition::new(
            "\"rosterd_event\".\"position\" / 4096 = ANY(ARRAY(SELECT CAST(json_array_elements_text(CAST(",
            serde_json::json!(blocks).to_string(),
            " AS json)) AS bigint)))",
        ),
    }
}

/// The events about this subject.
pub(crate) fn about(subject: &str) -> Condition {
    Condition::new("\"rosterd_event\".\"subject_id\" = ", subject, "")
}

/// The events of what this actor did.
pub(crate) fn done_by(actor: &str) -> Condition {
    Condition::new("\"rosterd_event\".\"actor_id\" = ", actor, "")
}

/// Writes positions and seals in one statement, which is planned anew for each batch. They have no position yet: said, it leads to the
/// small index of such rows, where otherwise a log of a few thousand events is read as a whole.
pub(crate) fn write_seals(conn: &mut Raw, sealed: &[SealedEvent]) -> StoreResult<()> {
    let ids: Vec<&str> = sealed.iter().map(|event| event.id.as_str()).collect();
    let positions: Vec<i64> = sealed.iter().map(|event| event.position).collect();
    let seals: Vec<&str> = sealed.iter().map(|event| event.seal.as_str()).collect();
    diesel::sql_query(
        "UPDATE rosterd_event e SET position = s.position, seal = s.seal \
         FROM unnest($1, $2, $3) AS s(id, position, seal) WHERE e.id = s.id AND e.position IS NULL",
    )
    .bind::<Array<Text>, _>(ids)
    .bind::<Array<BigInt>, _>(positions)
    .bind::<Array<Text>, _>(seals)
    .execute(conn)?;
    Ok(())
}
