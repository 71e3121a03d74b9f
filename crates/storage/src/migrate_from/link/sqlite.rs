//! What differs on SQLite.

use diesel::connection::DefaultLoadingMode;
use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::row::{Field, NamedRow};
use diesel::sql_types::{Binary, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, RunQueryDsl, sql_query};

use super::{Link, Part, Row, StoreResult, size};
use crate::pool::Connect as _;
use crate::sqlite::{Connector, OpenFile, explained, read_only_part};
use crate::types::LossyText;
use crate::{DatabaseUrl, OpenError, StoreError};

/// Rows of one statement. A statement stays prepared, so there is one for so many rows, and one for a single row.
const ROWS: usize = 32;

/// A connection that changes nothing in the file or beside it, also when it is closed.
pub(super) fn untouched(connector: &Connector, path: &str, url: &DatabaseUrl) -> Result<Link, OpenError> {
    let refused = |error: StoreError| OpenError::connect(url, &error);
    let file = OpenFile::at(path).map_err(|error| refused(StoreError::unavailable(error)))?;
    let part = read_only_part(&file);
    let explained = |error| refused(explained(error, part));
    let connect = |connector: &Connector| connector.connect().map(|link| Link::Sqlite(Box::new(link)));
    let mut link = match connect(&connector.clone().untouched()) {
        Ok(link) => link,
        Err(error) if is_locked(&error) => return Err(refused(error)),
        // Whoever may write would take back what is half written.
        Err(_) if file.has_journal() => return Err(OpenError::HalfWritten { url: url.to_string() }),
        // Nobody may open it so, such as a file in WAL mode whose folder cannot be written to.
        Err(_) => connect(connector).map_err(explained)?,
    };
    let is_wal = link.texts("PRAGMA journal_mode").map_err(explained)? == ["wal"];
    // With a log beside the file, whoever may write copies it into the file when it is the last to close. Without one,
    // whoever may only read leaves an empty one behind. SQLite refuses statements that write on either.
    if is_wal && file.log_bytes().is_none_or(|bytes| bytes == 0) {
        link = connect(connector).map_err(explained)?;
    }
    Ok(link)
}

/// SQLite speaks English everywhere.
fn is_locked(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable { reason } if reason.contains("locked"))
}

struct Texts(Row);

impl QueryableByName<Sqlite> for Texts {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        (0..row.field_count()).map(|at| text(row, at)).collect::<deserialize::Result<_>>().map(Self)
    }
}

/// A row, and the places of texts that were altered.
struct Marked(Row, Vec<usize>);

impl QueryableByName<Sqlite> for Marked {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let Texts(cells) = Texts::build(row)?;
        let mut altered = Vec::new();
        for (at, cell) in cells.iter().enumerate() {
            // It may have been stored as it is, too.
            let is_suspect = cell.as_ref().is_some_and(|cell| cell.contains(char::REPLACEMENT_CHARACTER));
            if is_suspect && !is_utf8(row, at)? {
                altered.push(at);
            }
        }
        Ok(Self(cells, altered))
    }
}

fn text<'a>(row: &impl NamedRow<'a, Sqlite>, at: usize) -> deserialize::Result<Option<String>> {
    let field = diesel::row::Row::get(row, at).ok_or("a column fewer than counted")?;
    let text = field.value().map(<LossyText as FromSql<Text, Sqlite>>::from_sql).transpose()?;
    Ok(text.map(String::from))
}

fn is_utf8<'a>(row: &impl NamedRow<'a, Sqlite>, at: usize) -> deserialize::Result<bool> {
    let field = diesel::row::Row::get(row, at).ok_or("a column fewer than counted")?;
    let bytes = field.value().map(<Vec<u8> as FromSql<Binary, Sqlite>>::from_sql).transpose()?;
    Ok(bytes.is_none_or(|bytes| std::str::from_utf8(&bytes).is_ok()))
}

pub(super) fn part(
    conn: &mut SqliteConnection,
    sql: &str,
    values: &[&str],
    most: usize,
) -> StoreResult<Part> {
    let query = sql_query(sql).into_boxed::<Sqlite>();
    let query = values.iter().fold(query, |query, value| query.bind::<Text, _>(*value));
    let (mut rows, mut bytes) = (Vec::new(), 0);
    for row in query.load_iter::<Marked, DefaultLoadingMode>(conn)? {
        let Marked(row, altered) = row?;
        bytes += size(&row);
        rows.push((row, altered));
        if bytes >= most {
            return Ok(Part { rows, is_cut: true });
        }
    }
    Ok(Part { rows, is_cut: false })
}

pub(super) fn rows(conn: &mut SqliteConnection, sql: &str, values: &[&str]) -> StoreResult<Vec<Row>> {
    let query = sql_query(sql).into_boxed::<Sqlite>();
    let query = values.iter().fold(query, |query, value| query.bind::<Text, _>(*value));
    let rows: Vec<Texts> = query.load(conn)?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

pub(super) fn insert(conn: &mut SqliteConnection, head: &str, tail: &str, rows: &[Row]) -> StoreResult<()> {
    let (many, few) = rows.as_chunks::<ROWS>();
    for rows in many {
        Insert { head, rows, tail }.execute(conn)?;
    }
    for row in few {
        Insert { head, rows: std::slice::from_ref(row), tail }.execute(conn)?;
    }
    Ok(())
}

/// A statement that inserts rows, which comes from the cache of prepared statements.
struct Insert<'a> {
    head: &'a str,
    rows: &'a [Row],
    tail: &'a str,
}

impl QueryId for Insert<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Sqlite> for Insert<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(self.head);
        let mut before_row = "VALUES (";
        for row in self.rows {
            let mut before = before_row;
            for cell in row {
                out.push_sql(before);
                out.push_bind_param::<Nullable<Text>, Option<String>>(cell)?;
                before = ", ";
            }
            before_row = "), (";
        }
        out.push_sql(")");
        out.push_sql(self.tail);
        Ok(())
    }
}

impl RunQueryDsl<SqliteConnection> for Insert<'_> {}
