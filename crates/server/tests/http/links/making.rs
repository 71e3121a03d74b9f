//! Who makes links, for whom, for how long, and where they lead (rules O1, O2, O4 and O6).

use rosterd_domain::public_url::PublicUrl;
use rosterd_testkit::{Caller, TestServer, with_databases, with_servers};
use serde_json::{Value, json};

use super::{ACCEPT, INVITE, LINK, NEW, RESET, UNKNOWN, adopted, primary, token_of};
use crate::support::{NOBODY, path_of, rows};

const DAY: i64 = 86_400;

with_databases!(all, o2_a_link_can_be_used_as_long_as_was_asked_for, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let bob = server.db_user("bob").create().await;
    let now = server.now();
    let reset = path_of(&bob, "/password/link");
    for (asked, life) in [
        (json!({}), DAY),
        (json!({ "expires_in": null, "mail": false }), DAY),
        (json!({ "expires_in": 300 }), 300),
        (json!({ "expires_in": 2_592_000 }), 30 * DAY),
    ] {
        let made = first.post(&reset, asked.clone()).await;
        assert_eq!(made.assert_status(200).at("/expires_at"), json!(now + life), "{asked}");
        assert_eq!(made.at("/mailed"), json!(false));
    }
    let invite = |more: Value| {
        let form = json!({ "email": "eve@rosterd.test", "name": "Eve" });
        crate::support::merged(form, more)
    };
    for (wrong, places) in [
        (json!({ "expires_in": 299 }), ["body/expires_in"]),
        (json!({ "expires_in": 2_592_001 }), ["body/expires_in"]),
        (json!({ "expires_in": "1d" }), ["body/expires_in"]),
        (json!({ "mail": 7 }), ["body/mail"]),
        (json!({ "expires": 300 }), ["body/expires"]),
    ] {
        first.post(&reset, wrong.clone()).await.assert_invalid(&places);
        first.post(INVITE, invite(wrong)).await.assert_invalid(&places);
    }
    let made = first.post(INVITE, invite(json!({}))).await;
    assert_eq!(made.assert_status(200).at("/expires_at"), json!(now + 7 * DAY));
});

with_databases!(all, o4_admins_make_links_for_all_but_the_primary_admin, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let (ben, bob) = (server.db_admin("ben").create().await, server.db_user("bob").create().await);
    let of = |user: &Caller| path_of(user, "/password/link");
    for by in [&ben, &first] {
        by.post(&of(&first), json!({})).await.assert_error(403, "ACTION_PROHIBITED");
    }
    bob.post(&of(&bob), json!({})).await.assert_error(401, "ACCESS_PROHIBITED");
    bob.post(INVITE, json!({ "email": "eve@rosterd.test", "name": "Eve" }))
        .await
        .assert_error(401, "ACCESS_PROHIBITED");
    let nobody = format!("/api/v1/users/{NOBODY}/password/link");
    ben.post(&nobody, json!({})).await.assert_error(404, "NOT_FOUND");
    ben.post(&path_of(&bob, "/suspend"), json!({})).await.assert_status(200);
    ben.post(&of(&bob), json!({})).await.assert_error(409, "CONFLICT");
    ben.post(&path_of(&bob, "/resume"), Value::Null).await.assert_status(200);
    server.db_set_active(&bob, false);
    ben.post(&of(&bob), json!({})).await.assert_error(409, "CONFLICT");
    assert_eq!(rows(&server, "rosterd_link"), 0);
    // Of admins too, and of oneself.
    for (by, whom) in [(&first, &ben), (&ben, &ben)] {
        by.post(&of(whom), json!({})).await.assert_status(200);
    }
    assert_eq!(rows(&server, "rosterd_link"), 1);
});

with_databases!(all, r2_o5_who_cannot_have_an_account_is_not_invited, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let bob = server.db_user("bob").create().await;
    let before = rows(&server, r#""user""#);
    server.forget_events();
    for (form, status, code) in [
        (json!({ "email": bob.email().to_uppercase(), "name": "Bob" }), 400, "EMAIL_TAKEN"),
        (json!({ "email": "no address", "name": "Bob" }), 400, "INVALID_EMAIL_FORMAT"),
        (json!({ "email": "eve@rosterd.test", "name": "Eve", "groups": [NOBODY] }), 404, "GROUP_NOT_FOUND"),
    ] {
        first.post(INVITE, form).await.assert_error(status, code);
    }
    for (form, places) in [
        (json!({ "email": "eve@rosterd.test" }), vec!["body/name"]),
        (json!({ "name": " ", "email": 7, "role": "root" }), vec!["body/email", "body/name", "body/role"]),
        (json!({ "email": "e@rosterd.test", "name": "Eve", "groups": "team" }), vec!["body/groups"]),
        (json!({ "email": "e@rosterd.test", "name": "Eve", "password": "x" }), vec!["body/password"]),
    ] {
        first.post(INVITE, form).await.assert_invalid(&places);
    }
    assert_eq!((rows(&server, r#""user""#), rows(&server, "rosterd_link")), (before, 0));
    assert_eq!(super::told(&server), [""; 0]);
});

with_databases!(all, o1_o6_a_link_is_shown_once_and_stored_as_a_hash, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let bob = server.db_user("bob").create().await;
    server.db_set_config("webui.url", json!("https://chat.example/")).await;
    let made = first.post(&path_of(&bob, "/password/link"), json!({})).await;
    let token = token_of(&made);
    assert!(token.starts_with("rl_") && token.len() == 46, "{token}");
    assert_eq!(made.at("/link"), json!(format!("https://chat.example/rosterd/console/link#{token}")));
    let row = "SELECT id || kind || user_id || email || token_hash || maker AS v FROM rosterd_link";
    let row = server.db().db_value(row).unwrap();
    assert!(!row.contains(&token[3..]) && row.contains(bob.id().as_str()), "{row}");
    // What is no URL for a browser makes no link.
    for odd in ["", "chat.example", "javascript:alert(1)"] {
        server.db_set_config("webui.url", json!(odd)).await;
        let made = first.post(&path_of(&bob, "/password/link"), json!({})).await;
        assert_eq!(made.assert_status(200).at("/link"), Value::Null, "{odd}");
    }
});

with_servers!(
    own,
    o6_links_begin_with_the_public_url,
    |server| server.settings(|settings| {
        settings.public_url = Some(PublicUrl::parse("https://people.example/base/").unwrap());
    }),
    async |server| {
        let first = primary(&server).await;
        let bob = server.db_user("bob").create().await;
        server.db_set_config("webui.url", json!("https://chat.example")).await;
        // The header Host says nothing here.
        let request =
            first.request(rosterd_testkit::Method::POST, &path_of(&bob, "/password/link")).json(&json!({}));
        let made =
            request.header("Host", "evil.example").header("X-Forwarded-Host", "evil.example").send().await;
        let token = token_of(&made);
        assert_eq!(made.at("/link"), json!(format!("https://people.example/base/console/link#{token}")));
    }
);

with_servers!(
    own,
    o6_without_the_console_there_is_a_token_and_no_link,
    |server| server.settings(|settings| {
        settings.console = false;
        settings.public_url = Some(PublicUrl::parse("https://people.example").unwrap());
    }),
    async |server| {
        let first = primary(&server).await;
        let made = first.post(INVITE, json!({ "email": "eve@rosterd.test", "name": "Eve" })).await;
        assert!(!token_of(&made).is_empty());
        assert_eq!(made.at("/link"), Value::Null);
    }
);

/// What each of the five calls answers.
async fn everything(server: &TestServer, admin: &Caller, user: &Caller) -> Vec<rosterd_testkit::Reply> {
    let password = json!({ "token": UNKNOWN, "password": NEW });
    vec![
        admin.post(INVITE, json!({ "email": "eve@rosterd.test", "name": "Eve" })).await,
        admin.post(&path_of(user, "/password/link"), json!({})).await,
        server.anonymous().post(LINK, json!({ "token": UNKNOWN })).await,
        server.anonymous().post(ACCEPT, &password).await,
        server.anonymous().post(RESET, &password).await,
    ]
}

with_servers!(attached, o1_a_database_that_was_not_adopted_has_no_table_for_links, async |server| {
    let first = primary(&server).await;
    let bob = server.db_user("bob").create().await;
    for reply in everything(&server, &first, &bob).await {
        let told = reply.assert_error(409, "CONFLICT").at("/detail");
        assert!(told.as_str().unwrap().contains("rosterd adopt --apply"), "{told}");
    }
});

with_servers!(
    own,
    o2_there_are_no_links_where_nobody_signs_in_with_a_password,
    |server| server.settings(|settings| settings.password_sign_in = false),
    async |server| {
        let first = primary(&server).await;
        let bob = server.db_user("bob").create().await;
        for reply in everything(&server, &first, &bob).await {
            reply.assert_error(403, "ACCESS_PROHIBITED");
        }
        assert_eq!(rows(&server, "rosterd_link"), 0);
    }
);
