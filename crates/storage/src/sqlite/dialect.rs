//! The expressions that read differently on SQLite than on PostgreSQL.

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{SessionId, UserId};
use rosterd_domain::list::SearchText;
use rosterd_domain::rules::activity::ACTIVE_WINDOW_SECONDS;

use crate::fragments::{Around, Condition, Framed, RowBytes, Statement, Wrapped, json_array};
use crate::types::LossyText;
use crate::{Layout, Lock, SealedEvent, StoreResult};

/// What an attached database can be given.
pub(crate) use super::additions::ADDITIONS;
use super::additions::{email_beyond_ascii, folded_email};
pub(crate) use super::kept::{Kept, find_page};
pub(crate) use super::packing::{
    AS_GIVEN, PACKED_COLUMNS, bytes_of, columns_of, packed, unpacked, unpacking,
};
pub(crate) use super::places::{behind, members_behind, null_tail};
pub(crate) use super::sealing::{Seals, keep_ends, known_ends, move_ends, seals_at_once};

/// The second it is by the database's own clock, since the epoch.
pub(crate) const NOW: &str = "CAST(strftime('%s', 'now') AS INTEGER)";

/// How many tables of an unfinished migration there are: one or none.
pub(crate) const IS_MIGRATING: &str =
    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'rosterd_migrating'";

/// The connection.
pub(crate) type Raw = SqliteConnection;
/// Diesel's name of the database.
pub(crate) type Backend = Sqlite;
/// What a connection keeps in memory for lists, if it does.
pub(crate) type Memory<'a> = Option<&'a mut Kept>;
/// How a walk over many rows fetches them: SQLite steps from row to row by itself.
pub(crate) type RowByRow = DefaultLoadingMode;

/// Without WAL a reader keeps writers out.
pub(crate) const READERS_BLOCK_WRITERS: bool = true;

/// Along an index, whole rows are read one after the other: whoever finds their ids first looks each of them up once more.
pub(crate) const WALKS_WHOLE_ROWS: bool = true;

/// Nobody runs `ANALYZE`: the planner guesses how many rows meet a condition.
pub(crate) const HAS_STATISTICS: bool = false;

/// One of several columns that are looked up beside the same first one, each in an index of its own: SQLite takes the index that
/// has both, whatever the table holds.
pub(crate) fn one_of_several_indexes(condition: Condition) -> Condition {
    condition
}

/// A statement writes one table: there is no trip to be saved.
pub(crate) const WRITES_TOGETHER: bool = false;

/// Locks the rows of a query: a write transaction is alone on SQLite.
macro_rules! for_update {
    ($query:expr) => {
        $query
    };
}
pub(crate) use for_update;

/// Keeps the rows of a query from being deleted, as [`for_update`] does.
macro_rules! for_key_share {
    ($query:expr) => {
        $query
    };
}
pub(crate) use for_key_share;

/// Locks the rows of `user` in a query, as [`for_update`] does.
macro_rules! lock_users {
    ($query:expr) => {
        $query
    };
}
pub(crate) use lock_users;

/// Whether a row of `auth` is that of the user. Two bounds and not `=`: with that SQLite takes the index of the primary key,
/// and then the row, where `rosterd_ix_auth_state` holds all that a request asks for.
macro_rules! is_account_of_user {
    () => {
        $crate::schema::auths::id.between($crate::schema::users::id, $crate::schema::users::id)
    };
}
pub(crate) use is_account_of_user;

/// How to measure a document, see [`Short`](crate::fragments::Short): SQLite needs only the head of the row for it.
pub(crate) const SIZES: &[(&str, &str)] = &[("octet_length(", ")")];

impl QueryFragment<Sqlite> for RowBytes {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(
            "(coalesce(octet_length(\"user\".profile_image_url), 0) + coalesce(octet_length(\"user\".profile_banner_image_url), 0) \
             + coalesce(octet_length(\"user\".info), 0) + coalesce(octet_length(\"user\".settings), 0))",
        );
        Ok(())
    }
}

/// Around a condition that few rows meet, and around one that most do. Without statistics SQLite takes the first column of any index to
/// leave ten rows.
pub(crate) const RARELY: (&str, &str) = ("likelihood(", ", 0.000001)");
/// See [`RARELY`].
pub(crate) const OFTEN: (&str, &str) = ("likelihood(", ", 0.9)");

/// Before a text, a comma and another text: at which character the latter begins in the former, or 0. A bracket closes it.
pub(crate) const POSITION: &str = "instr(";

/// Around a text, and before another one: as many characters from the end of the former as the latter has. Two brackets close it.
pub(crate) const ENDING: (&str, &str) = ("substr(", ", -length(");

/// After a text in SQL: its order is that of its code points, as ever.
pub(crate) const CODE_POINTS: &str = "";

/// After `WHERE` and a chat `c`: it is not one that Open WebUI made for itself.
pub(crate) const NOT_INTERNAL: &str =
    "CASE WHEN json_valid(c.meta) THEN json_extract(c.meta, '$.internal') IS NOT 1 ELSE 1 END";

/// Text in the order of its code points (rule L1): SQLite's own order.
pub(crate) fn by_code_point<E>(text: E) -> Wrapped<E> {
    Wrapped::new("", text, "")
}

/// The rows whose e-mail address may be this one (as [`comparable`](rosterd_domain::email::comparable) gives it): all
/// whose e-mail address is this in ASCII, and all whose is not ASCII, which only Rust can compare.
macro_rules! may_have_address {
    ($column:literal, $key:expr) => {
        $crate::fragments::Condition::new(
            concat!("lower(trim(", $column, ", char(9, 10, 11, 12, 13, 32))) = "),
            $key,
            concat!(" OR octet_length(", $column, ") <> length(", $column, ")"),
        )
    };
}
pub(crate) use may_have_address;

/// The same of any of several e-mail addresses.
macro_rules! may_have_addresses {
    ($column:literal, $keys:expr) => {
        $crate::fragments::Condition::new(
            concat!(
                "lower(trim(",
                $column,
                ", char(9, 10, 11, 12, 13, 32))) IN (SELECT value FROM json_each("
            ),
            $crate::fragments::json_array($keys),
            concat!(")) OR octet_length(", $column, ") <> length(", $column, ")"),
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
        concat!(" UNION ALL SELECT id FROM auth WHERE ", email_beyond_ascii!(), ")"),
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
                concat!($column, " IN (SELECT value FROM json_each("),
                texts,
                "))",
            ),
        }
    };
}
pub(crate) use one_of;

/// The groups of each of these users, with the user's place among them. The users are looked up one after the other as the array
/// is read. As a choice among them they would first be put into a table of their own.
pub(crate) fn group_ids_of(conn: &mut Raw, users: &[&UserId]) -> StoreResult<Vec<(i64, LossyText)>> {
    let users = json_array(users.iter().map(|user| user.as_str()));
    // CROSS JOIN keeps SQLite from turning it around.
    let statement = Statement::new("SELECT j.key, m.group_id FROM json_each(")
        .text(&users)
        .sql(") AS j CROSS JOIN group_member AS m ON m.user_id = j.value");
    Ok(statement.rows::<(BigInt, Text)>().load(conn)?)
}

/// The permissions of all groups of a query, in one column: see [`GatheredRights`](crate::types::GatheredRights).
pub(crate) fn gathered_rights<P>(parent: P) -> Framed<Gathered, P> {
    Framed::new(parent)
}

/// What gathers rights around the parent of a group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gathered;

impl Around for Gathered {
    const BEFORE: &'static str = "group_concat((";
    const AFTER: &'static str = " IS NOT NULL) || coalesce(\"group\".\"permissions\", ''), char(31))";
}

/// The users whose ids are read as these: also those whose ids are bytes, or no UTF-8, which no index finds.
#[expect(clippy::unnecessary_wraps, reason = "the other database has no such ids")]
pub(crate) fn ids_as_read<'a>(ids: impl Iterator<Item = &'a str>) -> Option<Condition> {
    let ids = json_array(ids);
    Some(Condition::new("rosterd_text(\"user\".\"id\") IN (SELECT value FROM json_each(", ids, "))"))
}

/// The rows of the folded copy whose user's id is text: bytes sort behind all text, but may read like any.
pub(crate) fn copied_by_text() -> Condition {
    Condition::fixed("typeof(\"rosterd_user_search\".\"user_id\") = 'text'")
}

/// Name or e-mail address of a user contains the text (rule L2), by the best way to find the first page of the
/// matches.
pub(crate) fn matches(conn: &mut Raw, search: &SearchText, layout: &Layout) -> StoreResult<Condition> {
    if !layout.search.has_copy(search) {
        return in_columns(conn, search);
    }
    // A walk along the list's own index meets enough matches soon.
    let is_walked = !layout.search.is_indexed(search) || is_common(conn, search.folded())?;
    Ok(if is_walked { met(search) } else { looked_up(search, layout) })
}

/// The same of the copy of each user that a walk meets. A scalar subquery, since SQLite might turn IN or EXISTS around and
/// sort all the matches instead.
pub(crate) fn met(search: &SearchText) -> Condition {
    Condition::new(
        "instr((SELECT s.folded FROM rosterd_user_search s WHERE s.user_id = \"user\".\"id\"), ",
        search.folded(),
        ") > 0",
    )
}

/// The same of all copies at once, to be sorted.
pub(crate) fn looked_up(search: &SearchText, layout: &Layout) -> Condition {
    if layout.search.is_indexed(search) {
        Condition::new(
            "\"user\".\"id\" IN (SELECT s.user_id FROM rosterd_user_fts f \
             JOIN rosterd_user_search s ON s.id = f.rowid WHERE f.folded MATCH ",
            phrase(search.folded()),
            ")",
        )
    } else {
        Condition::new(
            "\"user\".\"id\" IN (SELECT s.user_id FROM rosterd_user_search s WHERE instr(s.folded, ",
            search.folded(),
            ") > 0)",
        )
    }
}

/// How many copies match. The index has one entry for each copy, so the copies need not be read.
pub(crate) fn count_copies(conn: &mut Raw, search: &SearchText, layout: &Layout) -> StoreResult<i64> {
    let phrase = phrase(search.folded());
    let statement = if layout.search.is_indexed(search) {
        Statement::new("SELECT count(*) FROM rosterd_user_fts WHERE folded MATCH ").text(&phrase)
    } else {
        Statement::new("SELECT count(*) FROM rosterd_user_search WHERE instr(folded, ")
            .text(search.folded())
            .sql(") > 0")
    };
    Ok(statement.rows::<BigInt>().get_result(conn)?)
}

/// The same of a user, by folding both columns of every row.
#[expect(clippy::unnecessary_wraps, reason = "the other database has to ask first")]
fn in_columns(_conn: &mut Raw, search: &SearchText) -> StoreResult<Condition> {
    let text = search.folded();
    let in_name = Condition::new("instr(rosterd_fold(\"user\".\"name\"), ", text, ") > 0");
    Ok(in_name.or(Condition::new("instr(rosterd_fold(\"user\".\"email\"), ", text, ") > 0")))
}

/// Whether so many rows match (thousands) that sorting them costs more than meeting them on a walk.
fn is_common(conn: &mut Raw, text: &str) -> StoreResult<bool> {
    let common = Condition::new(
        "(SELECT count(*) FROM (SELECT 1 FROM rosterd_user_fts WHERE folded MATCH ",
        phrase(text),
        " LIMIT 5000)) = 5000",
    );
    Ok(diesel::select(common).get_result(conn)?)
}

/// One quoted string: to FTS5's trigram tokenizer that is a substring, and nothing in it is an operator.
fn phrase(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Waits for nothing: the writer is alone.
#[expect(clippy::unnecessary_wraps, reason = "the other database's may fail")]
pub(crate) fn lock(_conn: &mut Raw, _lock: Lock) -> StoreResult<()> {
    Ok(())
}

/// Sets `last_active_at` of each user to the given second, where it is lower or cannot be right.
pub(crate) fn touch(conn: &mut Raw, seen: &[(UserId, UnixSeconds)]) -> StoreResult<()> {
    for (id, second) in seen {
        Statement::new("UPDATE \"user\" SET last_active_at = ")
            .number(*second)
            .sql(" WHERE id = ")
            .text(id.as_str())
            .sql(" AND (last_active_at < ")
            .number(*second)
            .sql(" OR last_active_at > ")
            .number(second.saturating_add(ACTIVE_WINDOW_SECONDS))
            .sql(" OR last_active_at IS NULL)")
            .execute(conn)?;
    }
    Ok(())
}

/// Sets `last_seen_at` of each session to the given second, where it is lower.
pub(crate) fn touch_sessions(conn: &mut Raw, seen: &[(SessionId, UnixSeconds)]) -> StoreResult<()> {
    for (id, second) in seen {
        Statement::new("UPDATE rosterd_session SET last_seen_at = ")
            .number(*second)
            .sql(" WHERE id = ")
            .text(id.as_str())
            .sql(" AND last_seen_at < ")
            .number(*second)
            .execute(conn)?;
    }
    Ok(())
}

/// Positions in a block, as the indexes `rosterd_ix_event_tail_subject` and `rosterd_ix_event_tail_actor` have them. Events get
/// their positions one by one: in a larger block each would go to a page of its own.
pub(crate) const BLOCK: i64 = 512;

/// The events in these blocks of positions, in the words of the indexes that begin with the block. Of one block they come in
/// the order of the index. A `CAST` would give the number an affinity, and SQLite takes no index on an expression, which has
/// none, to compare with that.
pub(crate) fn in_blocks(blocks: &[i64]) -> Condition {
    match blocks {
        [block] => Condition::new("\"rosterd_event\".\"position\" / 512 = (", block.to_string(), " + 0)"),
        blocks => Condition::new(
            "\"rosterd_event\".\"position\" / 512 IN (SELECT value FROM json_each(",
            serde_json::json!(blocks).to_string(),
            "))",
        ),
    }
}

/// How many characters of an id the indexes on events have: its last ones, since many ids begin alike. Whole ids would fill three
/// times as many pages, and a write would change more of them.
const TAIL: usize = 8;

/// The events about this subject, in the words of the index on subjects.
pub(crate) fn about(subject: &str) -> Condition {
    Condition::new("substr(\"rosterd_event\".\"subject_id\", -8) = ", tail(subject), "")
        .sql(" AND \"rosterd_event\".\"subject_id\" = ")
        .bind(subject)
}

/// The events of what this actor did, in the words of the index on actors.
pub(crate) fn done_by(actor: &str) -> Condition {
    Condition::new("substr(\"rosterd_event\".\"actor_id\", -8) = ", tail(actor), "")
        .sql(" AND \"rosterd_event\".\"actor_id\" = ")
        .bind(actor)
}

/// The last characters of an id, as `substr(id, -8)` counts them.
fn tail(id: &str) -> &str {
    id.char_indices().rev().nth(TAIL - 1).and_then(|(at, _)| id.get(at..)).unwrap_or(id)
}

/// Writes positions and seals: SQLite finds each row by its key without a trip to anywhere.
pub(crate) fn write_seals(conn: &mut Raw, sealed: &[SealedEvent]) -> StoreResult<()> {
    for event in sealed {
        OneSeal(event).execute(conn)?;
    }
    Ok(())
}

/// Position and seal of one event: one text, which the type names, so that it is found among the prepared statements without
/// being put together first.
struct OneSeal<'a>(&'a SealedEvent);

impl QueryId for OneSeal<'_> {
    type QueryId = OneSeal<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Sqlite> for OneSeal<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("UPDATE rosterd_event SET position = ");
        out.push_bind_param::<BigInt, _>(&self.0.position)?;
        out.push_sql(", seal = ");
        out.push_bind_param::<Text, _>(&self.0.seal)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<Text, _>(&self.0.id)
    }
}

impl RunQueryDsl<SqliteConnection> for OneSeal<'_> {}

#[cfg(test)]
mod tests {
    use diesel::sql_types::Text;

    use super::*;

    #[test]
    fn the_tail_of_an_id_is_what_the_indexes_on_events_hold() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        let mut held = |id: &str| {
            // As the indexes have it.
            let held = Condition::new("substr(", id, ", -8)");
            Statement::new("SELECT ").condition(held).rows::<Text>().get_result::<String>(&mut conn).unwrap()
        };
        for (id, wanted) in [
            ("", ""),
            ("u-1", "u-1"),
            ("12345678", "12345678"),
            ("0d9f8d0e-1a2b-4c3d-8e5f-1234567890ab", "567890ab"),
            ("äöüäöüß€x", "öüäöüß€x"),
            ("👩‍🚀 and 👩‍🚀", " and 👩‍🚀"),
            ("e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}", "e\u{301}e\u{301}e\u{301}e\u{301}"),
        ] {
            assert_eq!((tail(id), held(id).as_str()), (wanted, wanted), "{id}");
        }
    }
}
