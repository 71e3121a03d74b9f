//! Carries the accounts of another database into a standalone one: from Open WebUI 0.6 or 0.12, or from another rosterd, on
//! SQLite or PostgreSQL, into either.
//!
//! The source is only read. [`look()`] finds what is odd there and counts, [`copy()`] carries: rows go batch by batch, each batch with
//! the position after it in one transaction, so that a process that ends in between goes on where it was. Indexes, constraints
//! and triggers of the target are away meanwhile and come back after it. Then both sides are compared row by row, and what
//! changed at the source meanwhile is settled. Until the end the target has a table of its own, `rosterd_migrating`, with which
//! [`Store::open`](crate::Store::open) refuses it. [`MigrationUpkeep::end_migration`](crate::MigrationUpkeep::end_migration)
//! removes that table.
//!
//! Everything here blocks for as long as it takes, so it is not for a thread that answers requests.

mod checks;
mod compare;
mod copy;
mod error;
mod facts;
mod findings;
mod link;
mod pages;
mod settings;
mod source;
mod standing;
mod state;
mod steps;
mod tables;
mod target;
mod values;

use std::collections::BTreeMap;
use std::fmt;

pub use error::MigrateError;
pub use findings::{Check, Code};
pub use source::SourceKind;
pub(crate) use state::{STATE, is_done};

use crate::backup::Stop;
use crate::{DatabaseUrl, StoreOptions};
use findings::Findings;
use link::Link;
use source::Source;
use standing::Standing;
use target::Target;
use values::Taker;

/// What is to be carried, and where to.
#[derive(Debug, Clone)]
pub struct Order {
    /// The database that accounts come from, with its schema where it has one of its own.
    pub source: DatabaseUrl,
    /// The database that they go into. It is made where it is missing; the folder of a SQLite file must be there.
    pub target: StoreOptions,
    /// What was copied before is removed, and all of it begins anew.
    pub restart: bool,
}

/// What was found at the source, before anything is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What the source is.
    pub kind: SourceKind,
    /// Where it is, without a password.
    pub source: String,
    /// Rows that are carried, by table.
    pub rows: BTreeMap<&'static str, u64>,
    /// What is odd, what keeps it from being carried first.
    pub checks: Vec<Check>,
    /// The target has the beginning of this very migration.
    pub begun: bool,
}

impl Report {
    /// Whether something keeps the source from being carried.
    #[must_use]
    pub fn stops(&self) -> bool {
        self.checks.iter().any(|check| check.code.stops())
    }
}

/// What was carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Rows that are the same on both sides, by table.
    pub rows: BTreeMap<&'static str, u64>,
    /// Rows that had changed at the source after they were copied, and were settled.
    pub settled: u64,
    /// Whether an earlier run had begun.
    pub went_on: bool,
    /// The name of this run, by which [`end_migration`](crate::MigrationUpkeep::end_migration) knows it.
    pub run: String,
}

/// What a migration is busy with. `Display` says it in a few words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading the source.
    Checking {
        /// The table.
        table: &'static str,
        /// Rows that were read.
        rows: u64,
    },
    /// Copying.
    Copying {
        /// The table.
        table: &'static str,
        /// Rows that were copied.
        rows: u64,
        /// Rows of the table.
        of: u64,
    },
    /// Bringing back indexes and the like.
    Finishing {
        /// The number of the step, from 1.
        step: usize,
        /// How many there are.
        of: usize,
    },
    /// Comparing both sides.
    Comparing {
        /// The table.
        table: &'static str,
        /// Rows that were compared.
        rows: u64,
    },
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checking { table, rows } => write!(f, "checking the source, {rows} rows of {table}"),
            Self::Copying { table, rows, of } => write!(f, "copying, {rows} of {of} rows of {table}"),
            Self::Finishing { step, of } => write!(f, "building indexes, step {step} of {of}"),
            Self::Comparing { table, rows } => write!(f, "comparing, {rows} rows of {table}"),
        }
    }
}

/// Who is told how far it is, on the thread of the caller.
type Telling<'a> = &'a dyn Fn(Stage);

/// Reads all of the source, and looks whether the target can take it. Nothing is written or made.
///
/// # Errors
/// [`MigrateError`], each with a message that says what to do. What is odd at the source is no error but part of the report.
pub fn look(order: &Order, stop: &Stop, tell: &dyn Fn(Stage)) -> Result<Report, MigrateError> {
    let mut source = Source::open(&order.source, &order.target)?;
    source.link.is_stopped_by(stop);
    let (begun, with_log) = ensure_fits(&source, order)?;
    let taker = if order.target.url.is_sqlite() { Taker::Sqlite } else { Taker::Postgres };
    let mut findings = Findings::default();
    let rows = checks::all(&mut source, taker, with_log, &mut findings, stop, tell)
        .map_err(|error| of_stop(error, stop))?;
    Ok(Report { kind: source.kind(), source: source.name, rows, checks: findings.into_checks(), begun })
}

/// Refuses a target that cannot take the source; gives whether it has the beginning of it, and whether it takes the audit log.
fn ensure_fits(source: &Source, order: &Order) -> Result<(bool, bool), MigrateError> {
    if order.source == order.target.url {
        return Err(MigrateError::Same);
    }
    let standing = Standing::of(&order.target)?;
    let begun = standing.ensure_fits(&order.target.url, &source.name, order.restart)?;
    Ok((begun, standing.with_log()))
}

/// Carries all that the report of [`look()`] counts, and compares it. The target stays closed for servers until
/// [`end_migration`](crate::MigrationUpkeep::end_migration).
///
/// # Errors
/// [`MigrateError`]. What was copied stays, and the same order goes on with it; [`MigrateError::Checks`] before anything is
/// written.
pub fn copy(
    order: &Order,
    report: &Report,
    stop: &Stop,
    tell: &dyn Fn(Stage),
) -> Result<Carried, MigrateError> {
    if report.stops() {
        return Err(MigrateError::Checks(Box::new(report.clone())));
    }
    let mut source = Source::open(&order.source, &order.target)?;
    source.link.is_stopped_by(stop);
    let mut target = Target::open(&order.target, &source.name, order.restart)?;
    target.link.is_stopped_by(stop);
    let went_on = target.rows() > 0;
    let expected = |table: &tables::Table| report.rows.get(table.name).copied().unwrap_or(0);
    let settled = carry(&mut source, &mut target, order, &expected, stop, tell)
        .map_err(|error| of_stop(error, stop))?;
    Ok(Carried { rows: target.counts()?, settled, went_on, run: target.run })
}

/// Copies, settles, finishes and compares; gives how many rows were settled.
fn carry(
    source: &mut Source,
    target: &mut Target,
    order: &Order,
    expected: &dyn Fn(&tables::Table) -> u64,
    stop: &Stop,
    tell: &dyn Fn(Stage),
) -> Result<u64, MigrateError> {
    let went_on = target.rows() > 0;
    let mut reader = || Ok(Link::reading(&order.target.url, &order.target)?);
    let mut settled = 0;
    copy::rows(source, target, expected, stop, tell)?;
    // Rows that were copied at different moments may not fit together, and then no constraint between them comes back.
    if (went_on || source.has_changed()?) && !target.steps()?.is_empty() {
        target.renew()?;
        settled += compare::until_same(source, target, &mut reader, stop, tell)?;
    }
    copy::finish(target, stop, tell)?;
    settled += compare::until_same(source, target, &mut reader, stop, tell)?;
    Ok(settled)
}

/// A statement that was interrupted by a stop is a stop.
fn of_stop(error: MigrateError, stop: &Stop) -> MigrateError {
    match error {
        MigrateError::Store(_) if stop.is_asked() => MigrateError::Stopped,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_says_how_far_it_is() {
        for (stage, said) in [
            (Stage::Checking { table: "user", rows: 7 }, "checking the source, 7 rows of user"),
            (Stage::Copying { table: "auth", rows: 7, of: 9 }, "copying, 7 of 9 rows of auth"),
            (Stage::Finishing { step: 2, of: 30 }, "building indexes, step 2 of 30"),
            (Stage::Comparing { table: "user", rows: 7 }, "comparing, 7 rows of user"),
        ] {
            assert_eq!(stage.to_string(), said);
        }
    }
}
