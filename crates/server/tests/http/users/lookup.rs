//! `/users/{id}` and what hangs below it: rules V2 and V3.

use rosterd_domain::role::Role;
use rosterd_testkit::{Caller, TestServer, with_servers};
use serde_json::{Value, json};

use crate::support::{NOBODY, keys, path_of};

with_servers!(all, v2_a_user_shows_others_a_few_fields_and_never_the_rest, async |server| {
    let bob = server.db_user("bob").create().await;
    let eve = server
        .db_user("eve")
        .settings(json!({ "ui": { "hidden": "settings" } }))
        .info(json!({ "hidden": "info" }))
        .with(|changes| changes.bio = Some(Some("Hello.".to_owned())))
        .create()
        .await;
    let group = server.db_group("Team", &[&eve], Value::Null).await;
    let reply = bob.get(&path_of(&eve, "")).await;
    let shown = reply.assert_status(200).json();
    let wanted = [
        "bio",
        "groups",
        "id",
        "is_active",
        "name",
        "profile_image_url",
        "status_emoji",
        "status_expires_at",
        "status_message",
    ];
    assert_eq!(keys(&shown), wanted);
    assert_eq!(shown["id"], eve.id().as_str());
    assert_eq!(shown["bio"], "Hello.");
    assert_eq!(shown["groups"], json!([{ "id": group.as_str(), "name": "Team" }]));
    assert!(!reply.text().contains("hidden") && !reply.text().contains(eve.email()), "{reply}");
});

with_servers!(all, v2_the_owner_of_a_chat_is_found_by_the_chat, async |server| {
    let (bob, eve) = (server.db_user("bob").create().await, server.db_user("eve").create().await);
    insert_chat(&server, "chat-1", &eve);
    let shown = bob.get("/api/v1/users/shared-chat-1").await.assert_status(200).json();
    assert_eq!((&shown["id"], &shown["name"]), (&json!(eve.id().as_str()), &json!("eve")));
    for unknown in ["shared-", "shared-chat-2", NOBODY, "nobody"] {
        let reply = bob.get(&format!("/api/v1/users/{unknown}")).await;
        reply.assert_error(400, "USER_NOT_FOUND");
    }
    // The owner is gone, the chat is not.
    server.db().db_execute(&format!("DELETE FROM auth WHERE id = '{0}'; {1}", eve.id(), delete_user(&eve)));
    bob.get("/api/v1/users/shared-chat-1").await.assert_error(400, "USER_NOT_FOUND");
});

fn delete_user(user: &Caller) -> String {
    format!(r#"DELETE FROM "user" WHERE id = '{}'"#, user.id())
}

/// A chat with all columns that any of the schemas demands.
fn insert_chat(server: &TestServer, id: &str, owner: &Caller) {
    let archived = if server.db().is_postgres() { "false" } else { "0" };
    let sql = if server.store().layout().ownership == rosterd_storage::Ownership::Standalone {
        format!("INSERT INTO chat (id, user_id) VALUES ('{id}', '{}')", owner.id())
    } else {
        format!(
            "INSERT INTO chat (id, user_id, title, archived, created_at, updated_at, chat) \
             VALUES ('{id}', '{}', 'A chat', {archived}, 1, 1, '{{}}')",
            owner.id()
        )
    };
    server.db().db_execute(&sql);
}

with_servers!(own, active_is_true_false_and_false_for_nobody, async |server| {
    let (bob, eve) = (server.db_user("bob").create().await, server.db_user("eve").create().await);
    bob.get(&path_of(&bob, "/active")).await.assert(200, json!({ "active": true }));
    bob.get(&path_of(&eve, "/active")).await.assert(200, json!({ "active": false }));
    bob.get(&format!("/api/v1/users/{NOBODY}/active")).await.assert(200, json!({ "active": false }));
});

with_servers!(all, v3_oauth_sessions_show_no_token_and_come_newest_first, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let path = path_of(&bob, "/oauth/sessions");
    ada.get(&path).await.assert_error(400, "USER_NOT_FOUND");
    for (id, at) in [("o-1", 100), ("o-3", 300), ("o-2", 200)] {
        server.db().db_execute(&format!(
            "INSERT INTO oauth_session (id, user_id, provider, token, expires_at, created_at, updated_at) \
             VALUES ('{id}', '{}', 'google', 'gAAAA-secret', 9, {at}, {at})",
            bob.id()
        ));
    }
    let reply = ada.get(&path).await;
    let sessions = reply.assert_status(200).json();
    let ids: Vec<&Value> = sessions.as_array().unwrap().iter().map(|session| &session["id"]).collect();
    assert_eq!(ids, ["o-3", "o-2", "o-1"]);
    assert_eq!(keys(&sessions[0]), ["created_at", "expires_at", "id", "provider", "updated_at", "user_id"]);
    assert!(!reply.text().contains("secret"));
    ada.get(&format!("/api/v1/users/{NOBODY}/oauth/sessions")).await.assert_error(400, "USER_NOT_FOUND");
});

with_servers!(all, groups_of_a_user_are_the_latest_changed_first, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let mut groups = Vec::new();
    for name in ["one", "two", "three"] {
        server.clock().advance(10);
        groups.push(server.db_group(name, &[&bob], json!({ "chat": { "delete": false } })).await);
    }
    groups.reverse();
    let wanted: Vec<Value> = groups.iter().map(|group| json!(group.as_str())).collect();
    for reply in [bob.get("/api/v1/users/groups").await, ada.get(&path_of(&bob, "/groups")).await] {
        let shown = reply.assert_status(200).json();
        let ids: Vec<Value> = shown.as_array().unwrap().iter().map(|group| group["id"].clone()).collect();
        assert_eq!(ids, wanted);
        let known = [
            "created_at",
            "data",
            "description",
            "id",
            "meta",
            "name",
            "permissions",
            "updated_at",
            "user_id",
        ];
        assert!(known.iter().all(|key| keys(&shown[0]).contains(key)), "{reply}");
    }
    ada.get("/api/v1/users/groups").await.assert(200, json!([]));
    ada.get(&format!("/api/v1/users/{NOBODY}/groups")).await.assert(200, json!([]));
});

with_servers!(own, literal_paths_win_over_ids, async |server| {
    let ada = server.db_admin("ada").create().await;
    for id in ["all", "search", "groups", "permissions"] {
        server.db_user(id).id(id).create().await;
        let reply = ada.get(&format!("/api/v1/users/{id}")).await;
        assert!(reply.assert_status(200).at("/is_active").is_null(), "{reply}");
        ada.delete(&format!("/api/v1/users/{id}")).await.assert_error(405, "METHOD_NOT_ALLOWED");
    }
});

with_servers!(own, an_id_is_any_text_and_no_more_than_text, async |server| {
    let ada = server.db_admin("ada").create().await;
    let odd = [
        "a%20b",
        "%C3%BC",
        "x'%3B%20DROP%20TABLE%20user",
        "%25",
        "a%2Fb",
        "..%2F..",
        "%00",
        "%FF",
        "%zz",
        "%",
        "{id}",
        "*",
    ];
    for id in odd {
        for rest in ["", "/profile/image", "/oauth/sessions"] {
            let reply = ada.get(&format!("/api/v1/users/{id}{rest}")).await;
            assert!(matches!(reply.status(), 400 | 404), "{reply}");
        }
        ada.get(&format!("/api/v1/users/{id}/active")).await;
    }
    let long = "x".repeat(5_000);
    ada.get(&format!("/api/v1/users/{long}")).await.assert_error(400, "USER_NOT_FOUND");
    // One whose id really is such a text is found.
    server.db_user("odd").id("a b/ü%").role(Role::User).create().await;
    ada.get("/api/v1/users/a%20b%2F%C3%BC%25").await.assert_status(200);
});
