//! Putting another file in the place of a SQLite database that nobody uses.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::draft::{Draft, folder_of};
use super::restore::{Restoration, Restored, ensure_kind, fetch, lengthened, settle};
use super::{BackupError, Stage, Stop, sqlite};
use crate::native::copying::{Alone, NotAlone};
use crate::sqlite::uri;
use crate::{DatabaseUrl, StoreOptions};

/// What SQLite puts beside a database and reads as a part of it.
const PARTS: [&str; 2] = ["-wal", "-journal"];

/// What it puts there and makes anew.
const INDEX: &str = "-shm";

/// See [`restore`](super::restore()).
pub(super) fn restore(
    order: &Restoration,
    stop: &Stop,
    tell: &dyn Fn(Stage),
) -> Result<Restored, BackupError> {
    let named = PathBuf::from(sqlite::path_of(&order.options)?);
    // A link stays a link.
    let path = fs::canonicalize(&named).unwrap_or(named);
    ensure_whole(&order.file)?;
    // Asked first, since it is what people forget, and again when all is ready.
    drop(hold(&path)?);
    let draft = Draft::of(&path, true)?;
    fetch(&order.file, order.identity.as_deref(), &draft, stop, tell)?;
    ensure_kind(draft.path(), &order.file, "SQLite", true)?;
    tell(Stage::Checking);
    let url = DatabaseUrl::sqlite_file(&draft.path().to_string_lossy());
    let options = StoreOptions { url, ..order.options.clone() };
    let mut oddities = sqlite::check(&draft.path().to_string_lossy(), &options, stop)?;
    let (layout, ended) = settle(&options, order.sessions).map_err(|error| match error {
        // Nobody knows the draft by its name.
        BackupError::Open(error) => BackupError::NotUsable {
            path: order.file.clone(),
            reason: error.to_string().replace(&options.url.to_string(), "it"),
        },
        other => other,
    })?;
    let old = fs::metadata(&path).ok();
    let mode = if layout.is_standalone() { None } else { old.as_ref() };
    oddities.extend(give_to_owner(draft.path(), &path, old.as_ref(), mode));
    stop.check()?;

    let held = hold(&path)?;
    let aside = lengthened(&path, &order.aside);
    let failed = |doing, source| BackupError::File { path: path.clone(), doing, source };
    if old.is_some() {
        // There is a database at each moment: the old one gets a second name and then loses the first.
        match fs::hard_link(&path, &aside) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(BackupError::Exists { path: aside });
            }
            Err(_) => fs::rename(&path, &aside).map_err(|error| failed("renamed", error))?,
            Ok(()) => {}
        }
    }
    // Copies the log into the old one, if it has one, and removes it.
    drop(held);
    for part in PARTS {
        let (from, to) = (lengthened(&path, part), lengthened(&aside, part));
        unless_absent(fs::rename(from, to)).map_err(|error| failed("freed of the files beside it", error))?;
    }
    let index = fs::remove_file(lengthened(&path, INDEX));
    unless_absent(index).map_err(|error| failed("freed of the files beside it", error))?;
    draft.keep()?;
    Ok(Restored { old: old.map(|_| aside), ended, oddities })
}

/// A file with a log beside it is not all of a database.
fn ensure_whole(file: &Path) -> Result<(), BackupError> {
    match fs::metadata(lengthened(file, "-wal")) {
        Ok(log) if log.len() > 0 => Err(BackupError::NotWhole { path: file.to_owned() }),
        _ => Ok(()),
    }
}

/// The only connection to the database, while this is kept; `None` where there is no database that can be opened.
fn hold(path: &Path) -> Result<Option<Alone>, BackupError> {
    if !path.exists() {
        return Ok(None);
    }
    if let Some(by) = user_of(path) {
        return Err(BackupError::InUse { by });
    }
    match Alone::take(&uri(&path.to_string_lossy())) {
        Ok(alone) => Ok(Some(alone)),
        Err(NotAlone::Locked) => Err(BackupError::InUse { by: "another process".to_owned() }),
        // Damaged, or none of SQLite's: all the more reason to replace it. It is kept, too.
        Err(NotAlone::Unusable(why)) => {
            tracing::debug!(why, path = %path.display(), "the old database cannot be opened");
            Ok(None)
        }
    }
}

/// Another process that has the file open, as far as this system tells. A database that is not in WAL mode has no lock while
/// nobody reads or writes it.
#[cfg(target_os = "linux")]
fn user_of(path: &Path) -> Option<String> {
    let own = std::process::id().to_string();
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Ok(id) = entry.file_name().into_string() else { continue };
        if id == own || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        // Those of other users cannot be read, except by root.
        let files = fs::read_dir(entry.path().join("fd")).into_iter().flatten().flatten();
        if files.filter_map(|file| fs::read_link(file.path()).ok()).any(|open| open == path) {
            let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            return Some(format!("process {id} ({})", name.trim()));
        }
    }
    None
}

#[cfg(not(target_os = "linux"))]
fn user_of(_path: &Path) -> Option<String> {
    None
}

/// Gives the draft to whoever has the old file, or else the folder: root may put back what another user's server opens. `mode` is
/// the file whose rights it gets, too. Gives a sentence where that was not possible.
#[cfg(unix)]
fn give_to_owner(
    draft: &Path,
    path: &Path,
    old: Option<&Metadata>,
    mode: Option<&Metadata>,
) -> Option<String> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    let here = fs::metadata(draft).ok()?;
    let folder = fs::metadata(folder_of(path)).ok();
    let owner = old.or(folder.as_ref())?;
    let is_given = (here.uid(), here.gid()) == (owner.uid(), owner.gid())
        || chown(draft, Some(owner.uid()), Some(owner.gid())).is_ok();
    let has_mode = mode.is_none_or(|mode| {
        fs::set_permissions(draft, fs::Permissions::from_mode(mode.mode() & 0o777)).is_ok()
    });
    // A group that is not one's own is no trouble for the owner.
    let is_owners = is_given || here.uid() == owner.uid();
    (!(is_owners && has_mode)).then(|| {
        format!(
            "{} does not belong to the user who had it before: see that the server may read and write it",
            path.display()
        )
    })
}

#[cfg(not(unix))]
fn give_to_owner(
    _draft: &Path,
    _path: &Path,
    _old: Option<&Metadata>,
    _mode: Option<&Metadata>,
) -> Option<String> {
    None
}

fn unless_absent(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
