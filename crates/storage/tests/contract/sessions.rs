//! Table `rosterd_session`: what is kept of sessions, and what each request asks it (rules A4 and A5).

use rosterd_domain::ids::{SessionId, UserId};
use rosterd_domain::session::SessionRow;
use rosterd_storage::{Db, Document, MOST_SESSIONS, Store, StoreResult, TokenId};
use rosterd_testkit::{TestDb, with_databases};

use crate::support::{NOW, id, insert_users, open, read, recorded, write};

/// A store that keeps sessions: an attached database is adopted first.
async fn keeping(db: &TestDb) -> Store {
    open(db).adopt_apply().await.unwrap();
    let store = open(db);
    assert!(store.layout().sessions);
    insert_users(&store, &["eve", "bob"]).await;
    store
}

fn session(id: &str) -> SessionId {
    SessionId::from_stored(id.to_owned())
}

/// A session of `u-eve` that began at this second; its token ends `ends` seconds after `NOW`.
fn row(id: &str, created_at: i64, ends: Option<i64>) -> SessionRow {
    SessionRow {
        id: session(id),
        user_id: self::id("u-eve"),
        method: "password".to_owned(),
        created_at,
        last_seen_at: created_at,
        expires_at: ends.map(|ends| NOW + ends),
        client_ip: Some("203.0.113.7".to_owned()),
        user_agent: Some("Müller/1.0".to_owned()),
    }
}

async fn begin(store: &Store, rows: Vec<SessionRow>) {
    write(store, move |db| rows.iter().try_for_each(|row| db.insert_session(row))).await;
}

/// The ids of the open sessions of `u-eve`.
async fn listed(store: &Store) -> Vec<String> {
    let rows = read(store, |db| db.list_sessions(&id("u-eve"), NOW)).await;
    rows.into_iter().map(|row| row.id.into_string()).collect()
}

/// What each way of reading the caller says of this session: all say the same.
async fn is_refused(store: &Store, user: &'static str, name: &'static str) -> bool {
    let (user, name) = (id(user), session(name));
    let found = write(store, move |db| {
        let token = TokenId::Session(&name);
        Ok([
            db.find_caller(&user, token)?.unwrap().revoked,
            db.find_caller_with(&user, token, Document::Info)?.unwrap().0.revoked,
            db.lock_caller_with(&user, token, Document::Settings)?.unwrap().0.revoked,
            db.find_caller_with_settings(&user, token, "ui.x")?.unwrap().caller.revoked,
            db.find_caller_with_rights(&user, token, "ui.x")?.unwrap().0.revoked,
        ])
    })
    .await;
    assert!(found.iter().all(|refused| *refused == found[0]), "{found:?}");
    found[0]
}

with_databases!(all, a4_a_token_that_names_a_session_is_as_good_as_its_row, async |db| {
    let store = keeping(&db).await;
    begin(&store, vec![row("s-1", NOW, None), row("s-2", NOW, Some(10))]).await;
    assert!(!is_refused(&store, "u-eve", "s-1").await);
    assert!(is_refused(&store, "u-bob", "s-1").await, "somebody else's");
    assert!(is_refused(&store, "u-eve", "s-3").await, "no row");
    let other = |db: &mut dyn Db| -> StoreResult<bool> {
        Ok(db.find_caller(&id("u-eve"), TokenId::Other(Some("s-3")))?.unwrap().revoked)
    };
    assert!(!read(&store, other).await, "this one names no session");

    assert!(!write(&store, |db| db.end_session(&id("u-bob"), &session("s-1"), NOW)).await);
    assert!(write(&store, |db| db.end_session(&id("u-eve"), &session("s-1"), NOW)).await);
    assert!(!write(&store, |db| db.end_session(&id("u-eve"), &session("s-1"), NOW)).await, "it is over");
    assert!(is_refused(&store, "u-eve", "s-1").await);
    assert!(!is_refused(&store, "u-eve", "s-2").await);
    // An account that goes takes its sessions along.
    write(&store, |db| db.delete_sessions(&id("u-eve"))).await;
    assert!(is_refused(&store, "u-eve", "s-2").await);
    assert_eq!(db.db_value("SELECT count(*) AS n FROM rosterd_session").as_deref(), Some("0"));
});

with_databases!(all, a4_open_sessions_are_listed_newest_first, async |db| {
    let store = keeping(&db).await;
    let mut somebody_else_s = row("other", NOW, None);
    somebody_else_s.user_id = id("u-bob");
    let rows = vec![
        row("b", NOW - 5, Some(10)),
        row("ended", NOW, None),
        row("a", NOW - 5, None),
        row("over", NOW, Some(0)),
        row("new", NOW, Some(1)),
        somebody_else_s,
    ];
    begin(&store, rows).await;
    write(&store, |db| db.end_session(&id("u-eve"), &session("ended"), NOW)).await;
    assert_eq!(listed(&store).await, ["new", "b", "a"]);
    let whole = read(&store, |db| db.list_sessions(&id("u-eve"), NOW)).await;
    assert_eq!(whole[1], row("b", NOW - 5, Some(10)));
    let rows = (0..MOST_SESSIONS).map(|number| row(&format!("many-{number}"), NOW + 1 + number, None));
    begin(&store, rows.collect()).await;
    let listed = listed(&store).await;
    assert_eq!((listed.len(), listed[0].as_str()), (1000, "many-999"));
    assert!(!listed.contains(&"new".to_owned()), "only so many");
});

with_databases!(all, a5_all_sessions_of_one_user_end_but_for_one, async |db| {
    let store = keeping(&db).await;
    let mut somebody_else_s = row("other", NOW, None);
    somebody_else_s.user_id = id("u-bob");
    begin(&store, vec![row("kept", NOW, None), row("x", NOW, Some(1)), row("y", NOW, None), somebody_else_s])
        .await;
    begin(&store, vec![row("over", NOW, Some(0))]).await;
    let ended = write(&store, |db| db.end_sessions(&id("u-eve"), Some(&session("kept")), NOW)).await;
    assert_eq!(ended, 2, "the token of the third has ended");
    assert_eq!(listed(&store).await, ["kept"]);
    // A clock that is set back makes no ended one good again.
    assert!(is_refused(&store, "u-eve", "over").await);
    assert_eq!(write(&store, |db| db.end_sessions(&id("u-eve"), None, NOW)).await, 1);
    assert_eq!(write(&store, |db| db.end_sessions(&id("u-eve"), None, NOW)).await, 0);
    assert!(!is_refused(&store, "u-bob", "other").await);
});

with_databases!(all, l4_when_a_session_was_seen_is_raised_and_never_lowered, async |db| {
    let store = keeping(&db).await;
    begin(&store, vec![row("a", NOW, None), row("b", NOW, None)]).await;
    let seen = vec![(session("a"), NOW + 5), (session("b"), NOW - 5), (session("none"), NOW)];
    write(&store, move |db| db.touch_sessions(&seen)).await;
    write(&store, |db| db.touch_sessions(&[])).await;
    let rows = read(&store, |db| db.list_sessions(&id("u-eve"), NOW)).await;
    let seen: Vec<(String, i64)> =
        rows.into_iter().map(|row| (row.id.into_string(), row.last_seen_at)).collect();
    assert_eq!(seen, [("b".to_owned(), NOW), ("a".to_owned(), NOW + 5)]);
});

with_databases!(
    attached,
    a4_without_the_table_no_session_is_kept_and_no_token_that_names_one_is_good,
    async |db| {
        let store = open(&db);
        assert!(!store.layout().sessions);
        let alice = || -> UserId { recorded("alice") };
        let name = session("s-1");
        let caller = read(&store, move |db| db.find_caller(&alice(), TokenId::Session(&name))).await.unwrap();
        assert!(caller.revoked);
        assert_eq!(read(&store, move |db| db.list_sessions(&alice(), NOW)).await, []);
        let ended = write(&store, move |db| {
            db.touch_sessions(&[(session("s-1"), NOW)])?;
            db.delete_sessions(&alice())?;
            assert_eq!(db.forget_ended_sessions(NOW)?, 0);
            Ok((db.end_session(&alice(), &session("s-1"), NOW)?, db.end_sessions(&alice(), None, NOW)?))
        })
        .await;
        assert_eq!(ended, (false, 0));
    }
);

with_databases!(all, a5_the_row_of_a_session_goes_a_day_after_the_end_of_its_token, async |db| {
    const DAY: i64 = 86_400;
    let store = keeping(&db).await;
    let rows =
        [("over", Some(-DAY)), ("just over", Some(1 - DAY)), ("valid", Some(1)), ("without end", None)];
    begin(&store, rows.map(|(id, ends)| row(id, NOW, ends)).into()).await;
    for (at, gone) in [(NOW, 1), (NOW, 0), (NOW + 1, 1), (NOW + 1, 0)] {
        assert_eq!(write(&store, move |db| db.forget_ended_sessions(at)).await, gone);
    }
    let mut left = listed(&store).await;
    left.sort();
    assert_eq!(left, ["valid", "without end"]);
});

with_databases!(all, deleting_an_account_s_sessions_does_not_deadlock_with_noting_them_as_seen, async |db| {
    let store = keeping(&db).await;
    for round in 0..5 {
        let names: Vec<String> = (0..400).map(|number| format!("s-{round}-{number:03}")).collect();
        // The last comes first, so that the order of the rows is not that of their ids.
        begin(&store, names.iter().rev().map(|name| row(name, NOW, Some(60))).collect()).await;
        let seen: Vec<_> = names.iter().map(|name| (session(name), NOW + 1)).collect();
        let deletes = store.write(|db: &mut dyn Db| db.delete_sessions(&id("u-eve")));
        let notes = store.write(move |db: &mut dyn Db| db.touch_sessions(&seen));
        let (deleted, noted): (StoreResult<()>, StoreResult<()>) = tokio::join!(deletes, notes);
        deleted.unwrap();
        noted.unwrap();
        assert_eq!(listed(&store).await, Vec::<String>::new());
    }
});
