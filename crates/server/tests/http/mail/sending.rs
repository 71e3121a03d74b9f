//! What becomes of mails that cannot be sent, and of one outbox with two servers (rules Q2 and Q3).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rosterd_domain::mail::ATTEMPTS;
use rosterd_testkit::{Caller, PASSWORD, Postbox, TestServer, Welcome, with_databases};
use serde_json::{Value, json};

use super::{MAIL, by, deliver, fresh, listed, mailing};

/// A mail to somebody new: the one of a changed password.
async fn note(server: &TestServer, name: &str) -> Caller {
    let owner = server.db_user(name).create().await;
    let form = json!({ "password": PASSWORD, "new_password": "another-long-password" });
    owner.post("/api/v1/auths/update/password", form).await.assert_status(200);
    owner
}

with_databases!(own, q3_what_is_put_off_is_tried_again_and_given_up_after_a_day, async |db| {
    let postbox = Postbox::start(|_recipient| Welcome::Say("451 4.7.1 come back later"));
    let server = mailing(db, &postbox).await;
    let ada = server.db_admin("ada").create().await;
    note(&server, "bob").await;
    for (number, wait) in [60, 300, 900, 3_600, 14_400, 43_200].into_iter().enumerate() {
        assert_eq!(deliver(&server).await, 0);
        let mail = listed(&fresh(&server, &ada)).await.remove(0);
        assert_eq!((&mail["state"], &mail["attempts"]), (&json!("waiting"), &json!(number + 1)), "{mail}");
        assert_eq!(mail["next_attempt_at"], server.now() + wait);
        assert!(mail["last_error"].as_str().unwrap().contains("451: 4.7.1 come back later"), "{mail}");
        server.clock().advance(wait - 1);
        assert_eq!(deliver(&server).await, 0);
        let early = listed(&fresh(&server, &ada)).await.remove(0);
        assert_eq!(early["attempts"], mail["attempts"], "a second too early");
        server.clock().advance(1);
    }
    assert_eq!(deliver(&server).await, 0);
    let mail = listed(&fresh(&server, &ada)).await.remove(0);
    assert_eq!((&mail["state"], &mail["attempts"]), (&json!("failed"), &json!(ATTEMPTS)), "{mail}");
    assert_eq!((&mail["next_attempt_at"], &mail["sent_at"]), (&Value::Null, &Value::Null));
});

with_databases!(all, q3_what_is_refused_for_good_is_given_up_at_once_and_others_are_sent, async |db| {
    let postbox = Postbox::start(|recipient| {
        if recipient.starts_with("bob") { Welcome::Say("550 5.1.1 no such user") } else { Welcome::Take }
    });
    let server = mailing(db, &postbox).await;
    let ada = server.db_admin("ada").create().await;
    let (bob, carol) = (note(&server, "bob").await, note(&server, "carol").await);
    assert_eq!(deliver(&server).await, 1);
    assert_eq!(postbox.take_posted()[0].to, carol.email());
    let [failed, sent] = &listed(&ada).await[..] else { panic!() };
    assert_eq!((&failed["state"], &failed["recipient"]), (&json!("failed"), &json!(bob.email())), "{failed}");
    assert_eq!((&sent["state"], &sent["sent_at"]), (&json!("sent"), &json!(server.now())), "{sent}");
    assert_eq!((&sent["last_error"], &sent["attempts"]), (&Value::Null, &json!(1)));
});

with_databases!(own, q3_a_server_that_is_greylisting_takes_the_mail_later, async |db| {
    let asked = AtomicUsize::new(0);
    let postbox = Postbox::start(move |_recipient| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => Welcome::Say("451 greylisted"),
        _ => Welcome::Take,
    });
    let server = mailing(db, &postbox).await;
    note(&server, "bob").await;
    assert_eq!(deliver(&server).await, 0);
    server.clock().advance(60);
    assert_eq!(deliver(&server).await, 1);
    assert_eq!(postbox.posted().len(), 1);
});

with_databases!(own, q3_a_server_that_is_away_or_hangs_holds_up_nothing, async |db| {
    let hanging = Postbox::start(|_recipient| Welcome::Hang);
    let builder = TestServer::builder(db).settings(by(&hanging.url()));
    let builder = builder.settings(|settings| {
        settings.mail.as_mut().unwrap().step = Duration::from_millis(200);
    });
    let server = builder.start().await;
    let ada = server.db_admin("ada").create().await;
    note(&server, "bob").await;
    assert_eq!(deliver(&server).await, 0);
    let mail = listed(&ada).await.remove(0);
    assert!(mail["last_error"].as_str().unwrap().contains("did not come within"), "{mail}");
    drop(hanging);
    let other = server.second_builder().settings(by("smtp://127.0.0.1:1?tls=none")).start().await;
    note(&server, "carol").await;
    note(&server, "dave").await;
    assert_eq!(deliver(&other).await, 0);
    let attempts: Vec<_> = listed(&ada).await.iter().map(|mail| mail["attempts"].clone()).collect();
    assert_eq!(attempts, [json!(1), json!(1), json!(0)], "one finds out for all");
});

with_databases!(current, q2_of_two_servers_at_once_each_mail_is_sent_by_one, async |db| {
    let postbox = Postbox::willing();
    let server = mailing(db, &postbox).await;
    let second = server.second().await;
    for number in 0..6 {
        note(&server, &format!("user{number}")).await;
    }
    let (first, second) = tokio::join!(deliver(&server), deliver(&second));
    assert_eq!(first + second, 6);
    let mut to: Vec<_> = postbox.posted().into_iter().map(|mail| mail.to).collect();
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 6, "one mail each");
});

with_databases!(own, q2_a_mail_whose_server_died_is_sent_once_more_by_another_with_the_same_id, async |db| {
    let postbox = Postbox::willing();
    let server = mailing(db, &postbox).await;
    note(&server, "bob").await;
    assert_eq!(deliver(&server).await, 1);
    // As if the process had died before it noted that the mail was taken.
    server.db().db_execute(
        "UPDATE rosterd_mail SET state = 'waiting', attempts = 0, sent_at = NULL, next_attempt_at = 1",
    );
    assert_eq!(deliver(&server).await, 1);
    let ids: Vec<_> = postbox.posted().iter().map(|mail| mail.header("Message-ID").to_owned()).collect();
    assert_eq!(ids[0], ids[1]);
    assert!(ids[0].ends_with("@rosterd.test>"), "{ids:?}");
});

with_databases!(own, the_job_sends_by_itself, async |db| {
    let postbox = Postbox::willing();
    let builder = TestServer::builder(db).settings(by(&postbox.url()));
    let builder = builder.settings(|settings| {
        settings.mail.as_mut().unwrap().every = Duration::from_millis(20);
    });
    let server = builder.start().await;
    note(&server, "bob").await;
    while postbox.posted().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let ada = server.db_admin("ada").create().await;
    while listed(&ada).await[0]["state"] != "sent" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    ada.get(&format!("{MAIL}?state=waiting")).await.assert_json(json!({ "mails": [] }));
});
