//! What the owner of an account is told at once: a sign-in from somewhere new, and another password (rule A11).

use rosterd_testkit::{Method, TestServer, with_servers};
use serde_json::{Value, json};

use super::sign_in_load::{behind_a_proxy, browser_cookie};
use super::{SIGN_IN, SIGN_UP, application, signed_in};
use crate::support::path_of;

const FIREFOX: &str = "Mozilla/5.0 (Macintosh) Firefox/140.0";

/// Signs in from a client IP with this program, and this cookie; gives the cookie of the browser and the events.
async fn visit(
    server: &TestServer,
    account: (&str, &str),
    (ip, agent): (&str, &str),
    cookie: Option<&str>,
) -> (String, Vec<Value>) {
    server.forget_events();
    let request = server.anonymous().request(Method::POST, SIGN_IN).header("x-forwarded-for", ip);
    let request =
        request.header("user-agent", agent).json(&json!({ "email": account.0, "password": account.1 }));
    let reply = match cookie {
        Some(cookie) => request.header("cookie", cookie).send().await,
        None => request.send().await,
    };
    reply.assert_status(200);
    (browser_cookie(&reply), told(server))
}

fn told(server: &TestServer) -> Vec<Value> {
    server.take_events().iter().map(rosterd_app::Record::to_json).collect()
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

const NEW: [&str; 2] = ["sign_in.new", "session.started"];
const KNOWN: [&str; 1] = ["session.started"];

with_servers!(own, a11_a_sign_in_from_somewhere_new_is_told_once, behind_a_proxy, async |server| {
    let bob = server.db_user("bob").create().await;
    let his = (bob.email(), bob.password());
    let (cookie, events) = visit(&server, his, ("192.0.2.1", FIREFOX), None).await;
    assert_eq!(names(&events), NEW);
    let new = &events[0];
    assert_eq!(new["subject"], json!({ "kind": "user", "id": bob.id() }));
    assert_eq!(
        (&new["method"], &new["client_ip"], &new["user_agent"]),
        (&json!("password"), &json!("192.0.2.1"), &json!(FIREFOX))
    );
    let text = new["notice"]["text"].as_str().unwrap();
    assert_eq!(new["notice"]["title"], "New sign-in to your account");
    for part in ["Client IP: 192.0.2.1", FIREFOX, "UTC", "change your password"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!new.to_string().contains(bob.email()), "{new}");
    // The same again is known, at every server on the database.
    let other = server.second().await;
    assert_eq!(names(&visit(&server, his, ("192.0.2.1", FIREFOX), None).await.1), KNOWN);
    assert_eq!(names(&visit(&other, his, ("192.0.2.1", FIREFOX), None).await.1), KNOWN);
    // Another program, another client IP, and the same browser from another client IP.
    assert_eq!(names(&visit(&server, his, ("192.0.2.1", "curl/8"), None).await.1), NEW);
    assert_eq!(names(&visit(&server, his, ("192.0.2.2", FIREFOX), None).await.1), NEW);
    assert_eq!(names(&visit(&server, his, ("192.0.2.3", FIREFOX), Some(&cookie)).await.1), KNOWN);
    // The places of others are theirs.
    let eve = server.db_user("eve").create().await;
    assert_eq!(
        names(&visit(&server, (eve.email(), eve.password()), ("192.0.2.1", FIREFOX), None).await.1),
        NEW
    );
});

with_servers!(own, a11_who_signs_up_is_not_told_of_it, async |server| {
    let _ada = server.db_admin("ada").create().await;
    server.db_set_config("ui.enable_signup", json!(true)).await;
    server.forget_events();
    server.anonymous().post(SIGN_UP, application("eve")).await.assert_status(200);
    assert_eq!(names(&told(&server)), ["user.created", "session.started"]);
});

with_servers!(attached, a11_a_database_that_keeps_no_sessions_cannot_tell, async |server| {
    let bob = server.db_user("bob").create().await;
    server.forget_events();
    signed_in(&server, &bob).await;
    assert_eq!(names(&told(&server)), KNOWN);
});

with_servers!(all, a11_another_password_is_told_with_who_set_it, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let of_password = |events: Vec<Value>| {
        let mut events = events.into_iter().filter(|event| event["event"] == "user.password_changed");
        events.next().unwrap()
    };
    server.forget_events();
    let request = bob.request(Method::POST, "/api/v1/auths/update/password").header("user-agent", FIREFOX);
    let change = json!({ "password": bob.password(), "new_password": "another long password" });
    request.json(&change).send().await.assert_status(200);
    let own = of_password(told(&server));
    assert_eq!(
        (&own["user_agent"], &own["notice"]["title"]),
        (&json!(FIREFOX), &json!("Your password was changed"))
    );
    let text = own["notice"]["text"].as_str().unwrap();
    assert!(
        text.contains("Client IP: 127.0.0.1")
            && text.contains(FIREFOX)
            && text.contains("ask an administrator"),
        "{text}"
    );
    // Where an admin sits is not told.
    let form = json!({
        "name": "bob", "email": bob.email(), "role": "user", "profile_image_url": "/user.png", "password": "one more long password",
    });
    ada.post(&path_of(&bob, "/update"), form).await.assert_status(200);
    let text = of_password(told(&server))["notice"]["text"].as_str().unwrap().to_owned();
    assert!(text.starts_with("An administrator") && !text.contains("127.0.0.1"), "{text}");
});
