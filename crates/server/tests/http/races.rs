//! Thirty-two requests at the same time, with one possible outcome: rules P4, R2, S1 and S3.

use rosterd_testkit::{Caller, Method, Reply, ServerBuilder, TestServer, with_servers};
use serde_json::{Map, Value, json};

use crate::support::{
    INFO, SETTINGS, UPDATE_INFO, UPDATE_SETTINGS, UPDATE_STATUS, assert_gone, at_once, count, form, path_of,
    rows,
};

/// Requests at the same time.
const MANY: usize = 32;

/// More connections than cores, so that transactions do meet.
fn crowded(server: ServerBuilder) -> ServerBuilder {
    server.store(|store| store.threads = 8)
}

/// That many users, made one after another.
async fn crowd(server: &TestServer, count: usize) -> Vec<Caller> {
    let mut users = Vec::with_capacity(count);
    for number in 0..count {
        users.push(server.db_user(&format!("user {number}")).create().await);
    }
    users
}

/// One request of many, owned by its task.
pub(crate) async fn send(caller: Caller, method: Method, path: String, body: Value) -> Reply {
    caller.request(method, &path).json(&body).send().await
}

with_servers!(all, r2_of_32_claims_of_one_address_one_wins, crowded, async |server| {
    let ada = server.db_admin("ada").create().await;
    let users = crowd(&server, MANY).await;
    let claims = users.iter().enumerate().map(|(number, user)| {
        // The same e-mail address in different spellings.
        let email = if number % 2 == 0 { "wanted@rosterd.test" } else { " Wanted@Rosterd.TEST" };
        send(ada.clone(), Method::POST, path_of(user, "/update"), form("x", email, json!({})))
    });
    let replies = at_once(claims).await;
    assert_eq!(count(&replies, 200, (400, "EMAIL_TAKEN")), 1);
    assert_eq!(rows(&server, r#""user" WHERE email = 'wanted@rosterd.test'"#), 1);
    assert_eq!(rows(&server, "auth WHERE email = 'wanted@rosterd.test'"), 1);
    // Those who lost kept everything, their names included.
    assert_eq!(rows(&server, r#""user" WHERE name = 'x'"#), 1);
});

with_servers!(all, s4_of_32_updates_of_one_version_one_wins, crowded, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let made = ada.post("/api/v1/groups/create", json!({ "name": "g", "description": "" })).await;
    let group = format!("/api/v1/groups/id/{}", made.at("/id").as_str().unwrap_or_default());
    for shown in [path_of(&bob, ""), group] {
        let tag = ada.get(&shown).await.header("etag").unwrap_or_default().to_owned();
        let updates = (0..MANY).map(|number| {
            let (ada, tag, to) = (ada.clone(), tag.clone(), format!("{shown}/update"));
            let mut body = form(&format!("name {number}"), bob.email(), json!({}));
            body["description"] = json!("");
            async move { ada.request(Method::POST, &to).header("if-match", &tag).json(&body).send().await }
        });
        let replies = at_once(updates).await;
        assert_eq!(count(&replies, 200, (412, "PRECONDITION_FAILED")), 1, "{shown}");
        let winner = replies.iter().find(|reply| reply.status() == 200).map(|reply| reply.at("/name"));
        assert_eq!(winner, Some(ada.get(&shown).await.at("/name")));
    }
});

with_servers!(all, s1_s3_of_32_keys_of_settings_none_is_lost, crowded, async |server| {
    let bob = server.db_user("bob").create().await;
    merge_all(&bob, UPDATE_SETTINGS).await;
    bob.get(SETTINGS).await.assert(200, expected([("ui", json!({}))]));
});

with_servers!(all, s3_of_32_keys_of_info_none_is_lost, crowded, async |server| {
    let bob = server.db_user("bob").create().await;
    merge_all(&bob, UPDATE_INFO).await;
    bob.get(INFO).await.assert(200, expected([]));
});

/// Sends a key of its own with each request.
async fn merge_all(caller: &Caller, path: &str) {
    let updates = (0..MANY).map(|number| {
        let body = json!({ format!("key-{number}"): number });
        send(caller.clone(), Method::POST, path.to_owned(), body)
    });
    for reply in at_once(updates).await {
        reply.assert_status(200);
    }
}

/// All keys of [`merge_all`] and these.
fn expected<const N: usize>(more: [(&str, Value); N]) -> Value {
    let mut object: Map<String, Value> =
        (0..MANY).map(|number| (format!("key-{number}"), json!(number))).collect();
    object.extend(more.map(|(key, value)| (key.to_owned(), value)));
    Value::Object(object)
}

/// What else may happen to somebody who is being deleted: by an admin, in their own name, in a group.
fn disturbance(number: usize, ada: &Caller, bob: &Caller, group: &str) -> (Caller, String, Value) {
    match number % 7 {
        0 => (ada.clone(), path_of(bob, "/update"), form("x", &format!("x{number}@rosterd.test"), json!({}))),
        1 => (bob.clone(), UPDATE_SETTINGS.to_owned(), json!({ "a": number })),
        2 => (bob.clone(), UPDATE_INFO.to_owned(), json!({ "a": number })),
        3 => (bob.clone(), UPDATE_STATUS.to_owned(), json!({ "status_message": "x" })),
        4 => (bob.clone(), "/api/v1/auths/api_key".to_owned(), json!(null)),
        5 => {
            let body = json!({ "user_ids": [bob.id().as_str()] });
            (ada.clone(), format!("/api/v1/groups/id/{group}/users/add"), body)
        }
        _ => (
            ada.clone(),
            path_of(bob, "/update"),
            form("y", bob.email(), json!({ "password": "changed-pass-word-1" })),
        ),
    }
}

/// `true` when the answer is one that a request before or after the deletion may get.
fn is_before_or_after(reply: &Reply) -> bool {
    match reply.status() {
        200 => true,
        400 => reply.at("/code") == "USER_NOT_FOUND",
        401 => reply.at("/code") == "INVALID_TOKEN",
        _ => false,
    }
}

/// Lets these users have API keys, whatever the stored configuration of an attached database says.
async fn allow_api_keys(server: &TestServer, users: &[&Caller]) {
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_group("keys", users, json!({ "features": { "api_keys": true } })).await;
}

with_servers!(all, p4_deletion_among_updates_leaves_no_half_user, crowded, async |server| {
    let ada = server.db_admin("ada").create().await;
    for round in 0..3 {
        let bob = server.db_user("bob").email(&format!("bob{round}@rosterd.test")).create().await;
        allow_api_keys(&server, &[&bob]).await;
        let group = server.db_group("team", &[&ada], Value::Null).await;
        let requests = (0..MANY).map(|number| {
            // The deletion stands in the middle, somewhere else in each round.
            if number == 4 + round * 8 {
                return send(ada.clone(), Method::DELETE, path_of(&bob, ""), json!(null));
            }
            let (caller, path, body) = disturbance(number, &ada, &bob, group.as_str());
            send(caller, Method::POST, path, body)
        });
        let replies = at_once(requests).await;
        replies[4 + round * 8].assert(200, json!(true));
        for reply in &replies {
            assert!(is_before_or_after(reply), "{reply}");
        }
        assert_gone(server.db(), bob.id().as_str());
    }
});

with_servers!(all, p4_of_32_deletions_of_one_user_one_is_made, crowded, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let group = server.db_group("team", &[&bob], Value::Null).await;
    let replies =
        at_once((0..MANY).map(|_| send(ada.clone(), Method::DELETE, path_of(&bob, ""), json!(null)))).await;
    assert_eq!(count(&replies, 200, (400, "USER_NOT_FOUND")), 1);
    assert_gone(server.db(), bob.id().as_str());
    ada.get(&format!("/api/v1/groups/id/{group}")).await.assert_status(200);
});

with_servers!(all, of_32_new_api_keys_of_one_user_one_is_left, crowded, async |server| {
    let bob = server.db_user("bob").create().await;
    allow_api_keys(&server, &[&bob]).await;
    let replies = at_once(
        (0..MANY).map(|_| send(bob.clone(), Method::POST, "/api/v1/auths/api_key".to_owned(), json!(null))),
    )
    .await;
    for reply in &replies {
        reply.assert_status(200);
    }
    assert_eq!(rows(&server, &format!("api_key WHERE user_id = '{}'", bob.id())), 1);
    let mut good = 0;
    for reply in &replies {
        let key = reply.at("/api_key");
        let robot = bob.with_bearer(key.as_str().unwrap_or_default());
        good += usize::from(robot.get(SETTINGS).await.status() == 200);
    }
    assert_eq!(good, 1);
});

with_servers!(all, p1_two_admins_who_delete_each_other_do_not_both_go, crowded, async |server| {
    let (eve, ben) = (server.db_admin("eve").create().await, server.db_admin("ben").create().await);
    server.db_admin("first").created_at(1).create().await;
    let replies = at_once([
        send(eve.clone(), Method::DELETE, path_of(&ben, ""), json!(null)),
        send(ben.clone(), Method::DELETE, path_of(&eve, ""), json!(null)),
    ])
    .await;
    // Whoever comes second is no longer anybody.
    assert_eq!(count(&replies, 200, (401, "INVALID_TOKEN")), 1);
    let left = [&eve, &ben].map(|admin| rows(&server, &format!(r#""user" WHERE id = '{}'"#, admin.id())));
    assert_eq!(left.iter().sum::<i64>(), 1);
});
