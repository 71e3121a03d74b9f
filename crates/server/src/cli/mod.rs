//! The command line: what it means, what it prints, how it ends.
//!
//! Results go to standard output, everything else to standard error. To add a command: a variant of `Command`, a
//! file beside this one.

mod config;
mod error;
mod help;
mod migrate;
mod options;
mod serve;
mod token;
mod user;

use std::io::Write;
use std::process::ExitCode;

use clap::{FromArgMatches, Parser, Subcommand};

use error::CliError;
pub use error::exit;
pub use help::command;
use options::Options;

/// User management for Open WebUI-style chat deployments.
#[derive(Debug, Parser)]
#[command(name = "rosterd", version, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (what `rosterd` alone does)
    Serve,
    /// Print the effective configuration as TOML, secrets hidden, and where each value came from
    Config,
    /// Make or update the tables of a database of our own, then end
    Migrate,
    /// Manage accounts without the server
    #[command(subcommand)]
    User(user::UserCommand),
    /// Print a token for an account
    Token(token::TokenArgs),
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let parsed = command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too, as clap's errors with status 0. A closed pipe is no news.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(exit::USAGE));
        }
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "rosterd: {}", error.sentence());
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(cli: Cli) -> Result<(), CliError> {
    let config = cli.options.load()?;
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&config),
        Command::Config => config::run(&config),
        Command::Migrate => migrate::run(config),
        Command::User(command) => user::run(&config, command),
        Command::Token(args) => token::run(&config, &args),
    }
}

/// Writes a result to standard output.
fn print(text: &str) -> Result<(), CliError> {
    writeln!(std::io::stdout().lock(), "{text}").map_err(CliError::Output)
}

/// Runs work that talks to the database on a runtime of its own.
fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    actix_web::rt::System::new().block_on(work)
}
