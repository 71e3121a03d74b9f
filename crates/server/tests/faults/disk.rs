//! A disk without space, and one that fails, under a SQLite database, while clients write.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rosterd_testkit::skips::{self, Missing};
use rosterd_testkit::{Caller, DbKind, ProcessBuilder, ServerProcess, TestDb, run};
use serde_json::json;

use crate::away::{assert_away, assert_ready, wait_until_away};
use crate::book::{Books, assert_unavailable};
use crate::load::Load;
use crate::{METRICS_TOKEN, PROGRAM, program, rounds, start};

/// Writes before a fault and after it.
const SOME: u64 = 50;

/// Makes a small file system in memory, which the program alone sees and which goes away with it. Arguments: its folder,
/// the database to put into it, the program.
const ON_A_SMALL_DISK: &str = r#"
mount -t tmpfs -o size=16m small "$1" && cp "$2" "$1/roster.db" && exec "$3"
"#;

/// Needs no rights but those of the user who runs the tests.
fn unshare(script: &str) -> ProcessBuilder {
    let own = ["--mount", "--map-root-user", "--", "sh", "-c", script, "sh"];
    own.into_iter().fold(ProcessBuilder::new("unshare"), ProcessBuilder::arg)
}

fn is_possible(folder: &Path) -> bool {
    let mut tried = unshare(r#"mount -t tmpfs -o size=1m small "$1""#).arg(folder).command();
    // Found on the path of these tests.
    tried.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    tried.output().is_ok_and(|tried| tried.status.success())
}

/// A folder of another process's file system.
struct Window(File);

impl Window {
    fn on(server: &ServerProcess, folder: &Path) -> Self {
        let path = format!("/proc/{}/root{}", server.id(), folder.display());
        Self(File::open(path).expect("the process is ours"))
    }

    /// The path of a file in it. It leads there also when the process has ended.
    fn path(&self, name: &str) -> PathBuf {
        format!("/proc/self/fd/{}/{name}", self.0.as_raw_fd()).into()
    }

    /// Takes all the space that is left, and gives the file that takes it.
    fn fill(&self) -> PathBuf {
        let path = self.path("ballast");
        let mut ballast = File::create(&path).expect("a file can be made while there is space");
        for piece in [1 << 16, 1 << 12, 1] {
            while ballast.write_all(&vec![0; piece]).is_ok() {}
        }
        path
    }
}

#[test]
fn a_full_disk_is_503_until_there_is_space_again() {
    let folder = tempfile::tempdir().unwrap();
    if !is_possible(folder.path()) {
        return skips::report(Missing::SmallDisk, "a_full_disk_is_503_until_there_is_space_again");
    }
    for kind in [DbKind::OwnSqlite, DbKind::WebUi012Sqlite] {
        for _ in 0..rounds() {
            run::block_on(full_disk(kind, folder.path()));
        }
    }
}

async fn full_disk(kind: DbKind, folder: &Path) {
    let db = Arc::new(TestDb::fresh(kind));
    let books = Books::open(&db).await;
    let file = db.file().expect("it is on SQLite");
    let url = format!("sqlite:///{}", folder.join("roster.db").display());
    let program = unshare(ON_A_SMALL_DISK).arg(folder).arg(&file).arg(PROGRAM);
    let program = program
        .env("PATH", &std::env::var("PATH").unwrap_or_default())
        .env("DATABASE_URL", &url)
        .env("ROSTERD_METRICS_TOKEN", METRICS_TOKEN);
    let mut server = program.start();
    let window = Window::on(&server, folder);
    let admin = server.anonymous().with_bearer(&books.shared.admin);
    let load = Load::begin(&server, books);
    load.wait_for(SOME);
    let ballast = window.fill();
    let mut sent = 0;
    wait_until_away(&server, "full", async || grow_until_refused(&admin, &mut sent).await).await;
    fs::remove_file(ballast).expect("it is there");
    load.wait_for(SOME);
    assert_ready(&server).await;
    let books = load.end();
    assert_eq!(server.terminate().code(), Some(0), "{}", server.log());
    fs::copy(window.path("roster.db"), &file).expect("the database is one file after the end");
    let server = start(&db);
    books.check(&db, &server).await;
    books.report(&format!("disk full under {kind:?}"), 1);
}

/// Writes what is larger than all files together, since small writes may find room in the log for a long time. `sent` counts,
/// so that none is the same as one before, which would write nothing.
async fn grow_until_refused(admin: &Caller, sent: &mut usize) {
    for document in ["settings", "info"] {
        for number in 0..18 {
            *sent += 1;
            let large = json!({ format!("large-{number}"): format!("{sent}{}", "x".repeat(200_000)) });
            let reply = admin.post(&format!("/api/v1/users/user/{document}/update"), large).await;
            if reply.status() != 200 {
                assert_unavailable(&reply);
                return;
            }
        }
    }
    panic!("there is always more space");
}

/// The system lets the program write to no file any more (`RLIMIT_FSIZE`), which SQLite takes for a disk that fails.
#[test]
fn a_disk_that_fails_is_503_until_it_works_again() {
    for kind in [DbKind::OwnSqlite, DbKind::WebUi012Sqlite] {
        run::block_on(failing_disk(kind));
    }
}

async fn failing_disk(kind: DbKind) {
    let db = Arc::new(TestDb::fresh(kind));
    let books = Books::open(&db).await;
    // The signal would end the program before the write fails.
    let described = program(&db);
    let ignoring = ProcessBuilder::new("/bin/sh").arg("-c").arg(r#"trap '' XFSZ; exec "$0""#).arg(PROGRAM);
    let ignoring = described
        .command()
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_str()?, value?.to_str()?)))
        .fold(ignoring, |builder, (name, value)| builder.env(name, value));
    let server = ignoring.start();
    let limit = |bytes: &str| {
        let mut command = Command::new("prlimit");
        command.arg("--pid").arg(server.id().to_string()).arg(format!("--fsize={bytes}:unlimited"));
        assert!(command.status().expect("prlimit is part of util-linux").success());
    };
    let load = Load::begin(&server, books);
    for _ in 0..rounds() {
        load.wait_for(SOME);
        let before = load.refused();
        limit("1");
        load.wait_until_refused(before);
        assert_away(&server, "files").await;
        limit("unlimited");
        load.wait_for(SOME);
        assert_ready(&server).await;
    }
    let books = load.end();
    books.check(&db, &server).await;
    books.report(&format!("disk failing under {kind:?}"), rounds());
}
