//! The form of the newest front end: what it needs, what it may lack, and what of it is skipped.

use rosterd_testkit::{Caller, TestServer, TokenKind, with_servers};
use serde_json::{Value, json};

use super::every_setting;
use crate::support::{CONFIG, merged, set_config, whole_config};

/// The rows of the settings with the second of their last change.
fn rows_in(server: &TestServer) -> Vec<Vec<Option<String>>> {
    server
        .db()
        .db_query_text(r#"SELECT "key", CAST(value AS TEXT) AS value, updated_at FROM config ORDER BY "key""#)
}

with_servers!(current, what_the_form_needs_is_named, async |server| {
    let ada = server.db_admin("ada").create().await;
    let before = rows_in(&server);
    let needed = [
        "API_KEYS_ALLOWED_ENDPOINTS",
        "DEFAULT_GROUP_ID",
        "DEFAULT_USER_ROLE",
        "ENABLE_API_KEYS",
        "ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS",
        "ENABLE_AUTOMATIONS",
        "ENABLE_CALENDAR",
        "ENABLE_CHANNELS",
        "ENABLE_COMMUNITY_SHARING",
        "ENABLE_FOLDERS",
        "ENABLE_MEMORIES",
        "ENABLE_MEMORY_SYSTEM_CONTEXT",
        "ENABLE_MESSAGE_RATING",
        "ENABLE_NOTES",
        "ENABLE_USER_STATUS",
        "ENABLE_USER_WEBHOOKS",
        "JWT_EXPIRES_IN",
        "SHOW_ADMIN_DETAILS",
        "WEBUI_URL",
    ];
    let places: Vec<_> = needed.iter().map(|name| format!("body/{name}")).collect();
    let places: Vec<_> = places.iter().map(String::as_str).collect();
    ada.post(CONFIG, json!({ "ENABLE_SIGNUP": true })).await.assert_invalid(&places);
    assert_eq!(rows_in(&server), before);
});

with_servers!(current, what_the_form_may_lack_stays_or_becomes_empty, async |server| {
    let ada = server.db_admin("ada").create().await;
    ada.post(CONFIG, every_setting(&server)).await.assert_status(200);
    let mut minimal = whole_config(json!({}));
    for optional in
        ["ADMIN_EMAIL", "PENDING_USER_OVERLAY_TITLE", "PENDING_USER_OVERLAY_CONTENT", "RESPONSE_WATERMARK"]
    {
        minimal.as_object_mut().unwrap().remove(optional);
    }
    let after = ada.post(CONFIG, minimal.clone()).await.assert_status(200).json();
    let set = merged(
        minimal,
        json!({
            // They become empty.
            "ADMIN_EMAIL": null, "DEFAULT_INTERFACE_SETTINGS": {}, "FOLDER_MAX_FILE_COUNT": "",
            "AUTOMATION_MAX_COUNT": "", "AUTOMATION_MIN_INTERVAL": "", "CHANNEL_MODEL_RESPONSE_MODE": "thread",
            "PENDING_USER_OVERLAY_TITLE": null, "PENDING_USER_OVERLAY_CONTENT": null,
            "RESPONSE_WATERMARK": null,
            // They stay.
            "ENABLE_LOGIN_FORM": false, "I18N": { "de-DE": { "Hello {{Name}}": "Hallo {{Name}}" } },
            "ENABLE_ENCRYPTED_CHANNELS": true, "ENABLE_APPS": true, "ENABLE_SKILL_LAZY_LOADING": true,
            "SKILL_CONTENT_MAX_CHARS": 1000, "SKILL_PREVIEW_MAX_CHARS": 100,
            // rosterd leaves them to Open WebUI.
            "ENABLE_MFA": false, "MFA_ALLOW_OAUTH_BYPASS": false, "MFA_ALLOW_TRUSTED_HEADER_BYPASS": false,
            "sessions_revoked": false,
        }),
    );
    assert_eq!(after, set);
    let mut shown = ada.get(CONFIG).await.json();
    assert_eq!(shown["DEFAULT_LOCALE"], json!("de-DE"), "what Open WebUI's page does not know stays");
    for name in ["DEFAULT_LOCALE", "DEFAULT_PROMPT_SUGGESTIONS"] {
        shown.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(merged(shown, json!({ "sessions_revoked": false })), set);
});

with_servers!(current, m23_m31_numbers_and_translations_are_stored_in_one_form, async |server| {
    let ada = server.db_admin("ada").create().await;
    let sent = json!({
        "FOLDER_MAX_FILE_COUNT": "7", "AUTOMATION_MAX_COUNT": 0, "AUTOMATION_MIN_INTERVAL": null,
        "I18N": { "de": { "Hello {{Name}}": "Hallo {{Name}}", "Empty": "  " }, "fr": { "x": " " } },
    });
    let set = set_config(&ada, sent).await.assert_status(200).json();
    assert_eq!(set["FOLDER_MAX_FILE_COUNT"], json!(7));
    assert_eq!((&set["AUTOMATION_MAX_COUNT"], &set["AUTOMATION_MIN_INTERVAL"]), (&json!(""), &json!("")));
    assert_eq!(set["I18N"], json!({ "de": { "Hello {{Name}}": "Hallo {{Name}}" } }));
    for (name, unfit) in [
        ("FOLDER_MAX_FILE_COUNT", json!("many")),
        ("AUTOMATION_MAX_COUNT", json!(1.5)),
        ("SKILL_CONTENT_MAX_CHARS", json!(0)),
        ("SKILL_PREVIEW_MAX_CHARS", json!("5")),
        ("ENABLE_MFA", json!("true")),
        ("DEFAULT_INTERFACE_SETTINGS", json!(null)),
        ("I18N", json!(null)),
        ("I18N", json!({ "de": { "Hi {{A}}": "Hallo {{B}}" } })),
        ("I18N", json!({ "__proto__": { "a": "b" } })),
    ] {
        let reply = set_config(&ada, json!({ name: unfit, "ENABLE_NOTES": false })).await;
        reply.assert_invalid(&[&format!("body/{name}")]);
    }
    assert_eq!(ada.get(CONFIG).await.at("/ENABLE_NOTES"), json!(true), "nothing of a refused form is stored");
});

with_servers!(current, m25_what_does_not_fit_is_skipped_and_the_rest_is_stored, async |server| {
    let ada = server.db_admin("ada").create().await;
    ada.post(CONFIG, every_setting(&server)).await.assert_status(200);
    for life in ["soon", "-4w", "1h30m", ""] {
        let sent = json!({
            "DEFAULT_USER_ROLE": "owner", "CHANNEL_MODEL_RESPONSE_MODE": "x", "JWT_EXPIRES_IN": life,
            "WEBUI_URL": format!("https://{life}.example"),
        });
        let set = set_config(&ada, sent).await.assert_status(200).json();
        assert_eq!(set["DEFAULT_USER_ROLE"], json!("user"));
        assert_eq!(set["CHANNEL_MODEL_RESPONSE_MODE"], json!("channel"));
        assert_eq!(set["JWT_EXPIRES_IN"], json!("90m"));
        assert_eq!(set["WEBUI_URL"], json!(format!("https://{life}.example")));
    }
});

with_servers!(current, r5_the_same_form_again_writes_nothing_and_tells_nothing, async |server| {
    let ada = server.db_admin("ada").create().await;
    let sent = every_setting(&server);
    ada.post(CONFIG, sent.clone()).await.assert_status(200);
    let before = rows_in(&server);
    server.clock().advance(60);
    server.forget_events();
    for again in [sent.clone(), merged(sent, json!({ "FOLDER_MAX_FILE_COUNT": "7", "ENABLE_MFA": false }))] {
        ada.post(CONFIG, again).await.assert_status(200);
    }
    assert_eq!(rows_in(&server), before);
    assert_eq!(server.take_events().len(), 0);
});

/// A form that names the policy of the second factor.
fn naming_factor(value: bool) -> Value {
    whole_config(json!({ "MFA_ALLOW_OAUTH_BYPASS": value, "ENABLE_NOTES": false }))
}

with_servers!(current, m24_the_policy_of_the_second_factor_is_not_changed_here, async |server| {
    let ada = server.db_admin("ada").create().await;
    let before = rows_in(&server);
    for name in ["ENABLE_MFA", "MFA_ALLOW_OAUTH_BYPASS", "MFA_ALLOW_TRUSTED_HEADER_BYPASS"] {
        let sent = whole_config(json!({ name: true, "ENABLE_NOTES": false }));
        ada.post(CONFIG, sent).await.assert_error(409, "CONFLICT");
    }
    assert_eq!(rows_in(&server), before);
    let set = ada.post(CONFIG, naming_factor(false)).await.assert_status(200).json();
    assert_eq!((&set["ENABLE_NOTES"], &set["sessions_revoked"]), (&json!(false), &json!(false)));
});

with_servers!(current, m12_only_a_person_may_name_the_policy_of_the_second_factor, async |server| {
    let ada = server.db_admin("ada").create().await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_api_key(&ada, "sk-adas").await;
    let key = ada.with_bearer("sk-adas");
    key.post(CONFIG, naming_factor(false)).await.assert_error(403, "HUMAN_SESSION_REQUIRED");
    key.post(CONFIG, naming_factor(true)).await.assert_error(403, "HUMAN_SESSION_REQUIRED");
    assert_eq!(ada.get(CONFIG).await.at("/ENABLE_NOTES"), json!(true));
    key.post(CONFIG, whole_config(json!({ "ENABLE_NOTES": false }))).await.assert_status(200);
    let session: Caller = ada.with_bearer(server.token(TokenKind::Valid, ada.id()));
    session.post(CONFIG, naming_factor(false)).await.assert_status(200);
});
