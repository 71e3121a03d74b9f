//! Changing one's password, and having it changed by an admin.

use rosterd_testkit::{Caller, DbKind, PASSWORD, Reply, TestServer, run, with_servers};
use serde_json::json;

use super::{SESSION, hash_of, sign_in, signed_in, token_in};
use crate::support::{SETTINGS, at_once, form, path_of};

const CHANGE: &str = "/api/v1/auths/update/password";

/// What `bob` sends to have another password.
fn change(current: &str, new: &str) -> serde_json::Value {
    json!({ "password": current, "new_password": new })
}

with_servers!(all, m15_a_change_of_ones_own_ends_all_sessions_where_accounts_carry_a_stamp, async |server| {
    let bob = server.db_user("bob").create().await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_group("Robots", &[&bob], json!({ "features": { "api_keys": true } })).await;
    server.db_api_key(&bob, "sk-bobs").await;
    let (session, other) = (signed_in(&server, &bob).await, signed_in(&server, &bob).await);
    let changed = session.post(CHANGE, change(PASSWORD, "another long password")).await;
    changed.assert(200, json!(true));
    assert_eq!(changed.header("set-cookie"), None);
    let status = if server.store().layout().session_stamp { 401 } else { 200 };
    for caller in [&session, &other, &bob] {
        caller.get(SETTINGS).await.assert_status(status);
    }
    bob.with_bearer("sk-bobs").get(SETTINGS).await.assert_status(200);
    sign_in(&server, bob.email(), PASSWORD).await.assert_error(400, "INVALID_CREDENTIALS");
    sign_in(&server, bob.email(), "another long password").await.assert_status(200);
});

with_servers!(all, r3_a_refused_change_changes_nothing, async |server| {
    let bob = server.db_user("bob").create().await;
    let before = hash_of(server.db(), &bob);
    for (current, new, code) in [
        ("not my password", "another long password", "INCORRECT_PASSWORD"),
        ("not my password", "short", "INCORRECT_PASSWORD"),
        (PASSWORD, "short", "INVALID_PASSWORD"),
        (PASSWORD, "", "INVALID_PASSWORD"),
        (PASSWORD, &"x".repeat(73), "PASSWORD_TOO_LONG"),
    ] {
        bob.post(CHANGE, change(current, new)).await.assert_error(400, code);
    }
    bob.post(CHANGE, json!({})).await.assert_invalid(&["body/new_password", "body/password"]);
    server.anonymous().post(CHANGE, json!({})).await.assert_error(401, "NOT_AUTHENTICATED");
    assert_eq!(hash_of(server.db(), &bob), before);
});

with_servers!(own, a_stolen_session_is_no_place_to_guess_passwords, async |server| {
    let bob = server.db_user("bob").create().await;
    for _ in 0..15 {
        bob.post(CHANGE, change("a guess", "another long password"))
            .await
            .assert_error(400, "INCORRECT_PASSWORD");
    }
    bob.post(CHANGE, change(PASSWORD, "another long password"))
        .await
        .assert_error(429, "RATE_LIMIT_EXCEEDED");
});

with_servers!(all, m15_of_8_changes_at_once_from_one_password_one_succeeds, async |server| {
    let bob = server.db_user("bob").create().await;
    let replies = at_once((0..8).map(|n| {
        let bob = bob.clone();
        async move { bob.post(CHANGE, change(PASSWORD, &format!("yet another long password {n}"))).await }
    }))
    .await;
    // Who comes while another change is made gets 409; who comes after it, what anybody would.
    let late = if server.store().layout().session_stamp { "INVALID_TOKEN" } else { "INCORRECT_PASSWORD" };
    let won = replies.iter().filter(|reply| reply.status() == 200).count();
    let lost = |reply: &&Reply| [json!("CONFLICT"), json!(late)].contains(&reply.at("/code"));
    assert_eq!((won, replies.iter().filter(lost).count()), (1, 7), "{replies:?}");
});

// What an Open WebUI beside us keeps of a second factor that is being set up ends with the sessions.
#[test]
fn m15_a_change_cancels_what_is_in_progress() {
    run::on_server(
        DbKind::WebUi012Sqlite,
        module_path!(),
        |server| server,
        async |server| {
            let bob = server.db_user("bob").create().await;
            let of_bob = format!("WHERE id = '{}'", bob.id());
            let kept = r#"{"secret": "s", "login_challenge": {"a": 1}, "revision": "old"}"#;
            server.db().db_execute(&format!("UPDATE auth SET mfa = '{kept}' {of_bob}"));
            bob.post(CHANGE, change(PASSWORD, "another long password")).await.assert_status(200);
            let mfa = server.db().db_value(&format!("SELECT mfa FROM auth {of_bob}")).unwrap_or_default();
            let mfa: serde_json::Value = serde_json::from_str(&mfa).unwrap();
            assert_eq!((&mfa["secret"], &mfa["login_challenge"]), (&json!("s"), &json!(null)));
            assert_ne!(mfa["revision"], "old");
        },
    );
}

/// Lets an admin set bob's password and gives a session of bob's from before.
async fn reset(server: &TestServer) -> Caller {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let session = signed_in(server, &bob).await;
    let update = path_of(&bob, "/update");
    // Without a password, with an empty one and with null it is no reset.
    for more in [json!({}), json!({ "password": "" }), json!({ "password": null })] {
        ada.post(&update, form("bob", bob.email(), more)).await.assert_status(200);
        session.get(SETTINGS).await.assert_status(200);
    }
    let sent = form("bob", bob.email(), json!({ "password": "set by an admin" }));
    ada.post(&update, sent).await.assert_status(200);
    sign_in(server, bob.email(), PASSWORD).await.assert_error(400, "INVALID_CREDENTIALS");
    let fresh = sign_in(server, bob.email(), "set by an admin").await;
    bob.with_bearer(token_in(&fresh)).get(SETTINGS).await.assert_status(200);
    session
}

with_servers!(own, r3_a_reset_by_an_admin_ends_the_sessions, async |server| {
    let session = reset(&server).await;
    session.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    session.get(SESSION).await.assert_error(401, "INVALID_TOKEN");
});

#[test]
fn r3_a_reset_by_an_admin_ends_the_sessions_where_accounts_carry_a_stamp() {
    run::on_server(
        DbKind::WebUi012Sqlite,
        module_path!(),
        |server| server,
        async |server| {
            reset(&server).await.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
        },
    );
}

// Without a stamp nothing can be told about a token that is still good; the old password is worth nothing all the same.
#[test]
fn a_reset_by_an_admin_works_where_accounts_carry_no_stamp() {
    for kind in [DbKind::WebUiSqlite, DbKind::WebUiPostgres] {
        run::on_server(
            kind,
            module_path!(),
            |server| server,
            async |server| {
                reset(&server).await.get(SETTINGS).await.assert_status(200);
            },
        );
    }
}
