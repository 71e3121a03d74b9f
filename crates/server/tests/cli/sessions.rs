//! `rosterd user sessions`, `rosterd user revoke` and `rosterd user suspend`: who is signed in, and shutting somebody out (rules A5,
//! A6 and U1 to U5).

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

with_databases!(all, u1_u4_u5_the_operator_suspends_and_resumes, async |db| {
    let roster = keeping(&db);
    let bob = roster.create("bob@example.net", &[]);
    let server = ProcessBuilder::new(PROGRAM).database(&db).start();
    let printed = roster.run(&["token", "bob@example.net"]).stdout;
    let session = server.anonymous().with_bearer(printed.trim());
    session.get("/api/v1/users/user/settings").await.assert_status(200);
    let until = ["--until", "2100-01-01", "--reason", "On leave"];
    let said = roster.run(&[&["user", "suspend", "bob@example.net"][..], &until].concat());
    assert_eq!(said.stdout, "bob@example.net is suspended until 2100-01-01 00:00:00 UTC\n", "{said:?}");
    session.get("/api/v1/users/user/settings").await.assert_error(401, "INVALID_TOKEN");
    roster.run(&["token", "bob@example.net"]).assert_failed(1, &["not active"]);
    roster.run(&["user", "set-role", &bob, "admin"]).assert_failed(1, &["is suspended"]);
    let shown = roster.json(&["user", "show", &bob]);
    let suspension = &shown["suspension"];
    assert_eq!(
        (&suspension["reason"], &suspension["until"]),
        (&json!("On leave"), &json!(4_102_444_800_i64))
    );
    let text = roster.run(&["user", "show", &bob]).stdout;
    assert!(text.contains("00:00:00 UTC: On leave") && text.contains("role before:  user"), "{text}");
    let listed =
        |status: &str| roster.json(&["user", "list", "--status", status, "--query", "bob@example.net"]);
    let found = listed("suspended");
    assert_eq!((&found[0]["id"], &found[0]["status"]), (&json!(bob), &json!("suspended")));
    assert_eq!(found[0]["suspension"], *suspension);
    assert_eq!(listed("active"), json!([]));
    let said = roster.run(&["user", "resume", "bob@example.net"]).stdout;
    assert_eq!(said, "bob@example.net is not suspended any more; its role is user\n");
    assert_eq!(listed("active")[0]["status"], "active");
    let suspended = roster.json(&["user", "suspend", &bob, "--for", "1h"]);
    let span = |of: &str| suspended["suspension"][of].as_i64().unwrap();
    assert_eq!(span("until") - span("since"), 3_600);
    let past = ["user", "suspend", &bob, "--until", "2001-01-01"];
    roster.run(&past).assert_failed(2, &["--until must be in the future"]);
    let long = "x".repeat(1_001);
    roster
        .run(&["user", "suspend", &bob, "--reason", &long])
        .assert_failed(2, &["--reason must not be longer"]);
    for (options, words) in [
        (&["--until", "tomorrow"][..], "is no day such as"),
        (&["--for", "0s"], "must be longer than 0"),
        (&["--for", "1h", "--until", "2100-01-01"], "cannot be used with"),
    ] {
        let refused = roster.run(&[&["user", "suspend", &bob][..], options].concat());
        assert!(refused.code == Some(2) && refused.stderr.contains(words), "{refused:?}");
    }
    for command in ["suspend", "resume"] {
        roster.run(&["user", command, "nobody@example.net"]).assert_failed(1, &["nobody@example.net"]);
    }
});

with_databases!(own, u2_the_operator_does_not_suspend_the_primary_admin, async |db| {
    let roster = keeping(&db);
    roster.run(&["user", "suspend", "first@example.com"]).assert_failed(1, &["primary admin"]);
});

with_databases!(attached, u1_without_its_table_nobody_can_be_suspended, async |db| {
    let (roster, alice) = (Roster::on(&db), Actors::recorded().user("alice"));
    for command in ["suspend", "resume"] {
        roster.run(&["user", command, alice]).assert_failed(1, &["rosterd adopt --apply"]);
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
