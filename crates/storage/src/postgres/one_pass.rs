//! One pass over the users of an attached database for a page of a search and its total together.

use diesel::RunQueryDsl as _;
use diesel::pg::{PgConnection, PgRowByRowLoadingMode};
use diesel::sql_types::{BigInt, Nullable, Text};
use rosterd_domain::list::{Direction, ListQuery, OrderBy, SearchText, Window, fold_onto};

use crate::asked::Found;
use crate::fragments::Statement;
use crate::top::{Column, Key, Top};
use crate::types::LossyText;
use crate::{Layout, Search, StoreResult};

/// What a connection keeps in memory for lists: nothing, since no PostgreSQL server tells whether anything has changed.
pub(crate) type Memory<'a> = std::marker::PhantomData<&'a ()>;

/// Whether a row holds more than ASCII, which only Rust can fold.
const BEYOND_ASCII: &str = "COALESCE(octet_length(name) <> char_length(name), FALSE) \
     OR COALESCE(octet_length(email) <> char_length(email), FALSE)";

/// A row of the statement below: an id with its keys, name and e-mail address where only Rust can fold them, and in the row
/// without an id how many match that the database could fold.
type Line =
    (Option<LossyText>, Option<i64>, Option<LossyText>, Option<LossyText>, Option<LossyText>, Option<i64>);
type Types =
    (Nullable<Text>, Nullable<BigInt>, Nullable<Text>, Nullable<Text>, Nullable<Text>, Nullable<BigInt>);

/// The page and the total of a search by page number; `None` for every other list. PostgreSQL finds and orders what is ASCII.
/// Everything else comes here to be folded, and is put in its place.
pub(crate) fn find_page(
    conn: &mut PgConnection,
    layout: &Layout,
    _memory: &mut Memory<'_>,
    query: &ListQuery,
) -> StoreResult<Option<Found>> {
    let Some(search) = query.search.as_ref().filter(|_| layout.search == Search::Scan) else {
        return Ok(None);
    };
    let is_numbered = matches!(query.window, Window::Offset { .. });
    if !is_numbered || matches!(query.order.by, OrderBy::GroupMember(_)) {
        return Ok(None);
    }
    let Some(mut top) = Top::new(query) else { return Ok(None) };
    let column = Column::of(&query.order.by);
    let (mut total, mut buffer) = (0, String::new());
    let mut matches = |text: &LossyText| {
        buffer.clear();
        fold_onto(&mut buffer, text.as_str());
        buffer.contains(search.folded())
    };
    let statement = statement(search, column, query.order.direction, top.most());
    for line in statement.rows::<Types>().load_iter::<Line, PgRowByRowLoadingMode>(conn)? {
        let (id, time, text, name, email, count) = line?;
        total += count.unwrap_or_default();
        let Some(id) = id else { continue };
        if let (Some(name), Some(email)) = (&name, &email) {
            if !matches(name) && !matches(email) {
                continue;
            }
            total += 1;
        }
        let key = match (time, &text) {
            (Some(time), _) => Key::Number(time),
            (None, Some(text)) => Key::Text(text.as_str()),
            // NULL comes last, which only the database knows.
            (None, None) => return Ok(None),
        };
        top.push(false, key, id.as_str());
    }
    Ok(Some(Found { total, ..top.into_found() }))
}

/// Reads the table once. `most` rows at most of those that the database can order are given.
fn statement(search: &SearchText, column: Column, direction: Direction, most: usize) -> Statement<'_> {
    // As times and as text; one of the two is NULL.
    let keys = if column.is_time() { "key, NULL" } else { "NULL::bigint, key" };
    let order = match (column.is_time(), direction) {
        (true, Direction::Ascending) => " ORDER BY key ASC, id COLLATE \"C\" ASC LIMIT ",
        (true, Direction::Descending) => " ORDER BY key DESC, id COLLATE \"C\" DESC LIMIT ",
        (false, Direction::Ascending) => " ORDER BY key COLLATE \"C\" ASC, id COLLATE \"C\" ASC LIMIT ",
        (false, Direction::Descending) => " ORDER BY key COLLATE \"C\" DESC, id COLLATE \"C\" DESC LIMIT ",
    };
    let sql = Statement::new("WITH hit AS (SELECT id, ").sql(column.name()).sql(" AS key, name, email, ");
    let sql = sql.sql(BEYOND_ASCII).sql(" AS beyond FROM \"user\" WHERE ").sql(BEYOND_ASCII);
    let sql = if search.folded().is_ascii() {
        let text = search.folded();
        let sql = sql.sql(" OR position((").text(text).sql(") IN lower(name COLLATE \"C\")) > 0");
        sql.sql(" OR position((").text(text).sql(") IN lower(email COLLATE \"C\")) > 0")
    } else {
        sql
    };
    let sql = sql.sql(
        ") SELECT NULL, NULL::bigint, NULL, NULL, NULL, (SELECT count(*) FROM hit WHERE NOT beyond) \
         UNION ALL (SELECT id, ",
    );
    let sql = sql.sql(keys).sql(", NULL, NULL, NULL FROM hit WHERE NOT beyond").sql(order);
    let sql = sql.number(i64::try_from(most).unwrap_or(i64::MAX)).sql(") UNION ALL SELECT id, ").sql(keys);
    sql.sql(", COALESCE(name, ''), COALESCE(email, ''), NULL FROM hit WHERE beyond")
}
