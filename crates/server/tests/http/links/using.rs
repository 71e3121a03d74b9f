//! Looking at links and using them (rules O3 and O5).

use rosterd_app::Record;
use rosterd_testkit::{PASSWORD, with_databases, with_servers};
use serde_json::{Value, json};

use super::{
    ACCEPT, INVITE, LINK, NEW, RESET, UNKNOWN, adopted, invite, look, primary, reset_link, set, shown,
    token_of, told,
};
use crate::accounts::{sign_in, signed_in, token_in};
use crate::support::{SETTINGS, path_of, rows};

with_databases!(all, o5_who_accepts_an_invite_is_signed_in_with_a_password_of_their_own, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let group = server.db_group("team", &[], Value::Null).await.to_string();
    server.forget_events();
    let form =
        json!({ "email": "Eve@rosterd.test", "name": "Eve", "role": "admin", "groups": [group, group] });
    let made = first.post(INVITE, form).await;
    let token = token_of(&made);
    let id = made.at("/user/id").as_str().unwrap().to_owned();
    assert_eq!((made.at("/user/role"), made.at("/user/name")), (json!("admin"), json!("Eve")));
    let email = made.at("/user/email").as_str().unwrap().to_owned();
    assert_eq!(told(&server), ["user.created", "group.member_added", "user.invited"]);
    assert_eq!(rows(&server, &format!("group_member WHERE user_id = '{id}'")), 1);
    // Nobody can sign in before.
    for password in ["", PASSWORD, NEW] {
        sign_in(&server, &email, password).await.assert_error(400, "INVALID_CREDENTIALS");
    }
    let expires_at = server.now() + 604_800;
    for _ in 0..2 {
        look(&server, &token).await.assert(200, shown("invite", &email, "Eve", expires_at));
    }
    // What is refused leaves the link as it is.
    for (password, code) in [
        ("short", "INVALID_PASSWORD"),
        ("password1", "INVALID_PASSWORD"),
        (&"long ".repeat(15), "PASSWORD_TOO_LONG"),
    ] {
        let form = json!({ "token": token, "password": password });
        server.anonymous().post(ACCEPT, form).await.assert_error(400, code);
    }
    server
        .anonymous()
        .post(ACCEPT, json!({ "token": token, "name": " " }))
        .await
        .assert_invalid(&["body/password", "body/name"]);
    set(&server, RESET, &token).await.assert_error(400, "INVALID_LINK");
    assert_eq!(rows(&server, "rosterd_link"), 1);

    server.forget_events();
    let form = json!({ "token": token, "password": NEW, "name": "Evelyn" });
    let opened = server.anonymous().post(ACCEPT, form).await;
    let events: Vec<Value> = server.take_events().iter().map(Record::to_json).collect();
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["user.invite_accepted", "user.updated", "user.password_changed", "session.started"]);
    for event in &events {
        assert_eq!(event["actor"], json!({ "kind": "visitor" }), "{event}");
        assert_eq!(event["subject"], json!({ "kind": "user", "id": id }), "{event}");
        assert!(!event.to_string().contains("rl_") && !event.to_string().contains(NEW), "{event}");
    }
    assert_eq!(
        (opened.assert_status(200).at("/name"), opened.at("/role")),
        (json!("Evelyn"), json!("admin"))
    );
    let cookies: Vec<_> =
        opened.headers().get_all("set-cookie").iter().map(|it| it.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("token=")), "{cookies:?}");
    assert!(cookies.iter().any(|cookie| cookie.starts_with("rosterd_browser=")), "{cookies:?}");
    let eve = server.anonymous().with_bearer(token_in(&opened));
    eve.get(SETTINGS).await.assert_status(200);
    eve.get("/api/v1/users/").await.assert_status(200);
    // It works once.
    for path in [ACCEPT, RESET] {
        set(&server, path, &token).await.assert_error(400, "INVALID_LINK");
    }
    look(&server, &token).await.assert_error(400, "INVALID_LINK");
    assert_eq!(rows(&server, "rosterd_link"), 0);
    eve.get(SETTINGS).await.assert_status(200);
    sign_in(&server, &email, NEW).await.assert_status(200);
});

with_databases!(all, o5_m15_a_new_password_by_a_link_ends_all_sessions, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let bob = server.db_user("bob").create().await;
    let session = signed_in(&server, &bob).await;
    server.forget_events();
    let token = reset_link(&first, &bob).await;
    assert_eq!(told(&server), ["user.reset_link_made"]);
    // Until it is used nothing changes.
    session.get(SETTINGS).await.assert_status(200);
    look(&server, &token).await.assert(200, shown("reset", bob.email(), "bob", server.now() + 86_400));
    for (form, code) in [
        (json!({ "token": token, "password": "short" }), "INVALID_PASSWORD"),
        (json!({ "token": UNKNOWN, "password": NEW }), "INVALID_LINK"),
        (json!({ "token": "", "password": NEW }), "INVALID_LINK"),
        (json!({ "token": format!("{token} "), "password": NEW }), "INVALID_LINK"),
    ] {
        server.anonymous().post(RESET, form).await.assert_error(400, code);
    }
    set(&server, ACCEPT, &token).await.assert_error(400, "INVALID_LINK");
    session.get(SETTINGS).await.assert_status(200);
    sign_in(&server, bob.email(), PASSWORD).await.assert_status(200);

    server.forget_events();
    set(&server, RESET, &token).await.assert(200, json!(true));
    let names = told(&server);
    assert_eq!(names, ["user.password_reset", "user.password_changed", "user.sessions_ended"]);
    session.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    sign_in(&server, bob.email(), PASSWORD).await.assert_error(400, "INVALID_CREDENTIALS");
    set(&server, RESET, &token).await.assert_error(400, "INVALID_LINK");
    let renewed = sign_in(&server, bob.email(), NEW).await;
    bob.with_bearer(token_in(&renewed)).get(SETTINGS).await.assert_status(200);
});

with_databases!(all, o5_a_link_for_a_new_password_stands_in_for_an_invite, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let lost = invite(&first, "eve").await;
    let id = look(&server, &lost).await.assert_status(200).at("/email");
    assert_eq!(id, json!("eve@rosterd.test"));
    let id = server.db().db_value("SELECT user_id FROM rosterd_link").unwrap();
    let token = token_of(&first.post(&format!("/api/v1/users/{id}/password/link"), json!({})).await);
    look(&server, &lost).await.assert_status(200);
    set(&server, RESET, &token).await.assert_status(200);
    look(&server, &lost).await.assert_error(400, "INVALID_LINK");
    sign_in(&server, "eve@rosterd.test", NEW).await.assert_status(200);
    assert_eq!(rows(&server, "rosterd_link"), 0);
});

with_databases!(newest, m27b_o5_where_a_second_factor_is_demanded_an_invite_opens_no_session, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let token = invite(&first, "eve").await;
    let id = server.db().db_value("SELECT user_id FROM rosterd_link").unwrap();
    let reset = token_of(&first.post(&format!("/api/v1/users/{id}/password/link"), json!({})).await);
    server.db_set_config("auth.mfa.enable", json!(true)).await;
    set(&server, ACCEPT, &token).await.assert_error(403, "ACCESS_PROHIBITED");
    look(&server, &token).await.assert_status(200);
    set(&server, RESET, &reset).await.assert_status(200);
    look(&server, &token).await.assert_error(400, "INVALID_LINK");
});

with_servers!(
    own,
    m28_o3_tries_are_counted_by_client_ip,
    |server| server.settings(|settings| settings.sign_in_limit.per_client_ip = 3),
    async |server| {
        let first = primary(&server).await;
        let bob = server.db_user("bob").create().await;
        let token = reset_link(&first, &bob).await;
        look(&server, UNKNOWN).await.assert_error(400, "INVALID_LINK");
        look(&server, "x").await.assert_error(400, "INVALID_LINK");
        look(&server, &token).await.assert_status(200);
        for path in [LINK, ACCEPT, RESET] {
            let form = match path {
                LINK => json!({ "token": token }),
                _ => json!({ "token": token, "password": NEW }),
            };
            server.anonymous().post(path, form).await.assert_error(429, "RATE_LIMIT_EXCEEDED");
        }
        first.post(&path_of(&bob, "/password/link"), json!({})).await.assert_status(200);
    }
);
