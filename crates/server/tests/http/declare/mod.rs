//! Rosters that a file declares, on servers that answer meanwhile: rules D1 to D7.

mod races;

use rosterd_app::roster::{self, Order, RosterError};
use rosterd_app::{App, Caller as By, Record};
use rosterd_domain::roster::{Node, Plan, Roster, Wanted};
use rosterd_testkit::{Caller, TestServer, with_servers};
use serde_json::{Value, json};

use crate::support::{CONFIG, rows};

pub(super) const KEEP: Wanted = Wanted { prune: false, force: false };
pub(super) const PRUNE: Wanted = Wanted { prune: true, force: false };

pub(super) fn order(document: Value, wanted: Wanted) -> Order {
    let (roster, faults) = Roster::read(&Node::of(document));
    Order { roster, faults, wanted }
}

/// What would change.
pub(super) async fn plan(app: &App, order: &Order) -> Result<Plan, RosterError> {
    let order = order.clone();
    app.scan(By::operator(), move |act| roster::plan(act, &order)).await
}

/// Carries out a plan.
pub(super) async fn apply(app: &App, order: &Order, plan: &Plan) -> Result<(), RosterError> {
    let (order, plan) = (order.clone(), plan.clone());
    app.write(By::operator(), move |act| roster::apply(act, &order, &plan)).await
}

/// Does both, and sees that once more would change nothing.
async fn done(server: &TestServer, document: Value, wanted: Wanted) -> Plan {
    let order = order(document, wanted);
    let planned = plan(server.app(), &order).await.unwrap();
    apply(server.app(), &order, &planned).await.unwrap();
    assert!(plan(server.app(), &order).await.unwrap().is_empty(), "a second run changes nothing");
    planned
}

async fn problems(server: &TestServer, document: Value, wanted: Wanted) -> Vec<String> {
    match plan(server.app(), &order(document, wanted)).await {
        Err(RosterError::Problems(problems)) => problems.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

/// The groups as admins see them: name, name of the parent, permissions and the e-mail addresses of members.
async fn groups(server: &TestServer, admin: &Caller) -> Vec<(String, Value, Value, Vec<String>)> {
    let listed = admin.get("/api/v1/groups/").await.assert_status(200).json();
    let name_of = |id: &Value| {
        let group = listed.as_array().unwrap().iter().find(|group| group["id"] == *id);
        group.map_or(Value::Null, |group| group["name"].clone())
    };
    let mut groups = Vec::new();
    for group in listed.as_array().unwrap() {
        let sql = format!(
            "SELECT u.email AS email FROM group_member m JOIN \"user\" u ON u.id = m.user_id \
             WHERE m.group_id = '{}' ORDER BY u.email",
            group["id"].as_str().unwrap()
        );
        let members = server.db().db_query_text(&sql);
        let members = members.into_iter().flatten().flatten().collect();
        let name = group["name"].as_str().unwrap().to_owned();
        groups.push((name, name_of(&group["parent_group_id"]), group["permissions"].clone(), members));
    }
    groups.sort_by(|one, other| one.0.cmp(&other.0));
    groups
}

/// Every row of accounts, with what they sign in by.
pub(super) fn accounts(server: &TestServer) -> Vec<Vec<Option<String>>> {
    let sql = "SELECT u.id AS id, u.email AS email, u.role AS role, u.name AS name, a.password AS password \
               FROM \"user\" u LEFT JOIN auth a ON a.id = u.id ORDER BY u.id";
    server.db().db_query_text(sql)
}

fn events(records: &[Record]) -> Vec<&'static str> {
    records.iter().map(|record| record.event.name()).collect()
}

with_servers!(current, d1_groups_are_found_by_name_or_id_and_get_what_is_declared, async |server| {
    let ada = server.db_admin("ada").created_at(1).create().await;
    let (bob, eve) = (server.db_user("bob").create().await, server.db_user("eve").create().await);
    let id = server.db_group("Old name", &[&eve], json!({ "chat": { "edit": true } })).await;
    let before = groups(&server, &ada).await.len();
    server.forget_events();
    let document = json!({ "groups": [
        { "name": "Leaf", "parent": "New name", "members": [bob.email(), eve.id().as_str()] },
        { "name": "New name", "id": id, "parent": "Root", "description": "Renamed",
          "permissions": { "features": { "notes": true } } },
        { "name": "Root" },
    ] });
    done(&server, document, KEEP).await;
    let told = server.take_events();
    let wanted = ["group.created", "group.updated", "group.created", "group.member_added"];
    assert_eq!(events(&told), wanted, "one event for each change, those above first");
    let all = groups(&server, &ada).await;
    assert_eq!(all.len(), before + 2);
    let of = |name: &str| all.iter().find(|group| group.0 == name).unwrap();
    let mut both = vec![bob.email().to_owned(), eve.email().to_owned()];
    both.sort();
    assert_eq!(*of("Leaf"), ("Leaf".to_owned(), json!("New name"), json!(null), both));
    let rights = json!({ "chat": { "edit": true }, "features": { "notes": true } });
    assert_eq!(*of("New name"), ("New name".to_owned(), json!("Root"), rights, vec![eve.email().to_owned()]));
    assert_eq!(of("Root").1, Value::Null);
    // What the group above gives holds for its members at once.
    let permissions = bob.get("/api/v1/users/permissions").await.assert_status(200).json();
    assert_eq!(permissions["chat"]["edit"], true);
    if server.app().keeps_audit_log() {
        assert_eq!(rows(&server, "rosterd_event WHERE action = 'group.created'"), 2);
    }
});

with_servers!(all, d2_with_prune_what_is_not_named_goes_and_accounts_never, async |server| {
    let admin = server.db_admin("ada2").create().await;
    let (bob, eve) = (server.db_user("bob2").create().await, server.db_user("eve2").create().await);
    server.db_group("Kept", &[&bob, &eve], json!({ "chat": { "edit": true }, "zoo": { "fly": true } })).await;
    server.db_group("Gone", &[&bob], json!({})).await;
    let before = accounts(&server);
    let document = || {
        json!({
            "permissions": { "features": { "notes": false } },
            "settings": { "ENABLE_SIGNUP": false },
            "groups": [{ "name": "Kept", "members": [eve.email()], "permissions": { "chat": { "delete": true } } }],
        })
    };
    let kept = done(&server, document(), KEEP).await;
    assert!(kept.steps.len() >= 2, "{kept:?}");
    let of = async |name: &str| groups(&server, &admin).await.into_iter().find(|group| group.0 == name);
    let (_, _, permissions, members) = of("Kept").await.unwrap();
    assert_eq!(permissions, json!({ "chat": { "edit": true, "delete": true }, "zoo": { "fly": true } }));
    assert_eq!(members.len(), 2);
    assert!(of("Gone").await.is_some());

    done(&server, document(), PRUNE).await;
    let (_, _, permissions, members) = of("Kept").await.unwrap();
    assert_eq!(permissions, json!({ "chat": { "delete": true } }));
    assert_eq!(members, [eve.email()]);
    assert_eq!(groups(&server, &admin).await.len(), 1, "all others are gone");
    assert_eq!(accounts(&server), before, "nobody was made, changed or deleted");
    assert_eq!(admin.get(CONFIG).await.assert_status(200).at("/ENABLE_SIGNUP"), json!(false));
    admin.get("/api/v1/users/").await.assert_status(200);
    // Not even an empty document takes an admin away.
    done(&server, json!({ "permissions": {}, "settings": {}, "groups": [] }), PRUNE).await;
    assert_eq!(accounts(&server), before);
    assert_eq!(rows(&server, "group_member"), 0);
});

with_servers!(all, d3_d5_everything_that_is_wrong_is_told_and_nothing_is_written, async |server| {
    server.db_user("bob2").create().await;
    let state = || (server.db().db_query_text("SELECT * FROM \"group\" ORDER BY id"), accounts(&server));
    let before = state();
    server.forget_events();
    let document = json!({
        "user": 1,
        "permissions": { "chat": { "delte": true } },
        "settings": { "ENABLE_SIGNUP": "yes", "ENABLE_SINGUP": true },
        "groups": [
            { "name": "New", "members": ["nobody@example.org"], "members2": [] },
            { "name": "New" },
            { "name": "Below", "parent": "Nowhere" },
        ],
    });
    let told = problems(&server, document.clone(), KEEP).await;
    for part in [
        "user: there is no such key",
        "permissions.chat.delte: there is no such right",
        "settings.ENABLE_SIGNUP: true or false is needed",
        "settings.ENABLE_SINGUP: there is no such setting",
        "groups[0].members[0]: nobody@example.org has no account",
        "groups[0].members2: there is no such key",
        "groups[1].name: a group named New stands here already",
        "groups[2].parent: ",
    ] {
        assert!(told.iter().any(|problem| problem.contains(part)), "{part}: {told:#?}");
    }
    assert_eq!(told.len(), 8, "{told:#?}");
    // Whoever applies it all the same is refused, too.
    let refused = apply(server.app(), &order(document, KEEP), &Plan::default()).await;
    assert!(matches!(refused, Err(RosterError::Problems(problems)) if problems.len() == 8));
    assert_eq!(state(), before);
    assert!(server.take_events().is_empty());
});

with_servers!(all, d6_what_is_dumped_changes_nothing, async |server| {
    for (name, permissions) in [
        ("Twin", json!({ "a": 1, "chat": { "edit": true, "x": { "y": false } } })),
        ("Twin", json!(null)),
        (" Twin", json!({})),
        (" ", json!([])),
        ("=2+3 \"quoted\"", json!({ "chat": true })),
    ] {
        server.db_group(name, &[], permissions).await;
    }
    let ada = server.db_admin("ada2").create().await;
    server.db_group("Mine", &[&ada], json!({ "features": { "notes": true } })).await;
    server.db_set_config("ui.enable_signup", json!(false)).await;
    let document = server.app().scan(By::operator(), roster::dump).await.unwrap();
    let text = serde_json::to_value(&document).unwrap();
    assert!(
        text["groups"].as_array().unwrap().iter().any(|group| group["members"] == json!([ada.email()])),
        "{text}"
    );
    assert_eq!(text["settings"]["ENABLE_SIGNUP"], false);
    for wanted in [KEEP, PRUNE] {
        let planned = plan(server.app(), &order(text.clone(), wanted)).await.unwrap();
        assert!(planned.is_empty(), "{wanted:?}: {planned:?}");
    }
});

with_servers!(older, d7_what_an_older_database_does_not_have_is_refused, async |server| {
    let told = problems(
        &server,
        json!({
            "settings": { "ENABLE_AUTOMATIONS": true },
            "groups": [{ "name": "Top" }, { "name": "Below", "parent": "Top" }],
        }),
        KEEP,
    )
    .await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|problem| problem.contains("older Open WebUI")), "{told:?}");
});

with_servers!(
    own,
    d7_where_stored_settings_do_not_count_they_are_not_declared,
    |server| server.store(|store| store.stored_settings = false),
    async |server| {
        let document =
            json!({ "permissions": { "chat": { "edit": false } }, "settings": { "ENABLE_SIGNUP": false } });
        let told = problems(&server, document, KEEP).await;
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().all(|problem| problem.contains("ENABLE_PERSISTENT_CONFIG")), "{told:?}");
        let dumped = server.app().scan(By::operator(), roster::dump).await.unwrap();
        assert_eq!((dumped.permissions, dumped.settings), (None, None));
    }
);

with_servers!(own, only_the_operator_declares, async |server| {
    let ada = server.db_admin("ada").create().await;
    let request = rosterd_app::Request::default();
    let visitor = By::visitor(request);
    let refused = server.app().scan(visitor, roster::dump).await;
    assert!(matches!(refused, Err(rosterd_app::AppError::AccessProhibited)), "{refused:?}");
    ada.get("/api/v1/groups/").await.assert(200, json!([]));
});

with_servers!(own, many_members_are_found_by_all_their_spellings, async |server| {
    let ada = server.db_admin("ada").create().await;
    crate::support::db_roster(&server, 200, |number| {
        (format!("n{number}"), format!("user{number}@example.com"), i64::try_from(number).unwrap())
    })
    .await;
    let members: Vec<String> = (0..200).map(|number| format!(" USER{number}@Example.COM")).collect();
    done(&server, json!({ "groups": [{ "name": "All", "members": members }] }), KEEP).await;
    assert_eq!(rows(&server, "group_member"), 200);
    done(&server, json!({ "groups": [{ "name": "All", "members": ["user7@example.com"] }] }), PRUNE).await;
    assert_eq!(rows(&server, "group_member"), 1);
    let joins =
        json!({ "settings": { "DEFAULT_GROUP_ID": "Newcomers" }, "groups": [{ "name": "Newcomers" }] });
    done(&server, joins, KEEP).await;
    let id = server.db().db_value("SELECT id FROM \"group\" WHERE name = 'Newcomers'").unwrap();
    assert_eq!(ada.get(CONFIG).await.at("/DEFAULT_GROUP_ID"), json!(id));
    let dumped = server.app().scan(By::operator(), roster::dump).await.unwrap();
    assert_eq!(serde_json::to_value(dumped).unwrap()["settings"]["DEFAULT_GROUP_ID"], "Newcomers");
});
