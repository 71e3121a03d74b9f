//! `POST /auths/add`: an admin opens accounts for others, whether sign-up is open or not.

use rosterd_testkit::{PASSWORD, with_servers};
use serde_json::{Value, json};

use super::{accounts_in, application, sign_in};
use crate::support::{at_once, count, rows};

const ADD: &str = "/api/v1/auths/add";

with_servers!(all, r2_a_local_address_can_be_added_and_a_taken_one_cannot_in_any_spelling, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let add = async |email: &str| {
        let new =
            json!({ "name": "New", "email": email, "password": "a password for tests", "role": "user" });
        ada.post("/api/v1/auths/add", new).await
    };
    assert_eq!(add("Dev@localhost").await.assert_status(200).at("/email"), json!("dev@localhost"));
    add("DEV@LOCALHOST ").await.assert_error(400, "EMAIL_TAKEN");
    add("dev@intranet").await.assert_error(400, "INVALID_EMAIL_FORMAT");
    for table in ["user", "auth"] {
        let sql = format!(r#"UPDATE "{table}" SET email = 'Bob@Rosterd.test ' WHERE id = '{}'"#, bob.id());
        server.db().db_execute(&sql);
    }
    add("bob@rosterd.test").await.assert_error(400, "EMAIL_TAKEN");
    add("zo\u{200b}e@rosterd.test").await.assert_error(400, "INVALID_EMAIL_FORMAT");
    assert_eq!(
        add("zoe\u{308}@rosterd.test").await.assert_status(200).at("/email"),
        json!("zoë@rosterd.test")
    );
    add("ZOË@rosterd.test").await.assert_error(400, "EMAIL_TAKEN");
});

with_servers!(all, an_admin_adds_accounts_of_every_role, async |server| {
    let ada = server.db_admin("ada").create().await;
    for role in ["pending", "user", "admin"] {
        let mut sent = application(role);
        sent["role"] = json!(role);
        let added = ada.post(ADD, sent).await;
        added.assert_status(200);
        assert_eq!(added.at("/role"), json!(role));
        assert_eq!(added.at("/email"), json!(format!("{role}@rosterd.test")));
        assert_eq!(added.at("/token_type"), json!("Bearer"));
        assert_eq!(added.header("set-cookie"), None, "the admin stays who they are\n{added}");
        let session = sign_in(&server, &format!("{role}@rosterd.test"), PASSWORD).await;
        assert_eq!(session.at("/id"), added.at("/id"));
    }
    let added = ada.post(ADD, application("unsaid")).await;
    assert_eq!(added.at("/role"), json!("pending"));
});

with_servers!(all, added_accounts_join_the_default_group, async |server| {
    let ada = server.db_admin("ada").create().await;
    let group = server.db_group("Newcomers", &[], Value::Null).await;
    server.db_set_config("ui.default_group_id", json!(group)).await;
    let added = ada.post(ADD, application("bob")).await;
    let id = added.at("/id");
    let groups = ada.get(&format!("/api/v1/users/{}/groups", id.as_str().unwrap_or_default())).await;
    assert_eq!(groups.at("/0/id"), json!(group));
});

with_servers!(all, a_refused_addition_leaves_no_row, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let before = accounts_in(server.db());
    for (field, value, code) in [
        ("email", "BOB@rosterd.test", "EMAIL_TAKEN"),
        ("email", "nobody", "INVALID_EMAIL_FORMAT"),
        ("password", &"x".repeat(73), "PASSWORD_TOO_LONG"),
        ("password", "short", "INVALID_PASSWORD"),
    ] {
        let mut sent = application("carol");
        sent[field] = json!(value);
        ada.post(ADD, sent).await.assert_error(400, code);
    }
    let mut sent = application("carol");
    sent["role"] = json!("superuser");
    sent["name"] = json!("");
    // R1; and nobody but an admin is told what is wrong with a request that is not theirs to make.
    ada.post(ADD, sent.clone()).await.assert_invalid(&["body/name", "body/role"]);
    bob.post(ADD, sent.clone()).await.assert_error(401, "ACCESS_PROHIBITED");
    server.anonymous().post(ADD, sent).await.assert_error(401, "NOT_AUTHENTICATED");
    assert_eq!(accounts_in(server.db()), before);
});

with_servers!(all, r2_of_32_additions_at_once_with_one_address_one_succeeds, async |server| {
    let ada = server.db_admin("ada").create().await;
    let replies = at_once((0..32).map(|_| {
        let ada = ada.clone();
        async move { ada.post(ADD, application("bob")).await }
    }))
    .await;
    assert_eq!(count(&replies, 200, (400, "EMAIL_TAKEN")), 1);
    assert_eq!(rows(&server, "auth WHERE email = 'bob@rosterd.test'"), 1);
});
