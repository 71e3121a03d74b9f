//! Which databases are opened, as what, and what is said about the others.

use rosterd_storage::{ConfigLayout, DatabaseUrl, OpenError, Ownership, Search, Store, StoreOptions};
use rosterd_testkit::{DbKind, TestDb, run, with_databases};

use crate::support::{NOW, id, insert_users, open, options, read, recorded, write};

with_databases!(own, an_own_database_has_everything, async |db| {
    let store = open(&db);
    let layout = store.layout();
    assert_eq!((layout.ownership, layout.config), (Ownership::Standalone, ConfigLayout::KeyValue));
    assert!(layout.revocations && layout.counter && layout.session_stamp);
    assert_eq!(layout.search, Search::Trigram);
    assert_eq!(layout.wal, !db.is_postgres());
});

#[test]
fn open_webui_s_layouts_are_recognised_by_their_schema() {
    let layout = |kind| open(&TestDb::fresh(kind)).layout().clone();
    let old = layout(DbKind::WebUiSqlite);
    assert_eq!(
        (old.ownership, old.config, old.search),
        (Ownership::Attached, ConfigLayout::Document, Search::Scan)
    );
    assert!(!(old.session_stamp || old.group_parents || old.shared_chat || old.email_index || old.wal));
    assert!(!(old.revocations || old.counter));
    let new = layout(DbKind::WebUi012Sqlite);
    assert_eq!((new.ownership, new.config), (Ownership::Attached, ConfigLayout::KeyValue));
    assert!(new.session_stamp && new.group_parents && new.shared_chat && new.email_index);
    if DbKind::WebUiPostgres.is_available() {
        let layout = layout(DbKind::WebUiPostgres);
        assert_eq!((layout.ownership, layout.config), (Ownership::Attached, ConfigLayout::Document));
    }
}

with_databases!(attached, an_attached_schema_is_never_altered, async |db| {
    let before = db.schema_dump();
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    write(&store, |db| db.delete_chats(&recorded("alice"))).await;
    write(&store, |db| db.revoke_token("j", None, NOW)).await;
    drop(store);
    assert_eq!(db.schema_dump(), before);
    if !db.is_postgres() {
        assert_eq!(db.db_value("PRAGMA journal_mode").as_deref(), Some("delete"));
    }
});

#[test]
fn wal_is_used_where_open_webui_switched_it_on() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::WebUi012Sqlite);
        db.db_execute("PRAGMA journal_mode = WAL");
        let store = open(&db);
        assert!(store.layout().wal);
        assert!(read(&store, |db| db.find_user(&recorded("alice"))).await.is_some());
        insert_users(&store, &["eve"]).await;
        assert!(read(&store, |db| db.find_user(&id("u-eve"))).await.is_some());
    });
}

with_databases!(attached, everything_missing_is_named_in_one_error, async |db| {
    db.db_execute("ALTER TABLE \"user\" DROP COLUMN bio");
    db.db_execute("ALTER TABLE api_key DROP COLUMN expires_at");
    db.db_execute("DROP TABLE oauth_session");
    let refused = Store::open(&options(&db)).unwrap_err().to_string();
    for part in ["\"user\".\"bio\"", "\"api_key\".\"expires_at\"", "\"oauth_session\""] {
        assert!(refused.contains(part), "{refused}");
    }
});

with_databases!(newest, what_the_newest_layout_has_beside_is_missed, async |db| {
    for (table, column) in [("auth", "session_stamp"), ("auth", "mfa")] {
        db.db_execute(&format!("ALTER TABLE {table} DROP COLUMN {column}"));
    }
    let refused = Store::open(&options(&db)).unwrap_err().to_string();
    for part in ["\"auth\".\"session_stamp\" is missing", "\"auth\".\"mfa\" is missing"] {
        assert!(refused.contains(part), "{refused}");
    }
});

#[test]
fn a_jsonb_column_is_named() {
    if !DbKind::WebUiPostgres.is_available() {
        return run::report_skip("a_jsonb_column_is_named");
    }
    let db = TestDb::fresh(DbKind::WebUiPostgres);
    db.db_execute("ALTER TABLE \"user\" ALTER COLUMN settings TYPE jsonb USING settings::jsonb");
    let refused = Store::open(&options(&db)).unwrap_err().to_string();
    assert!(refused.contains("\"user\".\"settings\" is jsonb"), "{refused}");
}

#[test]
fn an_empty_database_becomes_ours_unless_that_is_switched_off() {
    let mut databases = vec![TestDb::empty_sqlite()];
    if DbKind::OwnPostgres.is_available() {
        databases.push(TestDb::empty_postgres());
    }
    for db in databases {
        let refused = Store::open(&StoreOptions { migrate: false, ..options(&db) });
        assert!(matches!(refused, Err(OpenError::Empty { .. })), "{refused:?}");
        assert_eq!(open(&db).layout().ownership, Ownership::Standalone);
        assert_eq!(open(&db).layout().ownership, Ownership::Standalone);
    }
}

#[test]
fn somebody_elses_database_is_refused() {
    let mut databases = vec![TestDb::empty_sqlite()];
    if DbKind::OwnPostgres.is_available() {
        databases.push(TestDb::empty_postgres());
    }
    for db in databases {
        db.db_execute("CREATE TABLE invoices (id int)");
        let refused = Store::open(&options(&db));
        assert!(matches!(refused, Err(OpenError::Unrecognised { .. })), "{refused:?}");
    }
}

#[test]
fn a_database_out_of_reach_says_why_and_hides_the_password() {
    for url in ["postgresql://u:s3cret@127.0.0.1:1/none", "sqlite:////nowhere/at/all.db"] {
        let url = DatabaseUrl::parse(url).unwrap();
        let refused = Store::open(&StoreOptions::new(url)).unwrap_err();
        assert!(matches!(refused, OpenError::Connect { .. }), "{refused:?}");
        assert!(!format!("{refused} {refused:?}").contains("s3cret"));
    }
}

#[test]
fn a_throw_away_database_serves_several_connections_and_leaves_nothing() {
    run::block_on(async {
        let store =
            Store::open(&StoreOptions::new(DatabaseUrl::parse("sqlite://:memory:").unwrap())).unwrap();
        insert_users(&store, &["eve"]).await;
        assert_eq!(store.scan(|db| db.count_users()).await.unwrap(), 1);
        let other = Store::open(&StoreOptions::new(DatabaseUrl::parse("sqlite://").unwrap())).unwrap();
        assert_eq!(read(&other, |db| db.count_users()).await, 0);
    });
}

with_databases!(all, foreign_keys_are_enforced_where_the_tables_are_ours, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    write(&store, |db| {
        let key = rosterd_domain::secret::ApiKey::from_stored("sk-eve".to_owned());
        db.replace_api_key(&id("u-eve"), &key, NOW)
    })
    .await;
    write(&store, |db| db.delete_user(&id("u-eve"))).await;
    let left = db.db_value("SELECT count(*) AS n FROM api_key WHERE user_id = 'u-eve'").unwrap();
    // Open WebUI's SQLite runs without them, and so do we on it.
    let expected = if store.layout().is_standalone() || db.is_postgres() { "0" } else { "1" };
    assert_eq!(left, expected);
});

with_databases!(own, a_replica_serves_the_scans, async |db| {
    let options = StoreOptions { read_replica_url: Some(db.database_url()), ..options(&db) };
    let store = Store::open(&options).unwrap();
    assert_eq!(store.scans_may_lag(), db.is_postgres(), "SQLite has no replicas");
    insert_users(&store, &["eve"]).await;
    assert_eq!(store.scan(|db| db.count_users()).await.unwrap(), 1);
});
