//! `GET /api/config` of the newest front end: who is told what, and what a standalone server has of it.

use rosterd_domain::front_end::Switch;
use rosterd_domain::role::Role;
use rosterd_domain::stored_config::Key;
use rosterd_testkit::{Caller, TestServer, with_servers};
use serde_json::{Value, json};

use crate::support::{keys, set_config};

const PUBLIC: &str = "/api/config";

with_servers!(current, each_caller_is_told_more, async |server| {
    let bob = server.db_user("bob").create().await;
    let dave = server.db_user("dave").role(Role::Pending).create().await;
    let anonymous = server.anonymous().get(PUBLIC).await.json();
    assert_eq!(
        keys(&anonymous["features"]),
        [
            "auth",
            "auth_trusted_header",
            "enable_ldap",
            "enable_login_form",
            "enable_signup",
            "enable_signup_password_confirmation",
            "enable_websocket",
            "slim",
        ]
    );
    let pending = dave.get(PUBLIC).await.json();
    let more: Vec<_> = keys(&pending).into_iter().filter(|key| anonymous.get(*key).is_none()).collect();
    assert_eq!(more, ["ui"]);
    assert_eq!(keys(&pending["ui"]), ["pending_user_overlay_content", "pending_user_overlay_title"]);
    assert_eq!(pending["features"].as_object().unwrap().len(), 52);
    let verified = bob.get(PUBLIC).await.json();
    assert_eq!(verified["features"], pending["features"]);
    assert_eq!(
        keys(&verified),
        [
            "audio",
            "code",
            "default_locale",
            "default_models",
            "default_pinned_models",
            "default_prompt_suggestions",
            "default_prompt_suggestions_i18n",
            "features",
            "file",
            "google_drive",
            "i18n",
            "license_metadata",
            "name",
            "oauth",
            "onedrive",
            "permissions",
            "status",
            "ui",
            "user_count",
            "version",
        ]
    );
    assert_eq!(verified["default_prompt_suggestions"], json!(null));
    assert_eq!(verified["google_drive"], json!({ "client_id": "", "api_key": "" }));
});

with_servers!(current, an_api_key_reads_as_anonymous, async |server| {
    let ada = server.db_admin("ada").create().await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_api_key(&ada, "sk-adas").await;
    let anonymous = server.anonymous().get(PUBLIC).await.json();
    ada.with_bearer("sk-adas").get(PUBLIC).await.assert(200, anonymous);
});

with_servers!(own, a_standalone_server_tells_of_no_feature_that_it_lacks, async |server| {
    let ada = server.db_admin("ada").create().await;
    for key in ["channels.enable", "web.search.enable", "audio.realtime.enabled", "code_execution.enable"] {
        server.db_set_config(key, json!(true)).await;
    }
    server.db_set_config("audio.stt.engine", json!("openai")).await;
    let told = ada.get(PUBLIC).await.json();
    let on: Vec<_> = told["features"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, value)| **value == json!(true))
        .map(|(name, _)| name.as_str())
        .collect();
    let mut on = on;
    on.sort_unstable();
    assert_eq!(
        on,
        ["auth", "enable_login_form", "enable_password_change_form", "enable_signup", "enable_user_status"]
    );
    assert_eq!(told["code"], json!({ "engine": "", "interpreter_engine": "" }));
    assert_eq!(told["audio"]["stt"], json!({ "engine": "" }));
    assert_eq!(told["audio"]["realtime"]["enabled"], json!(false));
});

with_servers!(
    newest,
    an_attached_server_tells_what_open_webui_stores,
    |server| server.settings(|settings| settings.front_end.set(Switch::Plugins, false)),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        server.db_set_config("channels.enable", json!(true)).await;
        server.db_set_config("code_execution.engine", json!("jupyter")).await;
        server.db_set_config("rag.file.max_size", json!(25)).await;
        server
            .db_set_config(
                "terminal_server.connections",
                json!([{ "url": "x", "config": { "enable": true } }]),
            )
            .await;
        let told = ada.get(PUBLIC).await.json();
        for (name, value) in [
            ("enable_channels", json!(true)),
            ("enable_terminal_servers", json!(true)),
            ("enable_plugins", json!(false)),
            ("enable_tools", json!(true)),
            ("enable_websocket", json!(true)),
            ("folder_max_file_count", json!("")),
        ] {
            assert_eq!(told["features"][name], value, "{name}");
        }
        assert_eq!(told["code"], json!({ "engine": "jupyter", "interpreter_engine": "pyodide" }));
        assert_eq!(told["file"]["max_size"], json!(25));
    }
);

/// A group with this list of models, below that one.
fn db_group_with_models(
    server: &TestServer,
    id: &str,
    parent: Option<&str>,
    member: &Caller,
    models: &Value,
) {
    let data = json!({ "config": { "share": "members", "default_models": models } });
    let parent = parent.map_or("NULL".to_owned(), |id| format!("'{id}'"));
    server.db().db_execute(&format!(
        "INSERT INTO \"group\" (id, user_id, name, description, data, parent_group_id, created_at, updated_at) \
         VALUES ('{id}', 'x', '{id}', '', '{data}', {parent}, 1, 1)"
    ));
    if parent != "NULL" {
        server.db().db_execute(&format!(
            "INSERT INTO group_member (id, group_id, user_id, created_at, updated_at) \
             VALUES ('m-{id}', '{id}', '{}', 1, 1)",
            member.id()
        ));
    }
}

with_servers!(newest, m8_a_group_gives_its_members_models_to_begin_with, async |server| {
    let bob = server.db_user("bob").create().await;
    let models = async || bob.get(PUBLIC).await.at("/default_models");
    assert_eq!(models().await, json!(null));
    server.db_set_config("ui.default_models", json!("house")).await;
    assert_eq!(models().await, json!("house"));
    db_group_with_models(&server, "top", None, &bob, &json!(["far"]));
    db_group_with_models(&server, "leaf", Some("top"), &bob, &json!(["b", "gone", "a"]));
    assert_eq!(models().await, json!("house"), "none of them is on offer");
    for id in ["a", "b", "far"] {
        let active = if server.db().is_postgres() { "true" } else { "1" };
        server.db().db_execute(&format!(
            "INSERT INTO model (id, user_id, name, meta, params, is_active, created_at, updated_at) \
             VALUES ('{id}', '{}', '{id}', '{{}}', '{{}}', {active}, 1, 1)",
            bob.id()
        ));
    }
    assert_eq!(models().await, json!("b,a"), "in the group's order");
});

with_servers!(
    all,
    what_is_not_persistent_is_neither_read_nor_written,
    |server| server
        .settings(|settings| settings.defaults.set(Key::ResponseWatermark, "configured").unwrap())
        .store(|options| options.stored_settings = false),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        let stored = || {
            server
                .db()
                .db_query_text("SELECT * FROM config")
                .into_iter()
                .map(|row| format!("{row:?}"))
                .collect::<Vec<_>>()
        };
        let before = stored();
        let changed =
            set_config(&ada, json!({ "RESPONSE_WATERMARK": "changed", "DEFAULT_USER_ROLE": "user" })).await;
        changed.assert_status(200);
        assert_eq!(changed.at("/RESPONSE_WATERMARK"), json!("configured"));
        assert_eq!(changed.at("/DEFAULT_USER_ROLE"), json!("pending"));
        assert_eq!(ada.get(PUBLIC).await.at("/ui/response_watermark"), json!("configured"));
        let template = "/api/v1/users/default/permissions";
        let mut sent = ada.get(template).await.json();
        let held = sent.clone();
        sent["chat"]["delete"] = json!(!sent["chat"]["delete"].as_bool().unwrap());
        ada.post(template, sent).await.assert(200, held.clone());
        ada.get(template).await.assert(200, held);
        assert_eq!(stored(), before);
    }
);
