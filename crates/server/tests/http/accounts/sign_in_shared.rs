//! Attempts to sign in are counted for all servers on a database together (rule M28), where it has the table for it.

use std::time::Duration;

use rosterd_storage::{Store, StoreOptions, raw};
use rosterd_testkit::{Reply, TestDb, TestServer, with_databases, with_servers};
use serde_json::json;

use super::sign_in_load::{assert_come_back, behind_a_proxy, browser_cookie, sign_in_from};
use super::{SIGN_UP, application, sign_in};
use crate::support::at_once;

const CHANGE: &str = "/api/v1/auths/update/password";

/// A server on a database that has the table, if need be by `rosterd adopt --apply`.
async fn adopted(db: TestDb) -> TestServer {
    let store = Store::open(&StoreOptions::new(db.database_url())).unwrap();
    store.adopt_apply().await.unwrap();
    store.close();
    let server = TestServer::start(db).await;
    assert!(server.app().counts_attempts_together() && server.app().attempts_are_counted_apart().is_none());
    server
}

#[track_caller]
fn assert_limited(reply: &Reply) {
    assert_come_back(reply, 429, "RATE_LIMIT_EXCEEDED", 360);
}

with_databases!(all, m28_two_servers_count_together_and_a_new_one_knows_it, async |db| {
    let server = adopted(db).await;
    let (bob, other) = (server.db_user("bob").create().await, server.second().await);
    for number in 0..15 {
        let at = if number % 2 == 0 { &server } else { &other };
        sign_in(at, bob.email(), "not my password").await.assert_error(400, "INVALID_CREDENTIALS");
    }
    let new = server.second().await;
    for at in [&server, &other, &new] {
        let checks = at.app().password_checks();
        assert_limited(&sign_in(at, bob.email(), bob.password()).await);
        assert_eq!(at.app().password_checks(), checks, "a refused attempt costs no hash");
    }
    // Once the window is over, whoever asks first has all attempts again.
    server.db().db_execute("UPDATE rosterd_attempt SET began_at = began_at - 360");
    let new = server.second().await;
    sign_in(&new, bob.email(), bob.password()).await.assert_status(200);
});

with_databases!(all, m28_of_many_at_once_at_two_servers_15_are_let_through, async |db| {
    let server = adopted(db).await;
    let other = server.second().await;
    let send = |number: usize| {
        let stranger = [&server, &other][number % 2].anonymous();
        async move {
            stranger.post(super::SIGN_IN, json!({ "email": "nobody@rosterd.test", "password": "x" })).await
        }
    };
    let replies = at_once((0..40).map(send).collect::<Vec<_>>()).await;
    let let_through = replies.iter().filter(|reply| reply.status() != 429).count();
    assert_eq!(let_through, 15);
    replies.iter().filter(|reply| reply.status() == 429).for_each(assert_limited);
});

with_databases!(own, m28_an_owner_and_a_known_browser_come_in_at_every_server, async |db| {
    let server = behind_a_proxy(TestServer::builder(db)).start().await;
    let (bob, other) = (server.db_user("bob").create().await, server.second().await);
    let his = (bob.email(), bob.password());
    let cookie = browser_cookie(&sign_in_from(&server, "192.0.2.1", his, None).await);
    for (ip, at) in [("203.0.113.1", &server), ("203.0.113.2", &other)] {
        for _ in 0..15 {
            let _refused = sign_in_from(at, ip, (bob.email(), "not my password"), None).await;
        }
    }
    for at in [&server, &other, &server] {
        sign_in_from(at, "192.0.2.7", his, None).await.assert_status(200);
    }
    for at in [&server, &other] {
        assert_limited(&sign_in_from(at, "192.0.2.7", his, None).await);
        sign_in_from(at, "192.0.2.7", his, Some(&cookie)).await.assert_status(200);
    }
});

with_databases!(own, m28_a_change_of_the_password_and_sign_ups_count_at_every_server, async |db| {
    let server =
        TestServer::builder(db).settings(|settings| settings.sign_in_limit.per_client_ip = 18).start().await;
    let (bob, other) = (server.db_user("bob").create().await, server.second().await);
    let wrong = json!({ "password": "not my password", "new_password": "another long password" });
    for number in 0..15 {
        let at = if number % 2 == 0 { bob.through(&server) } else { bob.through(&other) };
        at.post(CHANGE, &wrong).await.assert_error(400, "INCORRECT_PASSWORD");
    }
    let right = json!({ "password": bob.password(), "new_password": "another long password" });
    assert_limited(&bob.through(&server).post(CHANGE, &right).await);
    assert_limited(&sign_in(&other, bob.email(), bob.password()).await);
    // Of the 18 attempts of this client IP 15 are used up.
    for (number, at) in [&server, &other, &server].into_iter().enumerate() {
        at.anonymous().post(SIGN_UP, application(&format!("eve{number}"))).await.assert_status(200);
    }
    assert_limited(&other.anonymous().post(SIGN_UP, application("eve")).await);
    assert_limited(&sign_in(&server, "carol@rosterd.test", "x").await);
});

with_servers!(own, m28_nothing_that_was_sent_is_kept, async |server| {
    for _ in 0..3 {
        sign_in(&server, "nobody@rosterd.test", "x").await.assert_error(400, "INVALID_CREDENTIALS");
    }
    let rows = server.db().db_query_text("SELECT * FROM rosterd_attempt");
    assert_eq!(rows.len(), 3, "by client IP, by account, by both");
    let is_number = |value: &Option<String>| value.as_deref().is_some_and(|text| text.parse::<i64>().is_ok());
    assert!(rows.iter().flatten().all(is_number), "{rows:?}");
});

with_servers!(
    attached,
    m28_a_database_that_was_not_adopted_has_each_process_count_for_itself,
    async |server| {
        let (bob, other) = (server.db_user("bob").create().await, server.second().await);
        let said = server.app().attempts_are_counted_apart();
        assert!(said.is_some_and(|said| said.contains("rosterd adopt --apply")), "{said:?}");
        for at in [&server, &other] {
            for _ in 0..15 {
                sign_in(at, bob.email(), "not my password").await.assert_error(400, "INVALID_CREDENTIALS");
            }
            assert_limited(&sign_in(at, bob.email(), bob.password()).await);
        }
    }
);

with_databases!(own, m28_while_the_database_cannot_count_nobody_can_try, async |db| {
    let short = Duration::from_secs(1);
    let server = TestServer::builder(db).store(|store| {
        (store.wait, store.statement_timeout, store.busy_timeout) = (short, short, short);
    });
    let server = server.start().await;
    let mut other = raw::Connection::open(&server.db().database_url()).unwrap();
    other
        .execute(if server.db().is_postgres() {
            "BEGIN; LOCK TABLE rosterd_attempt"
        } else {
            "BEGIN IMMEDIATE"
        })
        .unwrap();
    assert_come_back(&sign_in(&server, "nobody@rosterd.test", "x").await, 503, "UNAVAILABLE", 60);
    assert_eq!(server.app().password_checks(), 0);
    other.execute("ROLLBACK").unwrap();
    sign_in(&server, "nobody@rosterd.test", "x").await.assert_error(400, "INVALID_CREDENTIALS");
});
