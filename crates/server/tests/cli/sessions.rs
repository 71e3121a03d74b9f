//! `rosterd user sessions` and `rosterd user revoke`: who is signed in, and shutting somebody out (rules A5 and A6).

use rosterd_testkit::fixtures::Actors;
use rosterd_testkit::{ProcessBuilder, TestDb, with_databases};
use serde_json::{Value, json};

use crate::place::{PASSWORD, PROGRAM, Roster};

/// A database that keeps sessions: one of Open WebUI is adopted first.
fn keeping(db: &TestDb) -> Roster<'_> {
    let roster = Roster::on(db);
    // Creates the tables of a standalone database.
    roster.create("first@example.com", &["--admin"]);
    assert_eq!(roster.run(&["adopt", "--apply"]).code, Some(0));
    roster
}

with_databases!(all, a5_a_leaver_is_shut_out_at_once, async |db| {
    let roster = keeping(&db);
    let bob = roster.create("bob@example.net", &[]);
    let server = ProcessBuilder::new(PROGRAM).database(&db).start();
    let form = json!({ "email": "bob@example.net", "password": PASSWORD });
    let session = server.anonymous().post("/api/v1/auths/signin", form).await.assert_status(200).at("/token");
    let session = server.anonymous().with_bearer(session.as_str().unwrap());
    let printed = roster.run(&["token", "bob@example.net", "--expires-in", "-1"]).stdout;
    let token = server.anonymous().with_bearer(printed.trim());
    db.db_execute(&format!(
        "INSERT INTO api_key (id, user_id, key, created_at, updated_at) VALUES ('key_{bob}', '{bob}', 'sk-bobs', 1, 1)"
    ));
    let own = "/api/v1/auths/sessions";
    for caller in [&session, &token] {
        caller.get(own).await.assert_status(200);
    }
    let listed = roster.json(&["user", "sessions", "Bob@example.net"]);
    let mut methods: Vec<_> = listed.as_array().unwrap().iter().map(|it| it["method"].clone()).collect();
    methods.sort_by_key(Value::to_string);
    assert_eq!(methods, ["operator", "password"]);
    let lines = roster.run(&["user", "sessions", &bob]).stdout;
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(lines.lines().all(|line| line.split('\t').count() == 7), "{lines}");
    assert!(lines.contains("\toperator\t") && lines.contains("\t127.0.0.1\t"), "{lines}");

    let said = roster.run(&["user", "revoke", "bob@example.net"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let counted = said.stdout.contains("(2 listed)") || said.stdout.starts_with("ended 2 sessions");
    assert!(counted && said.stdout.contains("1 API key still works"), "{said:?}");
    for caller in [&session, &token] {
        caller.get(own).await.assert_error(401, "INVALID_TOKEN");
    }
    let again = roster.json(&["user", "revoke", "bob@example.net"]);
    assert_eq!(
        (&again["id"], &again["sessions_ended"], &again["api_keys_left"]),
        (&json!(bob), &json!(0), &json!(1))
    );
    let said = roster.run(&["user", "revoke", "bob@example.net", "--keys"]).stdout;
    assert!(said.contains("1 API key was deleted"), "{said}");
    let keys = format!("SELECT count(*) AS n FROM api_key WHERE user_id = '{bob}'");
    assert_eq!(db.db_value(&keys).as_deref(), Some("0"));
    assert_eq!(roster.json(&["user", "sessions", &bob]), json!([]));
    for command in ["sessions", "revoke"] {
        roster.run(&["user", command, "nobody@example.net"]).assert_failed(1, &["nobody@example.net"]);
    }
});

with_databases!(own, a6_the_operator_ends_the_sessions_of_the_primary_admin_too, async |db| {
    let roster = keeping(&db);
    let server = ProcessBuilder::new(PROGRAM).database(&db).start();
    let token = roster.run(&["token", "first@example.com"]).stdout;
    let first = server.anonymous().with_bearer(token.trim());
    first.get("/api/v1/users/").await.assert_status(200);
    let said = roster.run(&["user", "revoke", "first@example.com"]).stdout;
    assert!(said.starts_with("all sessions of first@example.com are over"), "{said}");
    first.get("/api/v1/users/").await.assert_error(401, "INVALID_TOKEN");
});

with_databases!(older, n12_without_a_table_for_them_sessions_cannot_be_ended, async |db| {
    let (roster, alice) = (Roster::on(&db), Actors::recorded().user("alice"));
    for command in ["sessions", "revoke"] {
        roster.run(&["user", command, alice]).assert_failed(1, &["rosterd adopt --apply"]);
    }
});

with_databases!(
    newest,
    n12_without_a_table_for_them_all_sessions_can_be_ended_and_none_be_listed,
    async |db| {
        let (roster, alice) = (Roster::on(&db), Actors::recorded().user("alice"));
        roster.run(&["user", "sessions", alice]).assert_failed(1, &["rosterd adopt --apply"]);
        assert!(roster.run(&["user", "revoke", alice]).stdout.contains("all sessions"));
        let mut server = ProcessBuilder::new(PROGRAM).database(&db).start();
        server.terminate();
        assert!(server.log().contains("no table rosterd_session"), "it says so at its start");
    }
);

with_databases!(all, a12_show_tells_of_the_last_sign_in, async |db| {
    let roster = keeping(&db);
    let bob = roster.create("bob@example.net", &[]);
    let shown = roster.run(&["user", "show", &bob]).stdout;
    assert!(
        shown.contains("signed in:    never, as far as is known") && shown.contains("failed since: 0"),
        "{shown}"
    );
    db.db_execute(&format!(
        "INSERT INTO rosterd_sign_in (user_id, signed_in_at, failed, failed_at, failed_before) VALUES \
         ('{bob}', 1700000000, 2, 1700000060, 0)"
    ));
    let shown = roster.run(&["user", "show", &bob]).stdout;
    assert!(shown.contains("signed in:    2023-11-14 22:13:20 UTC"), "{shown}");
    assert!(shown.contains("failed since: 2, the last at 2023-11-14 22:14:20 UTC"), "{shown}");
    assert_eq!(roster.json(&["user", "show", &bob])["last_sign_in"]["failed"], json!(2));
});

with_databases!(attached, a12_show_tells_of_no_sign_in_where_none_is_kept, async |db| {
    let (roster, alice) = (Roster::on(&db), Actors::recorded().user("alice"));
    assert_eq!(roster.json(&["user", "show", alice])["last_sign_in"], json!(null));
    assert!(!roster.run(&["user", "show", alice]).stdout.contains("signed in:"));
});
