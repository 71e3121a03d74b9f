//! The same work on an Open WebUI database as it is found, and what adopting it gains.

use std::process::{Command, Stdio};

use super::{LIST, PERMISSIONS, RARE_PART, SEARCH, SETTINGS, UPDATE, writes};
use crate::Result;
use crate::arena::Contender;
use crate::bare::SECRET;
use crate::bench::Bench;
use crate::figures::Series;
use crate::load::Plan;
use crate::process::Server;
use crate::report::{Bar, Section};
use crate::roster::{Roster, Tables};

const USERS: usize = 10_000;

/// What is asked, and how much of the standalone database's answers a second an attached and an adopted one must give.
struct Work {
    what: &'static str,
    plan: Plan,
    /// What others ask meanwhile.
    beside: Option<Plan>,
    sqlite: [Option<f64>; 2],
    postgres: [Option<f64>; 2],
}

pub(super) fn compare(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "attached",
        "The same users in a standalone database, in an attached database of Open WebUI 0.12.4 (on SQLite without WAL; none of \
         rosterd's indexes), and in one after `rosterd adopt --apply`. The bars compare answers a second with those of the \
         standalone database. *While others write*: each of these writes is a change of the database, so that nothing is kept \
         from one list to the next.",
    );
    let users = bench.users(USERS);
    let theirs = |name| Roster::sqlite(&bench.data, Tables::WebUi, users)?.copy(&bench.data, name);
    let own = bench.roster(users)?.copy(&bench.data, "beside-attached")?;
    let rosters = [own, theirs("attached")?, adopted(bench, theirs("adopted")?)?];
    rivals(bench, &mut section, "SQLite", &rosters, |work| work.sqlite)?;
    for roster in rosters {
        roster.discard()?;
    }
    let on_postgres =
        [Tables::Own, Tables::WebUi, Tables::WebUi].map(|tables| Roster::postgres(tables, users));
    let [Some(own), Some(attached), Some(theirs)] = on_postgres.map(Result::transpose) else {
        section.fact("PostgreSQL", "is not installed here");
        return Ok(section);
    };
    let rosters = [own?, attached?, adopted(bench, theirs?)?];
    rivals(bench, &mut section, "PostgreSQL", &rosters, |work| work.postgres)?;
    Ok(section)
}

/// Measures all work on a standalone, an attached and an adopted database of one kind.
fn rivals(
    bench: &Bench,
    section: &mut Section,
    kind: &str,
    rosters: &[Roster; 3],
    bars: impl Fn(&Work) -> [Option<f64>; 2],
) -> Result<()> {
    const NAMES: [&str; 3] = ["standalone", "attached", "adopted"];
    let servers = NAMES
        .iter()
        .zip(rosters)
        .map(|(name, roster)| bench.rosterd(&format!("{kind} {name}"), roster, &[]))
        .collect::<Result<Vec<Server>>>()?;
    // Each with tokens of its own: those of a standalone database name sessions that others do not keep.
    let works = rosters.each_ref().map(works);
    let mut contenders = Vec::new();
    for number in 0..works[0].len() {
        for ((server, name), works) in servers.iter().zip(NAMES).zip(&works) {
            let work = &works[number];
            let contender = Contender::new(format!("{}, {kind} {name}", work.what), server, &work.plan);
            contenders.push(match &work.beside {
                Some(others) => contender.connections(4).beside(others),
                None => contender,
            });
        }
    }
    let series = bench.compete_with(bench.at_most(3, 3), &contenders)?;
    for (work, series) in works[0].iter().zip(series.chunks(NAMES.len())) {
        let standalone = series.first().map_or(f64::NAN, Series::per_second);
        for ((series, wanted), name) in series.iter().skip(1).zip(bars(work)).zip(&NAMES[1..]) {
            if let Some(wanted) = wanted {
                let what = format!("{}, {kind} {name}: of standalone", work.what);
                section.bars.push(Bar::at_least(what, series.per_second() / standalone, wanted));
            }
        }
    }
    section.series.extend(series);
    Ok(())
}

fn works(roster: &Roster) -> Vec<Work> {
    let (tokens, admin) = (roster.tokens(), roster.admin());
    let list = |order: &str| Plan::get(&format!("{LIST}?order_by={order}&direction=asc"), &admin);
    let search = || Plan::get(&format!("{SEARCH}?query={RARE_PART}"), &admin);
    let updates = || Plan::post(UPDATE, &tokens, &writes::body());
    let work = |what, plan| Work { what, plan, beside: None, sqlite: [None; 2], postgres: [None; 2] };
    let (near, told) = ([Some(0.6); 2], [None; 2]);
    vec![
        Work { sqlite: near, postgres: near, ..work("settings", Plan::get(SETTINGS, &tokens)) },
        Work { sqlite: near, postgres: near, ..work("permissions", Plan::get(PERMISSIONS, &tokens)) },
        Work { sqlite: near, postgres: [None, Some(0.6)], ..work("list by created_at", list("created_at")) },
        Work { sqlite: near, postgres: [None, Some(0.6)], ..work("list by name", list("name")) },
        Work { sqlite: [Some(0.3); 2], postgres: told, ..work("search, rare part", search()) },
        Work { beside: Some(updates()), ..work("list by name, while others write", list("name")) },
        Work { beside: Some(updates()), ..work("search, while others write", search()) },
        work("settings update", updates()),
    ]
}

/// The same database, adopted.
fn adopted(bench: &Bench, roster: Roster) -> Result<Roster> {
    let done = Command::new(&bench.program)
        .args(["adopt", "--apply"])
        .env_clear()
        .envs([("DATABASE_URL", roster.url.as_str()), ("WEBUI_SECRET_KEY", SECRET)])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if done.success() { Ok(roster) } else { Err("`rosterd adopt --apply` did not adopt the database".into()) }
}
