//! Databases as older versions left them (`.ci/freeze-schema`): each is brought up to date with all its rows.

use std::fs;
use std::path::Path;

use rosterd_domain::ids::{GroupId, SessionId};
use rosterd_domain::list::{ListQuery, Order, SearchText};
use rosterd_storage::{OpenError, Store, StoreOptions, raw};
use rosterd_testkit::{DbKind, TestDb};

use crate::support::{id, open, options, read};

/// The frozen databases of this kind: the name of the last migration that each has, and its SQL. The oldest first.
fn frozen(kind: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/fixtures/schemas");
    let mut found: Vec<(String, String)> = fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name()?.to_str()?.strip_suffix(&format!(".{kind}.sql"))?.to_owned();
            Some((name, fs::read_to_string(&path).unwrap()))
        })
        .collect();
    found.sort();
    assert!(found.len() >= 10, "{}", folder.display());
    found
}

/// Each of them in a database of its own, next to what a new database looks like.
async fn each(kind: DbKind, check: impl AsyncFn(&str, &TestDb)) {
    if !kind.is_available() {
        return rosterd_testkit::run::report_skip("older schemas");
    }
    let wanted = TestDb::fresh(kind).schema_dump();
    for (name, sql) in frozen(if kind.is_postgres() { "postgres" } else { "sqlite" }) {
        let db = if kind.is_postgres() { TestDb::empty_postgres() } else { TestDb::empty_sqlite() };
        raw::execute(&db.database_url(), &sql).unwrap_or_else(|why| panic!("{name}: {why:?}"));
        check(&name, &db).await;
        assert_eq!(db.schema_dump(), wanted, "{name}: as a new database is");
    }
}

/// All that was stored is there, in the form of this version.
async fn all_rows_are_there(name: &str, db: &TestDb) {
    let store = open(db);
    let users = read(&store, |db| db.count_users()).await;
    assert_eq!(users, 2, "{name}");
    for text in ["STRASSE", "straße", "ada@exam"] {
        let query = ListQuery::page(SearchText::new(text), Order::default(), 1);
        let found = read(&store, move |db| db.list_user_infos(&query)).await;
        assert_eq!(
            found.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(),
            ["Ada Straße"],
            "{name}: {text}"
        );
    }
    let key = db.db_value("SELECT key FROM api_key").unwrap();
    assert!(key.starts_with("sha256:"), "{name}: {key}");
    let group = GroupId::from_stored("g-1".to_owned());
    let members = read(&store, move |db| db.list_members(&group)).await;
    assert_eq!(members.iter().map(|member| &member.id).collect::<Vec<_>>(), [&id("u-2")], "{name}");
    for (sql, value) in [
        ("SELECT settings FROM \"user\" WHERE id = 'u-1'", Some(r#"{"ui": {"theme": "dark"}}"#)),
        ("SELECT info FROM \"user\" WHERE id = 'u-1'", Some(r#"{"b": 1, "a": 2}"#)),
        ("SELECT name FROM rosterd_member_name", Some("Bob")),
        ("SELECT value FROM rosterd_counter WHERE name = 'users'", Some("2")),
        ("SELECT session_stamp FROM auth WHERE id = 'u-2'", Some("stamp")),
        ("SELECT jti FROM rosterd_revoked_token", Some("j-1")),
        ("SELECT id FROM chat", Some("c-1")),
        ("SELECT token FROM oauth_session", Some("sealed")),
        ("SELECT value FROM config", Some("false")),
    ] {
        let sql =
            if db.is_postgres() { sql.replacen(" FROM", "::text AS v FROM", 1) } else { sql.to_owned() };
        assert_eq!(db.db_value(&sql).as_deref(), value, "{name}: {sql}");
    }
    let since = |step: &str| name.split_once('_').is_some_and(|(stamp, _)| stamp >= step);
    if since("2026-11-26-150000-0000") {
        let variables = "SELECT CAST(variables AS TEXT) AS v FROM \"user\" WHERE id = 'u-2'";
        assert_eq!(db.db_value(variables).as_deref(), Some(r#"{"team": "a"}"#), "{name}");
    }
    if since("2026-11-26-160000-0000") {
        let sessions = read(&store, |db| db.list_sessions(&id("u-2"), 1_800_000_000)).await;
        let ids: Vec<&SessionId> = sessions.iter().map(|session| &session.id).collect();
        assert_eq!(ids, [&SessionId::from_stored("s-1".to_owned())], "{name}");
    }
    if since("2026-11-26-170000-0000") {
        assert_eq!(db.db_value("SELECT name FROM rosterd_api_key").as_deref(), Some("backup"), "{name}");
    }
    if since("2026-11-26-191000-0000") {
        let last = read(&store, |db| db.find_last_sign_in(&id("u-2"))).await.unwrap();
        assert_eq!((last.signed_in_at, last.failed), (Some(1_700_000_017), 2), "{name}");
    }
    if since("2026-11-26-185000-0000") {
        assert_eq!(db.db_value("SELECT attempts FROM rosterd_attempt").as_deref(), Some("15"), "{name}");
    }
    if since("2026-11-26-190000-0000") {
        assert_eq!(
            db.db_value("SELECT action FROM rosterd_event").as_deref(),
            Some("user.created"),
            "{name}"
        );
    }
    if since("2026-11-27-115000-0000") {
        let row = read(&store, |db| db.find_suspension(&id("u-2"))).await.unwrap();
        assert_eq!(
            (row.shown.reason.as_deref(), row.shown.since),
            (Some("on leave"), 1_700_000_025),
            "{name}"
        );
    }
    if since("2026-11-27-140000-0000") {
        let mails = read(&store, |db| db.list_due_mails(1_800_000_000, 9)).await;
        let ids: Vec<_> = mails.iter().map(|mail| (mail.id.as_str(), mail.data.get("name"))).collect();
        assert_eq!(ids, [("m-1", Some("Bob"))], "{name}");
    }
    if since("2026-11-26-200000-0000") {
        let hooks = read(&store, |db| db.list_webhooks()).await;
        let ids: Vec<_> = hooks.iter().map(|hook| (hook.id.as_str(), hook.position)).collect();
        assert_eq!(ids, [("w-1", 3)], "{name}");
        let id = hooks[0].id.clone();
        assert_eq!(
            read(&store, move |db| db.list_due_deliveries(&id, 1_800_000_000, 9)).await.len(),
            1,
            "{name}"
        );
    }
    if since("2026-11-27-130000-0000") {
        let link = read(&store, |db| db.find_link_by_hash("hash")).await.unwrap();
        assert_eq!(
            (link.user, link.maker, link.expires_at),
            (id("u-2"), Some(id("u-1")), 4_000_000_000),
            "{name}"
        );
    }
    if since("2026-11-27-160000-0000") {
        who_waits_is_there(name, &store).await;
    }
    if since("2026-11-27-170000-0000") {
        what_connections_keep_is_there(name, db);
    }
    store.close();
}

async fn who_waits_is_there(name: &str, store: &Store) {
    let row = read(store, |db| db.find_unconfirmed(&id("u-2"))).await.unwrap();
    assert_eq!((row.role.as_str(), row.since), ("user", 1_700_000_029), "{name}");
}

fn what_connections_keep_is_there(name: &str, db: &TestDb) {
    for (sql, value) in [
        ("SELECT name FROM rosterd_scim_connection", "Entra ID"),
        ("SELECT user_name FROM rosterd_scim_user WHERE user_id = 'u-2'", "Bob@Example.com"),
        ("SELECT value_key FROM rosterd_scim_email WHERE user_id = 'u-2'", "bob@example.com"),
        ("SELECT display_key FROM rosterd_scim_group WHERE group_id = 'g-1'", "ops"),
    ] {
        assert_eq!(db.db_value(sql).as_deref(), Some(value), "{name}: {sql}");
    }
}

#[tokio::test]
async fn older_databases_are_brought_up_to_date_with_all_their_rows_on_sqlite() {
    each(DbKind::OwnSqlite, all_rows_are_there).await;
}

#[tokio::test]
async fn older_databases_are_brought_up_to_date_with_all_their_rows_on_postgres() {
    each(DbKind::OwnPostgres, all_rows_are_there).await;
}

#[test]
fn an_older_database_that_may_not_be_updated_is_refused_and_stays_as_it_is() {
    let (_, sql) = frozen("sqlite").swap_remove(0);
    let db = TestDb::empty_sqlite();
    db.db_execute(&sql);
    let before = db.schema_dump();
    let refused = Store::open(&StoreOptions { migrate: false, ..options(&db) }).unwrap_err();
    assert!(matches!(refused, OpenError::Outdated { .. }), "{refused}");
    assert_eq!(db.schema_dump(), before);
}
