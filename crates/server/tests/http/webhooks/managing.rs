//! Making, changing, testing and deleting webhooks.

use rosterd_domain::webhook::MAX_WEBHOOKS;
use rosterd_testkit::{Method, Reaction, Receiver, with_databases, with_servers};
use serde_json::{Value, json};

use super::{Hook, WEBHOOKS, deliver, keeping, rename};

with_databases!(all, w1_a_webhook_is_made_listed_changed_and_deleted, async |db| {
    let server = keeping(db).await;
    let ada = server.db_admin("ada").create().await;
    let form = json!({
        "url": "https://hooks.example/rosterd?key=1", "events": ["user.*", "user.*", "group.created"], "description": "Chat",
    });
    let made = ada.post(WEBHOOKS, form).await;
    let hook = Hook::of(&made);
    assert!(hook.secret.starts_with("whsec_") && hook.secret.len() == 50, "32 bytes");
    let mut shown = made.json();
    shown.as_object_mut().unwrap().remove("secret");
    let now = server.now();
    assert_eq!(
        shown,
        json!({
            "id": hook.id, "url": "https://hooks.example/rosterd?key=1", "events": ["user.*", "group.created"],
            "description": "Chat", "enabled": true, "disabled": null, "waiting": 0, "previous_secret_until": null,
            "created_at": now, "updated_at": now,
        })
    );
    assert_eq!(ada.get(WEBHOOKS).await.json(), json!([shown]));
    let stored = server.db().db_value("SELECT secret FROM rosterd_webhook").unwrap();
    assert!(stored.starts_with("v1:") && !stored.contains(&hook.secret[6..]), "{stored}");
    server.clock().advance(7);
    let update = json!({ "events": ["group.*"], "description": "", "enabled": false });
    let changed = ada.post(&hook.path("/update"), update).await.assert_status(200).json();
    shown["events"] = json!(["group.*"]);
    shown["description"] = json!("");
    shown["enabled"] = json!(false);
    shown["disabled"] = json!({ "at": now + 7, "reason": "admin" });
    shown["updated_at"] = json!(now + 7);
    assert_eq!(changed, shown);
    ada.delete(&hook.path("")).await.assert_status(200);
    ada.delete(&hook.path("")).await.assert_error(404, "NOT_FOUND");
    assert_eq!(ada.get(WEBHOOKS).await.json(), json!([]));
});

with_servers!(
    own,
    w1_w2_w3_what_is_wrong_is_told_by_field,
    |server| server.settings(|s| s.webhooks.allow_private = false),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        let fields = async |path: &str, form: Value| {
            let reply = ada.post(path, form).await;
            let fields = reply.assert_error(422, "VALIDATION_ERROR").json()["detail"].clone();
            fields.as_array().unwrap().iter().map(|fault| fault["loc"].to_string()).collect::<Vec<_>>()
        };
        let good = json!({ "url": "https://hooks.example/", "events": ["*"] });
        for url in [
            "http://hooks.example/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://a:b@hooks.example/",
            "hook",
            "",
        ] {
            assert_eq!(
                fields(WEBHOOKS, json!({ "url": url, "events": ["*"] })).await,
                [r#"["body","url"]"#],
                "{url}"
            );
        }
        let names = json!({ "url": "https://hooks.example/", "events": ["user.*", "Users"] });
        assert_eq!(fields(WEBHOOKS, names).await, [r#"["body","events","1"]"#]);
        assert_eq!(
            fields(WEBHOOKS, json!({ "url": "https://hooks.example/", "events": [] })).await,
            [r#"["body","events"]"#]
        );
        assert_eq!(fields(WEBHOOKS, json!({})).await, [r#"["body","url"]"#, r#"["body","events"]"#]);
        let unknown = json!({ "url": "https://hooks.example/", "events": ["*"], "secret": "mine" });
        assert_eq!(fields(WEBHOOKS, unknown).await, [r#"["body","secret"]"#]);
        let long =
            json!({ "url": "https://hooks.example/", "events": ["*"], "description": "x".repeat(2001) });
        assert_eq!(fields(WEBHOOKS, long).await, [r#"["body","description"]"#]);
        let hook = Hook::of(&ada.post(WEBHOOKS, good).await);
        assert_eq!(
            fields(&hook.path("/update"), json!({ "url": "https://10.0.0.1/" })).await,
            [r#"["body","url"]"#]
        );
        assert_eq!(
            fields(&hook.path("/rotate"), json!({ "overlap": 604_801 })).await,
            [r#"["body","overlap"]"#]
        );
    }
);

with_databases!(all, s4_a_webhook_that_was_changed_meanwhile_stays, async |db| {
    let server = keeping(db).await;
    let ada = server.db_admin("ada").create().await;
    let hook =
        Hook::of(&ada.post(WEBHOOKS, json!({ "url": "https://hooks.example/", "events": ["user.*"] })).await);
    let seen = ada.get(&hook.path("")).await;
    assert_eq!(ada.get(WEBHOOKS).await.json(), json!([seen.assert_status(200).json()]));
    let tag = seen.header("etag").unwrap().to_owned();
    let post = async |tag: &str, body: Value| {
        ada.request(Method::POST, &hook.path("/update")).header("if-match", tag).json(&body).send().await
    };
    let stored = post(&tag, json!({ "description": "Chat" })).await;
    let now = stored.assert_status(200).header("etag").unwrap().to_owned();
    assert_ne!(now, tag);
    post(&tag, json!({ "events": ["*"] })).await.assert_error(412, "PRECONDITION_FAILED");
    assert_eq!(ada.get(&hook.path("")).await.at("/events"), json!(["user.*"]));
    // What is not part of an update makes no other version.
    ada.post(&hook.path("/rotate"), json!({})).await.assert_status(200);
    assert_eq!(ada.get(&hook.path("")).await.header("etag"), Some(now.as_str()));
    post("*", json!({ "enabled": false })).await.assert_status(200);
    post(&now, json!({ "events": ["*"] })).await.assert_error(412, "PRECONDITION_FAILED");
    ada.post(&hook.path("/update"), json!({ "enabled": true })).await.assert_status(200);
    post(&now, json!({ "events": ["*"] })).await.assert_status(200);
    ada.get("/api/v1/webhooks/nobody").await.assert_error(404, "NOT_FOUND");
});

with_servers!(own, what_is_not_there_is_not_found, async |server| {
    let ada = server.db_admin("ada").create().await;
    let hook = Hook { id: "nobody".to_owned(), secret: String::new() };
    ada.post(&hook.path("/update"), json!({})).await.assert_error(404, "NOT_FOUND");
    ada.post(&hook.path("/rotate"), json!({})).await.assert_error(404, "NOT_FOUND");
    ada.post(&hook.path("/test"), Value::Null).await.assert_error(404, "NOT_FOUND");
    ada.get(&hook.path("/deliveries")).await.assert_error(404, "NOT_FOUND");
    let receiver = Receiver::willing();
    let hook = Hook::make(&ada, &receiver, &["*"]).await;
    ada.post(&hook.path("/deliveries/nothing/retry"), Value::Null).await.assert_error(404, "NOT_FOUND");
});

with_servers!(own, w6_deliveries_are_listed_by_state, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let receiver =
        Receiver::start(|request| Reaction::status(if request.kind() == "user.updated" { 204 } else { 500 }));
    let hook = Hook::make(&ada, &receiver, &["user.*", "group.*"]).await;
    rename(&ada, &bob, "bob 1").await;
    rename(&ada, &bob, "bob 2").await;
    let group = json!({ "name": "g", "description": "" });
    ada.post("/api/v1/groups/create", group).await.assert_status(200);
    deliver(&server).await;
    let listed = async |query: &str| {
        let page = ada.get(&hook.path(&format!("/deliveries?{query}"))).await.assert_status(200).json();
        let events = page["deliveries"].as_array().unwrap();
        events.iter().map(|it| it["event"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed("state=delivered").await, ["user.updated", "user.updated"]);
    assert_eq!(listed("state=waiting").await, ["group.created"]);
    assert!(listed("state=failed").await.is_empty());
    assert_eq!(listed("state=").await.len(), 3);
    let page = ada.get(&hook.path("/deliveries?state=delivered&limit=1")).await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(listed(&format!("state=delivered&limit=1&cursor={cursor}")).await, ["user.updated"]);
    let wrong = ada.get(&hook.path("/deliveries?state=gone")).await;
    assert_eq!(
        wrong.assert_error(422, "VALIDATION_ERROR").json()["detail"][0]["loc"],
        json!(["query", "state"])
    );
});

with_servers!(own, there_are_32_webhooks_at_most, async |server| {
    let ada = server.db_admin("ada").create().await;
    let form = || json!({ "url": "https://hooks.example/", "events": ["*"] });
    let mut last = String::new();
    for _ in 0..MAX_WEBHOOKS {
        last = Hook::of(&ada.post(WEBHOOKS, form()).await).path("");
    }
    ada.post(WEBHOOKS, form()).await.assert_error(409, "CONFLICT");
    ada.delete(&last).await.assert_status(200);
    ada.post(WEBHOOKS, form()).await.assert_status(200);
});

with_servers!(attached, without_the_tables_the_answer_says_what_adds_them, async |server| {
    let ada = server.db_admin("ada").create().await;
    let reply = ada.get(WEBHOOKS).await;
    reply.assert_error(409, "CONFLICT");
    assert!(reply.text().contains("rosterd adopt --apply"), "{reply}");
    ada.post(WEBHOOKS, json!({ "url": "https://hooks.example/", "events": ["*"] }))
        .await
        .assert_error(409, "CONFLICT");
    ada.get("/api/v1/webhooks/w/deliveries").await.assert_error(409, "CONFLICT");
    assert_eq!(deliver(&server).await, 0);
});

with_servers!(
    own,
    without_the_audit_log_the_answer_says_what_switches_it_on,
    |server| server.settings(|settings| settings.audit.is_on = false),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        let reply = ada.get(WEBHOOKS).await;
        reply.assert_error(409, "CONFLICT");
        assert!(reply.text().contains("ROSTERD_AUDIT"), "{reply}");
    }
);

with_servers!(own, a_test_is_sent_at_once_and_its_outcome_is_told, async |server| {
    let ada = server.db_admin("ada").create().await;
    let receiver = Receiver::start(|request| match request.target.as_str() {
        "POST /refused HTTP/1.1" => Reaction::status(403),
        _ => Reaction::status(200),
    });
    let hook = Hook::make(&ada, &receiver, &["*"]).await;
    let outcome = ada.post(&hook.path("/test"), Value::Null).await.assert_status(200).json();
    assert_eq!(outcome, json!({ "delivered": true, "status": 200, "error": null }));
    let sent = receiver.received();
    let [test] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(
        (test.kind().as_str(), test.json()["data"]["webhook"].as_str()),
        ("webhook.test", Some(hook.id.as_str()))
    );
    assert_eq!(test.signed_with(&hook.secret), Some(0));
    let refused = receiver.url().replace("/hook?key=url-secret", "/refused");
    ada.post(&hook.path("/update"), json!({ "url": refused, "enabled": false })).await.assert_status(200);
    let outcome = ada.post(&hook.path("/test"), Value::Null).await.assert_status(200).json();
    assert_eq!(
        outcome,
        json!({ "delivered": false, "status": 403, "error": "the receiver answered with status 403" })
    );
});

with_servers!(own, nothing_of_a_url_but_its_host_is_told_in_events, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let receiver = Receiver::start(|_request| Reaction::status(410));
    server.forget_events();
    let hook = Hook::make(&ada, &receiver, &["user.*"]).await;
    let url = receiver.url().replace("/hook", "/other");
    ada.post(&hook.path("/update"), json!({ "url": url })).await.assert_status(200);
    rename(&ada, &bob, "Robert").await;
    deliver(&server).await;
    let told: Vec<Value> = server.take_events().iter().map(rosterd_app::Record::to_json).collect();
    let names: Vec<_> = told.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["webhook.created", "webhook.updated", "user.updated", "webhook.disabled"]);
    let origin = format!("http://127.0.0.1:{}", receiver.port());
    assert_eq!(told[0]["changes"]["url"]["after"], origin.as_str());
    assert_eq!(told[1]["changes"], json!({ "url": null }), "another path");
    let text = format!("{told:?}");
    assert!(
        !text.contains("url-secret") && !text.contains("/other") && !text.contains(&hook.secret),
        "{text}"
    );
    assert_eq!(
        (&told[3]["reason"], &told[3]["actor"]),
        (&json!("gone"), &json!({ "kind": "job", "name": "webhooks" }))
    );
});
