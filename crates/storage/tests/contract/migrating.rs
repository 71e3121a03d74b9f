//! A database into which accounts are being carried, and the servers that want to work on it.

use std::time::Duration;

use rosterd_storage::{Store, StoreOptions, raw};
use rosterd_testkit::{TestDb, with_databases};

use crate::support::{open, options, write};

const TABLE: &str = "CREATE TABLE rosterd_migrating (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)";

const SOURCE: &str = "INSERT INTO rosterd_migrating VALUES ('source', 'sqlite:///webui.db'), ('run', 'ours')";

const NOTES: &str = "SELECT count(*) AS n FROM rosterd_lease WHERE name LIKE 'server %'";

fn unfinished(db: &TestDb) -> Store {
    Store::open(&StoreOptions { unfinished: true, ..options(db) }).unwrap()
}

async fn note(store: &Store, id: &'static str) -> Option<String> {
    write(store, move |db| db.note_server(id, 30)).await
}

async fn end(store: &Store, run: &'static str) -> bool {
    write(store, move |db| db.end_migration(run)).await
}

with_databases!(own, each_server_has_a_note_of_its_own, async |db| {
    let store = open(&db);
    assert_eq!(
        (note(&store, "a").await, note(&store, "b").await, note(&store, "a").await),
        (None, None, None)
    );
    assert_eq!(db.db_value(NOTES).as_deref(), Some("2"));
    // Long after they died.
    db.db_execute("UPDATE rosterd_lease SET until = 1; INSERT INTO rosterd_lease VALUES ('backup', 'x', 1)");
    assert_eq!(note(&store, "c").await, None);
    assert_eq!(db.db_value(NOTES).as_deref(), Some("1"));
    assert_eq!(
        db.db_value("SELECT count(*) AS n FROM rosterd_lease").as_deref(),
        Some("2"),
        "no job's lease"
    );
    write(&store, |db| db.forget_server("c")).await;
    assert_eq!(db.db_value(NOTES).as_deref(), Some("0"));
});

with_databases!(own, a_server_that_is_late_finds_the_migration, async |db| {
    let store = open(&db);
    db.db_execute(&format!("{TABLE}; {SOURCE}"));
    assert_eq!(note(&store, "a").await.as_deref(), Some("sqlite:///webui.db"));
    assert_eq!(db.db_value(NOTES).as_deref(), Some("0"), "it does not work here");
});

with_databases!(own, a_server_and_a_migration_that_begin_at_once_see_each_other, async |db| {
    let store = open(&db);
    let mut migration = raw::Connection::open(&db.database_url()).unwrap();
    let begin = if db.is_postgres() {
        "BEGIN; LOCK TABLE rosterd_lease IN SHARE ROW EXCLUSIVE MODE"
    } else {
        "BEGIN IMMEDIATE"
    };
    migration.execute(begin).unwrap();
    let late = tokio::spawn(async move { note(&store, "a").await });
    // Whether it waits already or comes later is the same to it.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!late.is_finished(), "it waits for the migration");
    migration.execute(&format!("{TABLE}; {SOURCE}; COMMIT")).unwrap();
    assert_eq!(late.await.unwrap().as_deref(), Some("sqlite:///webui.db"));
});

with_databases!(own, only_the_last_run_ends_a_migration_and_only_when_all_is_there, async |db| {
    db.db_execute(&format!("{TABLE}; {SOURCE}"));
    let store = unfinished(&db);
    assert!(!end(&store, "ours").await, "nothing is copied");
    db.db_execute(
        "INSERT INTO rosterd_migrating VALUES ('table user', '{\"ended\": true}'), ('table auth', '{}')",
    );
    assert!(!end(&store, "ours").await, "a table is not copied");
    db.db_execute(
        "UPDATE rosterd_migrating SET value = '{\"ended\": true}' WHERE name = 'table auth'; \
         INSERT INTO rosterd_migrating VALUES ('step 2 index', 'CREATE INDEX')",
    );
    assert!(!end(&store, "ours").await, "an index is away");
    db.db_execute("DELETE FROM rosterd_migrating WHERE name LIKE 'step %'");
    assert!(!end(&store, "theirs").await, "another run goes on");
    assert!(Store::open(&options(&db)).is_err(), "no server starts");
    assert!(end(&store, "ours").await);
    assert!(!end(&store, "ours").await, "it has ended");
    open(&db);
});
