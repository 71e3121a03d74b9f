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
use super::standing::{Begun, Standing, count, ensure_free, ensure_unused, has_no_log, keep_servers_waiting};
use super::state::{
    LOG, LOG_END, OF_TABLE, Position, SOURCE, STATE, ensure_own, keep, note, note_position, position_in,
    state, steps as waiting, take_over,
};
use super::steps::{self, Step};
use super::tables::{ALL, SEARCH, Table, USER, Whence};
use super::values::Row;
use crate::inspect::Recognised;
use crate::{DatabaseUrl, OpenError, StoreError, StoreOptions, StoreResult, migrations};

/// See the module.
pub(super) struct Target {
    pub(super) link: Link,
    pub(super) columns: Columns,
    /// Whether the audit log is carried too.
    pub(super) with_log: bool,
    /// Otherwise the position to which the target's own had come.
    pub(super) log_end: Option<u64>,
    /// The name of this run, which has taken over from all before.
    pub(super) run: String,
    positions: BTreeMap<&'static str, Position>,
}

impl Target {
    /// Opens the database, makes it where it is missing, and notes in it what is about to begin, or goes on from there. With
    /// `restart` what was copied before is removed. Whoever carried into it before is refused from then on.
    pub(super) fn open(options: &StoreOptions, source: &str, restart: bool) -> Result<Self, MigrateError> {
        let options = &StoreOptions { unfinished: true, create: true, migrate: true, ..options.clone() };
        let url = &options.url;
        let standing = Standing::of(options)?;
        if !standing.ensure_fits(url, source, restart)? {
            if let Standing::Begun(_) = standing {
                undo(options)?;
            }
            migrations::run(options)?;
        }
        let mut link = Link::writing(options)?;
        let (columns, with_log, log_end, run) = link.transaction(|link| {
            keep_servers_waiting(link)?;
            // What was seen before may have changed.
            let schema = link.schema(url).map_err(OpenError::Inspect)?;
            if schema.recognise() != Recognised::Standalone {
                return Err(MigrateError::Attached { url: url.to_string() });
            }
            ensure_unused(link, &schema.tables, url)?;
            let with_log = match schema.migrating {
                None => {
                    ensure_free(link, &schema.tables, url)?;
                    begin(link, &schema.tables, source)?
                }
                Some(begun) => {
                    let with_log = state(link, LOG)?.as_deref() == Some("1");
                    let begun = Begun { source: begun, with_log, outdated: false };
                    Standing::Begun(begun).ensure_fits(url, source, false)?;
                    with_log
                }
            };
            let run = take_over(link)?;
            let log_end = if with_log { None } else { Some(state(link, LOG_END)?) };
            let log_end = log_end.map(|end| end.and_then(|end| end.parse().ok()).unwrap_or_default());
            Ok((schema.tables, with_log, log_end, run))
        })?;
        let mut target = Self { link, columns, with_log, log_end, run, positions: BTreeMap::new() };
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
    pub(super) fn counts(&mut self) -> Result<BTreeMap<&'static str, u64>, MigrateError> {
        let carried: Vec<&Table> =
            ALL.iter().filter(|table| self.positions.contains_key(table.name)).collect();
        self.write(|link| carried.into_iter().map(|table| Ok((table.name, count(link, table)?))).collect())
    }

    /// A transaction of this run.
    ///
    /// # Errors
    /// [`MigrateError::Concurrent`], and nothing was written, where another run has taken over or ended the migration.
    fn write<T>(&mut self, work: impl FnOnce(&mut Link) -> StoreResult<T>) -> Result<T, MigrateError> {
        let run = &self.run;
        let written = self.link.transaction(|link| {
            ensure_own(link, run)?;
            Ok::<_, MigrateError>(work(link)?)
        });
        written.map_err(|error| match error {
            MigrateError::Store(error) => moved(error),
            other => other,
        })
    }

    /// Writes rows that come after the last ones, with the position; none: the table has ended.
    pub(super) fn append(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), MigrateError> {
        let mut after = self.position(table);
        match rows.last() {
            Some(last) => {
                after.last = Some(table.key_of(last));
                after.rows += u64::try_from(rows.len()).unwrap_or(0);
            }
            None => after.ended = true,
        }
        self.write(|link| {
            note_position(link, table, &after)?;
            link.insert(table, rows, false)?;
            if table.name == USER.name {
                link.insert(&SEARCH, &copies_for_search(rows), false)?;
            }
            Ok(())
        })?;
        self.positions.insert(table.name, after);
        Ok(())
    }

    /// The statements that still have to be run, in order.
    pub(super) fn steps(&mut self) -> Result<Vec<Step>, MigrateError> {
        self.write(waiting)
    }

    /// Has what is made of the rows made anew, before rows change whose triggers are away.
    pub(super) fn renew(&mut self) -> Result<(), MigrateError> {
        let steps = steps::derived(self.link.is_sqlite(), &self.columns);
        self.write(|link| keep(link, &steps))
    }

    /// Runs one of them.
    pub(super) fn take(&mut self, step: &Step) -> Result<(), MigrateError> {
        self.write(|link| {
            link.execute(&step.sql)?;
            link.execute(&format!("DELETE FROM {STATE} WHERE name = {}", literal(&step.name)))
        })
    }

    /// Changes rows, or adds them, and removes those with these keys.
    pub(super) fn settle(
        &mut self,
        table: &'static Table,
        rows: &[Row],
        gone: &[Vec<String>],
    ) -> Result<(), MigrateError> {
        self.write(|link| {
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
            Ok(())
        })
    }
}

/// A key that is taken means that rows changed places since they were copied.
fn moved(error: StoreError) -> MigrateError {
    match error {
        StoreError::AlreadyExists { what } => MigrateError::Moved { what },
        other => other.into(),
    }
}

/// Notes what begins, and takes away what would slow it down; gives whether the audit log is carried.
fn begin(link: &mut Link, columns: &Columns, source: &str) -> Result<bool, MigrateError> {
    let with_log = has_no_log(link, columns)?;
    link.execute(&format!("CREATE TABLE {STATE} (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)"))?;
    note(link, SOURCE, source)?;
    note(link, LOG, if with_log { "1" } else { "0" })?;
    if !with_log {
        let cast = if link.is_sqlite() { "" } else { "::text" };
        let end = link.number(&format!("SELECT coalesce(max(position), 0){cast} FROM rosterd_seal"))?;
        note(link, LOG_END, &end.to_string())?;
    }
    set_aside(link, columns)?;
    Ok(with_log)
}

/// Removes what was copied and all that was noted of it, and brings back what is away: what is left is the empty database of
/// whichever version began.
fn undo(options: &StoreOptions) -> Result<(), MigrateError> {
    let mut link = Link::writing(options)?;
    link.transaction(|link| {
        let url: &DatabaseUrl = &options.url;
        keep_servers_waiting(link)?;
        let schema = link.schema(url).map_err(OpenError::Inspect)?;
        ensure_unused(link, &schema.tables, url)?;
        if schema.migrating.is_none() {
            // Somebody else was faster, and what is there now is looked at again.
            return Ok(());
        }
        // Whoever still carries has ended its transaction, and gets no other one.
        take_over(link)?;
        let with_log = state(link, LOG)?.as_deref() == Some("1");
        // Also what was brought back already.
        set_aside(link, &schema.tables)?;
        let is_carried = |table: &&Table| {
            schema.tables.contains_key(table.name) && (table.whence != Whence::WithLog || with_log)
        };
        let tables: Vec<String> =
            ALL.iter().chain([&SEARCH]).filter(is_carried).map(|table| quoted(table.name)).collect();
        if link.is_sqlite() {
            for table in tables.iter().rev() {
                link.execute(&format!("DELETE FROM {table}"))?;
            }
        } else {
            link.execute(&format!("TRUNCATE {}", tables.join(", ")))?;
        }
        for step in waiting(link)? {
            link.execute(&step.sql)?;
        }
        link.execute(&format!("DROP TABLE {STATE}"))?;
        Ok(())
    })
}

fn set_aside(link: &mut Link, columns: &Columns) -> StoreResult<()> {
    let mut steps = steps::take_away(link)?;
    steps.extend(steps::derived(link.is_sqlite(), columns));
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

    #[cfg(feature = "sqlite")]
    #[test]
    fn whoever_begins_last_goes_on_and_nobody_else_writes() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::sqlite_file(&folder.path().join("new.db").to_string_lossy());
        let options = StoreOptions::new(url);
        let open = |restart| Target::open(&options, "sqlite:///webui.db", restart).unwrap();
        let step = Step { name: "step none".to_owned(), sql: "SELECT 1".to_owned() };
        let refused_everything = |target: &mut Target| {
            let gone = [vec!["u-1".to_owned()]];
            [
                target.append(&USER, &[]),
                target.settle(&USER, &[], &gone),
                target.renew(),
                target.take(&step),
                target.steps().map(|_| ()),
            ]
            .iter()
            .all(|done| matches!(done, Err(MigrateError::Concurrent)))
        };
        let (mut first, mut second) = (open(false), open(false));
        assert_ne!(first.run, second.run);
        assert!(refused_everything(&mut first), "another one goes on");
        second.append(&USER, &[]).unwrap();
        let mut third = open(true);
        assert!(refused_everything(&mut second), "another one has begun anew");
        assert!(!third.position(&USER).ended);
        third.append(&USER, &[]).unwrap();
        third.link.execute(&format!("DROP TABLE {STATE}")).unwrap();
        assert!(refused_everything(&mut third), "it was ended");
    }
}
