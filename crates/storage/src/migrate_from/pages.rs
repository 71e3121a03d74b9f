//! The rows of a table in the order of their keys, page by page, with memory that does not grow with the table.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use super::link::{Link, literal, quoted};
use super::tables::Table;
use super::values::Row;
use crate::backup::Stop;
use crate::{StoreError, StoreResult};

/// Columns and their types by table, as a database has them.
pub(super) type Columns = BTreeMap<String, BTreeMap<String, String>>;

/// Rows of the first page, and of any.
const FIRST: usize = 500;
const MOST: usize = 5_000;

/// Bytes that a page should have: one that had many more is followed by a shorter one. A row may have megabytes.
const BYTES: usize = 4 << 20;

/// A condition that every row meets.
const EACH: &str = "1 = 1";

/// Pages that are read before one is taken.
const AHEAD: usize = 2;

/// See the module.
pub(super) struct Pages<'a> {
    link: &'a mut Link,
    table: &'static Table,
    select: String,
    /// The condition of the select, and the key after which it begins.
    condition: String,
    last: Option<Vec<String>>,
    rows: usize,
    begun: bool,
    ended: bool,
}

impl<'a> Pages<'a> {
    /// The rows of a source after this key, or all. A column that the database does not have is NULL. Rows whose owners are not
    /// there are left out.
    pub(super) fn of_source(
        link: &'a mut Link,
        columns: &Columns,
        table: &'static Table,
        after: Option<Vec<String>>,
    ) -> Self {
        let mut pages = Self::of_target(link, columns, table);
        (pages.condition, pages.last) = (owned(table), after);
        pages
    }

    /// All rows of a target.
    pub(super) fn of_target(link: &'a mut Link, columns: &Columns, table: &'static Table) -> Self {
        let typed = !link.is_sqlite();
        let select = format!("SELECT {} FROM {} t", values(columns, table, typed), quoted(table.name));
        let condition = EACH.to_owned();
        Self { link, table, select, condition, last: None, rows: FIRST, begun: false, ended: false }
    }

    /// The next rows; none: that was all.
    pub(super) fn next(&mut self) -> StoreResult<Vec<Row>> {
        if self.ended {
            return Ok(Vec::new());
        }
        let rows = if self.link.is_sqlite() { self.after_last()? } else { self.fetched()? };
        self.ended = rows.len() < self.rows;
        if let Some(last) = rows.last() {
            self.last = Some(self.table.key_of(last));
        }
        let bytes: usize = rows.iter().flatten().flatten().map(String::len).sum();
        self.rows = match bytes {
            0..BYTES => (self.rows * 2).min(MOST),
            _ => (self.rows / 2).max(1),
        };
        Ok(rows)
    }

    /// A statement for each page: without WAL a reader keeps writers waiting, so none may take long.
    fn after_last(&mut self) -> StoreResult<Vec<Row>> {
        let (beyond, values) = match &self.last {
            None => (String::new(), Vec::new()),
            Some(last) => {
                let places: Vec<String> = (1..=last.len()).map(|place| format!("?{place}")).collect();
                (
                    format!(" AND {} > ({})", self.key(), places.join(", ")),
                    last.iter().map(String::as_str).collect(),
                )
            }
        };
        let Self { select, condition, rows, .. } = &*self;
        let sql = format!("{select} WHERE {condition}{beyond} ORDER BY {} LIMIT {rows}", self.order());
        self.link.rows(&sql, &values)
    }

    /// A cursor for all pages, since ids may be in an order for which the database has no index.
    fn fetched(&mut self) -> StoreResult<Vec<Row>> {
        if !self.begun {
            let beyond = self.last.as_ref().map_or_else(String::new, |last| {
                let last: Vec<String> = last.iter().map(|text| literal(text)).collect();
                format!(" AND {} > ({})", self.key(), last.join(", "))
            });
            let Self { select, condition, .. } = &*self;
            let sql = format!(
                "DECLARE pages NO SCROLL CURSOR FOR {select} WHERE {condition}{beyond} ORDER BY {}",
                self.order()
            );
            self.link.execute(&sql)?;
            self.begun = true;
        }
        let rows = self.link.rows(&format!("FETCH {} FROM pages", self.rows), &[])?;
        if rows.len() < self.rows {
            self.link.execute("CLOSE pages")?;
            self.begun = false;
        }
        Ok(rows)
    }

    /// The columns of the key, in the order of their code points.
    fn order(&self) -> String {
        let collation = if self.link.is_sqlite() { "" } else { " COLLATE \"C\"" };
        let columns: Vec<String> =
            self.table.key.iter().map(|column| format!("t.{}{collation}", quoted(column))).collect();
        columns.join(", ")
    }

    fn key(&self) -> String {
        format!("({})", self.order())
    }
}

impl Drop for Pages<'_> {
    fn drop(&mut self) {
        if self.begun {
            // Nobody reads on; if the connection is lost, so is the cursor.
            let _closed_with_the_connection = self.link.execute("CLOSE pages");
        }
    }
}

/// The columns as texts.
fn values(columns: &Columns, table: &Table, typed: bool) -> String {
    let there = columns.get(table.name);
    let value = |name: &str| {
        let is_there = there.is_some_and(|columns| columns.contains_key(name));
        match (is_there, typed) {
            (true, false) => format!("t.{}", quoted(name)),
            (true, true) => format!("t.{}::text", quoted(name)),
            (false, false) => "NULL".to_owned(),
            (false, true) => "NULL::text".to_owned(),
        }
    };
    table.columns.iter().map(|column| value(column.name)).collect::<Vec<_>>().join(", ")
}

/// The owners of a row are there.
fn owned(table: &Table) -> String {
    let mut conditions = vec![EACH.to_owned()];
    conditions.extend(table.owners.iter().map(|(column, owner)| {
        format!("EXISTS (SELECT 1 FROM {} o WHERE o.\"id\" = t.{})", quoted(owner), quoted(column))
    }));
    conditions.join(" AND ")
}

/// The rows of a table whose owners are not there, as a condition on `t`; `None` where it has no owners.
pub(super) fn disowned(table: &Table) -> Option<String> {
    (!table.owners.is_empty()).then(|| format!("NOT ({})", owned(table)))
}

/// What comes of a page on another thread.
pub(super) type Page<T> = StoreResult<T>;

/// Reads all pages on a thread of its own and gives what `work` makes of each. After an error nothing more comes.
pub(super) fn read_ahead<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    mut pages: Pages<'scope>,
    stop: &'scope Stop,
    mut work: impl FnMut(Vec<Row>) -> T + Send + 'scope,
) -> (Receiver<Page<T>>, ScopedJoinHandle<'scope, ()>) {
    let (out, receiver): (SyncSender<Page<T>>, _) = sync_channel(AHEAD);
    let reader = scope.spawn(move || {
        while !stop.is_asked() {
            let page = match pages.next() {
                Ok(rows) if rows.is_empty() => return,
                Ok(rows) => Ok(work(rows)),
                Err(error) => Err(error),
            };
            let failed = page.is_err();
            // Whoever takes no more has ended, by an error of its own.
            if out.send(page).is_err() || failed {
                return;
            }
        }
    });
    (receiver, reader)
}

/// The rows that a thread sends, one after another.
pub(super) struct Rows {
    pages: Receiver<Page<Vec<Row>>>,
    page: std::vec::IntoIter<Row>,
}

impl Rows {
    pub(super) fn of(pages: Receiver<Page<Vec<Row>>>) -> Self {
        Self { pages, page: Vec::new().into_iter() }
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<Row>, StoreError> {
        loop {
            if let Some(row) = self.page.next() {
                return Ok(Some(row));
            }
            match self.pages.recv() {
                Ok(page) => self.page = page?.into_iter(),
                Err(_the_end) => return Ok(None),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tables;
    use super::*;

    #[test]
    fn columns_that_are_not_there_are_null() {
        let there = ["jti".to_owned()].map(|name| (name, String::new())).into();
        let columns = Columns::from([("rosterd_revoked_token".to_owned(), there)]);
        let table = tables::ALL.iter().find(|table| table.name == "rosterd_revoked_token").unwrap();
        assert_eq!(values(&columns, table, false), "t.\"jti\", NULL");
        assert_eq!(values(&columns, table, true), "t.\"jti\"::text, NULL::text");
    }

    #[test]
    fn rows_without_an_owner_are_told_apart() {
        assert_eq!(disowned(&tables::USER), None);
        assert_eq!(
            disowned(&tables::AUTH).unwrap(),
            "NOT (1 = 1 AND EXISTS (SELECT 1 FROM \"user\" o WHERE o.\"id\" = t.\"id\"))"
        );
    }
}
