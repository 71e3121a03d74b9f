//! A row of a table of another system, by the names of its columns.

use std::collections::HashMap;

use crate::transfer::column::plain;

/// The columns of a table, by their names in small letters without spaces and signs: `Primary email`, `primary_email` and
/// `primaryEmail` are one name.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns(HashMap<String, usize>);

impl Columns {
    pub(super) fn of(headers: &[String]) -> Self {
        let mut columns = HashMap::new();
        for (place, header) in headers.iter().enumerate() {
            // The first of several.
            columns.entry(plain(header)).or_insert(place);
        }
        Self(columns)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// A row.
pub(super) struct Cells<'a> {
    columns: &'a Columns,
    cells: Vec<String>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(columns: &'a Columns, cells: Vec<String>) -> Self {
        Self { columns, cells }
    }

    /// A cell that is not empty. NULL is empty in the tables of PostgreSQL, and `NULL` or `\N` in some others.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let cell = self.cells.get(*self.columns.0.get(name)?)?.trim();
        (!["", "NULL", r"\N"].contains(&cell)).then_some(cell)
    }

    /// A switch, as databases and languages write it.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.text(name)?.to_ascii_lowercase().as_str() {
            "t" | "true" | "1" | "yes" => Some(true),
            "f" | "false" | "0" | "no" => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_found_however_its_name_is_spelt() {
        let headers = ["Primary email", "is_active", "emailVerified", "note"].map(str::to_owned);
        let columns = Columns::of(&headers);
        let row = ["a@b.example ", "t", "0", "NULL"].map(str::to_owned).to_vec();
        let cells = Cells::new(&columns, row);
        assert_eq!(cells.text("primaryemail"), Some("a@b.example"));
        assert_eq!((cells.flag("isactive"), cells.flag("emailverified")), (Some(true), Some(false)));
        assert_eq!(
            (cells.text("note"), cells.text("nothing"), cells.flag("primaryemail")),
            (None, None, None)
        );
    }
}
