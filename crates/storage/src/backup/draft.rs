//! A file that is being made: beside the name that it is to have, readable by its owner only, and under that name once it is
//! whole.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::BackupError;

/// How the name of every draft begins.
const PREFIX: &str = ".rosterd-draft-";

/// Whether a file of this name is a draft; one that is old was left by a process that was killed.
#[must_use]
pub fn is_forgotten_draft(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// See the module. It is removed when it is dropped.
pub(super) struct Draft {
    path: TempPath,
    target: PathBuf,
    overwrite: bool,
}

impl Draft {
    /// An empty draft of this file, mode 0600.
    pub(super) fn of(target: &Path, overwrite: bool) -> Result<Self, BackupError> {
        if !overwrite {
            super::ensure_free(target)?;
        }
        let folder = folder_of(target);
        let path = tempfile::Builder::new().prefix(PREFIX).tempfile_in(folder).map_err(|source| {
            let path = folder.to_owned();
            BackupError::File { path, doing: "written to", source }
        })?;
        Ok(Self { path: path.into_temp_path(), target: target.to_owned(), overwrite })
    }

    /// Another empty draft of the same file.
    pub(super) fn again(&self) -> Result<Self, BackupError> {
        Self::of(&self.target, self.overwrite)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes its content.
    pub(super) fn fill(&self, content: &[u8]) -> Result<(), BackupError> {
        self.write(&mut self.open()?, content)
    }

    /// Opens it, to be written part by part.
    pub(super) fn open(&self) -> Result<File, BackupError> {
        OpenOptions::new().write(true).open(&self.path).map_err(|error| self.failed("written", error))
    }

    /// Writes a part of its content.
    pub(super) fn write(&self, file: &mut File, part: &[u8]) -> Result<(), BackupError> {
        file.write_all(part).map_err(|error| self.failed("written", error))
    }

    /// Gives it its name, once it is on the disk; gives its size in bytes.
    pub(super) fn keep(self) -> Result<u64, BackupError> {
        let synced = File::open(&self.path).and_then(|file| {
            file.sync_all()?;
            file.metadata()
        });
        let bytes = synced.map_err(|error| self.failed("written", error))?.len();
        let Self { path, target, overwrite } = self;
        let moved = if overwrite { path.persist(&target) } else { path.persist_noclobber(&target) };
        moved.map_err(|refused| match refused.error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists { path: target.clone() },
            _ => BackupError::File { path: target.clone(), doing: "written", source: refused.error },
        })?;
        sync_folder(&target);
        Ok(bytes)
    }

    fn failed(&self, doing: &'static str, source: io::Error) -> BackupError {
        BackupError::File { path: self.target.clone(), doing, source }
    }
}

/// The folder of a file.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Sees to it that a new name survives a power failure. Not every file system can do that, and the file itself is safe.
pub(super) fn sync_folder(path: &Path) {
    if let Err(error) = File::open(folder_of(path)).and_then(|folder| folder.sync_all()) {
        tracing::debug!(%error, path = %path.display(), "the folder could not be synced");
    }
}

/// Refuses what does not fit into the folder of this file. Where nobody knows, it is tried.
pub(super) fn ensure_space(path: &Path, needed: u64) -> Result<(), BackupError> {
    let folder = folder_of(path);
    match free(folder) {
        Some(free) if free < needed => Err(BackupError::NoSpace { folder: folder.to_owned(), needed, free }),
        _ => Ok(()),
    }
}

/// Bytes that are left for this user on the folder's disk.
#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free(_folder: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_appears_whole_and_private_and_replaces_only_what_it_may() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a");
        let draft = Draft::of(&target, false).unwrap();
        draft.fill(b"first").unwrap();
        assert!(!target.exists());
        assert_eq!(draft.keep().unwrap(), 5);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(matches!(Draft::of(&target, false), Err(BackupError::Exists { .. })));
        let draft = Draft::of(&target, true).unwrap();
        draft.fill(b"second").unwrap();
        draft.keep().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"second");
        drop(Draft::of(&target, true).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft stays behind");
    }

    #[test]
    fn what_appeared_meanwhile_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a");
        let draft = Draft::of(&target, false).unwrap();
        fs::write(&target, "another's").unwrap();
        assert!(matches!(draft.keep(), Err(BackupError::Exists { .. })));
        assert_eq!(fs::read_to_string(&target).unwrap(), "another's");
    }

    #[test]
    fn a_disk_that_is_too_full_is_named_with_both_sizes() {
        let folder = tempfile::tempdir().unwrap();
        ensure_space(&folder.path().join("a"), 1).unwrap();
        let refused = ensure_space(&folder.path().join("a"), u64::MAX).unwrap_err().to_string();
        assert!(refused.contains("make room"), "{refused}");
    }
}
