//! The audit log: each event is a row, written in the transaction of what it tells of; rows are sealed.

mod counted;
mod flips;
mod reading;
mod rows;
mod sealed;
mod streams;

use rosterd_app::Caller as By;
use rosterd_app::audit::{self, Verified};
use rosterd_domain::audit::{EventQuery, EventRow, Head};
use rosterd_storage::{Store, StoreOptions};
use rosterd_testkit::{TestDb, TestServer};

/// Makes the tables for events in a database of Open WebUI; any other has them.
async fn adopt(db: &TestDb) {
    Store::open(&StoreOptions::new(db.database_url())).unwrap().adopt_apply().await.unwrap();
}

/// A server on a database that keeps events: one of Open WebUI is adopted first.
async fn keeping(db: TestDb) -> TestServer {
    adopt(&db).await;
    let server = TestServer::start(db).await;
    assert!(server.app().keeps_audit_log());
    server
}

/// All events, the oldest first.
async fn events(server: &TestServer) -> Vec<EventRow> {
    let query = EventQuery { limit: 10_000, ..EventQuery::default() };
    let mut events = server.db_read(move |db| db.list_events(&query)).await;
    events.reverse();
    events
}

/// What a verification of the log finds.
async fn verify(server: &TestServer, head: Option<Head>) -> Verified {
    audit::verify(server.app(), By::operator(), head).await.unwrap()
}

/// Seals what is not sealed; gives how many events are sealed then. On SQLite they are sealed as they are written.
async fn seal(server: &TestServer) -> i64 {
    audit::seal(server.app()).await.unwrap();
    let sealed = "SELECT CAST(count(*) AS TEXT) FROM rosterd_event WHERE position IS NOT NULL";
    server.db().db_value(sealed).unwrap().parse().unwrap()
}
