//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Measures rosterd against a bare actix-web server, side by side, on this machine.
///
/// Exit codes: 0 measured, 1 a bar was missed (with --check), 2 something could not be measured.
#[derive(Debug, Parser)]
#[command(name = "rosterd-bench", args_conflicts_with_subcommands = true)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of a command line")]
pub(crate) struct Options {
    /// What to measure; several may be named.
    #[arg(value_enum, required = true)]
    scenario: Vec<Scenario>,
    /// Fail (exit code 1) when a figure misses its bar.
    #[arg(long)]
    pub(crate) check: bool,
    /// Two short rounds and smaller rosters: to see that it works, not to believe the figures.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Rounds of each contender.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// Seconds of each round.
    #[arg(long, default_value_t = 5)]
    pub(crate) seconds: u64,
    /// Write the tables into docs/PERFORMANCE.md and the plots into docs/plots.
    #[arg(long)]
    pub(crate) docs: bool,
    /// Where the figures go as JSON [default: target/bench-data/report.json].
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
    /// The server to measure; without it the release build is made and taken.
    #[arg(long)]
    pub(crate) server: Option<PathBuf>,
    /// Send requests by ourselves even where wrk is installed.
    #[arg(long)]
    pub(crate) builtin: bool,
    /// A folder for the servers' logs. Without it they are written and thrown away.
    #[arg(long)]
    pub(crate) logs: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

impl Options {
    /// What was asked for, `all` spelled out.
    pub(crate) fn scenarios(&self) -> Vec<Scenario> {
        if self.scenario.contains(&Scenario::All) {
            let every = Scenario::value_variants().iter().copied();
            every.filter(|scenario| *scenario != Scenario::All).collect()
        } else {
            self.scenario.clone()
        }
    }
}

/// What this program also is.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// One of the servers that rosterd is compared with.
    #[command(hide = true)]
    Bare(BareOptions),
    /// Send the same requests to servers that run already, in interleaved rounds.
    Peers(PeersOptions),
}

/// Which servers, and how long.
#[derive(Debug, Args)]
pub(crate) struct PeersOptions {
    /// A JSON file that says which servers are asked what: see peers.example.json.
    pub(crate) spec: PathBuf,
    /// Fail (exit code 1) when a figure misses its bar.
    #[arg(long)]
    pub(crate) check: bool,
    /// Rounds of each server and request.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// Seconds of each round.
    #[arg(long, default_value_t = 5)]
    pub(crate) seconds: u64,
    /// Where the figures go as JSON; without it they are only printed.
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
    /// Send requests by ourselves even where wrk is installed.
    #[arg(long)]
    pub(crate) builtin: bool,
}

/// What a bare server does for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Nothing.
    Static,
    /// Checks an HS256 token, as rosterd does but for its claims and its cache.
    Token,
    /// Runs the one statement of a settings read through the pool that rosterd would use. No token, no log.
    Row,
}

/// A bare server.
#[derive(Debug, Args)]
pub(crate) struct BareOptions {
    /// What it does for its answer.
    #[arg(long, value_enum)]
    pub(crate) kind: Kind,
    /// Port on 127.0.0.1.
    #[arg(long)]
    pub(crate) port: u16,
    /// The database, for the kind that reads one.
    #[arg(long)]
    pub(crate) database: Option<String>,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// GET /user/settings on SQLite.
    SettingsRead,
    /// The same with metrics and without.
    MetricsCost,
    /// The same on PostgreSQL.
    PostgresSettings,
    /// GET /permissions on SQLite.
    PermissionsRead,
    /// POST /user/settings/update on SQLite: group commit against a pool of writers.
    SettingsWrite,
    /// Reads and writes of others while one account merges into 4 MiB of settings.
    Fairness,
    /// Sign-ins: their time with and without an account, their cost, and readers beside 200 of them.
    Passwords,
    /// A list page in every order, 1 thousand and 100 thousand users.
    List,
    /// Search of a rare part, 10 thousand and 1 million users, both databases.
    Search,
    /// Page 30,000 by cursor against page 1, 1 million users.
    DeepCursor,
    /// GET /users/all, 1 million users.
    AllStream,
    /// Resident memory, idle and under mixed load.
    Memory,
    /// From start to first answer, 1 million users.
    Startup,
    /// Size of the program.
    BinarySize,
    /// An Open WebUI database as it is, against our own, against an adopted one.
    Attached,
    /// Writes with and without the audit log, and a log of a million events.
    Audit,
    /// Deliveries a second to a local receiver, and writes with and without a webhook.
    Webhooks,
    /// An identity provider that makes 10 thousand users and memberships one by one, and its lists, both databases.
    Scim,
    /// Writes beside a backup, 1 million users.
    Backup,
    /// `rosterd import` of 100 thousand accounts while others write, both databases.
    Import,
    /// `rosterd migrate-from`, 1 million users, between both databases.
    Migrate,
    /// Throughput and memory against connections, up to 4,000.
    Connections,
    /// Latency and cost against the number of users, up to 5 million.
    Growth,
    /// Two processes on one PostgreSQL against one.
    Nodes,
    /// CPU time of each feature on the hot paths.
    Prices,
    /// Instructions of an answer, which other work on the machine hardly changes.
    Instructions,
    /// How each list, search and point read is planned by SQLite, 1 million users.
    Plans,
    /// Everything.
    All,
}

impl Scenario {
    /// As it is spelled on the command line and in the documents.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenarios(arguments: &[&str]) -> Vec<Scenario> {
        Options::try_parse_from(["rosterd-bench"].iter().chain(arguments)).unwrap().scenarios()
    }

    #[test]
    fn all_is_every_other_one() {
        let all = scenarios(&["all"]);
        assert_eq!(all.len(), Scenario::value_variants().len() - 1);
        assert!(!all.contains(&Scenario::All));
    }

    #[test]
    fn several_run_in_the_order_they_are_named() {
        assert_eq!(scenarios(&["list", "search", "--quick"]), [Scenario::List, Scenario::Search]);
    }

    #[test]
    fn a_bare_server_needs_no_scenario() {
        let options = Options::try_parse_from(["rosterd-bench", "bare", "--kind", "token", "--port", "1"]);
        assert!(options.unwrap().command.is_some());
    }
}
