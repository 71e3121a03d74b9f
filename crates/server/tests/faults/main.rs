//! What goes wrong around a server: it is killed, its database is stopped, frozen, replaced or full, clients are slow,
//! clocks jump. Each test writes all the while with several clients and keeps a [`book`] of what was acknowledged. In the
//! end every acknowledged write is there and nothing is half done.
//!
//! A test runs a short form. `ROSTERD_FAULT_ROUNDS=20` repeats each of them, and with `--nocapture` each prints its
//! figures; `just faults` does both.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod away;
mod book;
mod clock;
mod disk;
mod kill;
mod load;
mod nodes;
mod postgres;
mod slow;

use rosterd_testkit::{ProcessBuilder, ServerProcess, TestDb};

/// The program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_rosterd");

/// The token with which the tests read the metrics.
const METRICS_TOKEN: &str = "a-token-for-the-metrics";

/// How often a test is repeated: `ROSTERD_FAULT_ROUNDS`, else once.
fn rounds() -> u32 {
    let given = std::env::var("ROSTERD_FAULT_ROUNDS").ok().filter(|text| !text.is_empty());
    given.map_or(1, |text| text.parse().expect("ROSTERD_FAULT_ROUNDS is a number"))
}

/// The program on this database, as the tests run it: it gives up soon, shows its metrics, and lets everybody sign in however
/// often a test is repeated.
fn program(db: &TestDb) -> ProcessBuilder {
    ProcessBuilder::new(PROGRAM)
        .database(db)
        .env("ROSTERD_DATABASE_WAIT", "1s")
        .env("ROSTERD_STATEMENT_TIMEOUT", "2s")
        .env("ROSTERD_METRICS_TOKEN", METRICS_TOKEN)
        .env("ROSTERD_SIGN_IN_PER_EMAIL", "1000000")
        .env("ROSTERD_SIGN_IN_PER_ACCOUNT", "1000000")
        .env("ROSTERD_SIGN_IN_PER_CLIENT_IP", "1000000")
}

fn start(db: &TestDb) -> ServerProcess {
    program(db).start()
}
