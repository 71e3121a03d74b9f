//! The expressions that read differently on SQLite than on PostgreSQL.

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::UserId;
use rosterd_domain::list::SearchText;

use crate::fragments::{Condition, Wrapped};
use crate::schema::users;
use crate::{Layout, Lock, Search, StoreResult};

/// The connection.
pub(crate) type Raw = SqliteConnection;
/// Diesel's name of the database.
pub(crate) type Backend = Sqlite;
/// How a walk over many rows fetches them: SQLite steps from row to row by itself.
pub(crate) type RowByRow = DefaultLoadingMode;

/// Without WAL a reader keeps writers out.
pub(crate) const READERS_BLOCK_WRITERS: bool = true;

/// Locks the rows of a query: a write transaction is alone on SQLite.
macro_rules! for_update {
    ($query:expr) => {
        $query
    };
}
pub(crate) use for_update;

/// Text in the order of its code points (rule L1): SQLite's own order.
pub(crate) fn by_code_point<E>(text: E) -> Wrapped<E> {
    Wrapped::new("", text, "")
}

/// Text in lower case, the whole of Unicode.
pub(crate) fn folded<E>(text: E, _layout: &Layout) -> Wrapped<E> {
    Wrapped::new("rosterd_fold(", text, ")")
}

/// Whether a column (written as SQL) is one of these texts. One bound JSON array: any number of texts makes the same
/// statement, which stays in the cache.
macro_rules! one_of {
    ($column:literal, $texts:expr) => {
        $crate::fragments::Condition::new(
            concat!($column, " IN (SELECT value FROM json_each("),
            $crate::fragments::json_array($texts),
            "))",
        )
    };
}
pub(crate) use one_of;

/// Name or address contains the text (rule L2), by the best way the layout has.
pub(crate) fn matches(search: &SearchText, layout: &Layout) -> Condition {
    let text = search.folded();
    if layout.search == Search::Scan || text.contains(['\n', '\0']) {
        // The folded copy joins both columns by a line feed, so a text with one must look at each column alone.
        return Condition::new("instr(rosterd_fold(\"user\".\"name\"), ", text, ") > 0")
            .or(Condition::new("instr(rosterd_fold(\"user\".\"email\"), ", text, ") > 0"));
    }
    if layout.search == Search::Folded || text.chars().count() < 3 {
        return Condition::new(
            "\"user\".\"id\" IN (SELECT user_id FROM rosterd_user_search WHERE instr(folded, ",
            text,
            ") > 0)",
        );
    }
    // One quoted string: to FTS5's trigram tokenizer that is a substring, and nothing in it is an operator.
    let phrase = format!("\"{}\"", text.replace('"', "\"\""));
    Condition::new(
        "\"user\".\"id\" IN (SELECT s.user_id FROM rosterd_user_fts f \
         JOIN rosterd_user_search s ON s.id = f.rowid WHERE f.folded MATCH ",
        phrase,
        ")",
    )
}

/// Waits for nothing: the writer is alone.
#[expect(clippy::unnecessary_wraps, reason = "the other database's may fail")]
pub(crate) fn lock(_conn: &mut Raw, _lock: Lock) -> StoreResult<()> {
    Ok(())
}

/// Raises `last_active_at` of each user to the given second.
pub(crate) fn touch(conn: &mut Raw, seen: &[(UserId, UnixSeconds)]) -> StoreResult<()> {
    for (id, second) in seen {
        diesel::update(users::table.find(id.as_str()).filter(users::last_active_at.lt(second)))
            .set(users::last_active_at.eq(second))
            .execute(conn)?;
    }
    Ok(())
}
