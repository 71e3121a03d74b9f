//! The lock that one connection keeps for all readers of a busy SQLite database.

use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rosterd_domain::ids::UserId;
use rosterd_storage::Store;
use rosterd_testkit::{DbKind, TestDb, run};

use crate::support::{insert_users, open};

/// The bytes of the `-shm` file that stand for the locks of readers.
const READ_LOCKS: std::ops::RangeInclusive<u32> = 123..=127;

/// Nothing here takes so long.
const PATIENCE: Duration = Duration::from_mins(1);

/// The file beside the database that has this ending.
fn beside(db: &TestDb, ending: &str) -> PathBuf {
    let mut path = db.file().unwrap().as_os_str().to_owned();
    path.push(ending);
    path.into()
}

/// Whether a process holds a lock of readers, as the system sees it.
fn is_locked(db: &TestDb) -> bool {
    let file = format!(":{}", std::fs::metadata(beside(db, "-shm")).unwrap().ino());
    let locks = std::fs::read_to_string("/proc/locks").unwrap();
    // Such as "7: POSIX  ADVISORY  READ  4711 fd:01:8153 124 124".
    locks.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).any(|lock| {
        matches!(lock[..], [_, "POSIX", _, "READ", _, of, first, _]
            if of.ends_with(&file) && first.parse().is_ok_and(|first| READ_LOCKS.contains(&first)))
    })
}

/// Reads as a busy server does; the name that was read last.
async fn read_often(store: &Store, id: &UserId) -> String {
    let mut name = String::new();
    for _ in 0..2048 {
        let id = id.clone();
        name = store.read(move |db| db.find_user(&id)).await.unwrap().unwrap().name;
    }
    name
}

#[test]
fn a_lock_is_kept_for_all_readers_and_holds_up_nobody() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnSqlite);
        let store = open(&db);
        let id = insert_users(&store, &["reader"]).await.remove(0);
        for round in 0..5 {
            // No call is under way when it is looked for.
            let until = Instant::now() + PATIENCE;
            while !is_locked(&db) {
                assert!(Instant::now() < until, "no lock is kept, however much is read");
                read_often(&store, &id).await;
            }
            // Another connection writes, and empties the log, for which it waits until no reader needs it.
            let name = format!("written in round {round}");
            db.db_execute(&format!("UPDATE \"user\" SET name = '{name}' WHERE id = '{id}'"));
            db.db_execute("PRAGMA wal_checkpoint(TRUNCATE)");
            assert_eq!(std::fs::metadata(beside(&db, "-wal")).unwrap().len(), 0, "the log is not empty");
            assert_eq!(read_often(&store, &id).await, name);
        }
        let until = Instant::now() + PATIENCE;
        while is_locked(&db) {
            assert!(Instant::now() < until, "the lock is kept while nobody reads");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::task::spawn_blocking(move || store.close()).await.unwrap();
        assert_eq!(db.files(), ["roster.db"], "it closes its connection");
    });
}
