//! One connection to either database, for statements that are put together here. Values go and come as text.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use diesel::connection::SimpleConnection as _;

#[cfg(feature = "sqlite")]
use super::pages::size;
#[cfg(feature = "postgres")]
use super::tables::Kind;
use super::tables::Table;
use super::values::{Row, Taker};
use crate::inspect::Schema;
use crate::pool::Connect as _;
pub(super) use crate::sql_text::{literal, quoted};
use crate::url::Kind as Place;
use crate::{DatabaseUrl, OpenError, StoreOptions, StoreResult};

/// Kibibytes of page cache of a SQLite connection that writes, and of one that reads.
#[cfg(feature = "sqlite")]
const CACHES: (usize, usize) = (128 * 1024, 16 * 1024);

/// See the module.
pub(super) enum Link {
    #[cfg(feature = "sqlite")]
    Sqlite(Box<crate::sqlite::Link>),
    #[cfg(feature = "postgres")]
    Postgres(Box<crate::postgres::Link>),
}

/// Some rows of a query.
pub(super) struct Part {
    /// Each with the places of the texts that are no UTF-8 and were altered.
    pub(super) rows: Vec<(Row, Vec<usize>)>,
    /// The query may have more.
    pub(super) is_cut: bool,
}

/// How a transaction begins that writes to PostgreSQL. Settings of the transaction, which a pooler gives to nobody else.
const BEGIN_WRITING: &str = "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
    SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL standard_conforming_strings = on; SET LOCAL maintenance_work_mem = '256MB'; \
    SET LOCAL client_min_messages = warning";

/// Calls for whichever database it is.
macro_rules! either {
    ($link:expr, $sqlite:ident => $one:expr, $postgres:ident => $other:expr) => {
        match $link {
            #[cfg(feature = "sqlite")]
            Link::Sqlite($sqlite) => $one,
            #[cfg(feature = "postgres")]
            Link::Postgres($postgres) => $other,
        }
    };
}

impl Link {
    /// A connection that reads and cannot write.
    pub(super) fn reading(url: &DatabaseUrl, options: &StoreOptions) -> Result<Self, OpenError> {
        let refused = |error| OpenError::connect(url, &error);
        match url.kind() {
            Place::SqliteThrowAway => Err(OpenError::Absent { url: url.to_string() }),
            #[cfg(feature = "sqlite")]
            Place::SqliteFile(path) => {
                let only_what_is_there = StoreOptions { url: url.clone(), create: false, ..options.clone() };
                crate::sqlite::ensure_there(path, &only_what_is_there)?;
                let connector = crate::sqlite::Connector::new(path.clone(), options).reading();
                let mut link = sqlite::untouched(&connector, path, url)?;
                link.execute(&format!("PRAGMA cache_size = -{}", CACHES.1)).map_err(refused)?;
                Ok(link)
            }
            #[cfg(feature = "postgres")]
            Place::Postgres(_) => {
                let link = crate::postgres::Connector::new(url, options)?.connect().map_err(refused)?;
                let mut link = Self::Postgres(Box::new(link));
                // All of it is of one moment. Settings of the transaction, which a pooler gives to nobody else.
                link.execute(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0; \
                     SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL datestyle = 'ISO, YMD'; \
                     SET LOCAL standard_conforming_strings = on; SET LOCAL work_mem = '64MB'",
                )
                .map_err(refused)?;
                Ok(link)
            }
            #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
            _ => Err(OpenError::NotBuilt("that database")),
        }
    }

    /// A connection that fills a standalone database.
    pub(super) fn writing(options: &StoreOptions) -> Result<Self, OpenError> {
        let refused = |error| OpenError::connect(&options.url, &error);
        match options.url.kind() {
            Place::SqliteThrowAway => Err(OpenError::Absent { url: options.url.to_string() }),
            #[cfg(feature = "sqlite")]
            Place::SqliteFile(path) => {
                let link = crate::sqlite::Connector::new(path.clone(), options).connect().map_err(refused)?;
                let mut link = Self::Sqlite(Box::new(link));
                // Whether each row has its owner was checked at the source. A power failure may undo the last batches,
                // and then they are copied again: the position is undone with them.
                link.execute(&format!(
                    "PRAGMA foreign_keys = OFF; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -{}",
                    CACHES.0
                ))
                .map_err(refused)?;
                Ok(link)
            }
            #[cfg(feature = "postgres")]
            Place::Postgres(_) => {
                let link =
                    crate::postgres::Connector::new(&options.url, options)?.connect().map_err(refused)?;
                Ok(Self::Postgres(Box::new(link)))
            }
            #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
            _ => Err(OpenError::NotBuilt("that database")),
        }
    }

    /// What it takes in its columns.
    pub(super) fn taker(&self) -> Taker {
        either!(self, _link => Taker::Sqlite, _link => Taker::Postgres)
    }

    /// Whether it is SQLite.
    pub(super) fn is_sqlite(&self) -> bool {
        self.taker() == Taker::Sqlite
    }

    /// What the database says about itself.
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "SQLite has no schemas"))]
    pub(super) fn schema(&mut self, url: &DatabaseUrl) -> StoreResult<Schema> {
        either!(self,
            link => crate::sqlite::inspect(&mut link.conn),
            link => crate::postgres::inspect_named(&mut link.conn, url.schema()))
    }

    /// Runs statements separated by semicolons.
    pub(super) fn execute(&mut self, sql: &str) -> StoreResult<()> {
        either!(self, link => link.conn.batch_execute(sql)?, link => link.conn.batch_execute(sql)?);
        Ok(())
    }

    /// The rows of a query; on PostgreSQL all its columns are texts. `?1` on SQLite and `$1` on PostgreSQL are these values.
    pub(super) fn rows(&mut self, sql: &str, values: &[&str]) -> StoreResult<Vec<Row>> {
        either!(self,
            link => sqlite::rows(&mut link.conn, sql, values),
            link => postgres::rows(&mut link.conn, sql, values))
    }

    /// Rows of a query until they have so many bytes. Only SQLite gives one row after another.
    #[cfg_attr(
        not(feature = "sqlite"),
        expect(unused_variables, reason = "PostgreSQL sends all rows before one can be looked at")
    )]
    pub(super) fn part(&mut self, sql: &str, values: &[&str], bytes: usize) -> StoreResult<Part> {
        either!(self, link => sqlite::part(&mut link.conn, sql, values, bytes), link => {
            let rows = postgres::rows(&mut link.conn, sql, values)?;
            Ok(Part { rows: rows.into_iter().map(|row| (row, Vec::new())).collect(), is_cut: false })
        })
    }

    /// The number that a query gives, as text.
    pub(super) fn number(&mut self, sql: &str) -> StoreResult<u64> {
        let rows = self.rows(sql, &[])?;
        let text = rows.into_iter().next().and_then(|row| row.into_iter().next().flatten());
        Ok(text.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// The texts of the first column of a query.
    pub(super) fn texts(&mut self, sql: &str) -> StoreResult<Vec<String>> {
        Ok(self.rows(sql, &[])?.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect())
    }

    /// Inserts rows; with `replace`, a row that is there already is changed.
    pub(super) fn insert(&mut self, table: &Table, rows: &[Row], replace: bool) -> StoreResult<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let head = head(table);
        let tail = if replace { on_conflict(table) } else { String::new() };
        either!(self,
            link => sqlite::insert(&mut link.conn, &head, &tail, rows),
            link => postgres::insert(&mut link.conn, table, &head, &tail, rows))
    }

    /// Runs all of this or nothing, for as long as it takes.
    pub(super) fn transaction<T, E: From<crate::StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.execute(if self.is_sqlite() { "BEGIN IMMEDIATE" } else { BEGIN_WRITING })?;
        match work(self) {
            Ok(done) => self.execute("COMMIT").map(|()| done).map_err(E::from),
            Err(error) => {
                // What failed tells more than that it cannot be taken back: the connection is closed after it.
                let _ended_with_the_connection = self.execute("ROLLBACK");
                Err(error)
            }
        }
    }

    /// From now on a stop interrupts its statements, where that can be done.
    pub(super) fn is_stopped_by(&self, stop: &crate::backup::Stop) {
        either!(self, link => stop.interrupts(&link.limit), _link => {
            // The server ends a statement by itself; a stop is heard after it.
            let _ = stop;
        });
    }
}

/// Names separated by commas.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(quoted).collect::<Vec<_>>().join(", ")
}

fn head(table: &Table) -> String {
    let columns = listed(table.columns.iter().map(|column| column.name));
    format!("INSERT INTO {} ({columns}) ", quoted(table.name))
}

fn on_conflict(table: &Table) -> String {
    let others = table.columns.iter().filter(|column| !table.key.contains(&column.name));
    let set: Vec<String> = others.map(|column| format!("{0} = excluded.{0}", quoted(column.name))).collect();
    format!(" ON CONFLICT ({}) DO UPDATE SET {}", listed(table.key.iter().copied()), set.join(", "))
}

/// PostgreSQL's type of a column that does not take a text as it is.
#[cfg(feature = "postgres")]
fn cast(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "",
        Kind::Number | Kind::Time => "::bigint",
        Kind::Switch => "::boolean",
        Kind::Json => "::json",
        Kind::Date => "::date",
    }
}
