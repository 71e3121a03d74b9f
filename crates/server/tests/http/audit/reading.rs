//! Reading the log over HTTP.

use rosterd_domain::role::Role;
use rosterd_testkit::{Caller, Method, Reply, TestServer, with_databases, with_servers};
use serde_json::{Value, json};

use super::keeping;
use crate::support::{UPDATE_SETTINGS, UPDATE_STATUS, form, path_of};

const AUDIT: &str = "/api/v1/audit";
const OWN: &str = "/api/v1/users/user/events";

/// Six events of two people.
pub(super) async fn six(server: &TestServer) -> (Caller, Caller) {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    for n in 0..2 {
        bob.post(UPDATE_SETTINGS, json!({ "n": n })).await.assert_status(200);
        ada.post(&path_of(&bob, "/update"), form(&format!("bob {n}"), bob.email(), json!({})))
            .await
            .assert_status(200);
        server.clock().advance(60);
        ada.post(UPDATE_STATUS, json!({ "status_message": n.to_string() })).await.assert_status(200);
    }
    (ada, bob)
}

#[track_caller]
fn actions(reply: &Reply) -> Vec<String> {
    let events = reply.assert_status(200).at("/events");
    events.as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap().to_owned()).collect()
}

with_databases!(all, events_are_filtered_by_everything_that_is_known_of_them, async |db| {
    let server = keeping(db).await;
    let (ada, bob) = six(&server).await;
    let count = async |query: String| actions(&ada.get(&format!("{AUDIT}?{query}")).await).len();
    let begin = server.now() * 1000 - 120_000;
    for (query, found) in [
        (String::new(), 6),
        (format!("actor={}", bob.id()), 2),
        (format!("actor={}&subject={}", ada.id(), bob.id()), 2),
        ("action=user.updated".to_owned(), 2),
        ("action=user.*".to_owned(), 6),
        ("action=group.*".to_owned(), 0),
        (format!("from={begin}&to={}", begin + 1), 2),
        ("client_ip=127.0.0.1".to_owned(), 6),
        ("client_ip=192.0.2.1".to_owned(), 0),
        ("request_id=nobody".to_owned(), 0),
    ] {
        assert_eq!(count(query.clone()).await, found, "{query}");
    }
});

with_servers!(own, pages_neither_repeat_nor_skip, async |server| {
    let (ada, _bob) = six(&server).await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = ada.get(&format!("{AUDIT}?limit=4&cursor={cursor}")).await;
        seen.extend(page.assert_status(200).at("/events").as_array().unwrap().clone());
        match page.json().get("next_cursor") {
            Some(next) => next.as_str().unwrap().clone_into(&mut cursor),
            None => break,
        }
    }
    let ids: Vec<&str> = seen.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert!(ids.len() == 6 && ids.is_sorted_by(|a, b| a > b), "{ids:?}");
    let newest = &seen[0];
    assert_eq!(
        newest["actor"],
        json!({ "kind": "account", "id": ada.id(), "via": "session", "credential": null })
    );
    assert_eq!(newest["subject"], json!({ "kind": "user", "id": ada.id(), "label": "ada" }));
    assert_eq!(newest["details"]["changes"]["status_message"], json!({ "before": "0", "after": "1" }));
    let waits = server.db().is_postgres();
    assert_eq!((newest["position"].is_null(), newest["seal"].is_null()), (waits, waits), "{newest}");
});

with_servers!(own, pages_of_an_actor_have_what_it_did_to_itself_and_to_others_in_order, async |server| {
    let (ada, _bob) = six(&server).await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = ada.get(&format!("{AUDIT}?actor={}&limit=1&cursor={cursor}", ada.id())).await;
        seen.extend(actions(&page));
        match page.json().get("next_cursor") {
            Some(next) => next.as_str().unwrap().clone_into(&mut cursor),
            None => break,
        }
    }
    let (own, others) = ("user.status_changed", "user.updated");
    assert_eq!(seen, [own, others, own, others]);
});

with_servers!(own, events_come_as_lines_or_as_ocsf_where_that_is_asked_for, async |server| {
    let (ada, _bob) = six(&server).await;
    let request =
        ada.request(Method::GET, &format!("{AUDIT}?limit=5")).header("accept", "application/x-ndjson");
    let lines = request.send().await;
    assert_eq!(lines.assert_status(200).headers()["content-type"], "application/x-ndjson");
    let text = String::from_utf8(lines.bytes().to_vec()).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.len(), 5);
    assert_eq!(lines.headers()["x-next-cursor"], events[4]["id"].as_str().unwrap());
    let ocsf = ada.get(&format!("{AUDIT}?format=ocsf&action=user.updated")).await;
    let event = ocsf.assert_status(200).at("/events/0");
    assert_eq!((&event["class_uid"], &event["type_uid"]), (&json!(3001), &json!(300_199)));
    ada.get(&format!("{AUDIT}?limit=0&action=User")).await.assert_error(422, "VALIDATION_ERROR");
});

with_servers!(own, whoever_has_an_account_sees_what_is_about_it_and_nothing_else, async |server| {
    let (ada, bob) = six(&server).await;
    let about_bob = bob.get(OWN).await;
    let found = actions(&about_bob);
    assert_eq!(found, ["user.updated", "user.settings_changed", "user.updated", "user.settings_changed"]);
    let asked = format!("{OWN}?subject={}&actor={}", ada.id(), ada.id());
    assert_eq!(actions(&bob.get(&asked).await), found, "the ids of others count for nothing");
    let pending = server.db_user("pending").role(Role::Pending).create().await;
    assert!(actions(&pending.get(OWN).await).is_empty());
    bob.get(AUDIT).await.assert_error(401, "ACCESS_PROHIBITED");
});
