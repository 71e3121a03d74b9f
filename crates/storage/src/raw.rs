//! Plain SQL past the tables, on a connection of its own: for tests, which must be able to see and to spoil what the
//! tables cannot say. The server does not use it.

use crate::url::Kind;
use crate::{DatabaseUrl, StoreError, StoreOptions, StoreResult};

/// A row's values as text, in the order of the columns; `None` is SQL NULL.
pub type TextRow = Vec<Option<String>>;

/// Runs statements separated by semicolons.
///
/// # Errors
/// [`StoreError`], also for a throw-away database, which only its own store can reach.
pub fn execute(url: &DatabaseUrl, sql: &str) -> StoreResult<()> {
    match url.kind() {
        Kind::SqliteThrowAway => Err(unreachable_database()),
        #[cfg(feature = "sqlite")]
        Kind::SqliteFile(path) => sqlite::execute(path, &StoreOptions::new(url.clone()), sql),
        #[cfg(feature = "postgres")]
        Kind::Postgres(_) => postgres::execute(&StoreOptions::new(url.clone()), sql),
        #[expect(unreachable_patterns, reason = "reached when a database is compiled out")]
        _ => Err(StoreError::unavailable("compiled without that database")),
    }
}

/// The rows of one query. On PostgreSQL its columns need different names, and lists, objects and the like come as
/// JSON text.
///
/// # Errors
/// As [`execute`].
pub fn query_text(url: &DatabaseUrl, sql: &str) -> StoreResult<Vec<TextRow>> {
    match url.kind() {
        Kind::SqliteThrowAway => Err(unreachable_database()),
        #[cfg(feature = "sqlite")]
        Kind::SqliteFile(path) => sqlite::query_text(path, &StoreOptions::new(url.clone()), sql),
        #[cfg(feature = "postgres")]
        Kind::Postgres(_) => postgres::query_text(&StoreOptions::new(url.clone()), sql),
        #[expect(unreachable_patterns, reason = "reached when a database is compiled out")]
        _ => Err(StoreError::unavailable("compiled without that database")),
    }
}

fn unreachable_database() -> StoreError {
    StoreError::unavailable("a throw-away database is reached by its store alone")
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use diesel::connection::SimpleConnection;
    use diesel::deserialize::{self, FromSql, QueryableByName};
    use diesel::row::{Field, NamedRow, Row};
    use diesel::sql_types::Text;
    use diesel::sqlite::Sqlite;
    use diesel::{RunQueryDsl, sql_query};

    use super::{StoreOptions, StoreResult, TextRow};
    use crate::pool::Connect;
    use crate::sqlite::Connector;

    pub(super) fn execute(path: &str, options: &StoreOptions, sql: &str) -> StoreResult<()> {
        Ok(Connector::new(path.to_owned(), options).connect()?.batch_execute(sql)?)
    }

    pub(super) fn query_text(path: &str, options: &StoreOptions, sql: &str) -> StoreResult<Vec<TextRow>> {
        let mut conn = Connector::new(path.to_owned(), options).connect()?;
        let rows: Vec<Texts> = sql_query(sql).load(&mut conn)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    struct Texts(TextRow);

    impl QueryableByName<Sqlite> for Texts {
        fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
            let value = |at: usize| {
                let field = Row::get(row, at).ok_or("a column fewer than counted")?;
                field.value().map(<String as FromSql<Text, Sqlite>>::from_sql).transpose()
            };
            (0..row.field_count()).map(value).collect::<Result<_, _>>().map(Self)
        }
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use diesel::connection::SimpleConnection;
    use diesel::sql_types::Text;
    use diesel::{QueryableByName, RunQueryDsl, sql_query};
    use serde_json::Value;

    use super::{StoreError, StoreOptions, StoreResult, TextRow};
    use crate::pool::Connect;
    use crate::postgres::Connector;

    fn connect(options: &StoreOptions) -> StoreResult<crate::postgres::Link> {
        let connector = Connector::new(&options.url, options).map_err(StoreError::unavailable)?;
        connector.without_statement_timeout().connect()
    }

    pub(super) fn execute(options: &StoreOptions, sql: &str) -> StoreResult<()> {
        Ok(connect(options)?.conn.batch_execute(sql)?)
    }

    pub(super) fn query_text(options: &StoreOptions, sql: &str) -> StoreResult<Vec<TextRow>> {
        // Values come in binary, each type in its own way; the server writes them all as JSON.
        let query = format!("SELECT row_to_json(q)::text AS line FROM ({sql}) q");
        let rows: Vec<Row> = sql_query(query).load(&mut connect(options)?.conn)?;
        Ok(rows.iter().map(|row| texts(&row.line)).collect())
    }

    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        line: String,
    }

    fn texts(line: &str) -> TextRow {
        let Ok(Value::Object(row)) = serde_json::from_str(line) else { return Vec::new() };
        row.into_iter()
            .map(|(_, value)| match value {
                Value::Null => None,
                Value::String(text) => Some(text),
                other => Some(other.to_string()),
            })
            .collect()
    }
}
