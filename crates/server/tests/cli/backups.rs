//! `rosterd backup` and `rosterd restore`.

use std::fs;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

use rosterd_storage::{DatabaseUrl, raw};
use rosterd_testkit::run::block_on;
use rosterd_testkit::{DbKind, ProcessBuilder, ServerProcess, TestDb, with_databases};
use serde_json::json;

use crate::place::{PASSWORD, PROGRAM, Place, Roster};

const ADMIN: &str = "zoe@example.com";
const OWN: &str = "/api/v1/auths/";

fn start(db: &TestDb) -> ServerProcess {
    ProcessBuilder::new(PROGRAM).database(db).start()
}

/// Signs in as the admin; gives the token.
async fn sign_in(server: &ServerProcess) -> String {
    let form = json!({ "email": ADMIN, "password": PASSWORD });
    let reply = server.anonymous().post("/api/v1/auths/signin", form).await;
    reply.assert_status(200).at("/token").as_str().unwrap().to_owned()
}

/// How a request with this token is answered.
async fn status(server: &ServerProcess, token: &str) -> u16 {
    server.anonymous().with_bearer(token).get(OWN).await.status()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The names beside a SQLite database that are not kept from before a restore.
fn files(db: &TestDb) -> Vec<String> {
    db.files().into_iter().filter(|name| !name.contains(".before-restore-")).collect()
}

with_databases!(all, a_backup_of_a_server_at_work_comes_back_and_its_sessions_do_not, async |db| {
    let roster = Roster::on(&db);
    roster.create(ADMIN, &["--admin"]);
    let mut server = start(&db);
    let before = sign_in(&server).await;
    let written = roster.json(&["backup", "b"]);
    let file = roster.path("b");
    assert_eq!(written["bytes"], json!(fs::metadata(&file).unwrap().len()), "{written}");
    assert_eq!((&written["encrypted"], mode(&file)), (&json!(false), 0o600));
    roster.create("late@example.com", &[]);

    let new = if db.is_postgres() {
        roster.run(&["restore", "b"]).assert_failed(1, &["not empty", "CREATE DATABASE"]);
        server.terminate();
        Some(TestDb::empty_postgres())
    } else {
        let refused = roster.run(&["restore", "b"]);
        refused.assert_failed(1, &["has the database open", "Nothing was changed"]);
        assert_eq!(status(&server, &before).await, 200);
        server.terminate();
        None
    };
    let db = new.as_ref().unwrap_or(&db);
    let restored = roster.run_on(db.url(), &["restore", "b", "--json"]).json();
    if !db.is_postgres() {
        assert_eq!(files(db), ["roster.db"]);
        assert_eq!(db.files().len(), 2, "the old one is kept: {:?}", db.files());
        assert!(restored["old_file"].as_str().unwrap().contains("roster.db.before-restore-2"), "{restored}");
    }
    assert_eq!(roster.run_on(db.url(), &["user", "show", ADMIN]).code, Some(0));
    roster.run_on(db.url(), &["user", "show", "late@example.com"]).assert_failed(1, &["late"]);
    if db.schema_dump().contains("rosterd_event") {
        let told = ["audit", "list", "--action", "database.restored", "--json"];
        let told = roster.run_on(db.url(), &told).json();
        assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
        let (who, details) = (&told[0]["actor"]["kind"], &told[0]["details"]);
        assert_eq!((who, details), (&json!("operator"), &json!({ "backup": "b" })));
    }
    let server = start(db);
    // Open WebUI 0.6 has no session stamp, and this database was not adopted.
    let can_end = restored["all_sessions_ended"] == json!(true);
    assert_eq!(can_end, db.schema_dump().contains("session_stamp"), "{restored}");
    assert_eq!(status(&server, &before).await, if can_end { 401 } else { 200 });
    let after = sign_in(&server).await;
    assert_eq!(status(&server, &after).await, 200);
});

with_databases!(current, sessions_go_on_where_that_is_asked_for, async |db| {
    let roster = Roster::on(&db);
    roster.create(ADMIN, &["--admin"]);
    let mut server = start(&db);
    let before = sign_in(&server).await;
    assert_eq!(roster.run(&["backup", "b"]).code, Some(0));
    server.terminate();
    let new = db.is_postgres().then(TestDb::empty_postgres);
    let db = new.as_ref().unwrap_or(&db);
    let said = roster.run_on(db.url(), &["restore", "b", "--keep-sessions"]);
    assert!(said.stdout.contains("go on"), "{said:?}");
    let server = start(db);
    assert_eq!(status(&server, &before).await, 200);
});

#[test]
fn a_log_that_a_crash_left_does_not_become_a_part_of_the_backup() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let roster = Roster::on(&db);
    roster.create(ADMIN, &["--admin"]);
    assert_eq!(roster.run(&["backup", "b"]).code, Some(0));
    let mut server = start(&db);
    roster.create("late@example.com", &[]);
    server.signal("KILL");
    server.wait();
    assert!(db.files().contains(&"roster.db-wal".to_owned()), "{:?}", db.files());
    assert_eq!(roster.run(&["restore", "b"]).code, Some(0));
    assert_eq!(files(&db), ["roster.db"]);
    assert_eq!(mode(&db.file().unwrap()), 0o600);
    roster.run(&["user", "show", "late@example.com"]).assert_failed(1, &["late"]);
}

#[test]
fn a_damaged_database_is_not_backed_up_and_can_be_replaced() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let roster = Roster::on(&db);
    roster.create(ADMIN, &["--admin"]);
    assert_eq!(roster.run(&["backup", "b"]).code, Some(0));
    // The only page of an index.
    let root = db.db_value("SELECT rootpage FROM sqlite_master WHERE name = 'rosterd_ix_user_name'").unwrap();
    let page: u64 = root.parse().unwrap();
    let file = fs::OpenOptions::new().write(true).open(db.file().unwrap()).unwrap();
    file.write_all_at(&[0xA5; 4096], (page - 1) * 4096).unwrap();
    drop(file);
    roster.run(&["backup", "c"]).assert_failed(1, &["damaged"]);
    assert!(!roster.path("c").exists());
    assert_eq!(roster.run(&["restore", "b"]).code, Some(0));
    assert_eq!(roster.run(&["user", "show", ADMIN]).code, Some(0));
    assert_eq!(files(&db), ["roster.db"]);
}

#[test]
fn what_is_no_backup_is_refused_and_the_database_stays() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let roster = Roster::on(&db);
    roster.create(ADMIN, &["--admin"]);
    assert_eq!(roster.run(&["backup", "b"]).code, Some(0));
    let whole = fs::read(roster.path("b")).unwrap();
    fs::write(roster.path("half"), &whole[..whole.len() / 2]).unwrap();
    fs::write(roster.path("dump"), "PGDMP and so on").unwrap();
    fs::write(roster.path("sealed"), "age-encryption.org/v1\n").unwrap();
    fs::write(roster.path("text"), "hello").unwrap();
    let other = TestDb::empty_sqlite();
    other.db_execute("CREATE TABLE notes (text TEXT)");
    fs::copy(other.file().unwrap(), roster.path("other")).unwrap();
    fs::write(roster.path("live"), &whole).unwrap();
    fs::write(roster.path("live-wal"), "log").unwrap();
    let before = fs::read(db.file().unwrap()).unwrap();
    for (file, words) in [
        ("half", "damaged"),
        ("dump", "a dump of a PostgreSQL database"),
        ("sealed", "--identity"),
        ("text", "neither a SQLite database nor a dump"),
        ("other", "neither rosterd's nor Open WebUI's"),
        ("live", "-wal beside it"),
        ("nowhere", "nowhere cannot be read"),
    ] {
        roster.run(&["restore", file]).assert_failed(1, &[words]);
        assert_eq!(db.files(), ["roster.db"], "{file}");
        assert!(fs::read(db.file().unwrap()).unwrap() == before, "{file}: the database was changed");
    }
}

#[test]
fn a_file_is_replaced_only_where_that_is_asked_for() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let roster = Roster::on(&db);
    assert_eq!(roster.run(&["backup", "b"]).code, Some(0));
    fs::write(roster.path("b"), "mine").unwrap();
    roster.run(&["backup", "b"]).assert_failed(1, &["b exists already", "--overwrite"]);
    assert_eq!(fs::read_to_string(roster.path("b")).unwrap(), "mine");
    assert_eq!(roster.run(&["backup", "b", "--overwrite"]).code, Some(0));
    assert!(fs::read(roster.path("b")).unwrap().starts_with(b"SQLite format 3\0"));
    roster.run(&["backup", "no/such/b"]).assert_failed(1, &["no/such cannot be written to"]);
    let place = Place::new();
    place.run(&["backup", "b"]).assert_failed(4, &["there is no database"]);
    assert_eq!(place.files(), [""; 0]);
    place.run_with(&["backup", "b"], &[("DATABASE_URL", "sqlite://")], "").assert_failed(1, &["temporary"]);
}

#[test]
fn the_secret_comes_along_and_tokens_of_kept_sessions_work_on_a_new_machine() {
    let place = Place::new();
    place.create_admin(ADMIN, &[]);
    let token = place.run(&["token", ADMIN]).stdout;
    assert_eq!(place.run(&["backup", "b", "--secret"]).code, Some(0));
    assert_eq!(mode(&place.path("b.secret")), 0o600);
    let secret = fs::read_to_string(place.path("data/.rosterd_secret_key")).unwrap();
    assert_eq!(fs::read_to_string(place.path("b.secret")).unwrap(), secret);
    fs::rename(place.path("data"), place.path("gone")).unwrap();
    let said = place.run(&["restore", "b", "--secret", "--keep-sessions"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(fs::read_to_string(place.path("data/.rosterd_secret_key")).unwrap(), secret);
    let url = format!("sqlite:///{}", place.path("data/rosterd.db").display());
    let server =
        ProcessBuilder::new(PROGRAM).env_remove("WEBUI_SECRET_KEY").env("DATABASE_URL", &url).start();
    assert_eq!(block_on(status(&server, token.trim())), 200);
    let given = place.run_with(&["restore", "b", "--secret"], &[crate::place::SECRET], "");
    given.assert_failed(2, &["WEBUI_SECRET_KEY is set"]);
}

/// In place of age: its own line, and then what it got.
const AGE: &str = r#"#!/bin/sh
for last; do :; done
while [ "$1" != --output ]; do
    [ "$1" = --identity ] && [ "$(cat "$2")" != key ] && echo "age: wrong key" >&2 && exit 1
    mode=${mode:-$1}
    shift
done
if [ "$mode" = --encrypt ]; then
    { echo age-encryption.org/v1; cat "$last"; } > "$2"
else
    tail -n +2 "$last" > "$2"
fi
"#;

#[test]
fn age_encrypts_what_leaves_the_machine() {
    let place = Place::new();
    place.create_admin(ADMIN, &[]);
    fs::create_dir(place.path("programs")).unwrap();
    fs::write(place.path("programs/age"), AGE).unwrap();
    fs::set_permissions(place.path("programs/age"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", place.path("programs").display());
    let run = |arguments: &[&str]| place.run_with(arguments, &[("PATH", &path)], "");
    let written = run(&["backup", "b", "--secret", "--recipient", "age1xyz", "--json"]).json();
    assert_eq!(written["encrypted"], json!(true));
    for name in ["b", "b.secret"] {
        assert!(fs::read(place.path(name)).unwrap().starts_with(b"age-encryption.org/v1\n"), "{name}");
        assert_eq!(mode(&place.path(name)), 0o600);
    }
    fs::write(place.path("key"), "key").unwrap();
    fs::write(place.path("wrong"), "wrong").unwrap();
    run(&["restore", "b"]).assert_failed(1, &["--identity"]);
    run(&["restore", "b", "--identity", "wrong"]).assert_failed(1, &["age failed", "wrong key"]);
    let restored = run(&["restore", "b", "--secret", "--identity", "key", "--json"]).json();
    assert_eq!(restored["old_secret_file"], json!(null), "it was the same");
    assert_eq!(run(&["user", "show", ADMIN]).code, Some(0));
    let missing = place.run_with(&["backup", "c", "--recipient", "age1xyz"], &[("PATH", "/nowhere")], "");
    missing.assert_failed(1, &["age is not installed"]);
    let left: Vec<String> = place.files().into_iter().filter(|name| name.starts_with(".rosterd")).collect();
    assert!(left.is_empty() && !place.path("c").exists(), "{left:?}");
}

#[test]
fn a_backup_of_an_older_version_is_brought_up_to_date_and_one_of_a_newer_is_refused() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let roster = Roster::on(&db);
    roster.create(ADMIN, &["--admin"]);
    assert_eq!(roster.run(&["backup", "b"]).code, Some(0));
    let url = format!("sqlite:///{}", roster.path("b").display());
    let last = "(SELECT max(version) FROM __diesel_schema_migrations)";
    let copy = DatabaseUrl::parse(&url).unwrap();
    let folders =
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/sqlite")).unwrap();
    let newest = folders.map(|folder| folder.unwrap().path()).max().unwrap();
    let undo = fs::read_to_string(newest.join("down.sql")).unwrap();
    let older = format!("{undo} DELETE FROM __diesel_schema_migrations WHERE version = {last}");
    raw::execute(&copy, &older).unwrap();
    let schema = db.schema_dump();
    assert_eq!(roster.run(&["restore", "b"]).code, Some(0));
    assert_eq!(db.schema_dump(), schema, "as a new database is");
    raw::execute(&copy, "INSERT INTO __diesel_schema_migrations (version) VALUES ('209901010000000000')")
        .unwrap();
    roster.run(&["restore", "b"]).assert_failed(1, &["newer rosterd"]);
}

#[test]
fn a_server_makes_backups_by_itself() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    Roster::on(&db).create(ADMIN, &["--admin"]);
    let place = Place::new();
    let folder = place.path("backups");
    let mut server = ProcessBuilder::new(PROGRAM)
        .database(&db)
        .env("ROSTERD_BACKUP_EVERY", "1s")
        .env("ROSTERD_BACKUP_DIR", folder.to_str().unwrap())
        .env("ROSTERD_BACKUP_KEEP", "2")
        .start();
    let due = Instant::now() + Duration::from_mins(1);
    while !server.log().contains("removed=1") {
        assert!(Instant::now() < due, "{}", server.log());
        assert!(!server.log().contains("no backup was made"), "{}", server.log());
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(server.terminate().code(), Some(0));
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(mode(&folder), 0o700);
    let newest = names.iter().max().unwrap();
    let restored = TestDb::empty_sqlite();
    let roster = Roster::on(&restored);
    assert_eq!(roster.run(&["restore", newest.to_str().unwrap()]).code, Some(0));
    assert_eq!(roster.run(&["user", "show", ADMIN]).code, Some(0));
}
