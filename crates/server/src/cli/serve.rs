//! `rosterd serve`, which `rosterd` alone means too.

use std::sync::Arc;
use std::time::Duration;

use super::output::Form;
use super::progress::Progress;
use super::{CliError, Output};
use crate::config::Config;
use crate::connections;
use crate::screen::Screen;
use crate::server::{self, StartError};
use crate::signals::Signals;
use crate::telemetry;

/// How long a start that a signal came into may go on, so that it can be undone in order.
const LEAVING: Duration = Duration::from_secs(5);

/// Runs until a signal ends it.
pub(super) fn run(mut config: Config, output: Output) -> Result<(), CliError> {
    if output.form == Form::Json {
        let instead = "the server prints no result; for a log in JSON set ROSTERD_LOG_FORMAT=json";
        return Err(CliError::Usage(format!("--json: {instead}")));
    }
    let screen = Arc::new(Screen::default());
    let _remaining = telemetry::init_serving(Arc::clone(&screen), &config.logging)?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    connections::raise_open_files();
    // Of a large database: new tables and indexes, or what a crash left in the log.
    let progress = Progress::of_server(output, &screen, "opening the database");
    config.database.watch = progress.watch();
    super::block_on(async {
        // Before anything listens: from the first answer on a signal must stop with grace.
        let mut signals = Signals::watch().map_err(StartError::Server)?;
        let mut starting = std::pin::pin!(progress.during(server::start(&config)));
        let running = tokio::select! {
            running = &mut starting => {
                screen.clear();
                running?
            }
            signal = signals.next() => {
                screen.clear();
                tracing::info!(signal, "stopped before it began to listen");
                // A file is soon open, and is left as one file. A server may never answer; migrations are transactions.
                if config.database.url.is_sqlite()
                    && let Ok(running) = tokio::time::timeout(LEAVING, starting).await
                {
                    running?.stop(true).await?;
                }
                std::process::exit(0);
            }
        };
        Ok(running.until_signal(signals).await?)
    })
}
