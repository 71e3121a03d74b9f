//! The command line: what it means, what it prints, how it ends.
//!
//! Results go to standard output, everything else to standard error. Commands that change accounts and groups run the
//! same use cases as the API ([`rosterd_app`]), as [the operator](rosterd_app::Caller::operator); with `--events` what they
//! did is told on standard error, as the server tells it in its log. To add a command: a variant of `Command`, a file beside this one.

mod adopt;
mod apply;
mod audit;
mod backup;
mod completions;
mod config;
mod confirm;
mod dump;
mod error;
mod examples;
mod export;
mod find;
mod group;
mod health;
mod help;
mod import;
mod mail;
mod man;
mod migrate;
mod migrate_from;
mod options;
mod output;
mod password;
mod permissions;
mod progress;
mod restore;
mod roster_file;
mod scim;
mod serve;
mod settings;
mod table;
mod times;
mod token;
mod user;
mod version;
mod webhook;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{FromArgMatches, Parser, Subcommand};
use rosterd_app::{App, Listener};
use rosterd_storage::Store;

use crate::config::{Config, DatabaseConfig, all_settings};
use crate::server::{self, Access};
use crate::telemetry;
use error::CliError;
pub use error::exit;
pub use help::command;
use options::Options;
use output::{Form, Output};
use progress::Progress;

/// User management for Open WebUI-style chat deployments.
#[derive(Debug, Parser)]
#[command(name = "rosterd", version)]
struct Cli {
    #[command(flatten)]
    options: Options,
    /// Print the result as JSON
    #[arg(long, global = true, help_heading = options::EVERYWHERE)]
    json: bool,
    /// Write what was changed to standard error, one JSON object for each event
    #[arg(long, global = true, help_heading = options::EVERYWHERE)]
    events: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (what `rosterd` alone does)
    Serve,
    /// Print the settings in use as TOML, including stored ones, and where each comes from; secrets are hidden
    Config,
    /// Create or update the tables of a standalone database, then end
    Migrate,
    /// Carry all accounts, groups and settings of another database into a new standalone one
    MigrateFrom(migrate_from::MigrateFromArgs),
    /// Report what is missing or wrong in an Open WebUI database; with --apply, add rosterd's indexes and tables
    Adopt(adopt::AdoptArgs),
    /// Copy the database into a file while it is in use
    Backup(backup::BackupArgs),
    /// Put a backup back in the place of the database, which nobody may be using
    Restore(restore::RestoreArgs),
    /// Create, list, show, change and delete accounts
    #[command(subcommand)]
    User(user::UserCommand),
    /// Create, list, show, change and delete groups, and change their members
    #[command(subcommand)]
    Group(group::GroupCommand),
    /// Make and change accounts as a file says; without --apply only show what would happen
    Import(import::ImportArgs),
    /// Write all accounts to standard output, as a file that import reads
    Export(export::ExportArgs),
    /// Show and set what users may do
    #[command(subcommand)]
    Permissions(permissions::PermissionsCommand),
    /// Show and store the settings that administrators change at run time
    #[command(subcommand)]
    Settings(settings::SettingsCommand),
    /// Show what a file with groups, members, permissions and settings would change; with --apply, change it
    Apply(apply::ApplyArgs),
    /// Print groups, members, permissions and settings as a file for `apply`
    Dump(dump::DumpArgs),
    /// List, export and verify the audit log, and erase people from it
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Create, list, change, test and delete webhooks, and show their deliveries
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
    /// Connect identity providers by SCIM, and list, change and delete these connections
    #[command(subcommand)]
    Scim(scim::ScimCommand),
    /// List the mails that the server sends, send one once more, and test the mail server
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// Print a session token for an account
    Token(token::TokenArgs),
    /// Ask a running server whether it can work: 0 if it can, 1 if not
    Health(health::HealthArgs),
    /// Print a script that completes commands and options in a shell
    Completions(completions::CompletionsArgs),
    /// Print the man page of rosterd, or write those of all commands
    Man(man::ManArgs),
    /// Print the version
    Version,
}

/// In place of clap's message, which would repeat a URL with its password.
const MISPLACED_URL: &str = "rosterd: the command line is wrong. Give the URL of a database in \
    DATABASE_URL, or after --database-url (then other users of the machine can read it)";

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let parsed = command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too, as clap's errors with status 0. A closed pipe is no news.
            let _ = if error.use_stderr() && std::env::args().any(|argument| argument.contains("://")) {
                writeln!(std::io::stderr(), "{MISPLACED_URL}")
            } else {
                error.print()
            };
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(exit::USAGE));
        }
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever closed the pipe has read enough, as `head` does.
        Err(CliError::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "rosterd: {}", error.sentence());
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(cli: Cli) -> Result<(), CliError> {
    let form = if cli.json { Form::Json } else { Form::Text };
    let output = Output { form, quiet: cli.options.is_quiet() };
    let command = match cli.command.unwrap_or(Command::Serve) {
        // The configuration is not read: it may be what somebody is about to ask us about.
        Command::Version => return version::run(output),
        Command::Completions(args) => return completions::run(&args, output),
        Command::Man(args) => return man::run(&args, output),
        Command::Apply(args) if args.schema => return apply::print_schema(),
        Command::Health(health::HealthArgs { url: Some(url), timeout }) => {
            return health::run(&url, timeout, output);
        }
        command => command,
    };
    let is_verbose = cli.options.is_verbose();
    let settings = all_settings();
    let sources = cli.options.sources(&settings)?;
    let mut config = Config::load(&sources).inspect_err(|_problems| {
        // A misspelt variable may be why the rest is wrong.
        sources.warnings(&settings).iter().for_each(|warning| output.warn(warning));
    })?;
    config.tell_events = cli.events;
    // The server puts them into its log.
    if !matches!(command, Command::Serve) {
        config.warnings.iter().for_each(|warning| output.warn(warning));
        if is_verbose {
            telemetry::init(&config.logging)?;
        }
    }
    match command {
        Command::Serve => serve::run(config, output),
        Command::Config => config::run(&config, output),
        Command::Migrate => migrate::run(config, output),
        Command::MigrateFrom(args) => migrate_from::run(config, &args, output),
        Command::Adopt(args) => adopt::run(config, &args, output),
        Command::Backup(args) => backup::run(&config, &args, output),
        Command::Restore(args) => restore::run(&config, &args, output),
        Command::User(command) => user::run(&config, command, output),
        Command::Group(command) => group::run(&config, command, output),
        Command::Import(args) => import::run(&config, &args, output),
        Command::Export(args) => export::run(&config, &args, output),
        Command::Permissions(command) => permissions::run(&config, command, output),
        Command::Settings(command) => settings::run(&config, command, output),
        Command::Apply(args) => apply::run(&config, args, output),
        Command::Dump(args) => dump::run(&config, &args, output),
        Command::Audit(command) => audit::run(&config, command, output),
        Command::Webhook(command) => webhook::run(&config, command, output),
        Command::Scim(command) => scim::run(&config, command, output),
        Command::Mail(command) => mail::run(&config, command, output),
        Command::Token(args) => token::run(&config, args, output),
        Command::Health(args) => health::run(&health::url_of(&config.server)?, args.timeout, output),
        Command::Completions(args) => completions::run(&args, output),
        Command::Man(args) => man::run(&args, output),
        Command::Version => version::run(output),
    }
}

/// Opens the application, does the work and closes the database, however the work ended: a SQLite database is one file
/// after every command.
fn with_app<T>(
    config: &Config,
    access: Access,
    work: impl AsyncFnOnce(&App) -> Result<T, CliError>,
) -> Result<T, CliError> {
    block_on(async { in_app(server::open_app(config, access, listener(config)).await?, work).await })
}

/// The same for commands that need the token secret.
fn with_signing_app<T>(
    config: &Config,
    access: Access,
    work: impl AsyncFnOnce(&App) -> Result<T, CliError>,
) -> Result<T, CliError> {
    block_on(async { in_app(server::open_signing_app(config, access, listener(config)).await?, work).await })
}

async fn in_app<T>(app: App, work: impl AsyncFnOnce(&App) -> Result<T, CliError>) -> Result<T, CliError> {
    let result = work(&app).await;
    server::close(app.store()).await;
    result
}

/// Tells of events on standard error, each as one JSON object, where that was asked for.
fn listener(config: &Config) -> Listener {
    let asked = config.tell_events;
    Arc::new(move |record| {
        if asked {
            // Nothing is lost when nobody reads it.
            let _ = writeln!(std::io::stderr(), "{}", record.to_json());
        }
    })
}

/// The same for commands that need the database and nothing else.
fn with_store<T>(
    database: &DatabaseConfig,
    access: Access,
    progress: Progress,
    work: impl AsyncFnOnce(&Store) -> Result<T, CliError>,
) -> Result<T, CliError> {
    block_on(progress.during(async {
        let store = server::open_store(database, access).await?;
        let result = work(&store).await;
        server::close(&store).await;
        result
    }))
}

/// Runs work on a runtime of its own.
fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    actix_web::rt::System::new().block_on(work)
}
