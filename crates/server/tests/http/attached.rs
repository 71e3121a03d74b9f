//! One SQLite file and another writer on it, as when Open WebUI runs beside: requests wait for a lock, and fail in
//! good order when it is held for too long.
//!
//! That no request alters the structure of an attached database is checked after every test that has one, by the
//! testkit.

use std::time::Duration;

use rosterd_storage::raw;
use rosterd_testkit::{ServerBuilder, TestDb, with_servers};
use serde_json::{Value, json};

use crate::support::{SETTINGS, STATUS, UPDATE_SETTINGS};

/// How long the other writer holds the lock: the figure of the requirement, not a guess.
const HELD: Duration = Duration::from_secs(3);

/// Another program in the midst of a transaction. `EXCLUSIVE` keeps readers out as well where the file has no
/// write-ahead log; the lock goes with the value.
struct Lock(raw::Connection);

impl Lock {
    fn take(db: &TestDb) -> Self {
        let mut connection = raw::Connection::open(&db.database_url()).unwrap();
        connection.execute("BEGIN EXCLUSIVE").unwrap();
        Self(connection)
    }

    fn release(mut self) {
        self.0.execute("COMMIT").unwrap();
    }
}

fn patient(server: ServerBuilder) -> ServerBuilder {
    server.store(|store| store.busy_timeout = Duration::from_secs(20))
}

with_servers!(sqlite, a_writer_of_three_seconds_is_waited_for, patient, async |server| {
    let bob = server.db_user("bob").create().await;
    let lock = Lock::take(server.db());
    let (writer, reader) = (bob.clone(), bob.clone());
    let write = tokio::spawn(async move { writer.post(UPDATE_SETTINGS, json!({ "a": 1 })).await });
    let read = tokio::spawn(async move { reader.get(STATUS).await });
    tokio::time::sleep(HELD).await;
    assert!(!write.is_finished(), "nothing can be written under the lock");
    lock.release();
    write.await.unwrap().assert(200, json!({ "a": 1, "ui": {} }));
    read.await.unwrap().assert_status(200);
    bob.get(SETTINGS).await.assert(200, json!({ "a": 1, "ui": {} }));
});

fn impatient(server: ServerBuilder) -> ServerBuilder {
    server.store(|store| store.busy_timeout = Duration::from_millis(300))
}

with_servers!(sqlite, a_lock_past_the_busy_timeout_is_told_as_unavailable, impatient, async |server| {
    let bob = server.db_user("bob").create().await;
    let lock = Lock::take(server.db());
    let reply = bob.post(UPDATE_SETTINGS, json!({ "a": 1 })).await;
    reply.assert_error(503, "UNAVAILABLE");
    let seconds: u32 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!(seconds > 0);
    assert!(!reply.text().contains("locked"), "internal words stay inside\n{reply}");
    // Reading a file without a write-ahead log meets the same lock; with one it waits for nobody.
    let reading = bob.get(SETTINGS).await;
    if server.store().layout().wal {
        reading.assert(200, Value::Null);
    } else {
        reading.assert_error(503, "UNAVAILABLE");
    }
    lock.release();
    bob.get(SETTINGS).await.assert(200, Value::Null);
    bob.post(UPDATE_SETTINGS, json!({ "a": 2 })).await.assert(200, json!({ "a": 2, "ui": {} }));
});

with_servers!(attached, what_another_program_writes_is_seen_by_the_next_request, async |server| {
    let bob = server.db_user("bob").create().await;
    bob.get(SETTINGS).await.assert(200, Value::Null);
    let id = bob.id();
    server
        .db()
        .db_execute(&format!(r#"UPDATE "user" SET settings = '{{"ui":{{"b":2}}}}' WHERE id = '{id}'"#));
    bob.get(SETTINGS).await.assert(200, json!({ "ui": { "b": 2 } }));
    server.db().db_execute(&format!(r#"UPDATE "user" SET role = 'pending' WHERE id = '{id}'"#));
    bob.get(SETTINGS).await.assert_error(401, "ACCESS_PROHIBITED");
    server.db().db_execute(&format!(r#"DELETE FROM "user" WHERE id = '{id}'"#));
    bob.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
});
