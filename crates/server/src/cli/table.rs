//! Lists for people at a terminal: columns that are aligned, under a header.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, presets};

/// So many rows make a table. Columns can only be aligned once all rows are known, and a list may be longer than what should be
/// kept in memory.
const ROWS: usize = 1000;

/// Spaces between two columns.
const GAP: u16 = 2;

/// The rows that were not shown yet.
#[derive(Debug)]
pub(super) struct Table {
    header: &'static [&'static str],
    rows: Vec<Vec<String>>,
    /// Columns of the terminal, if it says how many it has.
    width: Option<u16>,
}

impl Table {
    /// An empty table for the terminal at standard output.
    pub(super) fn new(header: &'static [&'static str]) -> Self {
        Self { header, rows: Vec::new(), width: terminal_width() }
    }

    /// Adds a row. Gives the table if it is full; the next row begins another one.
    pub(super) fn add(&mut self, cells: Vec<String>) -> Option<String> {
        self.rows.push(cells);
        (self.rows.len() >= ROWS).then(|| self.take())
    }

    /// What was not shown yet; `None` if there is nothing.
    pub(super) fn rest(mut self) -> Option<String> {
        (!self.rows.is_empty()).then(|| self.take())
    }

    fn take(&mut self) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_header(self.header).add_rows(std::mem::take(&mut self.rows));
        if let Some(width) = self.width {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, GAP)).set_cell_alignment(CellAlignment::Left);
        }
        // An id in two lines could not be copied.
        if let Some(ids) = table.column_mut(0) {
            ids.set_constraint(ColumnConstraint::ContentWidth);
        }
        table.trim_fmt()
    }
}

/// The columns of the terminal at standard output; `None` if it does not say.
#[cfg(unix)]
fn terminal_width() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then_some(size.ws_col)
}

#[cfg(not(unix))]
fn terminal_width() -> Option<u16> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "f794e3dc-510c-4caa-8fdd-168674f3a490";

    fn table(width: Option<u16>) -> Table {
        Table { header: &["ID", "NAME"], rows: Vec::new(), width }
    }

    fn row(name: &str) -> Vec<String> {
        vec![ID.to_owned(), name.to_owned()]
    }

    #[test]
    fn columns_stand_under_their_header() {
        let mut table = table(None);
        assert_eq!(table.add(row("Ada")), None);
        assert_eq!(table.add(vec!["x".to_owned(), "Jürgen 🚀".to_owned()]), None);
        let gap = " ".repeat(ID.len());
        let wanted = format!("ID{}  NAME\n{ID}  Ada\nx{}  Jürgen 🚀", &gap[2..], &gap[1..]);
        assert_eq!(table.rest(), Some(wanted));
    }

    #[test]
    fn a_narrow_terminal_breaks_names_and_never_ids() {
        let mut table = table(Some(50));
        table.add(row("a name that is too long for the terminal"));
        let text = table.rest().unwrap();
        assert!(text.lines().all(|line| line.chars().count() <= 50), "{text}");
        assert!(text.contains(ID) && text.lines().count() > 2, "{text}");
    }

    #[test]
    fn a_long_list_is_shown_in_parts_and_nothing_is_no_table() {
        assert_eq!(table(None).rest(), None);
        let mut table = table(None);
        for _ in 1..ROWS {
            assert_eq!(table.add(row("Ada")), None);
        }
        assert_eq!(table.add(row("Ada")).map(|text| text.lines().count()), Some(ROWS + 1));
        assert_eq!(table.rest(), None);
    }
}
