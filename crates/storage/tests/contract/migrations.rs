//! The migrations of standalone databases.

use rosterd_domain::name::UserName;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rosterd_domain::list::{ListQuery, Order, SearchText};
use rosterd_storage::migrations;
use rosterd_testkit::{DbKind, TestDb, with_databases};

use crate::support::{insert_users, open, options, read, write};

#[test]
fn both_databases_have_the_same_migrations_each_with_a_way_back() {
    let names = |database: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                let folder = entry.unwrap().path();
                assert!(folder.join("up.sql").is_file() && folder.join("down.sql").is_file(), "{folder:?}");
                folder.file_name().unwrap().to_string_lossy().into_owned()
            })
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

/// Both kinds of database, empty, as far as this machine has them.
fn empty_databases() -> Vec<TestDb> {
    let mut databases = vec![TestDb::empty_sqlite()];
    if DbKind::OwnPostgres.is_available() {
        databases.push(TestDb::empty_postgres());
    }
    databases
}

#[test]
fn up_down_and_up_again() {
    for db in empty_databases() {
        let options = options(&db);
        let pending = migrations::pending(&options).unwrap();
        assert!(!pending.is_empty());
        assert_eq!(migrations::run(&options).unwrap().len(), pending.len());
        assert!(migrations::pending(&options).unwrap().is_empty());
        let once = db.schema_dump();
        assert_eq!(migrations::revert_all(&options).unwrap().len(), pending.len());
        let reverted = db.schema_dump();
        assert!(!reverted.contains("rosterd_") && !reverted.contains("group"), "{reverted}");
        assert_eq!(migrations::run(&options).unwrap().len(), pending.len());
        assert_eq!(db.schema_dump(), once);
    }
}

#[test]
fn several_servers_may_start_at_once() {
    for db in empty_databases() {
        let stores = std::thread::scope(|scope| {
            let started: Vec<_> = (0..4).map(|_| scope.spawn(|| open(&db))).collect();
            started.into_iter().map(|store| store.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(stores.iter().all(|store| store.layout().is_standalone()));
    }
}

with_databases!(attached, an_attached_database_has_no_migrations, async |db| {
    let before = db.schema_dump();
    assert!(migrations::pending(&options(&db)).unwrap().is_empty());
    assert!(migrations::run(&options(&db)).unwrap().is_empty());
    assert!(migrations::revert_all(&options(&db)).unwrap().is_empty());
    assert_eq!(db.schema_dump(), before);
});

with_databases!(own, opening_again_keeps_the_rows, async |db| {
    insert_users(&open(&db), &["eve"]).await;
    assert_eq!(read(&open(&db), |db| db.count_users()).await, 1);
});

with_databases!(own, copies_that_an_older_version_folded_are_folded_anew, async |db| {
    let store = open(&db);
    let users: Vec<_> = (0_i64..)
        .zip(["Straße", "Ｔａｒｏ", "Plain", "Żaneta"])
        .map(|(number, name)| {
            let mut user = crate::support::new_user(&format!("u{number}"), number);
            user.name = UserName::from_stored(name.to_owned());
            user
        })
        .collect();
    write(&store, move |db| users.iter().try_for_each(|user| db.insert_user(user))).await;
    drop(store);
    let copies = "SELECT folded FROM rosterd_user_search ORDER BY user_id";
    let right = db.db_query_text(copies);
    // As the version before this migration left it: the copies in lower case, and the migration not yet made.
    for (number, lower) in [(0, "straße"), (1, "ｔａｒｏ"), (3, "żaneta")] {
        db.db_execute(&format!(
            "UPDATE rosterd_user_search SET folded = '{lower}' || chr(10) || 'x' WHERE user_id = 'u-u{number}'"
        ).replace("chr(10)", if db.is_postgres() { "chr(10)" } else { "char(10)" }));
    }
    db.db_execute(
        "DELETE FROM __diesel_schema_migrations WHERE version = '202611261200000000'; \
         DROP INDEX rosterd_ix_auth_email_trimmed; DROP INDEX rosterd_ix_user_email_trimmed",
    );
    assert_ne!(db.db_query_text(copies), right);

    let store = open(&db);
    assert_eq!(db.db_query_text(copies), right);
    for (text, expected) in
        [("STRASSE", "Straße"), ("taro", "Ｔａｒｏ"), ("żan", "Żaneta"), ("plain", "Plain")]
    {
        let query = ListQuery::page(SearchText::new(text), Order::default(), 1);
        let found = read(&store, move |db| db.list_user_infos(&query)).await;
        assert_eq!(found.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), [expected], "{text}");
    }
    let total = read(&store, |db| db.count_matching(SearchText::new("ｔａｒｏ").as_ref())).await;
    assert_eq!(total, 1, "the index follows the copies");
});

/// Table and column names, in order.
fn columns(db: &TestDb) -> Vec<String> {
    let sql = if db.is_postgres() {
        "SELECT table_name || '.' || column_name AS name FROM information_schema.columns \
         WHERE table_schema = 'public'"
    } else {
        "SELECT t.name || '.' || c.name AS name FROM sqlite_master t JOIN pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'rosterd_user_fts%'"
    };
    let mut names: Vec<String> = db.db_query_text(sql).into_iter().flatten().flatten().collect();
    names.sort();
    names
}

#[test]
fn both_databases_have_the_same_columns() {
    if !DbKind::OwnPostgres.is_available() {
        return rosterd_testkit::run::report_skip("both_databases_have_the_same_columns");
    }
    let postgres = columns(&TestDb::fresh(DbKind::OwnPostgres));
    let mut sqlite = columns(&TestDb::fresh(DbKind::OwnSqlite));
    // The row number that the full-text index refers to.
    sqlite.retain(|name| name != "rosterd_user_search.id");
    assert_eq!(sqlite, postgres);
}
