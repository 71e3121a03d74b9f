//! PostgreSQL's account of the schema that comes first in the search path.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use crate::StoreResult;
use crate::inspect::Schema;

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
    #[diesel(sql_type = Text)]
    definition: String,
}

#[derive(QueryableByName)]
struct Icu {
    #[diesel(sql_type = Bool)]
    usable: bool,
}

/// Reads tables, columns, indexes and whether ICU folds for us; writes nothing.
pub(crate) fn inspect(conn: &mut PgConnection) -> StoreResult<Schema> {
    let mut schema = Schema { typed: true, ..Schema::default() };
    let columns: Vec<Column> = diesel::sql_query(
        "SELECT c.table_name::text AS table_name, c.column_name::text AS name, c.data_type::text AS declared \
         FROM information_schema.columns c \
         JOIN information_schema.tables t USING (table_schema, table_name) \
         WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'",
    )
    .load(conn)?;
    for column in columns {
        schema.tables.entry(column.table_name).or_default().insert(column.name, column.declared);
    }
    let indexes: Vec<Index> = diesel::sql_query(
        "SELECT indexname::text AS name, tablename::text AS table_name, indexdef::text AS definition \
         FROM pg_catalog.pg_indexes WHERE schemaname = current_schema()",
    )
    .load(conn)?;
    for index in indexes {
        // As in `… (lower((email)::text)) …`.
        let definition = index.definition.to_lowercase().replace(['"', ' ', '(', ')'], "");
        let on_email = definition.contains("loweremail::text") || definition.contains("loweremail");
        schema.email_index |= index.table_name == "user" && on_email;
        schema.indexes.insert(index.name);
    }
    let icu: Icu = diesel::sql_query(
        "SELECT getdatabaseencoding() = 'UTF8' AND EXISTS \
         (SELECT 1 FROM pg_catalog.pg_collation WHERE collname = 'und-x-icu') AS usable",
    )
    .get_result(conn)?;
    schema.icu = icu.usable;
    Ok(schema)
}
