//! What a command prints: sentences for people, or JSON for programs (`--json`).

use std::io::{self, IsTerminal, Write};

use rosterd_domain::clock::UnixSeconds;
use serde_json::Value;

use super::CliError;
use super::table::Table;

/// How a command prints its result, and whether it says anything beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Output {
    /// How results are printed.
    pub(super) form: Form,
    /// No notes, no warnings and no progress: errors alone are told beside the result.
    pub(super) quiet: bool,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

impl Output {
    /// Prints a result as JSON, or as what `text` makes of it.
    pub(super) fn print(self, json: &Value, text: impl FnOnce() -> String) -> Result<(), CliError> {
        match self.form {
            Form::Json => print(&json.to_string()),
            Form::Text => print(&text()),
        }
    }

    /// Prints the rows of a list as they come: lines of columns separated by tabs, or a JSON array with a line for each. A
    /// person at a terminal gets tables with this header.
    pub(super) fn rows(self, header: &'static [&'static str]) -> Rows {
        let table = (self.form == Form::Text && io::stdout().is_terminal()).then(|| Table::new(header));
        Rows { form: self.form, table, count: 0 }
    }

    /// A note beside the result, on standard error.
    pub(super) fn note(self, text: &str) {
        if !self.quiet {
            // A note that cannot be written is no reason to fail.
            let _ = writeln!(io::stderr(), "rosterd: {text}");
        }
    }

    /// Something that is odd but no error, on standard error.
    pub(super) fn warn(self, text: &str) {
        self.note(&format!("warning: {text}"));
    }
}

/// A list that is being printed.
#[derive(Debug)]
#[must_use = "the end of a JSON array is written by `finish`"]
pub(super) struct Rows {
    form: Form,
    table: Option<Table>,
    count: u64,
}

impl Rows {
    /// Prints one row. No cell holds a tab or a line break, see [`plain`].
    pub(super) fn row(&mut self, json: &Value, cells: impl FnOnce() -> Vec<String>) -> Result<(), CliError> {
        self.count += 1;
        match (self.form, &mut self.table) {
            (Form::Text, Some(table)) => table.add(cells()).map_or(Ok(()), |full| print(&full)),
            (Form::Text, None) => print(&cells().join("\t")),
            (Form::Json, _) if self.count == 1 => write(&format!("[\n{json}")),
            (Form::Json, _) => write(&format!(",\n{json}")),
        }
    }

    /// How many rows there were so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Ends the list.
    pub(super) fn finish(self) -> Result<(), CliError> {
        match (self.form, self.table) {
            (Form::Text, table) => table.and_then(Table::rest).map_or(Ok(()), |rest| print(&rest)),
            (Form::Json, _) if self.count == 0 => print("[]"),
            (Form::Json, _) => print("\n]"),
        }
    }
}

/// Writes a line to standard output.
pub(super) fn print(text: &str) -> Result<(), CliError> {
    write(&format!("{text}\n"))
}

/// Text out of the database, without what would move the cursor or begin another line of a list.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// A time for people, in UTC; as the number it is where the calendar has no such day.
pub(super) fn moment(seconds: UnixSeconds) -> String {
    chrono::DateTime::from_timestamp(seconds, 0)
        .map_or_else(|| seconds.to_string(), |time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}

fn write(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).map_err(CliError::Output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_forge_a_line_of_a_list() {
        assert_eq!(plain("Eve\nadmin\u{1b}[2J\tx"), "Eve\u{FFFD}admin\u{FFFD}[2J\u{FFFD}x");
        assert_eq!(plain("Jürgen 🚀"), "Jürgen 🚀");
    }
}
