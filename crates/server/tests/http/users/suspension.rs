//! Suspended accounts (rules U1 to U5), and that an active admin always remains (rule P5). On standalone databases and on adopted
//! ones; those that were not adopted have no table for them.

use rosterd_app::{Record, suspensions};
use rosterd_domain::role::Role;
use rosterd_testkit::{
    Caller, Method, PASSWORD, Reply, ServerBuilder, TestServer, with_databases, with_servers,
};
use serde_json::{Value, json};

use crate::accounts::{sign_in, signed_in};
use crate::races::send;
use crate::support::{
    LIST, NOBODY, SETTINGS, adopted, adopted_with, at_once, column, form, path_of, primary, rows,
};

const BULK: &str = "/api/v1/users/bulk";

async fn suspend(by: &Caller, whom: &Caller, terms: Value) -> Reply {
    by.post(&path_of(whom, "/suspend"), terms).await
}

async fn resume(by: &Caller, whom: &Caller) -> Reply {
    by.post(&path_of(whom, "/resume"), Value::Null).await
}

/// The role in the row, and whether the account may sign in.
fn stored(server: &TestServer, user: &Caller) -> (String, bool) {
    let id = user.id();
    let role = server.db().db_value(&format!(r#"SELECT role FROM "user" WHERE id = '{id}'"#)).unwrap();
    let active = server.db().db_value(&format!("SELECT active FROM auth WHERE id = '{id}'")).unwrap();
    (role, ["1", "t", "true"].contains(&active.as_str()))
}

/// The names of the events since the last look, and what each says of changes.
fn told(server: &TestServer) -> Vec<(String, Value)> {
    let events = server.take_events().into_iter();
    events
        .map(|record| (record.event.name().to_owned(), Record::to_json(&record)["changes"].clone()))
        .collect()
}

with_databases!(all, u1_u3_u5_who_is_suspended_is_shut_out_until_somebody_resumes_them, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let bob = server.db_user("bob").create().await;
    let group = server.db_group("keys", &[&bob], json!({ "features": { "api_keys": true } })).await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_api_key(&bob, "sk-bob").await;
    let (session, key) = (signed_in(&server, &bob).await, bob.with_bearer("sk-bob"));
    for open in [&bob, &session, &key] {
        open.get(SETTINGS).await.assert_status(200);
    }
    server.clock().advance(10);
    server.forget_events();
    let terms = json!({ "reason": " On leave ", "until": server.now() + 100 });
    let shown = suspend(&first, &bob, terms.clone()).await;
    let suspension =
        json!({ "reason": "On leave", "since": server.now(), "until": server.now() + 100, "role": "user" });
    assert_eq!(shown.assert_status(200).at("/suspension"), suspension);
    assert_eq!(shown.at("/role"), "pending");
    let change = |before: Value, after: Value| json!({ "before": before, "after": after });
    let changes = json!({
        "reason": change(Value::Null, json!("On leave")), "until": change(Value::Null, terms["until"].clone()),
        "role": change(json!("user"), json!("pending")),
    });
    let events = told(&server);
    assert_eq!(events[0], ("user.suspended".to_owned(), changes));
    assert_eq!(events[1].0, "user.sessions_ended");
    for shut in [&bob, &session, &key, &session.by_cookie()] {
        shut.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    }
    sign_in(&server, bob.email(), PASSWORD).await.assert_error(400, "INVALID_CREDENTIALS");
    // In the rows that Open WebUI reads, too.
    assert_eq!(stored(&server, &bob), ("pending".to_owned(), false));
    // Everything of the account stays.
    assert_eq!(rows(&server, &format!("group_member WHERE group_id = '{group}'")), 1);
    assert_eq!(rows(&server, &format!("api_key WHERE user_id = '{}'", bob.id())), 1);
    let list = first.get(&format!("{LIST}?status=suspended")).await;
    assert_eq!((column(&list, "id"), list.at("/total")), (vec![bob.id().to_string()], json!(1)));
    assert_eq!(list.at("/users/0/suspension"), suspension);
    // The same again changes nothing; other words replace the first ones.
    server.clock().advance(10);
    server.forget_events();
    assert_eq!(suspend(&first, &bob, terms).await.assert_status(200).at("/suspension"), suspension);
    assert_eq!(told(&server), []);
    let again = suspend(&first, &bob, json!({ "reason": "Left" })).await;
    let wanted = json!({ "reason": "Left", "since": suspension["since"], "until": null, "role": "user" });
    assert_eq!(again.at("/suspension"), wanted);
    assert_eq!(told(&server)[0].1["reason"], change(json!("On leave"), json!("Left")));

    let shown = resume(&first, &bob).await;
    assert_eq!((shown.assert_status(200).at("/role"), shown.json().get("suspension")), (json!("user"), None));
    let changes = json!({
        "reason": change(json!("Left"), Value::Null), "role": change(json!("pending"), json!("user")),
    });
    assert_eq!(told(&server), [("user.resumed".to_owned(), changes)]);
    assert_eq!(stored(&server, &bob), ("user".to_owned(), true));
    session.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    key.get(SETTINGS).await.assert_status(200);
    signed_in(&server, &bob).await.get(SETTINGS).await.assert_status(200);
    // Once more changes nothing.
    server.forget_events();
    resume(&first, &bob).await.assert_status(200);
    assert_eq!(told(&server), []);
    assert_eq!(rows(&server, "rosterd_suspension"), 0);
});

with_databases!(all, u2_neither_the_primary_admin_nor_oneself, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let (ben, bob) = (server.db_admin("ben").create().await, server.db_user("bob").create().await);
    for (by, whom) in [(&ben, &first), (&first, &first), (&ben, &ben)] {
        suspend(by, whom, json!({})).await.assert_error(403, "ACTION_PROHIBITED");
        assert_eq!(stored(&server, whom), ("admin".to_owned(), true));
    }
    suspend(&bob, &ben, json!({})).await.assert_error(401, "ACCESS_PROHIBITED");
    resume(&bob, &ben).await.assert_error(401, "ACCESS_PROHIBITED");
    let of_nobody = |call: &str| format!("/api/v1/users/{NOBODY}/{call}");
    first.post(&of_nobody("suspend"), json!({})).await.assert_error(404, "NOT_FOUND");
    first.post(&of_nobody("resume"), Value::Null).await.assert_error(404, "NOT_FOUND");
    for (terms, places) in [
        (json!({ "until": server.now() }), vec!["body/until"]),
        (json!({ "until": "soon", "reason": 7 }), vec!["body/reason", "body/until"]),
        (json!({ "reason": "x".repeat(1_001) }), vec!["body/reason"]),
        (json!({ "untill": 7 }), vec!["body/untill"]),
    ] {
        suspend(&first, &bob, terms).await.assert_invalid(&places);
    }
    assert_eq!(rows(&server, "rosterd_suspension"), 0);
    suspend(&first, &ben, json!({})).await.assert_status(200);
    ben.get(LIST).await.assert_error(401, "INVALID_TOKEN");
    assert_eq!(resume(&first, &ben).await.at("/role"), "admin");
});

with_databases!(all, u3_the_role_of_a_suspended_account_stays_unless_it_is_given_elsewhere, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let bob = server.db_user("bob").create().await;
    suspend(&first, &bob, json!({})).await.assert_status(200);
    let update = path_of(&bob, "/update");
    let role = |role: &str| form("Robert", bob.email(), json!({ "role": role }));
    first.post(&update, role("admin")).await.assert_error(409, "CONFLICT");
    assert_eq!(server.db_get_user(bob.id()).await.name, "bob", "nothing of it was written");
    // What is no other role may change: name, and a password, which does not let anybody in.
    let password = json!({ "role": "pending", "password": "another-long-password" });
    let shown = first.post(&update, form("Robert", bob.email(), password)).await.assert_status(200).json();
    assert_eq!((&shown["name"], &shown["suspension"]["role"]), (&json!("Robert"), &json!("user")));
    sign_in(&server, bob.email(), "another-long-password").await.assert_error(400, "INVALID_CREDENTIALS");
    for (given, status) in [("user", json!(409)), ("pending", Value::Null)] {
        let many = json!({ "action": "set_role", "role": given, "ids": [bob.id()] });
        let reply = first.post(BULK, many).await.assert_status(200).json();
        assert_eq!(reply["results"][0].get("status").cloned().unwrap_or_default(), status, "{given}");
    }
    let file = json!({ "email": bob.email(), "role": "admin" });
    let import = "/api/v1/users/import?apply=true&format=ndjson&allow_admins=true";
    let report = first.post(import, file).await.assert_status(200).json();
    let reason = report["refusals"][0]["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("is suspended"), "{report}");
    assert_eq!(stored(&server, &bob), ("pending".to_owned(), false));
    // Open WebUI knows nothing of suspensions. What it says stays shut out, and counts afterwards.
    server.db().db_execute(&format!(r#"UPDATE "user" SET role = 'admin' WHERE id = '{}'"#, bob.id()));
    bob.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    sign_in(&server, bob.email(), "another-long-password").await.assert_error(400, "INVALID_CREDENTIALS");
    let shown = resume(&first, &bob).await.assert_status(200).json();
    assert_eq!((&shown["role"], shown.get("suspension")), (&json!("admin"), None));
    sign_in(&server, bob.email(), "another-long-password").await.assert_status(200);
});

with_databases!(all, u4_a_suspension_ends_by_itself, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let (bob, eve) = (server.db_user("bob").create().await, server.db_user("eve").create().await);
    let (cleo, dan) = (server.db_user("cleo").create().await, server.db_user("dan").create().await);
    server.db_set_active(&cleo, false);
    let until = json!({ "until": server.now() + 60 });
    for user in [&bob, &eve, &cleo, &dan] {
        suspend(&first, user, until.clone()).await.assert_status(200);
    }
    assert_eq!(suspensions::end_all_over(server.app()).await.unwrap(), 0);
    server.clock().advance(59);
    sign_in(&server, bob.email(), PASSWORD).await.assert_error(400, "INVALID_CREDENTIALS");
    server.clock().advance(1);
    server.forget_events();
    // Whoever does not know the password ends nothing.
    sign_in(&server, bob.email(), "not my password").await.assert_error(400, "INVALID_CREDENTIALS");
    assert_eq!(stored(&server, &bob), ("pending".to_owned(), false));
    signed_in(&server, &bob).await.get(SETTINGS).await.assert_status(200);
    assert_eq!(stored(&server, &bob), ("user".to_owned(), true));
    let events = server.take_events();
    let resumed = events.iter().find(|record| record.event.name() == "user.resumed").unwrap();
    assert_eq!(Record::to_json(resumed)["actor"], json!({ "kind": "job", "name": "suspensions" }));
    // The others do not sign in: a job does it for them. What was shut out before stays so.
    suspend(&first, &dan, json!({})).await.assert_status(200);
    assert_eq!(suspensions::end_all_over(server.app()).await.unwrap(), 2);
    assert_eq!(stored(&server, &eve), ("user".to_owned(), true));
    assert_eq!(stored(&server, &cleo), ("user".to_owned(), false));
    assert_eq!(stored(&server, &dan), ("pending".to_owned(), false), "it has no end any more");
    // Another program deletes an account and knows nothing of the table.
    server.db().db_execute(&format!("DELETE FROM auth WHERE id = '{}'", dan.id()));
    server.db().db_execute(&format!(r#"DELETE FROM "user" WHERE id = '{}'"#, dan.id()));
    assert_eq!(suspensions::end_all_over(server.app()).await.unwrap(), 1);
    assert_eq!(rows(&server, "rosterd_suspension"), 0);
});

with_databases!(all, u5_lists_are_narrowed_to_who_is_suspended_or_not, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let mut users = Vec::new();
    for number in 0..4 {
        users.push(server.db_user(&format!("listed {number}")).create().await);
    }
    let ids: Vec<_> = users[..3].iter().map(Caller::id).collect();
    let many = json!({ "action": "suspend", "ids": ids, "reason": "Left", "until": server.now() + 60 });
    let reply = first.post(BULK, many).await.assert_status(200).json();
    assert_eq!((&reply["done"], &reply["refused"]), (&json!(3), &json!(0)));
    let total = first.get(&format!("{LIST}?limit=1")).await.at("/total").as_i64().unwrap();
    for (query, names, of_total) in [
        ("status=suspended&order_by=name&direction=asc", Some(&["listed 0", "listed 1", "listed 2"][..]), 3),
        ("status=suspended&query=listed%201", Some(&["listed 1"][..]), 1),
        ("status=suspended&role=user", Some(&[][..]), 0),
        ("status=active&query=listed", Some(&["listed 3"][..]), 1),
        ("status=active&limit=1", None, total - 3),
        ("status=", None, total),
    ] {
        let list = first.get(&format!("{LIST}?{query}")).await;
        assert_eq!(list.assert_status(200).at("/total"), json!(of_total), "{query}");
        if let Some(names) = names {
            assert_eq!(column(&list, "name"), names, "{query}");
        }
    }
    let pages = first.get(&format!("{LIST}?status=suspended&limit=2")).await;
    let cursor = pages.at("/next_cursor").as_str().unwrap().to_owned();
    let rest = first.get(&format!("{LIST}?status=suspended&limit=2&cursor={cursor}")).await;
    assert_eq!((column(&pages, "id").len(), column(&rest, "id").len()), (2, 1));
    first.get(&format!("{LIST}?status=gone")).await.assert_invalid(&["query/status"]);
    let many = json!({ "action": "resume", "query": { "status": "suspended" } });
    assert_eq!(first.post(BULK, many).await.assert_status(200).at("/done"), json!(3));
    assert_eq!(rows(&server, "rosterd_suspension"), 0);
    let wrong = json!({ "action": "suspend", "ids": ids, "until": 7 });
    first.post(BULK, wrong).await.assert_invalid(&["body/until"]);
    // Those of a deleted account go with it.
    suspend(&first, &users[0], json!({})).await.assert_status(200);
    first.delete(&path_of(&users[0], "")).await.assert_status(200);
    assert_eq!(rows(&server, "rosterd_suspension"), 0);
});

with_servers!(attached, u1_u5_a_database_that_was_not_adopted_has_no_table_for_it, async |server| {
    let first = primary(&server).await;
    let bob = server.db_user("bob").create().await;
    for reply in [suspend(&first, &bob, json!({})).await, resume(&first, &bob).await] {
        let told = reply.assert_error(409, "CONFLICT").at("/detail");
        assert!(told.as_str().unwrap().contains("rosterd adopt --apply"), "{told}");
    }
    let many = json!({ "action": "suspend", "ids": [bob.id()] });
    first.post(BULK, many).await.assert_error(409, "CONFLICT");
    assert_eq!(first.get(&format!("{LIST}?status=suspended")).await.at("/total"), json!(0));
    let all = first.get(LIST).await.at("/total");
    assert_eq!(first.get(&format!("{LIST}?status=active")).await.at("/total"), all);
});

with_databases!(all, u1_an_account_that_is_shut_out_in_another_way_is_let_in, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let (bob, eve) = (server.db_user("bob").create().await, server.db_user("eve").create().await);
    server.db_set_active(&bob, false);
    server.forget_events();
    assert_eq!(resume(&first, &bob).await.assert_status(200).at("/role"), "user");
    let active = json!({ "active": { "before": false, "after": true } });
    assert_eq!(told(&server), [("user.resumed".to_owned(), active)]);
    signed_in(&server, &bob).await;
    // Without a row that says so nobody is inactive, and API keys would be good: it gets one.
    server.db().db_execute(&format!("DELETE FROM auth WHERE id = '{}'", eve.id()));
    server.db_group("keys", &[&eve], json!({ "features": { "api_keys": true } })).await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_api_key(&eve, "sk-eve").await;
    let key = eve.with_bearer("sk-eve");
    key.get(SETTINGS).await.assert_status(200);
    suspend(&first, &eve, json!({})).await.assert_status(200);
    key.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    assert_eq!(stored(&server, &eve), ("pending".to_owned(), false));
    resume(&first, &eve).await.assert_status(200);
    key.get(SETTINGS).await.assert_status(200);
    sign_in(&server, eve.email(), PASSWORD).await.assert_error(400, "INVALID_CREDENTIALS");
});

with_databases!(all, p5_a_suspended_admin_is_no_active_one, async |db| {
    let server = adopted(db).await;
    // Whoever comes first is no admin: so it may be in a database of Open WebUI.
    let oldest = server.db_user("oldest").created_at(1).create().await;
    server.db().db_execute(&format!(r#"UPDATE "user" SET role = 'user' WHERE id <> '{}'"#, oldest.id()));
    let (ada, ben) = (server.db_admin("ada").create().await, server.db_admin("ben").create().await);
    suspend(&ada, &ben, json!({})).await.assert_status(200);
    let demote = form("ada", ada.email(), json!({ "role": "user" }));
    ada.post(&path_of(&ada, "/update"), &demote).await.assert_error(403, "ACTION_PROHIBITED");
    let many = json!({ "action": "set_role", "role": "user", "ids": [ada.id()] });
    let reply = ada.post(BULK, many).await;
    assert_eq!(reply.assert_status(200).at("/results/0/error/code"), "ACTION_PROHIBITED");
    assert_eq!(stored(&server, &ada), ("admin".to_owned(), true));
    resume(&ada, &ben).await.assert_status(200);
    ada.post(&path_of(&ada, "/update"), &demote).await.assert_status(200);
    assert_eq!(stored(&server, &ada), ("user".to_owned(), true));
});

/// More connections than cores, so that transactions do meet.
fn crowded(server: ServerBuilder) -> ServerBuilder {
    server.store(|store| store.threads = 8)
}

with_databases!(all, u1_no_session_outlives_a_suspension_that_meets_sign_ins, async |db| {
    let server = adopted_with(db, crowded).await;
    let first = primary(&server).await;
    for round in 0..4 {
        let bob = server.db_user("bob").email(&format!("bob{round}@rosterd.test")).create().await;
        let credentials = json!({ "email": bob.email(), "password": PASSWORD });
        let sign_in = |_| {
            let path = "/api/v1/auths/signin".to_owned();
            send(server.anonymous(), Method::POST, path, credentials.clone())
        };
        let shut = send(first.clone(), Method::POST, path_of(&bob, "/suspend"), json!({}));
        let replies = at_once((0..8).map(sign_in).chain([shut])).await;
        let (shut, tried) = replies.split_last().unwrap();
        shut.assert_status(200);
        for reply in tried {
            if reply.status() != 200 {
                reply.assert_error(400, "INVALID_CREDENTIALS");
                continue;
            }
            let session = bob.with_bearer(reply.at("/token").as_str().unwrap());
            session.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
        }
        let open = format!("rosterd_session WHERE user_id = '{}' AND ended_at IS NULL", bob.id());
        assert_eq!(rows(&server, &open), 0);
    }
});

with_databases!(all, u2_p5_of_two_admins_who_suspend_each_other_one_remains, async |db| {
    let server = adopted_with(db, crowded).await;
    let first = primary(&server).await;
    for round in 0..4 {
        let named = |name: &str| server.db_admin(name).email(&format!("{name}{round}@rosterd.test"));
        let (ada, ben) = (named("ada").create().await, named("ben").create().await);
        let by = |by: &Caller, whom: &Caller| {
            send(by.clone(), Method::POST, path_of(whom, "/suspend"), json!({ "reason": "x" }))
        };
        let replies = at_once([by(&ada, &ben), by(&ben, &ada)]).await;
        let done = replies.iter().filter(|reply| reply.status() == 200).count();
        let late = replies.iter().find(|reply| reply.status() != 200).unwrap();
        assert_eq!((done, late.status()), (1, 401), "{late}");
        let both = [stored(&server, &ada), stored(&server, &ben)];
        assert!(both.contains(&("admin".to_owned(), true)), "{both:?}");
        assert!(both.contains(&("pending".to_owned(), false)), "{both:?}");
        assert_eq!(rows(&server, "rosterd_suspension"), round + 1);
    }
    first.get(LIST).await.assert_status(200);
});

with_databases!(all, u3_a_role_is_given_before_a_suspension_or_not_at_all, async |db| {
    let server = adopted_with(db, crowded).await;
    let first = primary(&server).await;
    for round in 0..4 {
        let bob = server.db_user("bob").email(&format!("bob{round}@rosterd.test")).create().await;
        let promote = form("bob", bob.email(), json!({ "role": "admin" }));
        let promote = send(first.clone(), Method::POST, path_of(&bob, "/update"), promote);
        let shut = send(first.clone(), Method::POST, path_of(&bob, "/suspend"), json!({}));
        let replies = at_once([promote, shut]).await;
        replies[1].assert_status(200);
        let is_given = replies[0].status() == 200;
        if !is_given {
            replies[0].assert_error(409, "CONFLICT");
        }
        let wanted = if is_given { "admin" } else { "user" };
        assert_eq!(stored(&server, &bob), ("pending".to_owned(), false));
        assert_eq!(resume(&first, &bob).await.assert_status(200).at("/role"), wanted);
        assert_eq!(server.db_get_user(bob.id()).await.role, Role::parse(wanted).unwrap());
    }
});
