//! Errors are told apart by their codes, whatever the text says and in whatever language.

use std::fs;
use std::time::Duration;

use rosterd_storage::{Store, StoreError, StoreOptions, raw};
use rosterd_testkit::{DbKind, TestDb, run, with_databases};

use crate::support::{id, open, options};

fn is_unavailable(result: &Result<(), StoreError>) -> bool {
    matches!(result, Err(StoreError::Unavailable { .. }))
}

/// Fails when Diesel is built differently from what `src/native.rs` knows: then it finds no code.
#[test]
fn the_state_of_postgresql_decides_and_not_the_text() {
    if !DbKind::OwnPostgres.is_available() {
        return run::report_skip("the_state_of_postgresql_decides_and_not_the_text");
    }
    let db = TestDb::fresh(DbKind::OwnPostgres);
    let raise = |text: &str, state: &str| {
        let sql = format!("DO $$ BEGIN RAISE EXCEPTION '{text}' USING ERRCODE = '{state}'; END $$");
        raw::execute(&db.database_url(), &sql)
    };
    // What a server says whose lc_messages is German, Japanese or Russian; and nothing at all.
    let texts = [
        "Auf dem Gerät ist kein Speicherplatz mehr verfügbar",
        "デバイスに空き領域がありません",
        "нет места",
        "",
    ];
    let unavailable = [
        "08000", "08006", "53100", "53200", "53300", "57014", "57P01", "57P03", "58030", "58P01", "25006",
        "42501", "40001", "40P01", "55P03", "XX001",
    ];
    for (at, state) in unavailable.into_iter().enumerate() {
        let result = raise(texts[at % texts.len()], state);
        assert!(is_unavailable(&result), "{state}: {result:?}");
    }
    // English words for a passing state do not make one.
    for text in ["database is locked", "terminating connection", "too many connections", "deadlock detected"]
    {
        for state in ["P0001", "22012", "23514", "42P01", "XX000"] {
            let result = raise(text, state);
            assert!(matches!(result, Err(StoreError::Database(_))), "{state}: {result:?}");
        }
    }
    assert!(matches!(raise("schon da", "23505"), Err(StoreError::AlreadyExists { .. })));
}

#[test]
fn the_code_of_sqlite_decides_for_writes() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let execute = |sql: &str| raw::execute(&db.database_url(), sql);
    let read_only = execute("PRAGMA query_only = ON; DELETE FROM auth");
    assert!(is_unavailable(&read_only), "READONLY: {read_only:?}");
    let full = execute(
        "PRAGMA max_page_count = 1; CREATE TABLE big (value TEXT); INSERT INTO big VALUES (zeroblob(1000000))",
    );
    assert!(is_unavailable(&full), "FULL: {full:?}");
    for fault in
        ["SELECT 'database is locked' FROM nowhere", "CREATE TABLE \"database is locked\" (", "nonsense"]
    {
        let result = execute(fault);
        assert!(matches!(result, Err(StoreError::Database(_))), "{result:?}");
    }
    let words = execute("INSERT INTO \"database is locked\" VALUES (1)");
    assert!(matches!(words, Err(StoreError::Database(_))), "{words:?}");
}

#[test]
fn a_damaged_file_is_unavailable_and_never_an_absent_row() {
    run::block_on(async {
        for kind in [DbKind::OwnSqlite, DbKind::WebUiSqlite, DbKind::WebUi012Sqlite] {
            let db = TestDb::fresh(kind);
            let store = open(&db);
            let file = db.file().unwrap();
            let whole = fs::read(&file).unwrap();
            // Nothing of it is in any connection's cache yet but the schema.
            let mut damaged = whole.clone();
            damaged.iter_mut().skip(4096).for_each(|byte| *byte = 0xa5);
            fs::write(&file, &damaged).unwrap();
            let found = store.read(|db| db.find_user(&id("u-nobody"))).await;
            assert!(matches!(found, Err(StoreError::Unavailable { .. })), "{kind:?}: {found:?}");
            let health = store.check().await;
            assert!(matches!(health, Err(StoreError::Unavailable { .. })), "{kind:?}: {health:?}");
            let counted = store.scan(|db| db.count_users()).await;
            assert!(matches!(counted, Err(StoreError::Unavailable { .. })), "{kind:?}: {counted:?}");
            fs::write(&file, &whole).unwrap();
            assert!(store.read(|db| db.find_user(&id("u-nobody"))).await.unwrap().is_none(), "{kind:?}");
        }
    });
}

with_databases!(sqlite, a_query_that_takes_too_long_is_cut_off, async |db| {
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) \
                INSERT INTO \"user\" (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at) \
                SELECT 'n' || i, 'somebody ' || i, i || '@example.org', 'user', '', i, i, i FROM n";
    db.db_execute(rows);
    let store = open(&db);
    if store.layout().is_standalone() {
        db.db_execute("INSERT INTO rosterd_user_search (user_id, folded) SELECT id, name FROM \"user\"");
    }
    let options = StoreOptions { statement_timeout: Duration::from_millis(1), ..options(&db) };
    let store = Store::open(&options).unwrap();
    let search = rosterd_domain::list::SearchText::new("zz");
    let counted = store.scan(move |db| db.count_matching(search.as_ref())).await;
    assert!(matches!(counted, Err(StoreError::Unavailable { .. })), "{counted:?}");
    // The connection is none the worse: a quick read has its time again.
    assert!(store.read(|db| db.find_user(&id("n7"))).await.unwrap().is_some());
});
