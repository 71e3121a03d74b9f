//! Everybody, in chunks.

use rosterd_storage::{StoreError, StoreResult};
use rosterd_testkit::with_databases;

use crate::support::{insert_users, open, options};

async fn everybody(store: &rosterd_storage::Store) -> Vec<String> {
    let mut chunks = store.stream_user_infos(|_db| StoreResult::Ok(())).await.unwrap();
    let mut ids = Vec::new();
    while let Some(chunk) = chunks.recv().await {
        ids.extend(chunk.unwrap().into_iter().map(|user| user.id.into_string()));
    }
    ids
}

with_databases!(all, everybody_comes_newest_first_ties_by_descending_id, async |db| {
    let store = open(&db);
    insert_users(&store, &["a", "b"]).await;
    // More than a few windows of a walk, in another order than that of the list, several in the same second.
    let rows: Vec<String> = (0..12_000)
        .map(|n| {
            let at = n * 7_919 % 12_000 / 5;
            format!("('bulk-{n:05}', 'n', 'b{n}@x.y', 'user', '', {at}, 1, 1)")
        })
        .collect();
    db.db_execute(&format!(
        "INSERT INTO \"user\" (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at) \
         VALUES {}",
        rows.join(", ")
    ));
    let ids = everybody(&store).await;
    let order = if db.is_postgres() { "id COLLATE \"C\"" } else { "id" };
    let expected =
        db.db_query_text(&format!("SELECT id FROM \"user\" ORDER BY created_at DESC, {order} DESC"));
    let expected: Vec<String> = expected.into_iter().flatten().flatten().collect();
    assert_eq!(ids, expected);
});

with_databases!(all, a_refused_caller_gets_its_error_and_no_chunk, async |db| {
    let store = open(&db);
    let refused =
        store.stream_user_infos(|_db| Err(StoreError::Unavailable { reason: "no".to_owned() })).await;
    assert!(matches!(refused, Err(StoreError::Unavailable { .. })));
    let panicked = store.stream_user_infos::<StoreError, _>(|_db| panic!("on purpose")).await;
    assert!(matches!(panicked, Err(StoreError::Worker)));
});

with_databases!(own, a_walk_that_nobody_reads_ends_and_makes_room, async |db| {
    let store = rosterd_storage::Store::open(&options(&db)).unwrap();
    insert_users(&store, &["a", "b"]).await;
    for _ in 0..40 {
        // Far more than there are threads: each dropped receiver has to end its walk.
        drop(store.stream_user_infos(|_db| StoreResult::Ok(())).await.unwrap());
    }
    assert_eq!(everybody(&store).await.len(), 2);
});
