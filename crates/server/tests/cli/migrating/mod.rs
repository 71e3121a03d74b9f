//! `rosterd migrate-from`: from each kind of database into each kind of standalone one.

mod going_on;
#[cfg(target_os = "linux")]
mod memory;
mod odd;
mod refused;

use rosterd_testkit::fixtures::{Actors, MORE_0_12};
use rosterd_testkit::{DbKind, ProcessBuilder, ServerProcess, TestDb, with_databases};
use serde_json::{Value, json};

use crate::place::{Outcome, PASSWORD, PROGRAM, Place, Roster, SECRET};

/// An empty standalone database of either kind.
fn targets() -> Vec<TestDb> {
    let kinds = [DbKind::OwnSqlite, DbKind::OwnPostgres];
    kinds.into_iter().filter(|kind| kind.is_available()).map(TestDb::fresh).collect()
}

/// Runs the command into this database.
fn migrate(place: &Place, source: &str, target: &TestDb, more: &[&str]) -> Outcome {
    let arguments = [&["migrate-from", source, "--json"], more].concat();
    place.run_with(&arguments, &[SECRET, ("DATABASE_URL", target.url())], "")
}

/// What it printed, however it ended.
fn printed(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|why| panic!("{why}: {outcome:?}"))
}

/// The same after it went well.
fn carried(outcome: &Outcome) -> Value {
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    printed(outcome)
}

/// Where the rows of both sides must be the same letter by letter, but for what only one of them has.
const SAME: [&str; 5] = [
    "SELECT id, name, role, profile_image_url, created_at, updated_at, username, bio, gender, \
     CAST(date_of_birth AS text) AS born, timezone, presence_state, status_emoji, status_message, status_expires_at, \
     CAST(settings AS text) AS settings, CAST(info AS text) AS info, CAST(oauth AS text) AS oauth FROM \"user\"",
    "SELECT id, email, password, CASE WHEN CAST(active AS text) IN ('1', 'true') THEN 1 ELSE 0 END AS active FROM auth",
    "SELECT id, user_id, name, description, CAST(data AS text) AS data, CAST(meta AS text) AS meta, \
     CAST(permissions AS text) AS permissions, created_at, updated_at FROM \"group\"",
    "SELECT id, group_id, user_id, created_at, updated_at FROM group_member",
    "SELECT id, user_id, provider, token, expires_at, created_at, updated_at FROM oauth_session",
];

/// The rows of a query, in an order of their own.
fn rows(db: &TestDb, sql: &str) -> Vec<Vec<Option<String>>> {
    let mut rows = db.db_query_text(sql);
    rows.sort();
    rows
}

fn assert_same_rows(source: &TestDb, target: &TestDb) {
    for sql in SAME {
        let (theirs, ours) = (rows(source, sql), rows(target, sql));
        assert_eq!(theirs.len(), ours.len(), "{sql}");
        for (one, other) in theirs.iter().zip(&ours) {
            assert_eq!(one, other, "{sql}");
        }
    }
}

/// What triggers and indexes keep is as it would be had the rows been written one by one.
fn assert_whole(target: &TestDb, fresh: &TestDb) {
    assert_eq!(target.schema_dump(), fresh.schema_dump(), "all that was away came back");
    let one = |sql: &str| target.db_value(sql).unwrap();
    let users = one("SELECT count(*) AS n FROM \"user\"");
    assert_eq!(one("SELECT value AS n FROM rosterd_counter WHERE name = 'users'"), users);
    assert_eq!(one("SELECT count(*) AS n FROM rosterd_user_search"), users);
    let members = one("SELECT count(*) AS n FROM group_member");
    assert_eq!(one("SELECT count(*) AS n FROM rosterd_member_name"), members);
    assert_eq!(one("SELECT count(*) AS n FROM rosterd_setup_token"), "0");
}

fn start(db: &TestDb) -> ServerProcess {
    ProcessBuilder::new(PROGRAM).database(db).env("ENABLE_API_KEYS", "true").start()
}

with_databases!(attached, all_accounts_of_open_webui_come_along, async |source| {
    let place = Place::new();
    let before = source.file().map(|file| std::fs::read(file).unwrap());
    for target in targets() {
        let fresh = TestDb::fresh(if target.is_postgres() { DbKind::OwnPostgres } else { DbKind::OwnSqlite });
        let said = carried(&migrate(&place, source.url(), &target, &[]));
        assert_eq!((&said["rows"]["user"], &said["done"]), (&json!(84), &json!(true)), "{said}");
        assert_same_rows(&source, &target);
        assert_whole(&target, &fresh);
        assert_eq!(source.file().map(|file| std::fs::read(file).unwrap()), before, "the source is as it was");

        let server = start(&target);
        let actors = Actors::recorded();
        // A token that was signed for the source, and its API key.
        let alice = server.recorded("alice");
        alice.get("/api/v1/auths/").await.assert_status(200);
        for key in actors.api_keys.values() {
            server.anonymous().with_bearer(key).get("/api/v1/users/user/settings").await.assert_status(200);
        }
        let form = json!({ "email": actors.email("bob"), "password": actors.password });
        server.anonymous().post("/api/v1/auths/signin", form).await.assert_status(200);
        let ada = server.recorded("ada");
        let list = ada.get("/api/v1/users/?query=member07").await;
        assert_eq!(list.assert_status(200).at("/total"), json!(1));
        let events = ada.get("/api/v1/audit?action=database.migrated").await;
        let events = events.assert_status(200).json();
        assert_eq!(events.to_string().matches("database.migrated").count(), 1, "{events}");
        assert!(events.to_string().contains("\"user\":84"), "{events}");
    }
});

with_databases!(newest, the_tree_of_groups_and_the_settings_come_along, async |source| {
    source.db_execute(MORE_0_12);
    let place = Place::new();
    for target in targets() {
        let said = carried(&migrate(&place, source.url(), &target, &[]));
        let codes: Vec<&str> =
            said["checks"].as_array().unwrap().iter().map(|check| check["code"].as_str().unwrap()).collect();
        assert!(codes.contains(&"parent_loop") && codes.contains(&"other_settings"), "{codes:?}");
        assert_same_rows(&source, &target);
        for sql in [
            "SELECT id, parent_group_id FROM \"group\"",
            "SELECT id, CAST(scim AS text) AS scim, CAST(variables AS text) AS variables FROM \"user\"",
            "SELECT id, session_stamp FROM auth",
            "SELECT key, CAST(value AS text) AS value FROM config WHERE key IN \
             ('user.permissions', 'users.enable_status', 'ui.default_interface_settings', 'ui.enable_signup')",
        ] {
            assert_eq!(rows(&source, sql), rows(&target, sql), "{sql}");
        }
        let kept = "SELECT count(*) AS n FROM config WHERE key LIKE 'openai.%'";
        assert_eq!(target.db_value(kept).as_deref(), Some("0"), "keys of other services stay where they are");
    }
});

with_databases!(own, a_roster_of_rosterd_comes_along_with_sessions_webhooks_and_trail, async |source| {
    let roster = Roster::on(&source);
    roster.create("ada@example.com", &["--admin"]);
    roster.create("bob@example.com", &[]);
    roster.json(&["group", "create", "Tools"]);
    roster.json(&["group", "add", "Tools", "bob@example.com"]);
    roster.run(&["permissions", "set", "features.notes=false"]);
    roster.json(&["webhook", "create", "https://example.com/hook", "--event", "user.*"]);
    let token = roster.run(&["token", "bob@example.com"]).stdout;
    // Seals what has happened so far.
    let mut server = start(&source);
    server.terminate();
    let place = Place::new();
    let files = source.files();
    for target in targets() {
        let said = carried(&migrate(&place, source.url(), &target, &[]));
        assert_eq!(source.files(), files, "nothing is left beside the source");
        assert_eq!(said["from"], json!("rosterd"));
        assert_same_rows(&source, &target);
        for sql in [
            "SELECT id, name, email FROM \"user\"",
            "SELECT id, user_id, method, created_at, expires_at FROM rosterd_session",
            "SELECT id, url, events, secret, position FROM rosterd_webhook",
            "SELECT key, CAST(value AS text) AS value FROM config",
        ] {
            assert_eq!(rows(&source, sql), rows(&target, sql), "{sql}");
        }
        let server = start(&target);
        server.anonymous().with_bearer(token.trim()).get("/api/v1/auths/").await.assert_status(200);
        drop(server);
        let on_target = Roster::on(&target);
        assert_eq!(on_target.run(&["audit", "verify"]).code, Some(0));
        let told = on_target.json(&["audit", "list", "--action", "user.created"]);
        assert_eq!(told.as_array().unwrap().len(), 2, "{told}");
        assert_eq!(
            on_target
                .run_with(&["user", "set-password", "bob@example.com", "--password-stdin"], PASSWORD)
                .code,
            Some(0)
        );
    }
});

/// Open WebUI's tables in a schema of their own.
#[test]
fn a_source_in_a_schema_of_its_own_is_named() {
    if !DbKind::WebUi012Postgres.is_available() {
        return;
    }
    let source = TestDb::fresh(DbKind::WebUi012Postgres);
    source.db_execute("ALTER SCHEMA public RENAME TO chat; CREATE SCHEMA public");
    let place = Place::new();
    let target = TestDb::fresh(DbKind::OwnSqlite);
    let without = migrate(&place, source.url(), &target, &[]);
    without.assert_failed(4, &["the source cannot be read", "chat", "--schema NAME"]);
    let said = carried(&migrate(&place, source.url(), &target, &["--schema", "chat"]));
    assert_eq!(said["rows"]["user"], json!(84));
    assert!(said["source"].as_str().unwrap().ends_with("--schema chat"), "{said}");
    assert_eq!(target.db_value("SELECT count(*) FROM \"user\"").as_deref(), Some("84"));
}

#[test]
fn a_preview_counts_and_makes_nothing() {
    let source = TestDb::fresh(DbKind::WebUi012Sqlite);
    let place = Place::new();
    let environment = [("DATABASE_URL", "sqlite:///data/new.db")];
    let shown = place.run_with(&["migrate-from", source.url(), "--dry-run"], &environment, "");
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for words in ["Open WebUI 0.12 has", "84 rows of user", "Nothing was changed"] {
        assert!(shown.stdout.contains(words), "{words}: {shown:?}");
    }
    let json = place.run_with(&["migrate-from", "-", "--preview", "--json"], &environment, source.url());
    assert_eq!(
        (&printed(&json)["dry_run"], &printed(&json)["done"]),
        (&json!(true), &json!(false)),
        "{json:?}"
    );
    assert_eq!(place.files(), [""; 0]);
}

#[test]
fn a_database_that_is_not_there_yet_is_made() {
    let source = TestDb::fresh(DbKind::WebUiSqlite);
    let place = Place::new();
    let environment = [SECRET, ("DATABASE_URL", "sqlite:///data/new.db")];
    let done = place.run_with(&["migrate-from", source.url()], &environment, "");
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stdout.contains("carried from Open WebUI 0.6"), "{done:?}");
    assert_eq!(std::fs::read_dir(place.path("data")).unwrap().count(), 1, "one file");
    let listed = place.run_with(&["user", "show", "alice@example.com"], &environment, "");
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let again = place.run_with(&["migrate-from", source.url()], &environment, "");
    again.assert_failed(1, &["is in use already", "84 rows of user"]);
}
