//! The same work on an Open WebUI database as it is found, and what adopting it gains.

use std::process::{Command, Stdio};

use super::{LIST, PERMISSIONS, RARE_PART, SEARCH, SETTINGS, UPDATE, writes};
use crate::Result;
use crate::arena::Contender;
use crate::bare::SECRET;
use crate::bench::Bench;
use crate::load::Plan;
use crate::report::Section;
use crate::roster::{Roster, Tables};

const USERS: usize = 100_000;

pub(super) fn compare(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "attached",
        "The same users in a standalone database, in an attached database of Open WebUI 0.6.43 (no WAL, none of \
         rosterd's indexes), and in one after `rosterd adopt --apply`. This table has no bars.",
    );
    let users = bench.users(USERS);
    let theirs = Roster::sqlite(&bench.data, Tables::WebUi, users)?.copy(&bench.data, "attached")?;
    let own = bench.roster(users)?.copy(&bench.data, "beside-attached")?;
    let adopted = adopt(bench, users)?;
    let mut rosters = vec![("own", own), ("attached", theirs)];
    match adopted {
        Some(roster) => rosters.push(("adopted", roster)),
        None => section.fact("adopted", "`rosterd adopt --apply` did not do it"),
    }
    let servers = rosters
        .iter()
        .map(|(name, roster)| Ok((*name, bench.rosterd(name, roster, &[])?)))
        .collect::<Result<Vec<_>>>()?;
    let (tokens, admin) = (rosters[0].1.tokens(), rosters[0].1.admin());
    let list = |order: &str| Plan::get(&format!("{LIST}?order_by={order}&direction=asc"), &admin);
    let work = [
        ("settings", Plan::get(SETTINGS, &tokens)),
        ("permissions", Plan::get(PERMISSIONS, &tokens)),
        ("list by created_at", list("created_at")),
        ("list by name", list("name")),
        ("search, rare part", Plan::get(&format!("{SEARCH}?query={RARE_PART}"), &admin)),
        ("settings update", Plan::post(UPDATE, &tokens, &writes::body())),
    ];
    // Few connections: a whole-table scan is slow enough with four, and nothing may time out.
    let contenders: Vec<_> = work
        .iter()
        .flat_map(|(what, plan)| {
            servers.iter().map(move |(name, server)| {
                Contender::new(format!("{what}, {name}"), server, plan).connections(4)
            })
        })
        .collect();
    section.series = bench.compete(&contenders)?;
    drop(contenders);
    drop(servers);
    for (_, roster) in rosters {
        roster.discard()?;
    }
    Ok(section)
}

/// Another copy of their database, adopted; `None` when the server cannot do that.
fn adopt(bench: &Bench, users: usize) -> Result<Option<Roster>> {
    let roster = Roster::sqlite(&bench.data, Tables::WebUi, users)?.copy(&bench.data, "adopted")?;
    let done = Command::new(&bench.program)
        .args(["adopt", "--apply"])
        .env_clear()
        .envs([("DATABASE_URL", roster.url.as_str()), ("WEBUI_SECRET_KEY", SECRET)])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if done.success() {
        return Ok(Some(roster));
    }
    roster.discard()?;
    Ok(None)
}
