//! What changes while a sign-in waits for its password to be checked.

use std::time::Duration;

use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_storage::NewStamp;
use rosterd_testkit::{Caller, PASSWORD, Reply, ServerBuilder, TestServer, with_servers};
use serde_json::json;
use tokio::task::JoinHandle;

use super::{SIGN_IN, sign_in, token_in};
use crate::support::SETTINGS;

/// A server with one hashing thread, so that a dear hash keeps everybody waiting.
fn one_at_a_time(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| settings.hash_threads = 1)
}

/// What ends his sessions.
fn another_stamp() -> NewStamp {
    NewStamp { stamp: "another stamp".to_owned(), mfa: None }
}

/// A sign-in of bob's that is waiting for its turn: his hash is read, and his password is checked after one that takes
/// a second or more.
async fn waiting(server: &TestServer, bob: &Caller) -> (JoinHandle<Reply>, JoinHandle<Reply>) {
    let eve = server.db_user("eve").create().await;
    // No hash of any password; checking one takes as long.
    let dear = "$2b$15$rosterdrosterdrosterduZxq0Mjs5B1nX8vY3cWk7tLhPe2aGmSK";
    server.db().db_execute(&format!("UPDATE auth SET password = '{dear}' WHERE id = '{}'", eve.id()));
    let first = queued(server, eve.email()).await;
    (first, queued(server, bob.email()).await)
}

/// A sign-in whose password waits to be checked: that is counted when it is queued, after the account was read.
async fn queued(server: &TestServer, email: &str) -> JoinHandle<Reply> {
    let before = server.app().password_checks();
    let (stranger, sent) = (server.anonymous(), json!({ "email": email, "password": PASSWORD }));
    let task = tokio::spawn(async move { stranger.post(SIGN_IN, sent).await });
    while server.app().password_checks() == before {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    task
}

fn hash(password: &str) -> PasswordHash {
    rosterd_app::passwords::hash_blocking(&PlainPassword::new(password.to_owned()), 4).unwrap()
}

/// What is changed comes before bob's turn.
#[track_caller]
fn assert_waiting(first: &JoinHandle<Reply>) {
    assert!(!first.is_finished(), "the change took longer than a hash of cost 15");
}

with_servers!(all, a_sign_in_from_before_a_reset_opens_no_session, one_at_a_time, async |server| {
    let bob = server.db_user("bob").create().await;
    let fresh = hash("set by an admin");
    let (first, second) = waiting(&server, &bob).await;
    let id = bob.id().clone();
    server.db_write(move |db| db.update_password(&id, &fresh, Some(&another_stamp()))).await;
    assert_waiting(&first);
    let refused = second.await.unwrap();
    refused.assert_error(400, "INVALID_CREDENTIALS");
    assert_eq!(refused.header("set-cookie"), None);
    first.await.unwrap().assert_error(400, "INVALID_CREDENTIALS");
    let token = token_in(&sign_in(&server, bob.email(), "set by an admin").await);
    bob.with_bearer(token).get(SETTINGS).await.assert_status(200);
});

with_servers!(
    all,
    a_sign_in_from_before_the_account_was_shut_opens_no_session,
    one_at_a_time,
    async |server| {
        let bob = server.db_user("bob").create().await;
        let (first, second) = waiting(&server, &bob).await;
        server.db_set_active(&bob, false);
        assert_waiting(&first);
        second.await.unwrap().assert_error(400, "INVALID_CREDENTIALS");
    }
);

with_servers!(all, a_sign_in_goes_on_where_the_password_stays_right, one_at_a_time, async |server| {
    let bob = server.db_user("bob").create().await;
    // The same password under another salt and stamp, as another sign-in renews a hash, or an admin sets it again.
    let again = hash(PASSWORD);
    let (first, second) = waiting(&server, &bob).await;
    let id = bob.id().clone();
    server.db_write(move |db| db.update_password(&id, &again, Some(&another_stamp()))).await;
    assert_waiting(&first);
    let token = token_in(&second.await.unwrap());
    bob.with_bearer(token).get(SETTINGS).await.assert_status(200);
});
