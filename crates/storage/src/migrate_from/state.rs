//! How far a migration is, as rows of a table of the target.

use serde_json::{Value, json};

use super::error::MigrateError;
use super::link::{Link, literal};
use super::steps::Step;
use super::tables::Table;
use crate::StoreResult;

/// The table of an unfinished migration.
pub(crate) const STATE: &str = "rosterd_migrating";

/// The row that names the source.
pub(super) const SOURCE: &str = "source";

/// The row that says whether the audit log is carried.
pub(super) const LOG: &str = "log";

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

/// Writes the position, if it is still the one that this process knows.
pub(super) fn move_on(
    link: &mut Link,
    table: &Table,
    before: Option<&Position>,
    after: &Position,
) -> Result<(), MigrateError> {
    let name = literal(&format!("{OF_TABLE}{}", table.name));
    let value = literal(&position_text(after));
    let sql = match before {
        None => format!(
            "INSERT INTO {STATE} (name, value) VALUES ({name}, {value}) ON CONFLICT (name) DO NOTHING RETURNING name"
        ),
        Some(before) => format!(
            "UPDATE {STATE} SET value = {value} WHERE name = {name} AND value = {} RETURNING name",
            literal(&position_text(before))
        ),
    };
    if link.texts(&sql)?.is_empty() { Err(MigrateError::Concurrent) } else { Ok(()) }
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
}
