//! Rule K7: a standalone database holds no API key in clear, not even that of `/auths/api_key`. One of Open WebUI holds it as
//! Open WebUI does, which looks for it there.

use std::fs;
use std::sync::Arc;

use rosterd_testkit::{TestDb, TestServer, with_databases, with_servers};
use serde_json::json;

use super::api_keys::{KEY, ada_and_bob, new_key};
use crate::support::SETTINGS;

/// The rows of all tables as text, but for those in which SQLite keeps its index for searches.
fn all_rows(db: &TestDb) -> String {
    let tables = if db.is_postgres() {
        "SELECT table_name AS t FROM information_schema.tables WHERE table_schema = 'public'"
    } else {
        "SELECT name AS t FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'rosterd_user_fts%'"
    };
    let tables = db.db_query_text(tables).into_iter().flatten().flatten();
    let rows_of = |table: String| {
        let row = if db.is_postgres() {
            format!(r#"SELECT CAST(t AS text) AS r FROM "{table}" t"#)
        } else {
            let columns = db.db_query_text(&format!("SELECT name AS c FROM pragma_table_info('{table}')"));
            let columns = columns
                .into_iter()
                .flatten()
                .flatten()
                .map(|column| format!(r#"coalesce(CAST("{column}" AS TEXT), '')"#));
            let columns: Vec<_> = columns.collect();
            format!(r#"SELECT {} AS r FROM "{table}""#, columns.join(" || ' ' || "))
        };
        db.db_query_text(&row).into_iter().flatten().flatten().collect::<Vec<_>>().join("\n")
    };
    tables.map(rows_of).collect::<Vec<_>>().join("\n")
}

/// The bytes of a database file and of its log.
fn bytes_of(db: &TestDb) -> Vec<u8> {
    let Some(file) = db.file() else { return Vec::new() };
    let mut log = file.clone().into_os_string();
    log.push("-wal");
    let mut bytes = fs::read(file).unwrap();
    bytes.extend(fs::read(log).unwrap_or_default());
    bytes
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[track_caller]
fn assert_nowhere(db: &TestDb, key: &str) {
    assert!(!all_rows(db).contains(key), "{key} is in a row");
    assert!(!holds(&bytes_of(db), key), "{key} is in the file");
}

with_servers!(own, k7_a_database_holds_no_key_in_clear, async |server| {
    let (ada, bob) = ada_and_bob(&server).await;
    let plain = new_key(&bob).await;
    let named = bob.post("/api/v1/auths/api_keys", json!({ "name": "job" })).await.at("/key");
    let named = named.as_str().unwrap().to_owned();
    for key in [&plain, &named] {
        bob.with_bearer(key.clone()).get(SETTINGS).await.assert_status(200);
        assert_nowhere(server.db(), key);
    }
    // What is looked for would be found.
    assert!(all_rows(server.db()).contains(ada.email()));
    assert!(server.db().is_postgres() || holds(&bytes_of(server.db()), ada.email()));

    // A stored hash opens nothing.
    let stored = server.db().db_value("SELECT key FROM api_key").unwrap();
    let hash = server.db().db_value("SELECT hash FROM rosterd_api_key").unwrap();
    for wrong in [stored, hash.clone(), format!("sk-{hash}"), format!("sk-rst_{hash}")] {
        bob.with_bearer(wrong).get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    }
});

with_servers!(own, k7_a_key_is_shown_when_it_is_made_and_masked_after, async |server| {
    let (_ada, bob) = ada_and_bob(&server).await;
    let key = new_key(&bob).await;
    bob.get(KEY).await.assert(200, json!({ "api_key": format!("{}{}", &key[..7], "*".repeat(28)) }));
});

with_servers!(attached, k7_open_webui_finds_the_key_in_its_table, async |server| {
    let (_ada, bob) = ada_and_bob(&server).await;
    let key = new_key(&bob).await;
    bob.get(KEY).await.assert(200, json!({ "api_key": key }));
    let stored = format!("SELECT key FROM api_key WHERE user_id = '{}'", bob.id());
    assert_eq!(server.db().db_value(&stored), Some(key));
});

with_databases!(own, k7_keys_in_clear_are_hashed_at_the_next_start_and_go_on, async |db| {
    let db = Arc::new(db);
    let server = TestServer::start(Arc::clone(&db)).await;
    let (ada, bob) = ada_and_bob(&server).await;
    // As an older version stored them, and one that somebody chose.
    let keys = [(&ada, "sk-3f1c2d0a9b8e4f5c8a7b6d5e4f3c2b1a"), (&bob, "sk-of-bob")];
    for (owner, key) in keys {
        db.db_execute(&format!(
            "INSERT INTO api_key (id, user_id, key, created_at, updated_at) VALUES ('k-{0}', '{0}', '{key}', 1, 1)",
            owner.id()
        ));
        assert!(all_rows(&db).contains(key));
        // It works before, too: an older server may still run beside this one.
        owner.with_bearer(key).get(SETTINGS).await.assert_status(200);
    }
    let shown = |start: &str| json!({ "api_key": format!("{start}{}", "*".repeat(35 - start.len())) });
    ada.get(KEY).await.assert(200, shown("sk-3f1c"));
    let next = server.second().await;
    for (owner, key) in keys {
        owner.with_bearer(key).through(&next).get(SETTINGS).await.assert_status(200);
    }
    ada.through(&next).get(KEY).await.assert(200, shown("sk-3f1c"));
    bob.through(&next).get(KEY).await.assert(200, shown("sk-"));
    let stored = "SELECT key FROM api_key ORDER BY key";
    let hashed = db.db_query_text(stored);
    // The log of an SQLite file is copied and removed when the last one leaves.
    next.stop().await;
    server.stop().await;
    for (_, key) in keys {
        assert_nowhere(&db, key);
    }
    TestServer::start(Arc::clone(&db)).await.stop().await;
    assert_eq!(db.db_query_text(stored), hashed, "hashed once");
});
