//! Tables `auth`, `api_key` and `oauth_session`.

use rosterd_domain::api_key::{AllowedPaths, KeyName, NewApiKey};
use rosterd_domain::ids::ApiKeyId;
use rosterd_domain::secret::{ApiKey, PasswordHash};
use rosterd_storage::{HASH_SAMPLE, SignIn};
use rosterd_testkit::with_databases;

use crate::support::{NOW, email, id, insert_users, lookup, open, read, recorded, stamp, write};

/// What a test may compare of a sign-in row; the domain's secrets have no `==`.
fn shown(found: Option<SignIn>) -> Option<(String, String)> {
    found.filter(|it| it.active).map(|it| (it.id.into_string(), it.hash.expose().to_owned()))
}

fn row(id: &str, hash: &str) -> (String, String) {
    (id.to_owned(), hash.to_owned())
}

fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_stored(text.to_owned())
}

fn key(text: &str) -> ApiKey {
    ApiKey::from_stored(text.to_owned())
}

with_databases!(all, an_account_signs_in_by_its_address_while_it_is_active, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    write(&store, |db| db.insert_auth(&id("u-eve"), "eve@example.net", &hash("h-1"), None)).await;
    let sign_in = |address: &'static str| {
        let store = store.clone();
        async move { shown(read(&store, move |db| db.find_sign_in(&lookup(address))).await) }
    };
    assert_eq!(sign_in("EVE@example.net").await, Some(row("u-eve", "h-1")));
    assert_eq!(sign_in("bob@example.net").await, None);
    write(&store, |db| db.update_auth_email(&id("u-eve"), &email("e@example.net"))).await;
    assert_eq!(sign_in("eve@example.net").await, None);
    assert!(write(&store, |db| db.update_password(&id("u-eve"), &hash("h-2"), Some(&stamp("stamp")))).await);
    assert!(
        !write(&store, |db| db.update_password(&id("nobody"), &hash("h-2"), Some(&stamp("stamp")))).await
    );
    assert_eq!(sign_in("e@example.net").await, Some(row("u-eve", "h-2")));
    // Hash and stamp come together.
    let stored = read(&store, |db| db.find_sign_in_of(&id("u-eve"))).await.unwrap();
    let stamp = store.layout().session_stamp.then_some("stamp");
    assert_eq!((stored.hash.expose(), stored.session_stamp.as_deref(), stored.active), ("h-2", stamp, true));

    let inactive = if db.is_postgres() { "false" } else { "0" };
    db.db_execute(&format!("UPDATE auth SET active = {inactive} WHERE id = 'u-eve'"));
    assert_eq!(sign_in("e@example.net").await, None);
    // Found all the same, so that its refusal takes as long.
    let found = read(&store, |db| db.find_sign_in(&lookup("e@example.net"))).await.unwrap();
    assert_eq!((found.hash.expose(), found.session_stamp.as_deref(), found.active), ("h-2", stamp, false));
    write(&store, |db| db.delete_auth(&id("u-eve"))).await;
    assert!(read(&store, |db| db.find_sign_in_of(&id("u-eve"))).await.is_none());
    let rows = db.db_value("SELECT count(*) AS n FROM auth WHERE id = 'u-eve'");
    assert_eq!(rows.as_deref(), Some("0"));
});

with_databases!(attached, an_address_signs_in_however_it_is_written, async |db| {
    db.db_execute("UPDATE auth SET email = 'ÄLICE@Example.com' WHERE email = 'alice@example.com'");
    db.db_execute("UPDATE auth SET email = ' Bob@Example.com ' WHERE email = 'bob@example.com'");
    for adopted in [false, true] {
        if adopted {
            open(&db).adopt_apply().await.unwrap();
        }
        let store = open(&db);
        for (typed, owner) in [
            ("älice@example.com", Some("alice")),
            ("BOB@example.com", Some("bob")),
            ("ada@example.com", Some("ada")),
            ("a\u{308}da@example.com", None),
        ] {
            let found = read(&store, |db| db.find_sign_in(&lookup(typed))).await;
            assert_eq!(found.map(|it| it.id), owner.map(recorded), "{typed:?}, adopted: {adopted}");
        }
    }
});

with_databases!(own, an_account_counts_as_active_where_nothing_is_said, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    write(&store, |db| db.insert_auth(&id("u-eve"), "eve@example.net", &hash("h-1"), None)).await;
    // The column allows no NULL; somebody else's may.
    if db.is_postgres() {
        db.db_execute("ALTER TABLE auth ALTER COLUMN active DROP NOT NULL; UPDATE auth SET active = NULL");
    } else {
        db.db_execute(
            "CREATE TABLE other (id TEXT PRIMARY KEY, email TEXT, password TEXT, active INTEGER, session_stamp TEXT); \
             INSERT INTO other SELECT id, email, password, NULL, session_stamp FROM auth; \
             DROP TABLE auth; ALTER TABLE other RENAME TO auth",
        );
    }
    assert!(read(&store, |db| db.find_sign_in(&lookup("eve@example.net"))).await.unwrap().active);
    assert!(read(&store, |db| db.find_sign_in_of(&id("u-eve"))).await.unwrap().active);
});

with_databases!(all, m27_a_hash_is_renewed_only_in_place_of_the_one_that_was_checked, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    write(&store, |db| db.insert_auth(&id("u-eve"), "eve@example.net", &hash("h-1"), Some("stamp"))).await;
    let renew = |checked: &'static str, renewed: &'static str| {
        let store = store.clone();
        async move {
            write(&store, move |db| db.renew_password_hash(&id("u-eve"), &hash(checked), &hash(renewed)))
                .await
        }
    };
    let before = read(&store, |db| db.find_sign_in_of(&id("u-eve"))).await.unwrap();
    assert!(renew("h-1", "h-2").await);
    assert!(!renew("h-1", "h-3").await, "somebody else was quicker");
    let after = read(&store, |db| db.find_sign_in_of(&id("u-eve"))).await.unwrap();
    assert_eq!(after.hash.expose(), "h-2");
    assert_eq!(after.session_stamp, before.session_stamp, "sessions go on");
});

with_databases!(own, a_sample_of_hashes_is_drawn_from_the_whole_table, async |db| {
    let store = open(&db);
    let sample = || async { read(&store, |db| db.sample_hash_beginnings()).await };
    assert_eq!(sample().await, Vec::<String>::new());
    let active = if db.is_postgres() { "true" } else { "1" };
    let account = |id: &str, hash: &str| {
        format!("INSERT INTO auth (id, email, password, active) VALUES ('{id}', '{id}', '{hash}', {active});")
    };
    let fill = |accounts: String| db.db_execute(&format!("BEGIN; {accounts} COMMIT"));
    // Few accounts: all of them, also what is no hash.
    fill(
        [account("a", &format!("$2b$12${}", "a".repeat(53))), account("b", "plain"), account("c", "")]
            .concat(),
    );
    let mut few = sample().await;
    few.sort();
    assert_eq!(few, [String::new(), format!("$2b$12${}", "a".repeat(33)), "plain".to_owned()]);
    // Many: the first thousand have another cost than the rest.
    db.db_execute("DELETE FROM auth");
    let many: String = (0..HASH_SAMPLE * 2)
        .map(|number| {
            let kind = if number < HASH_SAMPLE { "$2b$10$x" } else { "$2b$12$x" };
            // In the order of their ids the kinds stand one after the other.
            account(&format!("{:x}{:04}", number * 16 / (HASH_SAMPLE * 2), number), kind)
        })
        .collect();
    fill(many);
    let many = sample().await;
    assert_eq!(many.len(), 1024);
    assert_eq!(many.iter().filter(|beginning| beginning.starts_with("$2b$12$")).count(), 512);
});

with_databases!(attached, an_account_without_its_user_is_nobody, async |db| {
    db.db_execute("UPDATE auth SET id = 'orphan' WHERE email = 'alice@example.com'");
    let store = open(&db);
    assert!(read(&store, |db| db.find_sign_in(&lookup("alice@example.com"))).await.is_none());
});

with_databases!(all, a_user_has_one_api_key, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    assert!(read(&store, |db| db.find_api_key(&id("u-eve"))).await.is_none());
    write(&store, |db| db.replace_api_key(&id("u-eve"), &key("sk-1"), NOW)).await;
    write(&store, |db| db.replace_api_key(&id("u-eve"), &key("sk-2"), NOW)).await;
    let shown = read(&store, |db| db.find_api_key(&id("u-eve"))).await.unwrap();
    let masked = format!("sk-{}", "*".repeat(32));
    assert_eq!(shown.expose(), if store.layout().is_standalone() { masked.as_str() } else { "sk-2" }, "K7");
    let rows = db.db_query_text("SELECT id FROM api_key WHERE user_id = 'u-eve'");
    assert_eq!(rows, [[Some("key_u-eve".to_owned())]]);
    assert!(write(&store, |db| db.delete_api_key(&id("u-eve"))).await);
    assert!(!write(&store, |db| db.delete_api_key(&id("u-eve"))).await);
});

with_databases!(own, k2_k6_a_user_has_any_number_of_keys_with_a_name, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve", "bob"]).await;
    let new = |number: i64, user: &str| NewApiKey {
        id: ApiKeyId::from_stored(format!("k-{number}")),
        user: id(user),
        name: KeyName::parse("job").unwrap(),
        key: key(&format!("sk-{number}")),
        read_only: number == 1,
        allowed_paths: (number == 2).then(|| AllowedPaths::parse(vec!["/x".to_owned()]).unwrap()),
        created_at: number,
        expires_at: (number < 3).then_some(NOW),
    };
    for (number, user) in [(1, "u-eve"), (2, "u-eve"), (3, "u-bob")] {
        let new = new(number, user);
        assert!(write(&store, move |db| db.insert_named_key(&new)).await);
    }
    write(&store, |db| db.replace_api_key(&id("u-eve"), &key("sk-9"), 0)).await;
    let listed = async || read(&store, |db| db.list_api_keys(&id("u-eve"))).await;
    let keys = listed().await;
    let ids: Vec<_> = keys.iter().map(|key| key.id.as_str()).collect();
    assert_eq!(ids, ["k-2", "k-1", "key_u-eve"], "the newest first");
    assert_eq!(keys[0].allowed_paths.as_deref(), Some(["/x".to_owned()].as_slice()));
    assert!(keys[1].read_only && keys[2].name.is_none() && keys[2].prefix == "sk-");

    let seen = [(ApiKeyId::from_stored("k-1".to_owned()), 50), (ApiKeyId::from_stored("k-0".to_owned()), 50)];
    write(&store, move |db| db.touch_api_keys(&seen)).await;
    let earlier = [(ApiKeyId::from_stored("k-1".to_owned()), 40)];
    write(&store, move |db| db.touch_api_keys(&earlier)).await;
    assert_eq!(listed().await[1].last_used_at, Some(50));

    let of = |user: &'static str, key: &'static str| {
        write(&store, move |db| db.delete_api_key_by_id(&id(user), &ApiKeyId::from_stored(key.to_owned())))
    };
    assert!(!of("u-bob", "k-1").await && of("u-eve", "k-1").await && !of("u-eve", "k-1").await);
    assert!(of("u-eve", "key_u-eve").await);
    assert_eq!(write(&store, |db| db.forget_ended_api_keys(&id("u-bob"), i64::MAX)).await, 0, "without end");
    assert_eq!(write(&store, |db| db.forget_ended_api_keys(&id("u-eve"), NOW - 1)).await, 0);
    assert_eq!(write(&store, |db| db.forget_ended_api_keys(&id("u-eve"), NOW)).await, 1);
    let gone = write(&store, |db| db.delete_all_api_keys(&id("u-bob"))).await;
    assert_eq!(gone, [ApiKeyId::from_stored("k-3".to_owned())]);
});

with_databases!(all, v3_sessions_come_newest_first, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    for (session, created_at) in [("s-1", 10), ("s-3", 20), ("s-2", 20)] {
        db.db_execute(&format!(
            "INSERT INTO oauth_session (id, user_id, provider, token, expires_at, created_at, updated_at) \
             VALUES ('{session}', 'u-eve', 'google', 'secret', 99, {created_at}, 30)"
        ));
    }
    let sessions = read(&store, |db| db.list_oauth_sessions(&id("u-eve"))).await;
    let ids: Vec<&str> = sessions.iter().map(|session| session.id.as_str()).collect();
    assert_eq!(ids, ["s-3", "s-2", "s-1"]);
    assert_eq!((sessions[0].expires_at, sessions[0].updated_at), (99, 30));
    write(&store, |db| db.delete_oauth_sessions(&id("u-eve"))).await;
    assert!(read(&store, |db| db.list_oauth_sessions(&id("u-eve"))).await.is_empty());
});
