//! Two processes on one PostgreSQL against one: what another node brings, which share of the work is PostgreSQL's, and what a pooler
//! and a replica change about it.

mod between;
mod measure;

use rosterd_storage::DatabaseUrl;

use self::measure::{Measured, measure};
use super::{SETTINGS, UPDATE, writes};
use crate::Result;
use crate::arena::Effort;
use crate::bench::Bench;
use crate::figures::short;
use crate::load::Plan;
use crate::process::Server;
use crate::report::{Bar, Grid, Section};
use crate::roster::{Roster, Tables};

const USERS: usize = 10_000;

/// Connections of clients to each process.
const CLIENTS: [usize; 4] = [1, 2, 8, 32];

/// What a second process brings at least, as long as the machine has cores for it.
const GAIN: f64 = 1.6;

/// Rounds of each kind, and their seconds.
const EFFORT: (usize, u64) = (3, 3);

pub(super) fn against_one(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "nodes",
        "Two processes of rosterd on one PostgreSQL against one, with so many connections of clients to each process. Rosterd, \
         PostgreSQL and the clients share the cores of this machine; *cores busy* is what all of them used together while there were \
         two processes. A second process can bring nothing once that is near the number of cores. The bar is for one client each, when \
         it is not. PostgreSQL runs as in tests, without waiting for the disk. Then what one process costs PostgreSQL without prepared statements, \
         through PgBouncer, and with a replica.",
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
                short(two.postgres_us[0]),
                short(two.busy),
            ]);
            if clients == CLIENTS[0] {
                let what = format!("{what}: two processes of one, one client each");
                section.bars.push(Bar::at_least(what, ratio, GAIN));
            }
            if clients == CLIENTS[CLIENTS.len() - 1] {
                let at_most = 1e6 / two.postgres_us[0];
                section.fact(
                    format!("{what}: answers a second that a core of PostgreSQL allows"),
                    format!("{at_most:.0}"),
                );
                section.fact(
                    format!("{what}: cores of rosterd for one of PostgreSQL"),
                    short(two.rosterd_us / two.postgres_us[0]),
                );
            }
        }
    }
    section.grids.push(grid);
    drop(nodes);
    between::measure_each(bench, &mut section, &roster)?;
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
    let databases = std::slice::from_ref(url);
    // Opens what is opened when it is first needed.
    measure(bench, nodes, plan, clients, 1, databases)?;
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        one.push(measure(bench, &nodes[..1], plan, clients, seconds, databases)?);
        two.push(measure(bench, nodes, plan, clients, seconds, databases)?);
    }
    Ok([Measured::middle(&one), Measured::middle(&two)])
}
