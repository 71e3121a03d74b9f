//! Accounts in files: what is read by an import and written by an export (docs/IMPORT.md).
//!
//! A file is a sequence of [`AccountRecord`]s, whatever its form. A form is read row by row and never held as a whole; what
//! cannot be read is a [`Refusal`] with its line. To add a form: a file here that gives [`Records`], its kind in
//! [`FileKind`], and its line in [`read`].
//!
//! What becomes of a record is decided by the [rules of imports](crate::rules::import).

mod cell;
mod column;
pub mod foreign;
mod kind;
mod ndjson;
mod record;
mod report;
mod sheet;
mod text;
mod write;

use std::fmt;
use std::io::Read;

pub use self::column::Column;
pub use self::kind::{FileKind, UnknownKind};
pub use self::record::{AccountRecord, FullColumns, Refusal};
pub use self::report::{ImportOutcome, ImportProgress, ImportReport, ImportStage, MAX_REFUSALS, RefusedRow};
pub use self::write::{Export, ExportKind, NoSuchColumn, Secrets, UnknownExportKind};

/// The most bytes of one row. A profile image and the documents of an account have room in it; a quotation mark that is
/// never closed does not make a file one row.
pub const MAX_ROW_BYTES: usize = 16 << 20;

/// The rows of a file, in its order. After a [`Refusal`] that [ends the file](Refusal::ends_file) nothing more comes.
pub struct Records {
    rows: Box<dyn Iterator<Item = Result<AccountRecord, Refusal>> + Send>,
    ignored: Vec<String>,
}

impl Records {
    /// Rows, and the names of the columns beside them that are not read.
    pub fn new(
        rows: impl Iterator<Item = Result<AccountRecord, Refusal>> + Send + 'static,
        ignored: Vec<String>,
    ) -> Self {
        Self { rows: Box::new(rows), ignored }
    }

    /// The headers of columns that are not read, as they are written. Empty where rows have no common headers.
    #[must_use]
    pub fn ignored_columns(&self) -> &[String] {
        &self.ignored
    }
}

impl Iterator for Records {
    type Item = Result<AccountRecord, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next()
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("ignored", &self.ignored).finish_non_exhaustive()
    }
}

/// Begins to read a file of this kind. Text is in UTF-8, with or without a byte-order mark, or in UTF-16 of either order.
///
/// # Errors
/// A [`Refusal`] of the file as a whole: it could not be read, or has no column `email`.
pub fn read(kind: FileKind, file: Box<dyn Read + Send>) -> Result<Records, Refusal> {
    match kind {
        FileKind::Csv => sheet::Sheet::open(file),
        FileKind::Ndjson => ndjson::Lines::open(file),
        FileKind::Foreign(system) => foreign::read(system, file, None),
    }
}
