//! A start that takes long says what it is doing: here because another process keeps the tables from being changed.

use std::io::Read;
use std::process::{Command, Stdio};

use rosterd_storage::raw::Connection;
use rosterd_testkit::{DbKind, ProcessBuilder, TestDb, with_databases};

use crate::place::PROGRAM;

const WAITING: &str = "opening the database: waiting until no other process changes its tables";

/// What a start waits for: a lock that another process holds until this is dropped.
fn occupied(db: &TestDb) -> Connection {
    let mut other = Connection::open(&db.database_url()).unwrap();
    // The first is the lock that each rosterd takes before it looks for migrations.
    let postgres = "SELECT pg_advisory_lock(x'726f737400000000'::bigint)";
    other.execute(if db.is_postgres() { postgres } else { "BEGIN IMMEDIATE" }).unwrap();
    other
}

/// A server on this database that waits for locks.
fn server(db: &TestDb) -> ProcessBuilder {
    ProcessBuilder::new(PROGRAM).database(db).env("ROSTERD_BUSY_TIMEOUT", "60s")
}

/// Reads on until `text` is there; gives everything that was read since the beginning.
fn read_until(from: &mut impl Read, read: &mut Vec<u8>, text: &str) -> String {
    loop {
        let shown = String::from_utf8_lossy(read).into_owned();
        if shown.contains(text) {
            return shown;
        }
        let mut bytes = [0; 1024];
        let count = from.read(&mut bytes).unwrap_or(0);
        assert!(count > 0, "it ended without {text:?}: {shown}");
        read.extend(&bytes[..count]);
    }
}

fn terminate(pid: &str) {
    assert!(Command::new("kill").args(["-s", "TERM", pid]).status().unwrap().success());
}

with_databases!(own, a_start_that_waits_says_so_in_the_log, async |db| {
    let other = occupied(&db);
    let mut child = server(&db).command().stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut stderr, mut read) = (child.stderr.take().unwrap(), Vec::new());
    let log = read_until(&mut stderr, &mut read, WAITING);
    assert!(log.contains(" INFO ") && !log.contains("listening on"), "{log}");
    drop(other);
    let log = read_until(&mut stderr, &mut read, "or sign up: ");
    assert!(log.contains("listening on"), "{log}");
    terminate(&child.id().to_string());
    assert_eq!(child.wait().unwrap().code(), Some(0));
});

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_a_line_shows_that_a_start_goes_on_and_goes_away() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let other = occupied(&db);
    let builder = server(&db);
    let command = format!("stty cols 200; echo pid $$.; exec {PROGRAM}");
    let mut child = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env_clear()
        .envs(builder.command().get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`script` is part of util-linux");
    let (mut terminal, mut read) = (child.stdout.take().unwrap(), Vec::new());
    let shown = read_until(&mut terminal, &mut read, WAITING);
    let pid = shown.split_once("pid ").and_then(|(_, rest)| rest.split_once('.')).unwrap().0.to_owned();
    drop(other);
    let shown = read_until(&mut terminal, &mut read, "or sign up: ");
    // The line is wiped away before the log goes on.
    assert!(shown.contains("listening on"), "{shown}");
    let (_, after) = shown.rsplit_once(WAITING).unwrap();
    let (before, _) = after.split_once("or sign up: ").unwrap();
    assert!(before.contains("\u{1b}[2K"), "{after:?}");
    terminate(&pid);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
