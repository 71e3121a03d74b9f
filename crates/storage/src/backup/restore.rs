//! Putting a backup back. All that can fail is done with a copy of the backup, and the database is replaced last.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::draft::{Draft, ensure_space};
use super::{BackupError, Stage, Stop, encrypt};
use crate::{Layout, Store, StoreOptions, raw};

/// What is to be put back, and where to.
#[derive(Debug, Clone)]
pub struct Restoration {
    /// The database that is replaced; on PostgreSQL an empty one that is filled.
    pub options: StoreOptions,
    /// The backup.
    pub file: PathBuf,
    /// The file with the key of an encrypted backup, as the program `age` takes it.
    pub identity: Option<PathBuf>,
    /// What becomes of the sessions that were open when the backup was made.
    pub sessions: OpenSessions,
    /// What the name of the old SQLite file is lengthened by.
    pub aside: String,
}

/// What becomes of the sessions in a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenSessions {
    /// They are over: tokens from before are refused. Some of them may have been ended after the backup was made.
    End,
    /// They go on.
    Keep,
}

/// What was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where the old SQLite file is now, if there was one.
    pub old: Option<PathBuf>,
    /// Which sessions are over.
    pub ended: Ended,
    /// What is odd, a sentence each.
    pub oddities: Vec<String>,
}

/// Which sessions are over after a backup was put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// None: so it was asked.
    None,
    /// Those that rosterd opened; the database has no session stamp, by which those of Open WebUI would end.
    Ours,
    /// All.
    All,
    /// None can be: the database has neither a session stamp nor rosterd's table of sessions.
    Impossible,
}

/// How a file begins that SQLite, or `pg_dump`, has made.
const SQLITE: &[u8] = b"SQLite format 3\0";
const POSTGRES: &[u8] = b"PGDMP";

/// Puts a backup back.
///
/// On SQLite a copy of it is checked, brought up to date if it is a standalone database, and rid of its sessions. Then it takes
/// the place of the database, which nobody may be using and which is kept beside it under another name. Nothing that lies
/// beside the old one is taken for a part of the new one. On PostgreSQL the database must be empty.
///
/// # Errors
/// [`BackupError`], each with a message that says what to do. A SQLite database is then as it was before. So is a
/// PostgreSQL one, unless what fails is the opening after it was filled.
pub fn restore(order: &Restoration, stop: &Stop, tell: &dyn Fn(Stage)) -> Result<Restored, BackupError> {
    if order.options.url.is_sqlite() {
        #[cfg(feature = "sqlite")]
        return super::replace::restore(order, stop, tell);
        #[cfg(not(feature = "sqlite"))]
        return Err(crate::OpenError::NotBuilt("SQLite").into());
    }
    #[cfg(feature = "postgres")]
    return super::postgres::restore(order, stop, tell);
    #[cfg(not(feature = "postgres"))]
    return Err(crate::OpenError::NotBuilt("PostgreSQL").into());
}

/// Writes a small text that belongs to a backup, which may be encrypted, to its place: the token secret. What is there
/// already is kept under a longer name, unless it is the same; gives that name.
///
/// # Errors
/// As [`restore`].
pub fn restore_text(
    file: &Path,
    identity: Option<&Path>,
    target: &Path,
    aside: &str,
) -> Result<Option<PathBuf>, BackupError> {
    let draft = Draft::of(target, true)?;
    fetch(file, identity, &draft, &Stop::default(), &|_stage| {})?;
    let there = std::fs::read(target).ok();
    if there.is_some() && there == std::fs::read(draft.path()).ok() {
        return Ok(None);
    }
    let old = lengthened(target, aside);
    if there.is_some() {
        std::fs::rename(target, &old).map_err(|source| BackupError::File {
            path: target.to_owned(),
            doing: "renamed",
            source,
        })?;
    }
    draft.keep()?;
    Ok(there.map(|_| old))
}

/// Fills a draft with the content of a backup, decrypted if it is encrypted.
pub(super) fn fetch(
    file: &Path,
    identity: Option<&Path>,
    draft: &Draft,
    stop: &Stop,
    tell: &dyn Fn(Stage),
) -> Result<(), BackupError> {
    let unreadable = |source: io::Error| BackupError::File { path: file.to_owned(), doing: "read", source };
    let mut source = File::open(file).map_err(unreadable)?;
    ensure_space(draft.path(), source.metadata().map_err(unreadable)?.len())?;
    if encrypt::is_encrypted(&beginning(file)?) {
        let identity = identity.ok_or_else(|| BackupError::NoIdentity { path: file.to_owned() })?;
        tell(Stage::Encrypting);
        return encrypt::decrypt(file, identity, draft.path(), stop);
    }
    // A part at a time, so that a stop is heard. `fs::copy` would give the draft the rights of the file, too.
    let mut part = vec![0; 1 << 20];
    let mut into = draft.open()?;
    loop {
        stop.check()?;
        match source.read(&mut part).map_err(unreadable)? {
            0 => return Ok(()),
            read => draft.write(&mut into, &part[..read])?,
        }
    }
}

/// The first bytes of a file.
fn beginning(file: &Path) -> Result<Vec<u8>, BackupError> {
    let mut found = Vec::new();
    let read = File::open(file).and_then(|opened| opened.take(64).read_to_end(&mut found));
    read.map_err(|source| BackupError::File { path: file.to_owned(), doing: "read", source })?;
    Ok(found)
}

/// The file is a backup of the right database.
pub(super) fn ensure_kind(
    file: &Path,
    shown: &Path,
    wanted: &'static str,
    of_wanted: bool,
) -> Result<(), BackupError> {
    let beginning = beginning(file)?;
    let found = if beginning.starts_with(SQLITE) {
        "a SQLite database"
    } else if beginning.starts_with(POSTGRES) {
        "a dump of a PostgreSQL database"
    } else {
        "neither a SQLite database nor a dump in the custom format of pg_dump"
    };
    let is_right = beginning.starts_with(if of_wanted { SQLITE } else { POSTGRES });
    if is_right {
        return Ok(());
    }
    Err(BackupError::WrongKind { path: shown.to_owned(), found, wanted })
}

/// Opens the database that was filled, which brings a standalone one up to date and looks for all that is needed, and ends
/// its sessions.
pub(super) fn settle(options: &StoreOptions, sessions: OpenSessions) -> Result<(Layout, Ended), BackupError> {
    let options = StoreOptions { create: false, migrate: true, read_replica_url: None, ..options.clone() };
    let store = Store::open(&options)?;
    let layout = store.layout().clone();
    let ended = end_sessions(&options, &layout, sessions);
    store.close();
    Ok((layout, ended?))
}

fn end_sessions(
    options: &StoreOptions,
    layout: &Layout,
    sessions: OpenSessions,
) -> Result<Ended, BackupError> {
    let mut statements = Vec::new();
    if layout.leases {
        // No process that held one then is there now.
        statements.push("DELETE FROM rosterd_lease");
    }
    if layout.attempts {
        // Nor does it matter any more who tried to sign in then.
        statements.push("DELETE FROM rosterd_attempt");
    }
    let ended = match (sessions, layout.session_stamp, layout.sessions) {
        (OpenSessions::Keep, ..) => Ended::None,
        (OpenSessions::End, true, _) => Ended::All,
        (OpenSessions::End, false, true) => Ended::Ours,
        (OpenSessions::End, false, false) => Ended::Impossible,
    };
    if sessions == OpenSessions::End {
        if layout.session_stamp {
            statements.push(if options.url.is_sqlite() {
                "UPDATE auth SET session_stamp = lower(hex(randomblob(16)))"
            } else {
                "UPDATE auth SET session_stamp = gen_random_uuid()::text"
            });
        }
        if layout.sessions {
            // A token whose row is missing is refused (rule A4).
            statements.push("DELETE FROM rosterd_session");
        }
        if layout.links {
            // Some were used or replaced since.
            statements.push("DELETE FROM rosterd_link");
        }
    }
    if !statements.is_empty() {
        raw::execute(&options.url, &format!("BEGIN; {}; COMMIT", statements.join("; ")))?;
    }
    Ok(ended)
}

/// The path with more characters at its end.
pub(super) fn lengthened(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
