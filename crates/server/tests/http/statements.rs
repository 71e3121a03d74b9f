//! What a request costs in SQL statements, counted by Diesel: rule L3, and the cache of prepared statements.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rosterd_storage::{ConfigLayout, StatementEvent};
use rosterd_testkit::{Caller, Reply, TestDb, TestServer, with_databases};

use crate::accounts::signed_in;
use crate::support::{LIST, SEARCH, SETTINGS, UPDATE_SETTINGS, db_roster, path_of};

/// What keeps several reads to one state of the database: its beginning, its lock and its end. And what copies the log, at any time.
const FRAME: [&str; 4] = ["BEGIN", "PRAGMA data_version", "PRAGMA wal_checkpoint", "COMMIT"];

/// The statements seen since the last look.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) run: Vec<String>,
    pub(crate) prepared: Vec<String>,
}

/// A server and what its store runs. Nothing but requests makes it run anything.
pub(crate) async fn watched(db: TestDb) -> (TestServer, Arc<Mutex<Seen>>) {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let log = Arc::clone(&seen);
    let instrument = Arc::new(move |event: StatementEvent<'_>| {
        let mut seen = log.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            // What keeps several reads to one state of the database asks nothing itself.
            StatementEvent::Run(sql) if FRAME.iter().any(|part| sql.starts_with(part)) => {}
            StatementEvent::Run(sql) => seen.run.push(sql.to_owned()),
            StatementEvent::Prepare(sql) => seen.prepared.push(sql.to_owned()),
        }
    });
    let server = TestServer::builder(db)
        .store(|store| {
            store.threads = 1;
            store.instrument = Some(instrument);
        })
        .settings(|settings| settings.activity_flush = Duration::from_hours(1));
    (server.start().await, seen)
}

/// The statements of one request.
async fn cost(seen: &Mutex<Seen>, caller: &Caller, path: &str) -> Seen {
    let (reply, cost) = cost_of(seen, caller.get(path)).await;
    reply.assert_status(200);
    cost
}

/// What is answered, and the statements of it.
pub(crate) async fn cost_of(seen: &Mutex<Seen>, request: impl Future<Output = Reply>) -> (Reply, Seen) {
    *seen.lock().unwrap() = Seen::default();
    let reply = request.await;
    (reply, seen.lock().unwrap().clone())
}

with_databases!(all, l3_a_list_costs_the_same_for_1_and_for_200_users, async |db| {
    let (server, seen) = watched(db).await;
    let ada = server.db_admin("ada").create().await;
    let listed = |number| ("listed".to_owned(), format!("listed{number}@rosterd.test"), 1_700_000_000);
    db_roster(&server, 200, listed).await;
    for _ in 0..3 {
        let group = server.db_group("some", &[&ada], serde_json::Value::Null).await;
        let members = serde_json::json!({ "user_ids": ["listed-1", "listed-2", "listed-150"] });
        ada.post(&format!("/api/v1/groups/id/{group}/users/add"), members).await.assert_status(200);
    }
    for list in [LIST, SEARCH] {
        for order in ["created_at", "name"] {
            for query in ["", "listed"] {
                let path = |limit| format!("{list}?order_by={order}&query={query}&limit={limit}");
                let one = cost(&seen, &ada, &path(1)).await.run.len();
                let many = cost(&seen, &ada, &path(200)).await.run.len();
                assert_eq!(one, many, "{}", path(200));
                // Who calls, the page, its groups, the total; a cursor may cost two more.
                assert!((1..=6).contains(&many), "{many} statements for {}", path(200));
            }
        }
    }
});

// A session that is kept is asked for in the statement that reads the caller.
with_databases!(own, a4_own_settings_are_one_statement_also_by_a_session, async |db| {
    let (server, seen) = watched(db).await;
    let bob = server.db_user("bob").create().await;
    let session = signed_in(&server, &bob).await;
    for _ in 0..WARM {
        session.get(SETTINGS).await.assert_status(200);
    }
    for _ in 0..4 {
        let cost = cost(&seen, &session, SETTINGS).await;
        assert_eq!((cost.run.len(), cost.prepared.len()), (1, 0), "{cost:#?}");
        assert!(cost.run[0].contains("rosterd_session"), "{cost:#?}");
        assert!(!cost.run[0].contains("rosterd_revoked_token"), "one look-up, as before\n{cost:#?}");
    }
});

/// Every connection that reads has run a statement after so many requests.
const WARM: usize = 32;

with_databases!(all, hot_reads_find_their_statements_prepared, async |db| {
    let (server, seen) = watched(db).await;
    let (bob, eve) = (server.db_user("bob").create().await, server.db_user("eve").create().await);
    // Caller, template and groups in one, where the template is a row of its own.
    let permissions = if server.store().layout().config == ConfigLayout::KeyValue { 1 } else { 3 };
    let paths = [
        (SETTINGS.to_owned(), 1),
        ("/api/v1/users/permissions".to_owned(), permissions),
        (path_of(&eve, "/active"), 2),
        (path_of(&eve, ""), 3),
    ];
    for (path, statements) in paths {
        for _ in 0..WARM {
            bob.get(&path).await.assert_status(200);
        }
        for _ in 0..4 {
            let cost = cost(&seen, &bob, &path).await;
            assert_eq!(cost.prepared, Vec::<String>::new(), "{path}");
            assert_eq!(cost.run.len(), statements, "{path}: {:#?}", cost.run);
            // Documents may be megabytes: only the answer that consists of one reads it.
            let reads = |column: &str| cost.run.iter().any(|sql| sql.replace('`', "\"").contains(column));
            assert_eq!(reads("\"user\".\"settings\""), path == SETTINGS, "{path}: {:#?}", cost.run);
            assert!(!reads("\"user\".\"info\""), "{path}: {:#?}", cost.run);
        }
    }
});

with_databases!(own, k1_a_key_is_one_statement_and_a_mistyped_one_none, async |db| {
    let (server, seen) = watched(db).await;
    let ada = server.db_admin("ada").create().await;
    server.db_set_config("auth.enable_api_keys", serde_json::json!(true)).await;
    let made = ada.post("/api/v1/auths/api_keys", serde_json::json!({ "name": "job" })).await;
    let key = made.assert_status(200).at("/key").as_str().unwrap().to_owned();
    let robot = ada.with_bearer(&key);
    for _ in 0..WARM {
        robot.get("/api/v1/users/user/status").await.assert_status(200);
    }
    let run = cost(&seen, &robot, "/api/v1/users/user/status").await.run;
    let of_keys = run.iter().filter(|sql| sql.contains("rosterd_api_key")).count();
    // Beside it: whether keys are switched on, what their owner may do, and whether there are statuses.
    assert!(of_keys == 1 && run.len() == 4, "{run:#?}");
    *seen.lock().unwrap() = Seen::default();
    let wrong = if key.ends_with('x') { "y" } else { "x" };
    ada.with_bearer(format!("{}{wrong}", &key[..42])).get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    assert_eq!(seen.lock().unwrap().run, Vec::<String>::new());
});

// On PostgreSQL each statement is a trip.
with_databases!(own, an_update_of_settings_takes_its_event_along, async |db| {
    let (server, seen) = watched(db).await;
    let bob = server.db_user("bob").create().await;
    let update = async |number: usize| {
        *seen.lock().unwrap() = Seen::default();
        bob.post(UPDATE_SETTINGS, serde_json::json!({ "n": number })).await.assert_status(200);
        seen.lock().unwrap().clone()
    };
    for number in 0..WARM {
        update(number).await;
    }
    let cost = update(WARM).await;
    let run: Vec<&String> =
        cost.run.iter().filter(|sql| sql.contains("rosterd_event") || sql.contains("user")).collect();
    assert_eq!(run.len(), if server.store().is_sqlite() { 3 } else { 2 }, "{cost:#?}");
    assert_eq!(run.iter().filter(|sql| sql.contains("rosterd_event")).count(), 1, "{cost:#?}");
    assert_eq!(cost.prepared, Vec::<String>::new(), "{cost:#?}");
});
