//! Rows as JSON objects, and back, in PostgreSQL's words: each value is the text that its type reads back.

use diesel::prelude::*;
use diesel::sql_types::{Array, Text};

use crate::StoreResult;
use crate::parts::{Column, listed};
use crate::sql_text::{literal, quoted};

use super::dialect::Raw;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

/// The columns of these tables that hold something of their own, each with its table. A table that is not there has none.
pub(crate) fn columns_of(conn: &mut Raw, tables: &[&str]) -> StoreResult<Vec<(String, Column)>> {
    let found: Vec<Found> = diesel::sql_query(
        "SELECT c.relname::text AS table_name, a.attname::text AS name, \
         pg_catalog.format_type(a.atttypid, a.atttypmod) AS kind FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname = ANY ($1) AND a.attgenerated = '' \
         ORDER BY c.relname, a.attnum",
    )
    .bind::<Array<Text>, _>(tables)
    .load(conn)?;
    Ok(found
        .into_iter()
        .map(|found| (found.table_name, Column { name: found.name, kind: found.kind }))
        .collect())
}

/// How many bytes these columns of the row `t` have.
pub(crate) fn bytes_of(columns: &[&Column]) -> String {
    let sizes = columns
        .iter()
        .map(|column| format!("coalesce(octet_length(t.{}::text), 0)::bigint", quoted(&column.name)));
    sizes.collect::<Vec<_>>().join(" + ")
}

/// These columns of the row `t` as one text.
pub(crate) fn packed(columns: &[&Column]) -> String {
    let names = listed(columns.iter().copied(), |column| literal(&column.name));
    let values = listed(columns.iter().copied(), |column| format!("t.{}::text", quoted(&column.name)));
    format!("json_object(ARRAY[{names}]::text[], ARRAY[{values}]::text[])::text")
}

/// What a statement reads packed rows `r` from, beside them.
pub(crate) fn unpacking(columns: &[&Column]) -> String {
    let fields = listed(columns.iter().copied(), |column| format!("{} text", quoted(&column.name)));
    format!(" CROSS JOIN LATERAL json_to_record(r.content::json) AS v({fields})")
}

/// The value of a column in the packed row `r`.
pub(crate) fn unpacked(column: &Column) -> String {
    format!("v.{}::{}", quoted(&column.name), column.kind)
}

/// The names of the columns in the first packed row of `$1` and the table `$2`.
pub(crate) const PACKED_COLUMNS: &str = "\
    SELECT k.name AS name FROM rosterd_deleted_row r CROSS JOIN LATERAL json_object_keys(r.content::json) AS k(name) \
    WHERE r.user_id = $1 AND r.table_name = $2 AND r.number = 1";

/// Between the columns and the values of an INSERT that gives every column its value.
pub(crate) const AS_GIVEN: &str = "OVERRIDING SYSTEM VALUE ";
