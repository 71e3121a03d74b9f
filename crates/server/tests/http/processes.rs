//! Two real processes on one database, with the races of [`races`](crate::races): what holds within a server holds
//! between servers. Rules A5, A6, M1, M28, P4, R2, S1 and S3.

use std::sync::Arc;

use rosterd_storage::{Store, StoreOptions};
use rosterd_testkit::{
    Caller, Method, PASSWORD, ProcessBuilder, Reply, ServerProcess, TestDb, TestServer, TokenKind,
    with_databases,
};
use serde_json::{Value, json};

use crate::accounts::{SIGN_IN, SIGN_OUT};
use crate::groups::tree::{at, has_no_ring, make};
use crate::races::send;
use crate::support::{
    INFO, SETTINGS, UPDATE_INFO, UPDATE_SETTINGS, UPDATE_STATUS, assert_gone, at_once, count, form,
    is_current, path_of, rows_in,
};

/// Requests at the same time, half to each process.
const MANY: usize = 32;

/// Two processes, and a server in this process that makes the accounts.
struct Pair {
    processes: [ServerProcess; 2],
    maker: TestServer,
    db: Arc<TestDb>,
}

impl Pair {
    async fn start(db: TestDb) -> Self {
        let db = Arc::new(db);
        let maker = TestServer::builder(Arc::clone(&db)).system_clock().start().await;
        let start = || ProcessBuilder::new(env!("CARGO_BIN_EXE_rosterd")).database(&db).start();
        Self { processes: [start(), start()], maker, db }
    }

    /// Stops all three, and leaves the database.
    async fn stop(self) -> Arc<TestDb> {
        let Self { mut processes, maker, db } = self;
        maker.stop().await;
        for process in &mut processes {
            assert_eq!(process.terminate().code(), Some(0));
        }
        db
    }

    /// The same account through the one process or the other.
    fn through(&self, caller: &Caller, number: usize) -> Caller {
        let token = self.maker.token(TokenKind::Valid, caller.id());
        self.processes[number % 2].anonymous().with_bearer(token)
    }

    fn post(
        &self,
        caller: &Caller,
        number: usize,
        path: &str,
        body: Value,
    ) -> impl Future<Output = Reply> + use<> {
        send(self.through(caller, number), Method::POST, path.to_owned(), body)
    }
}

with_databases!(all, m1_r2_s3_p4_two_processes_on_one_database_agree, async |db| {
    let schema = db.schema_dump();
    let pair = Pair::start(db).await;
    one_address_one_winner(&pair).await;
    no_key_is_lost(&pair).await;
    no_half_user(&pair).await;
    a_right_taken_away_in_one_is_gone_in_the_other(&pair).await;
    a_key_deleted_in_one_is_refused_in_the_other(&pair).await;
    // Open WebUI's databases were not adopted here.
    if pair.maker.store().layout().sessions {
        a_session_ended_in_one_is_over_in_the_other(&pair).await;
    }
    if is_current(&pair.maker) {
        no_ring_of_groups(&pair).await;
    }
    // Open WebUI's databases were not adopted here.
    if pair.maker.store().layout().attempts {
        nobody_has_more_attempts_in_two_processes(&pair).await;
    }
    assert!(pair.stop().await.schema_dump() == schema, "the structure of the database has changed");
});

with_databases!(attached, a5_m28_two_processes_on_an_adopted_database_agree, async |db| {
    Store::open(&StoreOptions::new(db.database_url())).unwrap().adopt_apply().await.unwrap();
    let schema = db.schema_dump();
    let pair = Pair::start(db).await;
    let layout = pair.maker.store().layout();
    assert!(layout.sessions && layout.named_keys && layout.attempts);
    a_key_deleted_in_one_is_refused_in_the_other(&pair).await;
    a_session_ended_in_one_is_over_in_the_other(&pair).await;
    nobody_has_more_attempts_in_two_processes(&pair).await;
    assert!(pair.stop().await.schema_dump() == schema, "the structure of the database has changed");
});

/// Rule M28.
async fn nobody_has_more_attempts_in_two_processes(pair: &Pair) {
    let guess = json!({ "email": "victim@rosterd.test", "password": "a guess" });
    let guesses = (0..MANY).map(|number| {
        let stranger = pair.processes[number % 2].anonymous();
        send(stranger, Method::POST, SIGN_IN.to_owned(), guess.clone())
    });
    let replies = at_once(guesses).await;
    assert_eq!(count(&replies, 400, (429, "RATE_LIMIT_EXCEEDED")), 15);
    for process in &pair.processes {
        let refused = process.anonymous().post(SIGN_IN, &guess).await;
        refused.assert_error(429, "RATE_LIMIT_EXCEEDED");
        let wait = refused.header("retry-after").and_then(|text| text.parse::<u64>().ok());
        assert!(wait.is_some_and(|seconds| (1..=360).contains(&seconds)), "{refused}");
    }
}

const KEY: &str = "/api/v1/auths/api_key";

async fn a_key_deleted_in_one_is_refused_in_the_other(pair: &Pair) {
    let ada = pair.maker.db_admin("ada of keys").create().await;
    pair.maker.db_set_config("auth.enable_api_keys", json!(true)).await;
    let here = pair.through(&ada, 0);
    let refused_there = async |key: &str, id: &str| {
        let there = pair.processes[1].anonymous().with_bearer(key);
        there.get(SETTINGS).await.assert_status(200);
        here.delete(id).await.assert_status(200);
        there.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    };
    let made = here.post(KEY, Value::Null).await.assert_status(200).at("/api_key");
    refused_there(made.as_str().unwrap(), KEY).await;
    // Open WebUI's databases were not adopted here.
    if pair.maker.store().layout().named_keys {
        let made = here.post("/api/v1/auths/api_keys", json!({ "name": "job" })).await;
        let (key, id) = (made.assert_status(200).at("/key"), made.at("/id"));
        let id = format!("/api/v1/auths/api_keys/{}", id.as_str().unwrap());
        refused_there(key.as_str().unwrap(), &id).await;
    }
}

/// Rules A5 and A6: by the owner, by signing out, by an admin, and by a new password.
async fn a_session_ended_in_one_is_over_in_the_other(pair: &Pair) {
    const SESSIONS: &str = "/api/v1/auths/sessions";
    let ada = pair.maker.db_admin("ada of sessions").create().await;
    let bob = pair.maker.db_user("bob of sessions").create().await;
    let signed_in = async || {
        let body = json!({ "email": bob.email(), "password": PASSWORD });
        let reply = pair.processes[0].anonymous().post(SIGN_IN, &body).await;
        let token = reply.assert_status(200).at("/token").as_str().unwrap().to_owned();
        [0, 1].map(|number| pair.processes[number].anonymous().with_bearer(token.clone()))
    };
    for way in ["owner", "sign-out", "admin", "password"] {
        let [here, there] = signed_in().await;
        there.get(SETTINGS).await.assert_status(200);
        let ended = match way {
            "owner" => {
                let open = here.get(SESSIONS).await.json();
                let current =
                    open.as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
                here.delete(&format!("{SESSIONS}/{}", current["id"].as_str().unwrap())).await
            }
            "sign-out" => here.post(SIGN_OUT, Value::Null).await,
            "admin" => pair.through(&ada, 0).post(&path_of(&bob, "/sessions/revoke"), Value::Null).await,
            _ => {
                let form = json!({ "password": PASSWORD, "new_password": "a new one, hard to guess 7" });
                here.post("/api/v1/auths/update/password", form).await
            }
        };
        ended.assert_status(200);
        assert_eq!(there.get(SETTINGS).await.status(), 401, "{way}");
    }
}

async fn one_address_one_winner(pair: &Pair) {
    let ada = pair.maker.db_admin("ada").create().await;
    let mut users = Vec::new();
    for number in 0..MANY {
        users.push(pair.maker.db_user(&format!("user {number}")).create().await);
    }
    let claims = users.iter().enumerate().map(|(number, user)| {
        pair.post(&ada, number, &path_of(user, "/update"), form("x", "Wanted@rosterd.test", json!({})))
    });
    let replies = at_once(claims).await;
    assert_eq!(count(&replies, 200, (400, "EMAIL_TAKEN")), 1);
    assert_eq!(rows_in(&pair.db, r#""user" WHERE email = 'wanted@rosterd.test'"#), 1);
    assert_eq!(rows_in(&pair.db, "auth WHERE email = 'wanted@rosterd.test'"), 1);
}

async fn no_key_is_lost(pair: &Pair) {
    let bob = pair.maker.db_user("bob").create().await;
    for (update, read) in [(UPDATE_SETTINGS, SETTINGS), (UPDATE_INFO, INFO)] {
        let updates = (0..MANY)
            .map(|number| pair.post(&bob, number, update, json!({ format!("key-{number}"): number })));
        for reply in at_once(updates).await {
            reply.assert_status(200);
        }
        let stored = pair.through(&bob, 0).get(read).await.json();
        for number in 0..MANY {
            assert_eq!(stored[format!("key-{number}")], number, "{read}");
        }
    }
}

async fn no_half_user(pair: &Pair) {
    let ada = pair.maker.db_admin("ann").create().await;
    let eve = pair.maker.db_user("eve").create().await;
    let group = pair.maker.db_group("team", &[&ada], Value::Null).await;
    let members = format!("/api/v1/groups/id/{group}/users/add");
    let requests: Vec<_> = (0..MANY)
        .map(|number| match number % 4 {
            0 => pair.post(&ada, number / 4, &members, json!({ "user_ids": [eve.id().as_str()] })),
            1 => pair.post(&eve, number / 4, UPDATE_SETTINGS, json!({ "a": number })),
            2 => pair.post(&eve, number / 4, UPDATE_STATUS, json!({ "status_message": "x" })),
            _ => pair.post(&ada, number / 4, &path_of(&eve, "/update"), form("x", eve.email(), json!({}))),
        })
        .collect();
    let deletion = send(pair.through(&ada, 1), Method::DELETE, path_of(&eve, ""), json!(null));
    let updates = tokio::spawn(at_once(requests));
    deletion.await.assert(200, json!(true));
    for reply in updates.await.unwrap() {
        assert!(matches!(reply.status(), 200 | 400 | 401), "{reply}");
    }
    assert_gone(&pair.db, eve.id().as_str());
}

async fn a_right_taken_away_in_one_is_gone_in_the_other(pair: &Pair) {
    let (ada, dan) = (pair.maker.db_admin("amy").create().await, pair.maker.db_user("dan").create().await);
    pair.through(&dan, 1).get(SETTINGS).await.assert_status(200);
    let demoted = form("dan", dan.email(), json!({ "role": "pending" }));
    pair.through(&ada, 0).post(&path_of(&dan, "/update"), demoted).await.assert_status(200);
    pair.through(&dan, 1).get(SETTINGS).await.assert_error(401, "ACCESS_PROHIBITED");
}

/// Sixteen pairs of groups, each of which wants to be above the other: through the one process and through the other.
async fn no_ring_of_groups(pair: &Pair) {
    let ada = pair.through(&pair.maker.db_admin("amy").email("tree@rosterd.test").create().await, 0);
    let admin = pair.maker.db_admin("ann").email("tree2@rosterd.test").create().await;
    let mut groups = Vec::new();
    for number in 0..MANY {
        groups.push(make(&ada, &format!("g{number}"), None, json!({})).await);
    }
    let moves = (0..MANY).map(|number| {
        let form = json!({ "name": "moved", "description": "", "parent_group_id": groups[number ^ 1] });
        pair.post(&admin, number, &at(&groups[number], "/update"), form)
    });
    let replies = at_once(moves).await;
    assert_eq!(count(&replies, 200, (400, "GROUP_CYCLE")), MANY / 2);
    assert!(has_no_ring(&pair.maker));
}
