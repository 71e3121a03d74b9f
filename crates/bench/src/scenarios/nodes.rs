//! Two processes on one PostgreSQL against one: what another node brings, and which share of the work is PostgreSQL's.

use std::collections::HashMap;
use std::thread;

use rosterd_storage::{DatabaseUrl, raw};

use super::{SETTINGS, UPDATE, writes};
use crate::Result;
use crate::arena::Effort;
use crate::bench::Bench;
use crate::figures::{median, short};
use crate::load::{Plan, Tally};
use crate::process::Server;
use crate::report::{Bar, Grid, Section};
use crate::roster::{Roster, Tables};
use crate::usage;

const USERS: usize = 10_000;

/// Connections of clients to each process.
const CLIENTS: [usize; 4] = [1, 2, 8, 32];

/// What a second process brings at least, as long as the machine has cores for it.
const GAIN: f64 = 1.6;

/// Rounds of each kind, and their seconds.
const EFFORT: (usize, u64) = (3, 3);

/// What one round gave.
struct Measured {
    per_second: f64,
    /// CPU time of all processes of rosterd for an answer. Microseconds.
    rosterd_us: f64,
    /// The same of PostgreSQL.
    postgres_us: f64,
    /// Cores of the machine that did something, whatever it was.
    busy: f64,
}

pub(super) fn against_one(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "nodes",
        "Two processes of rosterd on one PostgreSQL against one, with so many connections of clients to each process. Rosterd, \
         PostgreSQL and the clients share the cores of this machine; *cores busy* is what all of them used together while there were \
         two processes. A second process can bring nothing once that is near the number of cores. The bar is for one client each, when \
         it is not. PostgreSQL runs as in tests, without waiting for the disk.",
    );
    let Some(roster) = Roster::postgres(Tables::Own, bench.users(USERS))? else {
        section.fact("PostgreSQL", "not installed here");
        return Ok(section);
    };
    let url = roster.database()?;
    let nodes = [bench.rosterd("node 1", &roster, &[])?, bench.rosterd("node 2", &roster, &[])?];
    let tokens = roster.tokens();
    let works = [
        ("settings", Plan::get(SETTINGS, &tokens)),
        ("settings update", Plan::post(UPDATE, &tokens, &writes::body())),
    ];
    let mut grid = Grid::new([
        "",
        "connections to each",
        "one: answers/s",
        "two: answers/s",
        "ratio",
        "rosterd: CPU µs each",
        "PostgreSQL: CPU µs each",
        "cores busy",
    ]);
    for (what, plan) in &works {
        for clients in CLIENTS {
            let [one, two] = compare(bench, &nodes, plan, clients, &url)?;
            let ratio = two.per_second / one.per_second;
            eprintln!("   {what}, {clients} each: {:.0}/s, {:.0}/s", one.per_second, two.per_second);
            grid.rows.push(vec![
                (*what).to_owned(),
                clients.to_string(),
                format!("{:.0}", one.per_second),
                format!("{:.0}", two.per_second),
                format!("{ratio:.2}"),
                short(two.rosterd_us),
                short(two.postgres_us),
                short(two.busy),
            ]);
            if clients == CLIENTS[0] {
                let what = format!("{what}: two processes of one, one client each");
                section.bars.push(Bar::at_least(what, ratio, GAIN));
            }
            if clients == CLIENTS[CLIENTS.len() - 1] {
                let at_most = 1e6 / two.postgres_us;
                section.fact(
                    format!("{what}: answers a second that a core of PostgreSQL allows"),
                    format!("{at_most:.0}"),
                );
                section.fact(
                    format!("{what}: cores of rosterd for one of PostgreSQL"),
                    short(two.rosterd_us / two.postgres_us),
                );
            }
        }
    }
    section.grids.push(grid);
    Ok(section)
}

/// The medians of one process and of both, measured in turn.
fn compare(
    bench: &Bench,
    nodes: &[Server; 2],
    plan: &Plan,
    clients: usize,
    url: &DatabaseUrl,
) -> Result<[Measured; 2]> {
    let Effort { rounds, seconds } = bench.at_most(EFFORT.0, EFFORT.1);
    // Opens what is opened when it is first needed.
    measure(bench, nodes, plan, clients, 1, url)?;
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        one.push(measure(bench, &nodes[..1], plan, clients, seconds, url)?);
        two.push(measure(bench, nodes, plan, clients, seconds, url)?);
    }
    Ok([middle(&one), middle(&two)])
}

fn middle(rounds: &[Measured]) -> Measured {
    let of = |figure: fn(&Measured) -> f64| median(rounds.iter().map(figure)).unwrap_or(f64::NAN);
    Measured {
        per_second: of(|round| round.per_second),
        rosterd_us: of(|round| round.rosterd_us),
        postgres_us: of(|round| round.postgres_us),
        busy: of(|round| round.busy),
    }
}

/// Lets clients ask each of these processes at the same time.
fn measure(
    bench: &Bench,
    nodes: &[Server],
    plan: &Plan,
    clients: usize,
    seconds: u64,
    url: &DatabaseUrl,
) -> Result<Measured> {
    let used = || nodes.iter().filter_map(Server::cpu_seconds).sum::<f64>();
    let (postgres_before, before, busy_before) = (postgres_seconds(url)?, used(), usage::busy_seconds());
    let tallies = ask_all(bench, nodes, plan, clients, seconds)?;
    let (after, busy_after, postgres_after) = (used(), usage::busy_seconds(), postgres_seconds(url)?);
    let answers: u64 = tallies.iter().map(|tally| tally.answers).sum();
    let errors: u64 = tallies.iter().map(|tally| tally.errors).sum();
    if answers == 0 || errors > 0 {
        return Err(format!("{answers} answers, {errors} of them errors").into());
    }
    // A process that was not there before has begun at zero.
    let postgres: f64 = postgres_after
        .iter()
        .map(|(process, seconds)| seconds - postgres_before.get(process).copied().unwrap_or_default())
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "a count of answers")]
    let each = 1e6 / answers as f64;
    let took = tallies.iter().map(|tally| tally.seconds).fold(0.0, f64::max);
    Ok(Measured {
        per_second: 1e6 / each / took,
        rosterd_us: (after - before) * each,
        postgres_us: postgres * each,
        busy: busy_before.zip(busy_after).map_or(f64::NAN, |(before, after)| (after - before) / took),
    })
}

fn ask_all(bench: &Bench, nodes: &[Server], plan: &Plan, clients: usize, seconds: u64) -> Result<Vec<Tally>> {
    thread::scope(|scope| {
        // Errors do not cross threads, their sentences do.
        let ask = |node: &Server| {
            bench.load.run(node.address(), plan, clients, seconds).map_err(|error| error.to_string())
        };
        let running: Vec<_> = nodes.iter().map(|node| scope.spawn(move || ask(node))).collect();
        running.into_iter().map(|load| Ok(load.join().map_err(|_panic| "a load panicked")??)).collect()
    })
}

/// The CPU time so far of each process of PostgreSQL.
fn postgres_seconds(url: &DatabaseUrl) -> Result<HashMap<u32, f64>> {
    let others = "SELECT pid::text AS pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
    let processes = raw::query_text(url, others)?.into_iter().flatten().flatten();
    Ok(processes
        .filter_map(|process| {
            let process = process.parse().ok()?;
            Some((process, usage::cpu_seconds(process)?))
        })
        .collect())
}
