//! How many instructions an answer takes, as valgrind counts them: a cost that hardly depends on what else the machine does.

use std::fs;
use std::process::{Command, Stdio};

use super::{LIST, PERMISSIONS, SETTINGS};
use crate::Result;
use crate::bench::Bench;
use crate::figures::short;
use crate::load::Plan;
use crate::report::{Grid, Section};
use crate::roster::Roster;

const USERS: usize = 10_000;

/// How long requests are sent, in a short run and in a long one. Seconds.
const SECONDS: [u64; 2] = [2, 8];

pub(super) fn of_an_answer(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "instructions",
        "Instructions of an answer on SQLite with 10,000 users and one connection, counted by valgrind without those of the system. A run of \
         eight seconds less one of two, so that the start is not in it. Threads that wake by the clock are.",
    );
    if !is_there() {
        section.fact("valgrind", "is not installed here");
        return Ok(section);
    }
    let roster = bench.roster(bench.users(USERS))?.copy(&bench.data, "instructions")?;
    let callers = roster.tokens();
    let paths = [
        ("settings", Plan::get(SETTINGS, &callers)),
        ("permissions", Plan::get(PERMISSIONS, &callers)),
        ("list page", Plan::get(LIST, &roster.admin())),
    ];
    let counted: Result<Vec<_>> = paths
        .iter()
        .map(|(name, plan)| Ok(vec![(*name).to_owned(), short(count(bench, &roster, plan)?)]))
        .collect();
    // Also where it could not be counted.
    roster.discard()?;
    section.grids.push(Grid { rows: counted?, ..Grid::new(["", "instructions"]) });
    Ok(section)
}

fn is_there() -> bool {
    let version =
        Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// Instructions of an answer: what a long run takes more than a short one, for each of the answers that it gives more.
fn count(bench: &Bench, roster: &Roster, plan: &Plan) -> Result<f64> {
    let told = bench.data.join("instructions.log");
    let runner = [
        "valgrind".to_owned(),
        "--tool=cachegrind".to_owned(),
        "--cache-sim=no".to_owned(),
        "--cachegrind-out-file=/dev/null".to_owned(),
        format!("--log-file={}", told.display()),
    ];
    let mut runs = [(0, 0); 2];
    for (run, seconds) in runs.iter_mut().zip(SECONDS) {
        let server = bench.rosterd_under(&runner, "instructions", roster, &[])?;
        let tally = bench.load.run(server.address(), plan, 1, seconds)?;
        if tally.errors > 0 {
            return Err(format!("{} of {} answers were errors", tally.errors, tally.answers).into());
        }
        // It says how many they were when it ends.
        drop(server);
        let told = instructions(&fs::read_to_string(&told)?);
        *run = (tally.answers, told.ok_or("valgrind did not say how many instructions there were")?);
    }
    let [(few, start), (many, all)] = runs;
    let (answers, instructions) = (many.saturating_sub(few), all.saturating_sub(start));
    if answers == 0 {
        return Err("the long run had no more answers than the short one: the machine is too busy".into());
    }
    #[expect(clippy::cast_precision_loss, reason = "both are far below 2^52")]
    Ok(instructions as f64 / answers as f64)
}

/// The number in a line such as `==7== I   refs:      1,234`.
fn instructions(told: &str) -> Option<u64> {
    let line = told.lines().find(|line| line.contains("== I") && line.contains("refs:"))?;
    line.rsplit(':').next()?.trim().replace(',', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_found_among_what_valgrind_says() {
        let told = "==7== Command: rosterd\n==7== \n==7== I   refs:      1,234,567\n";
        assert_eq!(instructions(told), Some(1_234_567));
        assert_eq!(instructions("==7== I refs:        89\n"), Some(89));
        assert_eq!(instructions("==7== Process terminating\n"), None);
    }
}
