//! What only Open WebUI does, asked of rosterd: told as it is stored, or refused without harm.

use rosterd_testkit::{Method, TestServer, with_servers};
use serde_json::{Value, json};

use crate::support::rows;

const AUTHS: &str = "/api/v1/auths";

with_servers!(all, steps_of_a_second_factor_are_refused, async |server| {
    let bob = server.db_user("bob").create().await;
    let stranger = server.anonymous();
    let long = "x".repeat(30);
    stranger.post(&format!("{AUTHS}/mfa/challenge"), json!({})).await.assert_error(403, "ACCESS_PROHIBITED");
    for step in ["enroll/start", "enroll/confirm", "verify", "recover"] {
        let path = format!("{AUTHS}/mfa/{step}");
        let sent = json!({ "challenge_token": long, "code": "123456" });
        stranger.post(&path, sent).await.assert_error(401, "INVALID_TOKEN");
        let short = json!({ "challenge_token": "x", "code": "123456" });
        stranger.post(&path, short).await.assert_invalid(&["body/challenge_token"]);
    }
    let verify = format!("{AUTHS}/mfa/verify");
    stranger.post(&verify, json!({})).await.assert_invalid(&["body/challenge_token", "body/code"]);
    for step in ["replace", "recovery/codes"] {
        let path = format!("{AUTHS}/mfa/{step}");
        bob.post(&path, json!({ "code": "123456" })).await.assert_error(403, "ACCESS_PROHIBITED");
        bob.post(&path, json!({ "code": "" })).await.assert_invalid(&["body/code"]);
        stranger.post(&path, json!({})).await.assert_error(401, "NOT_AUTHENTICATED");
    }
});

with_servers!(own, m12_steps_for_persons_are_closed_to_keys, async |server| {
    let ada = server.db_admin("ada").create().await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_api_key(&ada, "sk-adas").await;
    let robot = ada.with_bearer("sk-adas");
    for step in ["replace", "recovery/codes"] {
        let reply = robot.post(&format!("{AUTHS}/mfa/{step}"), json!({})).await;
        reply.assert_error(403, "HUMAN_SESSION_REQUIRED");
    }
});

with_servers!(all, ldap_is_shown_and_cannot_be_changed, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let (switch, form) = (format!("{AUTHS}/admin/config/ldap"), format!("{AUTHS}/admin/config/ldap/server"));
    let off = json!({ "ENABLE_LDAP": false });
    ada.get(&switch).await.assert(200, off.clone());
    ada.post(&switch, json!({ "enable_ldap": false })).await.assert(200, off.clone());
    ada.post(&switch, json!({})).await.assert(200, off);
    ada.post(&switch, json!({ "enable_ldap": true })).await.assert_error(409, "CONFLICT");
    ada.post(&switch, json!({ "enable_ldap": "on" })).await.assert_invalid(&["body/enable_ldap"]);
    ada.post(&form, json!({ "host": "other" })).await.assert_error(409, "CONFLICT");
    for (method, path) in
        [(Method::GET, &switch), (Method::POST, &switch), (Method::GET, &form), (Method::POST, &form)]
    {
        bob.request(method, path).send().await.assert_error(401, "ACCESS_PROHIBITED");
    }
    server.db_set_config("ldap.server.host", json!("ldap.example")).await;
    server.db_set_config("ldap.server.app_password", json!("a secret")).await;
    let shown = ada.get(&form).await;
    shown.assert_status(200);
    assert_eq!(shown.json().as_object().map(serde_json::Map::len), Some(17));
    assert_eq!((shown.at("/host"), shown.at("/port")), (json!("ldap.example"), json!(389)));
    assert_eq!(shown.at("/app_dn_password"), json!(""));
    let sign_in = format!("{AUTHS}/ldap");
    let stranger = server.anonymous();
    let sent = json!({ "user": "x", "password": "y" });
    stranger.post(&sign_in, sent).await.assert_error(400, "ACCESS_PROHIBITED");
    stranger.post(&sign_in, json!({ "user": 7 })).await.assert_invalid(&["body/password", "body/user"]);
});

with_servers!(all, oauth_is_off_and_cannot_be_changed, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let form = format!("{AUTHS}/admin/config/oauth");
    let shown = ada.get(&form).await;
    shown.assert_status(200);
    assert_eq!((shown.at("/ENABLE_OAUTH"), shown.at("/OAUTH_CLIENT_SECRET")), (json!(false), json!("")));
    ada.post(&form, json!({ "ENABLE_OAUTH": true })).await.assert_error(409, "CONFLICT");
    bob.get(&form).await.assert_error(401, "ACCESS_PROHIBITED");
    bob.post(&form, json!({})).await.assert_error(401, "ACCESS_PROHIBITED");
    let exchange = format!("{AUTHS}/oauth/google/token/exchange");
    server.anonymous().post(&exchange, json!({ "token": "x" })).await.assert_error(403, "ACCESS_PROHIBITED");
});

/// A session of an owner with a provider.
fn db_oauth_session(server: &TestServer, owner: &str, provider: &str) {
    server.db().db_execute(&format!(
        "INSERT INTO oauth_session (id, user_id, provider, token, expires_at, created_at, updated_at) \
         VALUES ('{owner} {provider}', '{owner}', '{provider}', 'sealed', 1, 1, 1)"
    ));
}

with_servers!(all, sessions_with_a_provider_are_deleted_by_their_owner, async |server| {
    let (bob, carol) = (server.db_user("bob").create().await, server.db_user("carol").create().await);
    for (owner, provider) in [(&bob, "google"), (&bob, "mcp:a/b"), (&carol, "google")] {
        db_oauth_session(&server, owner.id().as_str(), provider);
    }
    let path = |provider: &str| format!("{AUTHS}/oauth/sessions/{provider}");
    bob.delete(&path("google")).await.assert(200, json!(true));
    bob.delete(&path("google")).await.assert_error(404, "NOT_FOUND");
    bob.delete(&path("mcp:a/b")).await.assert(200, json!(true));
    bob.delete(&path("")).await.assert_error(404, "NOT_FOUND");
    assert_eq!(rows(&server, &format!("oauth_session WHERE user_id = '{}'", bob.id())), 0);
    assert_eq!(rows(&server, &format!("oauth_session WHERE user_id = '{}'", carol.id())), 1);
});

with_servers!(all, a_time_zone_is_stored_as_it_is_sent, async |server| {
    let path = format!("{AUTHS}/update/timezone");
    let dave = server.db_user("dave").role(rosterd_domain::role::Role::Pending).create().await;
    let done = json!({ "status": true });
    server.forget_events();
    dave.post(&path, json!({ "timezone": "Europe/Bern" })).await.assert(200, done.clone());
    dave.post(&path, json!({ "timezone": "Europe/Bern" })).await.assert(200, done.clone());
    assert_eq!(server.take_events().len(), 1, "what is stored already is not written again");
    assert_eq!(server.db_get_user(dave.id()).await.timezone.as_deref(), Some("Europe/Bern"));
    dave.post(&path, json!({ "timezone": "" })).await.assert(200, done);
    assert_eq!(server.db_get_user(dave.id()).await.timezone.as_deref(), Some(""));
    dave.post(&path, json!({})).await.assert_invalid(&["body/timezone"]);
    dave.post(&path, json!({ "timezone": null })).await.assert_invalid(&["body/timezone"]);
    server.anonymous().post(&path, Value::Null).await.assert_error(401, "NOT_AUTHENTICATED");
});
