//! What the audit log costs: writes with and without it, and a log of a million events.

use std::thread;
use std::time::{Duration, Instant};

use rosterd_storage::{DatabaseUrl, raw};

use super::reads::ratio;
use super::{UPDATE, writes};
use crate::Result;
use crate::arena::Contender;
use crate::bench::Bench;
use crate::figures::short;
use crate::load::Plan;
use crate::process;
use crate::report::Section;
use crate::roster::{Roster, Tables};

const USERS: usize = 10_000;

const EVENTS: usize = 1_000_000;

/// How long a log of a million events may take to be sealed.
const SEALED_WITHIN: Duration = Duration::from_mins(10);

pub(super) fn cost(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "audit",
        "`POST /user/settings/update` with the audit log and with `ROSTERD_AUDIT=false`, with 32 connections. Then a log of a \
         million events on SQLite: how fast it is sealed, read, verified and exported.",
    );
    let users = bench.users(USERS);
    let own = |name| bench.roster(users)?.copy(&bench.data, name);
    compare(bench, &mut section, "SQLite", [own("with-audit")?, own("without-audit")?], 0.85)?;
    match [Tables::Own, Tables::Own].map(|tables| Roster::postgres(tables, users)).map(Result::transpose) {
        [Some(with), Some(without)] => {
            compare(bench, &mut section, "PostgreSQL", [with?, without?], 0.8)?;
        }
        _ => section.fact("PostgreSQL", "is not installed here"),
    }
    let roster = own("many-events")?;
    let measured = many_events(bench, &mut section, &roster);
    roster.discard()?;
    measured?;
    Ok(section)
}

fn compare(
    bench: &Bench,
    section: &mut Section,
    kind: &str,
    rosters: [Roster; 2],
    wanted: f64,
) -> Result<()> {
    let with = bench.rosterd(&format!("{kind} with audit"), &rosters[0], &[("ROSTERD_AUDIT", "true")])?;
    let without =
        bench.rosterd(&format!("{kind} without audit"), &rosters[1], &[("ROSTERD_AUDIT", "false")])?;
    let plans = rosters.each_ref().map(|roster| Plan::post(UPDATE, &roster.tokens(), &writes::body()));
    let contenders = [
        Contender::new(format!("{kind}, with the audit log"), &with, &plans[0]),
        Contender::new(format!("{kind}, without"), &without, &plans[1]),
    ];
    let first = section.series.len();
    section.series.extend(bench.compete(&contenders)?);
    section.bars.push(ratio(section, &format!("{kind}: with the log of without"), first, first + 1, wanted));
    drop((with, without));
    for roster in rosters {
        roster.discard()?;
    }
    Ok(())
}

fn many_events(bench: &Bench, section: &mut Section, roster: &Roster) -> Result<()> {
    let events = bench.users(EVENTS);
    let url = DatabaseUrl::parse(&roster.url)?;
    let fill = format!(
        "INSERT INTO rosterd_event (id, at, action, actor_kind, actor_id, actor_via, client_ip, request_id, \
         subject_kind, subject_id, subject_label, details, salt) WITH RECURSIVE n(i) AS \
         (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {events}) \
         SELECT printf('01900000-%04x-7000-8000-%012x', i / 65536, i), 1750000000000 + i, \
         CASE i % 10 WHEN 0 THEN 'user.updated' ELSE 'session.started' END, 'account', 'u-' || (i % 1000), 'session', \
         '192.0.2.' || (i % 250), 'request ' || i, 'user', 'u-' || (i % 1000), 'Name ' || (i % 1000), \
         '{{\"method\":\"password\",\"session\":\"s-' || i || '\"}}', printf('%032x', i) FROM n"
    );
    // It brings a database that was kept up to date.
    let server = bench.rosterd("many events", roster, &[])?;
    raw::execute(&url, &fill)?;
    let sealed_in = wait_until_sealed(&url)?;
    section.fact("events", events.to_string());
    section.fact("sealed in", format!("{} s", short(sealed_in.as_secs_f64())));
    let admin = roster.admin();
    for (what, query) in [
        ("newest page", "limit=100"),
        ("page about a user", "limit=100&subject=u-7"),
        ("page of what an account did", "limit=100&actor=u-7"),
        ("page of an action that is not there", "limit=100&action=group.deleted"),
    ] {
        let began = Instant::now();
        process::get(
            server.address(),
            &format!("/api/v1/audit?{query}"),
            admin.first().map(String::as_str),
            |_| (),
        )?;
        section.fact(what, format!("{} ms", short(began.elapsed().as_secs_f64() * 1e3)));
    }
    drop(server);
    for command in ["verify", "export"] {
        let began = Instant::now();
        let done = bench.command(roster).args(["audit", command]).status()?;
        if !done.success() {
            return Err(format!("`rosterd audit {command}` failed").into());
        }
        section
            .fact(format!("rosterd audit {command}"), format!("{} s", short(began.elapsed().as_secs_f64())));
    }
    Ok(())
}

/// Waits until every event is sealed; gives how long that took.
pub(super) fn wait_until_sealed(url: &DatabaseUrl) -> Result<Duration> {
    let began = Instant::now();
    let unsealed = "SELECT CAST(count(*) AS TEXT) AS n FROM rosterd_event WHERE position IS NULL";
    while count(url, unsealed)? > 0 {
        if began.elapsed() > SEALED_WITHIN {
            return Err("the events are not sealed".into());
        }
        thread::sleep(Duration::from_millis(200));
    }
    Ok(began.elapsed())
}

/// The one number that a statement gives as text.
pub(super) fn count(url: &DatabaseUrl, sql: &str) -> Result<i64> {
    let rows = raw::query_text(url, sql)?;
    let text = rows.into_iter().flatten().flatten().next().ok_or("a count without a row")?;
    Ok(text.parse()?)
}
