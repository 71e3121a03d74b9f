//! What administrators see of mails and do with them (rule Q4).

use rosterd_app::mail::{self, MOST_MAILS};
use rosterd_domain::mail::KEPT_FOR;
use rosterd_testkit::{Method, PASSWORD, Postbox, TestServer, Welcome, with_databases};
use serde_json::{Value, json};

use super::{MAIL, by, deliver, fresh, listed, mailing};

async fn note(server: &TestServer, name: &str) {
    let owner = server.db_user(name).create().await;
    let form = json!({ "password": PASSWORD, "new_password": "another-long-password" });
    owner.post("/api/v1/auths/update/password", form).await.assert_status(200);
}

with_databases!(all, q4_mails_are_listed_by_pages_and_states, async |db| {
    let postbox =
        Postbox::start(
            |recipient| {
                if recipient.starts_with("user3") { Welcome::Say("550 no") } else { Welcome::Take }
            },
        );
    let server = mailing(db, &postbox).await;
    let ada = server.db_admin("ada").create().await;
    for number in 0..5 {
        note(&server, &format!("user{number}")).await;
        server.clock().advance(1);
    }
    let ada = fresh(&server, &ada);
    let mut names = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = ada.get(&format!("{MAIL}?limit=2&cursor={cursor}")).await.assert_status(200).json();
        for mail in page["mails"].as_array().unwrap() {
            assert_eq!(mail["state"], "waiting");
            names.push(mail["recipient"].as_str().unwrap()[..5].to_owned());
        }
        let Some(next) = page["next_cursor"].as_str() else { break };
        next.clone_into(&mut cursor);
    }
    assert_eq!(names, ["user4", "user3", "user2", "user1", "user0"]);
    assert_eq!(deliver(&server).await, 4);
    for (state, count) in [("sent", 4), ("failed", 1), ("waiting", 0), ("cancelled", 0)] {
        let page = ada.get(&format!("{MAIL}?state={state}")).await.assert_status(200).json();
        assert_eq!(page["mails"].as_array().unwrap().len(), count, "{state}");
    }
    let keys: Vec<_> = listed(&ada).await[0].as_object().unwrap().keys().cloned().collect();
    let shown = [
        "id",
        "kind",
        "state",
        "recipient",
        "user_id",
        "language",
        "attempts",
        "created_at",
        "next_attempt_at",
        "sent_at",
        "last_error",
    ];
    assert_eq!(keys, shown, "no values, and no texts");
    for wrong in ["?limit=0", "?state=gone", "?cursor=%27"] {
        ada.get(&format!("{MAIL}{wrong}")).await.assert_status(422);
    }
    assert_eq!(MOST_MAILS, 200);
});

with_databases!(current, q4_an_admin_has_a_mail_sent_once_more, async |db| {
    let postbox = Postbox::start(|_recipient| Welcome::Say("550 no"));
    let server = mailing(db, &postbox).await;
    let ada = server.db_admin("ada").create().await;
    note(&server, "bob").await;
    assert_eq!(deliver(&server).await, 0);
    let id = listed(&ada).await[0]["id"].as_str().unwrap().to_owned();
    server.forget_events();
    let retry = format!("{MAIL}/{id}/retry");
    let again = ada.post(&retry, Value::Null).await.assert_status(200).json();
    assert_eq!((&again["state"], &again["attempts"]), (&json!("waiting"), &json!(0)), "{again}");
    let told = server.take_events();
    assert_eq!(told.iter().map(|record| record.event.name()).collect::<Vec<_>>(), ["mail.retried"]);
    assert_eq!(told[0].to_json()["subject"], json!({ "kind": "mail", "id": id }));
    let willing = Postbox::willing();
    let second = server.second_builder().settings(by(&willing.url())).start().await;
    assert_eq!(deliver(&second).await, 1);
    ada.post(&retry, Value::Null).await.assert_error(409, "CONFLICT");
    ada.post(&format!("{MAIL}/nobody/retry"), Value::Null).await.assert_error(404, "NOT_FOUND");
});

with_databases!(own, q4_a_test_is_sent_at_once_and_says_what_the_server_said, async |db| {
    let postbox = Postbox::start(|recipient| {
        if recipient.starts_with("ada") { Welcome::Take } else { Welcome::Say("554 5.7.1 relaying denied") }
    });
    let server = mailing(db, &postbox).await;
    let ada = server.db_admin("ada").create().await;
    let eve = server.db_admin("eve").create().await;
    let test = ada.request(Method::POST, &format!("{MAIL}/test")).header("accept-language", "de");
    let sent = test.send().await.assert_status(200).json();
    assert_eq!(sent, json!({ "sent": true, "recipient": ada.email(), "error": null }));
    let mail = &postbox.posted()[0];
    assert!(mail.text().contains("das ist ein Test"), "{}", mail.text());
    let refused = eve.post(&format!("{MAIL}/test"), Value::Null).await.assert_status(200).json();
    assert_eq!(refused["sent"], false);
    assert_eq!(refused["error"], "the mail server answered 554: 5.7.1 relaying denied");
    assert_eq!(listed(&ada).await, Vec::<Value>::new(), "a test is in no list");
    let told = server.take_events();
    let sent: Vec<_> = told.iter().map(|record| record.to_json()["sent"].clone()).collect();
    assert_eq!(sent, [json!(true), json!(false)]);
});

with_databases!(own, q4_where_mail_is_not_set_up_there_is_a_list_and_no_test, async |db| {
    let server = TestServer::start(db).await;
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    ada.get(MAIL).await.assert(200, json!({ "mails": [] }));
    ada.post(&format!("{MAIL}/test"), Value::Null).await.assert_error(409, "CONFLICT");
    ada.post(&format!("{MAIL}/x/retry"), Value::Null).await.assert_error(409, "CONFLICT");
    bob.post(&format!("{MAIL}/test"), Value::Null).await.assert_error(401, "ACCESS_PROHIBITED");
});

with_databases!(attached, without_the_table_mail_is_a_conflict_and_nothing_is_written, async |db| {
    let postbox = Postbox::willing();
    let server = TestServer::builder(db).settings(by(&postbox.url())).start().await;
    assert!(server.app().mail_has_no_table().is_some());
    let ada = server.db_admin("ada").create().await;
    ada.get(MAIL).await.assert_error(409, "CONFLICT");
    note(&server, "bob").await;
    assert_eq!(deliver(&server).await, 0);
    // A test needs no table.
    ada.post(&format!("{MAIL}/test"), Value::Null).await.assert_status(200);
    assert_eq!(postbox.posted().len(), 1);
});

with_databases!(own, q4_mails_that_have_ended_go_after_30_days, async |db| {
    let postbox =
        Postbox::start(
            |recipient| {
                if recipient.starts_with("bob") { Welcome::Take } else { Welcome::Say("451 later") }
            },
        );
    let server = mailing(db, &postbox).await;
    let ada = server.db_admin("ada").create().await;
    note(&server, "bob").await;
    note(&server, "carol").await;
    assert_eq!(deliver(&server).await, 1);
    server.clock().advance(KEPT_FOR);
    assert_eq!(mail::remove_old(server.app()).await.unwrap(), 0);
    server.clock().advance(1);
    assert_eq!(mail::remove_old(server.app()).await.unwrap(), 1);
    let left = listed(&fresh(&server, &ada)).await;
    assert_eq!(left.iter().map(|mail| mail["state"].clone()).collect::<Vec<_>>(), [json!("waiting")]);
});
