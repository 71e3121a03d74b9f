//! `rosterd backup`: a copy of the database in one file, made while servers and Open WebUI use it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;
use rosterd_app::settings::TokenSecret;
use rosterd_storage::backup::{self, Order, Stop, Written};
use serde_json::json;

use super::CliError;
use super::output::Output;
use super::progress::Progress;
use crate::config::Config;
use crate::server::StartError;
use crate::signals::Signals;

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The file to write; its folder must exist
    file: PathBuf,
    /// Replace an existing file
    #[arg(long)]
    overwrite: bool,
    /// Write the token secret too, to FILE.secret
    #[arg(long)]
    secret: bool,
    /// Encrypt for this recipient with the program age; may be repeated
    #[arg(long, value_name = "RECIPIENT")]
    recipient: Vec<String>,
}

/// Copies, checks, and writes the secret last: a backup without its secret is one that can be used.
pub(super) fn run(config: &Config, args: &BackupArgs, output: Output) -> Result<(), CliError> {
    let secret = if args.secret { Some(secret_of(config)?) } else { None };
    let beside = secret_file(&args.file);
    if secret.is_some() && !args.overwrite {
        backup::ensure_free(&beside)?;
    }
    let order = Order {
        options: config.database.store_options(),
        target: args.file.clone(),
        overwrite: args.overwrite,
        recipients: args.recipient.clone(),
    };
    let progress = Progress::of(output, "copying the database");
    let tell = progress.teller();
    let written = super::block_on(
        progress.during(work(move |stop| backup::write(&order, stop, &|stage| tell(stage.to_string())))),
    )?;
    if let Some(secret) = &secret {
        backup::write_text(secret.expose(), &beside, args.overwrite, &args.recipient)?;
    }
    print(args, &written, secret.is_some().then_some(beside), output)
}

/// Runs blocking work on a thread of its own. A signal asks it to end, and it is waited for: it leaves nothing half done.
pub(super) async fn work<T, E>(
    work: impl FnOnce(&Stop) -> Result<T, E> + Send + 'static,
) -> Result<T, CliError>
where
    T: Send + 'static,
    E: Send + 'static,
    CliError: From<E>,
{
    let mut signals = Signals::watch().map_err(StartError::Server)?;
    let stop = Stop::default();
    let asked = stop.clone();
    let mut working = actix_web::rt::task::spawn_blocking(move || work(&asked));
    loop {
        tokio::select! {
            done = &mut working => return Ok(done.map_err(|_panic| StartError::Panicked)??),
            _signal = signals.next() => stop.now(),
        }
    }
}

/// Where the secret lies that belongs to a backup.
pub(super) fn secret_file(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".secret");
    PathBuf::from(name)
}

fn secret_of(config: &Config) -> Result<TokenSecret, CliError> {
    let none = "--secret: there is no token secret yet; the first start of the server makes one";
    config.tokens.secret.find().map_err(StartError::from)?.ok_or_else(|| CliError::Failure(none.to_owned()))
}

fn print(
    args: &BackupArgs,
    written: &Written,
    secret: Option<PathBuf>,
    output: Output,
) -> Result<(), CliError> {
    for oddity in &written.oddities {
        output.warn(&format!("{oddity}; it is in the backup as it is"));
    }
    let is_encrypted = !args.recipient.is_empty();
    let json = json!({
        "file": args.file,
        "bytes": written.bytes,
        "encrypted": is_encrypted,
        "secret_file": secret,
    });
    output.print(&json, || {
        let secret = secret.map(|file| format!(", and the token secret to {}", file.display()));
        let sealed = if is_encrypted { ", encrypted" } else { "" };
        format!(
            "wrote {} ({} bytes{sealed}){}",
            args.file.display(),
            written.bytes,
            secret.unwrap_or_default()
        )
    })
}
