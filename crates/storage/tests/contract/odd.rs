//! Rows that hold what no program of ours stores. SQLite's columns hold anything, and somebody's schema may allow more
//! than Open WebUI's: one odd row harms only itself.

use rosterd_domain::group::GroupChanges;
use rosterd_domain::json::JsonText;
use rosterd_domain::list::{Cursor, CursorKey, Direction, ListQuery, Order, OrderBy, SearchText};
use rosterd_domain::name::UserName;
use rosterd_domain::user::{UserChanges, UserModel};
use rosterd_storage::{ConfigLayout, Document, ListedSizes, Store, TokenId};
use rosterd_testkit::{DbKind, TestDb, with_databases};

use crate::support::{NOW, id, insert_users, open, read, recorded_group, write};

/// Those that nothing is wrong with, spread over every order.
const SOUND: [&str; 7] = ["aaron", "bea", "joe", "josephine", "zoe", "中村", "ünal"];

/// The same in every text column: bytes of Latin-1, a number, bytes that are no text, nothing.
const ODD_ON_SQLITE: &str = r#"
    UPDATE "user" SET name = CAST(x'4a6f73e9' AS TEXT), bio = x'ff', gender = 7 WHERE id = 'u-odd1';
    UPDATE "user" SET name = x'ff00fe', email = CAST(x'66ff' AS TEXT), role = x'61' WHERE id = 'u-odd2';
    UPDATE "user" SET created_at = 'yesterday', updated_at = x'ff', last_active_at = '2023-11-14 22:13:20',
        status_expires_at = 'soon' WHERE id = 'u-odd3';
    UPDATE "user" SET created_at = 1700000000000, updated_at = 1.5, last_active_at = 9e300 WHERE id = 'u-odd4';
    UPDATE "user" SET settings = CAST(x'7bff' AS TEXT), info = x'00', oauth = 7, date_of_birth = x'ff'
        WHERE id = 'u-odd4';
    PRAGMA writable_schema = ON;
    UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE type = 'table' AND name = 'user';
    PRAGMA writable_schema = RESET;
"#;

const NULL_ON_SQLITE: &str = r#"
    UPDATE "user" SET name = NULL, email = NULL, role = NULL, profile_image_url = NULL WHERE id = 'u-odd5';
    UPDATE "user" SET created_at = NULL, updated_at = NULL, last_active_at = NULL WHERE id IN ('u-odd6', 'u-odd7');
    UPDATE "user" SET name = NULL WHERE id = 'u-odd7';
    INSERT INTO "user" (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at)
        VALUES (CAST(x'75ff2d69' AS TEXT), 'm', 'latin@b.c', 'user', '', 1000000003, 1000000003, 1000000003),
               (CAST(x'75fe2d69' AS TEXT), 'm', 'like@b.c', 'user', '', 1000000003, 1000000003, 1000000003),
               (CAST(x'75fd2d69' AS TEXT), 'mm', 'alike@b.c', 'user', '', 1000000003, 1000000003, 1000000003),
               (x'75ff2d6a', 'n', 'bytes@b.c', 'user', '', 1000000003, 1000000003, 1000000003),
               (x'752d6b', 'o', 'blob@b.c', 'user', '', 1000000003, 1000000003, 1000000003);
"#;

const ODD_ON_POSTGRES: &str = r#"
    ALTER TABLE "user" ALTER role TYPE char(20);
    ALTER TABLE "user" ALTER name DROP NOT NULL, ALTER email DROP NOT NULL, ALTER role DROP NOT NULL,
        ALTER profile_image_url DROP NOT NULL, ALTER created_at DROP NOT NULL, ALTER updated_at DROP NOT NULL,
        ALTER last_active_at DROP NOT NULL;
    UPDATE "user" SET created_at = 1700000000000, updated_at = -1, last_active_at = 9223372036854775807
        WHERE id = 'u-odd4';
    UPDATE "user" SET name = NULL, email = NULL, role = NULL, profile_image_url = NULL WHERE id = 'u-odd5';
    UPDATE "user" SET created_at = NULL, updated_at = NULL, last_active_at = NULL WHERE id IN ('u-odd6', 'u-odd7');
    UPDATE "user" SET name = NULL WHERE id = 'u-odd7';
    UPDATE "user" SET name = '' WHERE id = 'u-odd3';
"#;

/// A store on a database with sound and odd rows.
async fn spoilt(db: &TestDb) -> Store {
    let names: Vec<String> = (1..=7).map(|number| format!("odd{number}")).collect();
    let store = open(db);
    insert_users(&store, &SOUND).await;
    insert_users(&store, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    drop(store);
    if db.is_postgres() {
        db.db_execute(ODD_ON_POSTGRES);
    } else {
        if open(db).layout().member_names {
            // The table of members by name takes no NULL either.
            db.db_execute("DROP TRIGGER rosterd_tr_member_renamed");
        }
        db.db_execute(ODD_ON_SQLITE);
        db.db_execute(NULL_ON_SQLITE);
    }
    open(db)
}

async fn list(store: &Store, query: ListQuery) -> Vec<UserModel> {
    read(store, move |db| db.list_users(&query, ListedSizes::default())).await
}

fn is_sound(user: &UserModel) -> bool {
    SOUND.iter().any(|name| user.id == id(&format!("u-{name}")))
}

/// Walks a list by cursor to its end, which must come.
async fn walk(store: &Store, order: &Order, limit: i64, total: i64) -> Vec<UserModel> {
    let mut walked: Vec<UserModel> = Vec::new();
    for _step in 0..=(total + 2) {
        let query = match walked.last() {
            None => ListQuery::page_of(None, order.clone(), 1, limit),
            Some(last) => ListQuery::after(None, Cursor::of_user(last, order, false), limit),
        };
        let rows = list(store, query).await;
        if rows.is_empty() {
            return walked;
        }
        walked.extend(rows);
    }
    panic!("the walk by {order:?} {limit} at a time does not end");
}

with_databases!(all, every_walk_ends_and_passes_all_that_are_sound, async |db| {
    let store = spoilt(&db).await;
    let total = read(&store, |db| db.count_users()).await;
    for by in ["created_at", "name", "email", "role", "last_active_at", "updated_at"] {
        for direction in ["asc", "desc"] {
            let order = Order::parse(Some(by), Some(direction));
            for limit in [1, 2, 5] {
                let walked = walk(&store, &order, limit, total).await;
                let mut sound: Vec<_> =
                    walked.iter().filter(|user| is_sound(user)).map(|user| &user.id).collect();
                sound.sort();
                let before = sound.len();
                sound.dedup();
                assert_eq!((before, sound.len()), (SOUND.len(), SOUND.len()), "{by} {direction} {limit}");
                // Those without a key have their place too: before all others, or behind them.
                let odd: Vec<_> = ["u-odd5", "u-odd6"]
                    .iter()
                    .map(|odd| walked.iter().filter(|user| user.id == id(odd)).count())
                    .collect();
                assert_eq!(odd, [1, 1], "{by} {direction} {limit}");
            }
        }
    }
});

with_databases!(all, lists_searches_and_walks_are_answered_for_everybody, async |db| {
    let store = spoilt(&db).await;
    let total = usize::try_from(read(&store, |db| db.count_users()).await).unwrap();
    let listed = list(&store, ListQuery::page_of(None, Order::default(), 1, 200)).await;
    assert_eq!(listed.len(), total);
    let infos = ListQuery::page_of(None, Order::default(), 1, 200);
    assert_eq!(read(&store, move |db| db.list_user_infos(&infos)).await.len(), total);
    let mut everybody = 0;
    let everybody = read(&store, move |db| {
        db.for_each_user_info(&mut |_user| {
            everybody += 1;
            true
        })?;
        Ok(everybody)
    })
    .await;
    assert_eq!(everybody, total);
    for text in ["josephine", "JOSEPH", "中村", "ÜNAL"] {
        let query = ListQuery::page(SearchText::new(text), Order::default(), 1);
        let found = list(&store, query).await;
        assert_eq!(found.iter().filter(|user| is_sound(user)).count(), 1, "{text}");
    }
    let odd = |number: u8| listed.iter().find(|user| user.id == id(&format!("u-odd{number}"))).unwrap();
    if !db.is_postgres() {
        assert_eq!((odd(1).name.as_str(), odd(1).gender.as_deref()), ("Jos\u{fffd}", Some("7")));
        assert_eq!((odd(3).created_at, odd(3).last_active_at), (0, 1_700_000_000));
        assert!(odd(4).settings.as_ref().is_some_and(JsonText::is_unreadable));
    }
    assert_eq!((odd(5).name.as_str(), odd(5).role.as_str()), ("", ""));
    assert_eq!((odd(6).created_at, odd(4).created_at), (0, 1_700_000_000_000));
    let sound = listed.iter().find(|user| user.id == id("u-bea")).unwrap();
    assert_eq!(sound.role.as_str(), "user", "also where the column is a char(20)");
});

with_databases!(all, an_odd_row_can_be_read_changed_and_deleted, async |db| {
    let store = spoilt(&db).await;
    for number in 1..=7 {
        let odd = id(&format!("u-odd{number}"));
        let who = odd.clone();
        read(&store, move |db| {
            db.find_account(&who)?.unwrap();
            db.find_caller(&who, TokenId::NONE)?.unwrap();
            db.find_last_active_at(&who)?.unwrap();
            db.find_profile_image(&who)?.unwrap();
            db.lock_caller_with(&who, TokenId::NONE, Document::Info)?.unwrap();
            db.list_groups_of(&who).map(drop)
        })
        .await;
        let renamed = UserChanges {
            name: Some(UserName::from_stored(format!("New {number}"))),
            ..UserChanges::default()
        };
        let who = odd.clone();
        assert!(write(&store, move |db| db.update_user(&who, &renamed, NOW)).await);
        let who = odd.clone();
        let user = read(&store, move |db| db.find_user(&who)).await.unwrap();
        assert_eq!((user.name, user.updated_at), (format!("New {number}"), NOW));
        let who = odd.clone();
        write(&store, move |db| {
            db.delete_chats(&who)?;
            db.remove_from_all_groups(&who, NOW)
        })
        .await;
        assert!(write(&store, move |db| db.delete_user(&odd)).await);
    }
});

with_databases!(all, who_has_no_time_of_creation_is_not_the_primary_admin, async |db| {
    let store = spoilt(&db).await;
    let primary = read(&store, |db| db.find_primary_admin()).await.unwrap();
    assert_ne!(primary, id("u-odd6"));
});

with_databases!(attached, a_walk_in_the_order_of_membership_ends_too, async |db| {
    let store = spoilt(&db).await;
    let (group, total) = (recorded_group("engineering"), read(&store, |db| db.count_users()).await);
    let members: Vec<_> = SOUND.iter().map(|name| id(&format!("u-{name}"))).chain([id("u-odd1")]).collect();
    let (of, users) = (group.clone(), members.clone());
    write(&store, move |db| db.add_members(&of, &users, NOW, &mut fresh_ids())).await;
    for direction in [Direction::Ascending, Direction::Descending] {
        let order = Order { by: OrderBy::GroupMember(group.clone()), direction };
        let mut passed: Vec<UserModel> = Vec::new();
        let mut steps = 0;
        loop {
            let query = match passed.last() {
                None => ListQuery::page_of(None, order.clone(), 1, 3),
                Some(last) => {
                    let of = last.id.clone();
                    let groups = read(&store, move |db| db.list_group_ids_of(&[&of])).await;
                    let member = groups[0].contains(&group);
                    let key = CursorKey::Member { member, name: last.name.clone() };
                    ListQuery::after(None, Cursor::new(order.clone(), key, last.id.clone()), 3)
                }
            };
            let rows = list(&store, query).await;
            if rows.is_empty() {
                break;
            }
            passed.extend(rows);
            steps += 1;
            assert!(steps <= total + 2, "the walk does not end");
        }
        let sound = passed.iter().filter(|user| is_sound(user)).count();
        assert_eq!(sound, SOUND.len(), "{direction:?}");
        for unnamed in ["u-odd5", "u-odd7"] {
            let times = passed.iter().filter(|user| user.id == id(unnamed)).count();
            assert_eq!(times, 1, "{unnamed} {direction:?}");
        }
    }
});

with_databases!(all, a_setting_that_is_null_is_not_set, async |db| {
    let layout = open(&db).layout().config;
    let column = if layout == ConfigLayout::Document { "data" } else { "value" };
    write(&open(&db), |db| db.set_configs(&[("ui.watermark", JsonText::from_stored("1".to_owned()))], NOW))
        .await;
    db.db_execute(&if db.is_postgres() {
        format!("ALTER TABLE config ALTER {column} DROP NOT NULL")
    } else {
        "PRAGMA writable_schema = ON; \
         UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE type = 'table' AND name = 'config'; \
         PRAGMA writable_schema = RESET"
            .to_owned()
    });
    db.db_execute(&format!("UPDATE config SET {column} = NULL"));
    let store = open(&db);
    assert_eq!(read(&store, |db| db.find_config("ui.watermark")).await, None);
    // Of several, a row of its own says null: whoever asks tells it from nothing.
    let null = (layout == ConfigLayout::KeyValue).then(|| JsonText::from_stored("null".to_owned()));
    assert_eq!(read(&store, |db| db.find_configs(&["ui.watermark", "ui.x"])).await, [null, None]);
    write(&store, |db| db.set_configs(&[("ui.watermark", JsonText::from_stored("2".to_owned()))], NOW)).await;
    let found = read(&store, |db| db.find_config("ui.watermark")).await;
    assert_eq!(found.as_ref().map(JsonText::as_str), Some("2"));
});

with_databases!(attached, json_that_cannot_be_read_is_kept_and_harms_no_other_column, async |db| {
    let group = recorded_group("engineering");
    if db.is_postgres() {
        // `json` takes nothing else; `text` does, and some have it.
        db.db_execute(
            "ALTER TABLE \"group\" ALTER permissions TYPE text, ALTER data TYPE text; \
             ALTER TABLE \"user\" ALTER settings TYPE text, ALTER info TYPE text",
        );
    }
    let of_group = format!("WHERE id = '{}'", group.as_str());
    db.db_execute(&format!("UPDATE \"group\" SET permissions = '{{\"a\": tr' {of_group}"));
    db.db_execute("UPDATE \"user\" SET settings = '{\"a\": tr', info = '{\"b\": NaN}'");
    let store = open(&db);
    let changes = GroupChanges {
        description: Some("new".to_owned()),
        data: Some(Some(JsonText::from_stored("{\"k\": 1}".to_owned()))),
        ..GroupChanges::default()
    };
    let of = group.clone();
    write(&store, move |db| db.update_group(&of, &changes, NOW)).await;
    let listed = read(&store, |db| db.list_groups(None)).await;
    let found = &listed.iter().find(|listed| listed.group.id == group).unwrap().group;
    assert!(found.permissions.as_ref().is_some_and(JsonText::is_unreadable));
    assert_eq!(found.data.as_ref().map(JsonText::as_str), Some("{\"k\": 1}"));
    let stored = db.db_value(&format!("SELECT permissions FROM \"group\" {of_group}"));
    assert_eq!(stored.as_deref(), Some("{\"a\": tr"));
    let users = list(&store, ListQuery::page_of(None, Order::default(), 1, 200)).await;
    for user in users {
        assert!(user.settings.as_ref().is_some_and(JsonText::is_unreadable));
        assert_eq!(user.info.map(|info| info.to_value()), Some(serde_json::json!({ "b": null })));
    }
});

with_databases!(sqlite, rows_without_their_user_are_reported_whatever_their_id_is, async |db| {
    db.db_execute(
        "INSERT INTO auth (id, email, password, active) VALUES (CAST(x'6eff' AS TEXT), 'x', 'x', 1)",
    );
    db.db_execute("INSERT INTO auth (id, email, password, active) VALUES (x'6f', 'y', 'y', 1)");
    let report = open(&db).adopt_report().await.unwrap();
    assert_eq!(report.orphans.len(), 1);
    assert_eq!(report.orphans[0].ids, ["n\u{fffd}", "o"]);
});

#[tokio::test]
async fn an_odd_id_keeps_no_copy_from_being_folded_anew() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    insert_users(&open(&db), &["aa", "zz"]).await;
    for id in ["CAST(x'752d6dff' AS TEXT)", "x'752d6161'", "x'752d62'"] {
        db.db_execute(&format!(
            "INSERT INTO \"user\" (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at) \
             VALUES ({id}, 'Odd', hex({id}) || '@b.c', 'user', '', 1, 1, 1); \
             INSERT INTO rosterd_user_search (user_id, folded) VALUES ({id}, 'Odd')"
        ));
    }
    db.db_execute(
        "UPDATE rosterd_user_search SET folded = 'old'; \
         DELETE FROM __diesel_schema_migrations WHERE version = '202611261200000000'; \
         DROP INDEX rosterd_ix_auth_email_trimmed; DROP INDEX rosterd_ix_user_email_trimmed",
    );
    let store = open(&db);
    for name in ["aa", "zz"] {
        let query = ListQuery::page(SearchText::new(name), Order::default(), 1);
        assert_eq!(list(&store, query).await.len(), 1, "{name}");
    }
}

fn fresh_ids() -> impl FnMut() -> String {
    let mut number = 0;
    move || {
        number += 1;
        format!("odd-membership-{number}")
    }
}
