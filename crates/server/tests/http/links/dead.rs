//! When a link is dead (rule O3).

use rosterd_testkit::{Caller, PASSWORD, TestServer, with_databases};
use serde_json::{Value, json};

use super::{ACCEPT, NEW, RESET, adopted, invite, look, primary, reset_link, set};
use crate::accounts::signed_in;
use crate::support::{form, path_of, rows};

/// Stops the test unless this link is dead, or lives.
async fn lives(server: &TestServer, token: &str, lives: bool) {
    let reply = look(server, token).await;
    if lives {
        reply.assert_status(200);
        return;
    }
    reply.assert_error(400, "INVALID_LINK");
    for path in [ACCEPT, RESET] {
        set(server, path, token).await.assert_error(400, "INVALID_LINK");
    }
}

with_databases!(all, o3_a_link_ends_with_its_time_and_with_a_newer_one, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let bob = server.db_user("bob").create().await;
    let old = reset_link(&first, &bob).await;
    let token = reset_link(&first, &bob).await;
    let invited = invite(&first, "eve").await;
    lives(&server, &old, false).await;
    lives(&server, &token, true).await;
    server.clock().advance(86_399);
    lives(&server, &token, true).await;
    server.clock().advance(1);
    lives(&server, &token, false).await;
    server.clock().advance(6 * 86_400 - 1);
    lives(&server, &invited, true).await;
    server.clock().advance(1);
    lives(&server, &invited, false).await;
    assert_eq!(rows(&server, "rosterd_link"), 2, "until a job forgets them");
});

with_databases!(all, o3_a_link_ends_when_its_account_is_not_what_it_was, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let bob = server.db_user("bob").create().await;
    let update = path_of(&bob, "/update");
    // Another e-mail address.
    let token = reset_link(&first, &bob).await;
    first.post(&update, form("bob", "robert@rosterd.test", json!({}))).await.assert_status(200);
    lives(&server, &token, false).await;
    first.post(&update, form("Bob", bob.email(), json!({}))).await.assert_status(200);
    // Another password, by an admin or the owner.
    let token = reset_link(&first, &bob).await;
    first.post(&update, form("Bob", bob.email(), json!({ "password": NEW }))).await.assert_status(200);
    lives(&server, &token, false).await;
    let token = reset_link(&first, &bob).await;
    let own = json!({ "password": NEW, "new_password": PASSWORD });
    bob.post("/api/v1/auths/update/password", own.clone()).await;
    let reply = crate::accounts::sign_in(&server, bob.email(), PASSWORD).await;
    if reply.status() != 200 {
        // Where sessions carry a stamp, the one of the test is over.
        let session = crate::accounts::token_in(&crate::accounts::sign_in(&server, bob.email(), NEW).await);
        bob.with_bearer(session).post("/api/v1/auths/update/password", own).await.assert_status(200);
    }
    lives(&server, &token, false).await;
    // Suspended: also after the account was let in again.
    let token = reset_link(&first, &bob).await;
    first.post(&path_of(&bob, "/suspend"), json!({})).await.assert_status(200);
    lives(&server, &token, false).await;
    first.post(&path_of(&bob, "/resume"), Value::Null).await.assert_status(200);
    lives(&server, &token, false).await;
    // Switched off by another program.
    let token = reset_link(&first, &bob).await;
    server.db_set_active(&bob, false);
    lives(&server, &token, false).await;
    server.db_set_active(&bob, true);
    lives(&server, &token, true).await;
    // Deleted: also after the account was restored.
    first.delete(&path_of(&bob, "")).await.assert_status(200);
    lives(&server, &token, false).await;
    assert_eq!(rows(&server, "rosterd_link"), 0);
    let restore = format!("/api/v1/users/deleted/{}/restore", bob.id());
    first.post(&restore, Value::Null).await.assert_status(200);
    lives(&server, &token, false).await;
    // Deleted by another program.
    let token = reset_link(&first, &bob).await;
    for sql in ["DELETE FROM auth WHERE id = ", r#"DELETE FROM "user" WHERE id = "#] {
        server.db().db_execute(&format!("{sql}'{}'", bob.id()));
    }
    lives(&server, &token, false).await;
});

with_databases!(all, o3_a_link_ends_when_its_maker_is_no_active_admin_any_more, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let bob = server.db_user("bob").create().await;
    for (number, end) in ["demoted", "suspended", "deleted"].into_iter().enumerate() {
        let ben = server.db_admin("ben").email(&format!("ben{number}@rosterd.test")).create().await;
        let invited = invite(&ben, &format!("eve{number}")).await;
        let reset = reset_link(&ben, &bob).await;
        for token in [&invited, &reset] {
            lives(&server, token, true).await;
        }
        leave(&first, &ben, end).await;
        for token in [&invited, &reset] {
            lives(&server, token, false).await;
        }
    }
    // Another admin makes a new one.
    let token = reset_link(&first, &bob).await;
    set(&server, RESET, &token).await.assert_status(200);
    signed_in(&server, &first).await;
});

with_databases!(all, o4_a_link_of_an_admin_ends_when_its_account_becomes_the_primary_admin, async |db| {
    let server = adopted(db).await;
    let first = primary(&server).await;
    let (ben, bob) = (server.db_admin("ben").create().await, server.db_admin("bob").create().await);
    let token = reset_link(&ben, &bob).await;
    lives(&server, &token, true).await;
    first.post(&path_of(&bob, "/make-primary"), json!({ "password": PASSWORD })).await.assert_status(200);
    lives(&server, &token, false).await;
    set(&server, RESET, &token).await.assert_status(400);
});

async fn leave(by: &Caller, admin: &Caller, end: &str) {
    let reply = match end {
        "demoted" => by.post(&path_of(admin, "/update"), form("ben", admin.email(), json!({}))).await,
        "suspended" => by.post(&path_of(admin, "/suspend"), json!({})).await,
        _ => by.delete(&path_of(admin, "")).await,
    };
    reply.assert_status(200);
}
