//! The standalone database that accounts go into, and how far it has come.
//!
//! While it is not whole it has a table of its own, [`STATE`]: where the rows come from, how far each table is, and the
//! statements that still have to be run. A store does not open a database with that table. Each batch and the position
//! after it are one transaction, so that whatever ends the process, the next one goes on from a whole row.

use std::collections::BTreeMap;

use rosterd_domain::list::fold;

use super::error::MigrateError;
use super::link::{Link, literal, quoted};
use super::pages::Columns;
use super::state::{
    LOG, OF_STEP, OF_TABLE, Position, SOURCE, STATE, keep, move_on, note, position_in, state,
};
use super::steps::{self, Step};
use super::tables::{ALL, SEARCH, Table, USER, Whence};
use super::values::Row;
use crate::inspect::Recognised;
use crate::{DatabaseUrl, OpenError, StoreError, StoreOptions, StoreResult, migrations};

/// What a target has of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is not there yet, or has no rows.
    Free,
    /// The beginning of a migration from this source.
    Begun(String),
}

/// See the module.
pub(super) struct Target {
    pub(super) link: Link,
    pub(super) columns: Columns,
    /// Whether the audit log is carried too.
    pub(super) with_log: bool,
    positions: BTreeMap<&'static str, Position>,
}

/// How a target stands, without making or changing anything.
pub(super) fn standing(options: &StoreOptions) -> Result<Standing, MigrateError> {
    let mut link = match Link::reading(&options.url, options) {
        Err(OpenError::Absent { .. }) => return Ok(Standing::Free),
        link => link?,
    };
    let schema = link.schema(&options.url).map_err(OpenError::Inspect)?;
    match schema.recognise() {
        Recognised::Empty => return Ok(Standing::Free),
        Recognised::Attached => return Err(MigrateError::Attached { url: options.url.to_string() }),
        Recognised::Unknown => return Err(OpenError::Unrecognised { url: options.url.to_string() }.into()),
        Recognised::Standalone => {}
    }
    if let Some(source) = schema.migrating {
        return Ok(Standing::Begun(source));
    }
    ensure_free(&mut link, &schema.tables, &options.url)?;
    Ok(Standing::Free)
}

/// Refuses a database with rows of its own. What its audit log tells of its own beginning may stay.
fn ensure_free(link: &mut Link, columns: &Columns, url: &DatabaseUrl) -> Result<(), MigrateError> {
    let mut found = Vec::new();
    let there = |table: &&Table| table.whence != Whence::WithLog && columns.contains_key(table.name);
    for table in ALL.iter().filter(there) {
        let rows = count(link, table)?;
        if rows > 0 {
            found.push(format!("{rows} rows of {}", table.name));
        }
    }
    if !found.is_empty() {
        return Err(MigrateError::Occupied { url: url.to_string(), found });
    }
    if columns.contains_key("rosterd_lease") {
        let now = if link.is_sqlite() {
            "CAST(strftime('%s', 'now') AS INTEGER)"
        } else {
            "CAST(extract(epoch FROM clock_timestamp()) AS bigint)"
        };
        let held = link.texts(&format!("SELECT name FROM rosterd_lease WHERE until > {now}"))?;
        if let Some(job) = held.into_iter().next() {
            return Err(MigrateError::InUse { url: url.to_string(), job });
        }
    }
    Ok(())
}

fn count(link: &mut Link, table: &Table) -> StoreResult<u64> {
    let cast = if link.is_sqlite() { "" } else { "::text" };
    link.number(&format!("SELECT count(*){cast} FROM {}", quoted(table.name)))
}

impl Target {
    /// Opens the database, makes it where it is missing, and notes in it what is about to begin, or goes on from there. With
    /// `restart` what was copied before is removed.
    pub(super) fn open(options: &StoreOptions, source: &str, restart: bool) -> Result<Self, MigrateError> {
        let options = StoreOptions { unfinished: true, create: true, migrate: true, ..options.clone() };
        migrations::run(&options)?;
        let mut link = Link::writing(&options)?;
        if !link.is_sqlite() {
            link.execute(
                "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET datestyle = 'ISO, YMD'; \
                 SET standard_conforming_strings = on; SET maintenance_work_mem = '256MB'; SET client_min_messages = warning",
            )?;
        }
        let schema = link.schema(&options.url).map_err(OpenError::Inspect)?;
        if schema.recognise() != Recognised::Standalone {
            return Err(MigrateError::Attached { url: options.url.to_string() });
        }
        let columns = schema.tables;
        let url = &options.url;
        let with_log = link.transaction(|link| match schema.migrating {
            Some(begun) if begun != source && !restart => {
                Err(MigrateError::Other { url: url.to_string(), source_url: begun })
            }
            Some(_) if restart => begin_anew(link, source),
            Some(_) => Ok(state(link, LOG)?.as_deref() == Some("1")),
            None => {
                ensure_free(link, &columns, url)?;
                begin(link, source)
            }
        })?;
        let mut target = Self { link, columns, with_log, positions: BTreeMap::new() };
        target.read_positions()?;
        Ok(target)
    }

    fn read_positions(&mut self) -> StoreResult<()> {
        for table in &ALL {
            if let Some(text) = state(&mut self.link, &format!("{OF_TABLE}{}", table.name))? {
                self.positions.insert(table.name, position_in(&text));
            }
        }
        Ok(())
    }

    /// How far a table is.
    pub(super) fn position(&self, table: &Table) -> Position {
        self.positions.get(table.name).cloned().unwrap_or_default()
    }

    /// Rows that were copied, by table.
    pub(super) fn rows(&self) -> u64 {
        self.positions.values().map(|position| position.rows).sum()
    }

    /// Rows of each table that was carried.
    pub(super) fn counts(&mut self) -> StoreResult<BTreeMap<&'static str, u64>> {
        let mut rows = BTreeMap::new();
        for table in ALL.iter().filter(|table| self.positions.contains_key(table.name)) {
            rows.insert(table.name, count(&mut self.link, table)?);
        }
        Ok(rows)
    }

    /// Writes rows that come after the last ones, with the position; none: the table has ended.
    ///
    /// # Errors
    /// [`MigrateError::Concurrent`] where another process has written meanwhile.
    pub(super) fn append(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), MigrateError> {
        let before = self.position(table);
        let mut after = before.clone();
        match rows.last() {
            Some(last) => {
                after.last = Some(table.key_of(last));
                after.rows += u64::try_from(rows.len()).unwrap_or(0);
            }
            None => after.ended = true,
        }
        let is_first = !self.positions.contains_key(table.name);
        self.link
            .transaction(|link| {
                move_on(link, table, (!is_first).then_some(&before), &after)?;
                link.insert(table, rows, false)?;
                if table.name == USER.name {
                    link.insert(&SEARCH, &copies_for_search(rows), false)?;
                }
                Ok::<_, MigrateError>(())
            })
            .map_err(|error| match error {
                MigrateError::Store(error) => moved(error),
                other => other,
            })?;
        self.positions.insert(table.name, after);
        Ok(())
    }

    /// The statements that still have to be run, in order.
    pub(super) fn steps(&mut self) -> StoreResult<Vec<Step>> {
        let sql = format!(
            "SELECT name, value FROM {STATE} WHERE name LIKE '{OF_STEP}%' ORDER BY name{}",
            if self.link.is_sqlite() { "" } else { " COLLATE \"C\"" }
        );
        let rows = self.link.rows(&sql, &[])?;
        let step = |row: Row| {
            let mut cells = row.into_iter().flatten();
            Some(Step { name: cells.next()?, sql: cells.next()? })
        };
        Ok(rows.into_iter().filter_map(step).collect())
    }

    /// Has what is made of the rows made anew, before rows change whose triggers are away.
    pub(super) fn renew(&mut self) -> StoreResult<()> {
        let steps = steps::derived(self.link.is_sqlite());
        self.link.transaction(|link| keep(link, &steps))
    }

    /// Runs one of them.
    pub(super) fn take(&mut self, step: &Step) -> Result<(), MigrateError> {
        self.link
            .transaction(|link| {
                link.execute(&step.sql)?;
                link.execute(&format!("DELETE FROM {STATE} WHERE name = {}", literal(&step.name)))
            })
            .map_err(moved)
    }

    /// Changes rows, or adds them, and removes those with these keys.
    pub(super) fn settle(
        &mut self,
        table: &'static Table,
        rows: &[Row],
        gone: &[Vec<String>],
    ) -> Result<(), MigrateError> {
        self.link
            .transaction(|link| {
                for key in gone {
                    remove(link, table, key)?;
                    if table.name == USER.name {
                        remove(link, &SEARCH, key)?;
                    }
                }
                link.insert(table, rows, true)?;
                if table.name == USER.name {
                    link.insert(&SEARCH, &copies_for_search(rows), true)?;
                }
                Ok::<_, StoreError>(())
            })
            .map_err(moved)
    }
}

/// A key that is taken means that rows changed places since they were copied.
fn moved(error: StoreError) -> MigrateError {
    match error {
        StoreError::AlreadyExists { what } => MigrateError::Moved { what },
        other => other.into(),
    }
}

fn begin(link: &mut Link, source: &str) -> Result<bool, MigrateError> {
    let mut with_log = true;
    for table in ALL.iter().filter(|table| table.whence == Whence::WithLog) {
        with_log &= count(link, table)? == 0;
    }
    link.execute(&format!("CREATE TABLE {STATE} (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)"))?;
    note(link, SOURCE, source)?;
    note(link, LOG, if with_log { "1" } else { "0" })?;
    set_aside(link)?;
    Ok(with_log)
}

fn begin_anew(link: &mut Link, source: &str) -> Result<bool, MigrateError> {
    let with_log = state(link, LOG)?.as_deref() == Some("1");
    link.execute(&format!(
        "DELETE FROM {STATE} WHERE name LIKE '{OF_TABLE}%'; DELETE FROM {STATE} WHERE name = '{SOURCE}'"
    ))?;
    note(link, SOURCE, source)?;
    // Also what a process that was killed has brought back already.
    set_aside(link)?;
    let is_carried = |table: &&Table| table.whence != Whence::WithLog || with_log;
    let tables: Vec<String> =
        ALL.iter().filter(is_carried).chain([&SEARCH]).map(|table| quoted(table.name)).collect();
    if link.is_sqlite() {
        for table in tables.iter().rev() {
            link.execute(&format!("DELETE FROM {table}"))?;
        }
    } else {
        link.execute(&format!("TRUNCATE {}", tables.join(", ")))?;
    }
    Ok(with_log)
}

fn set_aside(link: &mut Link) -> StoreResult<()> {
    let steps = steps::take_away(link)?;
    keep(link, &steps)
}

fn remove(link: &mut Link, table: &Table, key: &[String]) -> StoreResult<()> {
    let conditions: Vec<String> = table
        .key
        .iter()
        .zip(key)
        .map(|(column, value)| format!("{} = {}", quoted(column), literal(value)))
        .collect();
    link.execute(&format!("DELETE FROM {} WHERE {}", quoted(table.name), conditions.join(" AND ")))
}

/// What searches read, of rows of `user`.
fn copies_for_search(rows: &[Row]) -> Vec<Row> {
    let place = |name| USER.place(name).unwrap_or_default();
    let (id, name, email) = (place("id"), place("name"), place("email"));
    let text = |row: &Row, place: usize| row.get(place).cloned().flatten().unwrap_or_default();
    let copy = |row: &Row| {
        let folded = format!("{}\n{}", fold(&text(row, name)), fold(&text(row, email)));
        vec![Some(text(row, id)), Some(folded)]
    };
    rows.iter().map(copy).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_finds_name_and_e_mail_address() {
        let mut row = vec![None; USER.columns.len()];
        for (column, text) in [("id", "u-1"), ("name", "Ada"), ("email", "ada@example.com")] {
            row[USER.place(column).unwrap()] = Some(text.to_owned());
        }
        assert_eq!(
            copies_for_search(&[row]),
            [[Some("u-1".to_owned()), Some("ada\nada@example.com".to_owned())]]
        );
    }
}
