//! Receivers that fail, and what becomes of deliveries and webhooks.

use rosterd_domain::webhook::TRIES;
use rosterd_testkit::{Reaction, Receiver, with_servers};
use serde_json::{Value, json};

use super::{Hook, WEBHOOKS, deliver, fresh, rename};

/// The longest waits before the second try, the third and so on: a tenth more than planned.
const WAITS: [i64; 9] = [5, 330, 1980, 7920, 19_800, 39_600, 55_440, 79_200, 95_040];

with_servers!(
    own,
    w6_after_ten_tries_a_webhook_is_switched_off_and_goes_on_when_it_is_switched_on,
    async |server| {
        let ada = server.db_admin("ada").create().await;
        let bob = server.db_user("bob").create().await;
        let receiver = Receiver::start(|request| {
            let at: i64 = request.header("webhook-timestamp").parse().unwrap();
            Reaction::status(if at < 1_801_000_000 { 500 } else { 204 })
        });
        let hook = Hook::make(&ada, &receiver, &["user.updated"]).await;
        rename(&ada, &bob, "bob 1").await;
        rename(&ada, &bob, "bob 2").await;
        assert_eq!(deliver(&server).await, 1);
        for wait in WAITS {
            let next = hook.deliveries(&fresh(&server, &ada)).await[0].clone();
            assert_eq!((&next["state"], &next["status"]), (&json!("waiting"), &json!(500)), "{next}");
            let planned = next["next_try_at"].as_i64().unwrap() - server.now();
            assert!(planned <= wait && planned >= wait * 10 / 11, "{planned} of {wait}");
            server.clock().advance(planned - 1);
            assert_eq!(deliver(&server).await, 0, "a second too early");
            server.clock().advance(1);
            server.forget_events();
            assert_eq!(deliver(&server).await, 1);
        }
        assert_eq!(receiver.received().len(), usize::try_from(TRIES).unwrap());
        let told = server.take_events();
        let [off] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((off.event.name(), &off.to_json()["reason"]), ("webhook.disabled", &json!("failed")));
        let ada = fresh(&server, &ada);
        let shown = hook.shown(&ada).await;
        assert_eq!(shown["disabled"], json!({ "at": server.now(), "reason": "failed" }));
        let [failed, waiting] = &hook.deliveries(&ada).await[..] else { panic!() };
        assert_eq!((&failed["state"], &failed["tries"]), (&json!("failed"), &json!(10)));
        assert_eq!((&waiting["state"], &waiting["tries"]), (&json!("waiting"), &json!(0)));
        assert_eq!(deliver(&server).await, 0, "nothing is sent while it is off");
        let retry = hook.path(&format!("/deliveries/{}/retry", failed["id"].as_str().unwrap()));
        ada.post(&retry, Value::Null).await.assert_error(409, "CONFLICT");
        // What happened meanwhile arrives, too.
        rename(&ada, &bob, "bob 3").await;
        ada.post(&hook.path("/update"), json!({ "enabled": true })).await.assert_status(200);
        server.clock().set(1_801_000_000);
        assert_eq!(deliver(&server).await, 2);
        let ada = fresh(&server, &ada);
        let again = ada.post(&retry, Value::Null).await.assert_status(200).json();
        assert_eq!((&again["state"], &again["tries"]), (&json!("waiting"), &json!(0)));
        assert_eq!(deliver(&server).await, 1);
        assert!(hook.deliveries(&ada).await.iter().all(|delivery| delivery["state"] == "delivered"));
    }
);

with_servers!(own, w6_410_switches_a_webhook_off_at_once, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let receiver = Receiver::start(|_request| Reaction::status(410));
    let hook = Hook::make(&ada, &receiver, &["user.updated"]).await;
    rename(&ada, &bob, "bob 1").await;
    rename(&ada, &bob, "bob 2").await;
    assert_eq!(deliver(&server).await, 1);
    assert_eq!(hook.shown(&ada).await["disabled"]["reason"], "gone");
    server.clock().advance(100_000);
    assert_eq!(deliver(&server).await, 0);
});

with_servers!(own, w6_a_wish_to_wait_is_granted_and_a_redirect_is_not_followed, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let other = Receiver::willing();
    let location = other.url();
    let receiver = Receiver::start(move |request| match request.header("webhook-timestamp") {
        "1800000000" => Reaction::Answer(429, "Retry-After: 1000\r\n".to_owned()),
        "1800001000" => Reaction::Answer(307, format!("Location: {location}\r\n")),
        _ => Reaction::status(200),
    });
    let hook = Hook::make(&ada, &receiver, &["user.updated"]).await;
    rename(&ada, &bob, "Robert").await;
    deliver(&server).await;
    let next = async || hook.deliveries(&ada).await[0].clone();
    assert_eq!(next().await["next_try_at"], server.now() + 1000);
    server.clock().advance(1000);
    deliver(&server).await;
    let redirected = next().await;
    assert_eq!((&redirected["state"], &redirected["status"]), (&json!("waiting"), &json!(307)));
    server.clock().advance(331);
    deliver(&server).await;
    assert_eq!(next().await["state"], "delivered");
    assert!(other.received().is_empty(), "{:?}", other.received());
});

with_servers!(
    own,
    slow_and_large_answers_have_limits,
    |server| server.settings(|settings| settings.webhooks.time = std::time::Duration::from_millis(700)),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        let bob = server.db_user("bob").create().await;
        let mut hooks = Vec::new();
        let long =
            [b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n".as_slice(), &vec![b'x'; 300_000]].concat();
        let head = [b"HTTP/1.1 200 OK\r\nx-long: ".as_slice(), &vec![b'x'; 200_000]].concat();
        for (answer, state) in [
            (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nslow".to_vec(), "delivered"),
            (long, "delivered"),
            (head, "waiting"),
            (b"HTTP/1.1 200 O".to_vec(), "waiting"),
            (b"no HTTP at all\r\n\r\n".to_vec(), "waiting"),
        ] {
            let receiver = Receiver::start(move |_request| Reaction::Write(answer.clone()));
            hooks.push((Hook::make(&ada, &receiver, &["user.updated"]).await, receiver, state));
        }
        rename(&ada, &bob, "Robert").await;
        deliver(&server).await;
        for (hook, _receiver, state) in hooks {
            let delivery = hook.deliveries(&ada).await[0].clone();
            assert_eq!(delivery["state"], state, "{delivery}");
            assert_eq!(delivery["error"].is_null(), state == "delivered", "{delivery}");
        }
    }
);

with_servers!(
    own,
    w2_a_name_that_leads_to_this_machine_is_not_reached,
    |server| server.settings(|settings| settings.webhooks.allow_private = false),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        let bob = server.db_user("bob").create().await;
        let receiver = Receiver::willing();
        let form =
            json!({ "url": format!("https://localhost:{}/", receiver.port()), "events": ["user.updated"] });
        let hook = Hook::of(&ada.post(WEBHOOKS, form).await);
        let test = ada.post(&hook.path("/test"), Value::Null).await.assert_status(200).json();
        assert!(test["error"].as_str().unwrap().contains("may not be reached"), "{test}");
        rename(&ada, &bob, "Robert").await;
        deliver(&server).await;
        let delivery = hook.deliveries(&ada).await[0].clone();
        assert!(delivery["error"].as_str().unwrap().contains("may not be reached"), "{delivery}");
        assert!(receiver.received().is_empty());
    }
);

with_servers!(own, an_event_that_is_gone_is_not_sent_and_holds_nobody_up, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let receiver = Receiver::start(|request| {
        Reaction::status(if request.header("webhook-timestamp") == "1800000000" { 500 } else { 204 })
    });
    let hook = Hook::make(&ada, &receiver, &["user.updated"]).await;
    rename(&ada, &bob, "bob 1").await;
    rename(&ada, &bob, "bob 2").await;
    deliver(&server).await;
    let first = hook.deliveries(&ada).await[0]["id"].as_str().unwrap().to_owned();
    server.db().db_execute(&format!("DELETE FROM rosterd_event WHERE id = '{first}'"));
    server.clock().advance(6);
    deliver(&server).await;
    let [lost, sent] = &hook.deliveries(&ada).await[..] else { panic!() };
    assert_eq!((&lost["state"], &sent["state"]), (&json!("failed"), &json!("delivered")));
    assert_eq!(hook.shown(&ada).await["enabled"], true);
    let retry = hook.path(&format!("/deliveries/{first}/retry"));
    ada.post(&retry, Value::Null).await.assert_error(404, "NOT_FOUND");
});
