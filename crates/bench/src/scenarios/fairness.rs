//! What one account can take from the others.

use std::fmt::Write as _;

use rosterd_storage::raw;

use super::{SETTINGS, UPDATE, writes};
use crate::Result;
use crate::arena::Contender;
use crate::bench::Bench;
use crate::figures::Series;
use crate::load::{Plan, SERIAL};
use crate::report::{Bar, Section};
use crate::roster::{Roster, Tables};

const USERS: usize = 10_000;

/// Connections of the one, and of the others.
const CONNECTIONS: usize = 16;

/// The settings of the one: as large as they may be, but for what is merged in.
const SETTINGS_BYTES: usize = (4 << 20) - 1024;

/// How much longer the others' writes and reads may take while the one is at work.
const WRITES: f64 = 4.0;
const READS: f64 = 1.5;

pub(super) fn one_against_many(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "fairness",
        "One account has 4 MiB of settings. Over 16 connections it merges a few bytes into them, or reads them. At \
         the same time, 1,000 other users update or read their settings of one kilobyte over 16 connections. The \
         bars compare the median of the others with and without that account.",
    );
    let kept = bench.roster(USERS)?.copy(&bench.data, "fairness")?;
    measure(bench, "SQLite", &kept, &mut section)?;
    kept.discard()?;
    match Roster::postgres(Tables::Own, bench.users(USERS))? {
        Some(roster) => measure(bench, "PostgreSQL", &roster, &mut section)?,
        None => section.fact("PostgreSQL", "not installed here"),
    }
    Ok(section)
}

fn measure(bench: &Bench, database: &str, roster: &Roster, section: &mut Section) -> Result<()> {
    // The first of the callers is the one, the rest are the others.
    let (tokens, ids) = (roster.tokens(), roster.ids());
    let (one, others) = tokens.split_first().ok_or("a roster without people")?;
    fill(roster, ids.first().ok_or("a roster without people")?)?;
    let server = bench.rosterd("fairness", roster, &[])?;
    let (reads, writes) = (Plan::get(SETTINGS, others), Plan::post(UPDATE, others, &writes::body()));
    let one = std::slice::from_ref(one);
    let merging = Plan::post(UPDATE, one, &format!(r#"{{"draft": "{SERIAL}"}}"#));
    let reading = Plan::get(SETTINGS, one);
    let mut contenders = Vec::new();
    for (kind, plan) in [("writes", &writes), ("reads", &reads)] {
        let alone = |label: String| Contender::new(label, &server, plan).connections(CONNECTIONS);
        contenders.push(alone(format!("{database}, {kind}")));
        for (doing, work) in [("merging", &merging), ("reading", &reading)] {
            contenders.push(alone(format!("{database}, {kind} beside one {doing}")).beside(work));
        }
    }
    let series = bench.compete_with(bench.at_most(3, u64::MAX), &contenders)?;
    for (three, most) in series.chunks(3).zip([WRITES, READS]) {
        for beside in &three[1..] {
            section.bars.push(slower(beside, &three[0], most));
        }
    }
    section.series.extend(series);
    Ok(())
}

fn slower(beside: &Series, alone: &Series, most: f64) -> Bar {
    Bar::at_most(format!("{}: p50 of theirs alone", beside.label), beside.p50_ms() / alone.p50_ms(), most)
}

/// Gives the account its settings. Nothing that compresses well, like the pictures that front ends keep there.
fn fill(roster: &Roster, id: &str) -> Result<()> {
    let mut picture = String::with_capacity(SETTINGS_BYTES);
    let mut state = 1_u64;
    while picture.len() < SETTINGS_BYTES {
        // xorshift64: the same every time.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        write!(picture, "{state:016x}")?;
    }
    let settings = format!(r#"{{"ui": {{"backgroundImageUrl": "{picture}"}}}}"#);
    let update = format!("UPDATE \"user\" SET settings = '{settings}' WHERE id = '{id}'");
    Ok(raw::execute(&roster.database()?, &update)?)
}
