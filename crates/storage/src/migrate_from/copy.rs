//! Copying what is not there yet, batch by batch.

use std::thread;

use super::checks::stopped;
use super::error::MigrateError;
use super::facts::Read;
use super::findings::Findings;
use super::pages::read_ahead;
use super::source::Source;
use super::tables::{ALL, CONFIG, Table};
use super::target::Target;
use super::values::{Row, carried, placed};
use super::{Stage, Telling, settings};
use crate::backup::Stop;

/// Copies the rows of all tables from where the target stands.
pub(super) fn rows(
    source: &mut Source,
    target: &mut Target,
    expected: &dyn Fn(&Table) -> u64,
    stop: &Stop,
    telling: Telling<'_>,
) -> Result<(), MigrateError> {
    for table in &ALL {
        if source.has(table, target.with_log) && !target.position(table).ended {
            one(source, target, table, expected(table), stop, telling)?;
        }
    }
    Ok(())
}

/// Brings back what was set aside.
pub(super) fn finish(target: &mut Target, stop: &Stop, telling: Telling<'_>) -> Result<(), MigrateError> {
    let steps = target.steps()?;
    let of = steps.len();
    for (step, number) in steps.iter().zip(1..) {
        stopped(stop)?;
        telling(Stage::Finishing { step: number, of });
        target.take(step)?;
    }
    Ok(())
}

fn one(
    source: &mut Source,
    target: &mut Target,
    table: &'static Table,
    of: u64,
    stop: &Stop,
    telling: Telling<'_>,
) -> Result<(), MigrateError> {
    let (taker, log_end) = (target.link.taker(), target.log_end);
    if table.name == CONFIG.name {
        // Few rows, and a batch of all of them: it was written or it was not.
        let rows = settings::rows(source, taker, &mut Findings::default())?;
        if target.position(table).rows == 0 && !rows.is_empty() {
            target.append(table, &rows)?;
        }
        return target.append(table, &[]);
    }
    let after = target.position(table).last;
    thread::scope(|scope| {
        // What is odd about them was told by the checks.
        let make = move |rows: Vec<Read>| -> Vec<Row> {
            let mut told = Findings::default();
            let rows = rows.into_iter().filter_map(|read| carried(table, read, taker, &mut told));
            rows.map(|row| placed(table, row, log_end)).collect()
        };
        let (pages, _reader) = read_ahead(scope, source.pages(table, after), stop, make);
        for page in pages {
            stopped(stop)?;
            let rows = page?;
            if !rows.is_empty() {
                target.append(table, &rows)?;
            }
            telling(Stage::Copying { table: table.name, rows: target.position(table).rows, of });
        }
        Ok::<_, MigrateError>(())
    })?;
    stopped(stop)?;
    target.append(table, &[])
}
