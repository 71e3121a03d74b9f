//! `rosterd restore`: a backup takes the place of the database.

use std::path::{Path, PathBuf};

use clap::Args;
use rosterd_app::{Caller, audit};
use rosterd_domain::clock::{Clock as _, SystemClock};
use rosterd_domain::rules::backups;
use rosterd_storage::backup::{self, Ended, OpenSessions, Restoration};
use serde_json::json;

use super::CliError;
use super::backup::{secret_file, work};
use super::output::Output;
use super::progress::Progress;
use crate::config::{Config, SecretSource};
use crate::folder;
use crate::server::{Access, StartError};

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// The backup
    file: PathBuf,
    /// Let the sessions go on that were open when the backup was made
    #[arg(long)]
    keep_sessions: bool,
    /// Put back the token secret too, from FILE.secret
    #[arg(long)]
    secret: bool,
    /// The file with the key of an encrypted backup, for the program age
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
}

/// Refuses what cannot work before anything is changed, and puts back the secret last.
pub(super) fn run(config: &Config, args: &RestoreArgs, output: Output) -> Result<(), CliError> {
    let secret = if args.secret { Some(secret_place(config, &args.file)?) } else { None };
    if let Some(folder) = config.database.folder() {
        folder::make(&folder).map_err(|source| StartError::Folder { folder, source })?;
    }
    let aside = format!(".before-restore-{}", backups::time(SystemClock.now()));
    let order = Restoration {
        options: config.database.store_options(),
        file: args.file.clone(),
        identity: args.identity.clone(),
        sessions: if args.keep_sessions { OpenSessions::Keep } else { OpenSessions::End },
        aside: aside.clone(),
    };
    let progress = Progress::of(output, "putting the backup back");
    let show = progress.teller();
    let restored = super::block_on(
        progress.during(work(move |stop| backup::restore(&order, stop, &|stage| show(stage.to_string())))),
    )?;
    let old_secret = match secret {
        Some((from, place)) => {
            let identity = args.identity.as_deref();
            backup::restore_text(&from, identity, &place, &aside)?
        }
        None => None,
    };
    restored.oddities.iter().for_each(|oddity| output.warn(oddity));
    // The database is in its place, so what fails now does not make the command fail.
    if let Err(error) = tell(config, &args.file) {
        output.warn(&format!("the restore could not be noted in the database: {error}"));
    }
    let json = json!({
        "file": args.file,
        "sessions_ended": restored.ended != Ended::None && restored.ended != Ended::Impossible,
        "all_sessions_ended": restored.ended == Ended::All,
        "old_file": restored.old,
        "old_secret_file": old_secret,
    });
    output.print(&json, || {
        let mut lines =
            vec![format!("restored {}", args.file.display()), sessions(restored.ended).to_owned()];
        for old in restored.old.iter().chain(&old_secret) {
            lines.push(format!("what was there before is in {}; remove it when all is well", old.display()));
        }
        lines.push("start the server again".to_owned());
        lines.join("\n")
    })
}

/// Tells of it as an event, which is in the audit log where the database has one.
fn tell(config: &Config, file: &Path) -> Result<(), CliError> {
    let backup = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
    super::with_app(config, Access::Change, async |app| {
        Ok(audit::tell_restored(app, Caller::operator(), backup).await?)
    })
}

/// Where the secret of the backup is, and where it goes.
fn secret_place(config: &Config, file: &Path) -> Result<(PathBuf, PathBuf), CliError> {
    let SecretSource::File(place) = &config.tokens.secret else {
        let given = "--secret: WEBUI_SECRET_KEY is set, so that no secret file is read; put the secret there";
        return Err(CliError::Usage(given.to_owned()));
    };
    let from = secret_file(file);
    if !from.is_file() {
        let missing = format!("--secret: there is no file {}", from.display());
        return Err(CliError::Failure(missing));
    }
    Ok((from, place.clone()))
}

/// What became of the sessions.
fn sessions(ended: Ended) -> &'static str {
    match ended {
        Ended::None => {
            "the sessions that were open when the backup was made go on, also those that were ended later"
        }
        Ended::All => "all sessions are over; everybody signs in again",
        Ended::Ours => {
            "the sessions that rosterd opened are over; those of Open WebUI go on until their tokens end, or until you change \
             the token secret"
        }
        Ended::Impossible => {
            "no session of this database can be ended; sessions go on until their tokens end, or until you change the token secret"
        }
    }
}
