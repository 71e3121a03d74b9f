//! Settings and statuses as Open WebUI 0.12 has them: rules N3, N4, N6, N7 and N23.

use rosterd_testkit::{Caller, Reply, with_servers};
use serde_json::{Value, json};

use crate::support::{INFO, LIST, SETTINGS, STATUS, UPDATE_SETTINGS, UPDATE_STATUS, path_of};

/// Settings as they are stored.
const RAW: &str = "/api/v1/users/user/settings?raw=true";

/// What an administrator gives everybody's settings.
const HOUSE: &str = "ui.default_interface_settings";

async fn send(caller: &Caller, body: Value) -> Reply {
    caller.post(UPDATE_SETTINGS, body).await
}

with_servers!(current, n3_each_key_of_ui_is_replaced_or_removed, async |server| {
    let stored = json!({ "ui": { "a": { "x": 1 }, "b": [1], "c": 0 }, "extra": { "k": 1 } });
    let bob = server.db_user("bob").settings(stored).create().await;
    let sent = json!({ "ui": { "a": { "y": null }, "b": null, "d": false, "e": "" }, "extra": null });
    let wanted = json!({ "ui": { "a": { "y": null }, "c": 0, "d": false, "e": "" }, "extra": null });
    send(&bob, sent.clone()).await.assert(200, wanted.clone());
    for unchanging in [sent, json!({}), json!({ "ui": null }), json!({ "ui": {} })] {
        send(&bob, unchanging).await.assert(200, wanted.clone());
    }
    for path in [SETTINGS, RAW] {
        bob.get(path).await.assert(200, wanted.clone());
    }
});

with_servers!(current, n4_what_a_caller_may_not_store_is_left_out, async |server| {
    let stored = json!({
        "ui": {
            "title": { "auto": true }, "system": "old", "toolServers": [1],
            "notifications": { "webhook_url": "old" }, "free": 1,
        },
        "notifications": 1,
    });
    let sent = json!({
        "ui": {
            "title": null, "system": null, "toolServers": [],
            "notifications": { "webhook_url": "new", "on": true }, "free": 2,
        },
        "notifications": 2,
    });
    let whole = json!({
        "ui": { "toolServers": [], "notifications": { "webhook_url": "new", "on": true }, "free": 2 },
        "notifications": 2,
    });
    let withheld = json!({ "settings": { "interface": false }, "chat": { "system_prompt": false } });
    server.db_set_config("user.permissions", withheld).await;

    let bob = server.db_user("bob").settings(stored.clone()).create().await;
    let wanted = json!({
        "ui": {
            "title": { "auto": true }, "system": "old", "toolServers": [1],
            "notifications": { "on": true }, "free": 2,
        },
        "notifications": 1,
    });
    send(&bob, sent.clone()).await.assert(200, wanted);
    // An admin may store everything.
    let ben = server.db_admin("ben").settings(stored).create().await;
    send(&ben, sent.clone()).await.assert(200, whole.clone());
    // A group above one's own gives the rights too (rule M19).
    let rights = json!({
        "settings": { "interface": true }, "chat": { "system_prompt": true },
        "features": { "direct_tool_servers": true, "webhooks": true },
    });
    let (top, team) =
        (server.db_group("top", &[], rights).await, server.db_group("team", &[&bob], Value::Null).await);
    let below = format!(r#"UPDATE "group" SET parent_group_id = '{top}' WHERE id = '{team}'"#);
    server.db().db_execute(&below);
    send(&bob, sent).await.assert(200, whole);
});

with_servers!(current, n6_the_administrators_settings_lie_below_ones_own, async |server| {
    let house = json!({ "a": { "x": 1, "y": 2 }, "b": 1, "c": 1 });
    let bob = server.db_user("bob").create().await;
    let eve = server.db_user("eve").settings(json!({ "ui": { "b": null }, "z": 1 })).create().await;
    for nothing in [json!({}), json!([]), json!(7)] {
        server.db_set_config(HOUSE, nothing).await;
        bob.get(SETTINGS).await.assert(200, Value::Null);
    }
    server.db_set_config(HOUSE, house.clone()).await;
    bob.get(SETTINGS).await.assert(200, json!({ "ui": house }));
    eve.get(SETTINGS).await.assert(200, json!({ "ui": house, "z": 1 }));
    bob.get(RAW).await.assert(200, Value::Null);
    // What is answered to an update is what is stored.
    let own = json!({ "ui": { "a": { "y": 3 }, "b": [null] } });
    send(&bob, own.clone()).await.assert(200, own.clone());
    bob.get(RAW).await.assert(200, own);
    bob.get(SETTINGS).await.assert(200, json!({ "ui": { "a": { "x": 1, "y": 3 }, "b": [null], "c": 1 } }));
    bob.get(&format!("{SETTINGS}?raw=perhaps")).await.assert_invalid(&["query/raw"]);
    bob.get(&format!("{SETTINGS}?raw=OFF")).await.assert_status(200);
});

with_servers!(current, n7_statuses_can_be_switched_off, async |server| {
    let bob = server.db_user("bob").create().await;
    bob.post(UPDATE_STATUS, json!({ "status_message": "Here" })).await.assert_status(200);
    for off in [json!(false), Value::Null, json!(0), json!("")] {
        server.db_set_config("users.enable_status", off).await;
        bob.get(STATUS).await.assert_error(403, "ACTION_PROHIBITED");
        bob.post(UPDATE_STATUS, json!({})).await.assert_error(403, "ACTION_PROHIBITED");
        bob.post(UPDATE_STATUS, json!({ "status_emoji": 1 })).await.assert_invalid(&["body/status_emoji"]);
    }
    // What is stored is shown elsewhere.
    assert_eq!(bob.get(&path_of(&bob, "")).await.at("/status_message"), "Here");
    server.db_set_config("users.enable_status", json!(true)).await;
    assert_eq!(bob.get(STATUS).await.assert_status(200).at("/status_message"), "Here");
});

with_servers!(current, n23_one_odd_row_breaks_no_answer, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let store = |settings: &str, info: &str| {
        let row = format!("SET settings = '{settings}', info = '{info}' WHERE id = '{}'", bob.id());
        server.db().db_execute(&format!(r#"UPDATE "user" {row}"#));
    };
    store("[1]", "7");
    bob.get(SETTINGS).await.assert(200, Value::Null);
    bob.get(INFO).await.assert(200, Value::Null);
    let record = ada.get(&path_of(&bob, "")).await.assert_status(200).json();
    assert_eq!((&record["settings"], &record["info"]), (&Value::Null, &Value::Null));
    let listed = ada.get(&format!("{LIST}?query={}", bob.email())).await;
    assert_eq!((listed.at("/users/0/settings"), listed.at("/users/0/info")), (Value::Null, Value::Null));
    store(r#"{"ui": 7, "a": 1}"#, "{}");
    bob.get(SETTINGS).await.assert(200, json!({ "ui": {}, "a": 1 }));
    send(&bob, json!({ "ui": { "b": 2 } })).await.assert(200, json!({ "ui": { "b": 2 }, "a": 1 }));
});
