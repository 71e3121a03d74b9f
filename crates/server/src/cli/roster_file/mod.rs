//! Files of `rosterd apply` and `rosterd dump`: TOML, YAML or JSON. Each format becomes the same [`Node`], which knows lines, and is
//! written from the same [`Roster`]. To add one: a kind here, a reader and a writer beside this file.

mod json;
mod toml;
mod write_toml;
mod write_yaml;
mod yaml;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use clap::ValueEnum;
use rosterd_domain::roster::{Node, Problem, Roster};

use super::CliError;

/// How a roster is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// TOML
    Toml,
    /// YAML
    Yaml,
    /// JSON
    Json,
}

/// The name that means standard input.
pub(super) const STDIN: &str = "-";

/// Bytes that a file may have: of a hundred thousand members each in several groups.
const MAX_BYTES: u64 = 64 << 20;

/// How deep tables and lists may be nested in TOML and YAML; JSON ends at 128.
const MAX_DEPTH: usize = 100;

/// The first lines of a file that is made, where the format has comments.
const HEADING: &str =
    "# What `rosterd dump` found. Change it, and see what `rosterd apply` would do with it.";

impl Format {
    /// The format of a file, by the end of its name.
    fn of(path: &str) -> Result<Self, CliError> {
        let suffix = Path::new(path).extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
        match suffix.to_ascii_lowercase().as_str() {
            "toml" => Ok(Self::Toml),
            "yaml" | "yml" => Ok(Self::Yaml),
            "json" => Ok(Self::Json),
            _ if path == STDIN => Err(CliError::Usage(
                "say with --format what is on standard input: toml, yaml or json".to_owned(),
            )),
            _ => Err(CliError::Usage(format!(
                "{path} does not end in .toml, .yaml, .yml or .json; say with --format what it is"
            ))),
        }
    }

    /// Takes a text apart.
    ///
    /// # Errors
    /// Everything that keeps it from being of this format, with lines.
    fn parse(self, text: &str) -> Result<Node, Vec<Problem>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match self {
            Self::Toml => toml::parse(text),
            Self::Yaml => yaml::parse(text),
            Self::Json => json::parse(text),
        }
    }

    /// A document as text, with a line break at its end.
    pub(super) fn write(self, roster: &Roster) -> Result<String, CliError> {
        let value = serde_json::to_value(roster).map_err(CliError::Json)?;
        Ok(match self {
            Self::Toml => write_toml::text(&value),
            Self::Yaml => write_yaml::text(&value),
            Self::Json => format!("{value:#}\n"),
        })
    }
}

/// The document in a file, or on standard input, and what is wrong with its form.
///
/// # Errors
/// A file that cannot be read, or is not of its format.
pub(super) fn read(path: &str, format: Option<Format>) -> Result<(Roster, Vec<Problem>), CliError> {
    let format = format.map_or_else(|| Format::of(path), Ok)?;
    let bytes =
        bytes_of(path).map_err(|error| CliError::Failure(format!("{path} cannot be read: {error}")))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(CliError::Failure(format!("{path} has more than {} MiB", MAX_BYTES >> 20)));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        let line = 1 + before.filter(|byte| **byte == b'\n').count() as u64;
        wrong(path, vec![Problem::new(Some(line), "", "this is no UTF-8; save the file as UTF-8")])
    })?;
    let node = format.parse(&text).map_err(|problems| wrong(path, problems))?;
    Ok(Roster::read(&node))
}

fn bytes_of(path: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One more byte shows that there are too many.
    if path == STDIN {
        io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The error that tells everything that is wrong with a file.
pub(super) fn wrong(path: &str, problems: Vec<Problem>) -> CliError {
    CliError::Roster { file: if path == STDIN { "standard input" } else { path }.to_owned(), problems }
}
