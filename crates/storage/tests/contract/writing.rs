//! Transactions: what is kept, what is rolled back, and what a lock held by somebody else does.

use std::sync::Arc;
use std::time::Duration;

use rosterd_storage::{Lock, Store, StoreError, StoreOptions, raw};
use rosterd_testkit::{DbKind, TestDb, run, with_databases};

use crate::support::{NOW, id, insert_users, new_user, open, options, read, write};

#[derive(Debug)]
enum Failure {
    Rule,
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

with_databases!(all, an_error_rolls_back_and_comes_back_as_it_is, async |db| {
    let store = open(&db);
    let result = store
        .write(|db| {
            db.insert_user(&new_user("eve", 0))?;
            Err::<(), _>(Failure::Rule)
        })
        .await;
    assert!(matches!(result, Err(Failure::Rule)));
    assert_eq!(read(&store, |db| db.find_user(&id("u-eve"))).await, None);
});

with_databases!(all, a_panic_rolls_back_and_the_store_lives_on, async |db| {
    let store = open(&db);
    let result: Result<(), StoreError> = store
        .write(|db| {
            db.insert_user(&new_user("eve", 0))?;
            panic!("on purpose")
        })
        .await;
    assert!(matches!(result, Err(StoreError::Worker)));
    let result: Result<(), StoreError> = store.read(|_db| panic!("on purpose")).await;
    assert!(matches!(result, Err(StoreError::Worker)));
    let result: Result<(), StoreError> = store.scan(|_db| panic!("on purpose")).await;
    assert!(matches!(result, Err(StoreError::Worker)));
    assert_eq!(read(&store, |db| db.find_user(&id("u-eve"))).await, None);
    insert_users(&store, &["eve"]).await;
    assert!(read(&store, |db| db.find_user(&id("u-eve"))).await.is_some());
});

/// Many writes at once, some of which fail in each of the ways a write can fail.
async fn mixed_writes(store: Store) {
    let mut tasks = Vec::new();
    for number in 0..200_i64 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            store
                .write(move |db| {
                    let user = new_user(&format!("w{number}"), number);
                    db.insert_user(&user)?;
                    match number % 5 {
                        1 => Err(Failure::Rule),
                        2 => panic!("on purpose"),
                        // A failing statement, which on PostgreSQL poisons its whole transaction.
                        3 => Ok(db.insert_user(&user)?),
                        _ => Ok(()),
                    }
                })
                .await
        }));
    }
    for (number, task) in (0..).zip(tasks) {
        let result = task.await.unwrap();
        let expected = match number % 5 {
            1 => matches!(result, Err(Failure::Rule)),
            2 => matches!(result, Err(Failure::Store(StoreError::Worker))),
            3 => matches!(result, Err(Failure::Store(StoreError::AlreadyExists { .. }))),
            _ => result.is_ok(),
        };
        assert!(expected, "{number}: {result:?}");
        let found = read(&store, move |db| db.find_user(&id(&format!("u-w{number}")))).await;
        assert_eq!(found.is_some(), matches!(number % 5, 0 | 4), "{number}");
    }
}

with_databases!(all, a_failing_write_takes_no_other_with_it, async |db| {
    mixed_writes(open(&db)).await;
});

with_databases!(own, the_same_without_group_commit, async |db| {
    mixed_writes(Store::open(&StoreOptions { group_commit: false, ..options(&db) }).unwrap()).await;
});

/// A short-tempered store on an SQLite file, and a connection that holds its write lock until it is let go.
async fn while_locked(db: &TestDb, body: impl AsyncFnOnce(&Store)) {
    let options = StoreOptions { busy_timeout: Duration::from_millis(20), ..options(db) };
    let store = Store::open(&options).unwrap();
    let other = Store::open(&options).unwrap();
    let (locked, is_locked) = tokio::sync::oneshot::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let holder = tokio::spawn(async move {
        other
            .write(move |_db| {
                let _ = locked.send(());
                let _ = released.recv();
                Ok::<_, StoreError>(())
            })
            .await
    });
    is_locked.await.unwrap();
    body(&store).await;
    drop(release);
    holder.await.unwrap().unwrap();
    assert!(store.write(|db| db.insert_user(&new_user("late", 1))).await.is_ok(), "the lock is free again");
}

#[test]
fn a_lock_held_by_somebody_else_is_unavailable_and_not_for_ever() {
    run::block_on(async {
        for kind in [DbKind::OwnSqlite, DbKind::WebUiSqlite] {
            let db = TestDb::fresh(kind);
            while_locked(&db, async |store| {
                let refused = store.write(|db| db.insert_user(&new_user("eve", 0))).await;
                assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{kind:?}: {refused:?}");
                // Readers do not mind a writer that has not committed yet.
                assert_eq!(read(store, |db| db.find_user(&id("u-eve"))).await, None);
            })
            .await;
        }
    });
}

#[test]
fn reads_cannot_write_on_sqlite() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnSqlite);
        let store = open(&db);
        assert!(store.read(|db| db.insert_user(&new_user("eve", 0))).await.is_err());
        assert!(store.scan(|db| db.insert_user(&new_user("eve", 0))).await.is_err());
        assert_eq!(read(&store, |db| db.count_users()).await, 0);
    });
}

#[test]
fn an_acknowledged_write_is_seen_by_every_connection() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnSqlite);
        let store = open(&db);
        for number in 0..50 {
            write(&store, move |db| db.insert_user(&new_user(&format!("n{number}"), number))).await;
            assert_eq!(read(&store, |db| db.count_users()).await, number + 1);
            assert_eq!(store.scan(|db| db.count_users()).await.unwrap(), number + 1);
        }
    });
}

with_databases!(all, of_many_claims_under_the_accounts_lock_one_wins, async |db| {
    let store = open(&db);
    let address = crate::support::email("wanted@example.net");
    let mut tasks = Vec::new();
    for number in 0..12 {
        let (store, address) = (store.clone(), address.clone());
        tasks.push(tokio::spawn(async move {
            store
                .write(move |db| {
                    db.lock(Lock::Accounts)?;
                    if db.find_user_id_by_email(&(&address).into())?.is_some() {
                        return Err(Failure::Rule);
                    }
                    let mut user = new_user(&format!("c{number}"), number);
                    user.email = address;
                    Ok(db.insert_user(&user)?)
                })
                .await
        }));
    }
    let mut won = 0;
    for task in tasks {
        won += usize::from(task.await.unwrap().is_ok());
    }
    assert_eq!(won, 1, "R2: of any number of simultaneous claims one wins");
});

with_databases!(all, s3_no_update_is_lost_between_read_and_write, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    // Two stores are two server processes.
    let other = open(&db);
    let mut tasks = Vec::new();
    for number in 0..20 {
        let store = if number % 2 == 0 { store.clone() } else { other.clone() };
        tasks.push(tokio::spawn(async move {
            store
                .write(move |db| {
                    let user = db.lock_account(&id("u-eve"))?.ok_or(Failure::Rule)?;
                    let changes = rosterd_domain::user::UserChanges {
                        bio: Some(Some(format!("{}{number};", user.bio.unwrap_or_default()))),
                        ..Default::default()
                    };
                    Ok::<_, Failure>(db.update_user(&user.id, &changes, NOW)?)
                })
                .await
        }));
    }
    for task in tasks {
        assert!(task.await.unwrap().unwrap());
    }
    let bio = read(&store, |db| db.find_user(&id("u-eve"))).await.unwrap().bio.unwrap();
    assert_eq!(bio.matches(';').count(), 20, "{bio}");
});

#[test]
fn a_full_queue_is_unavailable_at_once() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnSqlite);
        let store = Store::open(&StoreOptions { queue: 1, ..options(&db) }).unwrap();
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let holder = {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .write(move |_db| {
                        let _ = begun.send(());
                        let _ = released.recv();
                        Ok::<_, StoreError>(())
                    })
                    .await
            })
        };
        has_begun.await.unwrap();
        let waiting = Arc::new(store.clone());
        let queued = tokio::spawn({
            let store = Arc::clone(&waiting);
            async move { store.write(|db| db.insert_user(&new_user("eve", 0))).await }
        });
        tokio::task::yield_now().await;
        let refused = store.write(|db| db.insert_user(&new_user("bob", 0))).await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
        drop(release);
        holder.await.unwrap().unwrap();
        queued.await.unwrap().unwrap();
    });
}

#[test]
fn a_lost_connection_is_unavailable_once_and_then_replaced() {
    let kind = DbKind::OwnPostgres;
    if !kind.is_available() {
        return run::report_skip("a_lost_connection_is_unavailable_once_and_then_replaced");
    }
    run::block_on(async {
        let db = TestDb::fresh(kind);
        let store = Store::open(&StoreOptions { threads: 1, ..options(&db) }).unwrap();
        insert_users(&store, &["eve"]).await;
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";
        raw::execute(&db.database_url(), kill).unwrap();
        let refused = store.read(|db| db.count_users()).await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
        assert_eq!(read(&store, |db| db.count_users()).await, 1);
        assert!(store.write(|db| db.delete_user(&id("u-eve"))).await.unwrap());
    });
}

#[test]
fn a_database_out_of_reach_is_unavailable_until_it_is_back() {
    if !DbKind::OwnPostgres.is_available() {
        return run::report_skip("a_database_out_of_reach_is_unavailable_until_it_is_back");
    }
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnPostgres);
        insert_users(&open(&db), &["eve"]).await;
        let impatient = StoreOptions { wait: Duration::from_millis(200), ..options(&db) };
        let store = Store::open(&impatient).unwrap();
        db.db_alter("ALLOW_CONNECTIONS false");
        db.db_hang_up();
        for _ in 0..3 {
            let refused = store.read(|db| db.find_user(&id("u-eve"))).await;
            assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
            let refused = store.write(|db| db.delete_user(&id("u-eve"))).await;
            assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
        }
        db.db_alter("ALLOW_CONNECTIONS true");
        // The pool connects anew in its own rhythm.
        while store.read(|db| db.find_user(&id("u-eve"))).await.is_err() {}
    });
}

#[test]
fn a_lone_write_reaches_the_file_itself_soon() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnSqlite);
        let store = open(&db);
        insert_users(&store, &["copied from the log"]).await;
        let file = db.file().unwrap();
        let needle = b"u-copied from the log";
        let limit = std::time::Instant::now() + std::time::Duration::from_mins(1);
        while !std::fs::read(&file).unwrap().windows(needle.len()).any(|bytes| bytes == needle) {
            assert!(std::time::Instant::now() < limit, "it is only in the write-ahead log");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
}
