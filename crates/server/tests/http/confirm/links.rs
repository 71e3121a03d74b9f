//! What ends the wait, and asking for another link (rules C4 to C6).

use rosterd_testkit::{Method, Postbox, TestServer, with_databases};
use serde_json::{Value, json};

use super::{CONFIRM, RESEND, asking, confirm, dead, role_of, sent, told, told_to, waiting, waits};
use crate::accounts::{sign_in, token_in as session_in};
use crate::mail::{deliver, fresh};
use crate::races::send;
use crate::support::{at_once, count, form};

const ZOE: &str = "zoe@rosterd.test";

/// The id of who has this e-mail address.
fn id_of(server: &TestServer, email: &str) -> String {
    server.db().db_value(&format!(r#"SELECT id FROM "user" WHERE email = '{email}'"#)).unwrap()
}

with_databases!(all, c4_a_role_that_an_admin_gives_ends_the_wait, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    let (zoe, token) = waiting(&server, &postbox, "zoe").await;
    let update = format!("/api/v1/users/{}/update", id_of(&server, ZOE));
    // The role that it has anyway is no decision.
    first.post(&update, form("Zoe", ZOE, json!({ "role": "pending" }))).await.assert_status(200);
    assert_eq!(waits(&server), 1);
    first.post(&update, form("Zoe", ZOE, json!({ "role": "admin" }))).await.assert_status(200);
    assert_eq!((role_of(&server, ZOE).as_str(), waits(&server)), ("admin", 0));
    dead(&server, &token).await;
    assert!(!told_to(&zoe).await);
    zoe.post(RESEND, Value::Null).await.assert_error(409, "CONFLICT");
    // Also when it is taken away again.
    first.post(&update, form("Zoe", ZOE, json!({ "role": "pending" }))).await.assert_status(200);
    dead(&server, &token).await;
    assert_eq!(role_of(&server, ZOE), "pending");
});

with_databases!(all, c4_a_role_that_another_program_gives_ends_the_wait, async |db| {
    let postbox = Postbox::willing();
    let (server, _first) = asking(db, &postbox).await;
    let (zoe, token) = waiting(&server, &postbox, "zoe").await;
    let (_yan, of_yan) = waiting(&server, &postbox, "yan").await;
    let give = |role: &str| {
        server.db().db_execute(&format!(r#"UPDATE "user" SET role = '{role}' WHERE email = '{ZOE}'"#));
    };
    give("user");
    dead(&server, &token).await;
    assert!(!told_to(&zoe).await);
    assert_eq!((role_of(&server, ZOE).as_str(), waits(&server)), ("user", 2));
    // As the job does.
    assert_eq!(server.db_write(|db| db.forget_void_unconfirmed()).await, 1);
    give("pending");
    dead(&server, &token).await;
    confirm(&server, &of_yan).await.assert_status(200);
});

with_databases!(all, c4_a_link_is_dead_while_its_account_is_not_what_it_was, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    let (_zoe, token) = waiting(&server, &postbox, "zoe").await;
    let id = id_of(&server, ZOE);
    // Another password changes nothing about the e-mail address.
    let update = format!("/api/v1/users/{id}/update");
    let password = "another-long-password";
    let set = form("zoe", ZOE, json!({ "role": "pending", "password": password }));
    first.post(&update, set).await.assert_status(200);
    let shown = server.anonymous().post("/api/v1/auths/link", json!({ "token": token })).await;
    shown.assert_status(200);
    deliver(&server).await;
    drop(postbox.take_posted());
    // Suspended: also after the account was let in again, which still waits.
    first.post(&format!("/api/v1/users/{id}/suspend"), json!({})).await.assert_status(200);
    dead(&server, &token).await;
    let resumed = first.post(&format!("/api/v1/users/{id}/resume"), Value::Null).await;
    assert_eq!(resumed.assert_status(200).at("/role"), json!("pending"));
    dead(&server, &token).await;
    assert_eq!(waits(&server), 1);
    // Deleted: also after the account was restored.
    first.delete(&format!("/api/v1/users/{id}")).await.assert_status(200);
    assert_eq!(waits(&server), 0);
    let restored = first.post(&format!("/api/v1/users/deleted/{id}/restore"), Value::Null).await;
    restored.assert_status(200);
    assert_eq!((role_of(&server, ZOE).as_str(), waits(&server)), ("pending", 1));
    server.clock().advance(301);
    let opened = sign_in(&server, ZOE, password).await;
    let zoe = server.anonymous().with_bearer(session_in(&opened));
    zoe.post(RESEND, Value::Null).await.assert_status(200);
    let token = sent(&server, &postbox, ZOE).await;
    // It ends after a day.
    server.clock().advance(86_400);
    dead(&server, &token).await;
    zoe.post(RESEND, Value::Null).await.assert_status(200);
    let token = sent(&server, &postbox, ZOE).await;
    confirm(&server, &token).await.assert_status(200);
    assert_eq!((role_of(&server, ZOE).as_str(), waits(&server)), ("user", 0));
});

// Programs of mail servers open the links of mails before their reader does.
with_databases!(all, c4_a_link_that_is_only_opened_confirms_nothing, async |db| {
    let postbox = Postbox::willing();
    let (server, _first) = asking(db, &postbox).await;
    let (_zoe, token) = waiting(&server, &postbox, "zoe").await;
    server.forget_events();
    let program = server.anonymous();
    let open = async |method: Method, path: &str| {
        program.request(method, path).header("accept", "text/html").send().await.status()
    };
    for place in ["/console/link", "/rosterd/console/link", CONFIRM, "/api/v1/auths/link"] {
        for path in [place.to_owned(), format!("{place}?token={token}"), format!("{place}/{token}")] {
            let is_page = place.ends_with("/console/link");
            for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                let status = open(method.clone(), &path).await;
                let opens = is_page && method != Method::OPTIONS;
                assert_eq!(status == 200, opens, "{method} {path}: {status}");
            }
        }
    }
    // The token in the URL is none either.
    let request = program.request(Method::POST, &format!("{CONFIRM}?token={token}"));
    assert!(request.json(&json!({})).send().await.status() >= 400);
    // What the page asks when it is opened.
    program.post("/api/v1/auths/link", json!({ "token": token })).await.assert_status(200);
    assert_eq!(told(&server), [""; 0]);
    assert_eq!((role_of(&server, ZOE).as_str(), waits(&server)), ("pending", 1));
    confirm(&server, &token).await.assert_status(200);
    assert_eq!((role_of(&server, ZOE).as_str(), waits(&server)), ("user", 0));
});

with_databases!(all, c5_who_waits_asks_for_another_link, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    let (zoe, old) = waiting(&server, &postbox, "zoe").await;
    let refused = zoe.post(RESEND, Value::Null).await;
    refused.assert_error(429, "RATE_LIMIT_EXCEEDED");
    assert_eq!(refused.header("retry-after"), Some("300"));
    server.clock().advance(299);
    assert_eq!(zoe.post(RESEND, Value::Null).await.header("retry-after"), Some("1"));
    server.clock().advance(1);
    let request = zoe.request(Method::POST, RESEND).header("accept-language", "de");
    request.send().await.assert(200, json!(true));
    assert_eq!(deliver(&server).await, 1);
    let mail = postbox.take_posted().remove(0);
    assert!(mail.text().contains("Hallo zoe,"), "{}", mail.text());
    dead(&server, &old).await;
    confirm(&server, &crate::mail::token_in(&mail)).await.assert_status(200);
    zoe.post(RESEND, Value::Null).await.assert_error(409, "CONFLICT");
    // Who waits for nothing.
    let first = fresh(&server, &first);
    first.post(RESEND, Value::Null).await.assert_error(409, "CONFLICT");
    server.anonymous().post(RESEND, Value::Null).await.assert_status(401);
});

with_databases!(current, c5_m12_a_program_asks_for_no_link, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_api_key(&first, "sk-firsts").await;
    first
        .with_bearer("sk-firsts")
        .post(RESEND, Value::Null)
        .await
        .assert_error(403, "HUMAN_SESSION_REQUIRED");
});

with_databases!(all, c6_of_32_who_use_a_link_at_once_at_two_servers_one_does, async |db| {
    let postbox = Postbox::willing();
    let (server, _first) = asking(db, &postbox).await;
    let second = server.second_builder().start().await;
    let (_zoe, token) = waiting(&server, &postbox, "zoe").await;
    server.forget_events();
    let request = |number: usize| {
        let at = if number.is_multiple_of(2) { &server } else { &second };
        send(at.anonymous(), Method::POST, CONFIRM.to_owned(), json!({ "token": token }))
    };
    let replies = at_once((0..32).map(request)).await;
    assert_eq!(count(&replies, 200, (400, "INVALID_LINK")), 1);
    assert_eq!((role_of(&server, ZOE).as_str(), waits(&server)), ("user", 0));
    second.stop().await;
});

with_databases!(current, c6_of_two_servers_one_sends_the_mail, async |db| {
    let postbox = Postbox::willing();
    let (server, _first) = asking(db, &postbox).await;
    let second = server.second_builder().start().await;
    super::sign_up(&server, "zoe").await.assert_status(200);
    let (one, other) = tokio::join!(deliver(&server), deliver(&second));
    assert_eq!((one + other, postbox.take_posted().len()), (1, 1));
    second.stop().await;
});
