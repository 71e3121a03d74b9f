//! How long `rosterd migrate-from` takes.

use rosterd_storage::raw;
use rosterd_testkit::postgres::Content;

use super::commands;
use crate::Result;
use crate::bench::Bench;
use crate::figures::short;
use crate::report::{Bar, Section};
use crate::roster::{Roster, Tables, postgres_server};

const USERS: usize = 1_000_000;

/// Seconds that a million users may take.
const LONGEST: f64 = 300.0;

/// Memory that it may need, the cache of SQLite's pages included. Megabytes.
const MOST_MEMORY: f64 = 512.0;

pub(super) fn every_pair(bench: &Bench) -> Result<Section> {
    let users = bench.users(USERS);
    let mut section = Section::new(
        "migrate",
        "`rosterd migrate-from`: from a database of Open WebUI 0.12.4 on SQLite without WAL, with three memberships, settings of one \
         kilobyte and some pictures for each user, into a standalone one of either kind; and from that on PostgreSQL back to SQLite. Each \
         time has the checks, the copy, all indexes and the comparison of every row.",
    );
    section.fact("users", users.to_string());
    let source = Roster::sqlite(&bench.data, Tables::WebUi, users)?;
    let file = Roster::file(&bench.data, "migrated", users);
    file.remove()?;
    measure(bench, &mut section, "Open WebUI on SQLite to SQLite", &source, &file)?;
    file.remove()?;
    if let Some(server) = postgres_server() {
        let name = server.create_database(Content::Empty);
        let database = Roster::at_url(server.url_of(&name), users);
        measure(bench, &mut section, "Open WebUI on SQLite to PostgreSQL", &source, &database)?;
        measure(bench, &mut section, "rosterd on PostgreSQL to SQLite", &database, &file)?;
        file.remove()?;
        server.drop_database(&name);
    }
    Ok(section)
}

fn measure(
    bench: &Bench,
    section: &mut Section,
    label: &str,
    source: &Roster,
    target: &Roster,
) -> Result<()> {
    let taken = commands::run(bench.command(target).arg("migrate-from").arg(&source.url))?;
    eprintln!("   {label}: {} s", short(taken.seconds));
    let rows = raw::query_text(&target.database()?, "SELECT count(*) AS n FROM \"user\"")?;
    if rows != [[Some(source.users.to_string())]] {
        return Err(format!("{label}: {rows:?} users came").into());
    }
    section.fact(label, format!("{} s", short(taken.seconds)));
    section.bars.push(Bar::at_most(format!("{label}, seconds"), taken.seconds, LONGEST));
    if let Some(peak) = taken.peak_mb {
        section.bars.push(Bar::at_most(format!("{label}, most memory in MB"), peak, MOST_MEMORY));
    }
    Ok(())
}
