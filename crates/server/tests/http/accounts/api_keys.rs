//! API keys: made and ended by their owners, good for as long as the switch, the right and the account are.

use rosterd_domain::role::Role;
use rosterd_testkit::{Caller, Credential, Method, TestServer, TokenKind, with_servers};
use serde_json::{Value, json};

use super::{SESSION, SIGN_OUT};
use crate::support::{SETTINGS, form, is_current, path_of, rows, set_config};

pub(super) const KEY: &str = "/api/v1/auths/api_key";

/// A user who may have a key, and the admin who can take that right away.
pub(super) async fn ada_and_bob(server: &TestServer) -> (Caller, Caller) {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_group("Robots", &[&bob], json!({ "features": { "api_keys": true } })).await;
    (ada, bob)
}

/// A new key of the owner's.
pub(super) async fn new_key(owner: &Caller) -> String {
    let made = owner.post(KEY, Value::Null).await;
    made.assert_status(200);
    made.at("/api_key").as_str().unwrap_or_default().to_owned()
}

/// What is shown of a key after it was made (rule K7).
fn shown_later(server: &TestServer, key: &str) -> String {
    if server.store().layout().is_standalone() {
        format!("{}{}", &key[..7], "*".repeat(28))
    } else {
        key.to_owned()
    }
}

/// The owner, showing a new key instead of a token.
async fn with_key(owner: &Caller) -> Caller {
    owner.with_bearer(new_key(owner).await)
}

with_servers!(all, m12_m20_a_key_is_made_shown_replaced_and_ended, async |server| {
    let (_ada, bob) = ada_and_bob(&server).await;
    bob.get(KEY).await.assert_error(404, "API_KEY_NOT_FOUND");
    let key = new_key(&bob).await;
    assert!(key.starts_with("sk-") && key.len() >= 35, "{key}");
    let shown = bob.get(KEY).await;
    shown.assert(200, json!({ "api_key": shown_later(&server, &key) }));
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    let robot = bob.with_bearer(key.clone());
    robot.get(SETTINGS).await.assert_status(200);
    let session = robot.get(SESSION).await;
    if is_current(&server) {
        session.assert_error(403, "HUMAN_SESSION_REQUIRED");
    } else {
        assert_eq!(session.at("/id"), json!(bob.id()));
    }

    let other = new_key(&bob).await;
    assert_ne!(other, key);
    let other = bob.with_bearer(other);
    robot.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    other.get(SETTINGS).await.assert_status(200);

    bob.delete(KEY).await.assert(200, json!(true));
    other.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    bob.delete(KEY).await.assert(200, json!(is_current(&server)));
    bob.get(KEY).await.assert_error(404, "API_KEY_NOT_FOUND");
});

with_servers!(all, a_key_needs_the_switch_and_the_right, async |server| {
    let (ada, bob) = ada_and_bob(&server).await;
    let carol = server.db_user("carol").create().await;
    carol.post(KEY, Value::Null).await.assert_error(403, "API_KEY_CREATION_NOT_ALLOWED");
    let (robot, adas) = (with_key(&bob).await, with_key(&ada).await);
    // A key from before the right was taken away.
    server.db_api_key(&carol, "sk-carols").await;
    carol.with_bearer("sk-carols").get(SETTINGS).await.assert_error(403, "API_KEY_NOT_ALLOWED");

    set_config(&ada, json!({ "ENABLE_API_KEYS": false })).await.assert_status(200);
    for caller in [&robot, &adas] {
        caller.get(SETTINGS).await.assert_error(403, "API_KEY_NOT_ALLOWED");
    }
    ada.post(KEY, Value::Null).await.assert_error(403, "API_KEY_CREATION_NOT_ALLOWED");
    set_config(&ada, json!({ "ENABLE_API_KEYS": true })).await.assert_status(200);
    robot.get(SETTINGS).await.assert_status(200);

    let group = bob.get("/api/v1/users/groups").await.at("/0/id");
    let remove = format!("/api/v1/groups/id/{}/users/remove", group.as_str().unwrap_or_default());
    ada.post(&remove, json!({ "user_ids": [bob.id()] })).await.assert_status(200);
    robot.get(SETTINGS).await.assert_error(403, "API_KEY_NOT_ALLOWED");
    adas.get("/api/v1/users/").await.assert_status(200);
});

with_servers!(all, a_key_is_worth_what_its_account_is, async |server| {
    let (ada, bob) = ada_and_bob(&server).await;
    let robot = with_key(&bob).await;
    robot.get("/api/v1/users/").await.assert_error(401, "ACCESS_PROHIBITED");
    let sent = |role: &str| form("bob", bob.email(), json!({ "role": role }));
    let update = path_of(&bob, "/update");
    ada.post(&update, sent("pending")).await.assert_status(200);
    robot.get(SETTINGS).await.assert_error(401, "ACCESS_PROHIBITED");
    ada.post(&update, sent("admin")).await.assert_status(200);
    robot.get("/api/v1/users/").await.assert_status(200);
    ada.delete(&path_of(&bob, "")).await.assert_status(200);
    robot.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    assert_eq!(rows(&server, &format!("api_key WHERE user_id = '{}'", bob.id())), 0, "P4");
});

with_servers!(all, a_key_has_an_end_if_the_database_says_so, async |server| {
    let (_ada, bob) = ada_and_bob(&server).await;
    let robot = with_key(&bob).await;
    server.db().db_execute(&format!(
        "UPDATE api_key SET expires_at = {} WHERE user_id = '{}'",
        server.now() + 60,
        bob.id()
    ));
    robot.get(SETTINGS).await.assert_status(200);
    server.clock().advance(60);
    robot.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
});

with_servers!(all, keys_can_be_restricted_to_some_paths, async |server| {
    let (ada, bob) = ada_and_bob(&server).await;
    let robot = with_key(&bob).await;
    let config = json!({
        "ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS": true,
        "API_KEYS_ALLOWED_ENDPOINTS": "/api/v1/users/user/settings, /api/v1/groups/",
    });
    set_config(&ada, config).await.assert_status(200);
    robot.get(SETTINGS).await.assert_status(200);
    robot.post("/api/v1/users/user/settings/update", json!({})).await.assert_status(200);
    robot.get("/api/v1/groups/").await.assert_status(200);
    for path in ["/api/v1/users/user/info", "/api/v1/users/permissions", "/api/v1/auths/api_key"] {
        robot.get(path).await.assert_error(403, "API_KEY_NOT_ALLOWED");
        bob.get(path).await.assert_status(200);
    }
    // Restricted to nothing at all.
    set_config(&ada, json!({ "API_KEYS_ALLOWED_ENDPOINTS": "" })).await.assert_status(200);
    robot.get(SETTINGS).await.assert_error(403, "API_KEY_NOT_ALLOWED");
    set_config(&ada, json!({ "ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS": false })).await.assert_status(200);
    robot.get("/api/v1/auths/api_key").await.assert_status(200);
});

with_servers!(all, a_key_that_nobody_has_opens_nothing, async |server| {
    let (_ada, bob) = ada_and_bob(&server).await;
    let key = new_key(&bob).await;
    for wrong in ["sk-", "sk-unknown", &key.to_uppercase(), &format!("{key}x")] {
        bob.with_bearer(wrong).get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    }
});

with_servers!(all, m10_each_carrier_may_hold_a_token_or_a_key, async |server| {
    let (_ada, bob) = ada_and_bob(&server).await;
    let carol = server.db_user("carol").create().await;
    let (key, token) = (new_key(&bob).await, server.token(TokenKind::Valid, bob.id()));
    let stranger = server.anonymous();
    let by_header = |value: &str| stranger.request(Method::GET, SETTINGS).header("X-API-Key", value);
    for credential in [&key, &token] {
        stranger.with(Credential::Cookie(credential.clone())).get(SETTINGS).await.assert_status(200);
        by_header(credential).send().await.assert_status(200);
    }
    for wrong in ["", "sk-unknown", "not.a.token"] {
        by_header(wrong).send().await.assert_error(401, "INVALID_TOKEN");
    }
    by_header(&key).header("x-api-key", "sk-other").send().await.assert_error(401, "INVALID_TOKEN");
    // The first that is there decides, even if it is bad.
    let beside = async |caller: &Caller| {
        caller.request(Method::GET, "/api/v1/auths/api_key").header("x-api-key", &key).send().await
    };
    beside(&carol).await.assert_error(404, "API_KEY_NOT_FOUND");
    beside(&carol.by_cookie()).await.assert_error(404, "API_KEY_NOT_FOUND");
    beside(&bob.with_bearer("garbage")).await.assert_error(401, "INVALID_TOKEN");
    beside(&bob.with(Credential::Cookie("garbage".to_owned()))).await.assert_error(401, "INVALID_TOKEN");
    beside(&stranger).await.assert(200, json!({ "api_key": shown_later(&server, &key) }));
});

with_servers!(
    own,
    m10_the_header_for_keys_has_the_configured_name,
    |server| server.settings(|settings| settings.api_key_header = String::from("x-robot")),
    async |server| {
        let (_ada, bob) = ada_and_bob(&server).await;
        let key = new_key(&bob).await;
        let by = |name: &str| server.anonymous().request(Method::GET, SETTINGS).header(name, &key);
        by("x-robot").send().await.assert_status(200);
        by("x-api-key").send().await.assert_error(401, "NOT_AUTHENTICATED");
    }
);

with_servers!(own, signing_out_by_key_leaves_the_key, async |server| {
    let (_ada, bob) = ada_and_bob(&server).await;
    let robot = with_key(&bob).await;
    robot.get(SIGN_OUT).await.assert_status(200);
    robot.get(SETTINGS).await.assert_status(200);
});

with_servers!(own, a_key_does_not_get_into_a_cookie, async |server| {
    let (_ada, bob) = ada_and_bob(&server).await;
    let robot = with_key(&bob).await;
    let request = robot.request(Method::GET, SESSION);
    let session = request.header("cookie", "token=an-old-one").send().await;
    session.assert_error(403, "HUMAN_SESSION_REQUIRED");
    assert_eq!(session.header("set-cookie"), None, "{session}");
});

with_servers!(own, people_who_wait_get_no_new_key, async |server| {
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    let dave = server.db_user("dave").role(Role::Pending).create().await;
    dave.get(KEY).await.assert_error(404, "API_KEY_NOT_FOUND");
    dave.post(KEY, Value::Null).await.assert_error(403, "API_KEY_CREATION_NOT_ALLOWED");
    // One of before can be withdrawn.
    server.db_api_key(&dave, "sk-daves").await;
    dave.delete(KEY).await.assert(200, json!(true));
    assert_eq!(rows(&server, "api_key"), 0);
    server.anonymous().get(KEY).await.assert_error(401, "NOT_AUTHENTICATED");
});
