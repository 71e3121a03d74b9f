//! `rosterd user delete` and `rosterd user deleted` (rules B1 to B5).

use rosterd_storage::{Store, StoreOptions};
use rosterd_testkit::{TestDb, with_databases};
use serde_json::json;

use crate::place::Roster;

async fn adopt(db: &TestDb) {
    Store::open(&StoreOptions::new(db.database_url())).unwrap().adopt_apply().await.unwrap();
}

with_databases!(all, b3_a_deleted_account_is_listed_restored_and_purged, async |db| {
    adopt(&db).await;
    let roster = Roster::on(&db);
    roster.create("first@example.com", &["--admin"]);
    let bob = roster.create("bob@example.org", &[]);
    assert_eq!(roster.json(&["user", "deleted", "list"]), json!([]));
    let deleted = roster.run(&["user", "delete", "bob@example.org"]);
    assert!(deleted.stdout.contains("`rosterd user deleted restore` brings it back until 20"), "{deleted:?}");
    let listed = roster.json(&["user", "deleted", "list"]);
    assert_eq!((&listed[0]["id"], &listed[0]["deleted_by"]), (&json!(bob), &json!(null)));
    assert_eq!(
        listed[0]["kept_until"].as_i64().unwrap() - listed[0]["deleted_at"].as_i64().unwrap(),
        30 * 86_400
    );
    let restored = roster.json(&["user", "deleted", "restore", " BOB@example.org"]);
    assert_eq!((&restored["id"], &restored["restored"]["auth"]), (&json!(bob), &json!(1)));
    assert_eq!((&restored["left_out"], &restored["groups_gone"]), (&json!({}), &json!([])));
    assert_eq!(roster.role("bob@example.org"), "user");
    roster.run(&["user", "deleted", "restore", &bob]).assert_failed(1, &["no deleted account", &bob]);

    assert_eq!(roster.json(&["user", "delete", &bob, "--yes"])["id"], json!(bob));
    let other = roster.create("bob@example.org", &[]);
    roster
        .run(&["user", "deleted", "restore", "bob@example.org"])
        .assert_failed(1, &["cannot be restored", &other, "e-mail address"]);
    roster.run(&["user", "delete", "bob@example.org"]);
    roster
        .run(&["user", "deleted", "purge", "bob@example.org"])
        .assert_failed(1, &["2 deleted accounts", &bob, &other]);
    let purged = roster.run(&["user", "deleted", "purge", &other]);
    assert_eq!(purged.stdout, format!("purged bob@example.org, id {other}\n"));
    assert_eq!(roster.json(&["user", "deleted", "purge", "bob@example.org"])["id"], json!(bob));
    assert_eq!(roster.json(&["user", "deleted", "list"]), json!([]));
});

with_databases!(own, b2_with_purge_nothing_is_kept, async |db| {
    let roster = Roster::on(&db);
    roster.create("first@example.com", &["--admin"]);
    for email in ["bob@example.com", "eve@example.com"] {
        roster.create(email, &[]);
    }
    let deleted = roster.run(&["user", "delete", "bob@example.com", "--purge"]);
    assert!(deleted.stdout.starts_with("deleted bob@example.com, id ") && !deleted.stdout.contains("until"));
    assert_eq!(roster.json(&["user", "delete", "eve@example.com", "--purge"])["kept_until"], json!(null));
    assert_eq!(roster.json(&["user", "deleted", "list"]), json!([]));
});

with_databases!(own, b5_erasing_a_deleted_person_purges_the_account, async |db| {
    let roster = Roster::on(&db);
    roster.create("first@example.com", &["--admin"]);
    let bob = roster.create("bob@example.com", &[]);
    roster.run(&["user", "delete", &bob]);
    let erased = roster.json(&["audit", "erase", &bob]);
    assert_eq!(erased["purged"], true);
    assert!(erased["erased"].as_u64().unwrap() >= 3, "{erased}");
    assert_eq!(roster.json(&["user", "deleted", "list"]), json!([]));
});

with_databases!(attached, b2_without_the_tables_the_commands_say_what_is_missing, async |db| {
    let roster = Roster::on(&db);
    let bob = roster.create("bob@example.org", &[]);
    for command in ["list", "restore", "purge"] {
        let user = (command != "list").then_some("bob@example.org");
        let arguments: Vec<&str> = ["user", "deleted", command].into_iter().chain(user).collect();
        roster.run(&arguments).assert_failed(1, &["rosterd adopt --apply"]);
    }
    let deleted = roster.run(&["user", "delete", "bob@example.org"]);
    assert_eq!(deleted.stdout, format!("deleted bob@example.org, id {bob}\n"));
});
