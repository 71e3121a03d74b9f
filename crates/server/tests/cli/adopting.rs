//! `rosterd adopt`: a dry run unless `--apply` is said.

use rosterd_testkit::fixtures::Actors;
use rosterd_testkit::{DbKind, TestDb, with_databases};
use serde_json::json;

use crate::place::Roster;

with_databases!(attached, what_is_missing_is_reported_and_added_only_when_asked, async |db| {
    let roster = Roster::on(&db);
    let before = db.schema_dump();
    let report = roster.json(&["adopt"]);
    assert_eq!((&report["applied"], &report["added"]), (&json!(false), &json!([])));
    assert!(!report["missing"].as_array().unwrap().is_empty(), "{report}");
    let text = roster.run(&["adopt"]).stdout;
    assert!(text.contains("missing: rosterd_") && text.contains("--apply"), "{text}");
    assert_eq!(db.schema_dump(), before, "a dry run changes nothing");

    let applied = roster.json(&["adopt", "--apply"]);
    assert_eq!((&applied["applied"], &applied["added"]), (&json!(true), &report["missing"]));
    assert_eq!(roster.json(&["adopt"])["missing"], json!([]));
    let again = roster.run(&["adopt", "--apply"]);
    assert_eq!(again.stdout, "Nothing is missing.\n", "{again:?}");
    assert_eq!(roster.role("alice@example.com"), "user", "it works as before");
});

#[test]
fn shared_addresses_and_orphans_are_told_and_left_alone() {
    let db = TestDb::fresh(DbKind::WebUiSqlite);
    let (roster, actors) = (Roster::on(&db), Actors::recorded());
    let (ada, alice) = (actors.user("ada"), actors.user("alice"));
    db.db_execute(&format!(r#"UPDATE "user" SET email = 'ADA@example.com' WHERE id = '{alice}'"#));
    db.db_execute("UPDATE auth SET id = 'gone' WHERE email = 'bob@example.com'");
    let report = roster.json(&["adopt", "--apply"]);
    assert_eq!(report["duplicate_emails"], json!([{ "email": "ada@example.com", "users": [ada, alice] }]));
    assert_eq!(report["orphans"], json!([{ "table": "auth", "ids": ["gone"] }]));
    let text = roster.run(&["adopt"]).stdout;
    assert!(text.contains(&format!("2 accounts share ada@example.com: {ada}, {alice}")), "{text}");
    assert!(
        text.contains("rows of auth that belong to nobody: gone")
            && text.contains("does not change these rows"),
        "{text}"
    );
    assert_eq!(db.db_value("SELECT count(*) AS n FROM auth WHERE id = 'gone'").as_deref(), Some("1"));
}

#[test]
fn a_database_of_our_own_misses_nothing_and_an_empty_one_stays_empty() {
    let own = TestDb::fresh(DbKind::OwnSqlite);
    assert!(Roster::on(&own).run(&["adopt"]).stdout.contains("nothing is missing"));
    let empty = TestDb::empty_sqlite();
    Roster::on(&empty).run(&["adopt"]).assert_failed(4, &["rosterd migrate"]);
    assert_eq!(empty.schema_dump(), "");
}
