//! What is shown of users since Open WebUI 0.12: rules N8, N15, N16, N17 and N20.

use rosterd_testkit::{Caller, TestServer, with_servers};
use serde_json::{Value, json};

use crate::support::{ALL, NOBODY, SEARCH, keys, path_of, record_keys};

const OWN_GROUPS: &str = "/api/v1/users/groups";

/// A group above another one.
async fn put_above(server: &TestServer, name: &str, below: &str) -> String {
    let top = server.db_group(name, &[], Value::Null).await.to_string();
    server.db().db_execute(&format!(r#"UPDATE "group" SET parent_group_id = '{top}' WHERE id = '{below}'"#));
    top
}

fn store_image(server: &TestServer, user: &Caller, url: &str) {
    let sql = format!(r#"UPDATE "user" SET profile_image_url = '{url}' WHERE id = '{}'"#, user.id());
    server.db().db_execute(&sql);
}

with_servers!(current, n8_an_empty_picture_is_shown_as_the_path_of_the_image, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    store_image(&server, &bob, "");
    let path = path_of(&bob, "/profile/image");
    for caller in [&ada, &bob] {
        let shown = caller.get(&path_of(&bob, "")).await;
        assert_eq!(shown.assert_status(200).at("/profile_image_url"), json!(path));
    }
    // Sent back as it is shown, it stays empty.
    let updated = ada.post(&path_of(&bob, "/update"), json!({ "profile_image_url": path })).await;
    assert_eq!(updated.assert_status(200).at("/profile_image_url"), json!(path));
    assert_eq!(server.db_get_user(bob.id()).await.profile_image_url, "");
});

with_servers!(older, n8_an_older_front_end_is_shown_the_empty_text, async |server| {
    let bob = server.db_user("bob").create().await;
    store_image(&server, &bob, "");
    assert_eq!(bob.get(&path_of(&bob, "")).await.at("/profile_image_url"), "");
});

with_servers!(current, n15_a_preview_lists_the_groups_that_count, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let team = server.db_group("team", &[&bob], Value::Null).await.to_string();
    let top = put_above(&server, "top", &team).await;
    let shown = ada.get(&path_of(&bob, "/preview")).await.assert_status(200).json();
    assert_eq!(keys(&shown), ["groups", "knowledge", "models", "tools", "user"]);
    assert_eq!(shown["user"], json!({ "id": bob.id().as_str(), "name": "bob" }));
    let ids = |list: &Value| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|group| group["id"].clone()).collect()
    };
    let mut groups = ids(&shown["groups"]);
    groups.sort_by_key(ToString::to_string);
    let mut wanted = vec![json!(team), json!(top)];
    wanted.sort_by_key(ToString::to_string);
    assert_eq!(groups, wanted);
    ada.get(&format!("/api/v1/users/{NOBODY}/preview")).await.assert_error(404, "NOT_FOUND");
    bob.get(&path_of(&bob, "/preview")).await.assert_error(401, "ACCESS_PROHIBITED");
});

with_servers!(newest, n15_what_is_owned_or_granted_is_reached, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let team = server.db_group("team", &[&bob], Value::Null).await.to_string();
    let top = put_above(&server, "top", &team).await;
    for (id, owner, active) in [
        ("own", &bob, true),
        ("off", &bob, false),
        ("all", &ada, true),
        ("top", &ada, true),
        ("not", &ada, true),
    ] {
        server.db().db_execute(&format!(
            "INSERT INTO model (id, user_id, base_model_id, name, meta, params, created_at, updated_at, is_active) \
             VALUES ('n15-{id}', '{}', 'base', '{id}', '{{}}', '{{}}', 1, 1, {active})",
            owner.id()
        ));
    }
    for (model, kind, who, permission) in [
        ("all", "user", "*", "read"),
        ("top", "group", top.as_str(), "read"),
        ("not", "user", bob.id().as_str(), "write"),
        ("not", "anyone", "*", "read"),
    ] {
        server.db().db_execute(&format!(
            "INSERT INTO access_grant \
             (id, resource_type, resource_id, principal_type, principal_id, permission, created_at) \
             VALUES ('g-{model}-{kind}', 'model', 'n15-{model}', '{kind}', '{who}', '{permission}', 1)"
        ));
    }
    let reached = async |user: &Caller| -> Vec<Value> {
        let models = ada.get(&path_of(user, "/preview")).await.assert_status(200).at("/models/items");
        let ids = models.as_array().unwrap().iter().map(|model| model["id"].clone());
        ids.filter(|id| id.as_str().is_some_and(|id| id.starts_with("n15-"))).collect()
    };
    assert_eq!(reached(&bob).await, ["n15-all", "n15-own", "n15-top"]);
    // Being an admin adds nothing to what is owned and granted.
    assert_eq!(reached(&ada).await, ["n15-all", "n15-not", "n15-top"]);
    let ben = server.db_admin("ben").create().await;
    assert_eq!(reached(&ben).await, ["n15-all"]);
});

with_servers!(all, n16_info_of_one_user_has_groups_and_activity, async |server| {
    let (bob, eve) = (server.db_user("bob").create().await, server.db_user("eve").create().await);
    let group = server.db_group("team", &[&bob], Value::Null).await;
    bob.get(OWN_GROUPS).await.assert_status(200);
    let shown = eve.get(&path_of(&bob, "/info")).await.assert_status(200).json();
    let wanted = [
        "bio",
        "email",
        "groups",
        "id",
        "is_active",
        "last_active_at",
        "name",
        "role",
        "status_emoji",
        "status_expires_at",
        "status_message",
        "timezone",
    ];
    assert_eq!(keys(&shown), wanted);
    assert_eq!(shown["groups"], json!([{ "id": group.as_str(), "name": "team" }]));
    assert_eq!((&shown["is_active"], &shown["email"]), (&json!(true), &json!(bob.email())));
    eve.get(&format!("/api/v1/users/{NOBODY}/info")).await.assert_error(400, "USER_NOT_FOUND");
});

with_servers!(current, n16_in_lists_the_groups_are_left_out, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    server.db_group("team", &[&bob], Value::Null).await;
    bob.get(OWN_GROUPS).await.assert_status(200);
    for list in [ALL.to_owned(), format!("{SEARCH}?query={}", bob.email())] {
        let users = ada.get(&list).await.assert_status(200).at("/users");
        let found = users.as_array().unwrap().iter().find(|user| user["id"] == bob.id().as_str()).unwrap();
        assert_eq!((&found["groups"], &found["is_active"]), (&json!([]), &json!(true)), "{list}");
    }
});

with_servers!(current, n17_admins_see_the_whole_record, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let eve = server.db_user("eve").settings(json!({ "ui": { "a": 1 } })).create().await;
    let group = server.db_group("team", &[&eve], Value::Null).await;
    let record = ada.get(&path_of(&eve, "")).await.assert_status(200).json();
    assert_eq!(keys(&record).len(), record_keys(&server) + 2);
    assert_eq!(record["settings"], json!({ "ui": { "a": 1 } }));
    assert_eq!(record["groups"], json!([{ "id": group.as_str(), "name": "team" }]));
    assert_eq!((&record["is_active"], &record["email"]), (&json!(false), &json!(eve.email())));
    for other in [&bob, &eve] {
        let card = other.get(&path_of(&eve, "")).await.assert_status(200).json();
        assert_eq!(keys(&card).len(), 9, "the card of rule V2");
    }
    ada.get(&format!("/api/v1/users/{NOBODY}")).await.assert_error(400, "USER_NOT_FOUND");
});

with_servers!(older, n17_an_older_front_end_shows_admins_the_card_too, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    assert_eq!(keys(&ada.get(&path_of(&bob, "")).await.assert_status(200).json()).len(), 9);
});

with_servers!(current, n20_groups_above_are_listed_where_they_are_asked_for, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let team = server.db_group("team", &[&bob], Value::Null).await.to_string();
    let top = put_above(&server, "top", &team).await;
    // A ring of parents ends.
    let ring = format!(r#"UPDATE "group" SET parent_group_id = '{team}' WHERE id = '{top}'"#);
    server.db().db_execute(&ring);
    let of_bob = path_of(&bob, "/groups");
    for (caller, path) in [(&bob, OWN_GROUPS), (&ada, of_bob.as_str())] {
        let own = caller.get(path).await.assert_status(200).json();
        assert_eq!((own.as_array().unwrap().len(), &own[0]["id"]), (1, &json!(team)));
        assert!(own[0].get("membership_type").is_none());
        assert_eq!(own[0]["parent_group_id"], json!(top));
        let all = caller.get(&format!("{path}?include_inherited=1")).await.assert_status(200).json();
        let kinds = |id: &str| -> Vec<Value> {
            let groups = all.as_array().unwrap().iter().filter(|group| group["id"] == id);
            groups.map(|group| group["membership_type"].clone()).collect()
        };
        assert_eq!((kinds(&team), kinds(&top)), (vec![json!("direct")], vec![json!("inherited")]));
        assert_eq!(all.as_array().unwrap().len(), 2);
        let wrong = caller.get(&format!("{path}?include_inherited=some")).await;
        wrong.assert_invalid(&["query/include_inherited"]);
    }
});
