//! Copies of a whole database in one file, made while it is in use, and put back.
//!
//! A backup appears under its name when it is whole and checked. Until then it is a draft beside that name, which only its
//! owner can read. How a database is copied so that nobody who writes waits is said in `sqlite`; a PostgreSQL database is
//! copied by its own program, `pg_dump`.
//!
//! Everything here blocks for as long as it takes, so it is not for a thread that answers requests.

#[cfg(feature = "postgres")]
mod client_programs;
mod draft;
mod encrypt;
mod error;
#[cfg(feature = "postgres")]
mod postgres;
mod program;
#[cfg(feature = "sqlite")]
mod replace;
mod restore;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stop;

use std::fmt;
use std::path::{Path, PathBuf};

pub use draft::is_forgotten_draft;
pub use error::BackupError;
pub use restore::{Ended, OpenSessions, Restoration, Restored, restore, restore_text};
pub use stop::Stop;

use crate::StoreOptions;
use draft::Draft;

/// What is to be copied, and where to.
#[derive(Debug, Clone)]
pub struct Order {
    /// The database.
    pub options: StoreOptions,
    /// The file to be made. Its folder must be there.
    pub target: PathBuf,
    /// Whether an existing file is replaced.
    pub overwrite: bool,
    /// Whom the file is encrypted for, as the program `age` takes it; nobody: it is not encrypted.
    pub recipients: Vec<String>,
}

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Bytes of the file.
    pub bytes: u64,
    /// What is odd in the database, a sentence each, though all of it was copied.
    pub oddities: Vec<String>,
}

/// What a backup is busy with. `Display` says it in a few words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Copying: so many bytes of all.
    Copying {
        /// Bytes that are copied.
        done: u64,
        /// Bytes of the database.
        all: u64,
    },
    /// A program of PostgreSQL works.
    AtWork(&'static str),
    /// Checking that the copy can be used.
    Checking,
    /// Encrypting, or decrypting.
    Encrypting,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Copying { done, all } => write!(f, "{} of {} MB copied", megabytes(*done), megabytes(*all)),
            Self::AtWork(program) => write!(f, "{program} is at work"),
            Self::Checking => f.write_str("checking the copy"),
            Self::Encrypting => f.write_str("age is at work"),
        }
    }
}

/// Whole megabytes, rounded up, for messages.
fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1_000_000)
}

/// Copies a database into a file, checks the copy, and encrypts it where that is asked for. The copy is of one moment, and
/// nobody who reads or writes the database meanwhile waits for it.
///
/// `tell` is told how far it is, on this thread. After [`Stop::now`] it ends soon, and no file is left.
///
/// # Errors
/// [`BackupError`], each with a message that says what to do. There is no file then, or the one that was there.
pub fn write(order: &Order, stop: &Stop, tell: &dyn Fn(Stage)) -> Result<Written, BackupError> {
    let draft = Draft::of(&order.target, order.overwrite)?;
    let oddities = copy(&order.options, draft.path(), stop, tell)?;
    let bytes = encrypt::for_all(draft, &order.recipients, stop, tell)?.keep()?;
    Ok(Written { bytes, oddities })
}

/// Writes a small text that nobody else may read in the same way: the secret that belongs to a backup.
///
/// # Errors
/// As [`write()`].
pub fn write_text(
    text: &[u8],
    target: &Path,
    overwrite: bool,
    recipients: &[String],
) -> Result<(), BackupError> {
    let draft = Draft::of(target, overwrite)?;
    draft.fill(text)?;
    encrypt::for_all(draft, recipients, &Stop::default(), &|_stage| {})?.keep()?;
    Ok(())
}

/// Refuses a file that is there already, before any work is done.
///
/// # Errors
/// [`BackupError::Exists`].
pub fn ensure_free(target: &Path) -> Result<(), BackupError> {
    match target.symlink_metadata() {
        Ok(_) => Err(BackupError::Exists { path: target.to_owned() }),
        Err(_) => Ok(()),
    }
}

fn copy(
    options: &StoreOptions,
    target: &Path,
    stop: &Stop,
    tell: &dyn Fn(Stage),
) -> Result<Vec<String>, BackupError> {
    if options.url.is_sqlite() {
        #[cfg(feature = "sqlite")]
        return sqlite::copy(options, target, stop, tell);
        #[cfg(not(feature = "sqlite"))]
        return Err(crate::OpenError::NotBuilt("SQLite").into());
    }
    #[cfg(feature = "postgres")]
    return postgres::dump(options, target, stop, tell).map(|()| Vec::new());
    #[cfg(not(feature = "postgres"))]
    return Err(crate::OpenError::NotBuilt("PostgreSQL").into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_says_how_far_it_is() {
        let copying = Stage::Copying { done: 12_000_000, all: 1_200_000_001 };
        assert_eq!(copying.to_string(), "12 of 1201 MB copied");
        assert_eq!(Stage::AtWork("pg_dump").to_string(), "pg_dump is at work");
    }
}
