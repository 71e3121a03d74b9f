//! How a command fails: one sentence and an exit code.

use std::error::Error;
use std::io;

use rosterd_app::AppError;
use rosterd_domain::error::DomainError;
use rosterd_domain::roster::Problem;
use rosterd_storage::StoreError;
use rosterd_storage::backup::BackupError;
use rosterd_storage::migrate_from::MigrateError;

use super::output::plain;
use crate::config::ConfigError;
use crate::server::StartError;
use crate::telemetry::TelemetryError;

/// Exit codes; `--help` and docs/CONFIGURATION.md list them.
pub mod exit {
    /// Something the command was asked to do could not be done.
    pub const FAILURE: u8 = 1;
    /// The command line is wrong.
    pub const USAGE: u8 = 2;
    /// The configuration is wrong.
    pub const CONFIGURATION: u8 = 3;
    /// The database cannot be opened or does not answer.
    pub const DATABASE: u8 = 4;
    /// Something would change, and nothing was changed: `rosterd apply` without `--apply`.
    pub const WOULD_CHANGE: u8 = 5;
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// Options that do not fit together.
    #[error("{0}")]
    Usage(String),
    /// The configuration cannot be used.
    #[error("the configuration cannot be used")]
    Config(#[from] ConfigError),
    /// The server did not start or the database did not open.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Logging.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// A rule was broken.
    #[error(transparent)]
    Rule(#[from] DomainError),
    /// The database did not do it.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// A backup was not made, or not put back.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// Not all, or nothing, was carried from another database.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// A use case refused or failed.
    #[error(transparent)]
    App(#[from] AppError),
    /// Standard input.
    #[error("the password cannot be read")]
    Input(#[source] io::Error),
    /// An answer on the terminal.
    #[error("nothing was done, because the answer cannot be read")]
    Answer(#[source] io::Error),
    /// Standard output.
    #[error("the result cannot be written to standard output")]
    Output(#[source] io::Error),
    /// A result that is no JSON.
    #[error("the result cannot be written as JSON")]
    Json(#[source] serde_json::Error),
    /// Everything that is wrong with a file that declares a roster.
    #[error("{}", faults(file, problems))]
    Roster {
        /// The file.
        file: String,
        /// What is wrong, in its order.
        problems: Vec<Problem>,
    },
    /// So many things would change.
    #[error("{}", would_be_made(*.0))]
    WouldChange(usize),
    /// Anything a command has a sentence for.
    #[error("{0}")]
    Failure(String),
}

fn would_be_made(count: usize) -> String {
    match count {
        1 => "1 change would be made; --apply makes it".to_owned(),
        count => format!("{count} changes would be made; --apply makes them"),
    }
}

/// A line for each place, as compilers tell them: `roster.toml:7: groups[0].parent: …`.
fn faults(file: &str, problems: &[Problem]) -> String {
    let mut told = format!("{file} was not applied, and nothing was changed:");
    for Problem { line, path, message } in problems {
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        let path = if path.is_empty() { String::new() } else { format!(" {path}:") };
        // Names and keys of the file may hold anything.
        told.push('\n');
        told.push_str(&plain(&format!("{file}{line}:{path} {message}")));
    }
    told
}

impl CliError {
    /// The error and what lies behind it, in one line but for a list of settings or of places in a file.
    pub(super) fn sentence(&self) -> String {
        let mut sentence = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            sentence.push_str(": ");
            sentence.push_str(&error.to_string());
            cause = error.source();
        }
        match self {
            Self::Config(ConfigError::Settings(_)) => sentence.replace(": \n", ":\n"),
            Self::Roster { .. } => sentence,
            // libpq speaks in several lines.
            _ => sentence.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    /// The process's exit code.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_)
            | Self::Config(
                ConfigError::UnknownSet { .. } | ConfigError::SetWithoutValue(_) | ConfigError::SecretSet(_),
            ) => exit::USAGE,
            Self::Config(_) | Self::Telemetry(_) | Self::Start(StartError::Secret(_)) => exit::CONFIGURATION,
            #[cfg(feature = "otel")]
            Self::Start(StartError::Traces(_)) => exit::CONFIGURATION,
            Self::Start(StartError::Folder { .. } | StartError::Database(_) | StartError::Ousted { .. })
            | Self::Store(_)
            | Self::Backup(BackupError::Open(_) | BackupError::Store(_))
            | Self::Migrate(MigrateError::Open(_) | MigrateError::Source { .. } | MigrateError::Store(_))
            | Self::App(AppError::Store(_) | AppError::DeleteUser(_)) => exit::DATABASE,
            Self::WouldChange(_) => exit::WOULD_CHANGE,
            Self::Start(
                StartError::Bind { .. }
                | StartError::BindMetrics { .. }
                | StartError::Threads(_)
                | StartError::Server(_)
                | StartError::Panicked,
            )
            | Self::Rule(_)
            | Self::Backup(_)
            | Self::Migrate(_)
            | Self::App(_)
            | Self::Input(_)
            | Self::Answer(_)
            | Self::Output(_)
            | Self::Json(_)
            | Self::Roster { .. }
            | Self::Failure(_) => exit::FAILURE,
        }
    }
}
