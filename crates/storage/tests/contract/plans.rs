//! How PostgreSQL finds rows: statements as the store writes them, and the plans that it makes of them.

use std::sync::{Arc, Mutex};

use rosterd_domain::audit::ChainState;
use rosterd_domain::ids::ConnectionId;
use rosterd_domain::list::{ListQuery, Order, SearchText};
use rosterd_storage::raw::Connection;
use rosterd_storage::{Db, SealedEvent, StatementEvent, Store, StoreError, StoreOptions, StoreResult};
use rosterd_testkit::{DbKind, TestDb, run};

use crate::support::{NOW, id, insert_users, lookup, options};

/// Shows the plan of a statement, a line a row: `EXPLAIN` itself cannot stand in a query.
const PLAN_OF: &str = "CREATE FUNCTION plan_of(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN \
     RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || statement; END $$";

/// Sealed events in the log. With so many, PostgreSQL would rather read the table than look up each id.
const SEALED: usize = 3_000;

/// Events that are to be sealed.
const UNSEALED: usize = 100;

/// A new database of ours on PostgreSQL.
fn on_postgres(test: &str, body: impl AsyncFnOnce(TestDb)) {
    run::on_database(DbKind::OwnPostgres, &format!("{}::{test}", module_path!()), body);
}

/// A store, and the statements that it runs.
fn watched(db: &TestDb) -> (Store, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let watcher = Arc::clone(&seen);
    let instrument = Arc::new(move |event: StatementEvent<'_>| {
        if let StatementEvent::Run(sql) = event {
            // Diesel shows what it binds behind the statement.
            let sql = sql.split(" -- binds").next().unwrap_or_default();
            watcher.lock().unwrap().push(sql.to_owned());
        }
    });
    let options = StoreOptions { instrument: Some(instrument), ..options(db) };
    (Store::open(&options).unwrap(), seen)
}

/// The plan of a statement with these types (none: PostgreSQL finds them) and values.
fn plan(db: &TestDb, mode: &str, sql: &str, types: &str, values: &str) -> Vec<String> {
    let mut conn = Connection::open(&db.database_url()).unwrap();
    conn.execute(&format!("SET plan_cache_mode = {mode}; PREPARE seen {types} AS {sql}")).unwrap();
    let executed =
        if values.is_empty() { "EXECUTE seen".to_owned() } else { format!("EXECUTE seen ({values})") };
    let lines = conn.query_text(&format!("SELECT plan_of($p${executed}$p$) AS line")).unwrap();
    lines.into_iter().flatten().flatten().collect()
}

/// The plan that is made once and kept, whatever is bound.
fn kept_plan(db: &TestDb, sql: &str) -> Vec<String> {
    let bound = (1..100).take_while(|number| sql.contains(&format!("${number}"))).count();
    plan(db, "force_generic_plan", sql, "", &vec!["NULL"; bound].join(", "))
}

/// A connection keeps the plan that it made while the tables were empty, however many rows they get.
#[test]
fn what_is_looked_up_by_one_text_is_planned_by_an_index_in_a_new_database() {
    on_postgres("what_is_looked_up_by_one_text_is_planned_by_an_index_in_a_new_database", async |db| {
        type Read = fn(&mut dyn Db) -> StoreResult<()>;
        db.db_execute(PLAN_OF);
        let (store, seen) = watched(&db);
        insert_users(&store, &["eve"]).await;
        let reads: [(&str, Read); 9] = [
            ("an e-mail address", |db| db.find_user_id_by_email(&lookup("eve@example.net")).map(drop)),
            ("who signs in", |db| db.find_sign_in(&lookup("eve@example.net")).map(drop)),
            ("an imported account", |db| db.find_accounts_by_email(&[lookup("eve@example.net")]).map(drop)),
            ("who is there", |db| db.list_present_ids(&[id("u-eve")]).map(drop)),
            ("the groups of a user", |db| db.list_group_ids_of(&[&id("u-eve")]).map(drop)),
            ("a group by name", |db| db.find_groups_by_name(&["g"]).map(drop)),
            ("a suspension", |db| db.list_suspensions(&[id("u-eve")]).map(drop)),
            ("a setting", |db| db.find_configs(&["ui.a"]).map(drop)),
            ("who is seen by SCIM", |db| {
                let connection = ConnectionId::from_stored("c-1".to_owned());
                db.list_scim_users_among(&connection, &["u-eve"])?;
                db.list_scim_groups_of(&connection, &[id("u-eve")]).map(drop)
            }),
        ];
        for (what, read) in reads {
            seen.lock().unwrap().clear();
            store.read(read).await.unwrap();
            let statements = std::mem::take(&mut *seen.lock().unwrap());
            assert!(!statements.is_empty(), "{what}");
            for sql in statements {
                let plan = kept_plan(&db, &sql);
                assert!(plan.iter().any(|step| step.contains("Index")), "{what}: {sql}\n{plan:#?}");
                assert!(!plan.iter().any(|step| step.contains("Seq Scan")), "{what}: {sql}\n{plan:#?}");
            }
        }
    });
}

/// Several indexes begin with the connection. In a new database all are alike, and a plan that is made then and kept reads every account of
/// the connection for each one that comes.
#[test]
fn who_comes_by_scim_is_looked_up_by_a_plan_for_each_call() {
    on_postgres("who_comes_by_scim_is_looked_up_by_a_plan_for_each_call", async |db| {
        type Read = fn(&mut dyn Db, &ConnectionId) -> StoreResult<()>;
        db.db_execute(PLAN_OF);
        db.db_execute(
            "INSERT INTO rosterd_scim_user (connection_id, user_id, made, user_name, user_name_key, external_id, created_at, \
             updated_at, version) SELECT 'c-1', 'u-' || n, true, 'x-' || n, 'x-' || n, 'x-' || n, n, n, n FROM generate_series(1, 3000) n",
        );
        db.db_execute(
            "INSERT INTO rosterd_scim_group (connection_id, group_id, made, display_name, display_key, created_at, updated_at, \
             version) SELECT 'c-1', 'g-' || n, true, 'x-' || n, 'x-' || n, n, n, n FROM generate_series(1, 3000) n",
        );
        let seen = Arc::new(Mutex::new((Vec::new(), 0)));
        let watcher = Arc::clone(&seen);
        let instrument = Arc::new(move |event: StatementEvent<'_>| {
            let mut seen = watcher.lock().unwrap();
            match event {
                StatementEvent::Run(sql) => {
                    seen.0.push(sql.split(" -- binds").next().unwrap_or_default().to_owned());
                }
                // Of what is kept alone.
                StatementEvent::Prepare(_) => seen.1 += 1,
            }
        });
        let store =
            Store::open(&StoreOptions { threads: 1, instrument: Some(instrument), ..options(&db) }).unwrap();
        // By its own id, it is found in the index that comes first.
        let reads: [(&str, &str, Read); 3] = [
            ("a user", "user_id", |db, of| db.find_scim_user(of, &id("none")).map(drop)),
            ("a user by name", "user_name_key", |db, of| db.find_scim_user_by_name(of, "none").map(drop)),
            ("a group by name", "display_key", |db, of| db.find_scim_group_named(of, "none").map(drop)),
        ];
        // What a new connection begins with.
        store.read(|db| db.count_users()).await.unwrap();
        for (what, column, read) in reads {
            *seen.lock().unwrap() = (Vec::new(), 0);
            store.read(move |db| read(db, &ConnectionId::from_stored("c-1".to_owned()))).await.unwrap();
            let (statements, kept) = std::mem::take(&mut *seen.lock().unwrap());
            let [sql] = statements.as_slice() else { panic!("{what}: {statements:#?}") };
            assert_eq!(kept, usize::from(column == "user_id"), "{what}");
            let bound = (1..100).take_while(|number| sql.contains(&format!("${number}"))).count();
            let values = ["'c-1'", "'x-7'", "'x-7'"][..bound].join(", ");
            let plan = plan(&db, "force_custom_plan", sql, "", &values);
            let finds = |step: &String| {
                step.contains("Index Cond") && step.contains("connection_id") && step.contains(column)
            };
            assert!(plan.iter().any(finds), "{what}: {sql}\n{plan:#?}");
        }
    });
}

/// A walk passes many users for each that it finds, and their rows are large.
#[test]
fn l2_the_walk_of_a_search_reads_no_rows_of_those_whom_it_passes() {
    on_postgres("l2_the_walk_of_a_search_reads_no_rows_of_those_whom_it_passes", async |db| {
        db.db_execute(PLAN_OF);
        let (store, seen) = watched(&db);
        // So many that they are not looked up and sorted.
        let names: Vec<String> = (0..300).map(|number| format!("walker {number}")).collect();
        insert_users(&store, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
        db.db_execute("VACUUM ANALYZE");
        seen.lock().unwrap().clear();
        let order = Order::parse(Some("created_at"), None);
        let query = ListQuery::page_of(SearchText::new("walker"), order, 1, 30);
        let found = store.read(move |db| db.list_user_infos(&query)).await.unwrap();
        assert_eq!(found.len(), 30);
        let statements = std::mem::take(&mut *seen.lock().unwrap());
        let sql = statements.iter().find(|sql| sql.contains("status_emoji")).unwrap();
        // As at a million users: so few are read and sorted at once.
        let mode = "force_generic_plan; SET enable_seqscan = off; SET enable_sort = off";
        let plan = plan(&db, mode, sql, "", "NULL, NULL, NULL");
        let is_walk =
            |step: &String| step.contains("Index Only Scan") && step.contains("rosterd_ix_user_created_at");
        assert!(plan.iter().any(is_walk), "{sql}\n{plan:#?}");
    });
}

#[test]
fn seals_find_their_events_in_the_index_of_those_without() {
    on_postgres("seals_find_their_events_in_the_index_of_those_without", async |db| {
        db.db_execute(PLAN_OF);
        db.db_execute(&format!(
            "INSERT INTO rosterd_event (id, at, action, actor_kind, salt, position) \
             SELECT 'e-' || lpad(n::text, 6, '0'), n, 'user.updated', 'account', repeat('s', 16), \
             CASE WHEN n <= {SEALED} THEN n END FROM generate_series(1, {}) n",
            SEALED + UNSEALED
        ));
        let (store, seen) = watched(&db);
        let unsealed = store.read(|db| db.list_unsealed_events(NOW, 1_000)).await.unwrap();
        let ids: Vec<String> = unsealed.into_iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), UNSEALED);
        let listed = |texts: Vec<String>| format!("ARRAY[{}]", texts.join(", "));
        let values = [
            listed(ids.iter().map(|id| format!("'{id}'")).collect()),
            listed((1..=UNSEALED).map(|n| (1_000_000 + n).to_string()).collect()),
            listed(vec!["'s'".to_owned(); UNSEALED]),
        ]
        .join(", ");
        let sealed: Vec<SealedEvent> = (1_i64..)
            .zip(ids)
            .map(|(n, id)| SealedEvent { id, position: 1_000_000 + n, seal: "s".to_owned() })
            .collect();
        seen.lock().unwrap().clear();
        // Taken back, so that the plan is asked for the same rows.
        let written: StoreResult<()> = store
            .write(move |db| {
                db.seal_events(&sealed, &[ChainState::default(), ChainState::default()])?;
                Err(StoreError::Worker)
            })
            .await;
        written.unwrap_err();
        let statements = std::mem::take(&mut *seen.lock().unwrap());
        let sql = statements.iter().find(|sql| sql.starts_with("UPDATE rosterd_event")).unwrap();
        for statistics in ["SELECT 'none yet'", "ANALYZE rosterd_event"] {
            db.db_execute(statistics);
            // Diesel prepares it anew for each batch, so it is planned with the values.
            let plan = plan(&db, "force_custom_plan", sql, "(text[], bigint[], text[])", &values);
            let finds = |step: &String| step.contains("rosterd_ix_event_unsealed");
            assert!(plan.iter().any(finds), "{statistics}: {plan:#?}");
            let reads_all = |step: &String| step.contains("Seq Scan on rosterd_event");
            assert!(!plan.iter().any(reads_all), "{statistics}: {plan:#?}");
        }
    });
}
