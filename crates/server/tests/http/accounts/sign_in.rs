//! Signing in with a password: who is let in, and what a refusal must not tell.

use rosterd_domain::role::Role;
use rosterd_testkit::{Reply, TestServer, with_servers};
use serde_json::json;

use super::{SESSION, SIGN_IN, hash_of, sign_in, token_in};

/// A try at signing in and how many password checks it cost.
async fn counted(server: &TestServer, email: &str, password: &str) -> (Reply, u64) {
    let before = server.app().password_checks();
    let reply = sign_in(server, email, password).await;
    (reply, server.app().password_checks() - before)
}

with_servers!(all, an_unknown_address_cannot_be_told_from_a_wrong_password, async |server| {
    let bob = server.db_user("bob").create().await;
    let carol = server.db_user("carol").create().await;
    let dave = server.db_user("dave").create().await;
    server.db_set_active(&carol, false);
    server.db().db_execute(&format!("DELETE FROM auth WHERE id = '{}'", dave.id()));

    let (wrong, checks) = counted(&server, bob.email(), "not my password").await;
    wrong.assert_error(400, "INVALID_CREDENTIALS");
    assert_eq!(checks, 1);
    for (email, password) in [
        ("nobody@rosterd.test", "not my password"),
        ("no address", "not my password"),
        ("", ""),
        (bob.email(), ""),
        // Switched off, and without a sign-in row: not even the right password says that there is such an account.
        (carol.email(), carol.password()),
        (dave.email(), dave.password()),
    ] {
        let (unknown, checks) = counted(&server, email, password).await;
        unknown.assert_error(400, "INVALID_CREDENTIALS").assert_json(wrong.json());
        assert_eq!(checks, 1, "{email}");
        assert_eq!(unknown.header("set-cookie"), None);
    }
    let (right, checks) = counted(&server, bob.email(), bob.password()).await;
    right.assert_status(200);
    assert_eq!(checks, 1);
});

with_servers!(all, r2_an_address_is_the_same_however_it_is_written, async |server| {
    let bob = server.db_user("bob").create().await;
    for email in ["bob@rosterd.test", "BOB@Rosterd.Test", "  bob@rosterd.test\t"] {
        let session = sign_in(&server, email, bob.password()).await;
        assert_eq!(session.at("/id"), json!(bob.id()), "{email}");
    }
});

with_servers!(attached, r2_an_address_stored_with_capitals_signs_in, async |server| {
    let bob = server.db_user("bob").create().await;
    for table in ["user", "auth"] {
        server.db().db_execute(&format!(
            r#"UPDATE "{table}" SET email = 'Bob@Rosterd.test' WHERE id = '{}'"#,
            bob.id()
        ));
    }
    for email in ["Bob@Rosterd.test", "bob@rosterd.test"] {
        sign_in(&server, email, bob.password()).await.assert_status(200);
    }
});

with_servers!(all, r2_an_address_signs_in_as_it_is_stored, async |server| {
    for (name, stored, typed) in [
        ("bob", "admin@localhost", "admin@localhost"),
        ("carol", "jd@intranet", "JD@intranet"),
        ("dave", "no address", "no address"),
        ("erin", "erin@rosterd.test ", "erin@rosterd.test"),
        ("frank", " frank@rosterd.test", "frank@rosterd.test "),
    ] {
        let owner = server.db_user(name).create().await;
        for table in ["user", "auth"] {
            let sql = format!(r#"UPDATE "{table}" SET email = '{stored}' WHERE id = '{}'"#, owner.id());
            server.db().db_execute(&sql);
        }
        let session = sign_in(&server, typed, owner.password()).await;
        assert_eq!(session.at("/id"), json!(owner.id()), "{typed}");
    }
});

with_servers!(
    all,
    a_hash_below_the_configured_cost_is_renewed_at_sign_in,
    |server| server.settings(|settings| settings.bcrypt_cost = 5),
    async |server| {
        let bob = server.db_user("bob").create().await;
        let made = hash_of(server.db(), &bob);
        assert!(made.starts_with("$2b$04$"), "{made}");
        sign_in(&server, bob.email(), "not my password").await.assert_status(400);
        assert_eq!(hash_of(server.db(), &bob), made, "only who knows the password renews it");

        token_in(&sign_in(&server, bob.email(), bob.password()).await);
        let renewed = hash_of(server.db(), &bob);
        assert!(renewed.starts_with("$2b$05$"), "{renewed}");
        token_in(&sign_in(&server, bob.email(), bob.password()).await);
        assert_eq!(hash_of(server.db(), &bob), renewed, "once is enough");

        // A dearer hash than is configured is left alone.
        let modest = server.second_builder().settings(|settings| settings.bcrypt_cost = 4).start().await;
        token_in(&sign_in(&modest, bob.email(), bob.password()).await);
        assert_eq!(hash_of(server.db(), &bob), renewed);
    }
);

with_servers!(all, hashes_of_every_bcrypt_variant_verify, async |server| {
    let bob = server.db_user("bob").create().await;
    for variant in ["$2a$", "$2b$", "$2y$"] {
        let sql = format!(
            "UPDATE auth SET password = '{variant}' || substr(password, 5) WHERE id = '{}'",
            bob.id()
        );
        server.db().db_execute(&sql);
        assert!(hash_of(server.db(), &bob).starts_with(variant));
        sign_in(&server, bob.email(), bob.password()).await.assert_status(200);
        sign_in(&server, bob.email(), "not my password").await.assert_status(400);
    }
});

with_servers!(own, a_stored_hash_that_is_none_fits_nothing, async |server| {
    let bob = server.db_user("bob").create().await;
    for broken in ["", "plain text", "$2b$99$abc", "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA"] {
        server.db().db_execute(&format!("UPDATE auth SET password = '{broken}'"));
        sign_in(&server, bob.email(), bob.password()).await.assert_error(400, "INVALID_CREDENTIALS");
        sign_in(&server, bob.email(), broken).await.assert_error(400, "INVALID_CREDENTIALS");
    }
});

// bcrypt reads 72 bytes; Open WebUI cuts what is typed there, in the middle of a character if need be.
with_servers!(all, r3_a_password_over_72_bytes_is_cut_when_signing_in, async |server| {
    for (name, long) in
        [("bob", "x".repeat(80)), ("carol", "ü".repeat(40)), ("dave", format!("{}üx", "x".repeat(71)))]
    {
        let owner = server.db_user(name).password(&long).create().await;
        sign_in(&server, owner.email(), &long).await.assert_status(200);
        sign_in(&server, owner.email(), &format!("{long} and more")).await.assert_status(200);
        let short: String = long.chars().take(35).collect();
        sign_in(&server, owner.email(), &short).await.assert_error(400, "INVALID_CREDENTIALS");
    }
});

with_servers!(all, people_of_every_role_may_sign_in_until_they_are_deleted, async |server| {
    let ada = server.db_admin("ada").create().await;
    for (name, role) in [("bob", Role::User), ("carol", Role::Pending), ("ben", Role::Admin)] {
        let owner = server.db_user(name).role(role).create().await;
        let opened = sign_in(&server, owner.email(), owner.password()).await;
        let session = owner.with_bearer(token_in(&opened));
        assert_eq!(session.get(SESSION).await.at("/role"), opened.at("/role"));
        ada.delete(&format!("/api/v1/users/{}", owner.id())).await.assert_status(200);
        sign_in(&server, owner.email(), owner.password()).await.assert_error(400, "INVALID_CREDENTIALS");
        session.get(SESSION).await.assert_error(401, "INVALID_TOKEN");
    }
});

with_servers!(own, l4_signing_in_is_activity, async |server| {
    let bob = server.db_user("bob").create().await;
    let active = format!("/api/v1/users/{}/active", bob.id());
    let carol = server.db_user("carol").create().await;
    carol.get(&active).await.assert_json(json!({ "active": false }));
    sign_in(&server, bob.email(), bob.password()).await.assert_status(200);
    carol.get(&active).await.assert_json(json!({ "active": true }));
});

with_servers!(own, every_faulty_field_of_a_sign_in_is_named, async |server| {
    let stranger = server.anonymous();
    stranger.post(SIGN_IN, json!({})).await.assert_invalid(&["body/email", "body/password"]);
    stranger
        .post(SIGN_IN, json!({ "email": [], "password": 1 }))
        .await
        .assert_invalid(&["body/email", "body/password"]);
    stranger.post(SIGN_IN, json!({ "email": "a\0b", "password": "x" })).await.assert_invalid(&["body/email"]);
    assert_eq!(server.app().password_checks(), 0);
});
