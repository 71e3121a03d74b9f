//! Sign-ins and failed attempts of an account (rule A12), and where its sessions came from (rule A11).

use rosterd_domain::ids::SessionId;
use rosterd_domain::last_sign_in::LastSignIn;
use rosterd_domain::rules::notice::SignInOrigin;
use rosterd_domain::session::SessionRow;
use rosterd_testkit::with_databases;

use crate::support::{NOW, id, open, read, recorded, write};

with_databases!(all, a12_an_attempt_has_failed_until_it_is_known_to_be_a_sign_in, async |db| {
    open(&db).adopt_apply().await.unwrap();
    let store = open(&db);
    assert!(store.layout().sign_ins);
    write(&store, |db| db.insert_user(&crate::support::new_user("bob", 1))).await;
    let hash = rosterd_domain::secret::PasswordHash::from_stored("x".to_owned());
    write(&store, move |db| db.insert_auth(&id("u-bob"), "bob@example.net", &hash, None)).await;
    let last = async || read(&store, |db| db.find_last_sign_in(&id("u-bob"))).await;
    assert_eq!(last().await, None);
    let attempt = async |at| write(&store, move |db| db.note_attempt(Some(&id("u-bob")), at)).await;
    let sign_in =
        async |attempted, at| write(&store, move |db| db.note_sign_in(&id("u-bob"), attempted, at)).await;
    attempt(NOW).await;
    attempt(NOW + 1).await;
    let failed = LastSignIn { failed: 2, failed_at: Some(NOW + 1), ..LastSignIn::default() };
    assert_eq!(last().await, Some(failed));
    attempt(NOW + 2).await;
    sign_in(true, NOW + 2).await;
    let first = LastSignIn { signed_in_at: Some(NOW + 2), failed_before: 2, ..LastSignIn::default() };
    assert_eq!(last().await, Some(first));
    // By a proxy: no attempt was noted before.
    attempt(NOW + 3).await;
    sign_in(false, NOW + 4).await;
    let second = LastSignIn {
        signed_in_at: Some(NOW + 4),
        previous_at: Some(NOW + 2),
        failed_before: 1,
        ..LastSignIn::default()
    };
    assert_eq!(last().await, Some(second));
    // Two that overlap: the later one finds its attempt counted already.
    attempt(NOW + 5).await;
    sign_in(true, NOW + 5).await;
    sign_in(true, NOW + 6).await;
    assert_eq!(last().await.map(|last| last.failed_before), Some(0));
    write(&store, |db| db.note_attempt(None, NOW)).await;
    write(&store, |db| db.note_attempt(Some(&id("nobody")), NOW)).await;
    assert_eq!(db.db_value("SELECT count(*) AS n FROM rosterd_sign_in").as_deref(), Some("1"));
    write(&store, |db| db.delete_sessions(&id("u-bob"))).await;
    assert_eq!(last().await, None);
});

with_databases!(all, a11_each_origin_of_sessions_is_told_once, async |db| {
    open(&db).adopt_apply().await.unwrap();
    let store = open(&db);
    let origins = [
        ("192.0.2.1", "Firefox"),
        ("192.0.2.1", "Firefox"),
        ("192.0.2.2", "Firefox"),
        ("192.0.2.2", "curl/8"),
    ];
    for (number, (ip, agent)) in origins.into_iter().enumerate() {
        let row = SessionRow {
            id: SessionId::from_stored(format!("s-{number}")),
            user_id: id("u-bob"),
            method: "password".to_owned(),
            created_at: NOW,
            last_seen_at: NOW,
            expires_at: Some(NOW),
            client_ip: Some(ip.to_owned()),
            user_agent: Some(agent.to_owned()),
        };
        write(&store, move |db| db.insert_session(&row)).await;
    }
    write(&store, |db| db.end_sessions(&id("u-bob"), None, NOW)).await;
    let mut found = read(&store, |db| db.list_session_origins(&id("u-bob"))).await;
    found.sort_by_key(|origin| format!("{origin:?}"));
    let origin = |(ip, agent): (&str, &str)| SignInOrigin {
        client_ip: Some(ip.to_owned()),
        user_agent: Some(agent.to_owned()),
    };
    assert_eq!(found, [origin(origins[0]), origin(origins[2]), origin(origins[3])]);
    assert!(read(&store, |db| db.list_session_origins(&id("nobody"))).await.is_empty());
});

with_databases!(attached, a12_a_database_that_was_not_adopted_notes_nothing, async |db| {
    let store = open(&db);
    let before = db.schema_dump();
    write(&store, |db| db.note_attempt(Some(&recorded("alice")), NOW)).await;
    write(&store, |db| db.note_sign_in(&recorded("alice"), true, NOW)).await;
    assert_eq!(read(&store, |db| db.find_last_sign_in(&recorded("alice"))).await, None);
    assert_eq!(db.schema_dump(), before);
});
