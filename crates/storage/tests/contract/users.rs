//! Table `user`, one row at a time.

use chrono::NaiveDate;
use rosterd_domain::json::JsonText;
use rosterd_domain::name::UserName;
use rosterd_domain::role::Role;
use rosterd_domain::user::{UserChanges, UserModel};
use rosterd_storage::{Document, StoreError};
use rosterd_testkit::with_databases;

use crate::support::{
    NOW, email, folds_emails_beyond_ascii, id, insert_users, lookup, new_user, open, read, recorded, write,
};

with_databases!(all, an_inserted_user_is_found_whole, async |db| {
    let store = open(&db);
    let mut new = new_user("eve", 7);
    new.oauth = Some(JsonText::from_stored(r#"{"google": {"sub": "1"}}"#.to_owned()));
    let given = new.clone();
    write(&store, move |db| db.insert_user(&new)).await;
    let user = read(&store, |db| db.find_user(&id("u-eve"))).await.unwrap();
    assert_eq!(user.email, "eve@example.net");
    assert_eq!(user.role, Role::User);
    assert_eq!(user.oauth, given.oauth);
    assert_eq!([user.created_at, user.updated_at, user.last_active_at], [given.created_at; 3]);
    assert_eq!((user.info, user.settings, user.bio), (None, None, None));
    assert_eq!(read(&store, |db| db.find_user(&id("nobody"))).await, None);
    assert_eq!(read(&store, |db| db.find_account(&id("nobody"))).await, None);
    assert_eq!(read(&store, |db| db.lock_account(&id("nobody"))).await, None);
    assert!(!read(&store, |db| db.lock_user(&id("nobody"))).await);
    assert!(write(&store, |db| db.lock_user(&id("u-eve"))).await);
    let image = read(&store, |db| db.find_profile_image(&id("u-eve"))).await;
    assert_eq!(image.as_deref(), Some("/user.png"));
});

with_databases!(all, r5_only_what_is_named_changes_and_updated_at_moves, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    let changes = UserChanges {
        name: Some(UserName::from_stored("Eve".to_owned())),
        status_message: Some(Some("away".to_owned())),
        date_of_birth: Some(NaiveDate::from_ymd_opt(2001, 2, 3)),
        ..UserChanges::default()
    };
    let sent = changes.clone();
    assert!(write(&store, move |db| db.update_user(&id("u-eve"), &changes, NOW)).await);
    let user = write(&store, |db| db.lock_account(&id("u-eve"))).await.unwrap();
    assert_eq!((user.name.as_str(), user.updated_at, user.last_active_at), ("Eve", NOW, 1_000_000_000));
    assert_eq!(read(&store, |db| db.find_account(&id("u-eve"))).await.as_ref(), Some(&user));
    assert_eq!(user.status.status_message.as_deref(), Some("away"));
    assert_eq!(Some(user.date_of_birth), sent.date_of_birth);

    let cleared = UserChanges { status_message: Some(None), ..UserChanges::default() };
    assert!(write(&store, move |db| db.update_user(&id("u-eve"), &cleared, NOW + 1)).await);
    let nothing = UserChanges::default();
    assert!(write(&store, move |db| db.update_user(&id("u-eve"), &nothing, NOW + 9)).await);
    let user = read(&store, |db| db.find_user(&id("u-eve"))).await.unwrap();
    assert_eq!((user.status_message, user.updated_at), (None, NOW + 1), "an empty change writes nothing");
    let changes = UserChanges { name: Some(UserName::from_stored("x".to_owned())), ..UserChanges::default() };
    assert!(!write(&store, move |db| db.update_user(&id("nobody"), &changes, NOW)).await);
});

with_databases!(all, a_document_is_carried_to_the_letter, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    // Key order, spaces and the number's own spelling.
    let text = || JsonText::from_stored(r#"{"ui":  {"b": 1.50, "a": 2}}"#.to_owned());
    let info = || JsonText::from_stored(r#"{"x": "ü\u0041"}"#.to_owned());
    assert!(write(&store, move |db| db.set_document(&id("u-eve"), Document::Settings, &text(), NOW)).await);
    assert!(write(&store, move |db| db.set_document(&id("u-eve"), Document::Info, &info(), NOW + 1)).await);
    let user = read(&store, |db| db.find_user(&id("u-eve"))).await.unwrap();
    assert_eq!((user.settings, user.info), (Some(text()), Some(info())));
    assert_eq!((user.updated_at, user.last_active_at), (NOW + 1, 1_000_000_000), "R5");
    assert!(!write(&store, move |db| db.set_document(&id("nobody"), Document::Info, &info(), NOW)).await);
});

with_databases!(own, r2_the_database_itself_refuses_a_taken_address, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve", "bob"]).await;
    let mut twin = new_user("twin", 9);
    twin.email = email("EVE@example.net");
    let refused = store.write(move |db| db.insert_user(&twin)).await;
    assert!(matches!(refused, Err(StoreError::AlreadyExists { .. })), "{refused:?}");
    let changes = UserChanges { email: Some(email("eve@example.net")), ..UserChanges::default() };
    let refused = store.write(move |db| db.update_user(&id("u-bob"), &changes, NOW)).await;
    assert!(matches!(refused, Err(StoreError::AlreadyExists { .. })), "{refused:?}");
    assert_eq!(read(&store, |db| db.count_users()).await, 2);
});

with_databases!(all, r2_an_address_is_found_in_any_case, async |db| {
    let store = open(&db);
    insert_users(&store, &["ömer"]).await;
    let found = read(&store, |db| db.find_user_id_by_email(&lookup("ÖMER@EXAMPLE.NET"))).await;
    assert_eq!(found, Some(id("u-ömer")));
    assert_eq!(read(&store, |db| db.find_user_id_by_email(&lookup("nobody@example.net"))).await, None);
});

with_databases!(attached, r2_addresses_stored_in_any_case_and_the_oldest_of_duplicates, async |db| {
    if folds_emails_beyond_ascii(&db) {
        return;
    }
    let store = open(&db);
    let found = read(&store, |db| db.find_user_id_by_email(&lookup("alice@example.com"))).await;
    assert_eq!(found, Some(recorded("alice")));
    // Open WebUI's newer layout forbids duplicates in ASCII, but not these.
    db.db_execute(&twin("t-new", "ÄNNE@example.com", 1_000_000_005));
    db.db_execute(&twin("t-old", "änne@example.com", 1_000_000_004));
    let found = read(&store, |db| db.find_user_id_by_email(&lookup("Änne@Example.com"))).await;
    assert_eq!(found, Some(id("t-old")));
});

with_databases!(all, r2_an_address_is_found_as_it_is_stored, async |db| {
    let store = open(&db);
    let stored =
        ["admin@localhost", "jd@intranet", "root", "tail@example.com ", " Head@Example.com", "Ünal@b.c "];
    for (number, email) in (1_i64..).zip(stored) {
        db.db_execute(&twin(&format!("t-{number}"), email, 1_000_000_000 + number));
        db.db_execute(&format!(
            "INSERT INTO auth (id, email, password, active) VALUES ('t-{number}', '{email}', 'h-{number}', {})",
            if db.is_postgres() { "true" } else { "1" }
        ));
    }
    for (typed, owner) in [
        ("ADMIN@localhost", "t-1"),
        ("jd@intranet", "t-2"),
        (" root", "t-3"),
        ("tail@example.com", "t-4"),
        ("tail@example.com ", "t-4"),
        ("head@example.com", "t-5"),
        (" Head@Example.com", "t-5"),
    ] {
        let found = read(&store, move |db| db.find_user_id_by_email(&lookup(typed))).await;
        assert_eq!(found, Some(id(owner)), "{typed:?}");
        let opened = read(&store, move |db| db.find_sign_in(&lookup(typed))).await.unwrap();
        assert_eq!(
            (opened.id, opened.hash.expose()),
            (id(owner), owner.replace('t', "h").as_str()),
            "{typed:?}"
        );
    }
    // Blanks and capitals beyond ASCII: found where the table is read, and by the exact spelling everywhere.
    let found = read(&store, |db| db.find_user_id_by_email(&lookup("Ünal@b.c "))).await;
    assert_eq!(found, Some(id("t-6")));
    if !store.layout().is_standalone() {
        let found = read(&store, |db| db.find_user_id_by_email(&lookup("ÜNAL@B.C"))).await;
        assert_eq!(found, Some(id("t-6")));
    }
    for nobody in ["tail @example.com", "localhost", "", "\0", "roo", "x@intranet"] {
        assert_eq!(
            read(&store, move |db| db.find_user_id_by_email(&lookup(nobody))).await,
            None,
            "{nobody:?}"
        );
        assert!(read(&store, move |db| db.find_sign_in(&lookup(nobody))).await.is_none(), "{nobody:?}");
    }
});

with_databases!(all, r2_the_exact_spelling_wins_then_the_oldest, async |db| {
    let store = open(&db);
    if store.layout().email_index {
        // Open WebUI's newer layout allows no second spelling in ASCII but for blanks.
        db.db_execute("DROP INDEX uq_user_email_lower");
    }
    let store = open(&db);
    let active = if db.is_postgres() { "true" } else { "1" };
    for (number, email) in [(3, "BOB@b.c"), (1, "Bob@b.c"), (2, "bob@b.c"), (0, " boB@b.c")] {
        db.db_execute(&twin(&format!("t-{number}"), email, 1_000_000_000 + number));
        db.db_execute(&format!(
            "INSERT INTO auth (id, email, password, active) VALUES ('t-{number}', '{email}', 'h', {active})"
        ));
    }
    for (typed, owner) in [
        ("BOB@b.c", "t-3"),
        ("Bob@b.c", "t-1"),
        ("bob@b.c", "t-2"),
        ("bob@b.c ", "t-2"),
        (" boB@b.c", "t-0"),
        ("boB@b.c", "t-0"),
        ("BOB@B.C", "t-0"),
    ] {
        let found = read(&store, move |db| db.find_user_id_by_email(&lookup(typed))).await;
        assert_eq!(found, Some(id(owner)), "{typed:?}");
        let opened = read(&store, move |db| db.find_sign_in(&lookup(typed))).await;
        assert_eq!(opened.map(|it| it.id), Some(id(owner)), "{typed:?}");
    }
    // Who cannot sign in does not stand in the way of who can.
    let off = if db.is_postgres() { "false" } else { "0" };
    db.db_execute(&format!("UPDATE auth SET active = {off} WHERE id = 't-0'"));
    let opened = read(&store, |db| db.find_sign_in(&lookup("BOB@B.C"))).await;
    assert_eq!(opened.map(|it| it.id), Some(id("t-1")));
});

fn twin(id: &str, email: &str, created_at: i64) -> String {
    format!(
        "INSERT INTO \"user\" (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at) \
         VALUES ('{id}', 'Twin', '{email}', 'user', '', {created_at}, 0, 0)"
    )
}

with_databases!(all, p1_the_primary_admin_is_the_oldest_then_the_lowest_id, async |db| {
    let store = open(&db);
    let twins = [new_user("b", 0), new_user("a", 0), new_user("0", 1)];
    write(&store, move |db| twins.iter().try_for_each(|user| db.insert_user(user))).await;
    assert_eq!(read(&store, |db| db.find_primary_admin()).await, Some(id("u-a")));
    assert!(write(&store, |db| db.delete_user(&id("u-a"))).await);
    assert!(!write(&store, |db| db.delete_user(&id("u-a"))).await);
    assert_eq!(read(&store, |db| db.find_primary_admin()).await, Some(id("u-b")));
});

with_databases!(all, p9_a_time_of_creation_is_replaced_and_nothing_else, async |db| {
    let store = open(&db);
    insert_users(&store, &["a", "b"]).await;
    let before = read(&store, |db| db.find_user(&id("u-a"))).await.unwrap();
    assert!(write(&store, |db| db.set_created_at(&id("u-a"), 5, NOW)).await);
    let user = read(&store, |db| db.find_user(&id("u-a"))).await.unwrap();
    assert_eq!(user, UserModel { created_at: 5, updated_at: NOW, ..before });
    assert_eq!(read(&store, |db| db.find_primary_admin()).await, Some(id("u-a")));
    assert!(!write(&store, |db| db.set_created_at(&id("nobody"), 5, NOW)).await);
    let is_another = async |at, but: [&'static str; 2]| {
        read(&store, move |db| db.is_another_made_by(at, [&id(but[0]), &id(but[1])])).await
    };
    assert!(is_another(5, ["u-b", "nobody"]).await);
    assert!(!is_another(4, ["u-b", "nobody"]).await);
    assert!(!is_another(5, ["u-a", "u-b"]).await);
});

with_databases!(all, users_are_counted, async |db| {
    let store = open(&db);
    let before = read(&store, |db| db.count_users()).await;
    insert_users(&store, &["a", "b", "c"]).await;
    write(&store, |db| db.delete_user(&id("u-b"))).await;
    assert_eq!(read(&store, |db| db.count_users()).await, before + 2);
    let rows = db.db_value("SELECT count(*) AS users FROM \"user\"").unwrap();
    assert_eq!(rows, (before + 2).to_string(), "whatever keeps the count");
});

with_databases!(all, l4_activity_only_rises_and_leaves_updated_at_alone, async |db| {
    let store = open(&db);
    insert_users(&store, &["a", "b"]).await;
    let seen = [(id("u-a"), NOW), (id("u-b"), 1_000_000_000), (id("nobody"), NOW)];
    write(&store, move |db| db.touch_users(&seen)).await;
    write(&store, |db| db.touch_users(&[])).await;
    assert_eq!(read(&store, |db| db.find_last_active_at(&id("u-a"))).await, Some(NOW));
    assert_eq!(read(&store, |db| db.find_last_active_at(&id("u-b"))).await, Some(1_000_000_001));
    assert_eq!(read(&store, |db| db.find_last_active_at(&id("nobody"))).await, None);
    let user = read(&store, |db| db.find_user(&id("u-a"))).await.unwrap();
    assert_eq!(user.updated_at, 1_000_000_000);
});

with_databases!(all, l4_activity_in_the_future_is_put_right, async |db| {
    let store = open(&db);
    insert_users(&store, &["a", "b", "c"]).await;
    db.db_execute("UPDATE \"user\" SET last_active_at = 1700000000000 WHERE id = 'u-a'");
    db.db_execute("UPDATE \"user\" SET last_active_at = 2000000100 WHERE id = 'u-b'");
    if !db.is_postgres() {
        db.db_execute("UPDATE \"user\" SET last_active_at = 'yesterday' WHERE id = 'u-c'");
    }
    let seen = ["u-a", "u-b", "u-c"].map(|user| (id(user), NOW));
    write(&store, move |db| db.touch_users(&seen)).await;
    for (user, second) in [("u-a", NOW), ("u-b", 2_000_000_100), ("u-c", NOW)] {
        let found = read(&store, move |db| db.find_last_active_at(&id(user))).await;
        assert_eq!(found, Some(second), "{user}: a clock may be ahead of ours, but not by years");
    }
});

with_databases!(attached, odd_values_never_lose_the_row, async |db| {
    let alice = recorded("alice");
    db.db_execute(&format!("UPDATE \"user\" SET role = 'owner', email = 'no address' WHERE id = '{alice}'"));
    if !db.is_postgres() {
        db.db_execute(&format!(
            "UPDATE \"user\" SET date_of_birth = 'soon', settings = '{{\"a\": NaN}}', info = '12.50' WHERE id = '{alice}'"
        ));
    }
    let store = open(&db);
    let user = read(&store, move |db| db.find_user(&alice)).await.unwrap();
    assert_eq!(user.role.as_str(), "owner");
    assert_eq!(user.email, "no address");
    assert_eq!(user.date_of_birth, None);
    if !db.is_postgres() {
        assert_eq!(user.settings.unwrap().as_str(), "{\"a\": NaN}");
        assert_eq!(user.info.unwrap().as_str(), "12.5", "SQLite's JSON columns hold numbers as numbers");
    }
});

with_databases!(attached, the_recorded_rows_are_read, async |db| {
    let store = open(&db);
    assert_eq!(read(&store, |db| db.count_users()).await, 84);
    assert_eq!(read(&store, |db| db.find_primary_admin()).await, Some(recorded("ada")));
    let alice = read(&store, |db| db.find_user(&recorded("alice"))).await.unwrap();
    assert!(alice.settings.unwrap().as_str().contains("toolServers"));
    assert!(alice.info.unwrap().as_str().contains("51.5"));
});
