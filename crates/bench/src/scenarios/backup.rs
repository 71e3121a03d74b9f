//! What a backup costs those who write meanwhile.

use super::{UPDATE, commands, writes};
use crate::Result;
use crate::bench::Bench;
use crate::figures::{Series, median, short};
use crate::load::Plan;
use crate::report::{Bar, Section};
use crate::roster::Roster;

const USERS: usize = 1_000_000;

/// Connections of those who write.
const CONNECTIONS: usize = 16;

/// Of the writes without a backup, at least so many are left: the check of the copy takes a core, and there are two.
const LEFT: f64 = 0.5;

/// How much longer the slowest of a hundred writes may take.
const SLOWER: f64 = 4.0;

pub(super) fn under_load(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "backup",
        "`rosterd backup` of a standalone SQLite database while 16 connections update settings all the time, without a pause. The \
         database grows meanwhile. The copy is checked before the backup ends, which takes most of its time.",
    );
    let roster = bench.roster(bench.users(USERS))?.copy(&bench.data, "backup")?;
    let measured = measure(bench, &roster, &mut section);
    roster.discard()?;
    measured?;
    Ok(section)
}

fn measure(bench: &Bench, roster: &Roster, section: &mut Section) -> Result<()> {
    let server = bench.rosterd("backup", roster, &[])?;
    let plan = Plan::post(UPDATE, &roster.tokens(), &writes::body());
    let file = bench.data.join("backup.copy");
    let mut series = ["writes alone", "writes beside a backup"].map(|label| Series {
        label: label.to_owned(),
        connections: CONNECTIONS,
        rounds: Vec::new(),
        peak_mb: None,
    });
    let mut seconds = Vec::new();
    bench.round(&server, &plan, CONNECTIONS, 1)?;
    for _ in 0..bench.effort.rounds.min(3) {
        series[0].rounds.push(bench.round(&server, &plan, CONNECTIONS, bench.effort.seconds)?);
        let mut backup = bench.command(roster);
        backup.arg("backup").arg("--overwrite").arg(&file);
        let taken = commands::run_beside(&mut backup, || {
            series[1].rounds.push(bench.round(&server, &plan, CONNECTIONS, bench.effort.seconds)?);
            Ok(())
        })?;
        seconds.push(taken.seconds);
        eprintln!("   a backup in {} s", seconds.last().copied().map_or_else(String::new, short));
    }
    #[expect(clippy::cast_precision_loss, reason = "a size that is shown")]
    let size = std::fs::metadata(&file)?.len() as f64;
    std::fs::remove_file(&file)?;
    section.fact("users", bench.users(USERS).to_string());
    section.fact("size of the backup", format!("{} MB", short(size / 1e6)));
    section.fact("a backup", format!("{} s", short(median(seconds).unwrap_or_default())));
    let [alone, beside] = &series;
    section.bars.push(Bar::at_least(
        "writes beside a backup, of those alone",
        beside.per_second() / alone.per_second(),
        LEFT,
    ));
    section.bars.push(Bar::at_most(
        "p99 beside a backup, of that alone",
        beside.p99_ms() / alone.p99_ms(),
        SLOWER,
    ));
    section.series.extend(series);
    Ok(())
}
