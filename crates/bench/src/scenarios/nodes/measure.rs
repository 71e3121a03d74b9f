//! What processes of rosterd and of PostgreSQL use for an answer.

use std::collections::HashMap;
use std::thread;

use rosterd_storage::{DatabaseUrl, raw};

use crate::bench::Bench;
use crate::figures::median;
use crate::load::{Plan, Tally};
use crate::process::Server;
use crate::{Result, usage};

/// What one round gave.
pub(super) struct Measured {
    /// Answers of all processes together.
    pub(super) per_second: f64,
    /// CPU time of all processes of rosterd for an answer. Microseconds.
    pub(super) rosterd_us: f64,
    /// The same of each PostgreSQL.
    pub(super) postgres_us: Vec<f64>,
    /// Cores of the machine that did something, whatever it was.
    pub(super) busy: f64,
}

impl Measured {
    /// The median of each figure. There is at least one round.
    pub(super) fn middle(rounds: &[Self]) -> Self {
        let of = |figure: &dyn Fn(&Self) -> f64| median(rounds.iter().map(figure)).unwrap_or(f64::NAN);
        let databases = rounds.first().map_or(0, |round| round.postgres_us.len());
        Self {
            per_second: of(&|round| round.per_second),
            rosterd_us: of(&|round| round.rosterd_us),
            postgres_us: (0..databases).map(|place| of(&|round| round.postgres_us[place])).collect(),
            busy: of(&|round| round.busy),
        }
    }
}

/// Lets so many clients ask each of these processes at the same time. `databases` are those whose servers are watched.
pub(super) fn measure(
    bench: &Bench,
    nodes: &[Server],
    plan: &Plan,
    clients: usize,
    seconds: u64,
    databases: &[DatabaseUrl],
) -> Result<Measured> {
    let used = || nodes.iter().filter_map(Server::cpu_seconds).sum::<f64>();
    let of_postgres = || databases.iter().map(seconds_of).collect::<Result<Vec<_>>>();
    let (postgres_before, before, busy_before) = (of_postgres()?, used(), usage::busy_seconds());
    let tallies = ask_all(bench, nodes, plan, clients, seconds)?;
    let (after, busy_after, postgres_after) = (used(), usage::busy_seconds(), of_postgres()?);
    let answers: u64 = tallies.iter().map(|tally| tally.answers).sum();
    let errors: u64 = tallies.iter().map(|tally| tally.errors).sum();
    if answers == 0 || errors > 0 {
        return Err(format!("{answers} answers, {errors} of them errors").into());
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of answers")]
    let each = 1e6 / answers as f64;
    let took = tallies.iter().map(|tally| tally.seconds).fold(0.0, f64::max);
    Ok(Measured {
        per_second: 1e6 / each / took,
        rosterd_us: (after - before) * each,
        postgres_us: postgres_before
            .iter()
            .zip(&postgres_after)
            .map(|(before, after)| passed(before, after) * each)
            .collect(),
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

/// The CPU time so far of each process of a database's server.
fn seconds_of(url: &DatabaseUrl) -> Result<HashMap<u32, f64>> {
    let others = "SELECT pid::text AS pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
    let processes = raw::query_text(url, others)?.into_iter().flatten().flatten();
    Ok(processes
        .filter_map(|process| {
            let process = process.parse().ok()?;
            Some((process, usage::cpu_seconds(process)?))
        })
        .collect())
}

/// What was used between two looks. A process that was not there before has begun at zero.
fn passed(before: &HashMap<u32, f64>, after: &HashMap<u32, f64>) -> f64 {
    after.iter().map(|(process, seconds)| seconds - before.get(process).copied().unwrap_or_default()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_that_came_meanwhile_count_from_zero() {
        let before = HashMap::from([(1, 10.0), (2, 5.0)]);
        let after = HashMap::from([(1, 10.5), (3, 0.25)]);
        assert!((passed(&before, &after) - 0.75).abs() < 1e-9);
    }
}
