//! The two drawings: throughput against connections, latency against the number of users.

use super::{LIST, PERMISSIONS, RARE_PART, SEARCH, SETTINGS, UPDATE, writes};
use crate::Result;
use crate::arena::Contender;
use crate::bench::Bench;
use crate::cli::Kind;
use crate::figures::Series;
use crate::load::Plan;
use crate::plot::Plot;
use crate::report::Section;

const CONNECTIONS: [usize; 6] = [1, 4, 16, 64, 256, 512];
const USERS: [usize; 4] = [1000, 10_000, 100_000, 1_000_000];

pub(super) fn connections(bench: &Bench) -> Result<Section> {
    let mut section =
        Section::new("connections", "Answers a second against connections, SQLite, 10,000 users.");
    let roster = bench.roster(10_000)?;
    let copy = roster.copy(&bench.data, "connections")?;
    let (constant, token) = (bench.bare(Kind::Static, None)?, bench.bare(Kind::Token, None)?);
    let rosterd = bench.rosterd("connections", &copy, &[])?;
    let (tokens, admin) = (roster.tokens(), roster.admin());
    let settings = Plan::get(SETTINGS, &tokens);
    let permissions = Plan::get(PERMISSIONS, &tokens);
    let update = Plan::post(UPDATE, &tokens, &writes::body());
    let list = Plan::get(LIST, &admin);
    let lines = [
        ("bare", &constant, &settings),
        ("bare with HS256 check", &token, &settings),
        ("settings", &rosterd, &settings),
        ("permissions", &rosterd, &permissions),
        ("settings update (FULL)", &rosterd, &update),
        ("list page", &rosterd, &list),
    ];
    let contenders: Vec<_> = lines
        .iter()
        .flat_map(|(label, server, plan)| {
            CONNECTIONS.map(|connections| Contender::new(*label, *server, plan).connections(connections))
        })
        .collect();
    section.series = bench.compete(&contenders)?;
    section.plots.push(Plot {
        name: "throughput-against-connections",
        title: "Answers a second against connections",
        x: "connections",
        y: "answers a second",
        lines: lines_of(&section.series, |series| (as_float(series.connections), series.per_second())),
    });
    drop(contenders);
    drop(rosterd);
    copy.discard()?;
    Ok(section)
}

pub(super) fn growth(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "growth",
        "The median latency for one connection on SQLite, against the number of users.",
    );
    let rosters = USERS.iter().map(|users| bench.roster(bench.users(*users))).collect::<Result<Vec<_>>>()?;
    let servers =
        rosters.iter().map(|roster| bench.rosterd("growth", roster, &[])).collect::<Result<Vec<_>>>()?;
    let by_name = format!("{LIST}?order_by=name&direction=asc");
    let search = format!("{SEARCH}?query={RARE_PART}");
    let work = [
        ("settings", SETTINGS),
        ("permissions", PERMISSIONS),
        ("list by name", &by_name),
        ("search, 50 found", &search),
    ];
    let mut plans = Vec::new();
    for (label, path) in work {
        for roster in &rosters {
            let callers = if path.starts_with("/api/v1/users/user") || path == PERMISSIONS {
                roster.tokens()
            } else {
                roster.admin()
            };
            plans.push((label, Plan::get(path, &callers)));
        }
    }
    let contenders: Vec<_> = plans
        .iter()
        .zip(servers.iter().cycle())
        .map(|((label, plan), server)| Contender::new(*label, server, plan).connections(1))
        .collect();
    let series = bench.compete(&contenders)?;
    let mut users = rosters.iter().map(|roster| as_float(roster.users)).cycle();
    section.plots.push(Plot {
        name: "latency-against-users",
        title: "Latency (p50) against the number of users",
        x: "users",
        y: "milliseconds",
        lines: lines_of(&series, |series| (users.next().unwrap_or(1.0), series.p50_ms())),
    });
    section.series = series;
    for (series, roster) in section.series.iter_mut().zip(rosters.iter().cycle()) {
        series.label = format!("{}, {} users", series.label, roster.users);
    }
    Ok(section)
}

/// Neighbouring series of the same label as one line.
fn lines_of(
    series: &[Series],
    mut point: impl FnMut(&Series) -> (f64, f64),
) -> Vec<(String, Vec<(f64, f64)>)> {
    let mut lines: Vec<(String, Vec<(f64, f64)>)> = Vec::new();
    for one in series {
        let place = point(one);
        match lines.last_mut() {
            Some((label, points)) if *label == one.label => points.push(place),
            _ => lines.push((one.label.clone(), vec![place])),
        }
    }
    lines
}

#[expect(clippy::cast_precision_loss, reason = "counts of connections and users")]
fn as_float(count: usize) -> f64 {
    count as f64
}
