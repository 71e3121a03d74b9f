//! What ends the sessions of an account, and updates of which every field is optional: rules M15, N10 and N12.

use rosterd_domain::stored_config::Key;
use rosterd_testkit::{Caller, PASSWORD, ServerBuilder, TestServer, with_servers};
use serde_json::json;

use crate::support::{NOBODY, SETTINGS, path_of};

fn with_keys(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| settings.defaults.set(Key::EnableApiKeys, true).unwrap())
}

/// An account that comes before every other, so that it is the primary admin also of the recorded roster.
async fn primary(server: &TestServer) -> Caller {
    server.db_admin("first").created_at(1).create().await
}

with_servers!(current, m15_n12_an_admin_ends_the_sessions_of_an_account, with_keys, async |server| {
    let (first, ada) = (primary(&server).await, server.db_admin("ada").create().await);
    let ben = server.db_admin("ben").create().await;
    server.db_api_key(&ben, "sk-ben").await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    let revoke = "/sessions/revoke";
    ben.get(SETTINGS).await.assert_status(200);
    ada.post(&path_of(&ben, revoke), json!({})).await.assert(200, json!(true));
    ben.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    ben.with_bearer("sk-ben").get(SETTINGS).await.assert_status(200);
    // A new session is good.
    let body = json!({ "email": ben.email(), "password": PASSWORD });
    let session = server.anonymous().post("/api/v1/auths/signin", body).await.assert_status(200).at("/token");
    let ben = ben.with_bearer(session.as_str().unwrap());
    ben.get(SETTINGS).await.assert_status(200);
    // A password that an admin sets ends it too.
    let password = json!({ "password": "another-long-password" });
    ada.post(&path_of(&ben, "/update"), password).await.assert_status(200);
    ben.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    ben.with_bearer("sk-ben").get(SETTINGS).await.assert_status(200);

    ada.post(&path_of(&first, revoke), json!({})).await.assert_error(403, "ACTION_PROHIBITED");
    ada.post(&format!("/api/v1/users/{NOBODY}{revoke}"), json!({})).await.assert_error(404, "NOT_FOUND");
    // One's own, the primary admin's among them.
    first.post(&path_of(&first, revoke), json!({})).await.assert(200, json!(true));
    first.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
});

with_servers!(older, n12_an_older_database_has_no_stamp_to_replace, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    ada.post(&path_of(&bob, "/sessions/revoke"), json!({})).await.assert_error(404, "NOT_FOUND");
    bob.get(SETTINGS).await.assert_status(200);
});

with_servers!(current, n10_every_field_of_an_update_may_be_left_out, async |server| {
    let (first, ada) = (primary(&server).await, server.db_admin("ada").create().await);
    let bob = server.db_user("bob").create().await;
    let before = server.db_get_user(bob.id()).await;
    server.clock().advance(5);
    let nulls =
        json!({ "role": null, "name": null, "email": null, "profile_image_url": null, "password": null });
    for nothing in [json!({}), nulls, json!({ "password": "" })] {
        let shown = ada.post(&path_of(&bob, "/update"), nothing).await;
        assert_eq!(shown.assert_status(200).at("/name"), "bob");
    }
    assert_eq!(server.db_get_user(bob.id()).await, before, "nothing is written");
    bob.get(SETTINGS).await.assert_status(200);
    let shown = ada.post(&path_of(&bob, "/update"), json!({ "name": "Robert" })).await;
    assert_eq!((shown.at("/name"), shown.at("/email")), (json!("Robert"), json!(bob.email())));
    let wrong = json!({ "role": 1, "name": 7, "email": [], "profile_image_url": {}, "password": 1 });
    ada.post(&path_of(&bob, "/update"), wrong).await.assert_invalid(&[
        "body/role",
        "body/name",
        "body/email",
        "body/profile_image_url",
        "body/password",
    ]);
    // Rule P1 counts even where nothing is sent.
    ada.post(&path_of(&first, "/update"), json!({})).await.assert_error(403, "ACTION_PROHIBITED");
    first.post(&path_of(&first, "/update"), json!({})).await.assert_status(200);
    first
        .post(&path_of(&first, "/update"), json!({ "role": "user" }))
        .await
        .assert_error(403, "ACTION_PROHIBITED");
});
