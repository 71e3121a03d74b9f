//! Groups above groups, on the databases of the newest front end: rules M1 to M9 and M19.

use rosterd_app::Record;
use rosterd_domain::group::share::NewShare;
use rosterd_domain::stored_config::Key;
use rosterd_testkit::{Caller, Method, Reply, ServerBuilder, TestServer, with_servers};
use serde_json::{Value, json};

use super::{CREATE, GROUPS, names_in, path_of};
use crate::support::{NOBODY, rows};

/// Makes a group below another; gives its id.
pub(crate) async fn make(admin: &Caller, name: &str, parent: Option<&str>, more: Value) -> String {
    let mut form = json!({ "name": name, "description": "", "parent_group_id": parent });
    if let (Value::Object(form), Value::Object(more)) = (&mut form, more) {
        form.extend(more);
    }
    admin.post(CREATE, form).await.assert_status(200).at("/id").as_str().unwrap().to_owned()
}

/// The path of a call of a group.
pub(crate) fn at(id: &str, call: &str) -> String {
    format!("/api/v1/groups/id/{id}{call}")
}

/// Puts a group below another, or at the top.
pub(crate) async fn put(admin: &Caller, id: &str, parent: Value) -> Reply {
    let form = json!({ "name": "moved", "description": "", "parent_group_id": parent });
    admin.post(&at(id, "/update"), form).await
}

async fn parent_of(admin: &Caller, id: &str) -> Value {
    admin.get(&at(id, "")).await.assert_status(200).at("/parent_group_id")
}

async fn join(admin: &Caller, id: &str, members: &[&Caller]) {
    let ids: Vec<_> = members.iter().map(|member| member.id()).collect();
    admin.post(&at(id, "/users/add"), json!({ "user_ids": ids })).await.assert_status(200);
}

with_servers!(current, m1_a_parent_exists_and_is_not_below_the_group, async |server| {
    let ada = server.db_admin("ada").create().await;
    let root = make(&ada, "Root", None, json!({})).await;
    let middle = make(&ada, "Middle", Some(&root), json!({})).await;
    let leaf = make(&ada, "Leaf", Some(&middle), json!({})).await;
    assert_eq!(parent_of(&ada, &leaf).await, json!(middle));

    let before = ada.get(&at(&root, "")).await.json();
    server.clock().advance(60);
    for parent in [&root, &middle, &leaf] {
        put(&ada, &root, json!(parent)).await.assert_error(400, "GROUP_CYCLE");
    }
    put(&ada, &root, json!("")).await.assert_error(400, "GROUP_CYCLE");
    for nobody in [NOBODY, &"x".repeat(300)] {
        put(&ada, &root, json!(nobody)).await.assert_error(404, "GROUP_NOT_FOUND");
    }
    ada.get(&at(&root, "")).await.assert(200, before);

    // At the top, and elsewhere in the tree.
    put(&ada, &middle, Value::Null).await.assert_status(200);
    assert_eq!(parent_of(&ada, &middle).await, Value::Null);
    put(&ada, &root, json!(leaf)).await.assert_status(200);
    put(&ada, &middle, json!(root)).await.assert_error(400, "GROUP_CYCLE");
    // Absent: it stays.
    ada.post(&at(&leaf, "/update"), json!({ "name": "Leaf", "description": "" })).await.assert_status(200);
    assert_eq!(parent_of(&ada, &leaf).await, json!(middle));

    let form = |parent: Value| json!({ "name": "x", "description": "", "parent_group_id": parent });
    ada.post(CREATE, form(json!(""))).await.assert_error(400, "GROUP_CYCLE");
    ada.post(CREATE, form(json!(NOBODY))).await.assert_error(404, "GROUP_NOT_FOUND");
    ada.post(CREATE, form(json!(7))).await.assert_invalid(&["body/parent_group_id"]);
    put(&ada, &root, json!([])).await.assert_invalid(&["body/parent_group_id"]);
    assert_eq!(rows(&server, "\"group\" WHERE name = 'x'"), 0);
});

fn closed(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| settings.new_group_share = NewShare::Nobody)
}

with_servers!(current, m2_a_new_group_says_who_may_share_with_it, closed, async |server| {
    let ada = server.db_admin("ada").create().await;
    let data = async |data: Value| {
        let form = json!({ "name": "x", "description": "", "data": data });
        ada.post(CREATE, form).await.assert_status(200).at("/data")
    };
    assert_eq!(data(Value::Null).await, json!({ "config": { "share": false } }));
    let sent = json!({ "note": 1, "config": { "other": 2 } });
    assert_eq!(data(sent).await, json!({ "note": 1, "config": { "other": 2, "share": false } }));
    for share in [Value::Null, json!(true), json!("members")] {
        let sent = json!({ "config": { "share": share } });
        assert_eq!(data(sent.clone()).await, sent);
    }
});

with_servers!(current, m3_m4_data_is_merged_and_its_config_is_checked, async |server| {
    let ada = server.db_admin("ada").create().await;
    let id = make(&ada, "x", None, json!({ "data": { "note": 1, "config": { "other": 2 } } })).await;
    let send = async |data: Value| {
        ada.post(&at(&id, "/update"), json!({ "name": "x", "description": "", "data": data })).await
    };
    let merged = send(json!({ "more": { "a": null }, "config": { "share": true, "other": null } })).await;
    let mut wanted = json!({ "note": 1, "more": { "a": null }, "config": { "share": true, "other": null } });
    assert_eq!(merged.assert_status(200).at("/data"), wanted);
    let updated_at = merged.at("/updated_at");
    server.clock().advance(60);
    assert_eq!(send(json!({ "note": 1 })).await.at("/updated_at"), updated_at, "the same again");
    send(json!({ "config": { "default_models": [" b ", "a", "b"] } })).await.assert_status(200);
    wanted["config"]["default_models"] = json!(["b", "a"]);
    assert_eq!(ada.get(&at(&id, "")).await.at("/data"), wanted);
    for config in [
        Value::Null,
        json!([]),
        json!({ "default_models": "a" }),
        json!({ "default_models": ["a", ""] }),
        json!({ "default_models": [7] }),
    ] {
        let data = json!({ "config": config });
        send(data.clone()).await.assert_invalid(&["body/data"]);
        let form = json!({ "name": 1, "description": "", "data": data });
        ada.post(CREATE, form).await.assert_invalid(&["body/data", "body/name"]);
    }
    assert_eq!(ada.get(&at(&id, "")).await.at("/data"), wanted);
    // A database of older groups holds anything.
    server
        .db()
        .db_execute(&format!("UPDATE \"group\" SET data = '{{\"a\":1,\"config\":7}}' WHERE id = '{id}'"));
    assert_eq!(send(json!({ "b": 2 })).await.at("/data"), json!({ "a": 1, "b": 2, "config": {} }));
});

with_servers!(current, m5_m6_lists_follow_the_tree_and_who_may_share, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let eve = server.db_user("eve").create().await;
    server.db().db_execute("DELETE FROM group_member");
    server.db().db_execute("DELETE FROM \"group\"");
    let share = |share: Value| json!({ "data": { "config": { "share": share } } });
    let make = async |name: &str, parent: Option<&str>, shared: Value| {
        server.clock().advance(1);
        make(&ada, name, parent, share(shared)).await
    };
    let open = make("Open", None, Value::Null).await;
    let members = make("Members", Some(&open), json!("members")).await;
    let closed = make("Closed", Some(&members), json!(false)).await;
    make("Text", None, json!("True")).await;
    make("Elsewhere", None, json!(false)).await;
    make("Beside", Some(&open), json!("members")).await;
    server.clock().advance(1);
    join(&ada, &closed, &[&bob]).await;

    let list = async |caller: &Caller, query: &str| names_in(&caller.get(&format!("{GROUPS}{query}")).await);
    assert_eq!(list(&bob, "").await, ["Closed", "Members", "Open"]);
    assert_eq!(list(&bob, "?share=true").await, ["Text", "Members", "Open"]);
    assert_eq!(list(&bob, "?share=Off").await, ["Closed"]);
    assert_eq!(list(&eve, "").await, [""; 0]);
    assert_eq!(list(&eve, "?share=1").await, ["Text", "Open"]);
    assert_eq!(list(&eve, "?share=no").await, [""; 0]);
    for query in ["", "?share=true", "?share=false"] {
        assert_eq!(list(&ada, query).await.len(), 6, "{query}");
    }
    for caller in [&bob, &ada] {
        caller.get(&format!("{GROUPS}?share=members")).await.assert_invalid(&["query/share"]);
    }
    // What nobody writes, and a number that SQLite makes of a switch.
    server.db().db_execute(&format!(
        "UPDATE \"group\" SET data = '{{\"config\":{{\"share\":1}}}}' WHERE id = '{closed}'"
    ));
    assert_eq!(list(&eve, "?share=true").await, ["Closed", "Text", "Open"]);
});

with_servers!(current, m7_members_come_directly_and_from_below, async |server| {
    let ada = server.db_admin("ada").create().await;
    let (bob, eve) = (server.db_user("Bob").create().await, server.db_user("eve").create().await);
    let (dan, zoe) = (server.db_user("Dan 100%").create().await, server.db_user("Zoë").create().await);
    let root = make(&ada, "Root", None, json!({})).await;
    let middle = make(&ada, "Middle", Some(&root), json!({})).await;
    let leaf = make(&ada, "Leaf", Some(&middle), json!({})).await;
    join(&ada, &root, &[&bob, &eve]).await;
    join(&ada, &middle, &[&eve, &dan]).await;
    join(&ada, &leaf, &[&eve, &zoe]).await;

    let ask = async |query: &str| ada.get(&at(&root, &format!("/members{query}"))).await;
    let all = ask("").await;
    let mut both = [json!(middle), json!(leaf)];
    both.sort_by_key(ToString::to_string);
    let member = |one: &Caller, kind: &str, via: &[Value]| {
        json!({
            "id": one.id(), "name": one.email().split('@').next(), "email": one.email(), "role": "user",
            "status_emoji": null, "status_message": null, "status_expires_at": null, "bio": null,
            "timezone": null, "last_active_at": null, "groups": [], "is_active": false,
            "membership_type": kind, "via_group_ids": via,
        })
    };
    let mut wanted = json!({
        "items": [
            member(&bob, "direct", &[]),
            member(&dan, "inherited", &[json!(middle)]),
            member(&zoe, "inherited", &[json!(leaf)]),
            member(&eve, "direct", &both),
        ],
        "total": 4,
        "counts": { "direct": 2, "effective": 4, "inherited": 2 },
    });
    for (item, name) in ["Bob", "Dan 100%", "Zoë", "eve"].into_iter().enumerate() {
        wanted["items"][item]["name"] = json!(name);
    }
    all.assert(200, wanted);
    let names = async |query: &str| {
        let page = ask(query).await.assert_status(200).json();
        let names = page["items"].as_array().into_iter().flatten().map(|item| item["name"].clone());
        (names.collect::<Vec<_>>(), page["total"].clone())
    };
    assert_eq!(names("?membership=direct").await, (vec![json!("Bob"), json!("eve")], json!(2)));
    assert_eq!(names("?membership=inherited").await, (vec![json!("Dan 100%"), json!("Zoë")], json!(2)));
    assert_eq!(names("?query=ZO").await, (vec![json!("Zoë")], json!(1)));
    assert_eq!(names("?query=%25&membership=effective").await, (vec![json!("Dan 100%")], json!(1)));
    assert_eq!(names("?page=2").await, (vec![], json!(4)));
    assert_eq!(names("?page=9223372036854775807").await, (vec![], json!(4)));
    ask("?page=0&membership=all").await.assert_invalid(&["query/membership", "query/page"]);
    // Somebody in a group twice removed from the ring still counts once.
    server.db().db_execute(&format!("UPDATE \"group\" SET parent_group_id = '{leaf}' WHERE id = '{root}'"));
    assert_eq!(ask("").await.at("/counts"), json!({ "direct": 2, "effective": 4, "inherited": 2 }));
    assert_eq!(ada.get(&at(&leaf, "/members")).await.at("/counts/inherited"), json!(2));
});

with_servers!(current, m7_thirty_members_a_page_none_twice, async |server| {
    let ada = server.db_admin("ada").create().await;
    let root = make(&ada, "Root", None, json!({})).await;
    let below = make(&ada, "Below", Some(&root), json!({})).await;
    let mut users = Vec::new();
    for number in 0..65 {
        users.push(server.db_user("same name").email(&format!("m{number}@rosterd.test")).create().await);
    }
    join(&ada, &below, &users.iter().collect::<Vec<_>>()).await;
    let mut seen = Vec::new();
    for page in 1..=3 {
        let reply = ada.get(&at(&root, &format!("/members?page={page}"))).await.json();
        seen.extend(reply["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
    }
    let mut wanted: Vec<_> = users.iter().map(|user| json!(user.id())).collect();
    wanted.sort_by_key(ToString::to_string);
    assert_eq!(seen, wanted);
});

with_servers!(newest, m8_a_preview_shows_what_a_group_gives, async |server| {
    let ada = server.db_admin("ada").create().await;
    let rights = |section: &str, key: &str| json!({ "permissions": { section: { key: true } } });
    let root = make(&ada, "Root", None, rights("workspace", "tools")).await;
    let middle = make(
        &ada,
        "Middle",
        Some(&root),
        json!({ "data": { "config": { "default_models": ["m-1", "m-2"] } } }),
    )
    .await;
    let leaf = make(&ada, "Leaf", Some(&middle), rights("zoo", "walk")).await;
    let child = make(&ada, "Child", Some(&leaf), rights("zoo", "fly")).await;
    for (id, active) in [("p-all", true), ("p-root", true), ("p-child", true), ("p-off", false)] {
        server.db().db_execute(&format!(
            "INSERT INTO model (id, user_id, name, meta, params, created_at, updated_at, is_active) \
             VALUES ('{id}', '{}', 'Model {id}', '{{}}', '{{}}', 1, 1, {active})",
            ada.id()
        ));
    }
    for (number, (model, kind, to)) in [
        ("p-all", "user", "*"),
        ("p-root", "group", &root),
        ("p-child", "group", &child),
        ("p-off", "group", &leaf),
    ]
    .into_iter()
    .enumerate()
    {
        server.db().db_execute(&format!(
            "INSERT INTO access_grant (id, resource_type, resource_id, principal_type, principal_id, permission, created_at) \
             VALUES ('p-{number}', 'model', '{model}', '{kind}', '{to}', 'read', 1)"
        ));
    }
    let preview = ada.get(&at(&leaf, "/preview")).await;
    assert_eq!(preview.assert_status(200).at("/group"), json!({ "id": leaf, "name": "Leaf" }));
    let ids = |of: &Reply| {
        let items = of.at("/models/items");
        items.as_array().into_iter().flatten().map(|item| item["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&preview), ["p-all", "p-root"]);
    assert_eq!(preview.at("/models/total"), json!(3), "all that are switched on");
    assert_eq!(preview.at("/permissions"), json!({ "zoo": { "walk": true } }));
    let of = |place: &str| {
        ["/workspace/tools", "/zoo/walk", "/zoo/fly", "/chat/delete"]
            .map(|right| preview.at(&format!("/{place}{right}")))
    };
    assert_eq!(of("inherited_permissions"), [json!(true), Value::Null, Value::Null, json!(true)]);
    assert_eq!(of("effective_permissions"), [json!(true), json!(true), Value::Null, json!(true)]);
    let models = json!({ "local": null, "effective": ["m-1", "m-2"], "source_group_id": middle });
    assert_eq!(preview.at("/default_models"), models);
    server.db_set_config("ui.default_models", json!("h-1,h-2")).await;
    let house = json!({ "local": null, "effective": ["h-1", "h-2"], "source_group_id": null });
    assert_eq!(ada.get(&at(&root, "/preview")).await.at("/default_models"), house);
});

with_servers!(
    own,
    m8_where_no_group_has_a_list_the_configured_models_count,
    |server| server.settings(|settings| settings.defaults.set(Key::DefaultModels, "c-1, c-2").unwrap()),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        let id = make(&ada, "Root", None, json!({})).await;
        let models = json!({ "local": null, "effective": ["c-1", "c-2"], "source_group_id": null });
        assert_eq!(ada.get(&at(&id, "/preview")).await.at("/default_models"), models);
    }
);

with_servers!(own, m8_where_there_is_nothing_to_reach_a_preview_is_empty, async |server| {
    let ada = server.db_admin("ada").create().await;
    let id = make(&ada, "Root", None, json!({})).await;
    let preview = ada.get(&at(&id, "/preview")).await;
    for kind in ["models", "knowledge", "tools"] {
        let nothing = json!({ "items": [], "total": 0 });
        assert_eq!(preview.assert_status(200).at(&format!("/{kind}")), nothing);
    }
    assert_eq!(preview.at("/permissions"), json!({}));
    let models = json!({ "local": null, "effective": [], "source_group_id": null });
    assert_eq!(preview.at("/default_models"), models);
});

with_servers!(current, m9_children_move_up_and_grants_go_with_a_group, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let root = make(&ada, "Root", None, json!({})).await;
    let middle = make(&ada, "Middle", Some(&root), json!({})).await;
    let leaf = make(&ada, "Leaf", Some(&middle), json!({})).await;
    join(&ada, &middle, &[&bob]).await;
    let granted = server.store().layout().newer.access_grant;
    if granted {
        for (number, to) in [&middle, &leaf].into_iter().enumerate() {
            server.db().db_execute(&format!(
                "INSERT INTO access_grant (id, resource_type, resource_id, principal_type, principal_id, permission, created_at) \
                 VALUES ('p-{number}', 'model', 'm', 'group', '{to}', 'read', 1)"
            ));
        }
    }
    server.clock().advance(60);
    server.forget_events();
    ada.delete(&at(&middle, "/delete")).await.assert(200, json!(true));
    let told: Vec<_> = server.take_events().iter().map(Record::to_json).collect();
    let names: Vec<_> = told.iter().map(|event| event["event"].clone()).collect();
    assert_eq!(names, ["group.deleted", "group.updated"]);
    assert_eq!(told[1]["subject"]["id"], json!(leaf));
    assert_eq!(told[1]["changes"], json!({ "parent_group_id": { "before": middle, "after": root } }));
    let moved = ada.get(&at(&leaf, "/info")).await;
    assert_eq!((moved.at("/parent_group_id"), moved.at("/updated_at")), (json!(root), json!(server.now())));
    assert_eq!(rows(&server, &format!("group_member WHERE group_id = '{middle}'")), 0);
    if granted {
        let left = |id: &str| rows(&server, &format!("access_grant WHERE principal_id = '{id}'"));
        assert_eq!((left(&middle), left(&leaf)), (0, 1));
    }
    ada.delete(&at(&root, "/delete")).await.assert(200, json!(true));
    assert_eq!(parent_of(&ada, &leaf).await, Value::Null);
    // A ring that another program has made.
    let other = make(&ada, "Other", Some(&leaf), json!({})).await;
    server.db().db_execute(&format!("UPDATE \"group\" SET parent_group_id = '{other}' WHERE id = '{leaf}'"));
    ada.delete(&at(&leaf, "/delete")).await.assert(200, json!(true));
    assert_eq!(parent_of(&ada, &other).await, Value::Null);
});

with_servers!(current, m19_rights_come_from_above_and_never_from_below, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let eve = server.db_user("eve").create().await;
    let rights = |key: &str| json!({ "permissions": { "zoo": { key: true } } });
    let root = make(&ada, "Root", None, rights("walk")).await;
    let leaf = make(&ada, "Leaf", Some(&root), rights("fly")).await;
    join(&ada, &leaf, &[&bob]).await;
    join(&ada, &root, &[&eve]).await;
    let zoo = async |caller: &Caller| caller.get("/api/v1/users/permissions").await.at("/zoo");
    assert_eq!(zoo(&bob).await, json!({ "fly": true, "walk": true }));
    assert_eq!(zoo(&eve).await, json!({ "walk": true }));
    put(&ada, &leaf, Value::Null).await.assert_status(200);
    assert_eq!(zoo(&bob).await, json!({ "fly": true }));
});

with_servers!(current, every_user_sees_a_little_of_any_group, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let id = make(&ada, "Root", None, json!({ "permissions": { "zoo": { "fly": true } } })).await;
    let now = server.now();
    bob.get(&at(&id, "/info")).await.assert(
        200,
        json!({
            "parent_group_id": null, "id": id, "user_id": ada.id(), "name": "Root", "description": "",
            "member_count": 0, "created_at": now, "updated_at": now,
        }),
    );
    for call in ["/info", "/members", "/preview"] {
        for id in [NOBODY, "a%00b", &"x".repeat(5000)] {
            ada.get(&at(id, call)).await.assert_error(404, "GROUP_NOT_FOUND");
        }
    }
});

with_servers!(older, an_older_database_knows_no_tree, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let form = json!({ "name": "x", "description": "", "parent_group_id": 7, "data": { "config": null } });
    let made = ada.post(CREATE, form.clone()).await;
    assert_eq!(made.assert_status(200).at("/data"), json!({ "config": null }));
    assert!(made.json().get("parent_group_id").is_none());
    let path = path_of(&made);
    ada.post(&format!("{path}/update"), form).await.assert_status(200);
    for call in ["/info", "/members", "/preview"] {
        ada.request(Method::GET, &format!("{path}{call}")).send().await.assert_error(404, "NOT_FOUND");
    }
    ada.get(&format!("{GROUPS}?share=perhaps")).await.assert_status(200);
    bob.get(&format!("{GROUPS}?share=true")).await.assert(200, json!([]));
});

/// Whether every group leads to the top.
pub(crate) fn has_no_ring(server: &TestServer) -> bool {
    let rows = server.db().db_query_text("SELECT id, parent_group_id FROM \"group\"");
    let parents: std::collections::BTreeMap<_, _> =
        rows.iter().filter_map(|row| Some((row[0].clone()?, row[1].clone()))).collect();
    parents.keys().all(|id| {
        let (mut at, mut steps) = (Some(id.clone()), 0);
        while let Some(id) = at {
            steps += 1;
            at = parents.get(&id).cloned().flatten();
            if steps > parents.len() {
                return false;
            }
        }
        true
    })
}
