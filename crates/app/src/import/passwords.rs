//! The passwords in clear of a chunk: judged and hashed beside the database (rule T7).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rosterd_domain::rules::import::{Credential, ImportOptions};
use rosterd_domain::rules::password_strength::PasswordOwner;
use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_domain::transfer::Refusal;
use tokio::task::JoinSet;

use super::chunk::Chunk;
use super::judge::{Emptiness, Judged, judge};
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::passwords::{Against, Asker};

/// How often, and after how long, a password is tried again for which there is no room: others sign in meanwhile.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(200);

/// What came of a password.
#[derive(Debug, Clone)]
pub(super) enum Hashed {
    /// Its hash.
    As(PasswordHash),
    /// The account has it already.
    Same,
    /// It may not be used.
    Refused(String),
}

/// What came of the passwords of a chunk, by the lines of their rows.
pub(super) type Hashes = HashMap<u64, Hashed>;

/// A password and whose it is to be.
struct Owned {
    line: u64,
    password: PlainPassword,
    name: String,
    email: String,
    /// The hash that the account has.
    stored: Option<PasswordHash>,
}

/// The password in clear of a row, if it has one.
fn owned(row: &Judged) -> Option<Owned> {
    let (line, credential, name, email, stored) = match row {
        Judged::New(row) => {
            let account = &row.account;
            (row.line, &account.credential, account.name.as_str(), account.email.as_str(), None)
        }
        Judged::Changed(row) => {
            let stored = &row.stored;
            let name =
                row.update.changes.name.as_ref().map_or(stored.row.name.as_str(), |name| name.as_str());
            let hash = stored.hash.clone().filter(|hash| !hash.is_unset());
            (row.line, &row.update.credential, name, stored.row.email.as_str(), hash)
        }
        Judged::Unchanged | Judged::Refused(_) => return None,
    };
    let Credential::Plain(password) = credential else { return None };
    Some(Owned { line, password: password.clone(), name: name.to_owned(), email: email.to_owned(), stored })
}

/// Refuses the rows whose passwords are too easy to guess (rule R6), which takes milliseconds for each.
///
/// # Errors
/// A fault of ours.
pub(super) async fn ensure_hard_to_guess(app: &App, mut judged: Vec<Judged>) -> AppResult<Vec<Judged>> {
    if !judged.iter().any(|row| owned(row).is_some()) {
        return Ok(judged);
    }
    let policy = app.settings().password_policy.clone();
    let work = move || {
        for row in &mut judged {
            let Some(Owned { line, password, name, email, .. }) = owned(row) else { continue };
            if let Err(why) = policy.check_strength(&password, PasswordOwner { name: &name, email: &email }) {
                *row = Judged::Refused(Refusal::new(line, why.to_string()));
            }
        }
        judged
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_panicked| AppError::Internal("judging passwords that are imported failed"))
}

/// Hashes the passwords of a chunk, as many at a time as leave room for others.
///
/// # Errors
/// [`AppError::Busy`] when there was no room for long; those of the store.
pub(super) async fn hash_all(
    app: &App,
    caller: &Caller,
    chunk: &Arc<Chunk>,
    options: ImportOptions,
) -> AppResult<Hashes> {
    if chunk.records.iter().all(|record| record.password.is_none()) {
        return Ok(Hashes::new());
    }
    let rows = Arc::clone(chunk);
    let judging = move |act: &mut crate::Act<'_>| judge(act, &rows, options, Emptiness::Unknown);
    let (judged, _) = app.snapshot(caller.clone(), judging).await?;
    let threads = app.settings().hash_threads;
    // The command line has its threads for itself.
    let at_once = if caller.credential().is_some() { threads / 2 } else { threads }.max(1);
    let asker = Asker::Known(caller.request.client_ip);
    let mut hashes = Hashes::new();
    let mut running = JoinSet::new();
    for password in judged.iter().filter_map(owned) {
        if running.len() >= at_once {
            keep(&mut hashes, running.join_next().await)?;
        }
        let app = app.clone();
        running.spawn(async move { (password.line, hash(&app, password, asker).await) });
    }
    while !running.is_empty() {
        keep(&mut hashes, running.join_next().await)?;
    }
    Ok(hashes)
}

type Joined = Option<Result<(u64, AppResult<Hashed>), tokio::task::JoinError>>;

fn keep(hashes: &mut Hashes, done: Joined) -> AppResult<()> {
    match done {
        None => Ok(()),
        Some(Ok((line, outcome))) => {
            hashes.insert(line, outcome?);
            Ok(())
        }
        Some(Err(_panicked)) => Err(AppError::Internal("hashing a password failed")),
    }
}

async fn hash(app: &App, owned: Owned, asker: Asker) -> AppResult<Hashed> {
    for _try in 1..TRIES {
        match try_hash(app, &owned, asker).await {
            Err(AppError::Busy) => tokio::time::sleep(PAUSE).await,
            done => return done,
        }
    }
    try_hash(app, &owned, asker).await
}

async fn try_hash(app: &App, owned: &Owned, asker: Asker) -> AppResult<Hashed> {
    let Owned { password, name, email, stored, .. } = owned;
    if let Some(stored) = stored
        && app.passwords().check(password.clone(), Against::Stored(stored.clone()), asker).await?
    {
        return Ok(Hashed::Same);
    }
    match app.passwords().hash_new(password.clone(), name, email, asker).await {
        Ok(hash) => Ok(Hashed::As(hash)),
        Err(AppError::Rule(why)) => Ok(Hashed::Refused(why.to_string())),
        Err(other) => Err(other),
    }
}
