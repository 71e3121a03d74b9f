//! Logging: `tracing` to standard error, as text or as one JSON object a line. What is logged is decided where it
//! happens; no event of this project carries a token, a password or an e-mail address.

mod gathered;
mod request_line;
#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal};
use std::sync::Arc;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::{LogFormat, LoggingConfig};
use crate::screen::Screen;
use gathered::Gathered;
pub(crate) use gathered::{Remaining, Sink};
use request_line::{Clock, Plain};

/// The target of the lines that tell of a request each.
const REQUESTS: &str = "rosterd::request";

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not one.
    #[error("RUST_LOG")]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    /// The system gives no thread.
    #[error("no thread for the log")]
    Thread(#[source] io::Error),
    /// This process logs already.
    #[error("logging is set up already")]
    Twice(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Sets up logging for the whole process.
///
/// # Errors
/// [`TelemetryError`] when the filter does not parse, or a subscriber was set before.
pub fn init(logging: &LoggingConfig) -> Result<(), TelemetryError> {
    init_with(io::stderr, logging)
}

/// The same for a server, on this screen, which may also show a line of progress. Lines of requests may wait a little
/// for others; what is given back writes the last of them.
pub(crate) fn init_serving(
    screen: Arc<Screen>,
    logging: &LoggingConfig,
) -> Result<Remaining<Screen>, TelemetryError> {
    let (lines, remaining) = Gathered::start(screen).map_err(TelemetryError::Thread)?;
    init_with(lines, logging)?;
    Ok(remaining)
}

fn init_with<W>(writer: W, logging: &LoggingConfig) -> Result<(), TelemetryError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(&logging.filter).map_err(TelemetryError::Filter)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    let in_colour = logging.colours && io::stderr().is_terminal();
    match logging.format {
        LogFormat::Text if in_colour => lines.with_ansi(true).with_timer(Clock).try_init(),
        LogFormat::Text => lines.with_ansi(false).event_format(Plain::default()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_timer(Clock).try_init(),
    }
    .map_err(TelemetryError::Twice)
}
