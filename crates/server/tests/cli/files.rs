//! The file of a SQLite database under a server: its rights, what a start says about it, and its loss.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rosterd_testkit::run::block_on;
use rosterd_testkit::{DbKind, ProcessBuilder, ServerProcess, TestDb};
use serde_json::json;

use crate::place::{PROGRAM, Place};

fn start(db: &TestDb) -> ServerProcess {
    ProcessBuilder::new(PROGRAM).database(db).start()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_the_program_makes_is_its_owner_s_alone_whatever_the_folder_and_the_umask() {
    let place = Place::new();
    set_mode(&place.path(""), 0o777);
    let url = format!("sqlite:///{}", place.path("own.db").display());
    let server = ProcessBuilder::new("/bin/sh")
        .arg("-c")
        .arg(r#"umask 0; exec "$0""#)
        .arg(PROGRAM)
        .env("DATABASE_URL", &url)
        .env_remove("WEBUI_SECRET_KEY")
        .start();
    block_on(async {
        let form = json!({ "name": "Ada", "email": "ada@example.com", "password": "correct horse battery" });
        server.anonymous().post("/api/v1/auths/signup", form).await.assert_status(200);
    });
    let mut names = place.files();
    names.sort();
    assert_eq!(names, [".rosterd_secret_key", "own.db", "own.db-shm", "own.db-wal"]);
    for name in names {
        let mode = fs::metadata(place.path(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(!server.log().contains("chmod"), "{}", server.log());
}

#[test]
fn a_file_of_our_own_that_others_can_read_is_warned_about() {
    for (kind, mode, warned) in [
        (DbKind::OwnSqlite, 0o600, false),
        (DbKind::OwnSqlite, 0o640, true),
        (DbKind::OwnSqlite, 0o604, true),
        (DbKind::WebUiSqlite, 0o644, false),
    ] {
        let db = TestDb::fresh(kind);
        set_mode(&db.file().unwrap(), mode);
        let mut server = start(&db);
        let log = server.log();
        assert_eq!(log.contains("`chmod 600` it"), warned, "{kind:?} {mode:o}: {log}");
        server.terminate();
        assert_eq!(fs::metadata(db.file().unwrap()).unwrap().permissions().mode() & 0o777, mode);
    }
}

#[test]
fn a_start_tells_of_a_log_that_a_crash_left_and_keeps_what_is_in_it() {
    const TOLD: &str = "there is a write-ahead log beside the database";
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let mut server = start(&db);
    assert!(!server.log().contains(TOLD), "{}", server.log());
    let form = json!({ "name": "Ada", "email": "ada@example.com", "password": "correct horse battery" });
    block_on(async {
        server.anonymous().post("/api/v1/auths/signup", form.clone()).await.assert_status(200);
    });
    server.signal("KILL");
    server.wait();
    let mut server = start(&db);
    assert_eq!(server.log().matches(TOLD).count(), 1, "{}", server.log());
    block_on(async {
        server.anonymous().post("/api/v1/auths/signin", form).await.assert_status(200);
    });
    server.terminate();
    assert!(!start(&db).log().contains(TOLD));
}

#[test]
fn a_file_that_is_deleted_under_a_server_is_503_and_told_once() {
    lost(|file| fs::remove_file(file).unwrap());
}

#[test]
fn a_file_that_is_replaced_under_a_server_is_503_and_told_once() {
    lost(|file| {
        let draft = file.with_extension("new");
        fs::copy(file, &draft).unwrap();
        fs::rename(&draft, file).unwrap();
    });
}

fn lost(lose: impl Fn(&Path)) {
    for kind in [DbKind::OwnSqlite, DbKind::WebUiSqlite] {
        let db = TestDb::fresh(kind);
        let mut server = start(&db);
        block_on(async {
            let write =
                json!({ "name": "Ada", "email": "ada@example.com", "password": "correct horse battery" });
            server.anonymous().get("/health/db").await.assert_status(200);
            lose(&db.file().unwrap());
            for _ in 0..3 {
                server.anonymous().get("/health/db").await.assert_error(503, "UNAVAILABLE");
            }
            if kind == DbKind::OwnSqlite {
                server.anonymous().post("/api/v1/auths/signup", write).await.assert_status(503);
            } else {
                let alice = server.recorded("alice");
                let settings = json!({ "ui": { "a": 1 } });
                let answer = alice.post("/api/v1/users/user/settings/update", settings).await;
                answer.assert_error(503, "UNAVAILABLE");
            }
            server.anonymous().get("/health").await.assert_status(200);
        });
        let there = db.file().unwrap().exists();
        assert_eq!(server.terminate().code(), Some(0));
        assert_eq!(server.log().matches("replaced while the server runs").count(), 1, "{}", server.log());
        assert_eq!(db.file().unwrap().exists(), there, "the end makes none");
    }
}

/// The number of the user who owns nothing.
const NOBODY: u32 = 65534;

/// The program as somebody who may not write where this process may: another user where this is root.
fn restricted(db: &TestDb) -> (ProcessBuilder, Option<Place>) {
    let root = fs::metadata(db.file().unwrap()).unwrap().uid() == 0;
    if !root {
        return (ProcessBuilder::new(PROGRAM).database(db), None);
    }
    let passable =
        |folder: &Path| fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o1 != 0);
    let (program, copy) = if Path::new(PROGRAM).ancestors().all(passable) {
        (PathBuf::from(PROGRAM), None)
    } else {
        let place = Place::new();
        set_mode(&place.path(""), 0o755);
        fs::copy(PROGRAM, place.path("rosterd")).unwrap();
        (place.path("rosterd"), Some(place))
    };
    (ProcessBuilder::new(program).user(NOBODY).database(db), copy)
}

#[test]
fn a_file_that_cannot_be_written_is_told_at_start_and_read() {
    let db = TestDb::fresh(DbKind::WebUiSqlite);
    let (file, folder) = (db.file().unwrap(), db.file().unwrap().parent().unwrap().to_owned());
    for (file_mode, folder_mode, part) in
        [(0o444, 0o555, "the file"), (0o444, 0o777, "the file"), (0o666, 0o555, "the folder")]
    {
        set_mode(&file, file_mode);
        set_mode(&folder, folder_mode);
        let (program, _copy) = restricted(&db);
        let mut server = program.start();
        let log = server.log();
        assert_eq!(log.matches("read-only").count(), 1, "{log}");
        assert!(log.contains(&format!("may not write to {part}")), "{log}");
        block_on(async {
            let (alice, stranger) = (server.recorded("alice"), server.anonymous());
            let (path, settings) = (
                "/api/v1/users/user/settings/update",
                json!({ "ui": { "modes": [file_mode, folder_mode] } }),
            );
            alice.get("/api/v1/users/user/settings").await.assert_status(200);
            // Another value each time: what is the same already writes nothing.
            alice.post(path, &settings).await.assert_error(503, "UNAVAILABLE");
            stranger.get("/health/db").await.assert_error(503, "UNAVAILABLE");
            set_mode(&file, 0o666);
            set_mode(&folder, 0o777);
            alice.post(path, &settings).await.assert_status(200);
            stranger.get("/health/db").await.assert_status(200);
        });
        assert_eq!(server.terminate().code(), Some(0));
    }
    set_mode(&folder, 0o755);
}

#[test]
fn a_read_only_folder_with_a_database_in_wal_mode_is_refused_with_the_reason() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let (file, folder) = (db.file().unwrap(), db.file().unwrap().parent().unwrap().to_owned());
    set_mode(&file, 0o444);
    set_mode(&folder, 0o555);
    let (program, _copy) = restricted(&db);
    let outcome = program.command().output().unwrap();
    set_mode(&folder, 0o755);
    let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
    assert_eq!(outcome.status.code(), Some(4), "{said}");
    assert!(said.contains("read-only") && said.contains("WAL"), "{said}");
}

#[test]
fn a_source_in_wal_mode_in_a_read_only_folder_is_refused_with_the_reason() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let (file, folder) = (db.file().unwrap(), db.file().unwrap().parent().unwrap().to_owned());
    set_mode(&file, 0o444);
    set_mode(&folder, 0o555);
    let (program, _copy) = restricted(&db);
    let program =
        program.env("DATABASE_URL", "sqlite:///new.db").arg("migrate-from").arg(db.url()).arg("--dry-run");
    let outcome = program.command().output().unwrap();
    set_mode(&folder, 0o755);
    let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
    assert_eq!(outcome.status.code(), Some(4), "{said}");
    assert!(said.contains("the source cannot be read") && said.contains("read-only"), "{said}");
    assert!(said.contains("WAL") && said.contains("open a copy"), "{said}");
}
