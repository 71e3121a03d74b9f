//! Comparing source and target row by row, both in the order of their keys, and settling what differs: what changed at the
//! source after it was copied.

use std::cmp::Ordering;
use std::thread;

use super::checks::stopped;
use super::error::MigrateError;
use super::findings::Findings;
use super::link::Link;
use super::pages::{Pages, Rows, read_ahead};
use super::source::Source;
use super::tables::{ALL, CONFIG, Table};
use super::target::Target;
use super::values::{Row, as_written, carried, is_same_row};
use super::{Stage, Telling, settings};
use crate::StoreError;
use crate::backup::Stop;

/// How often what differs is settled. After that somebody changes the source faster than it can be followed.
const ROUNDS: usize = 5;

/// Rows that are settled in one transaction.
const BATCH: usize = 500;

/// Rows that are named.
const NAMED: usize = 10;

/// Compares all tables until nothing differs. Gives how many rows were settled.
pub(super) fn until_same(
    source: &mut Source,
    target: &mut Target,
    reader: &mut dyn FnMut() -> Result<Link, MigrateError>,
    stop: &Stop,
    telling: Telling<'_>,
) -> Result<u64, MigrateError> {
    let mut settled = 0;
    for round in 0..=ROUNDS {
        // Anew for each round: on PostgreSQL a connection sees one moment.
        let mut link = reader()?;
        let mut found = Found { rows: 0, named: Vec::new(), settles: round < ROUNDS };
        for table in &ALL {
            if source.has(table, target.with_log) {
                one(source, target, &mut link, table, &mut found, stop, telling)?;
            }
        }
        if found.rows == 0 {
            return Ok(settled);
        }
        if !found.settles {
            return Err(MigrateError::Differs { rows: found.rows, named: found.named });
        }
        settled += found.rows;
    }
    Ok(settled)
}

/// What differs in one round.
struct Found {
    rows: u64,
    named: Vec<String>,
    /// Whether it is settled.
    settles: bool,
}

impl Found {
    fn note(&mut self, table: &Table, key: &[String]) {
        self.rows += 1;
        if self.named.len() < NAMED {
            self.named.push(format!("{} {}", table.name, key.join(" ")));
        }
    }
}

fn one(
    source: &mut Source,
    target: &mut Target,
    link: &mut Link,
    table: &'static Table,
    found: &mut Found,
    stop: &Stop,
    telling: Telling<'_>,
) -> Result<(), MigrateError> {
    let taker = target.link.taker();
    let columns = target.columns.clone();
    let settings = (table.name == CONFIG.name)
        .then(|| settings::rows(source, taker, &mut Findings::default()))
        .transpose()?;
    thread::scope(|scope| {
        let theirs = Pages::of_target(link, &columns, table);
        let written = move |rows: Vec<Row>| rows.into_iter().map(|row| as_written(table, row)).collect();
        let (theirs, _reader) = read_ahead(scope, theirs, stop, written);
        let make = move |rows: Vec<Row>| {
            let mut told = Findings::default();
            rows.into_iter().filter_map(|row| carried(table, row, taker, &mut told)).collect()
        };
        let ours = match settings {
            Some(rows) => Side::Few(rows.into_iter()),
            None => Side::Many(Rows::of(read_ahead(scope, source.pages(table, None), stop, make).0)),
        };
        let mut settling = Settling { table, target, found, rows: Vec::new(), gone: Vec::new() };
        settling.merge(ours, Rows::of(theirs), stop, telling)
    })
}

/// The rows of the source.
enum Side {
    Few(std::vec::IntoIter<Row>),
    Many(Rows),
}

impl Side {
    fn next(&mut self) -> Result<Option<Row>, StoreError> {
        match self {
            Self::Few(rows) => Ok(rows.next()),
            Self::Many(rows) => rows.next(),
        }
    }
}

/// What differs, on its way to the target.
struct Settling<'a> {
    table: &'static Table,
    target: &'a mut Target,
    found: &'a mut Found,
    rows: Vec<Row>,
    gone: Vec<Vec<String>>,
}

impl Settling<'_> {
    fn merge(
        &mut self,
        mut ours: Side,
        mut theirs: Rows,
        stop: &Stop,
        telling: Telling<'_>,
    ) -> Result<(), MigrateError> {
        let table = self.table;
        let (mut one, mut other) = (ours.next()?, theirs.next()?);
        let mut compared: u64 = 0;
        loop {
            let keys =
                (one.as_ref().map(|row| table.key_of(row)), other.as_ref().map(|row| table.key_of(row)));
            let order = match &keys {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => one.cmp(other),
            };
            // A side that ended because of a stop has not come to its end.
            stopped(stop)?;
            match order {
                Ordering::Less => {
                    self.differs(one.take(), None)?;
                    one = ours.next()?;
                }
                Ordering::Greater => {
                    self.differs(None, keys.1)?;
                    other = theirs.next()?;
                }
                Ordering::Equal => {
                    if let (Some(mine), Some(its)) = (&one, &other)
                        && !is_same_row(table, mine, its)
                    {
                        self.differs(one.take(), None)?;
                    }
                    (one, other) = (ours.next()?, theirs.next()?);
                }
            }
            compared += 1;
            if compared.is_multiple_of(1_000) {
                telling(Stage::Comparing { table: table.name, rows: compared });
            }
        }
        stopped(stop)?;
        self.write()
    }

    fn differs(&mut self, row: Option<Row>, gone: Option<Vec<String>>) -> Result<(), MigrateError> {
        if let Some(row) = row {
            self.found.note(self.table, &self.table.key_of(&row));
            self.rows.push(row);
        }
        if let Some(key) = gone {
            self.found.note(self.table, &key);
            self.gone.push(key);
        }
        if self.rows.len() + self.gone.len() >= BATCH { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), MigrateError> {
        let (rows, gone) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.gone));
        if self.found.settles && !(rows.is_empty() && gone.is_empty()) {
            self.target.settle(self.table, &rows, &gone)?;
        }
        Ok(())
    }
}
