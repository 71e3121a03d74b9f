//! `rosterd token`.

use rosterd_testkit::fixtures::Actors;
use rosterd_testkit::{DbKind, ProcessBuilder, ServerProcess, TestDb, with_databases};
use serde_json::json;

use crate::place::{PASSWORD, PROGRAM, Roster, SECRET};

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

with_databases!(all, a10_a_new_secret_signs_and_tokens_of_the_one_before_still_count, async |db| {
    const NEW: &str = "a-new-secret-of-forty-bytes-or-a-few-more";
    let roster = Roster::on(&db);
    roster.create("zoe@example.com", &["--admin"]);
    let old = roster.run(&["token", "zoe@example.com", "--expires-in", "1h"]).stdout;
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("previous");
    std::fs::write(&file, format!("{}\n", SECRET.1)).unwrap();
    let server = |previous: Option<(&str, &str)>| {
        let (name, value) = previous.unwrap_or(("WEBUI_SECRET_KEY", NEW));
        ProcessBuilder::new(PROGRAM).database(&db).env("WEBUI_SECRET_KEY", NEW).env(name, value).start()
    };
    let status = async |server: &ServerProcess, token: &str| {
        server.anonymous().with_bearer(token.trim()).get("/api/v1/users/").await.status()
    };
    let mut new = String::new();
    for previous in
        [("WEBUI_SECRET_KEY_PREVIOUS", SECRET.1), ("WEBUI_SECRET_KEY_PREVIOUS_FILE", file.to_str().unwrap())]
    {
        let mut server = server(Some(previous));
        assert_eq!(status(&server, &old).await, 200, "{previous:?}");
        let form = json!({ "email": "zoe@example.com", "password": PASSWORD });
        let session = server.anonymous().post("/api/v1/auths/signin", form).await;
        session.assert_status(200).at("/token").as_str().unwrap().clone_into(&mut new);
        server.terminate();
    }
    let server = server(None);
    assert_eq!((status(&server, &old).await, status(&server, &new).await), (401, 200));
});

#[test]
fn a_secret_before_that_cannot_be_used_ends_with_3() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let roster = Roster::on(&db);
    for (name, value, words) in [
        ("WEBUI_SECRET_KEY_PREVIOUS", "short", "WEBUI_SECRET_KEY_PREVIOUS"),
        (
            "WEBUI_SECRET_KEY_PREVIOUS_FILE",
            "/no/such",
            "WEBUI_SECRET_KEY_PREVIOUS_FILE: there is no file /no/such",
        ),
    ] {
        let place = crate::place::Place::new();
        let environment = [SECRET, ("DATABASE_URL", db.url()), (name, value)];
        place.run_with(&["token", "a@example.com"], &environment, "").assert_failed(3, &[words]);
    }
    // What signs nothing does not need it.
    assert_eq!(
        roster.run(&["user", "list", "--set", "WEBUI_SECRET_KEY_PREVIOUS_FILE=/no/such"]).code,
        Some(0)
    );
}

#[test]
fn where_a_second_factor_is_demanded_no_token_is_made() {
    let db = TestDb::fresh(DbKind::WebUi012Sqlite);
    db.db_execute(
        "INSERT OR REPLACE INTO config (key, value, updated_at) VALUES ('auth.mfa.enable', 'true', 1)",
    );
    Roster::on(&db).run(&["token", Actors::recorded().user("ben")]).assert_failed(1, &["second factor"]);
}
