//! Attempts to sign in, counted for all processes on a database (rule M28).

use std::time::Duration;

use rosterd_domain::clock::{Clock as _, SystemClock};
use rosterd_domain::rules::attempts::{Attempts, ByCount, SignInLimit};
use rosterd_storage::{CountedAttempts, Db, Store, StoreResult};
use rosterd_testkit::{TestDb, with_databases};

use crate::support::{open, write};

const LIMIT: SignInLimit =
    SignInLimit { per_email: 15, per_account: 0, per_client_ip: 0, window: Duration::from_mins(3) };

/// Two stores on one database, as two processes have them; an attached one is adopted first.
async fn two(db: &TestDb) -> (Store, Store) {
    open(db).adopt_apply().await.unwrap();
    let stores = (open(db), open(db));
    assert!(stores.0.layout().attempts && stores.1.layout().attempts);
    stores
}

/// Counts one attempt at this place, if there were not too many.
fn take(db: &mut dyn Db, place: i64) -> StoreResult<bool> {
    let CountedAttempts { now, counted } = db.lock_attempts(&[place])?;
    let pair = counted.first().map(|(_, attempts)| *attempts);
    let Ok(after) = LIMIT.take(ByCount { pair, ..ByCount::NONE }, now) else { return Ok(false) };
    db.keep_attempts(&[(place, after.pair.unwrap())])?;
    Ok(true)
}

async fn counted(store: &Store, places: &'static [i64]) -> Vec<(i64, Attempts)> {
    write(store, move |db| db.lock_attempts(places)).await.counted
}

with_databases!(all, m28_what_one_process_counts_the_other_knows, async |db| {
    let (one, other) = two(&db).await;
    let before = SystemClock.now();
    for _ in 0..3 {
        assert!(write(&one, |db| take(db, 7)).await);
    }
    let known = counted(&other, &[7, 8]).await;
    let [(7, seven), (8, eight)] = known[..] else { panic!("{known:?}") };
    assert_eq!((seven.count, seven.before, eight.count), (3, 0, 0));
    assert!((before..before + 60).contains(&seven.began_at), "by the clock of the database");
});

with_databases!(all, m28_of_many_at_once_in_two_processes_15_are_let_through, async |db| {
    let (one, other) = two(&db).await;
    let mut asked = Vec::new();
    for number in 0..40 {
        let store = if number % 2 == 0 { one.clone() } else { other.clone() };
        asked.push(tokio::spawn(async move { write(&store, |db| take(db, 7)).await }));
    }
    let mut taken = 0;
    for answer in asked {
        taken += usize::from(answer.await.unwrap());
    }
    assert_eq!(taken, 15);
    assert_eq!(counted(&one, &[7]).await[0].1.count, 15);
});

with_databases!(all, m28_three_places_shared_by_many_at_once_do_not_deadlock, async |db| {
    let (one, other) = two(&db).await;
    let mut asked = Vec::new();
    for number in 0..40_i64 {
        let store = if number % 2 == 0 { one.clone() } else { other.clone() };
        // As attempts of two clients at two accounts share them.
        let places = [number % 2, 10 + number % 4, 20 + number / 2 % 2];
        asked.push(tokio::spawn(async move {
            write(&store, move |db| {
                let CountedAttempts { counted, .. } = db.lock_attempts(&places)?;
                let more =
                    counted.into_iter().map(|(place, was)| (place, Attempts { count: was.count + 1, ..was }));
                db.keep_attempts(&more.collect::<Vec<_>>())
            })
            .await;
        }));
    }
    for answer in asked {
        answer.await.unwrap();
    }
    let known = counted(&one, &[0, 1, 10, 11, 12, 13, 20, 21]).await;
    assert_eq!(
        known.iter().map(|(_, attempts)| attempts.count).collect::<Vec<_>>(),
        [20, 20, 10, 10, 10, 10, 20, 20]
    );
});

with_databases!(all, m28_what_is_rolled_back_was_not_counted, async |db| {
    let (one, other) = two(&db).await;
    let refused: Result<(), _> = one
        .write(|db: &mut dyn Db| {
            take(db, 7)?;
            Err(rosterd_storage::StoreError::Worker)
        })
        .await;
    assert!(refused.is_err());
    assert_eq!(counted(&other, &[7]).await[0].1.count, 0);
});

with_databases!(all, m28_places_are_forgotten_after_twice_the_window, async |db| {
    let (one, _other) = two(&db).await;
    for place in [7, 8, 9] {
        assert!(write(&one, move |db| take(db, place)).await);
    }
    db.db_execute("UPDATE rosterd_attempt SET began_at = began_at - 360 WHERE place = 7");
    db.db_execute("UPDATE rosterd_attempt SET began_at = began_at - 300 WHERE place = 8");
    assert_eq!(write(&one, |db| db.forget_attempts(180)).await, 1);
    let left = db.db_query_text("SELECT place FROM rosterd_attempt ORDER BY place");
    assert_eq!(left, [[Some("8".to_owned())], [Some("9".to_owned())]]);
});

with_databases!(attached, m28_a_database_that_was_not_adopted_has_no_table_for_it, async |db| {
    let store = open(&db);
    assert!(!store.layout().attempts);
    assert_eq!(write(&store, |db| db.forget_attempts(180)).await, 0);
});
