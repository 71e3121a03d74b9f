//! One thing done to many accounts (rule R7).

use std::borrow::Borrow;
use std::collections::BTreeMap;

use rosterd_app::Record;
use rosterd_domain::role::Role;
use rosterd_testkit::{Caller, Reply, TestServer, with_servers};
use serde_json::{Value, json};

use crate::support::{LIST, NOBODY, SETTINGS, assert_gone, column, db_roster, path_of, rows};

const BULK: &str = "/api/v1/users/bulk";

async fn bulk(by: &Caller, body: impl Borrow<Value>) -> Reply {
    by.post(BULK, body.borrow()).await
}

/// Two admins, of whom the first is the primary one, and some users.
struct Scene {
    first: Caller,
    ben: Caller,
    users: Vec<Caller>,
}

impl Scene {
    async fn make(server: &TestServer, users: usize) -> Self {
        let first = server.db_admin("first").created_at(1).create().await;
        let ben = server.db_admin("ben").create().await;
        let mut made = Vec::new();
        for number in 0..users {
            made.push(server.db_user(&format!("user{number}")).create().await);
        }
        server.forget_events();
        Self { first, ben, users: made }
    }

    fn ids(&self) -> Vec<&str> {
        self.users.iter().map(|user| user.id().as_str()).collect()
    }
}

/// What came of each account: `ok`, or the status and the code.
fn results(reply: &Reply) -> Vec<(String, String)> {
    let results = reply.assert_status(200).at("/results");
    let told = |result: &Value| match result["ok"].as_bool() {
        Some(true) => "ok".to_owned(),
        _ => format!("{} {}", result["status"], result["error"]["code"].as_str().unwrap()),
    };
    let results = results.as_array().unwrap().iter();
    results.map(|result| (result["id"].as_str().unwrap().to_owned(), told(result))).collect()
}

fn outcomes(reply: &Reply) -> Vec<String> {
    results(reply).into_iter().map(|(_, outcome)| outcome).collect()
}

/// The events, and how often each was told of whom.
fn told(server: &TestServer) -> BTreeMap<String, Vec<String>> {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in server.take_events() {
        let json = Record::to_json(&record);
        let whom = json["users"].as_array().map_or_else(
            || json["subject"]["id"].as_str().unwrap().to_owned(),
            |users| users.iter().map(|user| user.as_str().unwrap()).collect::<Vec<_>>().join(","),
        );
        told.entry(record.event.name().to_owned()).or_default().push(whom);
    }
    for whom in told.values_mut() {
        whom.sort();
    }
    told
}

fn sorted(ids: &[&str]) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    ids.sort();
    ids
}

with_servers!(all, r7_p1_each_gets_the_role_or_the_error_of_the_single_call, async |server| {
    let scene = Scene::make(&server, 3).await;
    let (a, b) = (scene.users[0].id().as_str(), scene.users[1].id().as_str());
    let ids = [b, scene.first.id().as_str(), NOBODY, a, b, "no id"];
    let body = json!({ "action": "set_role", "role": "pending", "ids": ids });
    let reply = bulk(&scene.ben, &body).await;
    let (prohibited, unknown) = ("403 ACTION_PROHIBITED", "400 USER_NOT_FOUND");
    let wanted = [(b, "ok"), (ids[1], prohibited), (NOBODY, unknown), (a, "ok"), ("no id", unknown)];
    assert_eq!(results(&reply), wanted.map(|(id, outcome)| (id.to_owned(), outcome.to_owned())));
    let counted = json!({ "matched": 5, "more": false, "done": 2, "refused": 3 });
    for (name, value) in counted.as_object().unwrap() {
        assert_eq!(reply.at(&format!("/{name}")), *value, "{name}");
    }
    // In the words of the single call.
    let single = json!({ "role": "pending", "name": "x", "email": "x@rosterd.test", "profile_image_url": "/user.png" });
    let single = scene.ben.post(&path_of(&scene.first, "/update"), single).await;
    assert_eq!(reply.at("/results/1/error"), single.assert_status(403).json());
    assert_eq!(server.db_get_user(scene.users[0].id()).await.role, Role::Pending);
    assert_eq!(server.db_get_user(scene.first.id()).await.role, Role::Admin);
    assert_eq!(server.db_get_user(scene.users[2].id()).await.role, Role::User, "who was not named");
    let told = told(&server);
    assert_eq!(told["user.role_changed"], sorted(&[a, b]));
    // The same again is as asked, and nothing to tell of (rule R5).
    assert_eq!(outcomes(&bulk(&scene.ben, &body).await)[0], "ok");
    assert_eq!(self::told(&server), BTreeMap::new());
});

with_servers!(all, r7_p3_p4_many_are_deleted_with_all_that_hangs_on_them, async |server| {
    let scene = Scene::make(&server, 4).await;
    let group = server.db_group("team", &[&scene.users[0], &scene.users[3]], Value::Null).await;
    server.db_api_key(&scene.users[0], "sk-one").await;
    server.forget_events();
    let mut ids = scene.ids();
    ids.truncate(3);
    ids.extend([scene.ben.id().as_str(), scene.first.id().as_str()]);
    let reply = bulk(&scene.ben, json!({ "action": "delete", "ids": ids })).await;
    assert_eq!(outcomes(&reply), ["ok", "ok", "ok", "403 ACTION_PROHIBITED", "403 ACTION_PROHIBITED"]);
    assert_eq!(reply.at("/results/3/error/detail"), "You cannot delete your own account.");
    for gone in &scene.users[..3] {
        assert_gone(server.db(), gone.id().as_str());
        gone.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    }
    assert_eq!(rows(&server, &format!("group_member WHERE group_id = '{group}'")), 1);
    assert_eq!(told(&server)["user.deleted"], sorted(&ids[..3]));
    let again = bulk(&scene.ben, json!({ "action": "delete", "ids": &ids[..1] })).await;
    assert_eq!(outcomes(&again), ["400 USER_NOT_FOUND"], "rule P2");
});

with_servers!(all, r7_many_join_and_leave_a_group, async |server| {
    let scene = Scene::make(&server, 3).await;
    let group = server.db_group("team", &[&scene.users[0]], Value::Null).await;
    server.forget_events();
    let mut ids = scene.ids();
    ids.push(NOBODY);
    let body = |action: &str, group: &str| json!({ "action": action, "group_id": group, "ids": ids });
    let reply = bulk(&scene.ben, body("add_to_group", group.as_str())).await;
    assert_eq!(outcomes(&reply), ["ok", "ok", "ok", "400 USER_NOT_FOUND"]);
    assert_eq!(rows(&server, &format!("group_member WHERE group_id = '{group}'")), 3);
    assert_eq!(told(&server), BTreeMap::from([("group.member_added".to_owned(), sorted(&ids[1..3]))]));
    let reply = bulk(&scene.ben, body("remove_from_group", group.as_str())).await;
    assert_eq!(outcomes(&reply), ["ok", "ok", "ok", "400 USER_NOT_FOUND"]);
    assert_eq!(rows(&server, &format!("group_member WHERE group_id = '{group}'")), 0);
    assert_eq!(told(&server)["group.member_removed"], sorted(&ids[..3]));
    for action in ["add_to_group", "remove_from_group"] {
        bulk(&scene.ben, body(action, "nowhere")).await.assert_error(404, "GROUP_NOT_FOUND");
    }
    let nobody = json!({ "action": "add_to_group", "group_id": "nowhere", "ids": [] });
    bulk(&scene.ben, nobody).await.assert_error(404, "GROUP_NOT_FOUND");
});

with_servers!(all, r7_n12_a5_the_sessions_of_many_end_and_the_own_ones_last, async |server| {
    let scene = Scene::make(&server, 2).await;
    let mut ids = vec![scene.ben.id().as_str(), scene.first.id().as_str(), NOBODY];
    ids.extend(scene.ids());
    let body = json!({ "action": "revoke", "ids": ids });
    let layout = server.store().layout();
    if !layout.session_stamp && !layout.sessions {
        bulk(&scene.ben, body).await.assert_error(404, "NOT_FOUND");
        return;
    }
    let reply = bulk(&scene.ben, body).await;
    assert_eq!(outcomes(&reply), ["ok", "403 ACTION_PROHIBITED", "404 NOT_FOUND", "ok", "ok"]);
    for over in scene.users.iter().chain([&scene.ben]) {
        over.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    }
    scene.first.get(SETTINGS).await.assert_status(200);
});

with_servers!(all, r7_an_admin_who_gives_up_the_right_does_so_last, async |server| {
    let scene = Scene::make(&server, 2).await;
    let mut ids = vec![scene.ben.id().as_str()];
    ids.extend(scene.ids());
    let body = json!({ "action": "set_role", "role": "pending", "ids": ids });
    assert_eq!(outcomes(&bulk(&scene.ben, body.clone()).await), ["ok"; 3]);
    bulk(&scene.ben, body).await.assert_status(401);
});

with_servers!(own, r7_l5_a_query_chooses_whom_the_list_shows, async |server| {
    let scene = Scene::make(&server, 0).await;
    let listed = |number| (format!("crowd {number}"), format!("crowd{number}@rosterd.test"), 1_700_000_000);
    db_roster(&server, 1_250, listed).await;
    let group = server.db_group("crowd", &[], Value::Null).await;
    let query = |more: Value| {
        let mut query = json!({ "query": "CROWD", "role": "user" });
        query.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "action": "add_to_group", "group_id": group, "query": query })
    };
    let reply = bulk(&scene.ben, query(json!({}))).await;
    assert_eq!(results(&reply).len(), 1_000);
    assert_eq!(
        (reply.at("/matched"), reply.at("/more"), reply.at("/done")),
        (json!(1_250), json!(true), json!(1_000))
    );
    assert_eq!(rows(&server, &format!("group_member WHERE group_id = '{group}'")), 1_000);
    let rest = bulk(&scene.ben, query(json!({ "cursor": reply.at("/next_cursor") }))).await;
    assert_eq!(results(&rest).len(), 250);
    assert_eq!((rest.at("/more"), rest.json().get("next_cursor")), (json!(false), None));
    assert_eq!(rows(&server, &format!("group_member WHERE group_id = '{group}'")), 1_250);

    // All conditions must hold, and what is done is seen by the next query.
    let body = json!({ "action": "delete", "query": { "query": "crowd 12", "group_id": group } });
    let matched =
        scene.ben.get(&format!("{LIST}?query=crowd%2012&group_id={group}&limit=1")).await.at("/total");
    let reply = bulk(&scene.ben, &body).await;
    assert_eq!((reply.at("/matched"), reply.at("/refused")), (matched, json!(0)));
    let nobody = bulk(&scene.ben, &body).await;
    assert_eq!((nobody.at("/matched"), nobody.at("/results")), (json!(0), json!([])));
    assert!(column(&scene.ben.get(&format!("{LIST}?query=crowd%2012")).await, "id").is_empty());
});

with_servers!(all, r7_e2_what_has_the_wrong_shape_changes_nobody, async |server| {
    let scene = Scene::make(&server, 1).await;
    let ids = scene.ids();
    for (body, places) in [
        (json!({}), vec!["body/action"]),
        (json!({ "action": "promote", "ids": ids }), vec!["body/action"]),
        (json!({ "action": "delete" }), vec!["body/ids"]),
        (json!({ "action": "delete", "ids": ids, "query": {} }), vec!["body/ids"]),
        (json!({ "action": "delete", "ids": vec!["x"; 1_001] }), vec!["body/ids"]),
        (json!({ "action": "delete", "ids": ["a\u{0}b"] }), vec!["body/ids"]),
        (json!({ "action": "set_role", "ids": ids }), vec!["body/role"]),
        (json!({ "action": "set_role", "role": "king", "ids": ids }), vec!["body/role"]),
        (json!({ "action": "add_to_group", "ids": ids }), vec!["body/group_id"]),
        (
            json!({ "action": "delete", "query": { "roel": "user", "query": "" } }),
            vec!["body/query/query", "body/query/roel"],
        ),
        (json!({ "action": "delete", "query": { "cursor": "x" } }), vec!["body/query/cursor"]),
    ] {
        bulk(&scene.ben, &body).await.assert_invalid(&places);
        bulk(&scene.users[0], &body).await.assert_error(401, "ACCESS_PROHIBITED");
    }
    assert_eq!(rows(&server, &format!("\"user\" WHERE id = '{}'", ids[0])), 1);
});

/// A database that refuses to delete one account.
fn db_hold(server: &TestServer, held: &Caller) {
    let id = held.id();
    let all = if server.db().is_postgres() {
        vec![
            "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'held'; END $$".to_owned(),
            format!("CREATE TRIGGER hold BEFORE DELETE ON \"user\" FOR EACH ROW WHEN (old.id = '{id}') EXECUTE FUNCTION hold()"),
        ]
    } else {
        vec![format!(
            "CREATE TRIGGER hold BEFORE DELETE ON \"user\" WHEN old.id = '{id}' BEGIN SELECT RAISE(ABORT, 'held'); END"
        )]
    };
    for sql in &all {
        server.db().db_execute(sql);
    }
}

with_servers!(own, r7_a_row_that_fails_holds_up_nobody_else, async |server| {
    let scene = Scene::make(&server, 5).await;
    db_hold(&server, &scene.users[2]);
    let reply = bulk(&scene.ben, json!({ "action": "delete", "ids": scene.ids() })).await;
    assert_eq!(outcomes(&reply), ["ok", "ok", "500 DELETE_USER_ERROR", "ok", "ok"]);
    assert_eq!(reply.at("/results/2/error/detail"), "The server failed; nothing was changed.");
    assert_eq!(
        rows(&server, &format!("auth WHERE id = '{}'", scene.users[2].id())),
        1,
        "nothing of it was deleted"
    );
    // Nothing is told of the chunk that was rolled back.
    let deleted: Vec<&str> =
        scene.ids().into_iter().filter(|id| *id != scene.users[2].id().as_str()).collect();
    assert_eq!(told(&server), BTreeMap::from([("user.deleted".to_owned(), sorted(&deleted))]));
    assert_eq!(rows(&server, "rosterd_event WHERE action = 'user.deleted'"), 4);
});

with_servers!(own, r7_whoever_is_no_admin_any_more_does_nothing_more, async |server| {
    let scene = Scene::make(&server, 1).await;
    let demoted = json!({ "action": "set_role", "role": "user", "ids": [scene.ben.id()] });
    assert_eq!(outcomes(&bulk(&scene.first, demoted).await), ["ok"]);
    let body = json!({ "action": "delete", "ids": scene.ids() });
    bulk(&scene.ben, &body).await.assert_status(401);
    server.anonymous().post(BULK, body).await.assert_error(401, "NOT_AUTHENTICATED");
    assert_eq!(rows(&server, &format!("\"user\" WHERE id = '{}'", scene.users[0].id())), 1);
});
