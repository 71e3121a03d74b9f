//! Rows as JSON objects, and back, in SQLite's words.
//!
//! A text is a JSON string, an integer a JSON number (SQLite's JSON has all 64 bits), NULL is null. What JSON has no exact
//! form for is an object with one key: `real`, the number as SQL writes it so that it is read back the same; `blob` and
//! `text`, bytes as hexadecimal digits, the latter of a text with U+0000.

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::StoreResult;
use crate::fragments::json_array;
use crate::parts::{Column, listed};
use crate::sql_text::{literal, quoted};

use super::dialect::Raw;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
}

/// The columns of these tables that hold something of their own, each with its table. A table that is not there has none.
pub(crate) fn columns_of(conn: &mut Raw, tables: &[&str]) -> StoreResult<Vec<(String, Column)>> {
    let found: Vec<Found> = diesel::sql_query(
        "SELECT t.value AS table_name, c.name AS name FROM json_each($1) t JOIN pragma_table_xinfo(t.value) c \
         WHERE c.hidden = 0 ORDER BY t.key, c.cid",
    )
    .bind::<Text, _>(json_array(tables.iter().copied()))
    .load(conn)?;
    let column = |name| Column { name, kind: String::new() };
    Ok(found.into_iter().map(|found| (found.table_name, column(found.name))).collect())
}

/// How many bytes these columns of the row `t` have.
pub(crate) fn bytes_of(columns: &[&Column]) -> String {
    let sizes = columns.iter().map(|column| format!("coalesce(octet_length(t.{}), 0)", quoted(&column.name)));
    sizes.collect::<Vec<_>>().join(" + ")
}

/// These columns of the row `t` as one text.
pub(crate) fn packed(columns: &[&Column]) -> String {
    let pairs = listed(columns.iter().copied(), |column| {
        let value = format!("t.{}", quoted(&column.name));
        let bytes = format!("CAST({value} AS BLOB)");
        format!(
            "{}, CASE typeof({value}) \
             WHEN 'text' THEN CASE WHEN instr({bytes}, x'00') = 0 THEN {value} ELSE json_object('text', hex({bytes})) END \
             WHEN 'blob' THEN json_object('blob', hex({value})) \
             WHEN 'real' THEN json_object('real', replace(quote({value}), 'Inf', '9e999')) \
             ELSE {value} END",
            literal(&column.name)
        )
    });
    format!("json_object({pairs})")
}

/// What a statement reads packed rows `r` from, beside them.
pub(crate) fn unpacking(_columns: &[&Column]) -> String {
    String::new()
}

/// The value of a column in the packed row `r`.
pub(crate) fn unpacked(column: &Column) -> String {
    let path = |end: &str| literal(&format!("$.\"{}\"{end}", column.name));
    let at = |end: &str| format!("json_extract(r.content, {})", path(end));
    format!(
        "CASE json_type(r.content, {}) WHEN 'object' THEN coalesce(CAST(unhex({}) AS TEXT), unhex({}), CAST({} AS REAL)) \
         ELSE {} END",
        path(""),
        at(".text"),
        at(".blob"),
        at(".real"),
        at("")
    )
}

/// The names of the columns in the first packed row of `$1` and the table `$2`.
pub(crate) const PACKED_COLUMNS: &str = "\
    SELECT j.key AS name FROM rosterd_deleted_row r, json_each(r.content) j \
    WHERE r.user_id = $1 AND r.table_name = $2 AND r.number = 1";

/// Between the columns and the values of an INSERT that gives every column its value.
pub(crate) const AS_GIVEN: &str = "";
