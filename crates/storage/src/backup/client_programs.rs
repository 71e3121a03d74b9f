//! The programs of PostgreSQL that copy a database, of the version that suits the server.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::BackupError;

/// Where distributions keep the programs of each version of PostgreSQL.
const FOLDERS: [(&str, &str); 3] =
    [("/usr/lib/postgresql", "bin"), ("/usr", "bin"), ("/opt/homebrew/opt", "bin")];

/// The path of this program of PostgreSQL that suits a server of this version: the oldest that is not older than the server.
/// It reads what the server has, and what it writes the server understands best.
pub(super) fn of_postgres(name: &'static str, server: u32) -> Result<PathBuf, BackupError> {
    let found: Vec<(PathBuf, u32)> = places(name)
        .into_iter()
        .filter_map(|path| version_of(&path).map(|version| (path, version)))
        .collect();
    if let Some(path) = best(&found, server) {
        return Ok(path.to_owned());
    }
    let mut found: Vec<u32> = found.iter().map(|(_, version)| *version).collect();
    found.dedup();
    Err(BackupError::NoProgram { program: name, needed: server, found })
}

fn best(found: &[(PathBuf, u32)], server: u32) -> Option<&Path> {
    let fit = found.iter().filter(|(_, version)| *version >= server);
    fit.min_by_key(|(_, version)| *version).map(|(path, _)| path.as_path())
}

/// Where such a program may be: on the path of this process first.
fn places(name: &str) -> Vec<PathBuf> {
    let mut places = Vec::new();
    for (folder, inner) in FOLDERS {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path().join(inner).join(name);
            if path.is_file() {
                places.push(path);
            }
        }
    }
    places.sort();
    places.insert(0, PathBuf::from(name));
    places
}

/// The version of a program of PostgreSQL; `None` where it is not there or says something else.
fn version_of(program: impl AsRef<OsStr>) -> Option<u32> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    version_in(&String::from_utf8_lossy(&output.stdout))
}

/// From `pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn version_in(text: &str) -> Option<u32> {
    let (_, version) = text.split_once("(PostgreSQL)")?;
    let digits: String = version.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_number_after_the_name() {
        assert_eq!(version_in("pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(version_in("pg_restore (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(version_in("pg_dump: command not found"), None);
    }

    #[test]
    fn the_oldest_program_that_is_not_older_than_the_server_is_right() {
        let found = |versions: &[u32]| -> Vec<(PathBuf, u32)> {
            versions.iter().map(|version| (PathBuf::from(version.to_string()), *version)).collect()
        };
        for (there, server, right) in [
            (&[14, 15, 17][..], 15, Some("15")),
            (&[17, 16], 15, Some("16")),
            (&[14], 15, None),
            (&[], 15, None),
        ] {
            assert_eq!(best(&found(there), server), right.map(Path::new), "{there:?}");
        }
    }
}
