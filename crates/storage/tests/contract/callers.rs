//! The row behind a request.

use rosterd_domain::api_key::{AllowedPaths, KeyLimits, KeyName, NewApiKey, format};
use rosterd_domain::ids::ApiKeyId;
use rosterd_domain::json::JsonText;
use rosterd_domain::role::Role;
use rosterd_domain::secret::{ApiKey, PasswordHash};
use rosterd_domain::user::UserChanges;
use rosterd_storage::{Document, TokenId};
use rosterd_testkit::{DbKind, TestDb, run, with_databases};

use crate::support::{NOW, email, id, insert_users, open, read, recorded, stamp, write};

with_databases!(all, a_caller_is_read_anew_each_time, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    let caller = read(&store, |db| db.find_caller(&id("u-eve"), TokenId::Other(Some("j-1")))).await.unwrap();
    assert_eq!((caller.role, caller.revoked, caller.session_stamp), (Role::User, false, None));
    let demoted = UserChanges { role: Some(Role::Pending), ..UserChanges::default() };
    write(&store, move |db| db.update_user(&id("u-eve"), &demoted, NOW)).await;
    let caller = read(&store, |db| db.find_caller(&id("u-eve"), TokenId::NONE)).await.unwrap();
    assert_eq!(caller.role, Role::Pending);
    write(&store, |db| db.delete_user(&id("u-eve"))).await;
    assert_eq!(read(&store, |db| db.find_caller(&id("u-eve"), TokenId::NONE)).await, None);
});

with_databases!(all, a_document_comes_with_its_owner_and_no_other, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    let text = |text: &str| JsonText::from_stored(text.to_owned());
    let (settings, info) = (text(r#"{"ui":{}}"#), text(r#"{"a":1}"#));
    let stored = (settings.clone(), info.clone());
    write(&store, move |db| {
        db.set_document(&id("u-eve"), Document::Settings, &stored.0, NOW)?;
        db.set_document(&id("u-eve"), Document::Info, &stored.1, NOW)
    })
    .await;
    for (document, wanted) in [(Document::Settings, settings), (Document::Info, info)] {
        let found = read(&store, move |db| db.find_caller_with(&id("u-eve"), TokenId::NONE, document)).await;
        let (caller, found) = found.unwrap();
        assert_eq!((caller.id, found), (id("u-eve"), Some(wanted.clone())));
        let locked =
            write(&store, move |db| db.lock_caller_with(&id("u-eve"), TokenId::NONE, document)).await;
        assert_eq!(locked.unwrap().1, Some(wanted));
    }
    assert_eq!(
        read(&store, |db| db.find_caller_with(&id("nobody"), TokenId::NONE, Document::Info)).await,
        None
    );
});

with_databases!(all, whether_the_account_is_active_is_read_with_the_caller, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    let key = || ApiKey::from_stored("sk-eve".to_owned());
    write(&store, move |db| db.replace_api_key(&id("u-eve"), &key(), NOW)).await;
    let active = || async {
        let by_token = read(&store, |db| db.find_caller(&id("u-eve"), TokenId::Other(Some("j-1"))))
            .await
            .unwrap()
            .active;
        let by_key = read(&store, move |db| db.find_caller_by_api_key(&key(), NOW)).await.unwrap().active;
        assert_eq!(by_token, by_key);
        by_token
    };
    assert_eq!(active().await, None, "no row");
    let hash = PasswordHash::from_stored("h".to_owned());
    write(&store, move |db| db.insert_auth(&id("u-eve"), "eve@example.net", &hash, None)).await;
    assert_eq!(active().await, Some(true));
    let off = if db.is_postgres() { "false" } else { "0" };
    db.db_execute(&format!("UPDATE auth SET active = {off} WHERE id = 'u-eve'"));
    assert_eq!(active().await, Some(false));
});

with_databases!(own, a_revoked_token_and_no_other_is_refused, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    assert!(write(&store, |db| db.revoke_token("j-1", Some(NOW + 10), NOW)).await);
    assert!(write(&store, |db| db.revoke_token("j-1", Some(NOW + 10), NOW)).await, "twice is no failure");
    let revoked = |jti: Option<&'static str>| {
        let store = store.clone();
        async move {
            read(&store, move |db| db.find_caller(&id("u-eve"), TokenId::Other(jti))).await.unwrap().revoked
        }
    };
    assert!(revoked(Some("j-1")).await);
    assert!(!revoked(Some("j-2")).await);
    assert!(!revoked(None).await);
    // Past its `exp` the token is refused anyway. The row stays for a day, in case the clock is set back, and is swept
    // by the next revocation after that.
    let kept = |after: i64, jti: &'static str| {
        let (store, db) = (store.clone(), &db);
        async move {
            write(&store, move |db| db.revoke_token(jti, None, NOW + 10 + after)).await;
            let rows = db.db_query_text("SELECT jti FROM rosterd_revoked_token ORDER BY jti");
            rows.into_iter().flatten().flatten().collect::<Vec<String>>()
        }
    };
    assert_eq!(kept(86_399, "j-3").await, ["j-1", "j-3"]);
    assert_eq!(kept(86_400, "j-4").await, ["j-3", "j-4"]);
});

with_databases!(attached, without_our_table_nothing_is_revoked, async |db| {
    let store = open(&db);
    assert!(!write(&store, |db| db.revoke_token("j-1", None, NOW)).await);
    let caller =
        read(&store, |db| db.find_caller(&recorded("alice"), TokenId::Other(Some("j-1")))).await.unwrap();
    assert!(!caller.revoked);
});

#[test]
fn the_session_stamp_is_read_and_replaced_where_the_layout_has_one() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::WebUi012Sqlite);
        db.db_execute("UPDATE auth SET session_stamp = 's-1'");
        let store = open(&db);
        let stored = || async {
            read(&store, |db| db.find_caller(&recorded("alice"), TokenId::NONE)).await.unwrap().session_stamp
        };
        assert_eq!(stored().await.as_deref(), Some("s-1"));
        let hash = || PasswordHash::from_stored("$2b$04$x".to_owned());
        write(&store, move |db| db.update_password(&recorded("alice"), &hash(), None)).await;
        assert_eq!(stored().await.as_deref(), Some("s-1"));
        write(&store, move |db| db.update_password(&recorded("alice"), &hash(), Some(&stamp("s-2")))).await;
        assert_eq!(stored().await.as_deref(), Some("s-2"));
        let key = ApiKey::from_stored("sk-1".to_owned());
        write(&store, move |db| db.replace_api_key(&recorded("alice"), &key, NOW)).await;
        let key = ApiKey::from_stored("sk-1".to_owned());
        let caller = read(&store, move |db| db.find_caller_by_api_key(&key, NOW)).await.unwrap();
        assert_eq!(caller.session_stamp.as_deref(), Some("s-2"));
    });
}

with_databases!(all, an_api_key_leads_to_its_owner_until_it_expires, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    let key = || ApiKey::from_stored("sk-eve".to_owned());
    write(&store, move |db| db.replace_api_key(&id("u-eve"), &key(), NOW)).await;
    let caller = read(&store, move |db| db.find_caller_by_api_key(&key(), NOW)).await.unwrap();
    assert_eq!((caller.id, caller.email), (id("u-eve"), email("eve@example.net").to_string()));
    let other = ApiKey::from_stored("sk-".to_owned());
    assert_eq!(read(&store, move |db| db.find_caller_by_api_key(&other, NOW)).await, None);
    db.db_execute(&format!("UPDATE api_key SET expires_at = {NOW} WHERE user_id = 'u-eve'"));
    assert_eq!(read(&store, move |db| db.find_caller_by_api_key(&key(), NOW)).await, None);
    assert!(read(&store, move |db| db.find_caller_by_api_key(&key(), NOW - 1)).await.is_some());
});

with_databases!(all, an_api_key_whose_end_is_oddly_stored_does_not_live_for_ever, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    let key = || ApiKey::from_stored("sk-eve".to_owned());
    write(&store, move |db| db.replace_api_key(&id("u-eve"), &key(), NOW)).await;
    let texts =
        [("'soon'", false), ("x'ff'", false), ("'2020-01-01'", false), ("'2100-01-01 00:00:00'", true)];
    let numbers = [("1999999999000", false), ("2000000001000", true), ("9223372036854775807", true)];
    // PostgreSQL's column takes numbers only.
    for (end, lives) in texts.iter().filter(|_| !db.is_postgres()).chain(&numbers) {
        db.db_execute(&format!("UPDATE api_key SET expires_at = {end} WHERE user_id = 'u-eve'"));
        let caller = read(&store, move |db| db.find_caller_by_api_key(&key(), NOW)).await;
        assert_eq!(caller.is_some(), *lives, "{end}");
    }
});

with_databases!(own, k3_k5_a_key_with_a_name_leads_to_its_owner_with_its_limits, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    let key = format::generate(|| [9; 4]);
    let new = NewApiKey {
        id: ApiKeyId::from_stored("k-1".to_owned()),
        user: id("u-eve"),
        name: KeyName::parse("job").unwrap(),
        key: key.clone(),
        read_only: true,
        allowed_paths: Some(AllowedPaths::parse(vec!["/x".to_owned()]).unwrap()),
        created_at: 1,
        expires_at: Some(NOW),
    };
    write(&store, move |db| db.insert_named_key(&new)).await;
    let at = |now| {
        let key = key.clone();
        read(&store, move |db| db.find_caller_by_api_key(&key, now))
    };
    let caller = at(NOW - 1).await.unwrap();
    let limits = KeyLimits {
        id: ApiKeyId::from_stored("k-1".to_owned()),
        read_only: true,
        allowed_paths: Some(vec!["/x".to_owned()]),
    };
    assert_eq!((caller.id, caller.key), (id("u-eve"), Some(Box::new(limits))));
    assert_eq!(at(NOW).await, None, "its last second is the one before");
});
