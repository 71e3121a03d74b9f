//! What the source's database says of a row beside its values. It is asked for with the row, so that no statement reads a whole
//! table: without WAL a reader keeps writers waiting.

use super::findings::Code;
use super::link::quoted;
use super::pages::Columns;
use super::tables::{AUTH, Table, USER};
use super::values::Row;

/// What may be wrong with a row, each with the condition on `t` under which it is not, in the order in which they are asked.
pub(super) fn of(table: &Table, columns: &Columns, is_sqlite: bool) -> Vec<(Code, String)> {
    let mut facts = vec![(Code::UnreadableId, readable(table, is_sqlite)), (Code::Orphan, owned(table))];
    if table.name == USER.name {
        facts.push((Code::NoAuth, "EXISTS (SELECT 1 FROM auth a WHERE a.id = t.id)".to_owned()));
    }
    if table.name == AUTH.name && columns.get(table.name).is_some_and(|columns| columns.contains_key("mfa")) {
        let text = if is_sqlite { "t.mfa" } else { "t.mfa::text" };
        facts.push((Code::SecondFactor, format!("t.mfa IS NULL OR {text} IN ('null', '{{}}', '')")));
    }
    facts
}

/// Two rows whose ids are bytes may read alike, and SQLite puts bytes after all texts.
fn readable(table: &Table, is_sqlite: bool) -> String {
    if !is_sqlite {
        return "true".to_owned();
    }
    let is_text = |column: &&str| format!("typeof(t.{}) IN ('text', 'null')", quoted(column));
    table.key.iter().map(is_text).collect::<Vec<_>>().join(" AND ")
}

/// The owners of a row are there.
fn owned(table: &Table) -> String {
    let is_there = |(column, owner): &(&str, &str)| {
        format!("EXISTS (SELECT 1 FROM {} o WHERE o.\"id\" = t.{})", quoted(owner), quoted(column))
    };
    let conditions: Vec<String> = table.owners.iter().map(is_there).collect();
    if conditions.is_empty() { "1 = 1".to_owned() } else { conditions.join(" AND ") }
}

/// What was said of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// What is wrong with it.
    pub(super) wrong: Vec<Code>,
    /// The places of columns that hold bytes which are no UTF-8, and were altered as they were read.
    pub(super) altered: Vec<usize>,
}

impl Facts {
    /// Those in the cells behind the columns.
    pub(super) fn behind(cells: &[Option<String>], codes: &[Code], altered: Vec<usize>) -> Self {
        let does_not_hold = |cell: &Option<String>| matches!(cell.as_deref(), Some("0" | "false"));
        let wrong = codes.iter().zip(cells).filter(|(_, cell)| does_not_hold(cell)).map(|(code, _)| *code);
        Self { wrong: wrong.collect(), altered }
    }
}

/// A row of the source, and what was said of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Read {
    pub(super) row: Row,
    pub(super) facts: Facts,
}

impl From<Row> for Read {
    fn from(row: Row) -> Self {
        Self { row, facts: Facts::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tables;
    use super::*;

    fn condition(table: &Table, code: Code) -> Option<String> {
        let columns = Columns::from([("auth".to_owned(), [("mfa".to_owned(), String::new())].into())]);
        of(table, &columns, true)
            .into_iter()
            .find(|(asked, _)| *asked == code)
            .map(|(_, condition)| condition)
    }

    #[test]
    fn rows_without_an_owner_are_told_apart() {
        assert_eq!(condition(&tables::USER, Code::Orphan).unwrap(), "1 = 1");
        assert_eq!(
            condition(&tables::AUTH, Code::Orphan).unwrap(),
            "EXISTS (SELECT 1 FROM \"user\" o WHERE o.\"id\" = t.\"id\")"
        );
    }

    #[test]
    fn every_column_of_every_key_is_asked_for_its_type() {
        for table in &tables::ALL {
            let asked = condition(table, Code::UnreadableId).unwrap();
            assert_eq!(asked.matches("typeof").count(), table.key.len(), "{}", table.name);
        }
    }

    #[test]
    fn what_does_not_hold_is_wrong() {
        let codes = [Code::UnreadableId, Code::Orphan, Code::NoAuth];
        let cells = ["1", "0", "false"].map(|cell| Some(cell.to_owned()));
        assert_eq!(Facts::behind(&cells, &codes, Vec::new()).wrong, [Code::Orphan, Code::NoAuth]);
    }
}
