//! Rule D4: what others change between the plan and the change is never written over unseen.

use rosterd_app::roster::RosterError;
use rosterd_testkit::{TestServer, with_servers};
use serde_json::{Value, json};

use super::{KEEP, PRUNE, accounts, apply, order, plan};
use crate::support::{rows, set_config};

/// All that can be declared, row by row.
fn declared(server: &TestServer) -> Vec<Vec<Vec<Option<String>>>> {
    [
        "SELECT * FROM \"group\" ORDER BY id",
        "SELECT * FROM group_member ORDER BY id",
        "SELECT * FROM config ORDER BY 1",
    ]
    .map(|sql| server.db().db_query_text(sql))
    .to_vec()
}

with_servers!(all, d4_a_change_by_another_meanwhile_is_not_written_over, async |server| {
    let ada = server.db_admin("ada2").create().await;
    let (bob, eve) = (server.db_user("bob2").create().await, server.db_user("eve2").create().await);
    let id = server.db_group("Ours", &[&eve], json!({ "chat": { "edit": true } })).await;
    let path = |call: &str| format!("/api/v1/groups/id/{id}{call}");
    let document = json!({
        "permissions": { "features": { "notes": false }, "chat": { "delete": false } },
        "settings": { "ENABLE_SIGNUP": false, "WEBUI_URL": "https://chat.example.com" },
        "groups": [{
            "name": "Ours", "description": "Declared", "members": [bob.email()],
            "permissions": { "chat": { "edit": false } },
        }],
    });
    let rename = json!({ "name": "Theirs", "description": "" });
    let grant = json!({ "name": "Ours", "description": "", "permissions": { "chat": { "edit": false } } });
    let changes: [(&str, Option<Value>); 5] = [
        (&path("/users/add"), Some(json!({ "user_ids": [bob.id()] }))),
        (&path("/update"), Some(grant)),
        ("permissions", None),
        ("settings", None),
        (&path("/update"), Some(rename)),
    ];
    for (number, (call, form)) in changes.into_iter().enumerate() {
        let order = order(document.clone(), PRUNE);
        let planned = plan(server.app(), &order).await.unwrap();
        match form {
            Some(form) => {
                ada.post(call, form).await.assert_status(200);
            }
            None if call == "permissions" => {
                let path = "/api/v1/users/default/permissions";
                let mut template = ada.get(path).await.assert_status(200).json();
                template["chat"]["delete"] = json!(false);
                ada.post(path, template).await.assert_status(200);
            }
            None => {
                set_config(&ada, json!({ "WEBUI_URL": "https://other.example.com" }))
                    .await
                    .assert_status(200);
            }
        }
        let (before, people) = (declared(&server), accounts(&server));
        server.forget_events();
        let refused = apply(server.app(), &order, &planned).await;
        assert!(matches!(refused, Err(RosterError::Changed)), "change {number} ({call}): {refused:?}");
        assert_eq!(declared(&server), before, "change {number} ({call})");
        assert_eq!(accounts(&server), people);
        assert!(server.take_events().is_empty());
    }
    // Made again, the plan is carried out.
    let order = order(document, KEEP);
    let planned = plan(server.app(), &order).await.unwrap();
    apply(server.app(), &order, &planned).await.unwrap();
    assert!(plan(server.app(), &order).await.unwrap().is_empty());
});

with_servers!(current, d4_of_many_at_once_each_is_whole_or_nothing, async |server| {
    let ada = server.db_admin("ada2").create().await;
    let bob = server.db_user("bob2").create().await;
    let second = server.second().await;
    // A chain, turned round by every other document: no state on the way may be seen, or become a ring.
    let chain = |names: [&str; 3], description: &str| {
        json!({ "groups": [
            { "name": names[0], "parent": "", "description": description, "members": [bob.email()] },
            { "name": names[1], "parent": names[0], "description": description, "members": [bob.email()] },
            { "name": names[2], "parent": names[1], "description": description, "members": [bob.email()] },
        ] })
    };
    let first = order(chain(["A", "B", "C"], "0"), KEEP);
    apply(server.app(), &first, &plan(server.app(), &first).await.unwrap()).await.unwrap();
    let doors = [server.app().clone(), second.app().clone()];
    let runs = (1..9).map(|number| {
        let names = if number % 2 == 0 { ["A", "B", "C"] } else { ["C", "B", "A"] };
        let order = order(chain(names, &number.to_string()), KEEP);
        let (door, ada) = (doors[number % 2].clone(), ada.clone());
        tokio::spawn(async move {
            let planned = plan(&door, &order).await.unwrap();
            let noise = json!({ "name": format!("noise {number}"), "description": "" });
            ada.post("/api/v1/groups/create", noise).await.assert_status(200);
            apply(&door, &order, &planned).await
        })
    });
    let mut outcomes = Vec::new();
    for run in runs.collect::<Vec<_>>() {
        outcomes.push(run.await.unwrap());
    }
    let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(done >= 1, "{outcomes:?}");
    for outcome in outcomes.iter().filter(|outcome| outcome.is_err()) {
        assert!(matches!(outcome, Err(RosterError::Changed)), "{outcome:?}");
    }
    let described = "SELECT DISTINCT description FROM \"group\" WHERE name IN ('A', 'B', 'C')";
    assert_eq!(server.db().db_query_text(described).len(), 1, "all three are of one document");
    assert_eq!(rows(&server, "\"group\" WHERE name IN ('A', 'B', 'C') AND parent_group_id IS NULL"), 1);
    let ours = "group_member m JOIN \"group\" g ON g.id = m.group_id WHERE g.name IN ('A', 'B', 'C')";
    assert_eq!(rows(&server, ours), 3);
});

with_servers!(own, d4_a_failure_on_the_way_leaves_nothing_behind, async |server| {
    let ada = server.db_admin("ada2").create().await;
    let forbid = if server.db().is_postgres() {
        "ALTER TABLE config ADD CONSTRAINT broken CHECK (key <> 'webui.url')"
    } else {
        "CREATE TRIGGER broken BEFORE INSERT ON config WHEN NEW.key = 'webui.url' BEGIN SELECT RAISE(ABORT, 'broken'); END"
    };
    server.db().db_execute(forbid);
    let order = order(
        json!({
            "permissions": { "features": { "notes": false } },
            "settings": { "WEBUI_URL": "https://chat.example.com" },
            "groups": [{ "name": "Ours", "members": [ada.email()] }],
        }),
        KEEP,
    );
    let planned = plan(server.app(), &order).await.unwrap();
    assert_eq!(planned.steps.len(), 3, "the last of them is the one that fails");
    let before = declared(&server);
    server.forget_events();
    let failed = apply(server.app(), &order, &planned).await;
    assert!(matches!(failed, Err(RosterError::App(_))), "{failed:?}");
    assert_eq!(declared(&server), before);
    assert!(server.take_events().is_empty());
    assert_eq!(rows(&server, "rosterd_event WHERE action = 'group.created'"), 0);
});
