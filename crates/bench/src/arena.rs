//! Contenders in interleaved rounds.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use crate::Result;
use crate::figures::{Round, Series};
use crate::load::{Load, Plan};
use crate::machine;
use crate::process::Server;
use crate::usage;

/// How long everybody is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// Rounds of each contender.
    pub(crate) rounds: usize,
    /// Seconds of a round.
    pub(crate) seconds: u64,
}

/// Who is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target<'a> {
    /// A server that was started here, so that its time and memory are known.
    Started(&'a Server),
    /// One that runs anyway.
    Elsewhere(SocketAddr),
}

impl<'a> From<&'a Server> for Target<'a> {
    fn from(server: &'a Server) -> Self {
        Self::Started(server)
    }
}

impl Target<'_> {
    fn address(self) -> SocketAddr {
        match self {
            Self::Started(server) => server.address(),
            Self::Elsewhere(address) => address,
        }
    }

    fn cpu_seconds(self) -> Option<f64> {
        match self {
            Self::Started(server) => server.cpu_seconds(),
            Self::Elsewhere(_) => None,
        }
    }

    fn peak_mb(self) -> Option<f64> {
        match self {
            Self::Started(server) => usage::peak_mb(server.pid()),
            Self::Elsewhere(_) => None,
        }
    }
}

/// A server, what it is asked, and by how many connections at once.
#[derive(Debug, Clone)]
pub(crate) struct Contender<'a> {
    /// How it is called in the table.
    pub(crate) label: String,
    /// The server, which may stand behind several contenders.
    pub(crate) server: Target<'a>,
    /// The requests.
    pub(crate) plan: &'a Plan,
    /// Connections at the same time.
    pub(crate) connections: usize,
    /// What others ask the same server meanwhile, by as many connections. It is not measured.
    pub(crate) beside: Option<&'a Plan>,
}

impl<'a> Contender<'a> {
    /// With the usual 32 connections.
    pub(crate) fn new(label: impl Into<String>, server: impl Into<Target<'a>>, plan: &'a Plan) -> Self {
        Self { label: label.into(), server: server.into(), plan, connections: 32, beside: None }
    }

    /// The same with another number of connections.
    pub(crate) fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// The same while others ask this.
    pub(crate) fn beside(mut self, others: &'a Plan) -> Self {
        self.beside = Some(others);
        self
    }
}

/// Lets everybody run once to warm up, then round by round in turn; every other round in reverse, so that nobody
/// always comes after the same neighbour.
pub(crate) fn compete(load: &Load, effort: Effort, contenders: &[Contender<'_>]) -> Result<Vec<Series>> {
    let mut series: Vec<Series> = contenders
        .iter()
        .map(|contender| Series {
            label: contender.label.clone(),
            connections: contender.connections,
            rounds: Vec::new(),
            peak_mb: None,
        })
        .collect();
    for contender in contenders {
        // Whether it answers at all is seen when it is measured: with thousands of connections, a second may pass before it does.
        load.run(contender.server.address(), contender.plan, contender.connections, 1)?;
    }
    for round in 0..effort.rounds {
        let mut order: Vec<usize> = (0..contenders.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for index in order {
            let pace = machine::pace_ms();
            let figures = Round { pace_ms: Some(pace), ..measure(load, &contenders[index], effort.seconds)? };
            eprintln!(
                "   {:<44} {:>3} connections {:>9.0}/s  p50 {:>8.2} ms  p99 {:>8.2} ms",
                contenders[index].label,
                contenders[index].connections,
                figures.per_second,
                figures.p50_ms,
                figures.p99_ms,
            );
            series[index].rounds.push(figures);
        }
    }
    for (series, contender) in series.iter_mut().zip(contenders) {
        series.peak_mb = contender.server.peak_mb();
    }
    Ok(series)
}

/// How much longer the others ask, seconds: half of it before, so that what they do has begun.
const LONGER: u64 = 2;

fn measure(load: &Load, contender: &Contender<'_>, seconds: u64) -> Result<Round> {
    let Some(others) = contender.beside else { return measure_alone(load, contender, seconds) };
    let (to, connections) = (contender.server.address(), contender.connections);
    thread::scope(|scope| {
        // Errors do not cross threads, their sentences do.
        let busy = scope.spawn(move || {
            load.run(to, others, connections, seconds + LONGER).map_err(|error| error.to_string())
        });
        thread::sleep(Duration::from_secs(LONGER / 2));
        let round = measure_alone(load, contender, seconds);
        let tally = busy.join().map_err(|_panic| "the others' load panicked")??;
        eprintln!("   beside them: {} answers, {} of them errors", tally.answers, tally.errors);
        ensure_answered("the load beside it", tally.answers, tally.errors)?;
        round
    })
}

/// Refuses figures of a server that mostly refuses: it would seem quick.
fn ensure_answered(label: &str, answers: u64, errors: u64) -> Result<()> {
    if errors > answers / 2 {
        let why = "the server's log says why (--logs FOLDER keeps it)";
        return Err(format!("{label}: {errors} of {answers} answers were errors; {why}").into());
    }
    Ok(())
}

fn measure_alone(load: &Load, contender: &Contender<'_>, seconds: u64) -> Result<Round> {
    let before = contender.server.cpu_seconds();
    let tally = load.run(contender.server.address(), contender.plan, contender.connections, seconds)?;
    let after = contender.server.cpu_seconds();
    if tally.answers == 0 {
        return Err(format!("{} answered nothing", contender.label).into());
    }
    ensure_answered(&contender.label, tally.answers, tally.errors)?;
    #[expect(clippy::cast_precision_loss, reason = "a count of answers")]
    let answers = tally.answers as f64;
    Ok(Round {
        per_second: answers / tally.seconds,
        p50_ms: tally.p50_us / 1e3,
        p99_ms: tally.p99_us / 1e3,
        cpu_us: before.zip(after).map(|(before, after)| (after - before) * 1e6 / answers),
        errors: tally.errors,
        pace_ms: None,
    })
}
