//! `/groups`: the groups themselves. Who is in them is in `members`, groups above groups are in `tree`.

mod members;
pub(crate) mod tree;
mod tree_races;

use rosterd_domain::role::Role;
use rosterd_testkit::{Caller, Method, Reply, with_servers};
use serde_json::{Value, json};

use crate::support::{is_current, rows};

const GROUPS: &str = "/api/v1/groups/";
const CREATE: &str = "/api/v1/groups/create";

/// Makes a group and gives the path of its calls.
async fn create(admin: &Caller, name: &str) -> String {
    let made = admin.post(CREATE, json!({ "name": name, "description": "" })).await;
    made.assert_status(200);
    path_of(&made)
}

/// The path of a group's calls.
fn path_of(group: &Reply) -> String {
    format!("/api/v1/groups/id/{}", group.at("/id").as_str().unwrap_or_default())
}

/// The names in a list of groups.
fn names_in(list: &Reply) -> Vec<String> {
    let list = list.json();
    let names = list.as_array().into_iter().flatten().filter_map(|group| group["name"].as_str());
    names.map(str::to_owned).collect()
}

with_servers!(all, a_group_is_made_read_changed_and_deleted, async |server| {
    let ada = server.db_admin("ada").create().await;
    let permissions = json!({ "chat": { "delete": true }, "zoo": { "fly": { "high": false } } });
    let sent = json!({
        "name": "  Ops ", "description": "Runs things", "permissions": permissions,
        "data": { "k": [1, 1.50] }, "meta": {}, "unknown": 1,
    });
    let made = ada.post(CREATE, sent).await;
    made.assert_status(200);
    let mut wanted = json!({
        "id": made.at("/id"), "user_id": ada.id(), "name": "Ops", "description": "Runs things",
        "data": { "k": [1, 1.50] }, "meta": {}, "permissions": permissions,
        "created_at": server.now(), "updated_at": server.now(), "member_count": 0,
    });
    if is_current(&server) {
        wanted["parent_group_id"] = Value::Null;
        wanted["data"]["config"] = json!({ "share": "members" });
    }
    made.assert_json(wanted.clone());
    let path = path_of(&made);
    ada.get(&path).await.assert(200, wanted.clone());
    ada.post(&format!("{path}/users"), Value::Null).await.assert(200, json!([]));

    // What is absent or null stays.
    server.clock().advance(60);
    let sent = json!({ "name": "Operations", "description": "", "permissions": null });
    wanted["name"] = json!("Operations");
    wanted["description"] = json!("");
    wanted["updated_at"] = json!(server.now());
    ada.post(&format!("{path}/update"), sent).await.assert(200, wanted.clone());
    let sent = json!({ "name": "Operations", "description": "", "permissions": {}, "data": { "k": 2 } });
    wanted["permissions"] = json!({});
    wanted["data"]["k"] = json!(2);
    ada.post(&format!("{path}/update"), sent).await.assert(200, wanted.clone());

    let mut exported = wanted;
    exported["user_ids"] = json!([]);
    ada.get(&format!("{path}/export")).await.assert(200, exported);
    ada.delete(&format!("{path}/delete")).await.assert(200, json!(true));
    ada.get(&path).await.assert_error(404, "GROUP_NOT_FOUND");
});

with_servers!(all, g1_a_group_that_does_not_exist_is_404, async |server| {
    let ada = server.db_admin("ada").create().await;
    let form = json!({ "name": "Ops", "description": "" });
    let members = json!({ "user_ids": [ada.id()] });
    let long = "x".repeat(5000);
    for id in [
        "nope",
        "00000000-0000-4000-8000-000000000000",
        "a%00b",
        "'; DROP TABLE x; --",
        "%F0%9F%90%98",
        &long,
    ] {
        let path = format!("/api/v1/groups/id/{id}");
        for (method, call, body) in [
            (Method::GET, "", Value::Null),
            (Method::GET, "/export", Value::Null),
            (Method::POST, "/users", Value::Null),
            (Method::POST, "/update", form.clone()),
            (Method::POST, "/users/add", members.clone()),
            (Method::POST, "/users/remove", members.clone()),
            (Method::DELETE, "/delete", Value::Null),
        ] {
            let reply = ada.request(method, &format!("{path}{call}")).json(&body).send().await;
            reply.assert_error(404, "GROUP_NOT_FOUND");
        }
    }
});

with_servers!(all, deleting_twice_is_404_and_leaves_other_groups_alone, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let kept = server.db_group("Kept", &[&bob], json!({ "chat": { "sing": true } })).await;
    let gone = server.db_group("Gone", &[&bob, &ada], json!({ "chat": { "dance": true } })).await;
    assert_eq!(bob.get("/api/v1/users/permissions").await.at("/chat/dance"), json!(true));
    let path = format!("/api/v1/groups/id/{gone}/delete");
    ada.delete(&path).await.assert(200, json!(true));
    ada.delete(&path).await.assert_error(404, "GROUP_NOT_FOUND");

    assert_eq!(rows(&server, &format!("group_member WHERE group_id = '{gone}'")), 0);
    assert_eq!(bob.get("/api/v1/users/groups").await.at("/0/id"), json!(kept));
    let rights = bob.get("/api/v1/users/permissions").await;
    assert_eq!((rights.at("/chat/sing"), rights.at("/chat/dance")), (json!(true), Value::Null));
});

with_servers!(all, admins_see_every_group_and_others_their_own, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let recorded = ada.get(GROUPS).await.json().as_array().map_or(0, Vec::len);
    server.db_group("Red", &[&bob, &ada], Value::Null).await;
    server.clock().advance(1);
    server.db_group("Green", &[&ada], Value::Null).await;
    server.clock().advance(1);
    server.db_group("Blue", &[&bob], Value::Null).await;

    // The last changed comes first.
    let all = ada.get("/api/v1/groups").await;
    assert_eq!(names_in(&all)[..3], ["Blue", "Green", "Red"]);
    assert_eq!(names_in(&all).len(), recorded + 3);
    let own = bob.get(GROUPS).await;
    assert_eq!(names_in(&own), ["Blue", "Red"]);
    assert_eq!((own.at("/0/member_count"), own.at("/1/member_count")), (json!(1), json!(2)));
    assert_eq!(all.at("/2"), own.at("/1"), "both see the same of one group");
    server.db_user("carol").create().await.get(GROUPS).await.assert(200, json!([]));
});

with_servers!(own, groups_changed_in_one_second_are_ordered_by_id, async |server| {
    let ada = server.db_admin("ada").create().await;
    for n in 0..10 {
        create(&ada, &format!("Group {n}")).await;
    }
    let list = ada.get(GROUPS).await.json();
    let ids: Vec<&str> =
        list.as_array().into_iter().flatten().filter_map(|group| group["id"].as_str()).collect();
    assert!(ids.len() == 10 && ids.is_sorted(), "{ids:?}");
});

with_servers!(own, groups_are_for_admins, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let dave = server.db_user("dave").role(Role::Pending).create().await;
    let path = create(&ada, "Ops").await;
    for (method, call) in [
        (Method::POST, CREATE.to_owned()),
        (Method::GET, path.clone()),
        (Method::GET, format!("{path}/members?page=x")),
        (Method::GET, format!("{path}/preview")),
        (Method::GET, format!("{path}/export")),
        (Method::POST, format!("{path}/users")),
        (Method::POST, format!("{path}/update")),
        (Method::POST, format!("{path}/users/add")),
        (Method::POST, format!("{path}/users/remove")),
        (Method::DELETE, format!("{path}/delete")),
    ] {
        // Not even what is wrong with the body is told, nor whether there is such a group.
        let ask = async |caller: &Caller| caller.request(method.clone(), &call).json(&json!({})).send().await;
        ask(&bob).await.assert_error(401, "ACCESS_PROHIBITED");
        ask(&dave).await.assert_error(401, "ACCESS_PROHIBITED");
        ask(&server.anonymous()).await.assert_error(401, "NOT_AUTHENTICATED");
    }
    for call in [GROUPS, "/api/v1/groups?share=x", &format!("{path}/info")] {
        dave.get(call).await.assert_error(401, "ACCESS_PROHIBITED");
        server.anonymous().get(call).await.assert_error(401, "NOT_AUTHENTICATED");
    }
    ada.get(&path).await.assert_status(200);
});

with_servers!(all, a_name_has_up_to_255_characters, async |server| {
    let ada = server.db_admin("ada").create().await;
    let path = create(&ada, "Ops").await;
    let update = format!("{path}/update");
    let sent = |name: &str| json!({ "name": name, "description": "" });
    for name in ["x", &"ü".repeat(255), "🐘 & <b>'\"\\"] {
        assert_eq!(ada.post(CREATE, sent(name)).await.assert_status(200).at("/name"), json!(name));
        assert_eq!(ada.post(&update, sent(name)).await.assert_status(200).at("/name"), json!(name));
    }
    // As with Open WebUI.
    assert_eq!(ada.post(CREATE, sent("")).await.assert_status(200).at("/name"), json!(""));
    assert_eq!(ada.post(&update, sent(" \t")).await.assert_status(200).at("/name"), json!(""));
    for name in [&*"ü".repeat(256), "a\0b"] {
        ada.post(CREATE, sent(name)).await.assert_invalid(&["body/name"]);
        ada.post(&update, sent(name)).await.assert_invalid(&["body/name"]);
    }
    ada.post(CREATE, json!({})).await.assert_invalid(&["body/description", "body/name"]);
    let wrong = json!({ "name": 1, "description": null, "data": [], "meta": "x" });
    let places = ["body/data", "body/description", "body/meta", "body/name"];
    ada.post(CREATE, wrong).await.assert_invalid(&places);
});

with_servers!(all, what_is_wrong_with_permissions_is_named_by_its_path, async |server| {
    let ada = server.db_admin("ada").create().await;
    let path = create(&ada, "Ops").await;
    let sent = |permissions| json!({ "name": "Ops", "description": "", "permissions": permissions });
    for (permissions, places) in [
        (json!([]), &["body/permissions"][..]),
        (json!(true), &["body/permissions"]),
        (json!({ "chat": "yes" }), &["body/permissions/chat"]),
        (json!({ "chat": null }), &["body/permissions/chat"]),
        (
            json!({ "chat": { "delete": 1, "edit": true }, "zoo": { "fly": { "high": [] } } }),
            &["body/permissions/chat/delete", "body/permissions/zoo/fly/high"],
        ),
    ] {
        ada.post(CREATE, sent(permissions.clone())).await.assert_invalid(places);
        ada.post(&format!("{path}/update"), sent(permissions)).await.assert_invalid(places);
    }
    // Beside a wrong name, and both are told.
    let both = json!({ "name": "x".repeat(256), "description": "", "permissions": { "chat": 1 } });
    ada.post(CREATE, both).await.assert_invalid(&["body/name", "body/permissions/chat"]);
    let all = json!({ "name": 1, "data": [], "permissions": { "chat": 1 } });
    let places = ["body/data", "body/description", "body/name", "body/permissions/chat"];
    ada.post(CREATE, all).await.assert_invalid(&places);
    assert_eq!(ada.get(&path).await.at("/permissions"), Value::Null);
});

with_servers!(all, a_description_longer_than_a_screen_shows_is_refused_unless_it_is_stored, async |server| {
    let ada = server.db_admin("ada").create().await;
    let form = |length: usize| json!({ "name": "Ops", "description": "ü".repeat(length) });
    ada.post(CREATE, form(2_001)).await.assert_invalid(&["body/description"]);
    let path = path_of(&ada.post(CREATE, form(2_000)).await);
    ada.post(&format!("{path}/update"), form(2_001)).await.assert_invalid(&["body/description"]);
    let id = path.rsplit('/').next().unwrap();
    let long = "ü".repeat(3_000);
    server.db().db_execute(&format!(r#"UPDATE "group" SET description = '{long}' WHERE id = '{id}'"#));
    ada.post(&format!("{path}/update"), form(3_000)).await.assert_status(200);
    ada.post(&format!("{path}/update"), form(2_500)).await.assert_invalid(&["body/description"]);
});

with_servers!(all, what_an_update_of_a_group_does_not_change_is_not_judged, async |server| {
    let ada = server.db_admin("ada").create().await;
    let path = create(&ada, "Ops").await;
    let update = format!("{path}/update");
    let id = path.rsplit('/').next().unwrap().to_owned();
    let set = |column: &str, text: &str| {
        server.db().db_execute(&format!("UPDATE \"group\" SET {column} = '{text}' WHERE id = '{id}'"));
    };
    let stored = |column: &str| {
        let sql = format!("SELECT CAST({column} AS TEXT) AS text FROM \"group\" WHERE id = '{id}'");
        server.db().db_value(&sql)
    };
    set("name", &" x".repeat(200));
    for permissions in [
        r#"{"workspace":{"tools":null}}"#,
        r#"{"workspace":{"tools":1}}"#,
        r#"{"workspace":null}"#,
        r#"{"workspace":{"tools":true},"limits":{"rate":10.0}}"#,
        "[]",
        r#""text""#,
    ] {
        set("permissions", permissions);
        set("data", "[1, {}]");
        set("meta", "\"text\"");
        let shown = ada.get(&path).await;
        let mut sent = json!({ "name": shown.at("/name"), "description": "new" });
        for key in ["permissions", "data", "meta"] {
            sent[key] = shown.at(&format!("/{key}"));
        }
        let updated = ada.post(&update, sent.clone()).await;
        assert_eq!(updated.assert_status(200).at("/description"), json!("new"), "{permissions}");
        assert_eq!(stored("permissions").as_deref(), Some(permissions), "unharmed");
        assert_eq!(stored("data").as_deref(), Some("[1, {}]"));
        // What is new beside it is judged.
        sent["permissions"] = json!({ "workspace": { "models": 7 } });
        ada.post(&update, sent).await.assert_invalid(&["body/permissions/workspace/models"]);
    }
    set("permissions", r#"{"workspace":{"tools":null},"limits":{"rate":10}}"#);
    let granted = json!({ "workspace": { "tools": null, "models": true }, "limits": { "rate": 10 } });
    let sent = json!({ "name": "Ops", "description": "new", "permissions": granted });
    assert_eq!(ada.post(&update, sent).await.assert_status(200).at("/permissions"), granted);
});

with_servers!(sqlite, what_a_group_holds_and_cannot_be_read_is_never_overwritten, async |server| {
    let ada = server.db_admin("ada").create().await;
    let path = create(&ada, "Ops").await;
    let id = path.rsplit('/').next().unwrap().to_owned();
    let broken = r#"{"workspace": {"tools": tr"#;
    server.db().db_execute(&format!(
        "UPDATE \"group\" SET permissions = '{broken}', data = '{broken}' WHERE id = '{id}'"
    ));
    assert_eq!(ada.get(&path).await.at("/permissions"), Value::Null);
    let sent = |key: &str| json!({ "name": "Ops", "description": "", key: { "chat": { "delete": true } } });
    for key in ["permissions", "data"] {
        let refused = ada.post(&format!("{path}/update"), sent(key)).await;
        refused.assert_error(409, "STORED_VALUE_UNREADABLE");
        let sql = format!("SELECT {key} FROM \"group\" WHERE id = '{id}'");
        assert_eq!(server.db().db_value(&sql).as_deref(), Some(broken));
    }
    let as_shown = json!({ "name": "Ops 2", "description": "", "permissions": null });
    ada.post(&format!("{path}/update"), as_shown).await.assert_status(200);
});

with_servers!(all, s4_a_group_that_was_changed_meanwhile_stays, async |server| {
    let ada = server.db_admin("ada").create().await;
    let made = ada.post(CREATE, json!({ "name": "Ops", "description": "" })).await;
    let path = path_of(&made);
    let tag_now = async || ada.get(&path).await.header("etag").unwrap().to_owned();
    let tag = tag_now().await;
    assert_eq!(made.header("etag"), Some(tag.as_str()));
    let update = async |tag: &str, name: &str| {
        let (to, form) = (format!("{path}/update"), json!({ "name": name, "description": "" }));
        ada.request(Method::POST, &to).header("if-match", tag).json(&form).send().await
    };
    let stored = update(&tag, "Operations").await;
    let now = stored.assert_status(200).header("etag").unwrap().to_owned();
    assert_ne!(now, tag);
    update(&tag, "Mine").await.assert_error(412, "PRECONDITION_FAILED");
    update("W/\"x\"", "Mine").await.assert_error(412, "PRECONDITION_FAILED");
    assert_eq!(ada.get(&path).await.at("/name"), "Operations");
    // Members come and go without another version.
    server.clock().advance(5);
    ada.post(&format!("{path}/users/add"), json!({ "user_ids": [ada.id()] })).await.assert_status(200);
    assert_eq!(tag_now().await, now);
    // Another program writes to the same row.
    server.db().db_execute(r#"UPDATE "group" SET description = 'theirs' WHERE name = 'Operations'"#);
    update(&now, "Mine").await.assert_error(412, "PRECONDITION_FAILED");
    update(&tag_now().await, "Mine").await.assert_status(200);
    update("*", "Ops").await.assert_status(200);
    assert_eq!(tag_now().await, tag, "as it was at first");
    let nobody = json!({ "name": "x", "description": "" });
    let nowhere = ada.request(Method::POST, "/api/v1/groups/id/nothing/update").header("if-match", &tag);
    nowhere.json(&nobody).send().await.assert_error(404, "GROUP_NOT_FOUND");
});
