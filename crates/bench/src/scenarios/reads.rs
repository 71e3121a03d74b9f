//! Point reads: what every page of a front end asks for.

use super::{PERMISSIONS, SETTINGS};
use crate::Result;
use crate::arena::Contender;
use crate::bench::Bench;
use crate::cli::Kind;
use crate::load::{Plan, Request};
use crate::report::{Bar, Section};
use crate::roster::{Roster, Tables};

/// Users of the rosters that point reads are measured on.
const USERS: usize = 10_000;

pub(super) fn settings(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "settings-read",
        "`GET /user/settings` on SQLite: token, user row with the row of its session, 1 KB of JSON; request log and metrics on. \
         Requests come from 1,000 users in turn. The bare servers answer with a constant of the same length.",
    );
    against_bare(bench, &mut section, SETTINGS, &[METRICS])?;
    section.bars.push(ratio(&section, "settings read of bare with HS256", 2, 0, 0.75));
    Ok(section)
}

/// Switches metrics on.
pub(super) const METRICS: (&str, &str) = ("ROSTERD_METRICS_LISTEN", "127.0.0.1:0");

/// How many times the CPU time of a settings read may be with metrics.
const METRICS_COST: f64 = 1.02;

pub(super) fn metrics_cost(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "metrics-cost",
        "`GET /user/settings` on SQLite, by a server without metrics and by one that counts requests and has the listener of the \
         metrics. Both have the same database and are measured in turn.",
    );
    let roster = bench.roster(USERS)?;
    let plan = Plan::get(SETTINGS, &roster.tokens());
    let off = bench.rosterd("rosterd without metrics", &roster, &[])?;
    let on = bench.rosterd("rosterd with metrics", &roster, &[METRICS])?;
    section.baseline = Some(0);
    section.series = bench.compete_with(
        bench.many_short(),
        &[Contender::new("without metrics", &off, &plan), Contender::new("with metrics", &on, &plan)],
    )?;
    let ratio = section.series[1].cost_us() / section.series[0].cost_us();
    section.bars.push(Bar::at_most("CPU time of a read with metrics, of one without", ratio, METRICS_COST));
    Ok(section)
}

pub(super) fn permissions(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "permissions-read",
        "`GET /permissions` on SQLite, callers in two groups: token, user row, template, two groups, union.",
    );
    against_bare(bench, &mut section, PERMISSIONS, &[])?;
    section.bars.push(ratio(&section, "permissions read of bare with HS256", 2, 0, 0.6));
    Ok(section)
}

/// Series 0 is the bare server with the check, 1 the one without, 2 rosterd.
fn against_bare(bench: &Bench, section: &mut Section, path: &str, more: &[(&str, &str)]) -> Result<()> {
    let roster = bench.roster(USERS)?;
    let plan = Plan::get(path, &roster.tokens());
    let token = bench.bare(Kind::Token, None)?;
    let constant = bench.bare(Kind::Static, None)?;
    let rosterd = bench.rosterd("rosterd sqlite", &roster, more)?;
    section.baseline = Some(0);
    section.series = bench.compete(&[
        Contender::new("bare with HS256 check", &token, &plan),
        Contender::new("bare", &constant, &plan),
        Contender::new("rosterd", &rosterd, &plan),
    ])?;
    Ok(())
}

/// A bar on the throughput of one series divided by that of another.
pub(super) fn ratio(section: &Section, what: &str, of: usize, by: usize, wanted: f64) -> Bar {
    Bar::at_least(what, section.series[of].per_second() / section.series[by].per_second(), wanted)
}

pub(super) fn settings_on_postgres(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "postgres-settings",
        "`GET /user/settings` on PostgreSQL, its server on the same cores, over a Unix socket. The bare loop is \
         actix-web only: it runs the same statement through the same pool, without token, log or ETag. The CPU time \
         is that of the HTTP server alone.",
    );
    let Some(roster) = Roster::postgres(Tables::Own, bench.users(USERS))? else {
        section.fact("PostgreSQL", "not installed here");
        return Ok(section);
    };
    let rows = Plan(
        roster
            .ids()
            .into_iter()
            .map(|id| Request { path: format!("/row/{id}"), token: None, body: None })
            .collect(),
    );
    let plan = Plan::get(SETTINGS, &roster.tokens());
    let bare = bench.bare(Kind::Row, Some(&roster))?;
    let rosterd = bench.rosterd("rosterd postgres", &roster, &[])?;
    section.baseline = Some(0);
    section.series = bench.compete(&[
        Contender::new("bare loop of the same query", &bare, &rows),
        Contender::new("rosterd", &rosterd, &plan),
    ])?;
    section.bars.push(ratio(&section, "settings read of the bare loop", 1, 0, 0.85));
    Ok(section)
}
