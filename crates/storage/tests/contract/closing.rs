//! What `Store::close` leaves: nothing under way, no connection, and of an SQLite database one file.

use std::time::{Duration, Instant};

use rosterd_storage::{Store, StoreError, StoreOptions, raw};
use rosterd_testkit::{DbKind, TestDb, run, with_databases};

use crate::support::{insert_users, new_user, open, options, read};

/// The file alone.
const ONE_FILE: [&str; 1] = ["roster.db"];

/// As support's `open`, for a database in WAL mode whoever made it.
fn open_in_wal_mode(db: &TestDb) -> Store {
    db.db_execute("PRAGMA journal_mode = WAL");
    open(db)
}

/// How many users a copy of the file holds, taken without what lies beside it.
fn users_in_a_copy(db: &TestDb) -> String {
    let copy = TestDb::empty_sqlite();
    std::fs::copy(db.file().unwrap(), copy.file().unwrap()).unwrap();
    copy.db_value(r#"SELECT count(*) AS n FROM "user" WHERE id LIKE 'u-%'"#).unwrap()
}

/// Closes beside the runtime, as its doc says.
async fn close(store: &Store) {
    let store = store.clone();
    tokio::task::spawn_blocking(move || store.close()).await.unwrap();
}

with_databases!(all, a_closed_store_takes_no_more_work, async |db| {
    let store = open(&db);
    let clone = store.clone();
    insert_users(&store, &["eve"]).await;
    close(&store).await;
    close(&clone).await;
    let unavailable = |error: StoreError| assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    unavailable(clone.read(|db| db.count_users()).await.unwrap_err());
    unavailable(clone.snapshot(|db| db.count_users()).await.unwrap_err());
    unavailable(clone.scan(|db| db.count_users()).await.unwrap_err());
    unavailable(clone.write(|db| db.insert_user(&new_user("late", 1))).await.unwrap_err());
    unavailable(clone.stream_user_infos(|_db| Ok::<_, StoreError>(())).await.unwrap_err());
    assert!(read(&open(&db), |db| db.count_users()).await >= 1, "another store opens it");
});

with_databases!(sqlite, an_sqlite_database_in_wal_mode_is_one_file_after_a_close, async |db| {
    let store = open_in_wal_mode(&db);
    insert_users(&store, &["a", "b", "c"]).await;
    store.scan(|db| db.count_users()).await.unwrap();
    assert!(db.files().contains(&"roster.db-wal".to_owned()), "{:?}", db.files());
    close(&store).await;
    assert_eq!(db.files(), ONE_FILE);
    assert_eq!(users_in_a_copy(&db), "3");
});

#[test]
fn the_same_without_group_commit() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnSqlite);
        let store = Store::open(&StoreOptions { group_commit: false, ..options(&db) }).unwrap();
        insert_users(&store, &["a", "b", "c"]).await;
        close(&store).await;
        assert_eq!(db.files(), ONE_FILE);
        assert_eq!(users_in_a_copy(&db), "3");
    });
}

with_databases!(own, what_waits_when_a_store_is_closed_is_carried_out, async |db| {
    let store = open(&db);
    let mut tasks = Vec::new();
    for number in 0..200_i64 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            store.write(move |db| db.insert_user(&new_user(&format!("w{number}"), number))).await
        }));
        // The task runs up to its place in the queue.
        tokio::task::yield_now().await;
    }
    close(&store).await;
    let mut answered = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => answered += 1,
            Err(error) => assert!(matches!(error, StoreError::Unavailable { .. }), "{error}"),
        }
    }
    assert_eq!(answered, 200, "they were in the queue before it was shut");
    assert_eq!(read(&open(&db), |db| db.count_users()).await, 200);
});

#[test]
fn stores_that_are_closed_at_the_same_moment_leave_one_file() {
    for _ in 0..10 {
        let db = TestDb::fresh(DbKind::OwnSqlite);
        let stores: Vec<Store> = (0..4).map(|_| open(&db)).collect();
        for (name, store) in ["a", "b", "c", "d"].iter().zip(&stores) {
            run::block_on(insert_users(store, &[name]));
        }
        std::thread::scope(|scope| {
            for store in &stores {
                scope.spawn(|| store.close());
            }
        });
        assert_eq!(db.files(), ONE_FILE);
        assert_eq!(users_in_a_copy(&db), "4");
    }
}

with_databases!(sqlite, another_process_keeps_its_log_and_does_not_hold_up_the_close, async |db| {
    let store = open_in_wal_mode(&db);
    insert_users(&store, &["a"]).await;
    let mut other = raw::Connection::open(&db.database_url()).unwrap();
    other.execute(r#"BEGIN IMMEDIATE; UPDATE "user" SET name = 'x' WHERE id = 'u-a'"#).unwrap();
    let began = Instant::now();
    close(&store).await;
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert!(db.files().contains(&"roster.db-wal".to_owned()), "{:?}", db.files());
    other.execute("COMMIT").unwrap();
    assert_eq!(db.db_value(r#"SELECT name FROM "user" WHERE id = 'u-a'"#).as_deref(), Some("x"));
    drop(other);
    assert_eq!(db.files(), ONE_FILE, "whoever ends last tidies up");
});

with_databases!(own, work_that_does_not_end_is_not_waited_for_long, async |db| {
    let store = open(&db);
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let holder = {
        let store = store.clone();
        tokio::spawn(async move {
            store
                .scan(move |_db| {
                    let _ = begun.send(());
                    let _ = released.recv();
                    Ok::<_, StoreError>(())
                })
                .await
        })
    };
    has_begun.await.unwrap();
    let began = Instant::now();
    close(&store).await;
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    drop(release);
    holder.await.unwrap().unwrap();
});
