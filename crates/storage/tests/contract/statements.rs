//! How many statements a call costs, and which of them come from the prepared-statement cache.

use std::sync::{Arc, Mutex};

use rosterd_domain::ids::SessionId;
use rosterd_domain::list::{ListQuery, Order, SearchText};
use rosterd_storage::{
    ConfigLayout, Db, Document, ListedSizes, StatementEvent, Store, StoreOptions, StoreResult, TokenId,
};
use rosterd_testkit::{DbKind, TestDb, run, with_databases};

use crate::support::{id, insert_users, options};

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    run: usize,
    prepared: usize,
}

/// A store of a single connection for each purpose, and what it counts.
fn counting(db: &TestDb) -> (Store, Arc<Mutex<Count>>) {
    let count = Arc::new(Mutex::new(Count::default()));
    let counter = Arc::clone(&count);
    let instrument = Arc::new(move |event: StatementEvent<'_>| {
        let mut count = counter.lock().unwrap();
        match event {
            StatementEvent::Run(_) => count.run += 1,
            StatementEvent::Prepare(_) => count.prepared += 1,
        }
    });
    let options = StoreOptions { threads: 1, instrument: Some(instrument), ..options(db) };
    (Store::open(&options).unwrap(), count)
}

/// What the call costs when it is made for the second time.
async fn second_time(
    store: &Store,
    count: &Mutex<Count>,
    call: impl Fn(&mut dyn Db) -> StoreResult<()> + Send + Sync + Clone + 'static,
) -> Count {
    for _ in 0..2 {
        *count.lock().unwrap() = Count::default();
        let call = call.clone();
        store.read(move |db| call(db)).await.unwrap();
    }
    *count.lock().unwrap()
}

/// What a cached statement costs with what takes and gives back the read lock: on SQLite without WAL a read takes it first, so
/// that it waits for nobody on the thread that answers the request.
fn cached(db: &TestDb, store: &Store) -> Count {
    Count { run: 1 + locking(db, store), prepared: 0 }
}

/// `BEGIN`, `PRAGMA data_version` and `COMMIT`.
fn locking(db: &TestDb, store: &Store) -> usize {
    if db.is_postgres() || store.layout().wal { 0 } else { 3 }
}

/// The caller by a token that names a session.
fn by_session(db: &mut dyn Db) -> StoreResult<()> {
    let session = SessionId::from_stored("s-1".to_owned());
    db.find_caller_with_settings(&id("u-eve"), TokenId::Session(&session), "ui.x").map(drop)
}

/// The same with what its rights are computed from.
fn with_rights(db: &mut dyn Db) -> StoreResult<()> {
    let session = SessionId::from_stored("s-1".to_owned());
    db.find_caller_with_rights(&id("u-eve"), TokenId::Session(&session), "user.permissions").map(drop)
}

with_databases!(attached, a4_a_session_costs_no_statement_in_an_adopted_database_either, async |db| {
    Store::open(&options(&db)).unwrap().adopt_apply().await.unwrap();
    let (store, count) = counting(&db);
    insert_users(&store, &["eve"]).await;
    assert!(store.layout().sessions);
    assert_eq!(second_time(&store, &count, by_session).await, cached(&db, &store));
    if store.layout().config == ConfigLayout::KeyValue {
        assert_eq!(second_time(&store, &count, with_rights).await, cached(&db, &store));
    }
});

with_databases!(all, hot_reads_are_one_cached_statement, async |db| {
    let (store, count) = counting(&db);
    insert_users(&store, &["eve"]).await;
    let cached = cached(&db, &store);
    let caller = |db: &mut dyn Db| db.find_caller(&id("u-eve"), TokenId::Other(Some("j-1"))).map(drop);
    assert_eq!(second_time(&store, &count, caller).await, cached);
    for document in [Document::Settings, Document::Info] {
        let caller = move |db: &mut dyn Db| {
            db.find_caller_with(&id("u-eve"), TokenId::Other(Some("j-1")), document).map(drop)
        };
        assert_eq!(second_time(&store, &count, caller).await, cached);
    }
    assert_eq!(second_time(&store, &count, by_session).await, cached);
    if store.layout().config == ConfigLayout::KeyValue {
        assert_eq!(second_time(&store, &count, with_rights).await, cached);
    }
    let own = |db: &mut dyn Db| db.find_caller_with_settings(&id("u-eve"), TokenId::NONE, "ui.x").map(drop);
    assert_eq!(second_time(&store, &count, own).await, cached);
    let user = |db: &mut dyn Db| db.find_user(&id("u-eve")).map(drop);
    assert_eq!(second_time(&store, &count, user).await, cached);
    let account = |db: &mut dyn Db| db.find_account(&id("u-eve")).map(drop);
    assert_eq!(second_time(&store, &count, account).await, cached);
    let image = |db: &mut dyn Db| db.find_profile_image(&id("u-eve")).map(drop);
    assert_eq!(second_time(&store, &count, image).await, cached);
    let config = |db: &mut dyn Db| db.find_config("user.permissions").map(drop);
    assert_eq!(second_time(&store, &count, config).await, cached);
    let configs = |db: &mut dyn Db| db.find_configs(&["ui.a", "ui.b", "ui.c"]).map(drop);
    assert_eq!(second_time(&store, &count, configs).await, cached);
    let groups = |db: &mut dyn Db| db.list_group_names_of(&id("u-eve")).map(drop);
    assert_eq!(second_time(&store, &count, groups).await, cached);
    let sources = |db: &mut dyn Db| db.find_permission_sources(&id("u-eve"), "user.permissions").map(drop);
    let cost = second_time(&store, &count, sources).await;
    assert!(cost.run <= 2 + locking(&db, &store) && cost.prepared <= 1, "{cost:?}");
    if store.layout().is_standalone() {
        assert_eq!(cost, cached);
    }
    let key = |db: &mut dyn Db| {
        let key = rosterd_domain::secret::ApiKey::from_stored("sk-1".to_owned());
        db.find_caller_by_api_key(&key, 0).map(drop)
    };
    assert_eq!(second_time(&store, &count, key).await, cached);
    if store.layout().named_keys {
        let key = |db: &mut dyn Db| {
            let key = rosterd_domain::api_key::format::generate(|| [9; 4]);
            db.find_caller_by_api_key(&key, 0).map(drop)
        };
        assert_eq!(second_time(&store, &count, key).await, cached);
    }
});

#[test]
fn the_state_of_an_account_is_found_in_one_index() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnSqlite);
        let told = Arc::new(Mutex::new(String::new()));
        let teller = Arc::clone(&told);
        let instrument = Arc::new(move |event: StatementEvent<'_>| {
            if let StatementEvent::Run(sql) = event {
                *teller.lock().unwrap() = sql.split(" -- binds").next().unwrap_or_default().to_owned();
            }
        });
        let store = Store::open(&StoreOptions { instrument: Some(instrument), ..options(&db) }).unwrap();
        for read in [by_session, with_rights] {
            store.read(read).await.unwrap();
            let plan = db.db_query_text(&format!("EXPLAIN QUERY PLAN {}", told.lock().unwrap()));
            let plan = format!("{plan:?}");
            assert!(plan.contains("auth USING COVERING INDEX rosterd_ix_auth_state"), "{plan}");
        }
    });
}

with_databases!(all, a_merge_into_the_callers_own_row_is_two_cached_statements, async |db| {
    let (store, count) = counting(&db);
    insert_users(&store, &["eve"]).await;
    let merge = |db: &mut dyn Db| {
        db.lock_caller_with(&id("u-eve"), TokenId::Other(Some("j-1")), Document::Settings)?;
        let text = rosterd_domain::json::JsonText::from_stored("{}".to_owned());
        db.set_document(&id("u-eve"), Document::Settings, &text, 1).map(drop)
    };
    for _ in 0..2 {
        *count.lock().unwrap() = Count::default();
        let done: StoreResult<()> = store.write(move |db| merge(db)).await;
        done.unwrap();
    }
    let count = *count.lock().unwrap();
    // Beside the two: what begins and ends the transaction.
    assert!(count.run <= 6 && count.prepared == 0, "{count:?}");
});

with_databases!(all, l3_a_list_is_a_fixed_number_of_cached_statements, async |db| {
    let (store, count) = counting(&db);
    let names: Vec<String> = (0..120).map(|number| format!("user {number}")).collect();
    insert_users(&store, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for search in [None, Some("user"), Some("us")] {
        let mut costs = Vec::new();
        for limit in [1, 100] {
            let list = move |db: &mut dyn Db| {
                let search = search.and_then(SearchText::new);
                let query = ListQuery::page_of(search.clone(), Order::parse(Some("name"), None), 1, limit);
                let sizes = ListedSizes { image: Some(1_000), document: Some(1_000) };
                let users = db.list_users(&query, sizes)?;
                let ids: Vec<_> = users.iter().map(|user| &user.id).collect();
                db.list_group_ids_of(&ids)?;
                db.count_matching(search.as_ref()).map(drop)
            };
            costs.push(second_time(&store, &count, list).await);
        }
        assert_eq!(costs[0], costs[1], "{search:?}: whatever the page holds");
        // The page, who of it is suspended, its groups, the total. For a common text one more, how many users there are.
        let most = 5 + locking(&db, &store);
        assert!(costs[0].run <= most && costs[0].prepared == 0, "{search:?}: {costs:?}");
    }
});

/// What a list and its total cost on the scan lane: after a change, for the second time, and for the third.
async fn three_times(
    store: &Store,
    count: &Mutex<Count>,
    list: impl Fn(&mut dyn Db) -> StoreResult<()> + Send + Sync + Clone + 'static,
) -> [Count; 3] {
    let mut costs = [Count::default(); 3];
    for cost in &mut costs {
        *count.lock().unwrap() = Count::default();
        let list = list.clone();
        store.scan(move |db| list(db)).await.unwrap();
        *cost = *count.lock().unwrap();
    }
    costs
}

with_databases!(attached, l3_an_attached_list_reads_the_table_once_or_not_at_all, async |db| {
    let (store, count) = counting(&db);
    let names: Vec<String> = (0..120).map(|number| format!("user {number}")).collect();
    insert_users(&store, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for search in [None, Some("user"), Some("us"), Some("nobody at all")] {
        for order in ["name", "created_at"] {
            let mut costs = Vec::new();
            for limit in [1, 100, 100] {
                db.db_execute("UPDATE \"group\" SET updated_at = updated_at + 1");
                let list = move |db: &mut dyn Db| {
                    let search = search.and_then(SearchText::new);
                    let order = Order::parse(Some(order), None);
                    let query = ListQuery::page_of(search.clone(), order, 1, limit);
                    db.list_users(&query, ListedSizes::default())?;
                    db.count_matching(search.as_ref()).map(drop)
                };
                costs.push(three_times(&store, &count, list).await.map(|cost| cost.run));
            }
            assert_eq!(costs[0], costs[1], "{search:?}: whatever the page holds");
            assert_eq!(costs[1], costs[2]);
            // On SQLite: what begins and ends the transaction, the number of the last change, the pass or what is kept, the page.
            // On PostgreSQL: page and total, or the pass and the page.
            let wanted = if db.is_postgres() { [2, 2, 2] } else { [5, 5, 4] };
            assert_eq!(costs[0], wanted, "{search:?}");
        }
    }
});
