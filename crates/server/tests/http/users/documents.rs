//! How large settings and info may become, and who reads them.

use rosterd_testkit::{Caller, Method, Reply, ServerBuilder, with_servers};
use serde_json::{Map, Value, json};

use crate::support::{
    INFO, LIST, SETTINGS, UPDATE_INFO, UPDATE_SETTINGS, UPDATE_STATUS, is_current, path_of,
};

/// What the tests' servers store of a document, in bytes.
const MOST: usize = 20_000;

/// How much larger than that a body may be (docs/API.md).
const ROOM: usize = 64 * 1024;

fn small_documents(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| settings.document_limits.max_bytes = MOST)
}

fn text(length: usize) -> String {
    "x".repeat(length)
}

/// So many keys.
fn keys(count: usize) -> Value {
    (0..count).map(|number| (format!("k{number}"), json!(1))).collect::<Map<_, _>>().into()
}

async fn send(caller: &Caller, path: &str, body: Value) -> Reply {
    caller.post(path, body).await
}

with_servers!(all, a_document_is_bounded_after_merging, small_documents, async |server| {
    let bob = server.db_user("bob").create().await;
    for (path, name) in [(UPDATE_SETTINGS, "settings"), (UPDATE_INFO, "info")] {
        send(&bob, path, json!({ "a": text(MOST / 2) })).await.assert_status(200);
        let before = send(&bob, path, json!({})).await.json();
        let refused = send(&bob, path, json!({ "b": text(MOST / 2) })).await;
        refused.assert_error(413, "PAYLOAD_TOO_LARGE");
        let told = refused.at("/detail");
        assert!(told.as_str().unwrap().contains(name), "{told}");
        assert!(told.as_str().unwrap().contains(&MOST.to_string()), "{told}");
        send(&bob, path, json!({})).await.assert(200, before);
        // In the place of the old value there is room for it.
        send(&bob, path, json!({ "a": text(MOST * 3 / 4) })).await.assert_status(200);
    }
});

with_servers!(all, a_document_has_2000_keys_at_most, async |server| {
    let bob = server.db_user("bob").create().await;
    // On a database of Open WebUI 0.6 settings have a `ui` of their own.
    let settings = if is_current(&server) { 2_000 } else { 1_999 };
    for (path, name, fits) in [(UPDATE_SETTINGS, "settings", settings), (UPDATE_INFO, "info", 2_000)] {
        send(&bob, path, keys(fits)).await.assert_status(200);
        let refused = send(&bob, path, json!({ "one more": 1 })).await;
        refused.assert_invalid(&["body"]);
        assert!(refused.at("/detail/0/msg").as_str().unwrap().contains(name), "{}", refused.text());
        send(&bob, path, json!({ "k7": 2 })).await.assert_status(200);
        send(&bob, path, keys(2_001)).await.assert_invalid(&["body"]);
    }
});

with_servers!(all, a_document_over_the_limits_may_shrink, small_documents, async |server| {
    let mut large = keys(2_100);
    large["ui"] = json!({ "picture": text(2 * MOST) });
    let bob = server.db_user("bob").settings(large.clone()).info(large.clone()).create().await;
    bob.get(SETTINGS).await.assert(200, large.clone());
    bob.get(INFO).await.assert(200, large);
    for path in [UPDATE_SETTINGS, UPDATE_INFO] {
        let grown = json!({ "ui": { "picture": text(2 * MOST + 1) } });
        send(&bob, path, grown).await.assert_error(413, "PAYLOAD_TOO_LARGE");
        send(&bob, path, json!({ "one more": 1 })).await.assert_invalid(&["body"]);
        send(&bob, path, json!({ "ui": { "picture": text(2 * MOST - 100) } })).await.assert_status(200);
        send(&bob, path, json!({ "k7": 2 })).await.assert_status(200);
        send(&bob, path, json!({ "ui": {} })).await.assert_status(200);
    }
});

with_servers!(own, the_body_limit_of_documents_follows_theirs, small_documents, async |server| {
    let bob = server.db_user("bob").create().await;
    let padded = |length: usize| format!("{{\"a\": 1{}}}", " ".repeat(length - 8)).into_bytes();
    for path in [UPDATE_SETTINGS, UPDATE_INFO] {
        let sent = async |length: usize| {
            bob.request(Method::POST, path).body("application/json", padded(length)).send().await
        };
        sent(MOST + ROOM).await.assert_status(200);
        sent(MOST + ROOM + 1).await.assert_error(413, "PAYLOAD_TOO_LARGE");
    }
    // Elsewhere the general limit stands (E3).
    let status = format!("{{\"status_emoji\": null{}}}", " ".repeat(MOST + ROOM)).into_bytes();
    bob.request(Method::POST, UPDATE_STATUS).body("application/json", status).send().await.assert_status(200);
});

with_servers!(own, settings_hold_a_background_picture, async |server| {
    let bob = server.db_user("bob").create().await;
    let settings = json!({ "ui": { "backgroundImageUrl": text(4 * 1024 * 1024 - 100) } });
    send(&bob, UPDATE_SETTINGS, settings.clone()).await.assert(200, settings.clone());
    bob.get(SETTINGS).await.assert(200, settings);
});

with_servers!(all, a_list_leaves_large_documents_out, async |server| {
    let ada = server.db_admin("ada").create().await;
    let (small, large) = (json!({ "ui": { "a": text(1_000) } }), json!({ "ui": { "a": text(17 * 1024) } }));
    let bob = server.db_user("bob").settings(large.clone()).info(small.clone()).create().await;
    for order in ["created_at", "name"] {
        let listed = ada.get(&format!("{LIST}?query={}&order_by={order}", bob.email())).await;
        assert_eq!(
            (listed.at("/users/0/settings"), listed.at("/users/0/info")),
            (Value::Null, small.clone())
        );
    }
    // Where one user is the answer, the documents are there.
    let form = json!({
        "role": "user", "name": "Bob", "email": bob.email(), "profile_image_url": "/user.png",
    });
    let updated = ada.post(&path_of(&bob, "/update"), form).await;
    assert_eq!((updated.at("/settings"), updated.at("/info")), (large, small));
});

fn whole_lists(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| settings.listed_sizes.document = None)
}

with_servers!(own, a_list_can_be_told_to_leave_nothing_out, whole_lists, async |server| {
    let ada = server.db_admin("ada").create().await;
    let large = json!({ "ui": { "a": text(100_000) } });
    let bob = server.db_user("bob").settings(large.clone()).create().await;
    assert_eq!(ada.get(&format!("{LIST}?query={}", bob.email())).await.at("/users/0/settings"), large);
});
