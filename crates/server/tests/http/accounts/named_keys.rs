//! API keys with a name: any number for an account, each with an end and limits of its own (rules K1 to K6).

use std::time::Duration;

use rosterd_domain::api_key::format;
use rosterd_domain::rules::api_keys::KeyLives;
use rosterd_domain::rules::duration::TokenLife;
use rosterd_domain::secret::ApiKey;
use rosterd_testkit::{Caller, Method, Reply, ServerBuilder, TestServer, with_databases, with_servers};
use serde_json::{Value, json};

use super::api_keys::{KEY, ada_and_bob, new_key};
use crate::support::{NOBODY, SETTINGS, UPDATE_SETTINGS, keys, merged, path_of, rows, set_config};

pub(super) const KEYS: &str = "/api/v1/auths/api_keys";

/// Makes the owner a key; `form` is what is sent beside a name.
pub(super) async fn make(owner: &Caller, form: Value) -> Reply {
    owner.post(KEYS, merged(json!({ "name": "job" }), form)).await
}

/// The owner, showing a new key, and the id of that key.
pub(super) async fn robot(owner: &Caller, form: Value) -> (Caller, String) {
    let made = make(owner, form).await;
    made.assert_status(200);
    (owner.with_bearer(text(&made, "/key")), text(&made, "/id"))
}

fn text(reply: &Reply, pointer: &str) -> String {
    reply.at(pointer).as_str().unwrap_or_else(|| panic!("no text at {pointer}\n{reply}")).to_owned()
}

/// What is wrong with a form, by the places of the faults.
#[track_caller]
fn faults(reply: &Reply) -> Vec<String> {
    reply.assert_error(422, "VALIDATION_ERROR");
    let places = reply.at("/detail");
    let place = |fault: &Value| {
        let parts = fault["loc"].as_array().unwrap().iter().map(|part| part.as_str().unwrap().to_owned());
        parts.collect::<Vec<_>>().join("/")
    };
    places.as_array().unwrap().iter().map(place).collect()
}

with_servers!(own, k1_k3_a_key_is_shown_once_and_stored_as_a_hash, async |server| {
    let (_ada, bob) = ada_and_bob(&server).await;
    let now = server.now();
    bob.get(KEYS).await.assert(200, json!([]));
    let made = make(&bob, json!({ "name": "  nightly  backup " })).await;
    made.assert_status(200);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let shown = [
        "allowed_paths",
        "created_at",
        "expires_at",
        "id",
        "key",
        "last_used_at",
        "name",
        "prefix",
        "read_only",
    ];
    assert_eq!(keys(&made.json()), shown);
    let key = text(&made, "/key");
    assert!(key.starts_with("sk-rst_") && key.len() == 43, "{key}");
    let listed = json!({
        "id": made.at("/id"), "name": "nightly  backup", "prefix": &key[..11], "read_only": false,
        "allowed_paths": null, "created_at": now, "expires_at": now + 90 * 86_400, "last_used_at": null,
    });
    bob.get(KEYS).await.assert(200, json!([listed]));
    bob.with_bearer(&key).get(SETTINGS).await.assert_status(200);
    bob.with_bearer(&key).post(UPDATE_SETTINGS, json!({})).await.assert_status(200);

    let hash = server.db().db_value("SELECT hash FROM rosterd_api_key").unwrap();
    assert_eq!(hash, format::hash(&ApiKey::from_stored(key)));
});

with_servers!(own, k1_a_mistyped_key_is_refused_and_other_forms_are_looked_up, async |server| {
    let (_ada, bob) = ada_and_bob(&server).await;
    let key = text(&make(&bob, json!({})).await, "/key");
    let last = if key.ends_with('x') { "y" } else { "x" };
    for wrong in
        [format!("{}{last}", &key[..42]), key.to_uppercase(), format!("{key}0"), key[..42].to_owned()]
    {
        bob.with_bearer(wrong).get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    }
    // What only begins like one is looked up as any other key.
    server.db_api_key(&bob, "sk-rst_of-somebody-else").await;
    bob.with_bearer("sk-rst_of-somebody-else").get(SETTINGS).await.assert_status(200);
});

with_servers!(own, k2_a_form_says_name_end_and_limits, async |server| {
    let (_ada, bob) = ada_and_bob(&server).await;
    let now = server.now();
    let form = json!({ "expires_in": "1h", "read_only": true, "allowed_paths": ["/api/v1/users", "/rosterd/health"] });
    let made = make(&bob, form).await;
    made.assert_status(200);
    let told = ["/expires_at", "/read_only", "/allowed_paths"].map(|pointer| made.at(pointer));
    assert_eq!(told, [json!(now + 3600), json!(true), json!(["/api/v1/users", "/health"])]);
    let at = make(
        &bob,
        json!({ "expires_at": now + 60, "expires_in": null, "read_only": null, "allowed_paths": null }),
    )
    .await;
    assert_eq!(at.assert_status(200).at("/expires_at"), json!(now + 60));
    assert_eq!(
        make(&bob, json!({ "expires_in": "365d" })).await.at("/expires_at"),
        json!(now + 365 * 86_400)
    );

    for (form, places) in [
        (json!({ "name": null }), vec!["body/name"]),
        (json!({ "name": " " }), vec!["body/name"]),
        (json!({ "readonly": true }), vec!["body/readonly"]),
        (
            json!({ "read_only": "yes", "scopes": [], "name": 1 }),
            vec!["body/name", "body/read_only", "body/scopes"],
        ),
        (json!({ "expires_in": "soon" }), vec!["body/expires_in"]),
        (json!({ "expires_in": "366d" }), vec!["body/expires_in"]),
        (json!({ "expires_in": "-1" }), vec!["body/expires_in"]),
        (json!({ "expires_in": 3600 }), vec!["body/expires_in"]),
        (json!({ "expires_at": now }), vec!["body/expires_at"]),
        (json!({ "expires_at": now + 366 * 86_400 }), vec!["body/expires_at"]),
        (json!({ "expires_at": now + 60, "expires_in": "1m" }), vec!["body/expires_at"]),
        (json!({ "allowed_paths": "/health" }), vec!["body/allowed_paths"]),
        (json!({ "allowed_paths": [] }), vec!["body/allowed_paths"]),
        (json!({ "allowed_paths": ["/health", "health"] }), vec!["body/allowed_paths/1"]),
    ] {
        let reply = make(&bob, form.clone()).await;
        assert_eq!(faults(&reply), places, "{form}");
    }
    assert_eq!(rows(&server, "rosterd_api_key"), 3);
});

fn short_lived(server: ServerBuilder) -> ServerBuilder {
    let longest = TokenLife::Seconds(60);
    server.settings(|settings| settings.api_key_lives = KeyLives { longest, ..KeyLives::default() })
}

with_servers!(own, k2_no_key_lives_longer_than_the_setting_says, short_lived, async |server| {
    let (_ada, bob) = ada_and_bob(&server).await;
    assert_eq!(make(&bob, json!({})).await.at("/expires_at"), json!(server.now() + 60));
    assert_eq!(faults(&make(&bob, json!({ "expires_in": "61s" })).await), ["body/expires_in"]);
});

fn endless(server: ServerBuilder) -> ServerBuilder {
    let never = TokenLife::Never;
    server.settings(|settings| settings.api_key_lives = KeyLives { usual: never, longest: never })
}

with_servers!(own, k2_a_key_may_be_without_end_where_the_setting_says_so, endless, async |server| {
    let (_ada, bob) = ada_and_bob(&server).await;
    for form in [json!({}), json!({ "expires_in": "-1" })] {
        assert_eq!(make(&bob, form).await.assert_status(200).at("/expires_at"), Value::Null);
    }
    let (robot, _) = robot(&bob, json!({})).await;
    server.clock().advance(10 * 365 * 86_400);
    robot.get(SETTINGS).await.assert_status(200);
});

with_servers!(own, k2_making_a_key_needs_the_switch_and_the_right, async |server| {
    let (ada, bob) = ada_and_bob(&server).await;
    let carol = server.db_user("carol").create().await;
    make(&carol, json!({})).await.assert_error(403, "API_KEY_CREATION_NOT_ALLOWED");
    // An admin needs no right.
    let (adas, _) = robot(&ada, json!({})).await;
    let (bobs, _) = robot(&bob, json!({})).await;
    set_config(&ada, json!({ "ENABLE_API_KEYS": false })).await.assert_status(200);
    make(&ada, json!({})).await.assert_error(403, "API_KEY_CREATION_NOT_ALLOWED");
    for caller in [&adas, &bobs] {
        caller.get(SETTINGS).await.assert_error(403, "API_KEY_NOT_ALLOWED");
    }
    // What is there can be seen and withdrawn.
    assert_eq!(bob.get(KEYS).await.json().as_array().map(Vec::len), Some(1));
    let id = text(&bob.get(KEYS).await, "/0/id");
    bob.delete(&format!("{KEYS}/{id}")).await.assert(200, json!(true));
});

with_servers!(own, k2_an_account_has_50_keys_at_most_and_ended_ones_make_room, async |server| {
    let (_ada, bob) = ada_and_bob(&server).await;
    for number in 0..50 {
        let life = if number < 2 { "60s" } else { "1h" };
        make(&bob, json!({ "expires_in": life })).await.assert_status(200);
    }
    make(&bob, json!({})).await.assert_error(409, "CONFLICT");
    server.clock().advance(60);
    make(&bob, json!({})).await.assert_status(200);
    assert_eq!(rows(&server, "rosterd_api_key"), 49);
});

fn flushing_often(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| settings.activity_flush = Duration::from_millis(5))
}

with_servers!(
    own,
    k3_the_last_use_is_shown_at_once_and_written_once_a_minute,
    flushing_often,
    async |server| {
        let (_ada, bob) = ada_and_bob(&server).await;
        let (robot, id) = robot(&bob, json!({})).await;
        let stored =
            || server.db().db_value(&format!("SELECT last_used_at FROM rosterd_api_key WHERE id = '{id}'"));
        let until_stored = async |second: i64| {
            let waiting = async {
                while stored() != Some(second.to_string()) {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("the use is written");
        };
        let first = server.now();
        robot.get(SETTINGS).await.assert_status(200);
        assert_eq!(bob.get(KEYS).await.at("/0/last_used_at"), json!(first));
        until_stored(first).await;
        server.clock().advance(30);
        robot.get(SETTINGS).await.assert_status(200);
        assert_eq!(bob.get(KEYS).await.at("/0/last_used_at"), json!(first + 30));
        assert_eq!(stored(), Some(first.to_string()), "not within a minute of the last time");
        server.clock().advance(30);
        until_stored(first + 30).await;
    }
);

with_servers!(own, k4_a_key_that_only_reads_changes_nothing, async |server| {
    let (ada, _bob) = ada_and_bob(&server).await;
    server.db_api_key(&ada, "sk-adas").await;
    let (reader, _) = robot(&ada, json!({ "read_only": true })).await;
    for path in [SETTINGS, "/api/v1/users/", "/api/v1/groups/"] {
        reader.get(path).await.assert_status(200);
        assert_eq!(reader.request(Method::HEAD, path).send().await.status(), 200);
    }
    for (method, path) in [
        (Method::POST, UPDATE_SETTINGS.to_owned()),
        (Method::POST, "/api/v1/groups/create".to_owned()),
        (Method::POST, KEY.to_owned()),
        (Method::DELETE, KEY.to_owned()),
        (Method::DELETE, path_of(&ada, "")),
        // Shows a key that may do more.
        (Method::GET, KEY.to_owned()),
        (Method::GET, format!("/rosterd{KEY}")),
        (Method::GET, "/api/v1/auths/api%5Fkey".to_owned()),
    ] {
        let reply = reader.request(method.clone(), &path).json(&json!({})).send().await;
        assert!([403, 404].contains(&reply.status()), "{method} {path}\n{reply}");
        if !path.contains('%') {
            reply.assert_error(403, "API_KEY_NOT_ALLOWED");
        }
    }
    let (writer, _) = robot(&ada, json!({})).await;
    writer.get(KEY).await.assert_status(200);
});

with_servers!(own, k5_a_key_is_held_to_its_paths_and_to_those_of_the_configuration, async |server| {
    let (ada, bob) = ada_and_bob(&server).await;
    let (robot, _) = robot(&bob, json!({ "allowed_paths": [SETTINGS, "/api/v1/groups/"] })).await;
    for path in [SETTINGS, "/rosterd/api/v1/users/user/settings", "/api/v1/groups/"] {
        robot.get(path).await.assert_status(200);
    }
    robot.post(UPDATE_SETTINGS, json!({})).await.assert_status(200);
    for path in [
        "/api/v1/users/user/settingsx",
        "/api/v1/users/user/info",
        "/rosterd/api/v1/users/user/info",
        "/api/v1/groups",
    ] {
        let reply = robot.get(path).await;
        assert!([403, 404].contains(&reply.status()), "{path}\n{reply}");
    }
    robot.get("/api/v1/users/user/info").await.assert_error(403, "API_KEY_NOT_ALLOWED");
    // Both must allow it.
    let restriction = |paths: &str| {
        json!({
            "ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS": true, "API_KEYS_ALLOWED_ENDPOINTS": paths,
        })
    };
    set_config(&ada, restriction("/api/v1/users")).await.assert_status(200);
    robot.get(SETTINGS).await.assert_status(200);
    robot.get("/api/v1/groups/").await.assert_error(403, "API_KEY_NOT_ALLOWED");
    robot.get("/api/v1/users/user/info").await.assert_error(403, "API_KEY_NOT_ALLOWED");
    // What is stored and cannot be read allows nothing.
    set_config(&ada, json!({ "ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS": false })).await.assert_status(200);
    server.db().db_execute("UPDATE rosterd_api_key SET allowed_paths = 'everywhere'");
    robot.get(SETTINGS).await.assert_error(403, "API_KEY_NOT_ALLOWED");
});

with_servers!(own, k3_a_key_ends_and_goes_with_its_account, async |server| {
    let (ada, bob) = ada_and_bob(&server).await;
    let (brief, _) = robot(&bob, json!({ "expires_in": "1m" })).await;
    let (lasting, _) = robot(&bob, json!({})).await;
    server.clock().advance(59);
    brief.get(SETTINGS).await.assert_status(200);
    server.clock().advance(1);
    brief.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    assert_eq!(bob.get(KEYS).await.json().as_array().map(Vec::len), Some(2), "ended ones are listed too");
    server.db_set_active(&bob, false);
    lasting.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    server.db_set_active(&bob, true);
    lasting.get(SETTINGS).await.assert_status(200);
    ada.delete(&path_of(&bob, "")).await.assert_status(200);
    lasting.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    assert_eq!(rows(&server, "rosterd_api_key"), 0, "P4");
});

with_servers!(attached, k2_without_rosterds_tables_there_are_no_keys_with_a_name, async |server| {
    let (ada, bob) = ada_and_bob(&server).await;
    for reply in [
        bob.get(KEYS).await,
        make(&bob, json!({})).await,
        bob.delete(&format!("{KEYS}/{NOBODY}")).await,
        ada.get(&path_of(&bob, "/api_keys")).await,
        ada.delete(&path_of(&bob, &format!("/api_keys/{NOBODY}"))).await,
    ] {
        reply.assert_error(409, "CONFLICT");
        assert!(text(&reply, "/detail").contains("`rosterd adopt --apply`"), "{reply}");
    }
    // The other one works as ever.
    bob.with_bearer(new_key(&bob).await).get(SETTINGS).await.assert_status(200);
    let unknown = format::generate(|| [7; 8]);
    bob.with_bearer(unknown.expose()).get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
});

with_databases!(attached, k2_k6_an_adopted_database_has_keys_with_a_name, async |db| {
    let first = TestServer::start(db).await;
    first.store().adopt_apply().await.unwrap();
    let server = first.second().await;
    let (ada, bob) = ada_and_bob(&server).await;
    let before = rows(&server, "api_key");
    let (robot, id) = robot(&bob, json!({ "allowed_paths": [SETTINGS] })).await;
    assert_eq!(rows(&server, "api_key"), before, "never in the table of Open WebUI");
    robot.get(SETTINGS).await.assert_status(200);
    robot.get("/api/v1/users/user/info").await.assert_error(403, "API_KEY_NOT_ALLOWED");
    let (other, _) = self::robot(&bob, json!({})).await;
    ada.delete(&path_of(&bob, &format!("/api_keys/{id}"))).await.assert(200, json!(true));
    robot.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    ada.delete(&path_of(&bob, "")).await.assert_status(200);
    other.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    assert_eq!(rows(&server, "rosterd_api_key"), 0, "P4");
});
