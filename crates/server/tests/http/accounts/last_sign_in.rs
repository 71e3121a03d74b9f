//! What an owner and admins see of the last sign-in and of failed attempts (rule A12).

use rosterd_storage::{Store, StoreOptions};
use rosterd_testkit::{TestDb, TestServer, with_databases, with_servers};
use serde_json::{Value, json};

use super::{SIGN_UP, application, sign_in, signed_in, token_in};
use crate::support::{NOBODY, path_of, rows};

const OWN: &str = "/api/v1/auths/last_sign_in";

/// The five figures, in the order in which they are answered.
fn figures(
    signed_in_at: Option<i64>,
    failed: i64,
    failed_at: Option<i64>,
    previous_at: Option<i64>,
    failed_before: i64,
) -> Value {
    json!({
        "signed_in_at": signed_in_at, "failed": failed, "failed_at": failed_at, "previous_at": previous_at,
        "failed_before": failed_before,
    })
}

/// A server on a database that has the table, if need be by `rosterd adopt --apply`.
async fn adopted(db: TestDb) -> TestServer {
    let store = Store::open(&StoreOptions::new(db.database_url())).unwrap();
    store.adopt_apply().await.unwrap();
    store.close();
    TestServer::start(db).await
}

with_databases!(all, a12_sign_ins_and_failed_attempts_are_shown_to_admins_and_to_the_owner, async |db| {
    let server = adopted(db).await;
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let (other, began) = (server.second().await, server.now());
    let of_bob = path_of(&bob, "/last_sign_in");
    let nothing = figures(None, 0, None, None, 0);
    ada.get(&of_bob).await.assert(200, nothing);
    // Wherever they are tried, and however it ends.
    for at in [&server, &other] {
        sign_in(at, bob.email(), "not my password").await.assert_error(400, "INVALID_CREDENTIALS");
    }
    ada.get(&of_bob).await.assert(200, figures(None, 2, Some(began), None, 0));
    server.clock().advance(10);
    let session = signed_in(&server, &bob).await;
    let first = figures(Some(began + 10), 0, None, None, 2);
    ada.get(&of_bob).await.assert(200, first.clone());
    session.get(OWN).await.assert(200, first);
    server.clock().advance(10);
    sign_in(&other, bob.email(), "not my password").await.assert_error(400, "INVALID_CREDENTIALS");
    server.clock().advance(10);
    let session = signed_in(&other, &bob).await;
    session.get(OWN).await.assert(200, figures(Some(began + 30), 0, None, Some(began + 10), 1));
    // The account of nobody is no account.
    sign_in(&server, "nobody@rosterd.test", "x").await.assert_error(400, "INVALID_CREDENTIALS");
    assert_eq!(rows(&server, "rosterd_sign_in"), 1);
    ada.get(&format!("/api/v1/users/{NOBODY}/last_sign_in")).await.assert_error(404, "NOT_FOUND");
    ada.delete(&path_of(&bob, "")).await.assert_status(200);
    assert_eq!(rows(&server, "rosterd_sign_in"), 0);
});

with_servers!(
    own,
    a12_a_sign_up_is_a_sign_in_and_what_is_refused_for_too_many_is_not_counted,
    async |server| {
        let ada = server.db_admin("ada").create().await;
        server.db_set_config("ui.enable_signup", json!(true)).await;
        let made = server.anonymous().post(SIGN_UP, application("eve")).await;
        let eve = server.anonymous().with_bearer(token_in(&made));
        eve.get(OWN).await.assert(200, figures(Some(server.now()), 0, None, None, 0));
        for _ in 0..20 {
            let _refused = sign_in(&server, "eve@rosterd.test", "not my password").await;
        }
        assert_eq!(eve.get(OWN).await.assert_status(200).at("/failed"), 15);
        // What an admin makes for somebody is no sign-in of theirs.
        let added = ada.post("/api/v1/auths/add", application("carol")).await;
        let carol =
            format!("/api/v1/users/{}/last_sign_in", added.assert_status(200).at("/id").as_str().unwrap());
        assert_eq!(ada.get(&carol).await.assert_status(200).at("/signed_in_at"), Value::Null);
    }
);

with_servers!(own, a12_one_s_own_is_for_persons_alone, async |server| {
    let bob = server.db_user("bob").create().await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    let ada = server.db_admin("ada").create().await;
    server.db_api_key(&ada, "sk-ada").await;
    ada.with_bearer("sk-ada").get(OWN).await.assert_error(403, "HUMAN_SESSION_REQUIRED");
    ada.with_bearer("sk-ada").get(&path_of(&bob, "/last_sign_in")).await.assert_status(200);
});

with_servers!(attached, a12_a_database_that_was_not_adopted_does_not_know, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    bob.get(OWN).await.assert_error(409, "CONFLICT");
    ada.get(&path_of(&bob, "/last_sign_in")).await.assert_error(409, "CONFLICT");
    signed_in(&server, &bob).await.get(OWN).await.assert_error(409, "CONFLICT");
});
