//! PostgreSQL's account of the schema that comes first in the search path, and of what lies around it.
//!
//! All of it is read from the catalogue, which shows what a role may not touch too: `information_schema` leaves such
//! tables out, and then a database full of accounts looks empty.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Text};

use crate::inspect::{MIGRATING, Migrating, Schema, Surroundings};
use crate::migrations::{APPLIED, Applied};
use crate::{OtherSchema, StoreResult, required};

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
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
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
struct Facts {
    #[diesel(sql_type = Nullable<Text>)]
    schema: Option<String>,
    #[diesel(sql_type = Bool)]
    named_is_there: bool,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Text)]
    encoding: String,
}

#[derive(QueryableByName)]
struct Other {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Array<Text>)]
    tables: Vec<String>,
    #[diesel(sql_type = Bool)]
    usable: bool,
}

/// The parameter is the schema that `DATABASE_SCHEMA` names, or NULL.
const FACTS: &str = "\
    SELECT current_schema()::text AS schema, current_user::text AS role, getdatabaseencoding()::text AS encoding, \
    $1::text IS NULL OR EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1::text) AS named_is_there";

/// Columns of tables, partitioned ones too, with the type that a domain stands for.
const COLUMNS: &str = "\
    SELECT c.relname::text AS table_name, a.attname::text AS name, \
    pg_catalog.format_type(CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END, NULL) AS declared \
    FROM pg_catalog.pg_class c \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')";

const UNREADABLE: &str = "\
    SELECT c.relname::text AS name FROM pg_catalog.pg_class c \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') \
    AND NOT has_table_privilege(c.oid, 'SELECT') AND NOT has_any_column_privilege(c.oid, 'SELECT')";

const INDEXES: &str = "\
    SELECT indexname::text AS name, tablename::text AS table_name, indexdef::text AS definition \
    FROM pg_catalog.pg_indexes WHERE schemaname = current_schema()";

/// The parameter is the names to look for. System schemas and those of temporary tables begin with `pg_`.
const ELSEWHERE: &str = "\
    SELECT n.nspname::text AS name, array_agg(c.relname::text ORDER BY c.relname) AS tables, \
    has_schema_privilege(n.oid, 'USAGE') AS usable \
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p') AND c.relname = ANY ($1) AND n.nspname IS DISTINCT FROM current_schema() \
    AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' \
    GROUP BY n.oid, n.nspname ORDER BY count(*) DESC, n.nspname LIMIT 5";

/// Reads tables, columns, indexes, migrations, and what the server says of role, schema and encoding; writes nothing.
pub(crate) fn inspect(conn: &mut PgConnection) -> StoreResult<Schema> {
    inspect_named(conn, None)
}

/// The same on a connection whose schema `DATABASE_SCHEMA` may name.
pub(crate) fn inspect_named(conn: &mut PgConnection, named: Option<&str>) -> StoreResult<Schema> {
    let facts: Facts = diesel::sql_query(FACTS).bind::<Nullable<Text>, _>(named).get_result(conn)?;
    let mut schema = Schema { typed: true, encoding: facts.encoding, ..Schema::default() };
    let columns: Vec<Column> = diesel::sql_query(COLUMNS).load(conn)?;
    for column in columns {
        schema.tables.entry(column.table_name).or_default().insert(column.name, column.declared);
    }
    let unreadable: Vec<Table> = diesel::sql_query(UNREADABLE).load(conn)?;
    let indexes: Vec<Index> = diesel::sql_query(INDEXES).load(conn)?;
    for index in indexes {
        // As in `… (lower((email)::text)) …`.
        let definition = index.definition.to_lowercase().replace(['"', ' ', '(', ')'], "");
        let on_email = definition.contains("loweremail::text") || definition.contains("loweremail");
        schema.email_index |= index.table_name == "user" && on_email;
        schema.indexes.insert(index.name);
    }
    let elsewhere = if schema.tables.contains_key("user") { Vec::new() } else { elsewhere(conn)? };
    schema.around = Some(Surroundings {
        schema: facts.schema,
        named_is_there: facts.named_is_there,
        role: facts.role,
        unreadable: unreadable.into_iter().map(|table| table.name).collect(),
        elsewhere,
    });
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

/// Other schemas that hold tables named like Open WebUI's, the one with the most of them first, and of many a few.
fn elsewhere(conn: &mut PgConnection) -> StoreResult<Vec<OtherSchema>> {
    // `config` alone is a table of many programs.
    let names: Vec<&str> = required::names().filter(|name| *name != "config").collect();
    let found: Vec<Other> = diesel::sql_query(ELSEWHERE).bind::<Array<Text>, _>(names).load(conn)?;
    Ok(found
        .into_iter()
        .map(|other| OtherSchema { name: other.name, tables: other.tables, usable: other.usable })
        .collect())
}
