//! A migration that is stopped, killed and continued, and one whose source goes on meanwhile.

use std::process::{Child, Command, Stdio};

use rosterd_testkit::{DbKind, TestDb, with_databases};
use serde_json::json;

use super::{assert_same_rows, assert_whole, carried, migrate};
use crate::place::{PROGRAM, Place, SECRET};

/// Accounts of the large source, beside the recorded ones.
const PEOPLE: usize = 8_000;

/// A database of Open WebUI 0.12 with many accounts, each in two groups.
fn large() -> TestDb {
    let source = TestDb::fresh(DbKind::WebUi012Sqlite);
    source.db_execute(&format!(
        "CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {PEOPLE}) \
             SELECT i, printf('%08x-0000-4000-8000-000000000000', i * 2654435761 % 4294967296) AS id FROM n; \
         INSERT INTO \"user\" (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at, settings) \
             SELECT id, 'Person ' || i, 'person' || i || '@example.com', 'user', '/user.png', 1700000000, 1700000000, \
             1700000000, '{{\"ui\": {{\"n\": ' || i || '}}}}' FROM n; \
         INSERT INTO auth (id, email, password, active) SELECT id, 'person' || i || '@example.com', 'x', 1 FROM n; \
         INSERT INTO group_member (id, group_id, user_id, created_at, updated_at) \
             SELECT 'm-' || g.rowid || '-' || i, g.id, n.id, 1, 1 FROM n \
             JOIN (SELECT rowid, id FROM \"group\" ORDER BY id LIMIT 2) g;"
    ));
    source
}

fn begin(place: &Place, source: &TestDb, target: &TestDb) -> Child {
    Command::new(PROGRAM)
        .args(["migrate-from", source.url()])
        .env_clear()
        .envs([SECRET, ("DATABASE_URL", target.url())])
        .current_dir(place.path(""))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What the target notes of the migration under this name, if it notes anything.
fn noted(target: &TestDb, names: &str) -> Option<u64> {
    let is_there = if target.is_postgres() {
        "SELECT count(*) AS n FROM pg_tables WHERE tablename = 'rosterd_migrating'"
    } else {
        "SELECT count(*) AS n FROM sqlite_master WHERE name = 'rosterd_migrating'"
    };
    if target.db_value(is_there).as_deref() != Some("1") {
        return None;
    }
    let count = format!("SELECT count(*) AS n FROM rosterd_migrating WHERE name LIKE '{names}'");
    target.db_value(&count).and_then(|count| count.parse().ok())
}

/// Waits until this holds of the target.
fn until(child: &mut Child, holds: impl Fn() -> bool) {
    while !holds() {
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::yield_now();
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()));
}

with_databases!(own, a_migration_that_is_killed_goes_on_where_it_was, async |target| {
    let (source, place) = (large(), Place::new());
    let fresh = TestDb::fresh(if target.is_postgres() { DbKind::OwnPostgres } else { DbKind::OwnSqlite });
    let environment = [SECRET, ("DATABASE_URL", target.url())];
    // In the middle of accounts, of members, and while indexes are built.
    for names in ["table user", "table group_member", "table config"] {
        let mut child = begin(&place, &source, &target);
        until(&mut child, || noted(&target, names).is_some_and(|rows| rows > 0));
        signal(&child, "KILL");
        child.wait().unwrap();
        for command in [&["serve"][..], &["user", "list"]] {
            let refused = place.run_with(command, &environment, "");
            assert_eq!(refused.code, Some(4), "{refused:?}");
            assert!(refused.stderr.contains("a migration is not finished"), "{refused:?}");
            assert!(refused.stderr.contains("rosterd migrate-from sqlite:///"), "{refused:?}");
        }
    }
    // Another source is not mixed into it.
    let other = TestDb::fresh(DbKind::WebUiSqlite);
    migrate(&place, other.url(), &target, &[])
        .assert_failed(1, &["the beginning of a migration from", "--restart"]);
    let said = carried(&migrate(&place, source.url(), &target, &[]));
    assert_eq!(said["goes_on"], json!(true));
    assert_same_rows(&source, &target);
    assert_whole(&target, &fresh);
    let told = place
        .run_with(&["audit", "list", "--action", "database.migrated", "--json"], &environment, "")
        .json();
    assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
});

with_databases!(own, a_signal_ends_it_in_good_order_and_it_goes_on, async |target| {
    let (source, place) = (large(), Place::new());
    let mut child = begin(&place, &source, &target);
    until(&mut child, || noted(&target, "table user").is_some_and(|rows| rows > 0));
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(noted(&target, "source").is_some(), "it is not finished");
    if let Some(file) = target.file() {
        let log = file.with_file_name("roster.db-wal");
        assert!(!log.exists(), "one file is left");
    }
    carried(&migrate(&place, source.url(), &target, &[]));
    assert_same_rows(&source, &target);
});

with_databases!(own, what_changed_at_the_source_meanwhile_is_brought_up_to_date, async |target| {
    let (source, place) = (large(), Place::new());
    let mut child = begin(&place, &source, &target);
    until(&mut child, || noted(&target, "table group_member").is_some_and(|rows| rows > 0));
    signal(&child, "KILL");
    child.wait().unwrap();
    // The accounts are copied already.
    source.db_execute(
        "UPDATE \"user\" SET name = 'Somebody Else' WHERE email = 'person1@example.com'; \
         DELETE FROM group_member WHERE user_id = (SELECT id FROM \"user\" WHERE email = 'person2@example.com'); \
         DELETE FROM auth WHERE email = 'person2@example.com'; DELETE FROM \"user\" WHERE email = 'person2@example.com'; \
         INSERT INTO \"user\" (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at) \
             VALUES ('00000000-late', 'Late', 'late@example.com', 'user', '/user.png', 1, 1, 1)",
    );
    let said = carried(&migrate(&place, source.url(), &target, &[]));
    assert!(said["settled"].as_u64().unwrap() >= 4, "{said}");
    assert_same_rows(&source, &target);
    assert_whole(
        &target,
        &TestDb::fresh(if target.is_postgres() { DbKind::OwnPostgres } else { DbKind::OwnSqlite }),
    );
    let environment = [SECRET, ("DATABASE_URL", target.url())];
    for (query, total) in [("somebody else", 1), ("person2@", 0), ("late@", 1)] {
        let found = place.run_with(&["user", "list", "--query", query, "--json"], &environment, "").json();
        assert_eq!(found.as_array().unwrap().len(), total, "{query}: {found}");
    }
});

with_databases!(own, a_run_ends_when_another_one_has_taken_over, async |target| {
    let (source, place) = (large(), Place::new());
    let mut child = begin(&place, &source, &target);
    until(&mut child, || noted(&target, "table user").is_some_and(|rows| rows > 0));
    // What another run does first of all.
    target.db_execute("UPDATE rosterd_migrating SET value = 'another' WHERE name = 'run'");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(noted(&target, "source").is_some(), "it has ended nothing");
    carried(&migrate(&place, source.url(), &target, &[]));
    assert_same_rows(&source, &target);
});

with_databases!(own, what_an_older_version_began_goes_on_there_or_begins_anew, async |target| {
    let (source, place) = (large(), Place::new());
    let fresh = TestDb::fresh(if target.is_postgres() { DbKind::OwnPostgres } else { DbKind::OwnSqlite });
    let mut child = begin(&place, &source, &target);
    until(&mut child, || noted(&target, "table group_member").is_some_and(|rows| rows > 0));
    signal(&child, "KILL");
    child.wait().unwrap();
    // One before the migrations that put two indexes in the place of two others, which are all away now.
    target.db_execute(
        "DELETE FROM __diesel_schema_migrations \
             WHERE version LIKE '20261127113000%' OR version LIKE '20261127150000%' OR version LIKE '20261127180000%'; \
         DELETE FROM rosterd_migrating WHERE name LIKE 'step %rosterd_ix_event_block_%' \
             OR name LIKE 'step %rosterd_ix_event_tail_%'; \
         INSERT INTO rosterd_migrating VALUES \
             ('step 2 subject', 'CREATE INDEX rosterd_ix_event_subject ON rosterd_event (subject_id, id)'), \
             ('step 2 actor', 'CREATE INDEX rosterd_ix_event_actor ON rosterd_event (actor_id, id)')",
    );
    for more in [&[][..], &["--dry-run"]] {
        let refused = migrate(&place, source.url(), &target, more);
        refused.assert_failed(1, &["begun by an older version", "name a new database", "--restart"]);
    }
    carried(&migrate(&place, source.url(), &target, &["--restart"]));
    assert_same_rows(&source, &target);
    assert_whole(&target, &fresh);
});

with_databases!(own, a_migration_can_begin_anew_from_another_source, async |target| {
    let (source, place) = (large(), Place::new());
    let mut child = begin(&place, &source, &target);
    until(&mut child, || noted(&target, "table config").is_some_and(|rows| rows > 0));
    signal(&child, "KILL");
    child.wait().unwrap();
    let other = TestDb::fresh(DbKind::WebUiSqlite);
    let said = carried(&migrate(&place, other.url(), &target, &["--restart"]));
    assert_eq!((&said["goes_on"], &said["rows"]["user"]), (&json!(false), &json!(84)));
    assert_same_rows(&other, &target);
    assert_whole(
        &target,
        &TestDb::fresh(if target.is_postgres() { DbKind::OwnPostgres } else { DbKind::OwnSqlite }),
    );
});

#[test]
fn open_webui_goes_on_with_its_sqlite_file_meanwhile() {
    let (source, place) = (large(), Place::new());
    let target = TestDb::fresh(DbKind::OwnSqlite);
    let mut child = begin(&place, &source, &target);
    // Fails the test if it has to wait for longer than Open WebUI does.
    until(&mut child, || {
        let is_copied = noted(&target, "table auth").is_some_and(|rows| rows > 0);
        source.db_execute(
            "UPDATE \"user\" SET last_active_at = last_active_at + 1 WHERE email = 'person7@example.com'",
        );
        is_copied
    });
    assert!(child.wait().unwrap().success());
    assert_same_rows(&source, &target);
    let seen = "SELECT last_active_at FROM \"user\" WHERE email = 'person7@example.com'";
    assert_eq!(source.db_value(seen), target.db_value(seen));
}
