//! SQLite's account of its own schema.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel::sqlite::SqliteConnection;

use crate::StoreResult;
use crate::inspect::{MIGRATING, Migrating, Schema};
use crate::migrations::{APPLIED, Applied};

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    declared: String,
}

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    definition: Option<String>,
}

#[derive(QueryableByName)]
struct Mode {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

#[derive(QueryableByName)]
struct Encoding {
    #[diesel(sql_type = Text)]
    encoding: String,
}

/// Reads tables, columns, indexes, the journal mode, the encoding and the migrations; writes nothing.
pub(crate) fn inspect(conn: &mut SqliteConnection) -> StoreResult<Schema> {
    let mut schema = Schema::default();
    let columns: Vec<Column> = diesel::sql_query(
        "SELECT t.name AS table_name, c.name AS name, lower(c.type) AS declared \
         FROM sqlite_master t JOIN pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite^_%' ESCAPE '^'",
    )
    .load(conn)?;
    for column in columns {
        schema.tables.entry(column.table_name).or_default().insert(column.name, column.declared);
    }
    let indexes: Vec<Index> = diesel::sql_query(
        "SELECT name, tbl_name AS table_name, sql AS definition FROM sqlite_master WHERE type = 'index'",
    )
    .load(conn)?;
    for index in indexes {
        let definition = index.definition.unwrap_or_default().to_lowercase().replace(['"', ' '], "");
        schema.email_index |= index.table_name == "user" && definition.contains("(lower(email)");
        schema.indexes.insert(index.name);
    }
    let mode: Mode = diesel::sql_query("PRAGMA journal_mode").get_result(conn)?;
    schema.wal = mode.journal_mode.eq_ignore_ascii_case("wal");
    let encoding: Encoding = diesel::sql_query("PRAGMA encoding").get_result(conn)?;
    schema.encoding = encoding.encoding;
    if schema.is_migrating() {
        let sources: Vec<Migrating> = diesel::sql_query(MIGRATING).load(conn)?;
        schema.migrating = Some(sources.into_iter().map(|row| row.value).collect());
    }
    if schema.notes_migrations() {
        let applied: Vec<Applied> = diesel::sql_query(APPLIED).load(conn)?;
        schema.migrations = applied.into_iter().map(|row| row.version).collect();
    }
    Ok(schema)
}
