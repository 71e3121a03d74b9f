//! Comparing source and target row by row, both in the order of their keys, and settling what differs: what changed at the
//! source after it was copied.

use std::cmp::Ordering;
use std::thread;

use super::checks::stopped;
use super::error::MigrateError;
use super::facts::Read;
use super::findings::Findings;
use super::link::Link;
use super::pages::{Pages, Rows, read_ahead, size};
use super::source::Source;
use super::tables::{ALL, CONFIG, Table};
use super::target::Target;
use super::values::{Row, as_written, carried, is_same_row, placed};
use super::{Stage, Telling, settings};
use crate::StoreError;
use crate::backup::Stop;

/// How often what differs is settled. After that somebody changes the source faster than it can be followed.
const ROUNDS: usize = 5;

/// Rows that are settled in one transaction, and bytes of them after which no more are gathered.
const BATCH: usize = 500;
const BYTES: usize = 4 << 20;

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
    let (taker, log_end) = (target.link.taker(), target.log_end);
    let columns = target.columns.clone();
    let settings = (table.name == CONFIG.name)
        .then(|| settings::rows(source, taker, &mut Findings::default()))
        .transpose()?;
    thread::scope(|scope| {
        let theirs = Pages::of_target(link, &columns, table);
        let written =
            move |rows: Vec<Read>| rows.into_iter().map(|read| as_written(table, read.row)).collect();
        let (theirs, _reader) = read_ahead(scope, theirs, stop, written);
        let make = move |rows: Vec<Read>| {
            let mut told = Findings::default();
            let rows = rows.into_iter().filter_map(|read| carried(table, read, taker, &mut told));
            rows.map(|row| placed(table, row, log_end)).collect()
        };
        let rows = match settings {
            Some(rows) => Side::Few(rows.into_iter()),
            None => Side::Many(Rows::of(read_ahead(scope, source.pages(table, None), stop, make).0)),
        };
        let ours = Ours { table, rows, last: None };
        let mut settling = Settling { table, target, found, rows: Vec::new(), bytes: 0, gone: Vec::new() };
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

/// The same, of which each comes after the one before.
struct Ours {
    table: &'static Table,
    rows: Side,
    last: Option<Vec<String>>,
}

impl Ours {
    /// The next row.
    ///
    /// # Errors
    /// [`MigrateError::Disorder`]. Such rows would differ from those of the target for ever.
    fn next(&mut self) -> Result<Option<Row>, MigrateError> {
        let Some(row) = self.rows.next()? else { return Ok(None) };
        let key = self.table.key_of(&row);
        if self.last.as_ref().is_some_and(|last| *last >= key) {
            return Err(MigrateError::Disorder { table: self.table.name, key: key.join(" ") });
        }
        self.last = Some(key);
        Ok(Some(row))
    }
}

/// What differs, on its way to the target.
struct Settling<'a> {
    table: &'static Table,
    target: &'a mut Target,
    found: &'a mut Found,
    rows: Vec<Row>,
    /// Bytes of the rows.
    bytes: usize,
    gone: Vec<Vec<String>>,
}

impl Settling<'_> {
    fn merge(
        &mut self,
        mut ours: Ours,
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
            self.bytes += size(&row);
            self.rows.push(row);
        }
        if let Some(key) = gone {
            self.found.note(self.table, &key);
            self.gone.push(key);
        }
        let is_much = self.rows.len() + self.gone.len() >= BATCH || self.bytes >= BYTES;
        if is_much { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), MigrateError> {
        let (rows, gone) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.gone));
        self.bytes = 0;
        if self.found.settles && !(rows.is_empty() && gone.is_empty()) {
            self.target.settle(self.table, &rows, &gone)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tables::USER;
    use super::*;

    #[test]
    fn rows_that_do_not_come_in_order_are_an_error_of_their_own() {
        let row = |id: &str| {
            let mut row = vec![None; USER.columns.len()];
            row[USER.place("id").unwrap()] = Some(id.to_owned());
            row
        };
        for (ids, wrong) in
            [(["a", "b", "c"], None), (["a", "c", "b"], Some("b")), (["a", "b", "b"], Some("b"))]
        {
            let rows: Vec<Row> = ids.map(row).into();
            let mut ours = Ours { table: &USER, rows: Side::Few(rows.into_iter()), last: None };
            let found = loop {
                match ours.next() {
                    Ok(Some(_)) => {}
                    Ok(None) => break None,
                    Err(MigrateError::Disorder { table, key }) => break Some((table, key)),
                    Err(other) => panic!("{other}"),
                }
            };
            assert_eq!(found, wrong.map(|id| ("user", id.to_owned())), "{ids:?}");
        }
    }
}
