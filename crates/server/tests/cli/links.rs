//! `rosterd user invite` and `rosterd user reset-link` (rules O2 to O6).

use rosterd_testkit::{ProcessBuilder, TestDb, with_databases};
use serde_json::{Value, json};

use crate::place::{PASSWORD, PROGRAM, Place, Roster};

/// A database that keeps links: one of Open WebUI is adopted first.
fn keeping(db: &TestDb) -> Roster<'_> {
    let roster = Roster::on(db);
    roster.create("first@example.com", &["--admin"]);
    assert_eq!(roster.run(&["adopt", "--apply"]).code, Some(0));
    roster
}

with_databases!(all, o5_who_is_invited_on_the_command_line_sets_a_password, async |db| {
    let roster = keeping(&db);
    let group = "invited";
    assert_eq!(roster.run(&["group", "create", group]).code, Some(0));
    let invite = ["user", "invite", "eve@example.net", "--name", "Eve", "--role", "admin", "--group", group];
    let made = roster.json(&[&invite[..], &["--expires-in", "2d"]].concat());
    assert_eq!((&made["user"]["role"], &made["user"]["email"]), (&json!("admin"), &json!("eve@example.net")));
    assert_eq!(made["mailed"], json!(false));
    let life = made["expires_at"].as_i64().unwrap() - made["user"]["created_at"].as_i64().unwrap();
    assert!((172_790..=172_810).contains(&life), "{life}");
    let shown = roster.run(&["user", "show", "eve@example.net"]).stdout;
    assert!(shown.contains("group:        invited"), "{shown}");
    roster.run(&invite).assert_failed(1, &["already uses this e-mail address"]);

    let server = ProcessBuilder::new(PROGRAM).database(&db).start();
    let form = json!({ "token": made["token"], "password": PASSWORD });
    let opened = server.anonymous().post("/api/v1/auths/invite/accept", &form).await;
    assert_eq!(opened.assert_status(200).at("/role"), json!("admin"));
    server.anonymous().post("/api/v1/auths/invite/accept", &form).await.assert_error(400, "INVALID_LINK");
});

with_databases!(all, o4_the_operator_makes_links_for_the_primary_admin_too, async |db| {
    let roster = keeping(&db);
    let first = db.db_value(r#"SELECT id FROM "user" ORDER BY created_at, id LIMIT 1"#).unwrap();
    let email = db.db_value(&format!(r#"SELECT email FROM "user" WHERE id = '{first}'"#)).unwrap();
    db.db_execute(&format!("UPDATE auth SET active = true WHERE id = '{first}'"));
    let told = roster.run(&["user", "reset-link", &email]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let token = told.stdout.trim().rsplit('#').next().unwrap().to_owned();
    assert!(token.starts_with("rl_") && told.stderr.contains("until"), "{told:?}");
    let server = ProcessBuilder::new(PROGRAM).database(&db).start();
    let shown = server.anonymous().post("/api/v1/auths/link", json!({ "token": token })).await;
    assert_eq!(shown.assert_status(200).at("/kind"), json!("reset"));
    let form = json!({ "token": token, "password": "another-long-password" });
    server.anonymous().post("/api/v1/auths/password/reset", form).await.assert(200, json!(true));
    let form = json!({ "email": email, "password": "another-long-password" });
    server.anonymous().post("/api/v1/auths/signin", form).await.assert_status(200);
});

with_databases!(own, o2_what_is_wrong_is_told_in_the_words_of_the_options, async |db| {
    let roster = keeping(&db);
    roster.create("bob@example.com", &[]);
    let life = ["user", "reset-link", "bob@example.com", "--expires-in", "1m"];
    roster.run(&life).assert_failed(2, &["--expires-in", "five minutes to 30 days"]);
    roster.run(&["user", "reset-link", "nobody@example.com"]).assert_failed(1, &["nobody@example.com"]);
    let group = ["user", "invite", "eve@example.com", "--name", "Eve", "--group", "nowhere"];
    roster.run(&group).assert_failed(1, &["nowhere"]);
    roster.run(&["user", "suspend", "bob@example.com"]);
    roster.run(&["user", "reset-link", "bob@example.com"]).assert_failed(1, &["suspended"]);
    assert_eq!(db.db_value("SELECT count(*) AS n FROM rosterd_link").as_deref(), Some("0"));
});

/// How many links there are after a backup with one was put back.
fn restored(db: &TestDb, options: &[&str]) -> Option<String> {
    let roster = keeping(db);
    roster.create("bob@example.com", &[]);
    assert_eq!(roster.run(&["user", "reset-link", "bob@example.com"]).code, Some(0));
    assert_eq!(roster.run(&["backup", "b"]).code, Some(0));
    let new = db.is_postgres().then(TestDb::empty_postgres);
    let db = new.as_ref().unwrap_or(db);
    let said = roster.run_on(db.url(), &[&["restore", "b"], options].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    db.db_value("SELECT count(*) AS n FROM rosterd_link")
}

with_databases!(own, o3_links_of_a_backup_are_dead, async |db| {
    assert_eq!(restored(&db, &[]).as_deref(), Some("0"));
});

with_databases!(own, o3_links_of_a_backup_live_where_sessions_go_on, async |db| {
    assert_eq!(restored(&db, &["--keep-sessions"]).as_deref(), Some("1"));
});

#[test]
fn o6_a_link_begins_with_the_public_url() {
    let place = Place::new();
    place.create_admin("ada@example.com", &[]);
    let url = [("ROSTERD_PUBLIC_URL", "https://people.example.com/")];
    let told = place.run_with(&["user", "invite", "bob@example.com", "--name", "Bob"], &url, "");
    assert!(told.stdout.starts_with("https://people.example.com/console/link#rl_"), "{told:?}");
    let plain = place.run(&["user", "reset-link", "bob@example.com"]);
    assert!(plain.stdout.starts_with("rl_") && plain.stderr.contains("ROSTERD_PUBLIC_URL"), "{plain:?}");
    assert!(plain.stderr.contains("POST /api/v1/auths/password/reset"), "{plain:?}");
    let plain = place.run(&["user", "invite", "eve@example.com", "--name", "Eve"]);
    assert!(plain.stderr.contains("POST /api/v1/auths/invite/accept"), "{plain:?}");
    for (wrong, why) in [
        ("people.example.com", "no absolute URL"),
        ("ftp://people.example.com", "https://"),
        ("https://ada:secret@people.example.com", "password"),
        ("https://people.example.com/?x=1", "after the path"),
    ] {
        let told = place.run_with(&["user", "list"], &[("ROSTERD_PUBLIC_URL", wrong)], "");
        told.assert_failed(3, &["ROSTERD_PUBLIC_URL", why]);
        assert!(!told.stderr.contains("secret"), "{told:?}");
    }
    let printed: Value = place.run_with(&["config", "--json"], &url, "").json();
    assert!(printed.to_string().contains("https://people.example.com"), "{printed}");
}
