//! What receivers get: each event once, signed, in order.

use std::collections::BTreeSet;
use std::time::Duration;

use rosterd_app::webhooks;
use rosterd_testkit::{Reaction, Receiver, TestServer, with_databases, with_servers};
use serde_json::json;

use super::{Hook, deliver, keeping, rename};
use crate::support::UPDATE_SETTINGS;

with_databases!(all, w3_w4_w5_each_event_that_is_meant_arrives_once_and_signed, async |db| {
    let server = keeping(db).await;
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let (some, all) = (Receiver::willing(), Receiver::willing());
    rename(&ada, &bob, "before").await;
    assert_eq!(deliver(&server).await, 0);
    let hook = Hook::make(&ada, &some, &["user.*"]).await;
    Hook::make(&ada, &all, &["*"]).await;
    rename(&ada, &bob, "Robert").await;
    bob.post(UPDATE_SETTINGS, json!({ "theme": "dark" })).await.assert_status(200);
    ada.post("/api/v1/groups/create", json!({ "name": "Ops", "description": "" })).await.assert_status(200);
    // On SQLite an event is sealed as it is written: what was before a webhook was made never comes to it.
    let both_made = server.db().is_postgres();
    assert_eq!(deliver(&server).await, if both_made { 2 + 5 } else { 2 + 4 });
    assert_eq!(deliver(&server).await, 0, "and no more");
    assert_eq!(some.kinds().iter().collect::<BTreeSet<_>>().len(), 2);
    let mut kinds = all.kinds();
    kinds.sort();
    let wanted =
        ["group.created", "user.settings_changed", "user.updated", "webhook.created", "webhook.created"];
    let wanted = &wanted[..if both_made { 5 } else { 4 }];
    assert_eq!(kinds, wanted, "what happened after it was made, its own making too");
    let sent = some.received();
    let updated = sent.iter().find(|request| request.kind() == "user.updated").unwrap();
    assert_eq!(updated.target, "POST /hook?key=url-secret HTTP/1.1");
    assert_eq!(updated.header("content-type"), "application/json");
    assert!(updated.header("user-agent").starts_with("rosterd/"), "{updated:?}");
    assert_eq!(updated.header("webhook-timestamp"), server.now().to_string());
    assert_eq!(updated.signed_with(&hook.secret), Some(0));
    let data = &updated.json()["data"];
    assert_eq!(updated.header("webhook-id"), data["id"]);
    assert_eq!(data["subject"], json!({ "kind": "user", "id": bob.id(), "label": "Robert" }));
    assert_eq!(data["actor"]["id"], ada.id().as_str());
    assert!(data["details"]["changes"]["name"]["after"] == "Robert" && data["position"].is_i64(), "{data}");
    for delivery in hook.deliveries(&ada).await {
        assert_eq!(
            (&delivery["state"], &delivery["tries"], &delivery["status"]),
            (&json!("delivered"), &json!(1), &json!(204))
        );
    }
});

with_servers!(own, w7_deliveries_about_one_subject_keep_their_order, async |server| {
    let ada = server.db_admin("ada").create().await;
    let (bob, carol) = (server.db_user("bob").create().await, server.db_user("carol").create().await);
    let refused = bob.id().to_string();
    let receiver = Receiver::start(move |request| {
        let json = request.json();
        let is_first = json["data"]["details"]["changes"]["name"]["after"] == "bob 1"
            && json["data"]["subject"]["id"] == refused.as_str();
        Reaction::status(if is_first && request.header("webhook-timestamp") == "1800000000" {
            500
        } else {
            204
        })
    });
    let hook = Hook::make(&ada, &receiver, &["user.*"]).await;
    for n in 1..=3 {
        rename(&ada, &bob, &format!("bob {n}")).await;
        rename(&ada, &carol, &format!("carol {n}")).await;
    }
    deliver(&server).await;
    let names = |whom: &str| -> Vec<String> {
        let sent = receiver
            .received()
            .into_iter()
            .map(|request| request.json()["data"]["details"]["changes"]["name"]["after"].clone());
        sent.map(|name| name.as_str().unwrap().to_owned()).filter(|name| name.starts_with(whom)).collect()
    };
    assert_eq!(names("carol"), ["carol 1", "carol 2", "carol 3"], "those of others are not held back");
    assert_eq!(names("bob"), ["bob 1"], "the second waits for the first");
    assert_eq!(hook.shown(&ada).await["waiting"], 3);
    assert_eq!(deliver(&server).await, 0, "it is not time yet");
    server.clock().advance(6);
    assert_eq!(deliver(&server).await, 3);
    assert_eq!(names("bob"), ["bob 1", "bob 1", "bob 2", "bob 3"]);
    let ids = receiver.ids();
    assert_eq!(ids.len() - 1, ids.iter().collect::<BTreeSet<_>>().len(), "the same id once more");
});

/// A server whose jobs run all the time.
async fn busy(server: &TestServer) -> TestServer {
    let often = Duration::from_millis(20);
    let builder = server.second_builder().settings(|settings| {
        settings.audit.seal_every = often;
        settings.webhooks.every = often;
    });
    builder.start().await
}

with_databases!(own, two_processes_deliver_each_event_once, async |db| {
    let server = keeping(db).await;
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let receiver = Receiver::willing();
    let hook = Hook::make(&ada, &receiver, &["user.updated"]).await;
    let (one, other) = (busy(&server).await, busy(&server).await);
    for n in 0..20 {
        rename(&ada, &bob, &format!("bob {n}")).await;
    }
    receiver.wait_for(20).await;
    one.stop().await;
    // What is left, if anything, is the other one's.
    for n in 20..30 {
        rename(&ada, &bob, &format!("bob {n}")).await;
    }
    receiver.wait_for(30).await;
    other.stop().await;
    let ids = receiver.ids();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 30);
    assert_eq!(ids.len(), 30, "each once");
    assert!(ids.is_sorted(), "in the order in which they happened");
    assert_eq!(hook.shown(&ada).await["waiting"], 0);
    assert!(hook.deliveries(&ada).await.iter().all(|delivery| delivery["tries"] == 1));
});

with_servers!(
    own,
    one_that_hangs_does_not_hold_up_another,
    |server| server.settings(|settings| settings.webhooks.time = Duration::from_secs(2)),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        let receiver = Receiver::willing();
        let hanging = Receiver::start(|_request| Reaction::Hang);
        let slow = Hook::make(&ada, &hanging, &["user.*"]).await;
        Hook::make(&ada, &receiver, &["user.*"]).await;
        let mut people = Vec::new();
        for n in 0..6 {
            people.push(server.db_user(&format!("u{n}")).create().await);
        }
        for whom in &people {
            rename(&ada, whom, "renamed").await;
        }
        rosterd_app::audit::seal(server.app()).await.unwrap();
        let app = server.app().clone();
        let run = tokio::spawn(async move { webhooks::deliver(&app).await });
        receiver.wait_for(6).await;
        assert!(!run.is_finished(), "the other one still hangs");
        // What comes meanwhile is delivered meanwhile.
        rename(&ada, &people[0], "once more").await;
        rosterd_app::audit::seal(server.app()).await.unwrap();
        receiver.wait_for(7).await;
        run.await.unwrap().unwrap();
        let deliveries = slow.deliveries(&ada).await;
        assert!(
            deliveries.iter().take(6).all(|it| it["error"] == "no answer within 2 seconds"),
            "{deliveries:?}"
        );
    }
);

with_servers!(
    own,
    what_has_no_room_waits_in_the_audit_log,
    |server| server.settings(|settings| settings.webhooks.most_waiting = 10),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        let receiver = Receiver::start(|request| {
            Reaction::status(if request.header("webhook-timestamp") == "1800000000" { 503 } else { 204 })
        });
        let hook = Hook::make(&ada, &receiver, &["user.created"]).await;
        server.db().db_execute(
            "INSERT INTO rosterd_event (id, at, action, actor_kind, subject_kind, subject_id, salt) \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 33) \
             SELECT 'e-' || (100 + i), 1800000000000, 'user.created', 'operator', 'user', 'u-' || i, 'salt' FROM n",
        );
        assert_eq!(deliver(&server).await, 10);
        assert_eq!(hook.shown(&ada).await["waiting"], 10);
        server.clock().advance(6);
        assert_eq!(deliver(&server).await, 33);
        assert_eq!(hook.shown(&ada).await["waiting"], 0);
        let taken: BTreeSet<String> = receiver.ids().into_iter().collect();
        assert_eq!(taken.len(), 33);
    }
);

with_servers!(own, deliveries_are_listed_page_by_page_and_removed_in_time, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let receiver = Receiver::willing();
    let hook = Hook::make(&ada, &receiver, &["user.updated"]).await;
    for n in 0..5 {
        rename(&ada, &bob, &format!("bob {n}")).await;
    }
    deliver(&server).await;
    let (mut cursor, mut positions) = (String::new(), Vec::new());
    loop {
        let page = ada
            .get(&hook.path(&format!("/deliveries?limit=2&cursor={cursor}")))
            .await
            .assert_status(200)
            .json();
        positions
            .extend(page["deliveries"].as_array().unwrap().iter().map(|it| it["position"].as_i64().unwrap()));
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(positions.len(), 5);
    assert!(positions.is_sorted_by(|one, other| one > other), "{positions:?}");
    ada.get(&hook.path("/deliveries?limit=0")).await.assert_error(422, "VALIDATION_ERROR");
    assert_eq!(webhooks::remove_old(server.app()).await.unwrap(), 0);
    server.clock().advance(30 * 86_400 + 1);
    assert_eq!(webhooks::remove_old(server.app()).await.unwrap(), 5);
    assert_eq!(
        server.db().db_value("SELECT count(*) AS n FROM rosterd_webhook_delivery").as_deref(),
        Some("0")
    );
});
