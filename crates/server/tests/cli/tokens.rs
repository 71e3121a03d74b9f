//! `rosterd token`.

use rosterd_testkit::fixtures::Actors;
use rosterd_testkit::{DbKind, ProcessBuilder, TestDb, with_databases};
use serde_json::json;

use crate::place::{PROGRAM, Roster};

#[test]
fn a_token_needs_an_account() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let roster = Roster::on(&db);
    roster.run(&["token", "nobody@example.com"]).assert_failed(1, &["nobody@example.com"]);
    roster.run(&["token", "nobody"]).assert_failed(1, &["nobody"]);
    roster
        .run(&["token", "a@example.com", "--expires-in", "soon"])
        .assert_failed(2, &["--expires-in", "`soon`"]);
}

#[test]
fn a_waiting_account_gets_its_token_with_a_note() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &[]);
    roster.create("p@example.com", &["--role", "pending"]);
    let outcome = roster.run(&["token", "p@example.com", "--expires-in", "-1"]);
    assert_eq!((outcome.code, outcome.stdout.trim().split('.').count()), (Some(0), 3), "{outcome:?}");
    assert!(outcome.stderr.contains("pending"), "{outcome:?}");
}

with_databases!(all, a_token_opens_the_account_it_was_made_for, async |db| {
    let roster = Roster::on(&db);
    let id = roster.create("zoe@example.com", &["--admin"]);
    let server = ProcessBuilder::new(PROGRAM).database(&db).start();
    for (user, life) in [("Zoe@example.com", "1h"), (id.as_str(), "-1")] {
        let printed = roster.json(&["token", user, "--expires-in", life]);
        assert_eq!(printed["id"], json!(id));
        assert_eq!(printed["expires_at"].is_null(), life == "-1");
        let zoe = server.anonymous().with_bearer(printed["token"].as_str().unwrap());
        assert_eq!(zoe.get("/api/v1/auths/").await.assert_status(200).at("/id"), json!(id));
        let plain = roster.run(&["token", user, "--expires-in", life]).stdout;
        let zoe = server.anonymous().with_bearer(plain.trim());
        zoe.get("/api/v1/users/").await.assert_status(200);
    }
});

#[test]
fn where_a_second_factor_is_demanded_no_token_is_made() {
    let db = TestDb::fresh(DbKind::WebUi012Sqlite);
    db.db_execute(
        "INSERT OR REPLACE INTO config (key, value, updated_at) VALUES ('auth.mfa.enable', 'true', 1)",
    );
    Roster::on(&db).run(&["token", Actors::recorded().user("ben")]).assert_failed(1, &["second factor"]);
}
