//! Logging: `tracing` to standard error, as text or as one JSON object a line. What is logged is decided where it
//! happens; no event of this project carries a token, a password or an e-mail address.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, LoggingConfig};
use crate::screen::Screen;

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not one.
    #[error("RUST_LOG")]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    /// This process logs already.
    #[error("logging is set up already")]
    Twice(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Sets up logging for the whole process.
///
/// # Errors
/// [`TelemetryError`] when the filter does not parse, or a subscriber was set before.
pub fn init(logging: &LoggingConfig) -> Result<(), TelemetryError> {
    init_on(Arc::default(), logging)
}

/// The same on this screen, which may also show a line of progress.
pub(crate) fn init_on(screen: Arc<Screen>, logging: &LoggingConfig) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(&logging.filter).map_err(TelemetryError::Filter)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(screen);
    match logging.format {
        LogFormat::Text => lines.with_ansi(logging.colours && io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    }
    .map_err(TelemetryError::Twice)
}
