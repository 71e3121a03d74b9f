//! E-mail addresses that are to be confirmed, on the command line (rules C1 to C4).

use rosterd_testkit::{TestDb, with_databases};
use serde_json::{Value, json};

use crate::place::{Place, Roster};

/// A database where the second account waits, to become a user.
fn waiting(db: &TestDb) -> Roster<'_> {
    let roster = Roster::on(db);
    roster.create("first@example.com", &["--admin"]);
    assert_eq!(roster.run(&["adopt", "--apply"]).code, Some(0));
    let zoe = roster.create("zoe@example.net", &["--role", "pending"]);
    db.db_execute(&format!(
        "INSERT INTO rosterd_unconfirmed (user_id, role, since) VALUES ('{zoe}', 'user', 1700000000)"
    ));
    roster
}

fn rows(db: &TestDb) -> Option<String> {
    db.db_value("SELECT count(*) AS n FROM rosterd_unconfirmed")
}

with_databases!(all, c4_the_operator_sees_who_waits_and_lets_them_in, async |db| {
    let roster = waiting(&db);
    let shown = roster.json(&["user", "show", "zoe@example.net"]);
    assert_eq!(shown["unconfirmed"], json!({ "role": "user", "since": 1_700_000_000 }));
    let text = roster.run(&["user", "show", "zoe@example.net"]).stdout;
    assert!(text.contains("unconfirmed:  since 2023-11-14") && text.contains("has role user once"), "{text}");
    assert_eq!(roster.json(&["user", "show", "first@example.com"])["unconfirmed"], Value::Null);
    assert_eq!(roster.run(&["user", "set-role", "zoe@example.net", "user"]).code, Some(0));
    assert_eq!(roster.json(&["user", "show", "zoe@example.net"])["unconfirmed"], Value::Null);
    assert_eq!(rows(&db).as_deref(), Some("0"));
});

with_databases!(all, c4_an_import_that_gives_a_role_ends_the_wait, async |db| {
    let roster = waiting(&db);
    let import = |line: &str| {
        std::fs::write(roster.path("people.csv"), line).unwrap();
        let said = roster.run(&["import", "people.csv", "--apply"]);
        assert_eq!(said.code, Some(0), "{said:?}");
    };
    import("email,name\nzoe@example.net,Zoe\n");
    assert_eq!((rows(&db).as_deref(), roster.role("zoe@example.net")), (Some("1"), json!("pending")));
    import("email,role\nzoe@example.net,user\n");
    assert_eq!((rows(&db).as_deref(), roster.role("zoe@example.net")), (Some("0"), json!("user")));
});

/// What a command needs where e-mail addresses are to be confirmed.
const ASKING: [(&str, &str); 4] = [
    ("ROSTERD_CONFIRM_EMAIL", "true"),
    ("ROSTERD_SMTP_URL", "smtp://127.0.0.1:1?tls=none"),
    ("ROSTERD_MAIL_FROM", "accounts@example.com"),
    ("ROSTERD_PUBLIC_URL", "https://chat.example.com"),
];

#[test]
fn c3_the_operator_is_asked_for_no_confirmation() {
    let place = Place::new();
    place.create_admin("ada@example.com", &ASKING);
    let create = ["user", "create", "--email", "bob@example.com", "--name", "Bob", "--password-stdin"];
    let made = place.run_with(&create, &ASKING, "correct horse battery\n");
    assert!(made.stdout.contains("with role user"), "{made:?}");
    let set = ["user", "set", "bob@example.com", "--email", "robert@example.com", "--json"];
    let set = place.run_with(&set, &ASKING, "");
    assert_eq!((set.code, set.json()["role"].clone()), (Some(0), json!("user")));
}

#[test]
fn c1_without_mail_a_url_or_the_console_nothing_starts() {
    let place = Place::new();
    let [on, smtp, from, url] = ASKING;
    for (environment, missing) in [
        (vec![on, url], "ROSTERD_SMTP_URL"),
        (vec![on, smtp, from], "ROSTERD_PUBLIC_URL"),
        (vec![on, smtp, from, url, ("ROSTERD_CONSOLE", "false")], "ROSTERD_CONSOLE"),
    ] {
        let said = place.run_with(&["serve"], &environment, "");
        assert_eq!(said.code, Some(3), "{said:?}");
        assert!(said.stderr.contains("ROSTERD_CONFIRM_EMAIL") && said.stderr.contains(missing), "{said:?}");
    }
    assert!(place.files().is_empty(), "{:?}", place.files());
}
