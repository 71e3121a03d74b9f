//! A server that is killed while clients write.

use std::sync::Arc;

use rosterd_testkit::{TestDb, with_databases};

use crate::book::Books;
use crate::load::{Load, Nodes};
use crate::{rounds, start};

/// Writes between two faults.
const SOME: u64 = 100;

with_databases!(all, a_server_that_is_killed_has_kept_what_it_acknowledged, async |db| {
    let db = Arc::new(db);
    let schema = db.schema_dump();
    let mut books = Books::open(&db).await;
    let mut server = start(&db);
    let faults = rounds() * 2;
    for _ in 0..faults {
        let load = Load::begin(&server, books);
        load.wait_for(SOME);
        server.kill();
        books = load.end();
        server = start(&db);
        books.check(&db, &server).await;
    }
    assert_eq!(server.terminate().code(), Some(0), "{}", server.log());
    assert!(db.schema_dump() == schema, "the structure of the database has changed");
    books.report(&format!("killed on {}", name_of(&db)), faults);
});

with_databases!(current, of_two_servers_one_goes_on_while_the_other_is_killed, async |db| {
    let db = Arc::new(db);
    let mut servers = [start(&db), start(&db)];
    let books = Books::open(&db).await;
    let nodes = Nodes::of(&[&servers[0], &servers[1]]);
    let load = Load::begin(nodes.clone(), books);
    let faults = rounds() * 2;
    for fault in 0..faults {
        let number = usize::try_from(fault % 2).unwrap_or(0);
        load.wait_for(SOME);
        servers[number].kill();
        // Through the other one alone.
        load.wait_for(SOME);
        servers[number] = start(&db);
        nodes.replace(number, &servers[number]);
    }
    load.wait_for(SOME);
    let books = load.end();
    for server in &servers {
        books.check(&db, server).await;
    }
    for server in &mut servers {
        assert_eq!(server.terminate().code(), Some(0), "{}", server.log());
    }
    books.report(&format!("one of two killed on {}", name_of(&db)), faults);
});

/// What kind of database it is, for the figures.
fn name_of(db: &TestDb) -> &'static str {
    let tables = if db.is_postgres() { "pg_tables WHERE tablename" } else { "sqlite_master WHERE name" };
    let own = db.db_value(&format!("SELECT count(*) AS n FROM {tables} = 'rosterd_counter'"));
    match (own.as_deref(), db.is_postgres()) {
        (Some("1"), false) => "standalone SQLite",
        (Some("1"), true) => "standalone PostgreSQL",
        (_, false) => "attached SQLite",
        (_, true) => "attached PostgreSQL",
    }
}
