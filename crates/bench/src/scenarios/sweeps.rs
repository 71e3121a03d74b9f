//! Throughput and memory against the number of connections.

use super::{LIST, PERMISSIONS, SETTINGS, UPDATE, writes};
use crate::Result;
use crate::arena::{Contender, Effort};
use crate::bench::Bench;
use crate::cli::Kind;
use crate::figures::Series;
use crate::load::Plan;
use crate::plot::{Plot, lines_of};
use crate::process::Server;
use crate::report::{Bar, Section};
use crate::roster::Roster;
use crate::usage;

const CONNECTIONS: [usize; 8] = [1, 4, 16, 64, 256, 1000, 2000, 4000];

/// At most of the connections, as many may wait for the database as there are: a list that is refused costs next to nothing.
const QUEUE: (&str, &str) = ("ROSTERD_DATABASE_QUEUE", "8192");

/// What a connection may cost of the server's memory. Kilobytes.
const CONNECTION_KB: f64 = 40.0;

/// Shorter rounds show nothing of the largest numbers.
const LEAST_SECONDS: u64 = 3;

/// Seconds in which the memory for a number of connections is seen.
const SECONDS: u64 = 2;

/// A server, and who asks it what.
struct Line {
    label: &'static str,
    who: Who,
    plan: Plan,
}

#[derive(Clone, Copy)]
enum Who {
    Bare(Kind),
    Rosterd,
}

impl Who {
    fn start(self, bench: &Bench, roster: &Roster) -> Result<Server> {
        match self {
            Self::Bare(kind) => bench.bare(kind, None),
            Self::Rosterd => bench.rosterd("connections", roster, &[QUEUE]),
        }
    }
}

pub(super) fn connections(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "connections",
        "Answers a second against connections, SQLite, 10,000 users. *peak MB*: most memory of a server that was started for this line \
         and had as many connections as in the rows above, one after the other. `ROSTERD_DATABASE_QUEUE=8192`, so that no list is \
         refused.",
    );
    let copy = bench.roster(10_000)?.copy(&bench.data, "connections")?;
    let (tokens, admin) = (copy.tokens(), copy.admin());
    let line = |label, who, plan| Line { label, who, plan };
    let lines = [
        line("bare", Who::Bare(Kind::Static), Plan::get(SETTINGS, &tokens)),
        line("bare with HS256 check", Who::Bare(Kind::Token), Plan::get(SETTINGS, &tokens)),
        line("settings", Who::Rosterd, Plan::get(SETTINGS, &tokens)),
        line("permissions", Who::Rosterd, Plan::get(PERMISSIONS, &tokens)),
        line("settings update (FULL)", Who::Rosterd, Plan::post(UPDATE, &tokens, &writes::body())),
        line("list page", Who::Rosterd, Plan::get(LIST, &admin)),
    ];
    section.series = throughput(bench, &copy, &lines)?;
    for (line, steps) in lines.iter().zip(section.series.chunks_mut(CONNECTIONS.len())) {
        let server = line.who.start(bench, &copy)?;
        for step in steps.iter_mut() {
            step.peak_mb = memory(bench, &server, &line.plan, step.connections)?;
        }
        if line.label == "settings" {
            let again = memory(bench, &server, &line.plan, CONNECTIONS[CONNECTIONS.len() - 1])?;
            section.bars.extend(flatness(steps, again));
        }
    }
    let number = |series: &Series| (count(series.connections), series.per_second());
    let memory = |series: &Series| (count(series.connections), series.peak_mb.unwrap_or(f64::NAN));
    section.plots.push(Plot {
        name: "throughput-against-connections",
        title: "Answers a second against connections",
        x: "connections",
        y: "answers a second",
        lines: lines_of(&section.series, number),
    });
    section.plots.push(Plot {
        name: "memory-against-connections",
        title: "Most memory against connections",
        x: "connections",
        y: "megabytes",
        lines: lines_of(&section.series, memory),
    });
    copy.discard()?;
    Ok(section)
}

/// The answers a second of each line, for each number of connections.
fn throughput(bench: &Bench, roster: &Roster, lines: &[Line]) -> Result<Vec<Series>> {
    let servers = lines.iter().map(|line| line.who.start(bench, roster)).collect::<Result<Vec<Server>>>()?;
    let contenders: Vec<_> = lines
        .iter()
        .zip(&servers)
        .flat_map(|(line, server)| {
            CONNECTIONS
                .map(|connections| Contender::new(line.label, server, &line.plan).connections(connections))
        })
        .collect();
    // A page of a list takes half a second when thousands ask for one.
    let effort = Effort { seconds: bench.effort.seconds.max(LEAST_SECONDS), ..bench.at_most(2, u64::MAX) };
    bench.compete_with(effort, &contenders)
}

/// The most memory that a server had by the time it has served so many connections.
fn memory(bench: &Bench, server: &Server, plan: &Plan, connections: usize) -> Result<Option<f64>> {
    bench.load.run(server.address(), plan, connections, SECONDS)?;
    Ok(usage::peak_mb(server.pid()))
}

/// What is expected of one line: that each connection costs as little as any other, and that nothing stays of those that went.
fn flatness(steps: &[Series], again: Option<f64>) -> Vec<Bar> {
    let (Some(most), Some(some)) = (steps.last(), steps.iter().find(|step| step.connections == 256)) else {
        return Vec::new();
    };
    let (Some(most_mb), Some(some_mb)) = (most.peak_mb, some.peak_mb) else { return Vec::new() };
    let each = (most_mb - some_mb) * 1e3 / count(most.connections - some.connections);
    let least = steps.iter().map(Series::per_second).fold(0.0, f64::max);
    vec![
        Bar::at_most("settings, 256 to 4,000: KB for each connection", each, CONNECTION_KB),
        Bar::at_most(
            "settings, 4,000 for a second time: memory of the first",
            again.unwrap_or(f64::NAN) / most_mb,
            1.05,
        ),
        Bar::at_least("settings, 4,000: answers a second of the best", most.per_second() / least, 0.6),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "counts of connections")]
fn count(connections: usize) -> f64 {
    connections as f64
}
