//! How far a migration is, as rows of a table of the target.

use serde_json::{Value, json};

use super::error::MigrateError;
use super::link::{Link, literal};
use super::steps::Step;
use super::tables::Table;
use super::values::Row;
use crate::{StoreError, StoreResult};

/// The table of an unfinished migration.
pub(crate) const STATE: &str = "rosterd_migrating";

/// The row that names the source.
pub(super) const SOURCE: &str = "source";

/// The row with the name of the run that goes on with it: whoever began last.
const RUN: &str = "run";

/// The row that says whether the audit log is carried.
pub(super) const LOG: &str = "log";

/// The row with the position to which the target's own audit log had come, where it has one.
pub(super) const LOG_END: &str = "log end";

/// What the names of rows begin with that are about a table, or a statement that waits.
pub(super) const OF_TABLE: &str = "table ";
pub(super) const OF_STEP: &str = "step ";

/// How far a table is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// The key of the last row that was copied.
    pub(super) last: Option<Vec<String>>,
    /// Rows that were copied.
    pub(super) rows: u64,
    /// All of them were.
    pub(super) ended: bool,
}

/// Notes statements that have to be run, but for those that are noted already.
pub(super) fn keep(link: &mut Link, steps: &[Step]) -> StoreResult<()> {
    for step in steps {
        let name = format!("{OF_STEP}{}", step.name);
        link.execute(&format!(
            "INSERT INTO {STATE} (name, value) VALUES ({}, {}) ON CONFLICT (name) DO NOTHING",
            literal(&name),
            literal(&step.sql)
        ))?;
    }
    Ok(())
}

/// Notes a value under a name.
pub(super) fn note(link: &mut Link, name: &str, value: &str) -> StoreResult<()> {
    link.execute(&format!("INSERT INTO {STATE} (name, value) VALUES ({}, {})", literal(name), literal(value)))
}

/// What is noted under a name.
pub(super) fn state(link: &mut Link, name: &str) -> StoreResult<Option<String>> {
    let found = link.texts(&format!("SELECT value FROM {STATE} WHERE name = {}", literal(name)))?;
    Ok(found.into_iter().next())
}

/// Makes this process the one that goes on, and gives the name of its run. Whoever did so before is refused from now on.
pub(super) fn take_over(link: &mut Link) -> StoreResult<String> {
    let random = if link.is_sqlite() { "lower(hex(randomblob(16)))" } else { "gen_random_uuid()::text" };
    let run = link.texts(&format!(
        "INSERT INTO {STATE} (name, value) VALUES ('{RUN}', {random}) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value RETURNING value"
    ))?;
    run.into_iter().next().ok_or_else(|| StoreError::unavailable("the database did not note the run"))
}

/// Refuses where another run has taken over or ended the migration. Nobody does so until the transaction ends.
pub(super) fn ensure_own(link: &mut Link, run: &str) -> Result<(), MigrateError> {
    // A transaction that writes is alone on SQLite. On PostgreSQL whoever has locked the row is about to take over, and may be
    // waiting for locks of ours.
    let lock = if link.is_sqlite() { "" } else { " FOR UPDATE SKIP LOCKED" };
    match link.texts(&format!("SELECT value FROM {STATE} WHERE name = '{RUN}'{lock}")) {
        Ok(found) if found == [run] => Ok(()),
        // The table goes with the end of the migration. Nothing else can be wrong with this statement itself.
        Ok(_) | Err(StoreError::Database(_)) => Err(MigrateError::Concurrent),
        Err(error) => Err(error.into()),
    }
}

/// The statements that still have to be run, in order.
pub(super) fn steps(link: &mut Link) -> StoreResult<Vec<Step>> {
    let sql = format!(
        "SELECT name, value FROM {STATE} WHERE name LIKE '{OF_STEP}%' ORDER BY name{}",
        if link.is_sqlite() { "" } else { " COLLATE \"C\"" }
    );
    let step = |row: Row| {
        let mut cells = row.into_iter().flatten();
        Some(Step { name: cells.next()?, sql: cells.next()? })
    };
    Ok(link.rows(&sql, &[])?.into_iter().filter_map(step).collect())
}

/// Writes how far a table is.
pub(super) fn note_position(link: &mut Link, table: &Table, position: &Position) -> StoreResult<()> {
    link.execute(&format!(
        "INSERT INTO {STATE} (name, value) VALUES ({}, {}) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        literal(&format!("{OF_TABLE}{}", table.name)),
        literal(&position_text(position))
    ))
}

/// Whether these rows of the table are those of a migration that has only to be ended: all tables are copied, and no statement
/// waits.
pub(crate) fn is_done<'a>(noted: impl Iterator<Item = (&'a str, &'a str)>) -> bool {
    let mut tables = 0;
    for (name, value) in noted {
        if name.starts_with(OF_STEP) || name.starts_with(OF_TABLE) && !position_in(value).ended {
            return false;
        }
        tables += usize::from(name.starts_with(OF_TABLE));
    }
    tables > 0
}

fn position_text(position: &Position) -> String {
    let Position { last, rows, ended } = position;
    json!({ "last": last, "rows": rows, "ended": ended }).to_string()
}

/// The position that is noted.
pub(super) fn position_in(text: &str) -> Position {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let last = value["last"]
        .as_array()
        .map(|keys| keys.iter().map(|key| key.as_str().unwrap_or_default().to_owned()).collect());
    Position {
        last,
        rows: value["rows"].as_u64().unwrap_or_default(),
        ended: value["ended"].as_bool().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_comes_back_as_it_was_noted() {
        for position in [
            Position::default(),
            Position { last: Some(vec!["a'\"b".to_owned(), "ß".to_owned()]), rows: 7, ended: true },
        ] {
            assert_eq!(position_in(&position_text(&position)), position);
        }
        assert_eq!(position_in("no json"), Position::default());
    }

    #[test]
    fn it_is_done_when_all_tables_ended_and_nothing_waits() {
        let ended = position_text(&Position { ended: true, ..Position::default() });
        let begun = position_text(&Position::default());
        let of = |rows: &[(&str, &str)]| is_done(rows.iter().copied());
        assert!(of(&[(SOURCE, "x"), ("table user", &ended), ("table auth", &ended)]));
        assert!(!of(&[("table user", &ended), ("table auth", &begun)]));
        assert!(!of(&[("table user", &ended), ("step 2 index", "CREATE INDEX")]));
        assert!(!of(&[(SOURCE, "x")]), "nothing was copied");
    }
}
