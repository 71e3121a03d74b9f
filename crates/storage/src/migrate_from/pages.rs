//! The rows of a table in the order of their keys, page by page, with memory that does not grow with the table.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use super::facts::{self, Facts, Read};
use super::findings::Code;
use super::link::{Link, Part, literal, quoted};
use super::tables::{Column, Kind, Table};
use super::values::Row;
use crate::backup::Stop;
use crate::{StoreError, StoreResult};

/// Columns and their types by table, as a database has them.
pub(super) type Columns = BTreeMap<String, BTreeMap<String, String>>;

/// Rows of a page at most.
const ROWS: usize = 5_000;

/// Bytes after which a page ends. A row may have megabytes.
const BYTES: usize = 4 << 20;

/// Rows that PostgreSQL is asked for at a time. It sends all of them before one can be looked at.
const FETCH: usize = 256;

/// A row with more bytes than this is fetched by itself, so that no fetch has many of them.
const LARGE: usize = 32 << 10;

/// Pages that are read before one is taken.
const AHEAD: usize = 2;

/// See the module.
pub(super) struct Pages<'a> {
    link: &'a mut Link,
    table: &'static Table,
    /// What is selected of each row on SQLite, and on PostgreSQL of one that is fetched by itself.
    selected: String,
    /// The same on PostgreSQL for most rows: without the long columns of a large one, and whether it is one.
    short: String,
    /// What is asked behind the columns.
    codes: Vec<Code>,
    last: Option<Vec<String>>,
    /// PostgreSQL's cursor is open.
    begun: bool,
    /// Rows that it gave and that are in no page yet.
    waiting: VecDeque<Row>,
    /// It has no more.
    drained: bool,
    ended: bool,
}

impl<'a> Pages<'a> {
    /// The rows of a source after this key, or all. A column that the database does not have is NULL.
    pub(super) fn of_source(
        link: &'a mut Link,
        columns: &Columns,
        table: &'static Table,
        after: Option<Vec<String>>,
    ) -> Self {
        let facts = facts::of(table, columns, link.is_sqlite());
        Self::new(link, columns, table, &facts, after)
    }

    /// All rows of a target.
    pub(super) fn of_target(link: &'a mut Link, columns: &Columns, table: &'static Table) -> Self {
        Self::new(link, columns, table, &[], None)
    }

    fn new(
        link: &'a mut Link,
        columns: &Columns,
        table: &'static Table,
        facts: &[(Code, String)],
        last: Option<Vec<String>>,
    ) -> Self {
        let typed = !link.is_sqlite();
        let asked = facts
            .iter()
            .map(|(_, holds)| if typed { format!(", ({holds})::text") } else { format!(", ({holds})") });
        let asked: String = asked.collect();
        Self {
            selected: format!("{}{asked}", values(columns, table, typed)),
            short: if typed {
                format!("{}{asked}, l.is_large::text", short(columns, table))
            } else {
                String::new()
            },
            codes: facts.iter().map(|(code, _)| *code).collect(),
            link,
            table,
            last,
            begun: false,
            waiting: VecDeque::new(),
            drained: false,
            ended: false,
        }
    }

    /// The next rows; none: that was all.
    pub(super) fn next(&mut self) -> StoreResult<Vec<Read>> {
        if self.ended {
            return Ok(Vec::new());
        }
        let rows = if self.link.is_sqlite() { self.after_last()? } else { self.fetched()? };
        if let Some(last) = rows.last() {
            self.last = Some(self.table.key_of(&last.row));
        }
        Ok(rows)
    }

    /// A statement for each page: without WAL a reader keeps writers waiting, so none may take long.
    fn after_last(&mut self) -> StoreResult<Vec<Read>> {
        let (beyond, values) = match &self.last {
            None => (String::new(), Vec::new()),
            Some(last) => {
                let places: Vec<String> = (1..=last.len()).map(|place| format!("?{place}")).collect();
                (
                    format!(" WHERE {} > ({})", self.key(), places.join(", ")),
                    last.iter().map(String::as_str).collect(),
                )
            }
        };
        let (selected, table) = (&self.selected, quoted(self.table.name));
        let sql = format!("SELECT {selected} FROM {table} t{beyond} ORDER BY {} LIMIT {ROWS}", self.order());
        let Part { rows, is_cut } = self.link.part(&sql, &values, BYTES)?;
        self.ended = !is_cut && rows.len() < ROWS;
        Ok(rows.into_iter().map(|(row, altered)| self.read(row, altered)).collect())
    }

    /// A cursor for all pages, since ids may be in an order for which the database has no index.
    fn fetched(&mut self) -> StoreResult<Vec<Read>> {
        if !self.begun && !self.drained {
            let beyond = self.last.as_ref().map_or_else(String::new, |last| {
                let last: Vec<String> = last.iter().map(|text| literal(text)).collect();
                format!(" WHERE {} > ({})", self.key(), last.join(", "))
            });
            let sql = format!(
                "DECLARE pages NO SCROLL CURSOR FOR SELECT {} FROM {} t CROSS JOIN LATERAL \
                 (SELECT {} > {LARGE} AS is_large OFFSET 0) l{beyond} ORDER BY {}",
                self.short,
                quoted(self.table.name),
                self.bytes(),
                self.order()
            );
            self.link.execute(&sql)?;
            self.begun = true;
        }
        let (mut page, mut bytes) = (Vec::new(), 0);
        while page.len() < ROWS && bytes < BYTES {
            let Some(row) = self.waiting.pop_front() else {
                if self.drained {
                    self.ended = true;
                    break;
                }
                self.fetch()?;
                continue;
            };
            let row = self.whole(row)?;
            bytes += size(&row);
            page.push(self.read(row, Vec::new()));
        }
        Ok(page)
    }

    fn fetch(&mut self) -> StoreResult<()> {
        let rows = self.link.rows(&format!("FETCH {FETCH} FROM pages"), &[])?;
        self.drained = rows.len() < FETCH;
        self.waiting = rows.into();
        if self.drained {
            self.link.execute("CLOSE pages")?;
            self.begun = false;
        }
        Ok(())
    }

    /// The row with its long columns. All statements see the same moment.
    fn whole(&mut self, mut row: Row) -> StoreResult<Row> {
        let is_large = row.pop().flatten().as_deref() == Some("true");
        if !is_large {
            return Ok(row);
        }
        let key = self.table.key_of(&row);
        let equals = |(column, value): (&&str, &String)| format!("t.{} = {}", quoted(column), literal(value));
        let condition: Vec<String> = self.table.key.iter().zip(&key).map(equals).collect();
        let sql = format!(
            "SELECT {} FROM {} t WHERE {} LIMIT 1",
            self.selected,
            quoted(self.table.name),
            condition.join(" AND ")
        );
        match self.link.rows(&sql, &[])?.pop() {
            Some(whole) => Ok(whole),
            // Without an id it is left out anyway.
            None if key.iter().any(String::is_empty) => Ok(row),
            None => Err(StoreError::unavailable("a row was not found again by its id")),
        }
    }

    fn read(&self, mut row: Row, altered: Vec<usize>) -> Read {
        let behind = row.split_off(self.table.columns.len().min(row.len()));
        Read { row, facts: Facts::behind(&behind, &self.codes, altered) }
    }

    /// The bytes of the long columns, as an expression of PostgreSQL.
    fn bytes(&self) -> String {
        let long: Vec<String> = self
            .table
            .columns
            .iter()
            .filter(|column| is_long(column))
            .map(value_of)
            .filter(|value| self.selected.contains(value.as_str()))
            .map(|value| format!("coalesce(octet_length({value}), 0)"))
            .collect();
        if long.is_empty() { "0".to_owned() } else { long.join(" + ") }
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

/// The bytes of a row.
pub(super) fn size(row: &Row) -> usize {
    row.iter().flatten().map(String::len).sum()
}

/// Whether nothing limits what a column holds.
fn is_long(column: &Column) -> bool {
    matches!(column.kind, Kind::Text | Kind::Json) && column.most.is_none()
}

/// A column of PostgreSQL as text.
fn value_of(column: &Column) -> String {
    format!("t.{}::text", quoted(column.name))
}

/// The columns as texts.
fn values(columns: &Columns, table: &Table, typed: bool) -> String {
    let value = |column: &Column| match (is_there(columns, table, column), typed) {
        (true, false) => format!("t.{}", quoted(column.name)),
        (true, true) => value_of(column),
        (false, false) => "NULL".to_owned(),
        (false, true) => "NULL::text".to_owned(),
    };
    table.columns.iter().map(value).collect::<Vec<_>>().join(", ")
}

/// The same on PostgreSQL without the long ones of a large row; those of its key are always there.
fn short(columns: &Columns, table: &Table) -> String {
    let value = |column: &Column| {
        let value = value_of(column);
        if !is_there(columns, table, column) {
            "NULL::text".to_owned()
        } else if is_long(column) && !table.key.contains(&column.name) {
            format!("CASE WHEN l.is_large THEN NULL ELSE {value} END")
        } else {
            value
        }
    };
    table.columns.iter().map(value).collect::<Vec<_>>().join(", ")
}

fn is_there(columns: &Columns, table: &Table, column: &Column) -> bool {
    columns.get(table.name).is_some_and(|columns| columns.contains_key(column.name))
}

/// What comes of a page on another thread.
pub(super) type Page<T> = StoreResult<T>;

/// Reads all pages on a thread of its own and gives what `work` makes of each. After an error nothing more comes.
pub(super) fn read_ahead<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    mut pages: Pages<'scope>,
    stop: &'scope Stop,
    mut work: impl FnMut(Vec<Read>) -> T + Send + 'scope,
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
    fn a_large_row_of_postgresql_comes_without_its_long_columns_at_first() {
        let there = ["jti".to_owned(), "expires_at".to_owned()].map(|name| (name, String::new())).into();
        let columns = Columns::from([("rosterd_revoked_token".to_owned(), there)]);
        let table = tables::ALL.iter().find(|table| table.name == "rosterd_revoked_token").unwrap();
        assert_eq!(short(&columns, table), "t.\"jti\"::text, t.\"expires_at\"::text", "a key and a number");
        let there = [("id".to_owned(), String::new()), ("bio".to_owned(), String::new())].into();
        let columns = Columns::from([("user".to_owned(), there)]);
        let short = short(&columns, &tables::USER);
        assert!(short.starts_with("t.\"id\"::text, NULL::text"), "{short}");
        assert!(short.contains("CASE WHEN l.is_large THEN NULL ELSE t.\"bio\"::text END"), "{short}");
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_page_ends_by_its_bytes_and_the_last_one_is_empty() {
        use crate::{DatabaseUrl, StoreOptions, raw};

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        std::fs::File::create(&path).unwrap();
        let url = DatabaseUrl::sqlite_file(&path.to_string_lossy());
        // Short rows, long ones, and short ones again.
        let rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) \
            INSERT INTO \"user\" (id, bio) SELECT printf('%05d', i), \
            CASE WHEN i BETWEEN 100 AND 120 THEN printf('%.*c', 1500000, 'x') ELSE 'y' END FROM n";
        raw::execute(
            &url,
            &format!(
                "CREATE TABLE \"user\" (id TEXT PRIMARY KEY, bio TEXT); CREATE TABLE auth (id TEXT); {rows}"
            ),
        )
        .unwrap();
        let options = StoreOptions::new(url.clone());
        let mut link = Link::reading(&url, &options).unwrap();
        let there = [("id".to_owned(), String::new()), ("bio".to_owned(), String::new())].into();
        let columns = Columns::from([("user".to_owned(), there)]);
        let mut pages = Pages::of_source(&mut link, &columns, &tables::USER, None);
        let mut ids = Vec::new();
        loop {
            let page = pages.next().unwrap();
            if page.is_empty() {
                break;
            }
            let bytes: usize = page.iter().map(|read| size(&read.row)).sum();
            assert!(bytes < BYTES + 1_600_000, "{bytes}");
            assert!(page.iter().all(|read| read.facts.wrong == [Code::NoAuth]));
            ids.extend(page.into_iter().filter_map(|read| read.row.into_iter().next().flatten()));
        }
        let all: Vec<String> = (1..=300).map(|i| format!("{i:05}")).collect();
        assert_eq!(ids, all);
        assert!(pages.next().unwrap().is_empty(), "it has ended for good");
    }
}
