//! A server that is killed in the middle of its work: no change without its event, and no event without its change.

use std::collections::BTreeSet;
use std::sync::Arc;

use rosterd_testkit::{Caller, Method, ProcessBuilder, TestDb, with_databases};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::place::{PROGRAM, Place, SECRET};

/// How often the server is killed, unless `ROSTERD_KILLS` says otherwise.
const KILLS: usize = 3;

/// Requests at a time.
const AT_ONCE: usize = 8;

/// Answers before the server is killed.
const ANSWERED: u32 = 40;

/// Groups without an event, and events without a group.
const UNPAIRED: &str = "SELECT id FROM \"group\" WHERE id NOT IN \
    (SELECT subject_id FROM rosterd_event WHERE action = 'group.created') \
    UNION ALL SELECT subject_id FROM rosterd_event WHERE action = 'group.created' AND subject_id NOT IN \
    (SELECT id FROM \"group\")";

/// Makes groups until the server is gone; gives those that it was told of.
async fn make_groups(ada: Caller, answered: Arc<Semaphore>) -> Vec<String> {
    let mut made = Vec::new();
    loop {
        let group = json!({ "name": "g", "description": "" });
        let request = ada.request(Method::POST, "/api/v1/groups/create").json(&group);
        let Some(reply) = request.try_send().await else { return made };
        made.push(reply.assert_status(200).at("/id").as_str().unwrap().to_owned());
        answered.add_permits(1);
    }
}

/// The texts of a column.
fn texts(db: &TestDb, sql: &str) -> BTreeSet<String> {
    db.db_query_text(sql).into_iter().map(|row| row.into_iter().next().flatten().unwrap()).collect()
}

with_databases!(own, every_change_has_its_event_however_often_the_server_is_killed, async |db| {
    let place = Place::new();
    let environment = [SECRET, ("DATABASE_URL", db.url())];
    place.create_admin("ada@example.com", &environment);
    let token = place.run_with(&["token", "ada@example.com"], &environment, "").stdout;
    let kills = std::env::var("ROSTERD_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let mut told = BTreeSet::new();
    for _ in 0..kills {
        let mut server = ProcessBuilder::new(PROGRAM).database(&db).start();
        let ada = server.anonymous().with_bearer(token.trim());
        let answered = Arc::new(Semaphore::new(0));
        let tasks: Vec<_> =
            (0..AT_ONCE).map(|_| tokio::spawn(make_groups(ada.clone(), Arc::clone(&answered)))).collect();
        answered.acquire_many(ANSWERED).await.unwrap().forget();
        server.signal("KILL");
        server.wait();
        for task in tasks {
            told.extend(task.await.unwrap());
        }
        // In one statement: PostgreSQL may still be committing what the killed server began.
        assert_eq!(texts(&db, UNPAIRED), BTreeSet::new());
        let groups = texts(&db, "SELECT id FROM \"group\"");
        assert!(told.is_subset(&groups), "what was answered is there");
    }
    let verified = place.run_with(&["audit", "verify", "--json"], &environment, "");
    assert_eq!(verified.code, Some(0), "{verified:?}");
});
