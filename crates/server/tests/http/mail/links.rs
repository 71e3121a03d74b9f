//! Mails that bring links, and people who have forgotten their password (rule Q8).

use std::time::Duration;

use rosterd_domain::public_url::PublicUrl;
use rosterd_storage::{Store, StoreOptions};
use rosterd_testkit::{Caller, Method, PASSWORD, Postbox, Posted, Reply, TestDb, TestServer, with_databases};
use serde_json::{Value, json};

use super::{by, deliver, fresh, listed};
use crate::support::path_of;

const FORGOT: &str = "/api/v1/auths/password/forgot";

/// A server with mail whose URL is known, and the primary admin, who comes before everybody else.
async fn reachable(db: TestDb, postbox: &Postbox) -> (TestServer, Caller) {
    Store::open(&StoreOptions::new(db.database_url())).unwrap().adopt_apply().await.unwrap();
    let builder = TestServer::builder(db).settings(by(&postbox.url()));
    let builder = builder.settings(|settings| {
        settings.public_url = Some(PublicUrl::parse("https://chat.example.com").unwrap());
    });
    let server = builder.start().await;
    let ada = server.db_admin("first").created_at(1).create().await;
    (server, ada)
}

/// The token of the link in a mail.
pub(crate) fn token_in(mail: &Posted) -> String {
    let text = mail.text();
    let (_, link) =
        text.split_once("https://chat.example.com/console/link#").unwrap_or_else(|| panic!("{text}"));
    link.split_whitespace().next().unwrap().to_owned()
}

async fn forget(server: &TestServer, email: &str) -> Reply {
    let request = server.anonymous().request(Method::POST, FORGOT).json(&json!({ "email": email }));
    request.header("accept-language", "de").send().await
}

async fn set(server: &TestServer, path: &str, token: &str) -> Reply {
    server.anonymous().post(path, json!({ "token": token, "password": "another-long-password" })).await
}

with_databases!(all, q8_an_invite_goes_by_mail_and_works, async |db| {
    let postbox = Postbox::willing();
    let (server, ada) = reachable(db, &postbox).await;
    let form = json!({ "email": "new@rosterd.test", "name": "New" });
    let made = ada.post("/api/v1/users/invite", form).await.assert_status(200).json();
    assert_eq!(made["mailed"], true, "{made}");
    let outbox = server.db().db_query_text("SELECT data, link_id, kind FROM rosterd_mail");
    assert!(!format!("{outbox:?}").contains("rl_"), "no token lies in the outbox: {outbox:?}");
    assert_eq!(deliver(&server).await, 1);
    let mail = postbox.take_posted().remove(0);
    assert_eq!((mail.to.as_str(), mail.header("Subject")), ("new@rosterd.test", "You are invited to Chat"));
    let token = token_in(&mail);
    assert_eq!(made["token"], token.as_str());
    set(&server, "/api/v1/auths/invite/accept", &token).await.assert_status(200);
    assert_eq!(deliver(&server).await, 0, "whoever was invited knows of the password");
});

with_databases!(current, q8_a_link_that_is_dead_is_not_sent, async |db| {
    let postbox = Postbox::willing();
    let (server, ada) = reachable(db, &postbox).await;
    let bob = server.db_user("bob").create().await;
    let link = path_of(&bob, "/password/link");
    for mail in [true, true, false] {
        let made = ada.post(&link, json!({ "mail": mail })).await.assert_status(200).json();
        assert_eq!(made["mailed"], mail, "{made}");
    }
    // The first two were replaced, and of the third no mail was wanted.
    assert_eq!(deliver(&server).await, 0);
    let mails = listed(&ada).await;
    let states: Vec<_> = mails.iter().map(|mail| (mail["state"].clone(), mail["kind"].clone())).collect();
    assert_eq!(states, [(json!("cancelled"), json!("reset")), (json!("cancelled"), json!("reset"))]);
    assert!(mails[0]["last_error"].as_str().unwrap().contains("replaced"), "{mails:?}");
});

with_databases!(all, q8_who_has_forgotten_the_password_gets_a_link, async |db| {
    let postbox = Postbox::willing();
    let (server, ada) = reachable(db, &postbox).await;
    let bob = server.db_user("bob").create().await;
    forget(&server, bob.email()).await.assert(200, json!(true));
    assert_eq!(deliver(&server).await, 1);
    let mail = postbox.take_posted().remove(0);
    assert_eq!(mail.to, bob.email());
    assert!(mail.text().contains("Hallo bob,"), "{}", mail.text());
    let token = token_in(&mail);
    set(&server, "/api/v1/auths/password/reset", &token).await.assert(200, json!(true));
    let told = postbox.take_posted();
    assert!(told.is_empty() && deliver(&server).await == 1);
    let changed = postbox.take_posted().remove(0);
    assert!(changed.text().contains("was changed"), "by the owner, as the link shows: {}", changed.text());
    let shown = listed(&ada).await.remove(0);
    assert_eq!((&shown["kind"], &shown["user_id"]), (&json!("forgot"), &json!(bob.id().as_str())));
    let form = json!({ "email": bob.email(), "password": "another-long-password" });
    server.anonymous().post("/api/v1/auths/signin", form).await.assert_status(200);
    let old = json!({ "email": bob.email(), "password": PASSWORD });
    server.anonymous().post("/api/v1/auths/signin", old).await.assert_status(400);
});

with_databases!(current, q8_nobody_learns_who_has_an_account, async |db| {
    let postbox = Postbox::willing();
    let (server, ada) = reachable(db, &postbox).await;
    let bob = server.db_user("bob").create().await;
    let eve = server.db_user("eve").create().await;
    ada.post(&path_of(&eve, "/suspend"), json!({})).await.assert_status(200);
    let asked = ["nobody@rosterd.test", bob.email(), eve.email(), ada.email(), &bob.email().to_uppercase()];
    let mut rows = Vec::new();
    for email in asked {
        let reply = forget(&server, email).await;
        reply.assert(200, json!(true));
        let sql = "SELECT kind, coalesce(user_id, '-'), coalesce(link_id, '-'), data, state FROM rosterd_mail ORDER BY id DESC LIMIT 1";
        rows.push(server.db().db_query_text(sql));
    }
    assert!(rows.windows(2).all(|pair| pair[0] == pair[1]), "what is written is the same: {rows:?}");
    // Bob asked twice and gets one.
    assert_eq!(deliver(&server).await, 1);
    assert_eq!(postbox.take_posted()[0].to, bob.email());
    let states: Vec<_> =
        listed(&ada).await.iter().map(|mail| mail["state"].as_str().unwrap().to_owned()).collect();
    assert_eq!(states, ["cancelled", "sent", "cancelled", "cancelled", "cancelled"]);
    server.clock().advance(301);
    forget(&server, bob.email()).await.assert_status(200);
    assert_eq!(deliver(&server).await, 1, "five minutes later");
    assert_eq!(listed(&fresh(&server, &ada)).await.len(), 6);
});

with_databases!(own, q8_one_link_is_made_however_often_its_mail_is_tried, async |db| {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let postbox =
        Postbox::start(move |_recipient| match asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => rosterd_testkit::Welcome::Say("451 greylisted"),
            _ => rosterd_testkit::Welcome::Take,
        });
    let (server, _ada) = reachable(db, &postbox).await;
    let bob = server.db_user("bob").create().await;
    forget(&server, bob.email()).await.assert_status(200);
    assert_eq!(deliver(&server).await, 0);
    let first = server.db().db_value("SELECT id FROM rosterd_link");
    server.clock().advance(60);
    assert_eq!(deliver(&server).await, 1);
    assert_eq!(server.db().db_value("SELECT id FROM rosterd_link"), first);
    set(&server, "/api/v1/auths/password/reset", &token_in(&postbox.posted()[0])).await.assert_status(200);
});

with_databases!(own, q8_wishes_are_limited_apart_from_attempts_to_sign_in, async |db| {
    let postbox = Postbox::willing();
    let builder = TestServer::builder(db).settings(by(&postbox.url()));
    let builder = builder.settings(|settings| {
        settings.public_url = Some(PublicUrl::parse("https://chat.example.com").unwrap());
        settings.sign_in_limit.per_email = 2;
        settings.sign_in_limit.window = Duration::from_mins(3);
    });
    let server = builder.start().await;
    let bob = server.db_user("bob").create().await;
    for status in [200, 200, 429] {
        forget(&server, bob.email()).await.assert_status(status);
    }
    let form = json!({ "email": bob.email(), "password": PASSWORD });
    server.anonymous().post("/api/v1/auths/signin", form).await.assert_status(200);
    for wrong in [json!({}), json!({ "email": 7 }), json!({ "email": bob.email(), "x": 1 })] {
        server.anonymous().post(FORGOT, wrong).await.assert_status(422);
    }
});

with_databases!(own, q8_without_mail_or_without_a_url_it_is_off, async |db| {
    let postbox = Postbox::willing();
    let server = TestServer::builder(db).settings(by(&postbox.url())).start().await;
    let features = async |server: &TestServer| {
        server.anonymous().get("/api/config").await.json()["password_forgot"].clone()
    };
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    forget(&server, bob.email()).await.assert_error(403, "ACCESS_PROHIBITED");
    assert_ne!(features(&server).await, json!(true));
    let made = ada.post(&path_of(&bob, "/password/link"), json!({})).await.assert_status(200).json();
    assert_eq!((&made["link"], &made["mailed"]), (&Value::Null, &json!(false)), "{made}");
    let set_up = server.second_builder().settings(|settings| {
        settings.public_url = Some(PublicUrl::parse("https://chat.example.com").unwrap());
    });
    let set_up = set_up.start().await;
    assert_eq!(features(&set_up).await, json!(true));
    let without = set_up.second_builder().settings(|settings| settings.mail = None).start().await;
    forget(&without, bob.email()).await.assert_error(403, "ACCESS_PROHIBITED");
    assert_ne!(features(&without).await, json!(true));
});
