//! After every end of the program a SQLite database is one file, which can be copied.

use rosterd_testkit::run::block_on;
use rosterd_testkit::{DbKind, ProcessBuilder, TestDb};
use serde_json::json;

use crate::place::{PASSWORD, PROGRAM, Roster};

/// How many users a copy of the file holds, taken without what lies beside it.
fn users_in_a_copy(db: &TestDb) -> String {
    let copy = TestDb::empty_sqlite();
    std::fs::copy(db.file().unwrap(), copy.file().unwrap()).unwrap();
    copy.db_value(r#"SELECT count(*) AS n FROM "user""#).unwrap()
}

/// Both kinds of database that a server finds in WAL mode.
fn in_wal_mode() -> [TestDb; 2] {
    let attached = TestDb::fresh(DbKind::WebUi012Sqlite);
    attached.db_execute("PRAGMA journal_mode = WAL");
    [TestDb::fresh(DbKind::OwnSqlite), attached]
}

#[test]
fn after_sigterm() {
    after("TERM");
}

#[test]
fn after_sigint() {
    after("INT");
}

fn after(signal: &str) {
    for db in in_wal_mode() {
        let admin = Roster::on(&db).create("zoe@example.com", &["--admin"]);
        let mut server = ProcessBuilder::new(PROGRAM).database(&db).start();
        block_on(async {
            let credentials = json!({ "email": "zoe@example.com", "password": PASSWORD });
            let session = server.anonymous().post("/api/v1/auths/signin", credentials).await;
            let session = session.assert_status(200);
            assert_eq!(session.at("/id"), json!(admin));
            let zoe = server.anonymous().with_bearer(session.at("/token").as_str().unwrap());
            for number in 0..30 {
                let name = format!("n{number}@example.com");
                let form = json!({ "name": name, "email": name, "password": PASSWORD, "role": "user" });
                zoe.post("/api/v1/auths/add", form).await.assert_status(200);
            }
        });
        let users = db.db_value(r#"SELECT count(*) AS n FROM "user""#).unwrap();
        server.signal(signal);
        assert_eq!(server.wait().code(), Some(0), "{}", server.log());
        assert_eq!(db.files(), ["roster.db"], "{}", server.log());
        assert_eq!(users_in_a_copy(&db), users);
    }
}

/// Every command that opens a database, on both kinds, where it succeeds and where it fails.
#[test]
fn after_every_command() {
    let commands: &[(&[&str], i32)] = &[
        (&["migrate"], 0),
        (&["adopt"], 0),
        (&["adopt", "--apply"], 0),
        (&["user", "list"], 0),
        (&["user", "show", "zoe@example.com"], 0),
        (&["user", "show", "nobody@example.com"], 1),
        (&["user", "set-role", "eve@example.com", "pending"], 0),
        (&["user", "set-role", "nobody@example.com", "user"], 1),
        (&["group", "create", "Ops"], 0),
        (&["group", "list"], 0),
        (&["group", "add", "Ops", "eve@example.com"], 0),
        (&["group", "add", "Nowhere", "eve@example.com"], 1),
        (&["group", "show", "Ops"], 0),
        (&["group", "remove", "Ops", "eve@example.com"], 0),
        (&["group", "delete", "Ops"], 0),
        (&["permissions", "show"], 0),
        (&["permissions", "set", "chat.delete=true"], 0),
        (&["permissions", "set", "chat.fly=true"], 1),
        (&["token", "eve@example.com"], 0),
        (&["token", "nobody@example.com"], 1),
        (&["user", "sessions", "eve@example.com"], 0),
        (&["user", "revoke", "eve@example.com"], 0),
        (&["user", "delete", "eve@example.com"], 0),
        (&["user", "delete", "eve@example.com"], 1),
    ];
    for db in in_wal_mode() {
        let roster = Roster::on(&db);
        for name in ["zoe@example.com", "eve@example.com"] {
            roster.create(name, &["--admin"]);
            assert_eq!(db.files(), ["roster.db"], "user create");
        }
        for (command, code) in commands {
            let outcome = roster.run(command);
            assert_eq!(outcome.code, Some(*code), "{command:?}: {outcome:?}");
            assert_eq!(db.files(), ["roster.db"], "{command:?}");
        }
        let taken = roster.run_with(
            &["user", "create", "--email", "zoe@example.com", "--name", "Zoe", "--password-stdin"],
            PASSWORD,
        );
        assert_eq!((taken.code, db.files()), (Some(1), vec!["roster.db".to_owned()]), "{taken:?}");
    }
}

#[test]
fn after_a_start_that_finds_its_port_taken() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let outcome = Roster::on(&db).run(&["serve", "--port", &port]);
    assert_eq!((outcome.code, db.files()), (Some(1), vec!["roster.db".to_owned()]), "{outcome:?}");
}

#[test]
fn a_command_beside_a_server_leaves_the_server_its_log() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let mut server = ProcessBuilder::new(PROGRAM).database(&db).start();
    Roster::on(&db).create("ada@example.com", &[]);
    assert!(db.files().contains(&"roster.db-wal".to_owned()), "{:?}", db.files());
    assert_eq!(users_in_a_copy(&db), "1", "what the command wrote is in the file all the same");
    block_on(async {
        let credentials = json!({ "email": "ada@example.com", "password": PASSWORD });
        server.anonymous().post("/api/v1/auths/signin", credentials).await.assert_status(200);
    });
    assert_eq!(server.terminate().code(), Some(0));
    assert_eq!(db.files(), ["roster.db"]);
}
