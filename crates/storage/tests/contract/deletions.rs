//! What is kept of deleted accounts, and put back.

use std::collections::BTreeMap;

use rosterd_domain::deleted_user::{DeletedCursor, DeletedUser, RestoredRows, RowCounts};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::role::Role;
use rosterd_domain::rules::way_back::Obstacle;
use rosterd_storage::{Db, Store, StoreResult};
use rosterd_testkit::{DbKind, TestDb, fixtures, run, with_databases};

use crate::support::{NOW, id, insert_users, lookup, open, read, recorded, write};

/// The database with rosterd's tables, which Open WebUI's are given first.
async fn adopted(db: &TestDb) -> Store {
    if !open(db).layout().is_standalone() {
        open(db).adopt_apply().await.unwrap();
    }
    open(db)
}

/// Every row of every table but of those in which deleted accounts are kept, each value with its type where it has one of its
/// own, in order. What else a test names is left out.
fn content(db: &TestDb, without: &[&str]) -> Vec<(String, Vec<String>)> {
    let columns = if db.is_postgres() {
        "SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = current_schema()"
    } else {
        "SELECT m.name AS t, c.name AS c FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c \
         WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'"
    };
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in db.db_query_text(columns) {
        let [Some(table), Some(column)] = row.as_slice() else { panic!("{row:?}") };
        let is_left_out = table.starts_with("rosterd_deleted") || table.starts_with("rosterd_user_fts");
        // The places of rows in a search index are its own affair.
        let is_place = table == "rosterd_user_search" && column == "id";
        if !is_left_out && !is_place && !without.contains(&format!("{table}.{column}").as_str()) {
            tables.entry(table.clone()).or_default().push(column.clone());
        }
    }
    let mut content = Vec::new();
    for (table, columns) in tables {
        let value = |column: &String| {
            if db.is_postgres() {
                format!(r#"coalesce("{column}"::text, '<null>')"#)
            } else {
                format!(r#"typeof("{column}") || ':' || hex(CAST("{column}" AS BLOB))"#)
            }
        };
        let values: Vec<String> = columns.iter().map(value).collect();
        let rows = db.db_query_text(&format!(
            r#"SELECT {} AS r FROM "{table}" ORDER BY 1"#,
            values.join(" || ' | ' || ")
        ));
        content.push((table, rows.into_iter().flatten().flatten().collect()));
    }
    content
}

/// Deletes as the use case does, and keeps what is deleted.
fn delete(db: &mut dyn Db, user: &UserId, at: i64) -> StoreResult<DeletedUser> {
    let account = db.lock_account(user)?.unwrap();
    let size = db.measure_deletion(user)?;
    let deleted = DeletedUser {
        id: user.clone(),
        name: account.name,
        email: account.email,
        role: account.role,
        created_at: account.created_at,
        deleted_at: at,
        deleted_by: Some(id("who")),
        rows: size.rows(),
        bytes: size.bytes,
    };
    db.keep_deleted_user(&deleted)?;
    db.remove_from_all_groups(user, at)?;
    db.delete_chats(user)?;
    db.delete_all_api_keys(user)?;
    db.delete_oauth_sessions(user)?;
    db.delete_sessions(user)?;
    db.delete_auth(user)?;
    db.delete_user(user)?;
    Ok(deleted)
}

async fn deleted(store: &Store, user: &UserId) -> DeletedUser {
    let user = user.clone();
    write(store, move |db| delete(db, &user, NOW)).await
}

async fn restored(store: &Store, user: &UserId) -> RestoredRows {
    let user = user.clone();
    write(store, move |db| db.restore_deleted_user(&user, NOW)).await
}

async fn obstacles(store: &Store, user: &UserId) -> Vec<Obstacle> {
    let user = user.clone();
    read(store, move |db| db.find_obstacles(&user)).await
}

fn counts(rows: &[(&str, i64)]) -> RowCounts {
    rows.iter().map(|(table, rows)| ((*table).to_owned(), *rows)).collect()
}

with_databases!(attached, b1_b3_every_row_of_open_webui_comes_back_as_it_was, async |db| {
    if open(&db).layout().newer.automation_run {
        db.db_execute(fixtures::MORE_0_12);
        db.db_execute(
            "INSERT INTO automation_run (id, automation_id, chat_id, status, created_at) \
             SELECT 'run-' || id, 'a', id, 'done', 1 FROM chat",
        );
    }
    let store = adopted(&db).await;
    db.db_execute("DELETE FROM api_key");
    db.db_execute("DELETE FROM oauth_session");
    // Restoring memberships moves a group's time, as removing them does.
    let without = ["group.updated_at"];
    for name in ["ada", "alice", "bob", "carol", "erin", "heidi"] {
        let user = recorded(name);
        let before = content(&db, &without);
        let kept = deleted(&store, &user).await;
        assert_ne!(content(&db, &without), before);
        assert_eq!(obstacles(&store, &user).await, []);
        let done = restored(&store, &user).await;
        assert_eq!(content(&db, &without), before, "{user}");
        assert_eq!((done.left_out, done.groups_gone), (RowCounts::new(), Vec::new()));
        assert_eq!(done.restored.values().sum::<i64>(), kept.rows);
        assert_eq!(db.db_value("SELECT count(*) AS n FROM rosterd_deleted_row").as_deref(), Some("0"));
    }
});

with_databases!(own, b1_b3_every_row_of_a_standalone_database_comes_back_as_it_was, async |db| {
    let store = open(&db);
    insert_users(&store, &["ann", "Straße"]).await;
    db.db_execute(
        "INSERT INTO auth (id, email, password, active) VALUES ('u-Straße', 'straße@example.net', '$2b$04$x', TRUE); \
         INSERT INTO \"group\" (id, user_id, name, description) VALUES ('g-1', 'u-ann', 'G', ''), ('g-2', 'u-ann', 'H', ''); \
         INSERT INTO group_member (id, group_id, user_id) VALUES ('m-1', 'g-1', 'u-Straße'), ('m-2', 'g-2', 'u-Straße'), \
            ('m-3', 'g-1', 'u-ann'); \
         INSERT INTO chat (id, user_id) VALUES ('c-1', 'u-Straße'), ('c-2', 'shared-c-1'), ('c-3', 'u-ann'); \
         INSERT INTO rosterd_sign_in (user_id, signed_in_at, failed, failed_before) VALUES ('u-Straße', 7, 1, 2)",
    );
    let user = id("u-Straße");
    let without = ["group.updated_at"];
    let before = content(&db, &without);
    let kept = deleted(&store, &user).await;
    assert_eq!(kept.rows, 7);
    let done = restored(&store, &user).await;
    assert_eq!(content(&db, &without), before);
    let wanted =
        counts(&[("user", 1), ("auth", 1), ("group_member", 2), ("chat", 2), ("rosterd_sign_in", 1)]);
    assert_eq!((done.restored, done.left_out), (wanted, RowCounts::new()));
    let times = db.db_query_text("SELECT updated_at FROM \"group\"");
    assert_eq!(times, [[Some(NOW.to_string())], [Some(NOW.to_string())]]);
});

/// Values that are not what their columns should hold, and such as no JSON has.
const ODD: [&str; 14] = [
    "9007199254740993",
    "-9223372036854775808",
    "1.1",
    "1e300",
    "-9e999",
    "5e-324",
    "''",
    "x''",
    "x'00ff0a'",
    "CAST(x'6100620a22275c' AS TEXT)",
    "CAST(x'ff80c3' AS TEXT)",
    "'quote '' and \" and \\ and \u{1F600}'",
    "'{\"text\": \"6162\", \"real\": null}'",
    "NULL",
];

with_databases!(sqlite, b1_b3_values_of_any_type_come_back_on_sqlite, async |db| {
    let store = adopted(&db).await;
    insert_users(&store, &["odd"]).await;
    // A table without types, for what columns with types would turn into something else.
    db.db_execute("DROP TABLE IF EXISTS chat_file; DROP TABLE chat");
    db.db_execute("CREATE TABLE chat (id PRIMARY KEY, user_id, share_id, odd, \"odd name\", twice AS (odd))");
    for (number, odd) in ODD.iter().enumerate() {
        db.db_execute(&format!(
            "INSERT INTO chat (id, user_id, odd, \"odd name\") VALUES ('c-{number}', 'u-odd', {odd}, {odd})"
        ));
    }
    let store = {
        drop(store);
        open(&db)
    };
    let (user, before) = (id("u-odd"), content(&db, &[]));
    deleted(&store, &user).await;
    assert_eq!(obstacles(&store, &user).await, []);
    restored(&store, &user).await;
    assert_eq!(content(&db, &[]), before);
});

#[test]
fn b1_b3_values_of_any_type_come_back_on_postgresql() {
    let kind = DbKind::WebUi012Postgres;
    if !kind.is_available() {
        return;
    }
    run::block_on(async {
        let db = TestDb::fresh(kind);
        db.db_execute(
            "ALTER TABLE chat ADD COLUMN \"odd name\" text[], ADD COLUMN bytes bytea, ADD COLUMN at timestamptz, \
             ADD COLUMN exact numeric, ADD COLUMN near double precision, ADD COLUMN blanks char(5), \
             ADD COLUMN binary_json jsonb, ADD COLUMN numbered bigint GENERATED ALWAYS AS IDENTITY, \
             ADD COLUMN twice text GENERATED ALWAYS AS (title || title) STORED",
        );
        let alice = recorded("alice");
        for (number, json) in
            ["null", "\"null\"", "{ \"b\": 1.10, \"a\": \"\\u00e9\\u0000\", \"b\": 2}", "[]"]
                .iter()
                .enumerate()
        {
            db.db_execute(&format!(
                "INSERT INTO chat (id, user_id, title, archived, created_at, updated_at, chat, pinned, \"odd name\", bytes, at, \
                 exact, near, blanks, binary_json) VALUES ('odd-{number}', '{alice}', 'it''s \"\\ {number}', true, \
                 9007199254740993, -1, '{json}', NULL, ARRAY['a,b', NULL, '\"'], '\\x00ff', '2026-11-27 12:00:00.123456+01', \
                 1.10, 'Infinity', 'a', '{{\"a\": 1.10}}')"
            ));
        }
        let store = adopted(&db).await;
        db.db_execute("DELETE FROM api_key; DELETE FROM oauth_session");
        let before = content(&db, &["group.updated_at"]);
        deleted(&store, &alice).await;
        assert_eq!(obstacles(&store, &alice).await, []);
        restored(&store, &alice).await;
        assert_eq!(content(&db, &["group.updated_at"]), before);
    });
}

with_databases!(newest, b3_what_belongs_to_something_that_is_gone_stays_away, async |db| {
    db.db_execute(fixtures::MORE_0_12);
    let store = adopted(&db).await;
    let bob = recorded("bob");
    db.db_execute(&format!(
        "INSERT INTO file (id, user_id, filename, created_at, updated_at) VALUES ('f-1', 'x', 'f', 1, 1), ('f-2', 'x', 'f', 1, 1); \
         INSERT INTO chat_file (id, user_id, chat_id, file_id, created_at, updated_at) \
         SELECT f.id || c.id, c.user_id, c.id, f.id, 1, 1 FROM file f JOIN chat c ON c.user_id = '{bob}' WHERE f.user_id = 'x'; \
         INSERT INTO automation_run (id, automation_id, chat_id, status, created_at) \
         SELECT 'stays-' || id, 'a', id, 'done', 1 FROM chat WHERE user_id = '{bob}'; \
         INSERT INTO automation_run (id, automation_id, chat_id, status, created_at) \
         SELECT 'moves-' || id, 'a', id, 'done', 1 FROM chat WHERE user_id = '{bob}'"
    ));
    let chats: i64 = db
        .db_value(&format!("SELECT count(*) AS n FROM chat WHERE user_id = '{bob}'"))
        .unwrap()
        .parse()
        .unwrap();
    let groups =
        db.db_query_text(&format!("SELECT group_id FROM group_member WHERE user_id = '{bob}' ORDER BY 1"));
    let gone = groups[0][0].clone().unwrap();
    let size = {
        let bob = bob.clone();
        read(&store, move |db| db.measure_deletion(&bob)).await
    };
    assert_eq!((size.removed["chat_file"], size.cleared["automation_run"]), (2 * chats, 2 * chats));
    deleted(&store, &bob).await;
    db.db_execute(&format!(
        "DELETE FROM chat_file WHERE file_id = 'f-1'; DELETE FROM file WHERE id = 'f-1'; \
         DELETE FROM group_member WHERE group_id = '{gone}'; \
         UPDATE \"group\" SET parent_group_id = NULL WHERE parent_group_id = '{gone}'; \
         DELETE FROM \"group\" WHERE id = '{gone}'; \
         UPDATE automation_run SET chat_id = 'other' WHERE id LIKE 'moves-%'"
    ));
    let done = restored(&store, &bob).await;
    assert_eq!(done.groups_gone, [GroupId::from_stored(gone)]);
    assert_eq!(
        done.left_out,
        counts(&[("group_member", 1), ("chat_file", chats), ("automation_run", chats)])
    );
    assert_eq!((done.restored["chat_file"], done.restored["automation_run"]), (chats, chats));
    let other = "SELECT count(*) AS n FROM automation_run WHERE chat_id = 'other'";
    assert_eq!(db.db_value(other), Some(chats.to_string()));
});

with_databases!(all, b4_all_that_is_in_the_way_is_found, async |db| {
    let store = adopted(&db).await;
    insert_users(&store, &["eve", "ann"]).await;
    let eve = id("u-eve");
    db.db_execute(
        "INSERT INTO auth (id, email, password, active) VALUES ('u-eve', 'eve@example.net', 'x', TRUE)",
    );
    deleted(&store, &eve).await;
    db.db_execute(
        "INSERT INTO auth (id, email, password, active) VALUES ('u-eve', 'eve2@example.net', 'x', TRUE)",
    );
    assert_eq!(obstacles(&store, &eve).await, [Obstacle::RowsTaken("auth".to_owned(), 1)]);
    db.db_execute("DELETE FROM auth WHERE id = 'u-eve'");
    let rename = |from: &str, to: &str| {
        db.db_execute(&format!(
            "UPDATE rosterd_deleted_row SET content = replace(content, '\"{from}\"', '\"{to}\"')"
        ));
    };
    rename("bio", "autobiography");
    let column = Obstacle::ColumnGone("user.autobiography".to_owned());
    assert_eq!(obstacles(&store, &eve).await, [column]);
    rename("autobiography", "bio");
    db.db_execute("UPDATE rosterd_deleted_row SET table_name = 'later' WHERE table_name = 'auth'");
    assert_eq!(obstacles(&store, &eve).await, [Obstacle::TableGone("later".to_owned())]);
    db.db_execute("UPDATE rosterd_deleted_row SET table_name = 'auth' WHERE table_name = 'later'");
    write(&store, |db| {
        let mut other = crate::support::new_user("eve", 9);
        other.email = crate::support::email("eve3@example.net");
        db.insert_user(&other)
    })
    .await;
    assert_eq!(obstacles(&store, &eve).await, [Obstacle::IdTaken]);
});

with_databases!(all, b5_what_is_kept_is_listed_found_and_forgotten, async |db| {
    let store = adopted(&db).await;
    insert_users(&store, &["b", "a", "c"]).await;
    for (name, at) in [("a", 10), ("b", 10), ("c", 20)] {
        write(&store, move |db| delete(db, &id(&format!("u-{name}")), at)).await;
    }
    let page = async |after: Option<&'static str>, limit| {
        let cursor =
            after.map(|last| DeletedCursor { deleted_at: if last == "u-c" { 20 } else { 10 }, id: id(last) });
        let page = read(&store, move |db| db.list_deleted_users(cursor.as_ref(), limit)).await;
        page.into_iter().map(|user| user.id.into_string()).collect::<Vec<_>>()
    };
    assert_eq!(page(None, 9).await, ["u-c", "u-b", "u-a"]);
    assert_eq!(page(None, 1).await, ["u-c"]);
    assert_eq!(page(Some("u-c"), 1).await, ["u-b"]);
    assert_eq!(page(Some("u-b"), 9).await, ["u-a"]);
    assert_eq!(read(&store, |db| db.count_deleted_users()).await, 3);
    let found = read(&store, |db| db.find_deleted_user(&id("u-a"))).await.unwrap();
    assert_eq!((found.name.as_str(), found.role, found.deleted_at), ("a", Role::User, 10));
    assert_eq!(found.deleted_by, Some(id("who")));
    assert!(found.rows >= 1 && found.bytes > 0);
    let by_email = read(&store, |db| db.list_deleted_ids_by_email(&lookup(" A@EXAMPLE.net "))).await;
    assert_eq!(by_email, [id("u-a")]);
    let old = read(&store, |db| db.list_deleted_until(10, 9)).await;
    assert_eq!(old.iter().map(|user| user.id.as_str()).collect::<Vec<_>>(), ["u-a", "u-b"]);
    // One who is deleted again is kept as at the last time.
    insert_users(&store, &["a"]).await;
    let again = write(&store, |db| delete(db, &id("u-a"), 30)).await;
    assert_eq!(read(&store, |db| db.find_deleted_user(&id("u-a"))).await, Some(again));
    for name in ["a", "b", "c"] {
        assert!(write(&store, move |db| db.forget_deleted_user(&id(&format!("u-{name}")))).await);
    }
    assert!(!write(&store, |db| db.forget_deleted_user(&id("u-a"))).await);
    assert_eq!(db.db_value("SELECT count(*) AS n FROM rosterd_deleted_row").as_deref(), Some("0"));
});

with_databases!(attached, b2_without_the_tables_nothing_is_kept, async |db| {
    let store = open(&db);
    assert!(!store.layout().deletions);
    let alice = recorded("alice");
    let size = {
        let alice = alice.clone();
        read(&store, move |db| db.measure_deletion(&alice)).await
    };
    assert_eq!((size.removed["user"], size.removed["auth"]), (1, 1));
    deleted(&store, &alice).await;
    assert_eq!(read(&store, |db| db.count_deleted_users()).await, 0);
    assert_eq!(read(&store, |db| db.list_deleted_users(None, 9)).await, []);
    assert!(!write(&store, move |db| db.forget_deleted_user(&alice)).await);
});
