//! Changing one's password, and having it changed by an admin.

use rosterd_testkit::{Caller, DbKind, PASSWORD, TestServer, run, with_servers};
use serde_json::json;

use super::{SESSION, hash_of, sign_in, signed_in, token_in};
use crate::support::{SETTINGS, at_once, count, form, path_of};

const CHANGE: &str = "/api/v1/auths/update/password";

/// What `bob` sends to have another password.
fn change(current: &str, new: &str) -> serde_json::Value {
    json!({ "password": current, "new_password": new })
}

with_servers!(all, a_change_of_ones_own_keeps_the_session, async |server| {
    let bob = server.db_user("bob").create().await;
    let session = signed_in(&server, &bob).await;
    session.post(CHANGE, change(PASSWORD, "another password")).await.assert(200, json!(true));
    session.get(SETTINGS).await.assert_status(200);
    sign_in(&server, bob.email(), PASSWORD).await.assert_error(400, "INVALID_CREDENTIALS");
    sign_in(&server, bob.email(), "another password").await.assert_status(200);
});

with_servers!(all, r3_a_refused_change_changes_nothing, async |server| {
    let bob = server.db_user("bob").create().await;
    let before = hash_of(server.db(), &bob);
    for (current, new, code) in [
        ("not my password", "another password", "INCORRECT_PASSWORD"),
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
        bob.post(CHANGE, change("a guess", "another password")).await.assert_error(400, "INCORRECT_PASSWORD");
    }
    bob.post(CHANGE, change(PASSWORD, "another password")).await.assert_error(429, "RATE_LIMIT_EXCEEDED");
});

with_servers!(all, of_8_changes_at_once_from_one_password_one_succeeds, async |server| {
    let bob = server.db_user("bob").create().await;
    let replies = at_once((0..8).map(|n| {
        let bob = bob.clone();
        async move { bob.post(CHANGE, change(PASSWORD, &format!("new password {n}"))).await }
    }))
    .await;
    assert_eq!(count(&replies, 200, (400, "INCORRECT_PASSWORD")), 1);
});

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
