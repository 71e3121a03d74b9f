//! `rosterd serve`, which `rosterd` alone means too.

use super::{CliError, Output};
use crate::config::Config;
use crate::server::{self, StartError};
use crate::signals::Signals;
use crate::telemetry;

/// Runs until a signal ends it.
pub(super) fn run(config: &Config, output: Output) -> Result<(), CliError> {
    if output == Output::Json {
        let instead = "the server prints no result; for a log in JSON set ROSTERD_LOG_FORMAT=json";
        return Err(CliError::Usage(format!("--json: {instead}")));
    }
    telemetry::init(&config.logging)?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    super::block_on(async {
        // Before anything listens: from the first answer on a signal must stop with grace.
        let mut signals = Signals::watch().map_err(StartError::Server)?;
        let running = tokio::select! {
            running = server::start(config) => running?,
            signal = signals.next() => {
                tracing::info!(signal, "stopped before it listened");
                // Leaving in order would wait for a database that may not answer. Migrations are transactions.
                std::process::exit(0);
            }
        };
        Ok(running.until_signal(signals).await?)
    })
}
