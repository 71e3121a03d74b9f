//! What changes while a sign-in waits for its password to be checked.

use std::time::Duration;

use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_storage::NewStamp;
use rosterd_testkit::{Caller, PASSWORD, Reply, ServerBuilder, TestServer, with_servers};
use serde_json::json;
use tokio::task::JoinHandle;

use super::{SIGN_IN, sign_in, token_in};
use crate::support::SETTINGS;

/// A server with one hashing thread, which [`waiting`] keeps busy.
fn one_at_a_time(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| settings.hash_threads = 1)
}

/// What ends his sessions.
fn another_stamp() -> NewStamp {
    NewStamp { stamp: "another stamp".to_owned(), mfa: None }
}

/// A sign-in whose hash is read and whose password is not checked yet.
struct Waiting {
    sign_in: JoinHandle<Reply>,
    /// The thread that would check it waits until this is dropped.
    busy: std::sync::mpsc::Sender<()>,
}

impl Waiting {
    /// Lets the password be checked.
    async fn goes_on(self) -> Reply {
        assert!(!self.sign_in.is_finished(), "its password was checked although the thread is busy");
        drop(self.busy);
        self.sign_in.await.unwrap()
    }
}

/// A sign-in of bob's that waits for its turn.
async fn waiting(server: &TestServer, bob: &Caller) -> Waiting {
    let (busy, until) = std::sync::mpsc::channel::<()>();
    let (begins, begun) = tokio::sync::oneshot::channel();
    let app = server.app().clone();
    tokio::spawn(async move {
        let work = move || {
            begins.send(()).unwrap();
            until.recv()
        };
        app.on_password_thread(work).await
    });
    begun.await.unwrap();
    Waiting { sign_in: queued(server, bob.email()).await, busy }
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

with_servers!(all, a_sign_in_from_before_a_reset_opens_no_session, one_at_a_time, async |server| {
    let bob = server.db_user("bob").create().await;
    let fresh = hash("set by an admin");
    let sign_in_before = waiting(&server, &bob).await;
    let id = bob.id().clone();
    server.db_write(move |db| db.update_password(&id, &fresh, Some(&another_stamp()))).await;
    let refused = sign_in_before.goes_on().await;
    refused.assert_error(400, "INVALID_CREDENTIALS");
    assert_eq!(refused.header("set-cookie"), None);
    let token = token_in(&sign_in(&server, bob.email(), "set by an admin").await);
    bob.with_bearer(token).get(SETTINGS).await.assert_status(200);
});

with_servers!(
    all,
    a_sign_in_from_before_the_account_was_shut_opens_no_session,
    one_at_a_time,
    async |server| {
        let bob = server.db_user("bob").create().await;
        let sign_in_before = waiting(&server, &bob).await;
        server.db_set_active(&bob, false);
        sign_in_before.goes_on().await.assert_error(400, "INVALID_CREDENTIALS");
    }
);

with_servers!(all, a_sign_in_goes_on_where_the_password_stays_right, one_at_a_time, async |server| {
    let bob = server.db_user("bob").create().await;
    // The same password under another salt and stamp, as another sign-in renews a hash, or an admin sets it again.
    let again = hash(PASSWORD);
    let sign_in_before = waiting(&server, &bob).await;
    let id = bob.id().clone();
    server.db_write(move |db| db.update_password(&id, &again, Some(&another_stamp()))).await;
    let token = token_in(&sign_in_before.goes_on().await);
    bob.with_bearer(token).get(SETTINGS).await.assert_status(200);
});
