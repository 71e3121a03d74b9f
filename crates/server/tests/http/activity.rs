//! Rule L4: who is active, and how that reaches the database. The clock stands still but for what a test moves; the
//! batches are written every few milliseconds of real time, and waited for.

use std::time::Duration;

use rosterd_testkit::{Caller, ServerBuilder, TestServer, with_servers};
use serde_json::json;

use crate::support::{LIST, SETTINGS, path_of};

fn flushing_often(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| settings.activity_flush = Duration::from_millis(5))
}

fn flushing_never(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| settings.activity_flush = Duration::from_hours(1))
}

async fn stored(server: &TestServer, user: &Caller) -> i64 {
    server.db_get_user(user.id()).await.last_active_at
}

/// Waits until the database has such a last activity of the user.
async fn until_stored(server: &TestServer, user: &Caller, is_wanted: impl Fn(i64) -> bool) {
    let waiting = async {
        while !is_wanted(stored(server, user).await) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("activity is written");
}

async fn is_active(asker: &Caller, user: &Caller) -> bool {
    let reply = asker.get(&path_of(user, "/active")).await;
    let active = reply.assert_status(200).at("/active");
    assert_eq!(asker.get(&path_of(user, "")).await.at("/is_active"), active);
    active == json!(true)
}

with_servers!(all, l4_the_process_that_saw_a_user_says_so_at_once, flushing_never, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let before = stored(&server, &bob).await;
    assert!(!is_active(&ada, &bob).await);
    bob.get(SETTINGS).await.assert_status(200);
    assert!(is_active(&ada, &bob).await);
    let listed = ada.get(&format!("{LIST}?query={}", bob.email())).await.at("/users/0/last_active_at");
    assert_eq!(listed, server.now());
    assert_eq!(stored(&server, &bob).await, before, "the request wrote nothing itself");
});

with_servers!(own, l4_active_means_within_180_seconds, flushing_never, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let eve = server.db_user("eve").last_active_at(server.now()).create().await;
    bob.get(SETTINGS).await.assert_status(200);
    server.clock().advance(180);
    assert!(is_active(&ada, &bob).await && is_active(&ada, &eve).await);
    server.clock().advance(1);
    assert!(!is_active(&ada, &bob).await && !is_active(&ada, &eve).await);
});

with_servers!(all, l4_activity_is_written_at_most_once_a_minute, flushing_often, async |server| {
    let bob = server.db_user("bob").create().await;
    bob.get(SETTINGS).await.assert_status(200);
    let first = server.now();
    until_stored(&server, &bob, |at| at == first).await;

    server.clock().advance(59);
    bob.get(SETTINGS).await.assert_status(200);
    // Somebody else's first request is written by a batch that passes bob over.
    let eve = server.db_user("eve").create().await;
    eve.get(SETTINGS).await.assert_status(200);
    until_stored(&server, &eve, |at| at == server.now()).await;
    assert_eq!(stored(&server, &bob).await, first);

    // What was held back is written when the minute is over, without another request.
    let second = server.now();
    server.clock().advance(1);
    until_stored(&server, &bob, |at| at == second).await;
});

with_servers!(own, l4_the_throttle_lets_nobody_seem_inactive_elsewhere, flushing_often, async |server| {
    let other = server.second().await;
    let ada = server.db_admin("ada").create().await.through(&other);
    let bob = server.db_user("bob").create().await;
    for _ in 0..12 {
        bob.get(SETTINGS).await.assert_status(200);
        // The database is behind by the throttle's minute and a request's distance at most.
        let oldest = server.now() - 80;
        until_stored(&server, &bob, |at| at >= oldest).await;
        assert!(is_active(&ada, &bob).await);
        server.clock().advance(20);
    }
});

with_servers!(all, l4_stopping_writes_what_is_left_and_others_see_it, flushing_never, async |server| {
    let other = server.second().await;
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let ada = ada.through(&other);
    bob.get(SETTINGS).await.assert_status(200);
    let seen = server.now();
    assert!(!is_active(&ada, &bob).await, "another process cannot know yet");
    server.stop().await;
    assert_eq!(stored(&other, &bob).await, seen);
    assert!(is_active(&ada, &bob).await);
});

with_servers!(own, l4_an_older_sighting_never_takes_a_newer_one_back, flushing_never, async |server| {
    let bob = server.db_user("bob").create().await;
    bob.get(SETTINGS).await.assert_status(200);
    // Another process has seen bob since.
    let later = server.now() + 50;
    let db = std::sync::Arc::new(server.second().await);
    let sql = format!(r#"UPDATE "user" SET last_active_at = {later} WHERE id = '{}'"#, bob.id());
    server.db().db_execute(&sql);
    server.stop().await;
    assert_eq!(stored(&db, &bob).await, later);
});

with_servers!(own, r5_l4_activity_leaves_updated_at_alone, flushing_often, async |server| {
    let bob = server.db_user("bob").create().await;
    let before = server.db_get_user(bob.id()).await.updated_at;
    bob.get(SETTINGS).await.assert_status(200);
    until_stored(&server, &bob, |at| at == server.now()).await;
    assert_eq!(server.db_get_user(bob.id()).await.updated_at, before);
});

with_servers!(
    own,
    l4_those_who_are_turned_away_count_only_if_they_are_somebody,
    flushing_never,
    async |server| {
        let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
        let expired = server.token(rosterd_testkit::TokenKind::Expired, bob.id());
        bob.with_bearer(expired).get(SETTINGS).await.assert_status(401);
        assert!(!is_active(&ada, &bob).await);
        bob.get(LIST).await.assert_error(401, "ACCESS_PROHIBITED");
        assert!(
            is_active(&ada, &bob).await,
            "an authenticated request marks the user active, whatever it is told"
        );
    }
);

with_servers!(all, l4_activity_in_the_future_is_none_and_is_put_right, flushing_often, async |server| {
    let (alice, bob) = (server.db_user("alice").create().await, server.db_user("bob").create().await);
    let path = format!("/api/v1/users/{}/active", bob.id());
    for future in ["1700000000000", "4102444800"] {
        server
            .db()
            .db_execute(&format!("UPDATE \"user\" SET last_active_at = {future} WHERE id = '{}'", bob.id()));
        alice.get(&path).await.assert(200, json!({ "active": false }));
    }
    bob.get("/api/v1/auths/").await.assert_status(200);
    alice.get(&path).await.assert(200, json!({ "active": true }));
    until_stored(&server, &bob, |at| at == server.now()).await;
});
