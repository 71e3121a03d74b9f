//! Who lists and deletes API keys with a name (rule K6).

use rosterd_testkit::{token, with_servers};
use serde_json::{Value, json};

use super::api_keys::ada_and_bob;
use super::named_keys::{KEYS, make, robot};
use crate::support::{NOBODY, SETTINGS, path_of};

with_servers!(own, k6_m12_keys_are_made_seen_and_deleted_by_persons, async |server| {
    let (ada, bob) = ada_and_bob(&server).await;
    let (robot, id) = robot(&bob, json!({})).await;
    let (admin_robot, _) = self::robot(&ada, json!({})).await;
    let claims =
        json!({ "id": bob.id(), "typ": "automation", "session_stamp": null, "exp": server.now() + 60 });
    let automation = bob.with_bearer(token::sign(&claims, server.app().settings().secret.expose()));
    let one = format!("{KEYS}/{id}");
    for caller in [&robot, &automation] {
        caller.get(KEYS).await.assert_error(403, "HUMAN_SESSION_REQUIRED");
        make(caller, json!({})).await.assert_error(403, "HUMAN_SESSION_REQUIRED");
        caller.delete(&one).await.assert_error(403, "HUMAN_SESSION_REQUIRED");
    }
    robot.get(SETTINGS).await.assert_status(200);

    // Nobody else's key, whoever asks.
    ada.delete(&one).await.assert_error(404, "API_KEY_NOT_FOUND");
    bob.delete(&one).await.assert(200, json!(true));
    robot.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    // A program that shuts out people who leave may be one of an admin's.
    let (robot, id) = self::robot(&bob, json!({})).await;
    let of_bob = path_of(&bob, "/api_keys");
    admin_robot.get(&of_bob).await.assert_status(200);
    admin_robot.delete(&format!("{of_bob}/{id}")).await.assert(200, json!(true));
    robot.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    for gone in [id.as_str(), NOBODY, "%00"] {
        bob.delete(&format!("{KEYS}/{gone}")).await.assert_error(404, "API_KEY_NOT_FOUND");
    }
});

with_servers!(own, k6_p1_admins_see_and_delete_keys_of_others, async |server| {
    let (ada, bob) = ada_and_bob(&server).await;
    let ben = server.db_admin("ben").create().await;
    let (robot, id) = robot(&bob, json!({ "name": "first" })).await;
    server.db_api_key(&bob, "sk-bobs").await;
    let of_bob = path_of(&bob, "/api_keys");
    let listed = ben.get(&of_bob).await;
    listed.assert_status(200);
    assert_eq!(bob.get(KEYS).await.json(), listed.json());
    let mut names =
        listed.json().as_array().unwrap().iter().map(|key| key["name"].clone()).collect::<Vec<_>>();
    names.sort_by_key(Value::is_string);
    assert_eq!(names, [Value::Null, json!("first")], "the key of /auths/api_key has no name");
    ben.get(&format!("/api/v1/users/{NOBODY}/api_keys")).await.assert_error(404, "NOT_FOUND");
    bob.get(&path_of(&ada, "/api_keys")).await.assert_error(401, "ACCESS_PROHIBITED");

    let one = format!("{of_bob}/{id}");
    bob.delete(&one).await.assert_error(401, "ACCESS_PROHIBITED");
    ben.delete(&format!("/api/v1/users/{NOBODY}/api_keys/{id}")).await.assert_error(404, "NOT_FOUND");
    // The id of a key of somebody else.
    ben.delete(&path_of(&ben, &format!("/api_keys/{id}"))).await.assert_error(404, "API_KEY_NOT_FOUND");
    ben.delete(&one).await.assert(200, json!(true));
    ben.delete(&one).await.assert_error(404, "API_KEY_NOT_FOUND");
    robot.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    let plain = bob.with_bearer("sk-bobs");
    plain.get(SETTINGS).await.assert_status(200);
    ben.delete(&format!("{of_bob}/key_{}", bob.id())).await.assert(200, json!(true));
    plain.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");

    // Ada is the primary admin.
    let (adas, id) = self::robot(&ada, json!({})).await;
    let one = path_of(&ada, &format!("/api_keys/{id}"));
    ben.get(&path_of(&ada, "/api_keys")).await.assert_status(200);
    ben.delete(&one).await.assert_error(403, "ACTION_PROHIBITED");
    adas.get(SETTINGS).await.assert_status(200);
    ada.delete(&one).await.assert(200, json!(true));
});

with_servers!(all, k6_p1_admins_delete_all_keys_of_others_at_once, async |server| {
    // Before the admins of a recorded roster: the primary one.
    let first = server.db_admin("first").created_at(1).create().await;
    let (_ada, bob) = ada_and_bob(&server).await;
    let ben = server.db_admin("ben").create().await;
    let named = server.store().layout().named_keys;
    server.db_api_key(&bob, "sk-bobs").await;
    let mut keys = vec![bob.with_bearer("sk-bobs")];
    if named {
        keys.push(robot(&bob, json!({})).await.0);
    }
    let of_bob = path_of(&bob, "/api_keys");
    keys[0].delete(&of_bob).await.assert_error(401, "ACCESS_PROHIBITED");
    bob.delete(&of_bob).await.assert_error(401, "ACCESS_PROHIBITED");
    ben.delete(&format!("/api/v1/users/{NOBODY}/api_keys")).await.assert_error(404, "NOT_FOUND");
    for key in &keys {
        key.get(SETTINGS).await.assert_status(200);
    }
    for _ in 0..2 {
        ben.delete(&of_bob).await.assert(200, json!(true));
        for key in &keys {
            key.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
        }
    }
    bob.get(SETTINGS).await.assert_status(200);

    server.db_api_key(&first, "sk-first").await;
    let of_first = path_of(&first, "/api_keys");
    ben.delete(&of_first).await.assert_error(403, "ACTION_PROHIBITED");
    first.with_bearer("sk-first").get(SETTINGS).await.assert_status(200);
    first.delete(&of_first).await.assert(200, json!(true));
});

with_servers!(own, k6_a_deleted_key_is_refused_by_another_server_at_once, async |server| {
    let (_ada, bob) = ada_and_bob(&server).await;
    let other = server.second().await;
    let (robot, id) = robot(&bob, json!({})).await;
    let there = robot.through(&other);
    there.get(SETTINGS).await.assert_status(200);
    bob.delete(&format!("{KEYS}/{id}")).await.assert_status(200);
    there.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
});
