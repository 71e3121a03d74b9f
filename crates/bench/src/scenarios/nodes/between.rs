//! What stands between a process and its PostgreSQL: prepared statements, PgBouncer, a replica.

use rosterd_storage::DatabaseUrl;
use rosterd_testkit::postgres::{Cluster, PgBouncer};

use super::measure::{Measured, measure};
use crate::Result;
use crate::arena::Effort;
use crate::bench::Bench;
use crate::figures::short;
use crate::load::Plan;
use crate::process::Server;
use crate::report::{Bar, Grid, Section};
use crate::roster::Roster;
use crate::scenarios::{LIST, SETTINGS};

/// Connections of clients.
const CLIENTS: usize = 8;

/// Rounds, and their seconds.
const EFFORT: (usize, u64) = (3, 2);

const UNPREPARED: (&str, &str) = ("ROSTERD_PREPARED_STATEMENTS", "false");

/// What a list page may cost the primary where there is a replica, of what it costs it otherwise.
const LEFT_TO_PRIMARY: f64 = 0.2;

pub(super) fn measure_each(bench: &Bench, section: &mut Section, roster: &Roster) -> Result<()> {
    let mut grid = Grid::new([
        "",
        "answers/s",
        "rosterd: CPU µs each",
        "PostgreSQL: CPU µs each",
        "replica: CPU µs each",
    ]);
    let url = [roster.database()?];
    let settings = Plan::get(SETTINGS, &roster.tokens());
    for (what, more) in [("settings", &[][..]), ("settings, without prepared statements", &[UNPREPARED])] {
        let node = bench.rosterd("node alone", roster, more)?;
        grid.rows.push(row(what, &alone(bench, node, &settings, &url)?));
    }
    match PgBouncer::start() {
        Ok(pooler) => {
            let through = Roster::at_url(pooler.url_of(database_of(roster)?), roster.users);
            let node = bench.rosterd("node behind PgBouncer", &through, &[UNPREPARED])?;
            let measured = alone(bench, node, &settings, &url)?;
            grid.rows.push(row("settings, through PgBouncer, without prepared statements", &measured));
        }
        Err(missing) => section.fact("PgBouncer", missing.to_string()),
    }
    with_replica(bench, section, &mut grid, roster.users)?;
    section.grids.push(grid);
    Ok(())
}

/// Lists on a server of its own that a replica follows.
fn with_replica(bench: &Bench, section: &mut Section, grid: &mut Grid, users: usize) -> Result<()> {
    let primary = match Cluster::start() {
        Ok(primary) => primary,
        Err(missing) => {
            section.fact("replica", missing.to_string());
            return Ok(());
        }
    };
    primary.create_database("people");
    let roster = Roster::postgres_at(primary.url_of("people"), users)?;
    let standby = match primary.standby() {
        Ok(standby) => standby,
        Err(missing) => {
            section.fact("replica", missing.to_string());
            return Ok(());
        }
    };
    let replica = standby.url_of("people");
    let databases = [roster.database()?, DatabaseUrl::parse(&replica)?];
    let list = Plan::get(LIST, &roster.admin());
    let node = bench.rosterd("node without replica", &roster, &[])?;
    let without = alone(bench, node, &list, &databases)?;
    let node = bench.rosterd("node with replica", &roster, &[("ROSTERD_DATABASE_REPLICA_URL", &replica)])?;
    let with = alone(bench, node, &list, &databases)?;
    grid.rows.push(row("list page", &without));
    grid.rows.push(row("list page, with a replica", &with));
    section.bars.push(Bar::at_most(
        "list page with a replica: CPU time of the primary, of that without",
        with.postgres_us[0] / without.postgres_us[0],
        LEFT_TO_PRIMARY,
    ));
    Ok(())
}

/// What one process gives. It ends here.
fn alone(bench: &Bench, node: Server, plan: &Plan, databases: &[DatabaseUrl]) -> Result<Measured> {
    let nodes = [node];
    let Effort { rounds, seconds } = bench.at_most(EFFORT.0, EFFORT.1);
    measure(bench, &nodes, plan, CLIENTS, 1, databases)?;
    let rounds = (0..rounds)
        .map(|_| measure(bench, &nodes, plan, CLIENTS, seconds, databases))
        .collect::<Result<Vec<_>>>()?;
    Ok(Measured::middle(&rounds))
}

fn row(what: &str, measured: &Measured) -> Vec<String> {
    let postgres = |place: usize| measured.postgres_us.get(place).copied().map_or_else(String::new, short);
    eprintln!("   {what}: {:.0}/s", measured.per_second);
    vec![
        what.to_owned(),
        format!("{:.0}", measured.per_second),
        short(measured.rosterd_us),
        postgres(0),
        postgres(1),
    ]
}

/// The name of a roster's database.
fn database_of(roster: &Roster) -> Result<&str> {
    let name = roster.url.split_once(":///").and_then(|(_, rest)| rest.split('?').next());
    Ok(name.ok_or("the URL of a roster on PostgreSQL has no name of a database")?)
}
