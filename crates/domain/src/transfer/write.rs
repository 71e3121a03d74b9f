//! What an export writes.

use std::fmt;
use std::str::FromStr;

use super::column::Column;
use super::kind::FileKind;
use super::record::AccountRecord;

/// The form of a file that is exported: those that `rosterd import` reads as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExportKind {
    /// A table with a row of headers, by RFC 4180.
    #[default]
    Csv,
    /// An object of JSON in each line.
    Ndjson,
}

/// No form has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be csv or ndjson")]
pub struct UnknownExportKind;

impl ExportKind {
    /// The media type of an answer.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// The kind of file that it is read as.
    #[must_use]
    pub const fn file_kind(self) -> FileKind {
        match self {
            Self::Csv => FileKind::Csv,
            Self::Ndjson => FileKind::Ndjson,
        }
    }
}

impl fmt::Display for ExportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.file_kind().fmt(f)
    }
}

impl FromStr for ExportKind {
    type Err = UnknownExportKind;

    fn from_str(text: &str) -> Result<Self, UnknownExportKind> {
        match text {
            "csv" => Ok(Self::Csv),
            "ndjson" => Ok(Self::Ndjson),
            _ => Err(UnknownExportKind),
        }
    }
}

/// Whether what opens accounts is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// It is: for whoever has the database anyway.
    Written,
    /// It is not, whoever asks for it.
    Kept,
}

/// A column was asked for that is not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchColumn {
    /// There is none of this name.
    #[error("there is no column {0:?}; there are {names}", names = names_of(Secrets::Kept))]
    Unknown(String),
    /// It is written on the command line only.
    #[error("the column {0} is written by `rosterd export` on the server only")]
    Secret(Column),
    /// Nobody knows it.
    #[error(
        "passwords are not stored and cannot be exported; password_hash can, by `rosterd export` on the server"
    )]
    Password,
    /// It stands in the list twice.
    #[error("the column {0} is named twice")]
    Twice(Column),
}

/// The columns of a table where none are asked for: what a file of people usually has.
const USUAL: [Column; 4] = [Column::Name, Column::Email, Column::Role, Column::Groups];

/// A file that is being written: its form and its columns.
#[derive(Debug, Clone)]
pub struct Export {
    kind: ExportKind,
    columns: Vec<Column>,
}

impl Export {
    /// A file of this form with these columns: names, separated by commas. Without any, a table has name, e-mail address, role
    /// and groups, and an object all columns.
    ///
    /// # Errors
    /// [`NoSuchColumn`].
    pub fn new(kind: ExportKind, fields: Option<&str>, secrets: Secrets) -> Result<Self, NoSuchColumn> {
        let mut columns = Vec::new();
        for name in fields.into_iter().flat_map(|fields| fields.split(',')).map(str::trim) {
            let column = chosen(name, secrets)?;
            if columns.contains(&column) {
                return Err(NoSuchColumn::Twice(column));
            }
            columns.push(column);
        }
        if columns.is_empty() {
            columns = match kind {
                ExportKind::Csv => USUAL.to_vec(),
                ExportKind::Ndjson => written(secrets).collect(),
            };
        }
        Ok(Self { kind, columns })
    }

    /// Its form.
    #[must_use]
    pub fn kind(&self) -> ExportKind {
        self.kind
    }

    /// Whether it has this column.
    #[must_use]
    pub fn has(&self, column: Column) -> bool {
        self.columns.contains(&column)
    }

    /// Writes what stands before all rows.
    pub fn begin(&self, into: &mut Vec<u8>) {
        if self.kind == ExportKind::Csv {
            write_row(self.columns.iter().map(|column| column.as_str().to_owned()), into);
        }
    }

    /// Writes the row of an account.
    ///
    /// # Errors
    /// None that a record can cause.
    pub fn write(&self, record: &AccountRecord, into: &mut Vec<u8>) -> serde_json::Result<()> {
        match self.kind {
            ExportKind::Csv => {
                write_row(self.columns.iter().map(|column| column.cell(record)), into);
                Ok(())
            }
            ExportKind::Ndjson => write_object(&self.columns, record, into),
        }
    }
}

fn chosen(name: &str, secrets: Secrets) -> Result<Column, NoSuchColumn> {
    let found = Column::ALL.iter().copied().find(|column| column.as_str() == name);
    match found.ok_or_else(|| NoSuchColumn::Unknown(name.chars().take(100).collect()))? {
        Column::Password => Err(NoSuchColumn::Password),
        column if column.is_secret() && secrets == Secrets::Kept => Err(NoSuchColumn::Secret(column)),
        column => Ok(column),
    }
}

/// The columns that are written.
fn written(secrets: Secrets) -> impl Iterator<Item = Column> {
    Column::ALL.iter().copied().filter(move |column| {
        !column.is_secret() || secrets == Secrets::Written && *column != Column::Password
    })
}

fn names_of(secrets: Secrets) -> String {
    written(secrets).map(Column::as_str).collect::<Vec<_>>().join(", ")
}

fn write_row(cells: impl ExactSizeIterator<Item = String>, into: &mut Vec<u8>) {
    let is_only = cells.len() == 1;
    for (n, cell) in cells.enumerate() {
        if n > 0 {
            into.push(b',');
        }
        // The only cell of a row must not make it a blank line.
        if cell.contains(['"', ',', '\r', '\n']) || is_only && cell.is_empty() {
            into.push(b'"');
            into.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            into.push(b'"');
        } else {
            into.extend_from_slice(cell.as_bytes());
        }
    }
    into.extend_from_slice(b"\r\n");
}

/// What is null is left out.
fn write_object(columns: &[Column], record: &AccountRecord, into: &mut Vec<u8>) -> serde_json::Result<()> {
    let begins_at = into.len();
    into.push(b'{');
    for column in columns.iter().filter(|column| column.is_in(record)) {
        if into.len() > begins_at + 1 {
            into.push(b',');
        }
        serde_json::to_writer(&mut *into, column.as_str())?;
        into.push(b':');
        column.write_json(record, into)?;
    }
    // A document may be stored over several lines: between its parts, since in a text a line break is written as \n.
    for byte in into.iter_mut().skip(begins_at).filter(|byte| matches!(byte, b'\r' | b'\n')) {
        *byte = b' ';
    }
    into.extend_from_slice(b"}\n");
    Ok(())
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;
