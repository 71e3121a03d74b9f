//! What grows with the number of users.

use super::{LIST, PERMISSIONS, RARE_PART, SEARCH, SETTINGS, UPDATE, writes};
use crate::Result;
use crate::arena::Contender;
use crate::bench::Bench;
use crate::figures::{Series, median, short};
use crate::load::Plan;
use crate::plot::{Plot, lines_of};
use crate::process::Server;
use crate::report::{Bar, Section};
use crate::roster::Roster;

const USERS: [usize; 5] = [1000, 10_000, 100_000, 1_000_000, 5_000_000];

/// Starts of which the median is taken.
const STARTS: usize = 5;

/// How many times the start at the fewest users it may take at the most.
const SLOWER_START: f64 = 2.0;

/// Work: what is asked, and how many times the CPU time at the fewest users it may cost at the most users.
type Work = (&'static str, fn(&Roster) -> Plan, f64);

const WORK: [Work; 6] = [
    ("settings", |roster| Plan::get(SETTINGS, &roster.tokens()), 1.5),
    ("permissions", |roster| Plan::get(PERMISSIONS, &roster.tokens()), 1.5),
    ("settings update", |roster| Plan::post(UPDATE, &roster.tokens(), &writes::body()), 1.5),
    ("list by name", |roster| list(roster, "name"), 1.5),
    ("list by created_at", |roster| list(roster, "created_at"), 1.5),
    ("search, 50 found", |roster| Plan::get(&format!("{SEARCH}?query={RARE_PART}"), &roster.admin()), 3.0),
];

fn list(roster: &Roster, order: &str) -> Plan {
    Plan::get(&format!("{LIST}?order_by={order}&direction=asc"), &roster.admin())
}

pub(super) fn with_users(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "growth",
        "One connection on SQLite, against the number of users. So that five million are made in minutes and fit on the disk, these \
         users have no profile images, and those who send no requests have neither long settings nor a session, and one group only.",
    );
    let rosters =
        USERS.iter().map(|users| bench.slim_roster(bench.users(*users))).collect::<Result<Vec<_>>>()?;
    let measured = measure(bench, &mut section, &rosters);
    for roster in rosters {
        roster.discard()?;
    }
    measured?;
    Ok(section)
}

fn measure(bench: &Bench, section: &mut Section, rosters: &[Roster]) -> Result<()> {
    let starts = rosters.iter().map(|roster| start(bench, roster)).collect::<Result<Vec<f64>>>()?;
    let servers =
        rosters.iter().map(|roster| bench.rosterd("growth", roster, &[])).collect::<Result<Vec<Server>>>()?;
    let plans: Vec<(&str, Plan)> = WORK
        .iter()
        .flat_map(|(label, plan, _)| rosters.iter().map(move |roster| (*label, plan(roster))))
        .collect();
    let contenders: Vec<_> = plans
        .iter()
        .zip(servers.iter().cycle())
        .map(|((label, plan), server)| Contender::new(*label, server, plan).connections(1))
        .collect();
    let series = bench.compete_briefly(&contenders)?;
    let users: Vec<f64> = rosters.iter().map(|roster| count(roster.users)).collect();
    section.plots.extend(plots(&series, &users, &starts));
    for ((label, _, wanted), of_work) in WORK.iter().zip(series.chunks(rosters.len())) {
        if let [few, .., many] = of_work {
            let grown = many.cost_us() / few.cost_us();
            section.bars.push(Bar::at_most(
                format!("{label}: CPU time of that at the fewest"),
                grown,
                *wanted,
            ));
        }
    }
    if let [few, .., many] = starts[..] {
        section.bars.push(Bar::at_most("start: of that at the fewest", many / few, SLOWER_START));
    }
    for (roster, start) in rosters.iter().zip(&starts) {
        section.fact(format!("start, {} users", roster.users), format!("{} ms", short(*start)));
    }
    if let Some(largest) = rosters.last() {
        section.fact(
            format!("file of {} users", largest.users),
            format!("{} MB", short(count(largest.bytes()?) / 1e6)),
        );
    }
    section.series = series;
    for (series, roster) in section.series.iter_mut().zip(rosters.iter().cycle()) {
        series.label = format!("{}, {} users", series.label, roster.users);
    }
    Ok(())
}

/// The median time to the first answer. Milliseconds.
fn start(bench: &Bench, roster: &Roster) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(bench.rosterd("start", roster, &[])?.started_in.as_secs_f64() * 1e3);
    }
    Ok(median(times).unwrap_or(f64::NAN))
}

/// What is waited for, and what it costs.
fn plots(series: &[Series], users: &[f64], starts: &[f64]) -> [Plot; 2] {
    let against_users = |figure: fn(&Series) -> f64| {
        let mut users = users.iter().copied().cycle();
        lines_of(series, |series| (users.next().unwrap_or(1.0), figure(series)))
    };
    let mut waits = against_users(Series::p50_ms);
    waits.push(("start".to_owned(), users.iter().copied().zip(starts.iter().copied()).collect()));
    [
        Plot {
            name: "latency-against-users",
            title: "Latency (p50) against the number of users",
            x: "users",
            y: "milliseconds",
            lines: waits,
        },
        Plot {
            name: "cost-against-users",
            title: "CPU time of an answer against the number of users",
            x: "users",
            y: "microseconds",
            lines: against_users(Series::cost_us),
        },
    ]
}

#[expect(clippy::cast_precision_loss, reason = "counts of users and bytes")]
fn count(number: impl TryInto<u64>) -> f64 {
    number.try_into().unwrap_or_default() as f64
}
