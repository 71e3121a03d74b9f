//! What a command prints: sentences for people, or JSON for programs (`--json`).

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
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

/// How a list is printed where that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// A table for people
    Table,
    /// Lines with commas between their values, for spreadsheets
    Csv,
    /// One JSON array, as with --json
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

    /// The format of a list: what was asked for, in one of two ways.
    ///
    /// # Errors
    /// [`CliError::Usage`] where they differ.
    pub(super) fn list_format(self, asked: Option<ListFormat>) -> Result<Option<ListFormat>, CliError> {
        match (asked, self.form) {
            (None | Some(ListFormat::Json), Form::Json) => Ok(Some(ListFormat::Json)),
            (Some(_), Form::Json) => {
                Err(CliError::Usage("--json does not go with another --format".to_owned()))
            }
            (asked, Form::Text) => Ok(asked),
        }
    }

    /// Prints the rows of a list as they come: lines of columns separated by tabs, or a JSON array with a line for each. A
    /// person at a terminal gets tables with this header.
    pub(super) fn rows(self, header: &'static [&'static str]) -> Rows {
        let look = match self.form {
            Form::Json => Look::Json,
            Form::Text if io::stdout().is_terminal() => Look::Table(Table::new(header)),
            Form::Text => Look::Lines,
        };
        Rows { look, count: 0 }
    }

    /// The same of a list in this format, if one was asked for. `columns` are the headers of values, and the keys of the JSON.
    pub(super) fn rows_in(
        self,
        format: Option<ListFormat>,
        header: &'static [&'static str],
        columns: &'static [&'static str],
    ) -> Result<Rows, CliError> {
        let look = match format {
            None => return Ok(self.rows(header)),
            Some(ListFormat::Table) => Look::Table(Table::new(header)),
            Some(ListFormat::Json) => Look::Json,
            Some(ListFormat::Csv) => {
                write(&csv_row(columns.iter().map(|name| (*name).to_owned())))?;
                Look::Csv(columns)
            }
        };
        Ok(Rows { look, count: 0 })
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
    look: Look,
    count: u64,
}

/// What it looks like.
#[derive(Debug)]
enum Look {
    /// Lines of columns separated by tabs.
    Lines,
    /// Tables for people.
    Table(Table),
    /// Values separated by commas: those of the JSON at these keys.
    Csv(&'static [&'static str]),
    /// A JSON array with a line for each row.
    Json,
}

impl Rows {
    /// Prints one row. No cell holds a tab or a line break, see [`plain`].
    pub(super) fn row(&mut self, json: &Value, cells: impl FnOnce() -> Vec<String>) -> Result<(), CliError> {
        self.count += 1;
        match &mut self.look {
            Look::Table(table) => table.add(cells()).map_or(Ok(()), |full| print(&full)),
            Look::Lines => print(&cells().join("\t")),
            Look::Csv(columns) => write(&csv_row(columns.iter().map(|name| cell(&json[*name])))),
            Look::Json if self.count == 1 => write(&format!("[\n{json}")),
            Look::Json => write(&format!(",\n{json}")),
        }
    }

    /// How many rows there were so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Ends the list.
    pub(super) fn finish(self) -> Result<(), CliError> {
        match self.look {
            Look::Table(table) => table.rest().map_or(Ok(()), |rest| print(&rest)),
            Look::Lines | Look::Csv(_) => Ok(()),
            Look::Json if self.count == 0 => print("[]"),
            Look::Json => print("\n]"),
        }
    }
}

/// A line of a table of values, by RFC 4180. No spreadsheet runs a cell of it.
fn csv_row(cells: impl Iterator<Item = String>) -> String {
    let quoted = |cell: String| {
        let cell = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell };
        if cell.contains(['"', ',', '\r', '\n']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell
        }
    };
    let cells: Vec<String> = cells.map(quoted).collect();
    format!("{}\r\n", cells.join(","))
}

/// A value as a cell: a text as it is, nothing for null, everything else as JSON.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
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
