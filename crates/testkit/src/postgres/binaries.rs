//! Where the PostgreSQL server binaries are: distributions keep them out of `PATH`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that holds both `initdb` and `postgres`: on `PATH`, else where `pg_config` says, else the newest
/// version a distribution has installed.
pub(super) fn find() -> Option<PathBuf> {
    let on_path =
        env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    on_path.into_iter().chain(pg_config()).chain(installed_versions()).find(|folder| is_server(folder))
}

fn is_server(folder: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file())
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(folder.trim()))
}

/// `/usr/lib/postgresql/<version>/bin` (Debian) and `/usr/pgsql-<version>/bin` (Red Hat), newest first.
fn installed_versions() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = entries("/usr/lib/postgresql")
        .chain(entries("/usr"))
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?;
            let version = name.strip_prefix("pgsql-").unwrap_or(name).parse().ok()?;
            Some((version, path.join("bin")))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

fn entries(folder: &str) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}
