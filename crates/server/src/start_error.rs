//! Why a server does not start.

use std::io;
use std::path::PathBuf;

use rosterd_storage::OpenError;

use crate::config::{Listen, SecretError};

/// Why the server did not start, or ended badly.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The token secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The folder of the SQLite file.
    #[error("DATABASE_URL: the folder {} cannot be created", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database.
    #[error("DATABASE_URL")]
    Database(#[source] OpenError),
    /// Host and port to listen on.
    #[error("HOST and PORT: cannot listen on {host}:{port}")]
    Bind {
        /// The host asked for.
        host: String,
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The listener of the metrics.
    #[error("ROSTERD_METRICS_LISTEN: cannot listen on {listen}")]
    BindMetrics {
        /// What was asked for.
        listen: Listen,
        /// What the system said.
        source: io::Error,
    },
    /// The variables of OpenTelemetry.
    #[cfg(feature = "otel")]
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT: traces cannot be sent")]
    Traces(#[source] opentelemetry_otlp::ExporterBuildError),
    /// The threads beside the server.
    #[error("the threads that hash passwords cannot be started")]
    Threads(#[source] io::Error),
    /// The server's own thread failed.
    #[error("the server failed")]
    Server(#[source] io::Error),
    /// Accounts are being carried into the database of a running server, whose note there had ended.
    #[error(
        "accounts of {source_url} are being carried into the database, which this server gave no sign of using for half a minute; it \
         has stopped, so that nothing is lost that it would write. Start it again when `rosterd migrate-from` has ended"
    )]
    Ousted {
        /// Where the accounts come from, without a password.
        source_url: String,
    },
    /// A task of the start-up panicked.
    #[error("the server failed: one of its tasks panicked")]
    Panicked,
}
