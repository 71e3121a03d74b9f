//! Who is in a group, and what that gives them.

use rosterd_domain::ids::GroupId;
use rosterd_testkit::{Caller, DbKind, Reply, run, with_servers};
use serde_json::{Value, json};

use super::create;
use crate::support::{at_once, is_current, merged, rows};

/// The ids in a list of members.
fn ids_in(list: &Reply) -> Vec<Value> {
    list.json().as_array().into_iter().flatten().map(|member| member["id"].clone()).collect()
}

with_servers!(all, members_come_and_go_and_are_counted, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let carol =
        server.db_user("carol").with(|row| row.status_emoji = Some(Some("🌴".to_owned()))).create().await;
    let path = create(&ada, "Ops").await;
    let (add, remove) = (format!("{path}/users/add"), format!("{path}/users/remove"));

    server.clock().advance(60);
    // Twice, unknown and impossible ids: all skipped.
    let ids =
        json!({ "user_ids": [carol.id(), bob.id(), bob.id(), "no-such-user", "", "a\0b", "x".repeat(1000)] });
    let added = ada.post(&add, ids.clone()).await;
    added.assert_status(200);
    assert_eq!((added.at("/member_count"), added.at("/updated_at")), (json!(2), json!(server.now())));
    // The newest front end sees the time of the last request, older ones that of the last change.
    let now_or =
        |then: &Reply| if is_current(&server) { json!(server.now()) } else { then.at("/updated_at") };
    for sent in [ids.clone(), json!({ "user_ids": [] })] {
        server.clock().advance(60);
        let again = ada.post(&add, sent).await;
        again.assert(200, merged(added.json(), json!({ "updated_at": now_or(&added) })));
    }

    // By the second in which they came to be, not in which they joined.
    let members = ada.post(&format!("{path}/users"), Value::Null).await;
    let member = |place: usize, one: &Caller, emoji: Value| {
        let name = one.email().split('@').next();
        let shown = json!({
            "id": one.id(), "name": name, "email": one.email(), "role": "user",
            "status_emoji": emoji, "status_message": null, "status_expires_at": null,
        });
        let more = json!({ "bio": null, "timezone": null, "last_active_at": members.at(&format!("/{place}/last_active_at")), "groups": [], "is_active": false });
        if is_current(&server) { merged(shown, more) } else { shown }
    };
    members.assert(200, json!([member(0, &bob, Value::Null), member(1, &carol, json!("🌴"))]));
    let exported = ada.get(&format!("{path}/export")).await;
    assert_eq!(exported.at("/user_ids"), json!([bob.id(), carol.id()]));

    let removed =
        ada.post(&remove, json!({ "user_ids": [bob.id(), bob.id(), ada.id(), "no-such-user"] })).await;
    assert_eq!((removed.at("/member_count"), removed.at("/updated_at")), (json!(1), json!(server.now())));
    server.clock().advance(60);
    let again = ada.post(&remove, json!({ "user_ids": [bob.id()] })).await;
    again.assert(200, merged(removed.json(), json!({ "updated_at": now_or(&removed) })));
    assert_eq!(ids_in(&ada.post(&format!("{path}/users"), Value::Null).await), [json!(carol.id())]);
});

with_servers!(own, members_of_one_second_are_ordered_by_id, async |server| {
    let ada = server.db_admin("ada").create().await;
    let path = create(&ada, "Ops").await;
    let at = server.now();
    for (id, name) in [("b", "one"), ("a", "two"), ("Z", "three"), ("ä", "four")] {
        server.db_user(name).id(id).created_at(at).create().await;
    }
    ada.post(&format!("{path}/users/add"), json!({ "user_ids": ["a", "ä", "b", "Z"] }))
        .await
        .assert_status(200);
    let members = ada.post(&format!("{path}/users"), Value::Null).await;
    assert_eq!(ids_in(&members), ["Z", "a", "b", "ä"]);
});

with_servers!(all, every_faulty_field_of_a_membership_change_is_named, async |server| {
    let ada = server.db_admin("ada").create().await;
    let path = create(&ada, "Ops").await;
    for call in ["add", "remove"] {
        let call = format!("{path}/users/{call}");
        ada.post(&call, json!({ "user_ids": "ada" })).await.assert_invalid(&["body/user_ids"]);
        ada.post(&call, json!([])).await.assert_invalid(&["body"]);
        let wrong = ada.post(&call, json!({ "user_ids": [ada.id(), 1, null] })).await;
        if is_current(&server) {
            wrong.assert_invalid(&["body/user_ids/1", "body/user_ids/2"]);
            for nobody in [json!({}), json!({ "user_ids": null })] {
                assert_eq!(ada.post(&call, nobody).await.assert_status(200).at("/member_count"), json!(0));
            }
        } else {
            wrong.assert_invalid(&["body/user_ids"]);
            ada.post(&call, json!({})).await.assert_invalid(&["body/user_ids"]);
        }
    }
});

with_servers!(own, thousands_join_at_once, async |server| {
    let ada = server.db_admin("ada").create().await;
    let path = create(&ada, "Everybody").await;
    let mut ids: Vec<String> = (0..5_000).map(|n| format!("no-such-user-{n}")).collect();
    ids.push(ada.id().to_string());
    let added = ada.post(&format!("{path}/users/add"), json!({ "user_ids": ids })).await;
    assert_eq!(added.assert_status(200).at("/member_count"), json!(1));
    let removed = ada.post(&format!("{path}/users/remove"), json!({ "user_ids": ids })).await;
    assert_eq!(removed.assert_status(200).at("/member_count"), json!(0));
});

with_servers!(all, a_membership_gives_its_rights_from_the_next_request_on, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let path = create(&ada, "Ops").await;
    let right = async || bob.get("/api/v1/users/permissions").await.at("/workspace/tools");
    let sent = json!({ "name": "Ops", "description": "", "permissions": { "workspace": { "tools": true } } });
    ada.post(&format!("{path}/update"), sent).await.assert_status(200);
    assert_eq!(right().await, json!(false));
    ada.post(&format!("{path}/users/add"), json!({ "user_ids": [bob.id()] })).await.assert_status(200);
    assert_eq!(right().await, json!(true));
    ada.post(&format!("{path}/users/remove"), json!({ "user_ids": [bob.id()] })).await.assert_status(200);
    assert_eq!(right().await, json!(false));
});

with_servers!(all, of_32_additions_at_once_of_one_user_one_membership_comes, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let path = create(&ada, "Ops").await;
    let second = server.second().await;
    let doors = [ada.clone(), ada.through(&second)];
    let replies = at_once((0..32).map(|n| {
        let (door, add, sent) =
            (doors[n % 2].clone(), format!("{path}/users/add"), json!({ "user_ids": [bob.id()] }));
        async move { door.post(&add, sent).await }
    }))
    .await;
    for reply in &replies {
        assert_eq!(reply.assert_status(200).at("/member_count"), json!(1));
    }
});

with_servers!(all, of_32_additions_at_once_of_different_users_none_is_lost, async |server| {
    let ada = server.db_admin("ada").create().await;
    let path = create(&ada, "Ops").await;
    let mut users = Vec::new();
    for n in 0..32 {
        users.push(server.db_user(&format!("user{n}")).create().await);
    }
    let replies = at_once((0..32).map(|n| {
        let (ada, add, sent) =
            (ada.clone(), format!("{path}/users/add"), json!({ "user_ids": [users[n].id()] }));
        async move { ada.post(&add, sent).await }
    }))
    .await;
    for reply in &replies {
        reply.assert_status(200);
    }
    assert_eq!(ada.get(&path).await.at("/member_count"), json!(32));
});

// Whoever comes first: the group is gone wholly, and nobody is told of a fault of ours.
with_servers!(all, a_group_deleted_while_people_join_is_gone_with_all_memberships, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let path = create(&ada, "Ops").await;
    let replies = at_once((0..32).map(|n| {
        let (ada, path, sent) = (ada.clone(), path.clone(), json!({ "user_ids": [bob.id()] }));
        async move {
            match n % 8 {
                4 => ada.delete(&format!("{path}/delete")).await,
                3 => ada.post(&format!("{path}/users/remove"), sent).await,
                _ => ada.post(&format!("{path}/users/add"), sent).await,
            }
        }
    }))
    .await;
    for reply in replies.iter().filter(|reply| reply.status() != 200) {
        reply.assert_error(404, "GROUP_NOT_FOUND");
    }
    ada.get(&path).await.assert_error(404, "GROUP_NOT_FOUND");
    assert_eq!(rows(&server, r#"group_member WHERE group_id NOT IN (SELECT id FROM "group")"#), 0);
});

with_servers!(all, a_user_deleted_while_joining_is_in_no_group, async |server| {
    let ada = server.db_admin("ada").create().await;
    let path = create(&ada, "Ops").await;
    let mut users = Vec::new();
    for n in 0..8 {
        users.push(server.db_user(&format!("user{n}")).create().await);
    }
    let replies = at_once((0..32).map(|n| {
        let (ada, add, id) = (ada.clone(), format!("{path}/users/add"), users[n / 4].id().clone());
        async move {
            match n % 4 {
                2 => ada.delete(&format!("/api/v1/users/{id}")).await,
                _ => ada.post(&add, json!({ "user_ids": [id] })).await,
            }
        }
    }))
    .await;
    for reply in &replies {
        reply.assert_status(200);
    }
    assert_eq!(rows(&server, r#"group_member WHERE user_id NOT IN (SELECT id FROM "user")"#), 0);
    assert_eq!(ada.get(&path).await.at("/member_count"), json!(0));
});

// Open WebUI 0.12.4 has groups within groups.
#[test]
fn a_group_gives_the_rights_of_the_groups_above_it() {
    run::on_server(
        DbKind::WebUi012Sqlite,
        module_path!(),
        |server| server,
        async |server| {
            let bob = server.db_user("bob").create().await;
            let top = server.db_group("Top", &[], json!({ "chat": { "sing": true } })).await;
            let middle = server.db_group("Middle", &[], Value::Null).await;
            let below = server.db_group("Below", &[&bob], json!({ "chat": { "dance": true } })).await;
            let beside = server.db_group("Beside", &[], json!({ "chat": { "shout": true } })).await;
            let put_under = |group: &GroupId, parent: &GroupId| {
                let sql = format!(r#"UPDATE "group" SET parent_group_id = '{parent}' WHERE id = '{group}'"#);
                server.db().db_execute(&sql);
            };
            put_under(&below, &middle);
            put_under(&middle, &top);
            put_under(&beside, &top);
            // A circle ends.
            put_under(&top, &below);
            let rights = bob.get("/api/v1/users/permissions").await.at("/chat");
            assert_eq!((&rights["sing"], &rights["dance"]), (&json!(true), &json!(true)));
            assert_eq!(rights.get("shout"), None);
        },
    );
}
