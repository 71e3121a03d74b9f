//! What a command prints: sentences for people, or JSON for programs (`--json`).

use std::io::{self, Write};

use serde_json::Value;

use super::CliError;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

impl Output {
    /// Prints a result as JSON, or as what `text` makes of it.
    pub(super) fn print(self, json: &Value, text: impl FnOnce() -> String) -> Result<(), CliError> {
        match self {
            Self::Json => print(&json.to_string()),
            Self::Text => print(&text()),
        }
    }

    /// Prints the rows of a list as they come: lines, or a JSON array with a line for each.
    pub(super) fn rows(self) -> Rows {
        Rows { output: self, count: 0 }
    }
}

/// A list that is being printed.
#[derive(Debug)]
#[must_use = "the end of a JSON array is written by `finish`"]
pub(super) struct Rows {
    output: Output,
    count: u64,
}

impl Rows {
    /// Prints one row.
    pub(super) fn row(&mut self, json: &Value, text: impl FnOnce() -> String) -> Result<(), CliError> {
        self.count += 1;
        match self.output {
            Output::Text => print(&text()),
            Output::Json if self.count == 1 => write(&format!("[\n{json}")),
            Output::Json => write(&format!(",\n{json}")),
        }
    }

    /// Ends the list.
    pub(super) fn finish(self) -> Result<(), CliError> {
        match self.output {
            Output::Text => Ok(()),
            Output::Json if self.count == 0 => print("[]"),
            Output::Json => print("\n]"),
        }
    }
}

/// Writes a line to standard output.
pub(super) fn print(text: &str) -> Result<(), CliError> {
    write(&format!("{text}\n"))
}

/// A note beside the result, on standard error.
pub(super) fn note(text: &str) {
    // A note that cannot be written is no reason to fail.
    let _ = writeln!(io::stderr(), "rosterd: {text}");
}

/// Something that is odd but no error, on standard error.
pub(super) fn warn(text: &str) {
    note(&format!("warning: {text}"));
}

/// Text out of the database, without what would move the cursor or begin another line of a list.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
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
