//! Folders for what tests need only while they run.

use std::env;
use std::io;

use tempfile::{Builder, TempDir};

/// Memory as a file system, where Linux has it.
const MEMORY: &str = "/dev/shm";

/// Bytes that must be free there, several times what a run of the tests has in it.
const ENOUGH: u64 = 4 << 30;

/// A new folder in memory, unless that is short or `TMPDIR` names a place. PostgreSQL makes hundreds of files for each database and
/// removes them again, which takes ext4 longer than most tests take.
///
/// # Errors
/// When the folder cannot be made.
pub(crate) fn in_memory(prefix: &str) -> io::Result<TempDir> {
    if env::var_os("TMPDIR").is_none()
        && has_room()
        && let Ok(folder) = Builder::new().prefix(prefix).tempdir_in(MEMORY)
    {
        return Ok(folder);
    }
    on_disk(prefix)
}

/// A new folder where temporary files are by default, or where `TMPDIR` says.
///
/// # Errors
/// When the folder cannot be made.
pub(crate) fn on_disk(prefix: &str) -> io::Result<TempDir> {
    Builder::new().prefix(prefix).tempdir()
}

fn has_room() -> bool {
    rustix::fs::statvfs(MEMORY).is_ok_and(|memory| memory.f_bavail.saturating_mul(memory.f_frsize) >= ENOUGH)
}
