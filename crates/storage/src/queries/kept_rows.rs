//! The statements that keep the rows of an account and put them back, made of its [parts](crate::parts) and of the columns that
//! the tables have at that moment, which Open WebUI may have changed since.

use std::sync::Arc;

use super::Queries;
use super::dialect::{AS_GIVEN, bytes_of, columns_of, packed, unpacked, unpacking};
use crate::StoreResult;
use crate::parts::{Column, NOT_KEPT, PARTS, Part, listed};
use crate::sql_text::{literal, quoted};

/// The columns of the tables that a deletion is about, as they are now.
pub(super) struct Shape(Vec<(String, Column)>);

impl Shape {
    /// Reads it, once for each transaction.
    pub(super) fn read(queries: &mut Queries<'_>) -> StoreResult<Arc<Self>> {
        if let Some(shape) = &queries.shape {
            return Ok(Arc::clone(shape));
        }
        let owners = PARTS.iter().flat_map(|part| part.owners).map(|(_, owner)| *owner);
        let mut tables: Vec<&str> = PARTS.iter().map(|part| part.table).chain(owners).collect();
        tables.extend(NOT_KEPT);
        tables.sort_unstable();
        tables.dedup();
        let shape = Arc::new(Self(columns_of(queries.conn, &tables)?));
        queries.shape = Some(Arc::clone(&shape));
        Ok(shape)
    }

    fn of(&self, table: &'static str) -> impl Iterator<Item = &Column> {
        self.0.iter().filter(move |(of, _)| of == table).map(|(_, column)| column)
    }

    pub(super) fn find(&self, table: &str, name: &str) -> Option<&Column> {
        self.0.iter().find(|(of, column)| of == table && column.name == name).map(|(_, column)| column)
    }

    /// The columns of a part that are kept; `None` where there is no such part.
    pub(super) fn kept(&self, part: &Part) -> Option<Vec<&Column>> {
        let mut needed = part.needs.iter().chain([&part.key]);
        if !needed.all(|name| self.find(part.table, name).is_some()) {
            return None;
        }
        let is_kept = |column: &&Column| {
            part.cleared.is_none_or(|cleared| column.name == cleared || column.name == part.key)
        };
        Some(self.of(part.table).filter(is_kept).collect())
    }

    /// The parts that this database has, with their columns.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&'static Part, Vec<&Column>)> {
        PARTS.iter().filter_map(|part| Some((part, self.kept(part)?)))
    }

    /// Counts the rows of `$1` in each part, and their bytes.
    pub(super) fn measuring(&self) -> String {
        let each = self.parts().map(|(part, columns)| {
            format!(
                "SELECT {} AS name, count(*) AS total, CAST(coalesce(sum({}), 0) AS bigint) AS bytes FROM {} t WHERE {}",
                literal(part.table),
                bytes_of(&columns),
                quoted(part.table),
                part.whose
            )
        });
        each.collect::<Vec<_>>().join(" UNION ALL ")
    }

    /// Copies the rows of `$1`.
    pub(super) fn keeping(&self) -> String {
        let each = self.parts().map(|(part, columns)| {
            format!(
                "SELECT $1, {}, row_number() OVER (), {} FROM {} t WHERE {}",
                literal(part.table),
                packed(&columns),
                quoted(part.table),
                part.whose
            )
        });
        let rows = each.collect::<Vec<_>>().join(" UNION ALL ");
        format!("INSERT INTO rosterd_deleted_row (user_id, table_name, number, content) {rows}")
    }
}

/// The packed rows of a part, with these columns, as what comes after FROM.
pub(super) fn packed_rows(part: &Part, columns: &[&Column]) -> String {
    format!(
        "rosterd_deleted_row r{} WHERE r.user_id = $1 AND r.table_name = {}",
        unpacking(columns),
        literal(part.table)
    )
}

/// The owner that a column of packed rows names is there.
pub(super) fn is_there(column: &Column, owner: &str) -> String {
    format!("EXISTS (SELECT 1 FROM {} o WHERE o.\"id\" = {})", quoted(owner), unpacked(column))
}

/// Puts the packed rows of a part back whose owners are there.
pub(super) fn insertion(shape: &Shape, part: &Part, columns: &[&Column]) -> String {
    let owners = part.owners.iter().filter(|(_, owner)| shape.find(owner, "id").is_some());
    let owned = owners.filter_map(|(column, owner)| Some(is_there(shape.find(part.table, column)?, owner)));
    let owned: Vec<String> = owned.map(|is_there| format!(" AND {is_there}")).collect();
    format!(
        "INSERT INTO {} ({}) {AS_GIVEN}SELECT {} FROM {}{} ORDER BY r.number",
        quoted(part.table),
        listed(columns.iter().copied(), |column| quoted(&column.name)),
        listed(columns.iter().copied(), unpacked),
        packed_rows(part, columns),
        owned.concat()
    )
}

/// Gives the column its value back in the rows where it is still NULL.
pub(super) fn filling(shape: &Shape, part: &Part, cleared: &str) -> String {
    let both: Vec<&Column> =
        [part.key, cleared].iter().filter_map(|name| shape.find(part.table, name)).collect();
    let values = both.iter().map(|column| format!("{} AS {}", unpacked(column), quoted(&column.name)));
    let (table, column, key) = (quoted(part.table), quoted(cleared), quoted(part.key));
    format!(
        "UPDATE {table} SET {column} = k.{column} FROM (SELECT {} FROM {}) k \
         WHERE {table}.{key} = k.{key} AND {table}.{column} IS NULL",
        values.collect::<Vec<_>>().join(", "),
        packed_rows(part, &both)
    )
}
