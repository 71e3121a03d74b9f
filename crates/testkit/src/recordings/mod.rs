//! Replays recorded exchanges against a server and reports every difference.
//!
//! One JSON object a line: `name`, `method`, `path`, `as` (who calls), `auth` (how; a bearer token when absent),
//! `claims` (into the minted token), `headers`, `query`, `body` or `raw`, `save` (variable → dotted path in the answer),
//! `claims_of` (where in the answer a token is whose claims are compared), `cookies` (whether what the answer does to cookies
//! is compared), `reference` (what Open WebUI answered) and, where that was a defect, `expect` (what must be answered
//! instead). A server must give `expect`, else `reference`. `match: subset` allows more keys than listed; `absent` lists keys
//! that must appear nowhere. What two correct servers may differ in is normalised first (`normal`).
//!
//! The server must run on a fresh copy of a recorded database with the secret of
//! [`Actors::recorded`](crate::fixtures::Actors::recorded), and on the system's clock.

mod exchange;
mod judge;
mod normal;
mod player;

use std::fmt;

use self::exchange::Exchange;
use self::player::Player;

/// What a replay found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Exchanges played.
    pub total: usize,
    /// Those that did not match, in order.
    pub failures: Vec<Failure>,
}

/// One exchange that did not match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exchange's `name`.
    pub name: String,
    /// Its method and path, as recorded.
    pub request: String,
    /// Each difference in a line.
    pub problems: Vec<String>,
}

impl Report {
    /// Stops the test when an exchange did not match, listing every difference.
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(self.failures.is_empty(), "\n{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failures {
            writeln!(f, "FAIL {}: {}", failure.name, failure.request)?;
            for problem in &failure.problems {
                writeln!(f, "     {problem}")?;
            }
        }
        write!(f, "{} of {} exchanges match", self.total - self.failures.len(), self.total)
    }
}

/// Plays a recording, one JSON object a line, against the server at `base_url` (`http://127.0.0.1:8080`).
///
/// An exchange that cannot be played (the server hangs up, a variable was never saved) counts as a failure, so
/// that one defect does not hide the rest.
pub async fn replay(base_url: &str, recording: &str) -> Report {
    let mut player = Player::new(base_url);
    let mut report = Report::default();
    for line in recording.lines().filter(|line| !line.trim().is_empty()) {
        let exchange: Exchange =
            serde_json::from_str(line).unwrap_or_else(|e| panic!("not an exchange ({e}): {line:.120}"));
        let problems = match player.play(&exchange).await {
            Ok(answer) => judge::problems(&exchange, &answer),
            Err(problem) => vec![problem],
        };
        report.total += 1;
        if !problems.is_empty() {
            let request = format!("{} {}", exchange.method, exchange.path);
            report.failures.push(Failure { name: exchange.name, request, problems });
        }
    }
    report
}

#[cfg(test)]
mod tests;
