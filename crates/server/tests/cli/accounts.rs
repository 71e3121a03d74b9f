//! `rosterd user`: the rules of the API hold on the command line.

use rosterd_testkit::fixtures::Actors;
use rosterd_testkit::{DbKind, ProcessBuilder, ServerProcess, TestDb, with_databases};
use serde_json::{Value, json};

use crate::place::{PASSWORD, PROGRAM, Place, Roster};

const CREATE: [&str; 5] = ["user", "create", "--name", "Ada", "--password-stdin"];

/// A stored setting of standalone databases.
fn stored(db: &TestDb, key: &str) -> Option<String> {
    db.db_value(&format!("SELECT CAST(value AS text) AS stored FROM config WHERE key = '{key}'"))
}

fn count(db: &TestDb, what: &str) -> Option<String> {
    db.db_value(&format!("SELECT count(*) AS n FROM {what}"))
}

/// The status of a sign-in at a server on the database.
async fn sign_in(server: &ServerProcess, email: &str, password: &str) -> u16 {
    let form = json!({ "email": email, "password": password });
    server.anonymous().post("/api/v1/auths/signin", form).await.status()
}

with_databases!(own, the_first_account_is_an_admin_and_closes_sign_up, async |db| {
    let roster = Roster::on(&db);
    let first =
        roster.run_with(&[&CREATE[..], &["--email", "ada@example.com", "--json"]].concat(), PASSWORD).json();
    assert_eq!(first["role"], "admin");
    assert_eq!(stored(&db, "ui.enable_signup").as_deref(), Some("false"));
    let server = ProcessBuilder::new(PROGRAM).database(&db).start();
    let form = json!({ "name": "Eve", "email": "eve@example.com", "password": PASSWORD });
    server.anonymous().post("/api/v1/auths/signup", form).await.assert_error(403, "ACCESS_PROHIBITED");
    roster.create("bob@example.com", &[]);
    assert_eq!(roster.role("bob@example.com"), "user");
});

with_databases!(own, a_later_account_leaves_sign_up_as_it_is, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &["--admin"]);
    db.db_execute("UPDATE config SET value = 'true' WHERE key = 'ui.enable_signup'");
    roster.create("ben@example.com", &["--admin"]);
    assert_eq!(stored(&db, "ui.enable_signup").as_deref(), Some("true"));
});

with_databases!(own, p1_the_first_account_can_be_nothing_but_an_admin, async |db| {
    let roster = Roster::on(&db);
    for role in ["user", "pending"] {
        let arguments = [&CREATE[..], &["--email", "ada@example.com", "--role", role]].concat();
        roster.run_with(&arguments, PASSWORD).assert_failed(1, &["first account", "admin"]);
    }
    assert_eq!(count(&db, r#""user""#).as_deref(), Some("0"));
    assert_eq!(count(&db, "auth").as_deref(), Some("0"));
    assert_eq!(stored(&db, "ui.enable_signup"), None);
});

with_databases!(own, p1_the_first_account_stays_the_primary_admin_even_within_its_second, async |db| {
    let roster = Roster::on(&db);
    let ada = roster.create("ada@example.com", &[]);
    // As if everything happened within one second, or the clock had been set back since.
    db.db_execute(r#"UPDATE "user" SET created_at = 4000000000"#);
    for number in 0..6 {
        roster.create(&format!("user{number}@example.com"), &[]);
    }
    let oldest = roster.json(&["user", "list", "--direction", "asc", "--limit", "1"]);
    assert_eq!(oldest[0]["id"], json!(ada));
    roster.run(&["user", "delete", &ada]).assert_failed(1, &["primary admin"]);
});

with_databases!(own, of_first_accounts_at_once_one_is_the_admin, async |db| {
    let roster = Roster::on(&db);
    std::thread::scope(|scope| {
        for number in 0..4 {
            let roster = &roster;
            scope.spawn(move || roster.create(&format!("user{number}@example.com"), &[]));
        }
    });
    let accounts = roster.json(&["user", "list"]);
    let admins = accounts.as_array().unwrap().iter().filter(|account| account["role"] == "admin").count();
    assert_eq!((accounts.as_array().unwrap().len(), admins), (4, 1), "{accounts}");
});

#[test]
fn r2_an_address_has_one_account() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &["--admin"]);
    let create = |email: &str| roster.run_with(&[&CREATE[..], &["--email", email]].concat(), PASSWORD);
    create(" ADA@Example.com").assert_failed(1, &["already"]);
    create("no address").assert_failed(1, &["name@example.com"]);
    let other = create("Eve@example.com");
    assert_eq!(other.code, Some(0), "{other:?}");
    assert!(other.stdout.starts_with("created eve@example.com with role user, id "), "{other:?}");
}

with_databases!(own, r2_of_commands_at_once_one_makes_the_account, async |db| {
    let roster = Roster::on(&db);
    let arguments = [&CREATE[..], &["--email", "ada@example.com"]].concat();
    let codes: Vec<Option<i32>> = std::thread::scope(|scope| {
        let command = || roster.run_with(&arguments, PASSWORD).code;
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(command)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Some(1)).count(), 3, "{codes:?}");
});

#[test]
fn r3_r6_the_password_policy_holds_on_the_command_line() {
    let place = Place::new();
    let create = |password: &str| {
        let arguments = [&CREATE[..], &["--email", "ada@example.com"]].concat();
        place.run_with(&arguments, &[crate::place::SECRET], password)
    };
    create("short\n").assert_failed(1, &["at least 8"]);
    create(&"x".repeat(73)).assert_failed(1, &["72"]);
    create("password1\n").assert_failed(1, &["one of the most common passwords"]);
    create("ada@example.com\n").assert_failed(1, &["the e-mail address of the account"]);
    assert_eq!(place.files(), [""; 0], "refused before a database is made");
}

#[test]
fn a_name_has_1_to_255_characters() {
    for name in ["", "  ", &"x".repeat(256)] {
        let arguments = ["user", "create", "--email", "a@example.com", "--password-stdin", "--name", name];
        Place::new().run_with(&arguments, &[], PASSWORD).assert_failed(2, &["--name"]);
    }
}

#[test]
fn a_password_comes_from_the_terminal_or_standard_input_alone() {
    let place = Place::new();
    let create = ["user", "create", "--email", "a@example.com", "--name", "A"];
    place.run(&create).assert_failed(2, &["--password-stdin"]);
    place.run(&["user", "set-password", "a@example.com"]).assert_failed(2, &["--password-stdin"]);
    let given = place.run(&[&create[..], &["--password", "hunter2-hunter2"]].concat());
    assert_eq!(given.code, Some(2));
    let given = place.run(&["user", "set-password", "a@example.com", "hunter2-hunter2"]);
    assert_eq!(given.code, Some(2));
}

with_databases!(all, p1_the_primary_admin_is_neither_deleted_nor_demoted, async |db| {
    let roster = Roster::on(&db);
    if count(&db, r#""user""#).as_deref() == Some("0") {
        roster.create("ada@example.com", &[]);
    }
    roster.create("zoe@example.com", &["--admin"]);
    for command in [
        &["user", "delete", "ada@example.com"][..],
        &["user", "set-role", "ada@example.com", "user"],
        &["user", "set-role", "ada@example.com", "pending"],
    ] {
        roster.run(command).assert_failed(1, &["primary admin"]);
    }
    assert_eq!(roster.role("ada@example.com"), "admin");
    assert_eq!(roster.run(&["user", "delete", "zoe@example.com"]).code, Some(0), "others are not protected");
});

with_databases!(all, p9_the_operator_makes_another_admin_the_primary_admin, async |db| {
    let roster = Roster::on(&db);
    if count(&db, r#""user""#).as_deref() == Some("0") {
        roster.create("ada@example.com", &[]);
    }
    let zoe = roster.create("zoe@example.com", &["--admin"]);
    let created = |user: &str| roster.json(&["user", "show", user])["created_at"].clone();
    let before = (created("ada@example.com"), created(&zoe));
    roster.run(&["user", "make-primary", "ada@example.com"]).assert_failed(1, &["primary admin already"]);
    roster.create("eve@example.com", &["--role", "user"]);
    roster.run(&["user", "make-primary", "eve@example.com"]).assert_failed(1, &["role admin first"]);
    roster.run(&["user", "make-primary", "nobody@example.com"]).assert_failed(1, &["nobody@example.com"]);

    let done = roster.run(&["user", "make-primary", "zoe@example.com", "--events"]);
    assert_eq!(done.stdout, "zoe@example.com is the primary admin now, in place of ada@example.com\n");
    let event: Value = serde_json::from_str(&done.stderr).unwrap();
    assert_eq!(
        (&event["event"], &event["actor"]["kind"]),
        (&json!("user.primary_changed"), &json!("operator"))
    );
    let after = (created("ada@example.com"), created(&zoe));
    if before.0 == before.1 {
        // Both were made in one second.
        assert_eq!((after.0, after.1.as_i64()), (before.0.clone(), before.0.as_i64().map(|at| at - 1)));
    } else {
        assert_eq!(after, (before.1, before.0));
    }
    roster.run(&["user", "delete", "zoe@example.com"]).assert_failed(1, &["primary admin"]);
    let back = roster.json(&["user", "make-primary", "ada@example.com"]);
    assert_eq!((&back["email"], &back["former"]["id"]), (&json!("ada@example.com"), &json!(zoe)));
    assert_eq!(roster.run(&["user", "delete", "zoe@example.com"]).code, Some(0));
});

with_databases!(all, a_role_is_set_by_address_or_id, async |db| {
    let roster = Roster::on(&db);
    roster.create("adm@example.com", &["--admin"]);
    let id = roster.create("eve@example.com", &["--role", "pending"]);
    let set = roster.json(&["user", "set-role", "EVE@example.com", "user"]);
    assert_eq!((&set["id"], &set["role"]), (&json!(id), &json!("user")));
    assert_eq!(
        roster.run(&["user", "set-role", &id, "admin"]).stdout,
        "eve@example.com has role admin now\n"
    );
    assert_eq!(roster.role(&id), "admin");
    assert_eq!(roster.run(&["user", "set-role", &id, "root"]).code, Some(2), "R1");
    roster.run(&["user", "set-role", "nobody@example.com", "user"]).assert_failed(1, &["nobody@example.com"]);
});

with_databases!(own, r5_the_same_role_again_writes_nothing, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &[]);
    let id = roster.create("eve@example.com", &[]);
    db.db_execute(&format!(r#"UPDATE "user" SET updated_at = 7 WHERE id = '{id}'"#));
    assert_eq!(roster.json(&["user", "set-role", &id, "user"])["updated_at"], 7);
    assert!(roster.json(&["user", "set-role", &id, "admin"])["updated_at"].as_i64() > Some(7));
});

with_databases!(own, a_new_password_replaces_the_old_one_and_ends_its_sessions, async |db| {
    let roster = Roster::on(&db);
    // The primary admin's too: this is the way back for whoever lost it.
    for (email, name) in [("ada@example.com", "ada"), ("bob@example.com", "bob")] {
        roster.create(email, &[]);
        let server = ProcessBuilder::new(PROGRAM).database(&db).start();
        let form = json!({ "email": email, "password": PASSWORD });
        let session = server.anonymous().post("/api/v1/auths/signin", form).await;
        let token = session.assert_status(200).at("/token").as_str().unwrap().to_owned();
        let (before, new) = (server.anonymous().with_bearer(&token), format!("a new one for {name}"));
        before.get("/api/v1/auths/").await.assert_status(200);
        let set =
            roster.run_with(&["user", "set-password", email, "--password-stdin"], &format!("{new}\r\n"));
        assert_eq!(set.code, Some(0), "{set:?}");
        before.get("/api/v1/auths/").await.assert_error(401, "INVALID_TOKEN");
        assert_eq!(sign_in(&server, email, PASSWORD).await, 400);
        assert_eq!(sign_in(&server, email, &new).await, 200);
    }
    let short = roster.run_with(&["user", "set-password", "ada@example.com", "--password-stdin"], "short");
    short.assert_failed(1, &["at least 8"]);
    let unknown = roster.run_with(&["user", "set-password", "x@example.com", "--password-stdin"], PASSWORD);
    unknown.assert_failed(1, &["x@example.com"]);
});

with_databases!(attached, a_password_can_be_set_where_the_row_for_it_is_missing, async |db| {
    let (roster, alice) = (Roster::on(&db), Actors::recorded().user("alice"));
    db.db_execute(&format!("DELETE FROM auth WHERE id = '{alice}'"));
    let set = roster.run_with(&["user", "set-password", alice, "--password-stdin"], "a new one for alice");
    assert_eq!(set.code, Some(0), "{set:?}");
    let server = ProcessBuilder::new(PROGRAM).database(&db).start();
    assert_eq!(sign_in(&server, "alice@example.com", "a new one for alice").await, 200);
});

with_databases!(attached, p4_deleting_takes_all_that_hangs_on_the_account, async |db| {
    let (roster, alice) = (Roster::on(&db), Actors::recorded().user("alice"));
    let rows = || {
        [
            format!(r#""user" WHERE id = '{alice}'"#),
            format!("auth WHERE id = '{alice}'"),
            format!("api_key WHERE user_id = '{alice}'"),
            format!("group_member WHERE user_id = '{alice}'"),
            format!("oauth_session WHERE user_id = '{alice}'"),
            format!("chat WHERE user_id = '{alice}'"),
        ]
        .map(|what| count(&db, &what).unwrap().parse::<u32>().unwrap())
    };
    assert!(rows().iter().sum::<u32>() > 4, "{:?}", rows());
    let deleted = roster.json(&["user", "delete", "alice@example.com"]);
    assert_eq!(deleted["id"], alice);
    assert_eq!(rows(), [0; 6]);
    roster.run(&["user", "delete", "alice@example.com"]).assert_failed(1, &["alice@example.com"]);
    roster.run(&["user", "delete", alice]).assert_failed(1, &[alice]);
});

/// An account with so many keys.
fn is_shown_whole(db: &TestDb, keys: usize) {
    let roster = Roster::on(db);
    roster.create("adm@example.com", &["--admin"]);
    let id = roster.create("eve@example.com", &[]);
    let group = roster.json(&["group", "create", "Ops"]);
    roster.json(&["group", "add", "Ops", &id]);
    let shown = roster.json(&["user", "show", "eve@example.com"]);
    assert_eq!(shown.as_object().unwrap().len(), keys + 2, "the keys of a user, and two: {shown}");
    assert!(shown.get("last_sign_in").is_some(), "{shown}");
    assert_eq!(shown["groups"], json!([{ "id": group["id"], "name": "Ops" }]));
    let text = roster.run(&["user", "show", &id]).stdout;
    assert!(text.contains("eve@example.com") && text.contains("Ops") && text.contains(" UTC"), "{text}");
}

with_databases!(current, an_account_is_shown_whole_with_its_groups, async |db| is_shown_whole(&db, 22));
with_databases!(older, an_older_account_is_shown_whole_with_its_groups, async |db| is_shown_whole(&db, 21));

#[test]
fn r2_of_several_accounts_with_one_address_the_exact_spelling_wins_then_the_oldest() {
    let db = TestDb::fresh(DbKind::WebUiSqlite);
    let (roster, actors) = (Roster::on(&db), Actors::recorded());
    let (alice, ben) = (actors.user("alice"), actors.user("ben"));
    db.db_execute(&format!(r#"UPDATE "user" SET email = 'Alice@Example.com' WHERE id = '{ben}'"#));
    for (typed, meant) in
        [("alice@example.com", alice), ("Alice@Example.com", ben), ("ALICE@example.com", ben)]
    {
        let outcome = roster.run(&["user", "show", typed, "--json"]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let shown: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(shown["id"], json!(meant), "{typed}");
        let told = outcome.stderr.matches("several accounts").count();
        assert_eq!(told, 1, "{outcome:?}");
    }
    assert_eq!(roster.run(&["user", "delete", "Alice@Example.com"]).code, Some(0));
    assert_eq!(roster.role(alice), "user");
}

with_databases!(all, r2_r4_name_and_address_of_an_account_are_changed, async |db| {
    let roster = Roster::on(&db);
    roster.create("first@set.example", &["--admin"]);
    let bob = roster.create("bob@set.example", &[]);
    let set = roster.json(&[
        "user",
        "set",
        "bob@set.example",
        "--name",
        "Bob Stone",
        "--email",
        " Robert@Set.Example",
    ]);
    assert_eq!((&set["name"], &set["email"]), (&json!("Bob Stone"), &json!("robert@set.example")));
    let set = roster.json(&["user", "set", &bob, "--picture", "https://example.com/bob.png"]);
    assert_eq!(set["name"], "Bob Stone", "what is not named stays");
    let shown = roster.json(&["user", "show", &bob]);
    assert_eq!(shown["profile_image_url"], "https://example.com/bob.png");
    for (wrong, code, words) in [
        (
            &["--email", "first@set.example", "--name", "Other"][..],
            1,
            &["already uses this e-mail address"][..],
        ),
        (&["--email", "no address"], 1, &["e-mail address"]),
        (&["--name", " "], 2, &["--name"]),
        (&["--picture", "ftp://example.com/x"], 1, &["profile_image_url"]),
    ] {
        roster.run(&[&["user", "set", &bob], wrong].concat()).assert_failed(code, words);
    }
    assert_eq!(roster.json(&["user", "show", &bob])["name"], "Bob Stone", "nothing of it was written");
    assert_eq!(roster.run(&["user", "set", &bob]).code, Some(2));
    let outcome = roster.run(&["user", "set", &bob, "--name", "Bob Stone", "--events"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "the same again changes nothing");
});

with_databases!(own, p1_the_primary_admin_is_not_changed_from_here, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &["--admin"]);
    roster.run(&["user", "set", "ada@example.com", "--name", "Eve"]).assert_failed(1, &["primary admin"]);
});
