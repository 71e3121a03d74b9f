//! Plain SQL on a separate connection: for [backups](crate::backup), and for tests that must read or damage data in ways that
//! the tables do not allow. No request comes here.

use diesel::connection::SimpleConnection as _;

use crate::url::Kind;
use crate::{DatabaseUrl, StoreError, StoreOptions, StoreResult};

/// A row's values as text, in the order of the columns; `None` is SQL NULL.
pub type TextRow = Vec<Option<String>>;

/// Runs statements separated by semicolons.
///
/// # Errors
/// [`StoreError`], also for a throw-away database, which only its own store can reach.
pub fn execute(url: &DatabaseUrl, sql: &str) -> StoreResult<()> {
    Connection::open(url)?.execute(sql)
}

/// The rows of one query. On PostgreSQL its columns need different names, and lists, objects and the like come as
/// JSON text.
///
/// # Errors
/// As [`execute`].
pub fn query_text(url: &DatabaseUrl, sql: &str) -> StoreResult<Vec<TextRow>> {
    Connection::open(url)?.query_text(sql)
}

/// A connection that stays open and keeps what was begun on it, such as the lock of another process.
pub struct Connection(AnyConnection);

enum AnyConnection {
    #[cfg(feature = "sqlite")]
    Sqlite(crate::sqlite::Link),
    #[cfg(feature = "postgres")]
    Postgres(crate::postgres::Link),
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// As [`execute`].
    pub fn open(url: &DatabaseUrl) -> StoreResult<Self> {
        match url.kind() {
            Kind::SqliteThrowAway => Err(unreachable_database()),
            #[cfg(feature = "sqlite")]
            Kind::SqliteFile(path) => sqlite::connect(path, &StoreOptions::new(url.clone()))
                .map(|conn| Self(AnyConnection::Sqlite(conn))),
            #[cfg(feature = "postgres")]
            Kind::Postgres(_) => postgres::connect(&StoreOptions::new(url.clone()))
                .map(|link| Self(AnyConnection::Postgres(link))),
            #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
            _ => Err(StoreError::unavailable("compiled without that database")),
        }
    }

    /// Runs statements separated by semicolons.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn execute(&mut self, sql: &str) -> StoreResult<()> {
        match &mut self.0 {
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(conn) => Ok(conn.batch_execute(sql)?),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(link) => Ok(link.conn.batch_execute(sql)?),
        }
    }

    /// The rows of one query, as [`query_text`] gives them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn query_text(&mut self, sql: &str) -> StoreResult<Vec<TextRow>> {
        match &mut self.0 {
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(conn) => sqlite::rows(conn, sql),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(link) => postgres::rows(&mut link.conn, sql),
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

fn unreachable_database() -> StoreError {
    StoreError::unavailable("a temporary database can be used only by its own store")
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use diesel::deserialize::{self, FromSql, QueryableByName};
    use diesel::row::{Field, NamedRow, Row};
    use diesel::sql_types::Text;
    use diesel::sqlite::{Sqlite, SqliteConnection};
    use diesel::{RunQueryDsl, sql_query};

    use super::{StoreOptions, StoreResult, TextRow};
    use crate::pool::Connect;
    use crate::sqlite::{Connector, Link};

    pub(super) fn connect(path: &str, options: &StoreOptions) -> StoreResult<Link> {
        Connector::new(path.to_owned(), options).connect()
    }

    pub(super) fn rows(conn: &mut SqliteConnection, sql: &str) -> StoreResult<Vec<TextRow>> {
        let rows: Vec<Texts> = sql_query(sql).load(conn)?;
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
    use diesel::connection::SimpleConnection as _;
    use diesel::pg::PgConnection;
    use diesel::sql_types::Text;
    use diesel::{QueryableByName, RunQueryDsl, sql_query};
    use serde_json::Value;

    use super::{StoreError, StoreOptions, StoreResult, TextRow};
    use crate::pool::Connect;
    use crate::postgres::Connector;

    pub(super) fn connect(options: &StoreOptions) -> StoreResult<crate::postgres::Link> {
        let connector = Connector::new(&options.url, options).map_err(StoreError::unavailable)?;
        let mut link = connector.connect()?;
        // Filling a large database takes what it takes.
        link.conn.batch_execute("SET statement_timeout = 0")?;
        Ok(link)
    }

    pub(super) fn rows(conn: &mut PgConnection, sql: &str) -> StoreResult<Vec<TextRow>> {
        // Values come in binary, each type in its own way; the server writes them all as JSON.
        let query = format!("SELECT row_to_json(q)::text AS line FROM ({sql}) q");
        let rows: Vec<Row> = sql_query(query).load(conn)?;
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
