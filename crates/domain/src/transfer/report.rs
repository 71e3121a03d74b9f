//! What an import did, or would do.

use serde::{Deserialize, Serialize};

use super::kind::FileKind;
use super::record::Refusal;

/// The most refused rows that a report has. Their number is told all the same.
pub const MAX_REFUSALS: usize = 100;

/// The most names of groups and columns that a report has.
const MAX_NAMES: usize = 100;

/// How an import ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// Nothing was to be written.
    #[default]
    Preview,
    /// Rows are refused, so nothing was written.
    Refused,
    /// All rows were written, but for those that are refused and were to be left out.
    Applied,
    /// The database changed while the file was written, so that a row is refused that was fine before. What was written before it
    /// stays. The same import again goes on.
    Stopped,
}

/// A row that is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedRow {
    /// The line in which the row begins, from 1; in a file that is one document, the number of the account.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportReport {
    /// How it ended.
    pub outcome: ImportOutcome,
    /// The form that the file was read in: the one that was named, or the one that was recognised.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "csv"))]
    pub format: FileKind,
    /// How many rows were read.
    pub rows: u64,
    /// How many accounts are made.
    pub new: u64,
    /// How many accounts are changed.
    pub changed: u64,
    /// How many accounts are as the file says already.
    pub unchanged: u64,
    /// How many rows are refused.
    pub refused: u64,
    /// The first 100 of them.
    pub refusals: Vec<RefusedRow>,
    /// The names of the groups that are made, the first 100 of them.
    pub new_groups: Vec<String>,
    /// The columns of the file that are not read.
    pub ignored_columns: Vec<String>,
}

impl ImportReport {
    /// Notes a row that is refused.
    pub fn refuse(&mut self, refusal: &Refusal) {
        self.refused += 1;
        if self.refusals.len() < MAX_REFUSALS {
            self.refusals.push(RefusedRow { line: refusal.line, reason: refusal.reason.clone() });
        }
    }

    /// Notes a group that is made.
    pub fn note_new_group(&mut self, name: &str) {
        if self.new_groups.len() < MAX_NAMES && self.new_groups.iter().all(|known| known != name) {
            self.new_groups.push(name.to_owned());
        }
    }

    /// Notes the columns that are not read.
    pub fn note_ignored(&mut self, columns: &[String]) {
        self.ignored_columns = columns.iter().take(MAX_NAMES).cloned().collect();
    }
}

/// What an import is busy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportStage {
    /// The whole file is checked.
    Checking,
    /// Its rows are written.
    Writing,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportProgress {
    /// What it is busy with.
    pub stage: ImportStage,
    /// How many rows that is through with.
    pub rows: u64,
    /// How many rows there are; null until the file is checked.
    pub of: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_no_more_rows_than_anybody_reads() {
        let mut report = ImportReport::default();
        for line in 0..250 {
            report.refuse(&Refusal::new(line, "why"));
            report.note_new_group(&format!("group {}", line % 3));
        }
        assert_eq!((report.refused, report.refusals.len(), report.new_groups.len()), (250, MAX_REFUSALS, 3));
    }
}
