//! Configuration that admins change at run time: `GET|POST /auths/admin/config`. How it is stored is in `stored`, what the
//! newest form takes in `newest`, what everybody may see of it in `public` and `front_end`.

mod front_end;
mod health;
mod newest;
mod public;
mod stored;

use rosterd_testkit::{TestServer, with_servers};
use serde_json::{Value, json};

use crate::support::{CONFIG, is_current, keys, merged, set_config};

/// What Open WebUI 0.6's own admin page knows.
const CLASSIC: [&str; 18] = [
    "API_KEYS_ALLOWED_ENDPOINTS",
    "DEFAULT_GROUP_ID",
    "DEFAULT_USER_ROLE",
    "ENABLE_API_KEYS",
    "ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS",
    "ENABLE_CHANNELS",
    "ENABLE_COMMUNITY_SHARING",
    "ENABLE_FOLDERS",
    "ENABLE_MESSAGE_RATING",
    "ENABLE_NOTES",
    "ENABLE_SIGNUP",
    "ENABLE_USER_WEBHOOKS",
    "JWT_EXPIRES_IN",
    "PENDING_USER_OVERLAY_CONTENT",
    "PENDING_USER_OVERLAY_TITLE",
    "RESPONSE_WATERMARK",
    "SHOW_ADMIN_DETAILS",
    "WEBUI_URL",
];

/// A value of its own for every setting, but for the policy of the second factor.
fn every_setting(server: &TestServer) -> Value {
    let all = json!({
        "SHOW_ADMIN_DETAILS": false,
        "ADMIN_EMAIL": "help@rosterd.test",
        "WEBUI_URL": "https://chat.rosterd.test",
        "ENABLE_SIGNUP": true,
        "ENABLE_LOGIN_FORM": false,
        "ENABLE_API_KEYS": true,
        "ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS": true,
        "API_KEYS_ALLOWED_ENDPOINTS": "/api/v1/users",
        "DEFAULT_USER_ROLE": "user",
        "DEFAULT_GROUP_ID": "a-group",
        "DEFAULT_LOCALE": "de-DE",
        "DEFAULT_PROMPT_SUGGESTIONS": [{ "title": ["Say", "\"hello\" 🐘"], "content": "Hello!" }],
        "JWT_EXPIRES_IN": "90m",
        "ENABLE_COMMUNITY_SHARING": false,
        "ENABLE_MESSAGE_RATING": false,
        "ENABLE_FOLDERS": false,
        "ENABLE_CHANNELS": true,
        "ENABLE_NOTES": false,
        "ENABLE_USER_WEBHOOKS": is_current(server),
        "PENDING_USER_OVERLAY_TITLE": "Wait",
        "PENDING_USER_OVERLAY_CONTENT": "An admin will let you in.",
        "RESPONSE_WATERMARK": "AI",
    });
    let newer = json!({
        "DEFAULT_INTERFACE_SETTINGS": { "theme": "dark", "n": [1] },
        "I18N": { "de-DE": { "Hello {{Name}}": "Hallo {{Name}}" } },
        "FOLDER_MAX_FILE_COUNT": 7,
        "AUTOMATION_MAX_COUNT": 3,
        "AUTOMATION_MIN_INTERVAL": 60,
        "ENABLE_AUTOMATIONS": false,
        "ENABLE_ENCRYPTED_CHANNELS": true,
        "ENABLE_APPS": true,
        "CHANNEL_MODEL_RESPONSE_MODE": "channel",
        "ENABLE_CALENDAR": false,
        "ENABLE_MEMORIES": false,
        "ENABLE_MEMORY_SYSTEM_CONTEXT": false,
        "ENABLE_SKILL_LAZY_LOADING": true,
        "SKILL_CONTENT_MAX_CHARS": 1000,
        "SKILL_PREVIEW_MAX_CHARS": 100,
        "ENABLE_USER_STATUS": false,
    });
    if is_current(server) { merged(all, newer) } else { all }
}

/// The policy of the second factor, as it is everywhere.
fn no_second_factor(server: &TestServer) -> Value {
    let off = json!({
        "ENABLE_MFA": false, "MFA_ALLOW_OAUTH_BYPASS": false, "MFA_ALLOW_TRUSTED_HEADER_BYPASS": false,
    });
    if is_current(server) { off } else { json!({}) }
}

with_servers!(all, every_setting_is_written_and_read, async |server| {
    let ada = server.db_admin("ada").create().await;
    let sent = every_setting(&server);
    let held = merged(sent.clone(), no_second_factor(&server));
    let revoked = if is_current(&server) { json!({ "sessions_revoked": false }) } else { json!({}) };
    ada.post(CONFIG, sent).await.assert(200, merged(held.clone(), revoked));
    ada.get(CONFIG).await.assert(200, held.clone());
    // Nothing is kept in memory: another server on the database says the same.
    let second = server.second().await;
    ada.through(&second).get(CONFIG).await.assert(200, held);
});

with_servers!(older, what_is_not_sent_stays_and_what_is_unknown_is_ignored, async |server| {
    let ada = server.db_admin("ada").create().await;
    let before = ada.get(CONFIG).await.json();
    let set = ada.post(CONFIG, json!({ "RESPONSE_WATERMARK": "AI", "NO_SUCH_SETTING": 1 })).await;
    set.assert_status(200);
    assert_eq!(keys(&set.json()), CLASSIC, "what Open WebUI's page reads from the answer");
    let after = merged(before, json!({ "RESPONSE_WATERMARK": "AI" }));
    ada.get(CONFIG).await.assert(200, after.clone());
    ada.post(CONFIG, json!({})).await.assert_status(200);
    ada.get(CONFIG).await.assert(200, after);
});

with_servers!(all, every_faulty_setting_is_named_and_none_is_written, async |server| {
    let ada = server.db_admin("ada").create().await;
    let before = ada.get(CONFIG).await.json();
    let wrong = json!({
        "ENABLE_SIGNUP": "yes",
        "ENABLE_NOTES": null,
        "ADMIN_EMAIL": 1,
        "WEBUI_URL": false,
        "DEFAULT_USER_ROLE": 7,
        "DEFAULT_PROMPT_SUGGESTIONS": {},
        "JWT_EXPIRES_IN": null,
        "RESPONSE_WATERMARK": "this one is right",
    });
    let places = [
        "body/ADMIN_EMAIL",
        "body/DEFAULT_PROMPT_SUGGESTIONS",
        "body/DEFAULT_USER_ROLE",
        "body/ENABLE_NOTES",
        "body/ENABLE_SIGNUP",
        "body/JWT_EXPIRES_IN",
        "body/WEBUI_URL",
    ];
    set_config(&ada, wrong).await.assert_invalid(&places);
    ada.post(CONFIG, json!([])).await.assert_invalid(&["body"]);
    if !is_current(&server) {
        ada.post(CONFIG, json!({ "DEFAULT_USER_ROLE": "superuser" }))
            .await
            .assert_invalid(&["body/DEFAULT_USER_ROLE"]);
        for life in ["", "0s", "-2", "4", "4 weeks", "99999999999999w"] {
            ada.post(CONFIG, json!({ "JWT_EXPIRES_IN": life }))
                .await
                .assert_invalid(&["body/JWT_EXPIRES_IN"]);
        }
    }
    ada.get(CONFIG).await.assert(200, before);
});

// PostgreSQL takes no NUL in a query: as the default group it would stand in the way of every new account.
with_servers!(all, a_text_with_a_nul_character_is_refused, async |server| {
    let ada = server.db_admin("ada").create().await;
    for key in ["DEFAULT_GROUP_ID", "ADMIN_EMAIL", "RESPONSE_WATERMARK"] {
        let reply = set_config(&ada, json!({ key: "a\0b" })).await;
        reply.assert_invalid(&[&format!("body/{key}")]);
    }
    server.db_set_config("ui.default_group_id", json!("a\0b")).await;
    let sent = json!({ "name": "Bob", "email": "bob@rosterd.test", "password": rosterd_testkit::PASSWORD });
    ada.post("/api/v1/auths/add", sent).await.assert_status(200);
});

with_servers!(own, configuration_is_for_admins, async |server| {
    let bob = server.db_user("bob").create().await;
    for caller in [&bob, &bob.by_cookie()] {
        caller.get(CONFIG).await.assert_error(401, "ACCESS_PROHIBITED");
        caller.post(CONFIG, json!({ "ENABLE_SIGNUP": "yes" })).await.assert_error(401, "ACCESS_PROHIBITED");
    }
    server.anonymous().get(CONFIG).await.assert_error(401, "NOT_AUTHENTICATED");
    server.anonymous().post(CONFIG, json!({})).await.assert_error(401, "NOT_AUTHENTICATED");
});
