//! The file of an SQLite database: who may make it and read it, and what holds when it is taken away.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rosterd_storage::{DatabaseUrl, OpenError, Store, StoreError, StoreOptions};
use rosterd_testkit::{DbKind, TestDb, run, with_databases};

use crate::support::{id, insert_users, new_user, open, options, read};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn options_at(path: &Path) -> StoreOptions {
    StoreOptions::new(DatabaseUrl::parse(&path.display().to_string()).unwrap())
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn the_files_that_are_made_are_their_owner_s_alone_whatever_the_folder() {
    run::block_on(async {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        // A name with the characters that mean something in a URI.
        let path = folder.path().join("roster 100%#?.db");
        let store = Store::open(&options_at(&path)).unwrap();
        insert_users(&store, &["eve"]).await;
        let names = names(folder.path());
        assert_eq!(names, ["roster 100%#?.db", "roster 100%#?.db-shm", "roster 100%#?.db-wal"]);
        for name in names {
            assert_eq!(mode(&folder.path().join(&name)), 0o600, "{name}");
        }
        assert_eq!(mode(folder.path()), 0o777);
    });
}

#[test]
fn nothing_is_made_where_nothing_may_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let refused = Store::open(&StoreOptions { create: false, ..options_at(&path) }).unwrap_err();
    assert!(matches!(refused, OpenError::Absent { .. }), "{refused}");
    let refused = Store::open(&StoreOptions { migrate: false, ..options_at(&path) }).unwrap_err();
    assert!(matches!(refused, OpenError::Empty { .. }), "{refused}");
    assert_eq!(names(folder.path()), [""; 0]);
    let mut empty = vec![TestDb::empty_sqlite()];
    if DbKind::OwnPostgres.is_available() {
        empty.push(TestDb::empty_postgres());
    }
    for db in empty {
        let before = db.schema_dump();
        let refused = Store::open(&StoreOptions { create: false, ..options(&db) }).unwrap_err();
        assert!(matches!(refused, OpenError::Absent { .. }), "{refused}");
        assert!(refused.to_string().contains("rosterd migrate"), "{refused}");
        assert_eq!(db.schema_dump(), before);
    }
}

with_databases!(all, what_is_there_opens_without_the_right_to_make_it, async |db| {
    let store = Store::open(&StoreOptions { create: false, migrate: false, ..options(&db) }).unwrap();
    read(&store, |db| db.count_users()).await;
});

with_databases!(own, an_older_database_of_our_own_asks_to_be_migrated, async |db| {
    db.db_execute("DROP TABLE rosterd_revoked_token");
    let refused = Store::open(&StoreOptions { migrate: false, ..options(&db) }).unwrap_err();
    assert!(matches!(refused, OpenError::Outdated { .. }), "{refused}");
    let said = refused.to_string();
    assert!(said.contains("rosterd migrate") && said.contains("rosterd_revoked_token"), "{said}");
});

/// The store after one write, so that its connections are open.
async fn in_use(db: &TestDb, group_commit: bool) -> Store {
    let store = Store::open(&StoreOptions { group_commit, ..options(db) }).unwrap();
    insert_users(&store, &["eve"]).await;
    store.check().await.unwrap();
    store
}

async fn assert_refuses_writes(store: &Store) {
    for number in 0..3 {
        let name = format!("late{number}");
        let refused = store.write(move |db| db.insert_user(&new_user(&name, 1))).await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
    }
    let check = store.check().await;
    assert!(matches!(check, Err(StoreError::Unavailable { .. })), "{check:?}");
}

with_databases!(sqlite, no_write_is_confirmed_in_a_file_that_was_deleted, async |db| {
    for group_commit in [true, false] {
        let db = if group_commit { &db } else { &TestDb::fresh(DbKind::OwnSqlite) };
        let store = in_use(db, group_commit).await;
        let file = db.file().unwrap();
        fs::remove_file(&file).unwrap();
        assert_refuses_writes(&store).await;
        tokio::task::spawn_blocking(move || store.close()).await.unwrap();
        assert!(!file.exists(), "an empty one must not take its place");
    }
});

with_databases!(sqlite, no_write_is_confirmed_in_a_file_that_was_replaced, async |db| {
    for group_commit in [true, false] {
        let db = if group_commit { &db } else { &TestDb::fresh(DbKind::OwnSqlite) };
        let store = in_use(db, group_commit).await;
        let (file, aside) = (db.file().unwrap(), db.file().unwrap().with_extension("aside"));
        fs::rename(&file, &aside).unwrap();
        assert_refuses_writes(&store).await;
        let other = TestDb::fresh(DbKind::OwnSqlite);
        fs::copy(other.file().unwrap(), &file).unwrap();
        assert_refuses_writes(&store).await;
        fs::remove_file(&file).unwrap();
        fs::rename(&aside, &file).unwrap();
        assert_refuses_writes(&store).await;
        tokio::task::spawn_blocking(move || store.close()).await.unwrap();
        assert!(read(&open(db), |db| db.find_user(&id("u-eve"))).await.is_some(), "a new start finds it");
    }
});

#[test]
fn a_connection_made_later_is_on_the_same_file_or_none() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnSqlite);
        let store = open(&db);
        let file = db.file().unwrap();
        fs::remove_file(&file).unwrap();
        // Neither the writer nor the scan lane has connected yet.
        let refused = store.scan(|db| db.count_users()).await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
        assert_refuses_writes(&store).await;
        assert!(!file.exists());
    });
}

#[test]
fn no_write_is_confirmed_in_a_log_that_was_deleted() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnSqlite);
        let store = in_use(&db, true).await;
        fs::remove_file(db.file().unwrap().with_file_name("roster.db-wal")).unwrap();
        assert_refuses_writes(&store).await;
        // The log is open still, and the end copies it.
        tokio::task::spawn_blocking(move || store.close()).await.unwrap();
        assert!(read(&open(&db), |db| db.find_user(&id("u-eve"))).await.is_some());
    });
}
