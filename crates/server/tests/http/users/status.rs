//! `/users/user/status`: rules S5 and V1.

use rosterd_testkit::{Caller, TestServer, with_servers};
use serde_json::{Value, json};

use crate::support::{ALL, LIST, SEARCH, STATUS, UPDATE_STATUS, keys, path_of, record_keys};

/// The status that each place shows for bob, who asks for his own and whom ada looks at.
async fn everywhere(server: &TestServer, ada: &Caller, bob: &Caller) -> Vec<Value> {
    let of = |object: &Value| {
        json!([object["status_emoji"], object["status_message"], object["status_expires_at"]])
    };
    let mut shown = vec![of(&bob.get(STATUS).await.json())];
    shown.push(of(&bob.post(UPDATE_STATUS, json!({})).await.assert_status(200).json()));
    shown.push(of(&ada.get(&path_of(bob, "")).await.json()));
    for list in [LIST.to_owned(), ALL.to_owned(), format!("{SEARCH}?query={}", bob.email())] {
        let users = ada.get(&list).await.assert_status(200).at("/users");
        let found = users.as_array().unwrap().iter().find(|user| user["id"] == bob.id().as_str()).unwrap();
        shown.push(of(found));
    }
    assert!(server.db_find_user(bob.id()).await.is_some());
    shown
}

with_servers!(all, v1_the_status_is_three_fields_and_no_more, async |server| {
    let bob = server.db_user("bob").settings(json!({ "ui": {} })).create().await;
    let status = bob.get(STATUS).await.assert_status(200).json();
    assert_eq!(keys(&status), ["status_emoji", "status_expires_at", "status_message"]);
    assert!(status.as_object().unwrap().values().all(Value::is_null));
});

with_servers!(all, s5_absent_stays_null_clears_a_value_sets, async |server| {
    let bob = server.db_user("bob").create().await;
    let full =
        json!({ "status_emoji": "🚀", "status_message": "Shipping", "status_expires_at": 4_102_444_800_i64 });
    let record = bob.post(UPDATE_STATUS, &full).await.assert_status(200).json();
    assert_eq!(keys(&record).len(), record_keys(&server));
    assert_eq!(record["id"], bob.id().as_str());
    bob.get(STATUS).await.assert(200, full.clone());

    bob.post(UPDATE_STATUS, json!({ "status_message": "Still" })).await.assert_status(200);
    bob.post(UPDATE_STATUS, json!({ "status_emoji": null })).await.assert_status(200);
    let wanted =
        json!({ "status_emoji": null, "status_message": "Still", "status_expires_at": 4_102_444_800_i64 });
    bob.get(STATUS).await.assert(200, wanted.clone());
    bob.post(UPDATE_STATUS, json!({ "status_message": "", "unknown": 1 })).await.assert_status(200);
    bob.post(UPDATE_STATUS, json!({})).await.assert_status(200);
    bob.get(STATUS).await.assert(200, crate::support::merged(wanted, json!({ "status_message": "" })));
});

with_servers!(own, s5_every_wrong_field_is_named, async |server| {
    let bob = server.db_user("bob").create().await;
    let wrong = json!({ "status_emoji": 1, "status_message": {}, "status_expires_at": "soon" });
    let places = ["body/status_emoji", "body/status_expires_at", "body/status_message"];
    bob.post(UPDATE_STATUS, wrong).await.assert_invalid(&places);
    bob.post(UPDATE_STATUS, json!({ "status_expires_at": 1.5 }))
        .await
        .assert_invalid(&["body/status_expires_at"]);
    bob.post(UPDATE_STATUS, json!({ "status_message": "a\u{0}b" }))
        .await
        .assert_invalid(&["body/status_message"]);
});

with_servers!(own, s5_a_status_that_has_passed_reads_as_null_everywhere, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let end = server.now() + 60;
    let status = json!({ "status_emoji": "☕", "status_message": "Break", "status_expires_at": end });
    bob.post(UPDATE_STATUS, status).await.assert_status(200);
    server.clock().advance(59);
    assert_eq!(everywhere(&server, &ada, &bob).await, vec![json!(["☕", "Break", end]); 6]);
    server.clock().advance(1);
    assert_eq!(everywhere(&server, &ada, &bob).await, vec![json!([null, null, null]); 6]);
    // It is only shown so: what is stored comes back with a later end.
    let later = json!({ "status_expires_at": end + 60 });
    bob.post(UPDATE_STATUS, later).await.assert_status(200);
    assert_eq!(everywhere(&server, &ada, &bob).await, vec![json!(["☕", "Break", end + 60]); 6]);
});

with_servers!(all, a_status_longer_than_a_screen_shows_is_refused_unless_it_is_stored, async |server| {
    let bob = server.db_user("bob").create().await;
    let sent = json!({ "status_emoji": "🚀".repeat(64), "status_message": "ü".repeat(500) });
    bob.post(UPDATE_STATUS, &sent).await.assert_status(200);
    let sent = json!({ "status_emoji": "🚀".repeat(65), "status_message": "ü".repeat(501) });
    bob.post(UPDATE_STATUS, &sent).await.assert_invalid(&["body/status_emoji", "body/status_message"]);
    // What an older program stored may stay, and be sent again.
    let long = "ü".repeat(1_000);
    let stored = long.clone();
    let eve = server.db_user("eve").with(move |row| row.status_message = Some(Some(stored))).create().await;
    eve.post(UPDATE_STATUS, json!({ "status_message": long, "status_emoji": "🌴" })).await.assert_status(200);
    let longer = json!({ "status_message": format!("{long}!") });
    eve.post(UPDATE_STATUS, longer).await.assert_invalid(&["body/status_message"]);
    assert_eq!(eve.get(STATUS).await.at("/status_message"), json!(long));
});
