//! Leases: one holder at a time, by the database's clock.

use rosterd_domain::clock::{Clock as _, SystemClock};
use rosterd_storage::Store;
use rosterd_testkit::{TestDb, with_databases};

use crate::support::{open, write};

async fn take(store: &Store, name: &'static str, holder: &'static str, seconds: i64) -> bool {
    write(store, move |db| db.take_lease(name, holder, seconds)).await
}

async fn renew(store: &Store, holder: &'static str, seconds: i64) -> bool {
    write(store, move |db| db.renew_lease("purge", holder, seconds)).await
}

async fn give_back(store: &Store, holder: &'static str) -> bool {
    write(store, move |db| db.give_back_lease("purge", holder)).await
}

/// Two stores on one database, as two processes have them; an attached one is adopted first.
async fn two(db: &TestDb) -> (Store, Store) {
    open(db).adopt_apply().await.unwrap();
    let stores = (open(db), open(db));
    assert!(stores.0.layout().leases && stores.1.layout().leases);
    stores
}

with_databases!(all, a_lease_has_one_holder, async |db| {
    let (one, other) = two(&db).await;
    assert!(take(&one, "purge", "a", 60).await);
    assert!(!take(&other, "purge", "b", 60).await);
    assert!(take(&one, "purge", "a", 60).await, "whoever has it may take it again");
    assert!(take(&other, "seal", "b", 60).await, "another lease is another matter");
    assert!(renew(&one, "a", 60).await);
    assert!(!renew(&other, "b", 60).await);
});

with_databases!(all, a_lease_that_has_ended_goes_to_whoever_asks_first, async |db| {
    let (one, other) = two(&db).await;
    assert!(take(&one, "purge", "a", 0).await, "over as soon as it is taken");
    assert!(renew(&one, "a", 0).await, "nobody took it");
    assert!(take(&other, "purge", "b", 60).await);
    assert!(!renew(&one, "a", 60).await, "lost");
    assert!(!take(&one, "purge", "a", 60).await);
    assert!(!give_back(&one, "a").await, "nobody gives back what another has");
    assert!(!take(&one, "purge", "a", 60).await);
});

with_databases!(all, a_lease_that_is_given_back_is_free_at_once, async |db| {
    let (one, other) = two(&db).await;
    assert!(take(&one, "purge", "a", 60).await);
    assert!(give_back(&one, "a").await);
    assert!(!renew(&one, "a", 60).await, "given back is given back");
    assert!(take(&other, "purge", "b", 60).await);
});

with_databases!(all, of_many_that_ask_at_once_one_gets_the_lease, async |db| {
    let (one, other) = two(&db).await;
    let holders = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut asked = Vec::new();
    for (number, holder) in holders.into_iter().enumerate() {
        let store = if number % 2 == 0 { one.clone() } else { other.clone() };
        asked.push(tokio::spawn(async move { take(&store, "purge", holder, 60).await }));
    }
    let mut taken = 0;
    for answer in asked {
        taken += usize::from(answer.await.unwrap());
    }
    assert_eq!(taken, 1);
});

with_databases!(all, a_lease_lasts_as_long_as_it_was_taken_for, async |db| {
    let (one, _other) = two(&db).await;
    let before = SystemClock.now();
    assert!(take(&one, "purge", "a", 600).await);
    let until = db.db_value("SELECT until FROM rosterd_lease WHERE name = 'purge'").unwrap();
    let lasts = until.parse::<i64>().unwrap() - before;
    assert!((600..660).contains(&lasts), "{lasts}");
});

with_databases!(attached, a_database_that_was_not_adopted_has_no_leases, async |db| {
    assert!(!open(&db).layout().leases);
});
