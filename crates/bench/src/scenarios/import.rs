//! How long `rosterd import` takes, and what it costs those who write meanwhile.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use rosterd_storage::raw;

use super::{UPDATE, commands, writes};
use crate::Result;
use crate::bench::Bench;
use crate::figures::{Series, short};
use crate::load::Plan;
use crate::process::Server;
use crate::report::{Bar, Section};
use crate::roster::{Roster, Tables};

/// Accounts that are there already.
const USERS: usize = 10_000;

/// Rows of the file.
const ROWS: usize = 100_000;

/// Connections of those who write.
const CONNECTIONS: usize = 16;

/// Seconds that the file may take, with the writes beside it.
const LONGEST: f64 = 120.0;

/// Ten times as many rows may need so much more memory.
const MORE_MEMORY: f64 = 1.5;

/// Of the writes without an import, at least so many are left: it takes a core, and there are two.
const LEFT: f64 = 0.4;

/// A hash of Open WebUI's: nobody signs in by it here.
const HASH: &str = "$2b$12$abcdefghijklmnopqrstuuZ0cXhvkU0Uj3pMsX3cSfbxrGjNzI9G6";

pub(super) fn under_load(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "import",
        "`rosterd import --apply` of a CSV file of new accounts, each with a hash of its password and a group, into a database of \
         10,000 accounts, while 16 connections update settings all the time. Before it the same with a tenth of the rows and nobody \
         beside it.",
    );
    section.fact("rows of the file", bench.users(ROWS).to_string());
    measure(bench, &mut section, "SQLite", bench.roster(USERS)?.copy(&bench.data, "import")?)?;
    match Roster::postgres(Tables::Own, USERS)? {
        Some(roster) => measure(bench, &mut section, "PostgreSQL", roster)?,
        None => section.fact("PostgreSQL", "is not installed here"),
    }
    Ok(section)
}

fn measure(bench: &Bench, section: &mut Section, kind: &str, roster: Roster) -> Result<()> {
    let rows = bench.users(ROWS);
    let files = [file(&bench.data, "few", rows / 10)?, file(&bench.data, "many", rows)?];
    let measured = compare(bench, section, kind, &roster, &files);
    roster.discard()?;
    for file in files {
        fs::remove_file(file)?;
    }
    measured
}

fn compare(
    bench: &Bench,
    section: &mut Section,
    kind: &str,
    roster: &Roster,
    [few, many]: &[PathBuf; 2],
) -> Result<()> {
    let import = |file: &Path| {
        let mut command = bench.command(roster);
        command.args(["import", "--apply", "--create-groups"]).arg(file);
        command
    };
    let server = bench.rosterd(&format!("{kind} import"), roster, &[])?;
    let alone = commands::run(&mut import(few))?;
    let plan = Plan::post(UPDATE, &roster.tokens(), &writes::body());
    let mut series = ["writes alone", "writes beside an import"].map(|label| Series {
        label: format!("{kind}, {label}"),
        connections: CONNECTIONS,
        rounds: Vec::new(),
        peak_mb: None,
    });
    let round = |server: &Server, seconds| bench.round(server, &plan, CONNECTIONS, seconds);
    round(&server, 1)?;
    for _ in 0..bench.effort.rounds {
        series[0].rounds.push(round(&server, bench.effort.seconds)?);
    }
    let beside = commands::run_beside(&mut import(many), || {
        // Short ones: the last of them ends after the import.
        series[1].rounds.push(round(&server, 1)?);
        Ok(())
    })?;
    eprintln!("   {kind}: {} s", short(beside.seconds));
    let expected = USERS + bench.users(ROWS) + bench.users(ROWS) / 10;
    let found = raw::query_text(&roster.database()?, "SELECT CAST(count(*) AS TEXT) AS n FROM \"user\"")?;
    if found != [[Some(expected.to_string())]] {
        return Err(format!("{kind}: {found:?} accounts are there instead of {expected}").into());
    }
    section.bars.push(Bar::at_most(format!("{kind}: seconds"), beside.seconds, LONGEST));
    let [before, meanwhile] = &series;
    let left = meanwhile.per_second() / before.per_second();
    section.bars.push(Bar::at_least(format!("{kind}: writes beside an import, of those alone"), left, LEFT));
    if let (Some(few), Some(many)) = (alone.peak_mb, beside.peak_mb) {
        section.fact(format!("{kind}: most memory of the import"), format!("{} MB", short(many)));
        let label = format!("{kind}: memory for ten times the rows");
        section.bars.push(Bar::at_most(label, many / few, MORE_MEMORY));
    }
    section.series.extend(series);
    Ok(())
}

/// A file of so many new accounts in twenty groups.
fn file(folder: &Path, name: &str, rows: usize) -> Result<PathBuf> {
    let mut text = String::from("name,email,role,groups,password_hash\n");
    for row in 0..rows {
        writeln!(text, "New Person {row},{name}-{row}@import.example,user,Team {},{HASH}", row % 20)?;
    }
    let path = folder.join(format!("import-{name}.csv"));
    fs::write(&path, text)?;
    Ok(path)
}
