//! Whom many sign-ins at once hold up.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use rosterd_app::passwords::hash_blocking;
use rosterd_domain::secret::PlainPassword;
use tokio::runtime::Builder;

use super::{UNLIMITED, Visitor, client, email, roster_with, sign_in};
use crate::Result;
use crate::bench::Bench;
use crate::figures::{Series, median, short};
use crate::load::Plan;
use crate::process::Server;
use crate::report::{Bar, Section};
use crate::scenarios::SETTINGS;

/// Clients that sign in at the same time.
const CROWD: usize = 200;

/// Connections of the readers.
const CONNECTIONS: usize = 16;

/// How much longer the slowest of a hundred reads may take.
const SLOWER: f64 = 2.0;

/// Where the crowd comes from.
#[derive(Clone, Copy)]
enum Crowd {
    /// All from one client IP.
    Office,
    /// Each from a client IP of its own.
    Everywhere,
}

impl Crowd {
    fn client_ip(self, number: usize) -> String {
        match self {
            Self::Office => "198.51.100.1".to_owned(),
            Self::Everywhere => format!("203.0.113.{}", number % CROWD + 1),
        }
    }
}

pub(super) fn measure(bench: &Bench, section: &mut Section) -> Result<()> {
    let password = PlainPassword::new("the password".to_owned());
    let roster = roster_with(bench, &[hash_blocking(&password, 12)?])?;
    let server = bench.rosterd("passwords storm", &roster, &UNLIMITED)?;
    let plan = Plan::get(SETTINGS, &roster.tokens());
    let kinds = [
        ("reads alone", None),
        ("reads beside 200 sign-ins from one client IP", Some(Crowd::Office)),
        ("reads beside 200 sign-ins from as many client IPs", Some(Crowd::Everywhere)),
    ];
    let mut series = kinds.map(|(label, _)| Series {
        label: label.to_owned(),
        connections: CONNECTIONS,
        rounds: Vec::new(),
        peak_mb: None,
    });
    // The first is to warm up.
    bench.round(&server, &plan, CONNECTIONS, 1)?;
    for _ in 0..bench.effort.rounds {
        for (series, (label, crowd)) in series.iter_mut().zip(kinds) {
            let round = || bench.round(&server, &plan, CONNECTIONS, bench.effort.seconds);
            let round = match crowd {
                None => round()?,
                Some(crowd) => beside(crowd, server.address(), round)?,
            };
            settle(&server);
            eprintln!("   {label:<52} p50 {:>8.2} ms  p99 {:>8.2} ms", round.p50_ms, round.p99_ms);
            series.rounds.push(round);
        }
    }
    let alone = series[0].p99_ms();
    for beside in &series[1..] {
        section.bars.push(Bar::at_most(
            format!("{}: p99 of alone", beside.label),
            beside.p99_ms() / alone,
            SLOWER,
        ));
    }
    section.series.extend(series);
    // Somebody else signs in meanwhile.
    let visitor = Visitor::at(server.address())?;
    let honest = |number| {
        visitor.sign_in(&email(&roster, number), password.expose(), 200).map(|took| took.as_secs_f64())
    };
    let several = |from: usize| (from..from + 5).map(honest).collect::<Result<Vec<f64>>>();
    let alone = several(0)?;
    settle(&server);
    let waiting = beside(Crowd::Office, server.address(), || several(5))?;
    let (Some(alone), Some(waiting)) = (median(alone), median(waiting)) else {
        return Err("no sign-ins".into());
    };
    section.fact(
        "a sign-in alone, and from another client IP beside 200",
        format!("{} s, {} s", short(alone), short(waiting)),
    );
    drop(server);
    roster.discard()
}

/// Waits until the server has nothing left to do of a crowd that has gone, two minutes at most.
fn settle(server: &Server) {
    const STEP: Duration = Duration::from_millis(500);
    for _ in 0..240 {
        let before = server.cpu_seconds();
        thread::sleep(STEP);
        let used = before.zip(server.cpu_seconds()).map(|(before, after)| after - before);
        if used.is_none_or(|used| used < STEP.as_secs_f64() / 10.0) {
            return;
        }
    }
}

/// Does the work while the crowd signs in.
fn beside<T>(crowd: Crowd, address: SocketAddr, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let (done, answers) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let (until, counted) = (Arc::clone(&done), Arc::clone(&answers));
    let busy =
        thread::spawn(move || storm(crowd, address, &until, &counted).map_err(|error| error.to_string()));
    // Until all of them have come.
    thread::sleep(Duration::from_secs(1));
    let worked = work();
    done.store(true, Ordering::Relaxed);
    busy.join().map_err(|_panic| "the crowd panicked")??;
    eprintln!("   beside them: {} sign-ins", answers.load(Ordering::Relaxed));
    worked
}

/// Everybody of the crowd signs in again and again, with e-mail addresses that nobody has. Who is sent away comes back a second
/// later, as the answer says. What is still waiting at the end is given up.
fn storm(crowd: Crowd, address: SocketAddr, done: &Arc<AtomicBool>, answers: &Arc<AtomicU64>) -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let client = client()?;
    runtime.block_on(async {
        for number in 0..CROWD {
            let (client, answers) = (client.clone(), Arc::clone(answers));
            tokio::spawn(async move {
                loop {
                    let email = format!("crowd{number}@nowhere.example");
                    let status =
                        sign_in(&client, address, &email, "not the password", &crowd.client_ip(number)).await;
                    match status {
                        Ok(503) | Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
                        Ok(_) => _ = answers.fetch_add(1, Ordering::Relaxed),
                    }
                }
            });
        }
        while !done.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    Ok(())
}
