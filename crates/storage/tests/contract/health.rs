//! What keeps a database from doing its work is unavailable, seen by the check, and over by itself.

use std::time::{Duration, Instant};

use rosterd_domain::name::UserName;
use rosterd_domain::user::UserChanges;
use rosterd_storage::{Store, StoreError, StoreResult};
use rosterd_testkit::{DbKind, TestDb, run, with_databases};

use crate::support::{NOW, id, insert_users, open, read};

with_databases!(all, a_database_that_works_is_well, async |db| {
    let store = open(&db);
    store.check().await.unwrap();
    insert_users(&store, &["eve"]).await;
    store.check().await.unwrap();
});

async fn rename(store: &Store, name: &'static str) -> StoreResult<bool> {
    let changes =
        UserChanges { name: Some(UserName::from_stored(name.to_owned())), ..UserChanges::default() };
    store.write(move |db| db.update_user(&id("u-eve"), &changes, NOW)).await
}

fn is_unavailable<T>(result: &StoreResult<T>) -> bool {
    matches!(result, Err(StoreError::Unavailable { .. }))
}

#[test]
fn a_server_that_takes_no_writes_is_seen_and_its_end_too() {
    if !DbKind::OwnPostgres.is_available() {
        return run::report_skip("a_server_that_takes_no_writes_is_seen_and_its_end_too");
    }
    run::block_on(async {
        for kind in [DbKind::OwnPostgres, DbKind::WebUiPostgres] {
            let db = TestDb::fresh(kind);
            let store = open(&db);
            insert_users(&store, &["eve"]).await;

            db.db_alter("SET default_transaction_read_only = on");
            db.db_hang_up();
            // The connections that rested are gone; after that, reads work and writes do not.
            let _lost = store.check().await;
            assert!(is_unavailable(&store.check().await), "{kind:?}");
            assert!(read(&store, |db| db.find_user(&id("u-eve"))).await.is_some());
            for _ in 0..3 {
                let refused = rename(&store, "Eve").await;
                assert!(is_unavailable(&refused), "{kind:?}: {refused:?}");
            }
            assert!(is_unavailable(&store.check().await), "{kind:?}");

            // Sessions that began before keep the old value, as those to a server before a failover would.
            db.db_alter("RESET default_transaction_read_only");
            let _of_an_old_session = rename(&store, "Eve").await;
            assert!(rename(&store, "Eve").await.unwrap(), "{kind:?}: writes come back by themselves");
            store.check().await.unwrap();
        }
    });
}

#[test]
fn the_check_finds_the_end_although_nobody_writes() {
    if !DbKind::OwnPostgres.is_available() {
        return run::report_skip("the_check_finds_the_end_although_nobody_writes");
    }
    run::block_on(async {
        let db = TestDb::fresh(DbKind::WebUiPostgres);
        db.db_alter("SET default_transaction_read_only = on");
        let store = open(&db);
        for _ in 0..3 {
            assert!(is_unavailable(&store.check().await));
        }
        db.db_alter("RESET default_transaction_read_only");
        let _of_an_old_session = store.check().await;
        store.check().await.unwrap();
    });
}

#[test]
fn a_right_that_is_missing_is_seen_until_a_write_works() {
    if !DbKind::OwnPostgres.is_available() {
        return run::report_skip("a_right_that_is_missing_is_seen_until_a_write_works");
    }
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnPostgres);
        insert_users(&open(&db), &["eve"]).await;
        // The role's own name, so that tests do not meet: roles belong to the whole server.
        let role = db.db_value("SELECT current_database() || '_reader' AS name").unwrap();
        db.db_execute(&format!(
            "CREATE ROLE {role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}; \
             GRANT ALL ON TABLE __diesel_schema_migrations TO {role}"
        ));
        let store = open(&db);
        db.db_alter(&format!("SET role = {role}"));
        db.db_hang_up();
        let _lost = store.check().await;
        store.check().await.unwrap();
        let denied = rename(&store, "Eve").await;
        assert!(is_unavailable(&denied), "{denied:?}");
        assert!(is_unavailable(&store.check().await));
        let owner = "SET ROLE NONE; GRANT ALL ON ALL TABLES IN SCHEMA public TO";
        db.db_execute(&format!("{owner} {role}"));
        assert!(rename(&store, "Eve").await.unwrap());
        store.check().await.unwrap();
        db.db_execute(&format!("SET ROLE NONE; DROP OWNED BY {role}; DROP ROLE {role}"));
    });
}

with_databases!(sqlite, a_file_that_is_garbage_for_a_while_is_seen_and_its_end_too, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    if let Some(busy) = db.db_value("PRAGMA wal_checkpoint(TRUNCATE)") {
        assert_eq!(busy, "0", "nobody reads");
    }
    let file = db.file().unwrap();
    let whole = std::fs::read(&file).unwrap();
    let mut damaged = whole.clone();
    damaged.iter_mut().skip(4096).for_each(|byte| *byte = 0xa5);
    std::fs::write(&file, &damaged).unwrap();
    let refused = store.read(|db| db.find_user(&id("u-nobody"))).await;
    assert!(is_unavailable(&refused), "{refused:?}");
    assert!(is_unavailable(&store.check().await));
    std::fs::write(&file, &whole).unwrap();
    // The check may not be sure at once that the trouble is over, a write is.
    let limit = Instant::now() + Duration::from_mins(1);
    while rename(&store, "Eve").await.is_err() {
        assert!(Instant::now() < limit, "the file is whole again");
    }
    store.check().await.unwrap();
});
