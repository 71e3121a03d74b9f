//! One account does not keep the others from writing: [`Store::write_then`].

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use rosterd_domain::json::JsonText;
use rosterd_domain::name::UserName;
use rosterd_domain::user::UserChanges;
use rosterd_storage::{
    Db, Document, Origin, StatementEvent, Store, StoreError, StoreOptions, StoreResult, TokenId,
};
use rosterd_testkit::{DbKind, TestDb, run, with_databases};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::{NOW, id, insert_users, options};

/// A store whose calls wait as long as the test does.
fn patient(db: &TestDb, threads: usize) -> StoreOptions {
    StoreOptions { threads, wait: Duration::from_mins(1), ..options(db) }
}

/// A write that has begun and goes on until the sender is used or dropped.
async fn hold(store: &Store, origin: Origin) -> (JoinHandle<StoreResult<()>>, mpsc::Sender<()>) {
    let (begun, has_begun) = oneshot::channel();
    let (release, released) = mpsc::channel::<()>();
    let holder = queue(store, origin, move |_db| {
        let _ = begun.send(());
        let _ = released.recv();
        Ok(())
    })
    .await;
    has_begun.await.unwrap();
    (holder, release)
}

/// Sends a write and gives it back when it has got as far as it gets without waiting.
async fn queue(
    store: &Store,
    origin: Origin,
    work: impl FnOnce(&mut dyn Db) -> StoreResult<()> + Send + 'static,
) -> JoinHandle<StoreResult<()>> {
    let store = store.clone();
    let task = tokio::spawn(async move { store.write_then(origin, work, |()| ()).await });
    tokio::task::yield_now().await;
    task
}

/// A write of next to nothing.
fn a_little(db: &mut dyn Db) -> StoreResult<()> {
    db.touch_users(&[(id("u-eve"), NOW)])
}

fn large() -> JsonText {
    JsonText::from_stored(format!(r#"{{"picture":"{}"}}"#, "x".repeat(300 << 10)))
}

with_databases!(all, past_a_bound_an_account_is_refused_and_the_others_are_not, async |db| {
    let store = Store::open(&patient(&db, 2)).unwrap();
    insert_users(&store, &["eve"]).await;
    let (bob, eve) = (Origin::of("bob"), Origin::of("eve"));
    let (holder, release) = hold(&store, bob).await;
    let mut waiting = vec![holder];
    for _ in 1..128 {
        waiting.push(queue(&store, bob, a_little).await);
    }
    let refused = store.write_then(bob, a_little, |()| ()).await;
    assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
    let others = queue(&store, eve, a_little).await;
    drop(release);
    others.await.unwrap().unwrap();
    for write in waiting {
        write.await.unwrap().unwrap();
    }
    store.write_then(bob, a_little, |()| ()).await.unwrap();
});

/// A store on SQLite and how many transactions it has begun.
fn counted(db: &TestDb) -> (Store, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let instrument = Arc::new(move |event: StatementEvent<'_>| {
        if matches!(event, StatementEvent::Run("BEGIN IMMEDIATE")) {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    (Store::open(&StoreOptions { instrument: Some(instrument), ..patient(db, 2) }).unwrap(), count)
}

/// Writes, and on whose behalf.
type Writes = Vec<(Origin, fn(&mut dyn Db) -> StoreResult<()>)>;

/// How many transactions these writes make that all wait at the same time.
async fn transactions(store: &Store, count: &AtomicUsize, writes: Writes) -> usize {
    let (holder, release) = hold(store, Origin::default()).await;
    let mut waiting = vec![holder];
    for (origin, work) in writes {
        waiting.push(queue(store, origin, work).await);
    }
    let before = count.load(Ordering::SeqCst);
    drop(release);
    for write in waiting {
        write.await.unwrap().unwrap();
    }
    count.load(Ordering::SeqCst) - before
}

#[test]
fn writes_that_bring_much_are_committed_by_themselves() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnSqlite);
        let (store, count) = counted(&db);
        insert_users(&store, &["eve"]).await;
        let much = Origin::of("bob").carrying(1 << 20);
        let (eve, mia) = (Origin::of("eve"), Origin::of("mia"));
        let all: Writes =
            vec![(eve, a_little), (much, a_little), (mia, a_little), (much, a_little), (eve, a_little)];
        assert_eq!(transactions(&store, &count, all).await, 3, "two for what is large, one for all others");
    });
}

#[test]
fn writes_to_a_large_row_are_found_out_and_committed_by_themselves() {
    run::block_on(async {
        fn merge(db: &mut dyn Db) -> StoreResult<()> {
            let (me, _info) = db.lock_caller_with(&id("u-bob"), TokenId::NONE, Document::Info)?.unwrap();
            let info = JsonText::from_stored("{}".to_owned());
            db.set_document(&me.id, Document::Info, &info, NOW).map(drop)
        }
        fn rename(db: &mut dyn Db) -> StoreResult<()> {
            let bob = db.lock_account(&id("u-bob"))?.unwrap();
            let changes =
                UserChanges { name: Some(UserName::from_stored("Bob".to_owned())), ..UserChanges::default() };
            db.update_user(&bob.id, &changes, NOW).map(drop)
        }
        let (bob, eve) = (Origin::of("bob"), Origin::of("eve"));
        for write in [merge, rename] {
            let db = TestDb::fresh(DbKind::OwnSqlite);
            let (store, count) = counted(&db);
            insert_users(&store, &["eve", "bob"]).await;
            // By somebody else, so that nothing is known of bob yet.
            let fill =
                |db: &mut dyn Db| db.set_document(&id("u-bob"), Document::Settings, &large(), NOW).map(drop);
            store.write(fill).await.unwrap();
            let unknown: Writes = vec![(bob, write), (bob, write), (eve, a_little), (eve, a_little)];
            assert_eq!(transactions(&store, &count, unknown).await, 3);
            let known: Writes = vec![(eve, a_little), (bob, write), (eve, a_little), (bob, write)];
            assert_eq!(transactions(&store, &count, known).await, 3);
            // A row that is small again is written with the others.
            let empty = |db: &mut dyn Db| {
                let nothing = JsonText::from_stored("{}".to_owned());
                db.set_document(&id("u-bob"), Document::Settings, &nothing, NOW).map(drop)
            };
            store.write_then(bob, empty, |()| ()).await.unwrap();
            let small: Writes = vec![(eve, a_little), (bob, write), (eve, a_little), (bob, write)];
            assert_eq!(transactions(&store, &count, small).await, 1);
        }
    });
}

#[test]
fn on_postgres_one_account_leaves_threads_to_the_others() {
    let kind = DbKind::OwnPostgres;
    if !kind.is_available() {
        return run::report_skip("on_postgres_one_account_leaves_threads_to_the_others");
    }
    run::block_on(async {
        let db = TestDb::fresh(kind);
        let store = Store::open(&patient(&db, 2)).unwrap();
        insert_users(&store, &["eve"]).await;
        let bob = Origin::of("bob");
        let (holder, release) = hold(&store, bob).await;
        let more: Vec<_> = vec![queue(&store, bob, a_little).await, queue(&store, bob, a_little).await];
        // One of two threads is left.
        for _ in 0..3 {
            store.write_then(Origin::of("eve"), a_little, |()| ()).await.unwrap();
            assert_eq!(store.read(|db| db.count_users()).await.unwrap(), 1);
        }
        assert!(more.iter().all(|write| !write.is_finished()), "they wait for the account's first");
        drop(release);
        holder.await.unwrap().unwrap();
        for write in more {
            write.await.unwrap().unwrap();
        }
    });
}

#[test]
fn on_postgres_large_writes_take_a_quarter_of_the_threads() {
    let kind = DbKind::OwnPostgres;
    if !kind.is_available() {
        return run::report_skip("on_postgres_large_writes_take_a_quarter_of_the_threads");
    }
    run::block_on(async {
        let db = TestDb::fresh(kind);
        let store = Store::open(&patient(&db, 4)).unwrap();
        insert_users(&store, &["eve"]).await;
        let (holder, release) = hold(&store, Origin::of("bob").carrying(1 << 20)).await;
        let mut waiting = Vec::new();
        for account in ["ada", "ben", "mia"] {
            waiting.push(queue(&store, Origin::of(account).carrying(1 << 20), a_little).await);
        }
        for _ in 0..3 {
            store.write_then(Origin::of("eve"), a_little, |()| ()).await.unwrap();
        }
        assert!(waiting.iter().all(|write| !write.is_finished()), "they wait for the first");
        drop(release);
        holder.await.unwrap().unwrap();
        for write in waiting {
            write.await.unwrap().unwrap();
        }
    });
}
