//! Why there is no backup, or why it was not put back. Each message says what to do.

use std::io;
use std::path::PathBuf;

use super::megabytes;
use crate::{OpenError, StoreError};

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// A database without a file of its own.
    #[error("a temporary database (sqlite://) is gone with its process and cannot be backed up or restored")]
    ThrowAway,
    /// There is such a file already.
    #[error("{} exists already; name another file, or replace it with --overwrite", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file or its folder.
    #[error("{} cannot be {doing}", path.display())]
    File {
        /// The file or the folder.
        path: PathBuf,
        /// Such as `written`.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The folder's disk is too full.
    #[error(
        "the copy needs {} MB, and {} has {} MB left; make room, or name a file on another disk",
        megabytes(*needed), folder.display(), megabytes(*free)
    )]
    NoSpace {
        /// The folder.
        folder: PathBuf,
        /// Bytes that are needed.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// Other processes change the database all the time, and it is not in WAL mode.
    #[error(
        "other programs change the database faster than it can be copied, and without WAL they would have to wait for that. \
         Switch WAL on (Open WebUI: DATABASE_ENABLE_SQLITE_WAL=true), or try again when less is written"
    )]
    Busy,
    /// SQLite could not copy it.
    #[error("SQLite could not copy the database: {reason}")]
    Copy {
        /// SQLite's words.
        reason: String,
    },
    /// The database is damaged.
    #[error("the database, or its copy, is damaged: {}", .problems.join("; "))]
    Damaged {
        /// What SQLite found, a line each; at least one.
        problems: Vec<String>,
    },
    /// Somebody uses the database that is to be replaced.
    #[error(
        "{by} has the database open; stop every server that uses it, and Open WebUI if the database is its own, and try again. \
         Nothing was changed"
    )]
    InUse {
        /// Who, as far as is known.
        by: String,
    },
    /// The PostgreSQL database that is to be filled has tables.
    #[error(
        "{url} is not empty, and rosterd removes nothing from it. Create an empty database (CREATE DATABASE … TEMPLATE template0 \
         ENCODING 'UTF8'), let DATABASE_URL name it, and try again"
    )]
    NotEmpty {
        /// The database's URL, without its password.
        url: String,
    },
    /// The file is no backup of this kind of database.
    #[error("{} is {found}, and DATABASE_URL names a database of {wanted}", path.display())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
    /// The file is a database that was copied while it was in use.
    #[error(
        "{} has a file -wal beside it: it is a database in use and no backup. Make one of it with `rosterd backup`",
        path.display()
    )]
    NotWhole {
        /// The file.
        path: PathBuf,
    },
    /// The file is whole, but it is not a database that this version can use.
    #[error("{} cannot be put back: {reason}", path.display())]
    NotUsable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file is encrypted, and nobody named the key.
    #[error("{} is encrypted; name the file with the key: --identity FILE", path.display())]
    NoIdentity {
        /// The file.
        path: PathBuf,
    },
    /// A program is missing, or too old.
    #[error("{}", no_program(.program, *.needed, .found))]
    NoProgram {
        /// Its name.
        program: &'static str,
        /// The oldest version of it that will do; 0: any.
        needed: u32,
        /// The versions that are there.
        found: Vec<u32>,
    },
    /// A program failed.
    #[error("{program} failed: {said}")]
    Program {
        /// Its name.
        program: &'static str,
        /// What it wrote, without passwords.
        said: String,
    },
    /// A URL that cannot be given to a program without showing a secret.
    #[error(
        "the database URL has a secret option besides the password ({option}), which cannot be handed to a program of \
         PostgreSQL without showing it to other users; name a file instead, such as sslkey without a password"
    )]
    SecretOption {
        /// The option's name.
        option: String,
    },
    /// It was asked to stop.
    #[error("stopped before it was done; nothing was changed")]
    Stopped,
}

fn no_program(program: &str, needed: u32, found: &[u32]) -> String {
    if needed == 0 {
        return format!("the program {program} is not installed; install the package {program}");
    }
    let package = format!("install the package postgresql-client-{needed}, or another one with it");
    match found {
        [] => format!("the program {program} is not installed; {package}"),
        found => {
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            format!(
                "{program} must not be older than the server, which is PostgreSQL {needed}, and the one that is installed is of \
                 version {}; {package}",
                found.join(", ")
            )
        }
    }
}
