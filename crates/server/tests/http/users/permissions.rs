//! `/users/permissions` and `/users/default/permissions`: effective permissions and the default template.

use rosterd_storage::ConfigLayout;
use rosterd_testkit::{Method, TestServer, with_servers};
use serde_json::{Value, json};

use crate::support::{NOBODY, empty_template, is_current, merged, path_of};

const OWN: &str = "/api/v1/users/permissions";
const TEMPLATE: &str = "/api/v1/users/default/permissions";

with_servers!(own, effective_permissions_are_the_template_or_any_group, async |server| {
    let bob = server.db_user("bob").create().await;
    let template = bob.get(OWN).await.assert_status(200).json();
    assert_eq!(template["workspace"]["models"], false);
    assert_eq!(template["chat"]["delete"], true);

    server
        .db_group("a", &[&bob], json!({ "workspace": { "models": true }, "chat": { "delete": false } }))
        .await;
    server
        .db_group(
            "b",
            &[&bob],
            json!({ "features": { "api_keys": true, "teleport": true }, "more": { "x": false } }),
        )
        .await;
    // Null, an unusual shape, and a group of others add nothing.
    server.db_group("c", &[&bob], Value::Null).await;
    server.db_group("d", &[&bob], json!({ "chat": 7 })).await;
    server.db_group("e", &[], json!({ "workspace": { "tools": true } })).await;

    let shown = bob.get(OWN).await.assert_status(200).json();
    let mut wanted = template;
    wanted["workspace"]["models"] = json!(true);
    wanted["features"]["api_keys"] = json!(true);
    wanted["features"]["teleport"] = json!(true);
    wanted["more"] = json!({ "x": false });
    assert_eq!(shown, wanted, "true wins, and what only a group knows is kept");
});

with_servers!(own, admins_get_the_same_computation, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let of_bob = bob.get(OWN).await.assert_status(200).json();
    ada.get(OWN).await.assert(200, of_bob);
});

with_servers!(all, a_new_template_counts_from_the_next_request_on, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let sent =
        merged(empty_template(), json!({ "workspace": { "models": true, "fly": true }, "unknown": {} }));
    let stored = ada.post(TEMPLATE, sent).await.assert_status(200).json();
    // Known keys that were not sent have their defaults; unknown ones are gone.
    assert_eq!(stored["workspace"]["models"], true);
    assert_eq!(stored["workspace"]["tools"], false);
    assert_eq!(stored["chat"]["delete"], true);
    assert!(stored["workspace"].get("fly").is_none() && stored.get("unknown").is_none());
    ada.get(TEMPLATE).await.assert(200, stored);
    assert_eq!(bob.get(OWN).await.at("/workspace/models"), true);
});

with_servers!(own, a_template_of_the_wrong_shape_is_refused_with_every_place, async |server| {
    let ada = server.db_admin("ada").create().await;
    let before = ada.get(TEMPLATE).await.json();
    let wrong = json!({ "workspace": { "models": "maybe" }, "sharing": [], "chat": { "delete": null } });
    let reply = ada.post(TEMPLATE, wrong).await;
    reply.assert_error(422, "VALIDATION_ERROR");
    let text = reply.text();
    for place in [r#"["body","workspace","models"]"#, r#"["body","sharing"]"#, r#"["body","features"]"#] {
        assert!(text.contains(place), "{place} is not named\n{reply}");
    }
    ada.post(TEMPLATE, json!([])).await.assert_invalid(&["body"]);
    ada.get(TEMPLATE).await.assert(200, before);
});

with_servers!(all, the_rest_of_the_stored_configuration_stays_untouched, async |server| {
    let ada = server.db_admin("ada").create().await;
    server.db_set_config("ui.watermark", json!("kept")).await;
    server
        .db_set_config("user.permissions", json!({ "workspace": { "theirs": true }, "later": { "x": true } }))
        .await;
    let before = rest_of_config(&server);
    ada.post(TEMPLATE, empty_template()).await.assert_status(200);
    assert_eq!(rest_of_config(&server), before);
    // What other programs keep in the template is not shown, and lost only where Open WebUI itself would lose it.
    let template = server.db_read(|db| db.find_config("user.permissions")).await.unwrap().to_value();
    let theirs =
        if is_current(&server) { (Value::Null, Value::Null) } else { (json!(true), json!({ "x": true })) };
    assert_eq!((template["workspace"]["theirs"].clone(), template["later"].clone()), theirs);
    assert!(ada.get(TEMPLATE).await.at("/later").is_null());
});

/// The stored configuration without the template.
fn rest_of_config(server: &TestServer) -> Vec<Value> {
    let columns = match server.store().layout().config {
        ConfigLayout::KeyValue => {
            r#""key", value FROM config WHERE "key" <> 'user.permissions' ORDER BY "key""#
        }
        ConfigLayout::Document => "id, version, data FROM config ORDER BY id",
    };
    let rows = server.db().db_query_text(&format!("SELECT {columns}"));
    rows.into_iter()
        .map(|row| {
            let last = row.last().cloned().flatten().unwrap_or_default();
            let mut value: Value = serde_json::from_str(&last).unwrap_or_default();
            if let Some(user) = value.get_mut("user").and_then(Value::as_object_mut) {
                user.remove("permissions");
            }
            json!([row[0], value])
        })
        .collect()
}

with_servers!(current, n18_m19_defaults_fill_the_template_and_groups_above_count, async |server| {
    let bob = server.db_user("bob").create().await;
    let stored = json!({ "chat": { "delete": false }, "zoo": { "lion": true } });
    server.db_set_config("user.permissions", stored).await;
    let rights = |shown: &Value| {
        ["/chat/delete", "/chat/edit", "/zoo/lion", "/workspace/tools", "/settings/interface"]
            .map(|path| shown.pointer(path).cloned())
    };
    let shown = bob.get(OWN).await.assert_status(200).json();
    let [yes, no] = [Some(json!(true)), Some(json!(false))];
    assert_eq!(rights(&shown), [no.clone(), yes.clone(), yes.clone(), no, yes.clone()]);

    let above = json!({ "workspace": { "tools": true }, "chat": { "delete": true } });
    let top = server.db_group("top", &[], above).await;
    let team = server.db_group("team", &[&bob], json!({ "chat": { "edit": false } })).await;
    let below = server.db_group("below", &[], json!({ "workspace": { "models": true } })).await;
    for (group, parent) in [(&team, &top), (&below, &team), (&top, &below)] {
        // The last makes it a ring, in which all count.
        let sql = format!(r#"UPDATE "group" SET parent_group_id = '{parent}' WHERE id = '{group}'"#);
        let shown = {
            server.db().db_execute(&sql);
            bob.get(OWN).await.assert_status(200).json()
        };
        assert_eq!(rights(&shown), [yes.clone(), yes.clone(), yes.clone(), yes.clone(), yes.clone()]);
        assert_eq!(shown["workspace"]["models"], json!(group == &top));
    }
});

with_servers!(current, n19_a_template_has_the_known_rights_and_no_others, async |server| {
    let ada = server.db_admin("ada").create().await;
    let defaults = format!("{TEMPLATE}/defaults");
    server.db_set_config("user.permissions", json!({ "chat": { "delete": false }, "zoo": {} })).await;
    let builtin = ada.get(&defaults).await.assert_status(200).json();
    let shown = ada.get(TEMPLATE).await.assert_status(200).json();
    for tree in [&builtin, &shown] {
        let sections: Vec<_> = tree.as_object().unwrap().values().map(|it| it.as_object().unwrap()).collect();
        assert_eq!(sections.iter().map(|section| section.len()).sum::<usize>(), 67);
        assert!(sections.iter().all(|section| section.values().all(Value::is_boolean)));
    }
    assert_eq!((&builtin["chat"]["delete"], &shown["chat"]["delete"]), (&json!(true), &json!(false)));

    let sent =
        merged(empty_template(), json!({ "chat": { "import": "no", "edit": 0 }, "zoo": { "lion": true } }));
    let stored = ada.post(TEMPLATE, sent).await.assert_status(200).json();
    assert_eq!((&stored["chat"]["import"], &stored["chat"]["edit"]), (&json!(false), &json!(false)));
    let kept = server.db_read(|db| db.find_config("user.permissions")).await.unwrap().to_value();
    assert_eq!(kept, stored, "it is replaced as a whole");
    ada.get(&defaults).await.assert(200, builtin);

    // As a front end of 0.6 sends it.
    let four = json!({ "workspace": {}, "sharing": {}, "chat": {}, "features": { "notes": null } });
    let places = ["body/access_grants", "body/settings", "body/features/notes"];
    ada.post(TEMPLATE, four).await.assert_invalid(&places);
    ada.get(TEMPLATE).await.assert(200, stored);
});

with_servers!(older, n19_an_older_template_has_four_sections, async |server| {
    let ada = server.db_admin("ada").create().await;
    let four = json!({ "workspace": {}, "sharing": {}, "chat": {}, "features": {} });
    let stored = ada.post(TEMPLATE, four).await.assert_status(200).json();
    assert_eq!(stored.as_object().unwrap().len(), 4);
    let builtin = ada.get(&format!("{TEMPLATE}/defaults")).await.assert_status(200).json();
    assert_eq!(builtin.as_object().unwrap().len(), 4);
});

with_servers!(all, s4_a_template_that_was_changed_meanwhile_stays, async |server| {
    let ada = server.db_admin("ada").create().await;
    let seen = ada.get(TEMPLATE).await;
    let tag = seen.header("etag").unwrap().to_owned();
    let mut mine = seen.json();
    let may = mine["chat"]["delete"] == true;
    mine["chat"]["delete"] = json!(!may);
    let post = async |tag: &str, body: &Value| {
        ada.request(Method::POST, TEMPLATE).header("if-match", tag).json(body).send().await
    };
    let stored = post(&tag, &mine).await;
    let now = stored.assert_status(200).header("etag").unwrap().to_owned();
    assert_ne!(now, tag);
    assert_eq!(ada.get(TEMPLATE).await.header("etag"), Some(now.as_str()));
    let mut theirs = mine.clone();
    theirs["chat"]["edit"] = json!(false);
    post(&tag, &theirs).await.assert_error(412, "PRECONDITION_FAILED");
    ada.get(TEMPLATE).await.assert(200, mine.clone());
    assert_eq!(post(&now, &mine).await.assert_status(200).header("etag"), Some(now.as_str()));
    post("*", &theirs).await.assert_status(200);
});

with_servers!(all, m32_each_right_is_told_with_what_gives_it, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let template = json!({ "chat": { "delete": false, "edit": true }, "zoo": { "lion": true } });
    server.db_set_config("user.permissions", template).await;
    let gives = json!({ "chat": { "delete": true }, "features": { "api_keys": true } });
    let tools = server.db_group("Tools", &[&bob], gives).await;
    let sales = server.db_group("Sales", &[&bob], json!({ "chat": { "delete": true, "call": false } })).await;
    let above = server.db_group("Above", &[], json!({ "workspace": { "tools": true } })).await;
    server.db_group("Others", &[&ada], json!({ "workspace": { "models": true } })).await;
    let has_parents = server.store().layout().group_parents;
    if has_parents {
        let sql = format!(r#"UPDATE "group" SET parent_group_id = '{above}' WHERE id = '{tools}'"#);
        server.db().db_execute(&sql);
    }
    let path = path_of(&bob, "/permissions");
    let effective = ada.get(&path).await.assert_status(200).json();
    bob.get(OWN).await.assert(200, effective.clone());
    let explained = ada.get(&format!("{path}?explain=true")).await.assert_status(200).json();
    assert_eq!(explained["user"], json!({ "id": bob.id(), "name": "bob", "role": "user" }));
    let group = |id: &Value, name: &str, membership: &str, parent: Value, through: Value| json!({ "id": id, "name": name, "membership": membership, "parent_group_id": parent, "through": through });
    let (tools, sales, above) = (json!(tools), json!(sales), json!(above));
    let parent = if has_parents { above.clone() } else { Value::Null };
    let mut groups = vec![
        group(&sales, "Sales", "direct", Value::Null, json!([])),
        group(&tools, "Tools", "direct", parent, json!([])),
    ];
    if has_parents {
        groups.push(group(&above, "Above", "inherited", Value::Null, json!([tools])));
    }
    assert_eq!(explained["groups"], json!(groups));

    let rights = explained["rights"].as_array().unwrap();
    let right = |name: &str| rights.iter().find(|right| right["right"] == name).unwrap();
    for right in rights {
        let name = right["right"].as_str().unwrap();
        let pointer = format!("/{}", name.replace('.', "/"));
        assert_eq!(effective.pointer(&pointer), Some(&right["holds"]), "{name}");
        assert_eq!(
            (&right["by_role"], &right["known"]),
            (&json!(false), &json!(name != "zoo.lion")),
            "{name}"
        );
    }
    let says = |gives: bool, stored: bool| json!({ "gives": gives, "stored": stored });
    let delete = right("chat.delete");
    assert_eq!((&delete["template"], &delete["groups"]), (&says(false, true), &json!([sales, tools])));
    let edit = right("chat.edit");
    assert_eq!((&edit["template"], &edit["groups"]), (&says(true, true), &json!([])));
    assert_eq!(right("features.api_keys")["groups"], json!([tools]));
    let inherited = if has_parents { json!([above]) } else { json!([]) };
    let workspace = right("workspace.tools");
    assert_eq!((&workspace["template"], &workspace["groups"]), (&says(false, false), &inherited));
    // What a default gives, a group takes away on 0.6 alone.
    let call = right("chat.call");
    let withheld = if is_current(&server) { json!([]) } else { json!([sales]) };
    assert_eq!((&call["template"], &call["withheld_by"]), (&says(true, false), &withheld));
    assert_eq!(right("zoo.lion")["template"], says(true, true));
});

with_servers!(all, m32_an_admin_holds_some_rights_by_its_role, async |server| {
    let ada = server.db_admin("ada").create().await;
    let off = json!({ "features": { "direct_tool_servers": false }, "workspace": { "models": false } });
    server.db_set_config("user.permissions", off).await;
    let explained = ada.get(&path_of(&ada, "/permissions?explain=1")).await.assert_status(200).json();
    let rights = explained["rights"].as_array().unwrap();
    let told = |name: &str| {
        let right = rights.iter().find(|right| right["right"] == name).unwrap();
        (right["holds"] == true, right["by_role"] == true)
    };
    assert_eq!(told("features.direct_tool_servers"), (true, true));
    assert_eq!(told("workspace.models"), (false, false));
});

with_servers!(own, m32_an_unknown_account_and_a_wrong_switch_are_refused, async |server| {
    let ada = server.db_admin("ada").create().await;
    let path = format!("/api/v1/users/{NOBODY}/permissions");
    ada.get(&path).await.assert_error(404, "NOT_FOUND");
    ada.get(&format!("{path}?explain=true")).await.assert_error(404, "NOT_FOUND");
    ada.get(&format!("{path}?explain=perhaps")).await.assert_invalid(&["query/explain"]);
});
