//! Copies of a PostgreSQL database, by `pg_dump`: in one transaction of its own, for which nobody waits who reads or writes.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::draft::Draft;
use super::program::{self, Program};
use super::restore::{Restoration, Restored, ensure_kind, fetch, settle};
use super::{BackupError, Stage, Stop, client_programs};
use crate::url::Kind;
use crate::{DatabaseUrl, StoreError, StoreOptions, raw};

const DUMP: &str = "pg_dump";
const RESTORE: &str = "pg_restore";

/// Dumps the whole database into a file in PostgreSQL's own compressed format, and checks that its list can be read.
pub(super) fn dump(
    options: &StoreOptions,
    target: &Path,
    stop: &Stop,
    tell: &dyn Fn(Stage),
) -> Result<(), BackupError> {
    let server = server_version(&options.url)?;
    let path = client_programs::of_postgres(DUMP, server)?;
    tell(Stage::AtWork(DUMP));
    let mut command = connected(&path, &options.url)?;
    command.args(["--format=custom", "--no-owner", "--file"]).arg(target);
    let url = Some(&options.url);
    program::run(Program { name: DUMP, url }, command, stop)?;
    tell(Stage::Checking);
    let mut command = Command::new(client_programs::of_postgres(RESTORE, server)?);
    command.arg("--list").arg(target);
    program::run(Program { name: RESTORE, url }, command, stop)
}

/// Fills an empty database from a dump, all of it or nothing. See [`restore`](super::restore()).
pub(super) fn restore(
    order: &Restoration,
    stop: &Stop,
    tell: &dyn Fn(Stage),
) -> Result<Restored, BackupError> {
    let url = &order.options.url;
    let server = server_version(url)?;
    ensure_empty(url)?;
    let path = client_programs::of_postgres(RESTORE, server)?;
    // A copy only where it has to be decrypted.
    let decrypted = match order.identity.as_deref() {
        Some(identity) => {
            let draft = Draft::of(&order.file, true)?;
            fetch(&order.file, Some(identity), &draft, stop, tell)?;
            Some(draft)
        }
        None => None,
    };
    let file = decrypted.as_ref().map_or(order.file.as_path(), Draft::path);
    ensure_kind(file, &order.file, "PostgreSQL", false)?;
    tell(Stage::AtWork(RESTORE));
    let mut command = connected(&path, url)?;
    command.args(["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]).arg(file);
    program::run(Program { name: RESTORE, url: Some(url) }, command, stop)?;
    tell(Stage::Checking);
    let (_layout, ended) = settle(&order.options, order.sessions)?;
    Ok(Restored { old: None, ended, oddities: Vec::new() })
}

/// Tables, views and sequences that no extension has brought along.
const OBJECTS: &str = "SELECT count(*) AS objects FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')";

fn ensure_empty(url: &DatabaseUrl) -> Result<(), BackupError> {
    let count = raw::query_text(url, OBJECTS)?.into_iter().flatten().flatten().next();
    if count.as_deref() == Some("0") { Ok(()) } else { Err(BackupError::NotEmpty { url: url.to_string() }) }
}

/// The number of the server's version before the dot.
pub(super) fn server_version(url: &DatabaseUrl) -> Result<u32, BackupError> {
    let rows = raw::query_text(url, "SELECT current_setting('server_version_num') AS version")
        .map_err(|error| crate::OpenError::connect(url, &error))?;
    let number: Option<u32> = rows.into_iter().flatten().flatten().next().and_then(|text| text.parse().ok());
    let number = number.ok_or_else(|| StoreError::unavailable("the server did not tell its version"))?;
    Ok(number / 10_000)
}

/// A program that connects to this database. The password is in its environment, which other users cannot read, and not on its
/// command line, which they can.
pub(super) fn connected(program: &PathBuf, url: &DatabaseUrl) -> Result<Command, BackupError> {
    let Kind::Postgres(parts) = url.kind() else {
        return Err(crate::OpenError::NotBuilt("this URL as PostgreSQL").into());
    };
    let (uri, password) =
        parts.for_programs().map_err(|option| BackupError::SecretOption { option: option.to_owned() })?;
    let mut command = Command::new(program);
    // It must not ask anybody for a password.
    command.arg("--no-password").arg("--dbname").arg(uri);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    Ok(command)
}
