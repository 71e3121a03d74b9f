//! Webhooks: how many deliveries a second, and what they cost those who write meanwhile.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rosterd_storage::DatabaseUrl;

use super::audit::{count, wait_until_sealed};
use super::reads::ratio;
use super::{UPDATE, writes};
use crate::Result;
use crate::arena::Contender;
use crate::bench::Bench;
use crate::cli::Kind;
use crate::figures::short;
use crate::load::Plan;
use crate::process::Server;
use crate::report::{Bar, Section};
use crate::roster::{Roster, Tables};

const USERS: usize = 10_000;

/// A receiver on this machine is reached only with it.
const PRIVATE: (&str, &str) = ("ROSTERD_WEBHOOK_ALLOW_PRIVATE", "true");

/// How long deliveries are counted.
const COUNTED_FOR: Duration = Duration::from_secs(10);

/// Of the writes without a webhook, at least so many are left: the receiver and the requests to it take their part of two cores.
const LEFT: f64 = 0.6;

/// Deliveries a second that there must be, to a receiver that answers at once.
const A_SECOND: f64 = 100.0;

/// Every event is one for the webhook: what it has looked at and does not wait was delivered. The rows of what was delivered do not
/// tell, since the oldest of them are removed.
const DELIVERED: &str = "SELECT CAST(position - (SELECT count(*) FROM rosterd_webhook_delivery WHERE next_at IS NOT NULL) AS TEXT) \
                         AS n FROM rosterd_webhook";

const WAITING: &str =
    "SELECT CAST(count(*) AS TEXT) AS n FROM rosterd_webhook_delivery WHERE next_at IS NOT NULL";

pub(super) fn deliveries(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "webhooks",
        "`POST /user/settings/update` with a webhook for all events and without one, with 32 connections. Then, while nobody \
         writes, the deliveries of what waits, to a receiver on the same machine that answers at once.",
    );
    let users = bench.users(USERS);
    let receiver = bench.bare(Kind::Static, None)?;
    let own = |name| bench.roster(users)?.copy(&bench.data, name);
    measure(bench, &mut section, "SQLite", &receiver, [own("with-webhook")?, own("without-webhook")?])?;
    match [Tables::Own, Tables::Own].map(|tables| Roster::postgres(tables, users)).map(Result::transpose) {
        [Some(with), Some(without)] => {
            measure(bench, &mut section, "PostgreSQL", &receiver, [with?, without?])?;
        }
        _ => section.fact("PostgreSQL", "is not installed here"),
    }
    Ok(section)
}

fn measure(
    bench: &Bench,
    section: &mut Section,
    kind: &str,
    receiver: &Server,
    rosters: [Roster; 2],
) -> Result<()> {
    let with = bench.rosterd(&format!("{kind} with a webhook"), &rosters[0], &[PRIVATE])?;
    let without = bench.rosterd(&format!("{kind} without a webhook"), &rosters[1], &[PRIVATE])?;
    create(bench, &rosters[0], receiver)?;
    let plans = rosters.each_ref().map(|roster| Plan::post(UPDATE, &roster.tokens(), &writes::body()));
    let contenders = [
        Contender::new(format!("{kind}, with a webhook"), &with, &plans[0]),
        Contender::new(format!("{kind}, without"), &without, &plans[1]),
    ];
    let first = section.series.len();
    section.series.extend(bench.compete_with(bench.at_most(3, u64::MAX), &contenders)?);
    section.bars.push(ratio(section, &format!("{kind}: with a webhook of without"), first, first + 1, LEFT));
    let url = rosters[0].database()?;
    wait_until_sealed(&url)?;
    let a_second = delivered_a_second(&url)?;
    section.fact(format!("{kind}: deliveries a second"), short(a_second));
    section.bars.push(Bar::at_least(format!("{kind}: deliveries a second"), a_second, A_SECOND));
    drop((with, without));
    for roster in rosters {
        roster.discard()?;
    }
    Ok(())
}

/// Makes a webhook for all events. A server that runs takes it up within a second.
fn create(bench: &Bench, roster: &Roster, receiver: &Server) -> Result<()> {
    let hook = format!("http://{}/hook", receiver.address());
    let mut command = bench.command(roster);
    command.args(["webhook", "create", &hook, "--event", "*"]).env(PRIVATE.0, PRIVATE.1);
    let made = command.stderr(Stdio::piped()).output()?;
    if made.status.success() {
        return Ok(());
    }
    Err(format!("`rosterd webhook create` failed: {}", String::from_utf8_lossy(&made.stderr).trim()).into())
}

/// How fast what waits is delivered.
fn delivered_a_second(url: &DatabaseUrl) -> Result<f64> {
    let (before, began) = (count(url, DELIVERED)?, Instant::now());
    loop {
        thread::sleep(Duration::from_millis(100));
        let took = began.elapsed();
        if took < COUNTED_FOR && count(url, WAITING)? > 0 {
            continue;
        }
        let delivered = u32::try_from(count(url, DELIVERED)? - before)?;
        return Ok(f64::from(delivered) / took.as_secs_f64());
    }
}
