//! What differs on PostgreSQL.

use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::pg::{Pg, PgConnection};
use diesel::row::{Field, NamedRow};
use diesel::sql_types::{Array, Nullable, Text};
use diesel::{RunQueryDsl, sql_query};

use super::{Row, StoreResult, Table, cast};

struct Texts(Row);

impl QueryableByName<Pg> for Texts {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let value = |at: usize| {
            let field = diesel::row::Row::get(row, at).ok_or("a column fewer than counted")?;
            field.value().map(<String as FromSql<Text, Pg>>::from_sql).transpose()
        };
        (0..row.field_count()).map(value).collect::<deserialize::Result<_>>().map(Self)
    }
}

pub(super) fn rows(conn: &mut PgConnection, sql: &str, values: &[&str]) -> StoreResult<Vec<Row>> {
    let query = sql_query(sql).into_boxed::<Pg>();
    let query = values.iter().fold(query, |query, value| query.bind::<Text, _>(*value));
    let rows: Vec<Texts> = query.load(conn)?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// All rows in one statement, a column at a time.
pub(super) fn insert(
    conn: &mut PgConnection,
    table: &Table,
    head: &str,
    tail: &str,
    rows: &[Row],
) -> StoreResult<()> {
    let count = table.columns.len();
    let list = |item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(", ");
    let values = list(&|at| format!("r.c{at}{}", cast(table.columns[at].kind)));
    let arrays = list(&|at| format!("${}::text[]", at + 1));
    let names = list(&|at| format!("c{at}"));
    let sql = format!("{head}SELECT {values} FROM unnest({arrays}) AS r({names}){tail}");
    let query = sql_query(sql).into_boxed::<Pg>();
    let query = (0..count).fold(query, |query, at| {
        let column: Vec<Option<&str>> = rows.iter().map(|row| row[at].as_deref()).collect();
        query.bind::<Array<Nullable<Text>>, _>(column)
    });
    query.execute(conn)?;
    Ok(())
}
