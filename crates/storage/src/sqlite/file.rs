//! The database file as the operating system sees it: how it is made, and whether it is still the one that was opened.
//!
//! The system lets a file be deleted or replaced while it is open. SQLite then goes on in what is no longer to be found
//! under any name, so that writes would be confirmed and lost. On systems other than Unix, which refuse that while the
//! file is open or do not tell files apart, nothing is checked.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{OpenError, StoreError, StoreOptions, StoreResult, Unready};

/// Symbolic links followed one after another at most, as on Linux.
const LINKS: usize = 40;

/// Tells files apart that exist at the same time: device and inode. `None` where the system has no such thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity(Option<(u64, u64)>);

impl Identity {
    #[cfg(unix)]
    fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(path).map(|found| Self(Some((found.dev(), found.ino()))))
    }

    #[cfg(not(unix))]
    fn of(_path: &Path) -> io::Result<Self> {
        Ok(Self(None))
    }
}

/// The file that a store has opened.
pub(crate) struct OpenFile {
    path: PathBuf,
    /// Where SQLite keeps the write-ahead log: beside the file itself, not beside a link to it.
    log: PathBuf,
    /// Where it keeps the rollback journal without such a log.
    journal: PathBuf,
    identity: Identity,
    lost: AtomicBool,
}

impl OpenFile {
    /// What lies at this path now. Connections that check [`ensure_in_place`](OpenFile::ensure_in_place) after they were
    /// opened are on this very file.
    pub(crate) fn at(path: &str) -> io::Result<Self> {
        let path = PathBuf::from(path);
        let identity = Identity::of(&path)?;
        let whole = fs::canonicalize(&path)?;
        let (log, journal) = (beside(&whole, "-wal"), beside(&whole, "-journal"));
        Ok(Self { path, log, journal, identity, lost: AtomicBool::new(false) })
    }

    /// Whether a write-ahead log lies beside the file.
    pub(crate) fn has_log(&self) -> bool {
        self.log.exists()
    }

    /// Size of the write-ahead log beside the file, in bytes; `None` where there is none.
    pub(crate) fn log_bytes(&self) -> Option<u64> {
        fs::metadata(&self.log).ok().map(|found| found.len())
    }

    /// Whether a rollback journal lies beside the file: of a process that is writing now, or that was killed as it did.
    pub(crate) fn has_journal(&self) -> bool {
        fs::metadata(&self.journal).is_ok_and(|found| found.len() > 0)
    }

    /// Whether it was found deleted or replaced.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    /// Asks the system whether the path still leads to this file. One system call.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] from the first moment on at which it was found not to, told once in the log. It stays
    /// so even if the file comes back: another process may have written to either in between.
    pub(crate) fn ensure_in_place(&self) -> StoreResult<()> {
        if self.lost.load(Ordering::Acquire) {
            return Err(lost());
        }
        match Identity::of(&self.path) {
            Ok(found) if found == self.identity => Ok(()),
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Err(StoreError::unavailable(format_args!("the database file cannot be examined: {error}")))
            }
            Ok(_) | Err(_) => self.lose("the database file"),
        }
    }

    /// The same for the write-ahead log of a connection that has just committed. `seen` is the log as it was after that
    /// connection's first commit: while it is open, nobody else removes the log in good order.
    pub(crate) fn ensure_log_in_place(&self, seen: &mut Option<Identity>) -> StoreResult<()> {
        match (Identity::of(&self.log), &seen) {
            (Ok(found), None) => *seen = Some(found),
            (Ok(found), Some(seen)) if found == *seen => {}
            (Err(_), None) => {}
            (Ok(_) | Err(_), Some(_)) => return self.lose("the database's write-ahead log (-wal)"),
        }
        Ok(())
    }

    fn lose(&self, what: &str) -> StoreResult<()> {
        if !self.lost.swap(true, Ordering::AcqRel) {
            tracing::error!(
                kind = Unready::LostFile.as_str(),
                path = %self.path.display(),
                "{what} was deleted or replaced while the server runs. Nothing is written any more. Writes are \
                 answered with 503 until the right file is in its place and the server is restarted"
            );
        }
        Err(lost())
    }
}

fn lost() -> StoreError {
    StoreError::unavailable("the database file was deleted or replaced; put it back and restart the server")
}

/// The path with more characters at its end.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    PathBuf::from(name)
}

/// Sees to it that there is a file at this path: makes an empty one, which only its owner may read and write, where that
/// is allowed.
///
/// # Errors
/// [`OpenError::Absent`] or [`OpenError::Empty`] where there is none and none may be made, [`OpenError::Connect`] where it
/// cannot be made.
pub(crate) fn ensure_there(path: &str, options: &StoreOptions) -> Result<(), OpenError> {
    let path = Path::new(path);
    let url = || options.url.to_string();
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        // Anything else that is wrong with it SQLite tells.
        _ => return Ok(()),
    }
    if !options.create {
        return Err(OpenError::Absent { url: url() });
    }
    if !options.migrate {
        return Err(OpenError::Empty { url: url() });
    }
    make(path).map_err(|error| OpenError::Connect {
        url: url(),
        reason: format!("the file cannot be created: {error}"),
    })
}

/// Makes an empty file, unless another process was faster. SQLite gives the files beside it the same mode.
///
/// It is made under another name and moved: to close a file that SQLite has opened too would end this process's locks on
/// it, and as soon as the name is there another thread may do so.
fn make(path: &Path) -> io::Result<()> {
    let path = behind_links(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Mode 0600 on Unix.
    let draft = tempfile::Builder::new().prefix(".rosterd-").tempfile_in(folder)?.into_temp_path();
    match draft.persist_noclobber(&path) {
        Err(refused) if refused.error.kind() != ErrorKind::AlreadyExists => make_in_place(&path),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// For file systems that know neither hard links nor a move that replaces nothing.
fn make_in_place(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Where a path leads that may be a symbolic link to a file that does not exist yet.
fn behind_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Ok(target) = fs::read_link(&path) else { break };
        // A target with a whole path replaces all of it.
        path = path.parent().map_or_else(|| target.clone(), |folder| folder.join(&target));
    }
    path
}

/// Says that a process which used the database has left what it had not finished, if so. To be asked before the first
/// connection, which takes that up.
pub(crate) fn tell_leftovers(file: &OpenFile) {
    let Ok(path) = fs::canonicalize(&file.path) else { return };
    let size = |end: &str| fs::metadata(beside(&path, end)).map_or(0, |found| found.len());
    let (log, journal) = (size("-wal"), size("-journal"));
    if log > 0 {
        tracing::info!(
            bytes = log,
            "there is a write-ahead log beside the database: a process ended without closing it, or one is using it now. \
             All writes in it are kept"
        );
    }
    if journal > 0 {
        tracing::info!(
            bytes = journal,
            "there is a rollback journal beside the database: a process ended during a write, which is rolled back, \
             or a process is writing now"
        );
    }
}

/// Warns when others than the owner may read or write a standalone database: it holds password hashes.
#[cfg(unix)]
pub(crate) fn warn_when_open_to_others(file: &OpenFile) {
    use std::os::unix::fs::PermissionsExt as _;
    for path in [&file.path, &file.log] {
        if fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0) {
            let path = path.display();
            tracing::warn!(%path, "the database file can be read by others than its owner; `chmod 600` it");
        }
    }
}

#[cfg(not(unix))]
pub(crate) fn warn_when_open_to_others(_file: &OpenFile) {}

/// What this process has no right to write to: the file, or the folder in which SQLite puts files beside it. `None`: both
/// can be written.
pub(crate) fn read_only_part(file: &OpenFile) -> Option<&'static str> {
    let folder = file.log.parent().unwrap_or(Path::new("."));
    if !is_writable(&file.path) {
        Some("the file")
    } else if !is_writable(folder) {
        Some("the folder of the file")
    } else {
        None
    }
}

/// Says at start that nothing will be written.
pub(crate) fn warn_when_read_only(file: &OpenFile, part: Option<&'static str>) {
    if let Some(part) = part {
        tracing::warn!(
            path = %file.path.display(),
            "the database is read-only: this process may not write to {part}. Reads are answered, writes get 503"
        );
    }
}

/// The error of a first read, with the reason where the [read-only](read_only_part) part is likely to be it.
pub(crate) fn explained(error: StoreError, part: Option<&'static str>) -> StoreError {
    let Some(part) = part else { return error };
    StoreError::unavailable(format_args!(
        "{error}; {part} is read-only for this process, and to read a database in WAL mode SQLite has to make files beside \
         it: give it the right to write there, or open a copy"
    ))
}

/// Asked of the system, which knows about owners, lists of rights and file systems. The file must not be opened for this:
/// closing it would end SQLite's locks on it.
#[cfg(unix)]
fn is_writable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn is_writable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.permissions().readonly())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_is_made_for_its_owner_once_and_an_existing_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        make(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        fs::write(&path, "content").unwrap();
        make(&path).unwrap();
        make_in_place(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "content");
        let other = folder.path().join("b.db");
        make_in_place(&other).unwrap();
        assert_eq!(mode(&other), 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no draft stays behind");
    }

    #[test]
    fn a_link_to_nothing_leads_to_the_file_that_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link.db");
        symlink("target.db", &link).unwrap();
        make(&link).unwrap();
        assert_eq!(mode(&folder.path().join("target.db")), 0o600);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn another_file_or_none_is_noticed_and_not_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let (path, aside) = (folder.path().join("a.db"), folder.path().join("aside.db"));
        make(&path).unwrap();
        let open = || OpenFile::at(path.to_str().unwrap()).unwrap();
        let (first, second) = (open(), open());
        first.ensure_in_place().unwrap();
        fs::rename(&path, &aside).unwrap();
        assert!(first.ensure_in_place().is_err(), "none");
        make(&path).unwrap();
        assert!(second.ensure_in_place().is_err(), "another");
        fs::rename(&aside, &path).unwrap();
        assert!(first.ensure_in_place().is_err(), "it stays so");
        open().ensure_in_place().unwrap();
    }

    #[test]
    fn a_log_is_known_from_the_first_commit_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        make(&path).unwrap();
        let file = OpenFile::at(path.to_str().unwrap()).unwrap();
        let mut seen = None;
        file.ensure_log_in_place(&mut seen).unwrap();
        assert_eq!(seen, None, "without a log there is nothing to know");
        make(&file.log).unwrap();
        file.ensure_log_in_place(&mut seen).unwrap();
        file.ensure_log_in_place(&mut seen).unwrap();
        fs::remove_file(&file.log).unwrap();
        assert!(file.ensure_log_in_place(&mut seen).is_err());
        assert!(file.ensure_in_place().is_err(), "it holds for everything");
    }
}
