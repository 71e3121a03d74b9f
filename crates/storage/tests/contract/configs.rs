//! Table `config`, in both layouts.

use rosterd_domain::json::JsonText;
use rosterd_storage::{ConfigLayout, StoreError};
use rosterd_testkit::{DbKind, TestDb, run, with_databases};

use crate::support::{NOW, open, read, write};

fn json(text: &str) -> JsonText {
    JsonText::from_stored(text.to_owned())
}

with_databases!(all, values_are_set_and_found_by_path, async |db| {
    let store = open(&db);
    assert_eq!(read(&store, |db| db.find_config("user.permissions.nothing")).await, None);
    write(&store, |db| db.set_configs(&[("ui.watermark", json("\"x\"")), ("a.b.c", json("0"))], NOW)).await;
    write(&store, |db| db.set_configs(&[("ui.watermark", json("{\"y\": [1.50]}"))], NOW)).await;
    assert_eq!(read(&store, |db| db.find_config("ui.watermark")).await, Some(json("{\"y\": [1.50]}")));
    let found = read(&store, |db| db.find_configs(&["a.b.c", "none", "ui.watermark"])).await;
    assert_eq!(found, [Some(json("0")), None, Some(json("{\"y\": [1.50]}"))]);
    write(&store, |db| db.set_configs(&[("ui.watermark", json("null"))], NOW)).await;
    assert_eq!(read(&store, |db| db.find_config("ui.watermark")).await, None, "null is not set");
});

with_databases!(attached, the_recorded_configuration_is_read, async |db| {
    let store = open(&db);
    assert_eq!(read(&store, |db| db.find_config("ui.enable_signup")).await, Some(json("false")));
    // Stored as an integer on SQLite.
    assert_eq!(read(&store, |db| db.find_config("version")).await, Some(json("0")));
});

fn document_databases() -> impl Iterator<Item = TestDb> {
    let kinds = [DbKind::WebUiSqlite, DbKind::WebUiPostgres].into_iter();
    kinds.filter(|kind| kind.is_available()).map(TestDb::fresh)
}

#[test]
fn a_document_keeps_every_other_character() {
    run::block_on(async {
        for db in document_databases() {
            let before =
                r#"{"version": 0, "x": {"n": 1.50,  "k":[ ]}, "ui": {"enable_signup": false}, "y": null}"#;
            db.db_execute(&format!("UPDATE config SET data = '{before}'"));
            let store = open(&db);
            assert_eq!(store.layout().config, ConfigLayout::Document);
            write(&store, |db| db.set_configs(&[("ui.enable_signup", json("true"))], NOW)).await;
            let after = db.db_value("SELECT CAST(data AS text) AS d FROM config");
            assert_eq!(after.unwrap(), before.replace("false", "true"));
            assert!(db.db_value("SELECT updated_at FROM config").is_some());
        }
    });
}

#[test]
fn the_newest_document_counts_and_one_is_made_where_there_is_none() {
    run::block_on(async {
        for db in document_databases() {
            let store = open(&db);
            db.db_execute(r#"INSERT INTO config (id, data, version) VALUES (7, '{"a": 1}', 0)"#);
            assert_eq!(read(&store, |db| db.find_config("a")).await, Some(json("1")));
            db.db_execute("DELETE FROM config");
            assert_eq!(read(&store, |db| db.find_configs(&["a"])).await, [None]);
            write(&store, |db| db.set_configs(&[("user.permissions", json("{}"))], NOW)).await;
            let made = db.db_value("SELECT CAST(data AS text) AS d FROM config").unwrap();
            assert_eq!(made, r#"{"version": 0, "ui": {}, "user": {"permissions": {}}}"#);
        }
    });
}

#[test]
fn a_document_that_is_none_is_reported_and_left_alone() {
    run::block_on(async {
        for db in document_databases() {
            db.db_execute("UPDATE config SET data = '[1]'");
            let store = open(&db);
            // Nobody can say what it holds.
            assert!(read(&store, |db| db.find_config("a")).await.unwrap().is_unreadable());
            let refused = store.write(|db| db.set_configs(&[("a", json("1"))], NOW)).await;
            assert!(matches!(refused, Err(StoreError::Unreadable { table: "config", .. })), "{refused:?}");
            assert_eq!(db.db_value("SELECT CAST(data AS text) AS d FROM config").as_deref(), Some("[1]"));
        }
    });
}

#[test]
fn python_s_nan_in_a_document_does_not_hide_the_rest() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::WebUiSqlite);
        db.db_execute(r#"UPDATE config SET data = '{"rag": {"t": NaN}, "a": 1}'"#);
        let store = open(&db);
        write(&store, |db| db.set_configs(&[("a", json("2"))], NOW)).await;
        let after = db.db_value("SELECT data FROM config").unwrap();
        assert_eq!(after, r#"{"rag": {"t": NaN}, "a": 2}"#);
    });
}
