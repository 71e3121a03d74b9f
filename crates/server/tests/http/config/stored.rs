//! Where configuration lies in either layout, what wins over what, and what is left alone.

use rosterd_domain::stored_config::Key;
use rosterd_storage::ConfigLayout;
use rosterd_testkit::{DbKind, Method, TestDb, TestServer, run, with_servers};
use serde_json::json;

use crate::support::{CONFIG, at_once, is_current, merged, set_config, whole_config};

/// Runs `body` on the recorded databases that keep one document.
fn on_documents(body: impl AsyncFn(TestServer)) {
    for kind in [DbKind::WebUiSqlite, DbKind::WebUiPostgres] {
        run::on_server(kind, module_path!(), |server| server, &body);
    }
}

/// The document, to the letter.
fn document_in(db: &TestDb) -> String {
    db.db_value("SELECT CAST(data AS TEXT) AS data FROM config ORDER BY id DESC").unwrap_or_default()
}

/// Every row of the other layout, to the letter.
fn rows_in(db: &TestDb) -> Vec<Vec<Option<String>>> {
    db.db_query_text(r#"SELECT "key", CAST(value AS TEXT) AS value, updated_at FROM config ORDER BY "key""#)
}

#[test]
fn in_a_document_nothing_but_the_values_set_changes() {
    on_documents(async |server| {
        let ada = server.db_admin("ada").create().await;
        // Python writes NaN, which PostgreSQL does not take.
        let number = if server.db().is_postgres() { "1.50" } else { "NaN" };
        let before = format!(
            r#"{{"version": 0,"other" : {{"x":{number}, "y": [1,{{"}}": "\u00fc]"}}]}},  "ui": {{"enable_signup":true, "theme": "dark" }} , "auth": {{"jwt_expiry": "4w"}}}}"#
        );
        server.db().db_execute(&format!("UPDATE config SET data = '{before}'"));
        let sent = json!({ "ENABLE_SIGNUP": false, "DEFAULT_LOCALE": "de", "ENABLE_LOGIN_FORM": true });
        ada.post(CONFIG, sent).await.assert_status(200);
        let wanted = before.replace("\"enable_signup\":true", "\"enable_signup\":false").replace(
            r#""theme": "dark""#,
            r#""theme": "dark", "ENABLE_LOGIN_FORM": true, "default_locale": "de""#,
        );
        assert_eq!(document_in(server.db()), wanted);
    });
}

#[test]
fn the_newest_document_counts_and_the_first_is_made_when_there_is_none() {
    on_documents(async |server| {
        let ada = server.db_admin("ada").create().await;
        let older = document_in(server.db());
        let newer = r#"{"version": 0, "ui": {"default_locale": "fr"}}"#;
        server
            .db()
            .db_execute(&format!("INSERT INTO config (id, data, version) VALUES (1000, '{newer}', 0)"));
        assert_eq!(ada.get(CONFIG).await.at("/DEFAULT_LOCALE"), json!("fr"));
        ada.post(CONFIG, json!({ "DEFAULT_LOCALE": "de" })).await.assert_status(200);
        assert_eq!(document_in(server.db()), newer.replace("fr", "de"));
        server.db().db_execute("DELETE FROM config WHERE id = 1000");
        assert_eq!(document_in(server.db()), older, "the older is history");

        server.db().db_execute("DELETE FROM config");
        ada.get(CONFIG).await.assert_status(200);
        ada.post(CONFIG, json!({ "DEFAULT_LOCALE": "de" })).await.assert_status(200);
        assert_eq!(ada.get(CONFIG).await.at("/DEFAULT_LOCALE"), json!("de"));
    });
}

/// In rows: those set change, the others stay, times included.
async fn rows_of_others_stay(server: TestServer) {
    assert_eq!(server.store().layout().config, ConfigLayout::KeyValue);
    let ada = server.db_admin("ada").create().await;
    server.db().db_execute(
        r#"INSERT INTO config ("key", value, updated_at) VALUES ('zoo.spelling', '{"a":1.50,  "b" : [ ]}', 7)"#,
    );
    set_config(&ada, json!({ "ENABLE_SIGNUP": false })).await.assert_status(200);
    let before = rows_in(server.db());
    server.clock().advance(60);
    let sent = json!({ "ENABLE_SIGNUP": true, "ENABLE_LOGIN_FORM": false, "JWT_EXPIRES_IN": "2d" });
    set_config(&ada, sent).await.assert_status(200);
    let after = rows_in(server.db());
    let changed: Vec<_> = after.iter().filter(|row| !before.contains(row)).cloned().collect();
    let row = |key: &str, value: &str| {
        vec![Some(key.to_owned()), Some(value.to_owned()), Some(server.now().to_string())]
    };
    let wanted = [
        row("auth.jwt_expiry", r#""2d""#),
        row("ui.enable_login_form", "false"),
        row("ui.enable_signup", "true"),
    ];
    assert_eq!(changed, wanted);
    let keys = wanted.map(|row| row[0].clone());
    let others = before.iter().filter(|row| !keys.contains(&row[0]));
    assert!(others.clone().all(|row| after.contains(row)) && others.count() == after.len() - 3);
}

with_servers!(own, in_rows_nothing_but_the_values_set_changes, rows_of_others_stay);

#[test]
fn in_the_rows_of_open_webui_nothing_but_the_values_set_changes() {
    run::on_server(DbKind::WebUi012Sqlite, module_path!(), |server| server, rows_of_others_stay);
}

with_servers!(
    all,
    stored_wins_over_configured_and_configured_over_built_in,
    |server| server.settings(|settings| {
        settings.defaults.set(Key::ResponseWatermark, "configured").unwrap();
        settings.defaults.set(Key::DefaultLocale, "fr").unwrap();
    }),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        server.db_set_config("ui.default_locale", json!("de")).await;
        server.db_set_config("ui.watermark", json!(null)).await;
        let config = ada.get(CONFIG).await;
        assert_eq!(config.at("/DEFAULT_LOCALE"), json!("de"));
        // In a document null stands for "not set"; in a row it is a value where the setting has it.
        let null = match server.store().layout().config {
            ConfigLayout::Document => json!("configured"),
            ConfigLayout::KeyValue => json!(null),
        };
        assert_eq!(config.at("/RESPONSE_WATERMARK"), null);
        // What is stored but of another type opens nothing; where there is nothing to open, the default holds.
        server.db_set_config("ui.default_locale", json!(["de"])).await;
        server.db_set_config("ui.default_user_role", json!("superuser")).await;
        let config = ada.get(CONFIG).await;
        assert_eq!(config.at("/DEFAULT_LOCALE"), json!("fr"));
        assert_eq!(config.at("/DEFAULT_USER_ROLE"), json!("pending"));
        // Empty is a value.
        set_config(&ada, json!({ "RESPONSE_WATERMARK": "" })).await.assert_status(200);
        assert_eq!(ada.get(CONFIG).await.at("/RESPONSE_WATERMARK"), json!(""));
    }
);

with_servers!(all, a_change_by_another_process_holds_at_once, async |server| {
    let ada = server.db_admin("ada").create().await;
    let second = server.second().await;
    for (locale, watermark) in [("de", "one"), ("fr", "two")] {
        // By one of ours, then by a program that knows nothing of us.
        let changed = set_config(&ada.through(&second), json!({ "DEFAULT_LOCALE": locale })).await;
        changed.assert_status(200);
        assert_eq!(server.anonymous().get("/api/config").await.at("/default_locale"), json!(locale));
        let sql = match server.store().layout().config {
            ConfigLayout::Document => {
                let document = format!(r#"{{"version": 0, "ui": {{"watermark": "{watermark}"}}}}"#);
                format!("UPDATE config SET data = '{document}'")
            }
            ConfigLayout::KeyValue => format!(
                "DELETE FROM config WHERE \"key\" = 'ui.watermark'; \
                 INSERT INTO config (\"key\", value, updated_at) VALUES ('ui.watermark', '\"{watermark}\"', 0)"
            ),
        };
        server.db().db_execute(&sql);
        assert_eq!(ada.get(CONFIG).await.at("/RESPONSE_WATERMARK"), json!(watermark));
    }
});

with_servers!(all, of_settings_written_at_once_none_is_lost, async |server| {
    let ada = server.db_admin("ada").create().await;
    let second = server.second().await;
    let doors = [ada.clone(), ada.through(&second)];
    let mut sent = super::every_setting(&server);
    if is_current(&server) {
        // The newest form takes these alone beside all that it needs.
        let alone = ["ENABLE_LOGIN_FORM", "I18N", "DEFAULT_LOCALE", "DEFAULT_PROMPT_SUGGESTIONS"];
        let alone = alone.into_iter().chain([
            "ENABLE_ENCRYPTED_CHANNELS",
            "ENABLE_APPS",
            "ENABLE_SKILL_LAZY_LOADING",
            "SKILL_CONTENT_MAX_CHARS",
            "SKILL_PREVIEW_MAX_CHARS",
        ]);
        sent = alone.map(|name| (name.to_owned(), sent[name].clone())).collect();
    }
    let form = |change| if is_current(&server) { whole_config(change) } else { change };
    let one_by_one = sent.as_object().into_iter().flatten().map(|(key, value)| form(json!({ key: value })));
    let replies = at_once(one_by_one.enumerate().map(|(n, sent)| {
        let ada = doors[n % 2].clone();
        async move { ada.post(CONFIG, sent).await }
    }))
    .await;
    for reply in &replies {
        reply.assert_status(200);
    }
    let held = ada.get(CONFIG).await.json();
    for (key, value) in sent.as_object().into_iter().flatten() {
        assert_eq!(&held[key], value, "{key}");
    }
});

/// Stores this text at a path, however little it is JSON.
fn db_store(server: &TestServer, section: &str, key: &str, text: &str) {
    let sql = match server.store().layout().config {
        ConfigLayout::Document => {
            format!(r#"UPDATE config SET data = '{{"version": 0, "{section}": {{"{key}": {text}}}}}'"#)
        }
        ConfigLayout::KeyValue => format!(
            "DELETE FROM config WHERE \"key\" = '{section}.{key}'; \
             INSERT INTO config (\"key\", value, updated_at) VALUES ('{section}.{key}', '{text}', 0)"
        ),
    };
    server.db().db_execute(&sql);
}

fn application() -> serde_json::Value {
    json!({ "name": "Eve", "email": "eve@rosterd.test", "password": "a password for tests" })
}

with_servers!(all, a_switch_that_cannot_be_read_is_closed, async |server| {
    let _ada = server.db_admin("ada").create().await;
    let stranger = server.anonymous();
    for closed in ["0", r#""False""#, r#""off""#, r#""perhaps""#, "2", "[]", r#""""#] {
        db_store(&server, "ui", "enable_signup", closed);
        let refused = stranger.post("/api/v1/auths/signup", application()).await;
        refused.assert_error(403, "ACCESS_PROHIBITED");
        let told = stranger.get("/api/config").await;
        assert_eq!(told.at("/features/enable_signup"), json!(false), "{closed}");
    }
    db_store(&server, "ui", "enable_signup", r#""True""#);
    stranger.post("/api/v1/auths/signup", application()).await.assert_status(200);
});

with_servers!(all, api_keys_are_closed_where_their_settings_cannot_be_read, async |server| {
    let ada = server.db_admin("ada").create().await;
    server.db_api_key(&ada, "sk-1").await;
    let by_key = server.anonymous().with_bearer("sk-1");
    db_store(&server, "auth", "enable_api_keys", r#""true""#);
    by_key.get("/api/v1/users/").await.assert_status(200);
    db_store(&server, "auth", "enable_api_keys", r#""perhaps""#);
    by_key.get("/api/v1/users/").await.assert_error(403, "API_KEY_NOT_ALLOWED");
});

with_servers!(all, a_right_of_the_template_that_cannot_be_read_is_not_given, async |server| {
    let bob = server.db_user("bob").create().await;
    let rights = async || bob.get("/api/v1/users/permissions").await;
    db_store(
        &server,
        "user",
        "permissions",
        r#"{"chat": {"delete": "False", "edit": 1, "share": "perhaps"}}"#,
    );
    let own = rights().await;
    assert_eq!(own.at("/chat/delete"), json!(false));
    assert_eq!(own.at("/chat/edit"), json!(true));
    assert_eq!(own.at("/chat/share"), json!(false));
    if !server.db().is_postgres() {
        db_store(&server, "user", "permissions", r#"{"chat": {"delete": true, "limit": NaN}}"#);
        assert_eq!(rights().await.at("/chat/delete"), json!(true));
    }
});

#[test]
fn a_document_that_cannot_be_read_opens_nothing_and_is_not_overwritten() {
    run::on_server(
        DbKind::WebUiSqlite,
        module_path!(),
        |server| server,
        async |server: TestServer| {
            let ada = server.db_admin("ada").create().await;
            let bob = server.db_user("bob").create().await;
            server.db_api_key(&ada, "sk-1").await;
            let broken = r#"{"version": 0, "ui": {"enable_signup": true"#;
            server.db().db_execute(&format!("UPDATE config SET data = '{broken}'"));
            let refused = server.anonymous().post("/api/v1/auths/signup", application()).await;
            refused.assert_error(403, "ACCESS_PROHIBITED");
            let by_key = server.anonymous().with_bearer("sk-1");
            by_key.get("/api/v1/users/").await.assert_error(403, "API_KEY_NOT_ALLOWED");
            let own = bob.get("/api/v1/users/permissions").await;
            assert_eq!(own.at("/chat/delete"), json!(false));
            let config = ada.get(CONFIG).await;
            assert_eq!(config.at("/ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS"), json!(true));
            assert_eq!(config.at("/DEFAULT_USER_ROLE"), json!("pending"));

            ada.post(CONFIG, json!({ "ENABLE_SIGNUP": false }))
                .await
                .assert_error(409, "STORED_VALUE_UNREADABLE");
            let template = ada.get("/api/v1/users/default/permissions").await.json().clone();
            let sent = ada.post("/api/v1/users/default/permissions", template).await;
            sent.assert_error(409, "STORED_VALUE_UNREADABLE");
            assert_eq!(document_in(server.db()), broken);
        },
    );
}

with_servers!(sqlite, a_setting_that_cannot_be_read_is_never_overwritten, async |server| {
    if server.store().layout().config == ConfigLayout::Document {
        return;
    }
    let ada = server.db_admin("ada").create().await;
    let broken = r#"{"roles": ["us"#;
    db_store(&server, "ui", "enable_signup", broken);
    let stored = || server.db().db_value("SELECT value FROM config WHERE \"key\" = 'ui.enable_signup'");
    for sent in [json!({ "ENABLE_SIGNUP": true }), json!({ "ENABLE_SIGNUP": true, "DEFAULT_LOCALE": "de" })] {
        set_config(&ada, sent).await.assert_error(409, "STORED_VALUE_UNREADABLE");
        assert_ne!(ada.get(CONFIG).await.at("/DEFAULT_LOCALE"), json!("de"));
    }
    let mut shown = ada.get(CONFIG).await.json().clone();
    assert_eq!(shown["ENABLE_SIGNUP"], json!(false));
    shown["DEFAULT_LOCALE"] = json!("de");
    let changed = ada.post(CONFIG, shown).await.assert_status(200).at("/DEFAULT_LOCALE");
    assert_eq!(changed, json!("de"), "it keeps nobody from changing the others");
    assert_eq!(stored().as_deref(), Some(broken));
});

#[test]
fn a_document_that_was_encoded_twice_is_read_and_changed() {
    on_documents(async |server| {
        let ada = server.db_admin("ada").create().await;
        let meant = r#"{"version": 0, "ui": {"enable_signup": false, "default_locale": "fr"}}"#;
        let twice = serde_json::Value::from(meant).to_string();
        server.db().db_execute(&format!("UPDATE config SET data = '{twice}'"));
        let refused = server.anonymous().post("/api/v1/auths/signup", application()).await;
        refused.assert_error(403, "ACCESS_PROHIBITED");
        assert_eq!(ada.get(CONFIG).await.at("/DEFAULT_LOCALE"), json!("fr"));
        ada.post(CONFIG, json!({ "DEFAULT_LOCALE": "de" })).await.assert_status(200);
        assert_eq!(document_in(server.db()), meant.replace("fr", "de"));
    });
}

with_servers!(all, s4_settings_that_were_changed_meanwhile_stay, async |server| {
    let ada = server.db_admin("ada").create().await;
    let seen = ada.get(CONFIG).await;
    let tag = seen.header("etag").unwrap().to_owned();
    let with = |changes| merged(seen.json(), changes);
    let post = async |tag: &str, body: serde_json::Value| {
        ada.request(Method::POST, CONFIG).header("if-match", tag).json(&body).send().await
    };
    let stored = post(&tag, with(json!({ "JWT_EXPIRES_IN": "7h" }))).await;
    let now = stored.assert_status(200).header("etag").unwrap().to_owned();
    assert_ne!(now, tag);
    assert_eq!(ada.get(CONFIG).await.header("etag"), Some(now.as_str()));
    post(&tag, with(json!({ "JWT_EXPIRES_IN": "8h" }))).await.assert_error(412, "PRECONDITION_FAILED");
    post("W/\"x\"", with(json!({ "JWT_EXPIRES_IN": "8h" }))).await.assert_error(412, "PRECONDITION_FAILED");
    assert_eq!(ada.get(CONFIG).await.at("/JWT_EXPIRES_IN"), "7h");
    post(&now, with(json!({ "JWT_EXPIRES_IN": "9h" }))).await.assert_status(200);
    ada.post(CONFIG, with(json!({ "JWT_EXPIRES_IN": "7h" }))).await.assert_status(200);
    assert_eq!(ada.get(CONFIG).await.header("etag"), Some(now.as_str()), "as it was before");
});
