//! Accounts out of a file (rules T1 to T9, docs/IMPORT.md).
//!
//! A file is read twice. The first time every row is judged and nothing is written. The second time rows are written in chunks,
//! each a transaction with its events. What a chunk is judged by is read in its own transaction again, so a file that was
//! half written is simply imported again: what is done is unchanged.
//!
//! Memory holds one chunk, and about 50 bytes for each row, to find a row that is there twice. An atomic import is one chunk.

mod chunk;
mod file;
mod judge;
mod passwords;
mod write;

use std::sync::Arc;
use std::time::Duration;

use rosterd_domain::rules::import::{ImportOptions, MOST_ATOMIC_ROWS};
use rosterd_domain::transfer::{ImportOutcome, ImportProgress, ImportReport, ImportStage, Refusal};
use tokio::time::Instant;

use self::chunk::Reading;
pub use self::file::{ImportFile, Spool, SpoolWriter};
use self::judge::{Emptiness, Judged, ensure_first, judge};
use self::write::{Written, write};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppResult;

/// What an import is asked to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportOrder {
    /// What is allowed.
    pub options: ImportOptions,
    /// Whether rows are written, if the file is fine.
    pub apply: bool,
}

/// Whom an import tells how far it is, after each chunk.
pub type Tell = Arc<dyn Fn(ImportProgress) + Send + Sync>;

/// Imports a file: checks all of it, and writes it where that was asked for and no row is refused, or refused rows are to be
/// left out (rule T3).
///
/// # Errors
/// [`AppError::AccessProhibited`](crate::AppError::AccessProhibited) for others than admins and the operator; those of the store, after a few tries. What was
/// written before stays, and the same import again goes on.
pub async fn import(
    app: &App,
    caller: Caller,
    file: ImportFile,
    order: ImportOrder,
    tell: Tell,
) -> AppResult<ImportReport> {
    let file = Arc::new(file);
    let Checked { mut report, mut is_whole } = check(app, &caller, &file, order.options, &tell).await?;
    if order.options.atomic && report.rows > MOST_ATOMIC_ROWS as u64 {
        report.refuse(&Refusal::new(
            MOST_ATOMIC_ROWS as u64,
            format!(
                "the file has {} rows; at most {MOST_ATOMIC_ROWS} are written in one transaction",
                report.rows
            ),
        ));
        is_whole = false;
    }
    if !order.apply {
        return Ok(report);
    }
    // Rows can be left out, but nobody knows what the rest of a file has that cannot be read.
    if !is_whole || report.refused > 0 && !order.options.skip_bad {
        report.outcome = ImportOutcome::Refused;
        return Ok(report);
    }
    let written = write_all(app, &caller, &file, order.options, report.rows, &tell).await?;
    Ok(ImportReport { ignored_columns: report.ignored_columns, ..written })
}

/// What a file holds.
struct Checked {
    /// What would become of each row.
    report: ImportReport,
    /// Whether the file as such can be taken.
    is_whole: bool,
}

/// The first time: what would become of each row.
async fn check(
    app: &App,
    caller: &Caller,
    file: &Arc<ImportFile>,
    options: ImportOptions,
    tell: &Tell,
) -> AppResult<Checked> {
    let mut report = ImportReport { format: file.kind, ..ImportReport::default() };
    let mut is_whole = true;
    app.read(caller.clone(), |act| act.actor().ensure_admin()).await?;
    let mut reading = match Reading::open(Arc::clone(file)).await? {
        Ok(reading) => reading,
        Err(refusal) => {
            report.refuse(&refusal);
            return Ok(Checked { report, is_whole: false });
        }
    };
    report.note_ignored(reading.ignored_columns());
    let mut emptiness = Emptiness::Unknown;
    loop {
        let (next, chunk) = reading.next().await?;
        reading = next;
        if chunk.is_empty() {
            return Ok(Checked { report, is_whole });
        }
        let chunk = Arc::new(chunk);
        report.rows += chunk.rows.len() as u64;
        is_whole &= !chunk.refused.iter().any(|refusal| refusal.ends_file);
        chunk.refused.iter().for_each(|refusal| report.refuse(refusal));
        let known = emptiness;
        let judging = move |act: &mut crate::Act<'_>| judge(act, &chunk, options, known);
        let (judged, before) = app.scan(caller.clone(), judging).await?;
        let mut judged = passwords::ensure_hard_to_guess(app, judged).await?;
        emptiness = ensure_first(&mut judged, before);
        note(&mut report, &judged);
        tell(ImportProgress { stage: ImportStage::Checking, rows: report.rows, of: None });
    }
}

/// Counts what becomes of rows.
fn note(report: &mut ImportReport, judged: &[Judged]) {
    for row in judged {
        match row {
            Judged::New(_) => report.new += 1,
            Judged::Changed(_) => report.changed += 1,
            Judged::Unchanged => report.unchanged += 1,
            Judged::Refused(refusal) => report.refuse(refusal),
        }
        row.new_groups().for_each(|name| report.note_new_group(name));
    }
}

/// How long others may write before the next chunk, in SQLite, where one writes at a time: a quarter of the time is theirs alone.
/// Who waits for a lock looks for it every 100 ms, and would not find a shorter gap.
fn pause_after(took: Duration) -> Duration {
    (took / 3).clamp(Duration::from_millis(150), Duration::from_secs(2))
}

/// The second time: writes.
async fn write_all(
    app: &App,
    caller: &Caller,
    file: &Arc<ImportFile>,
    options: ImportOptions,
    rows: u64,
    tell: &Tell,
) -> AppResult<ImportReport> {
    let outcome = ImportOutcome::Applied;
    let mut report = ImportReport { outcome, format: file.kind, ..ImportReport::default() };
    let mut reading = match Reading::open(Arc::clone(file)).await? {
        Ok(reading) => reading,
        // All of the file is refused, and not rows that could be left out.
        Err(refusal) => {
            report.refuse(&refusal);
            report.outcome = ImportOutcome::Refused;
            return Ok(report);
        }
    };
    if options.atomic {
        reading = reading.into_one_chunk();
    }
    let mut took = Duration::ZERO;
    loop {
        let (next, chunk) = reading.next().await?;
        reading = next;
        if chunk.is_empty() {
            return Ok(report);
        }
        if report.rows > 0 && app.store().is_sqlite() {
            tokio::time::sleep(pause_after(took)).await;
        }
        report.rows += chunk.rows.len() as u64;
        chunk.refused.iter().for_each(|refusal| report.refuse(refusal));
        let began = Instant::now();
        match write(app, caller, Arc::new(chunk), options).await? {
            Written::Whole(judged) => note(&mut report, &judged),
            Written::Nothing(refusal) => {
                report.refuse(&refusal);
                report.outcome = ImportOutcome::Stopped;
                return Ok(report);
            }
        }
        took = began.elapsed();
        tell(ImportProgress { stage: ImportStage::Writing, rows: report.rows, of: Some(rows) });
    }
}
