//! Passwords that a connection sends (rule J10).

use rosterd_testkit::{Method, PASSWORD, with_databases};
use serde_json::json;

use super::super::{assert_refused, connection, id_of, make_user, patch, post, put, request};
use super::{path, replace, told};
use crate::accounts::sign_in;
use crate::support::{adopted, merged, primary, rows};

with_databases!(
    all,
    j10_passwords_are_passed_over_or_taken_for_accounts_that_the_connection_made,
    async |db| {
        let server = adopted(db).await;
        let admin = primary(&server).await;
        let body = |name: &str, password: &str| json!({ "userName": format!("{name}@provider.test"), "password": password });
        let ignores = connection(&admin, "Entra ID", json!({})).await;
        // Not even looked at.
        let made = post(&ignores, "/Users", body("ada", "x")).await;
        let ada = id_of(&made);
        assert!(!made.text().contains("password"), "{made}");
        patch(&ignores, &path(&ada), replace("password", json!(PASSWORD))).await.assert_status(200);
        sign_in(&server, "ada@provider.test", PASSWORD).await.assert_status(400);

        let takes =
            connection(&admin, "Okta", json!({ "takes_passwords": true, "links_by_email": true })).await;
        for weak in ["x", "password", "bob@provider.test"] {
            let refused = post(&takes, "/Users", body("bob", weak)).await;
            assert_refused(&refused, 400, Some("invalidValue"));
            assert!(!refused.text().contains(&format!("\"{weak}\"")), "{refused}");
        }
        assert_eq!(rows(&server, r#""user" WHERE email = 'bob@provider.test'"#), 0);
        let made = post(&takes, "/Users", body("bob", PASSWORD)).await;
        let bob = id_of(&made);
        assert!(!made.text().contains(PASSWORD), "{made}");
        sign_in(&server, "bob@provider.test", PASSWORD).await.assert_status(200);
        let newer = "another long secret 7";
        server.forget_events();
        patch(&takes, &path(&bob), json!([{ "op": "replace", "value": { "password": newer } }]))
            .await
            .assert_status(200);
        assert!(told(&server).contains(&("user.password_changed", "scim".to_owned())));
        sign_in(&server, "bob@provider.test", PASSWORD).await.assert_status(400);
        sign_in(&server, "bob@provider.test", newer).await.assert_status(200);
        put(&takes, &path(&bob), body("bob", PASSWORD)).await.assert_status(200);
        sign_in(&server, "bob@provider.test", PASSWORD).await.assert_status(200);
        // Who had an account before keeps the password.
        let carol = server.db_user("carol").create().await;
        let sent = json!({ "userName": carol.email(), "password": newer });
        assert_eq!(id_of(&post(&takes, "/Users", sent.clone()).await), carol.id().as_str());
        put(&takes, &path(carol.id().as_str()), sent).await.assert_status(200);
        sign_in(&server, carol.email(), newer).await.assert_status(400);
        sign_in(&server, carol.email(), carol.password()).await.assert_status(200);
    }
);

// Hashing is dear: what would be refused anyway is refused before it, and what is not set is not hashed.
with_databases!(own, j10_no_password_is_hashed_that_is_not_set, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let takes = connection(&admin, "Okta", json!({ "takes_passwords": true, "links_by_email": true })).await;
    let strict = connection(&admin, "Entra ID", json!({ "takes_passwords": true })).await;
    let ada = make_user(&takes, "ada@provider.test").await;
    let bob = server.db_user("bob").create().await;
    let eve = make_user(&takes, "eve@provider.test").await;
    let promote = json!({ "role": "admin", "name": "Eve", "email": "eve@provider.test", "profile_image_url": "/user.png" });
    admin.post(&format!("/api/v1/users/{eve}/update"), promote).await.assert_status(200);
    let hashed = || server.app().metrics().lanes[0].waits.count();
    let before = hashed();
    let sent = |name: &str| json!({ "userName": name, "password": PASSWORD });
    for (provider, body, status, scim_type) in [
        (&takes, sent("ada@provider.test"), 409, Some("uniqueness")),
        (
            &takes,
            merged(sent("x"), json!({ "emails": [{ "value": "ada@provider.test" }] })),
            409,
            Some("uniqueness"),
        ),
        (&strict, sent("ada@provider.test"), 409, Some("uniqueness")),
        (&strict, sent(bob.email()), 409, Some("uniqueness")),
        (&takes, sent(admin.email()), 403, None),
        (&takes, sent("nobody"), 400, Some("invalidValue")),
        (
            &takes,
            merged(sent("x@provider.test"), json!({ "displayName": "\u{202e}x" })),
            400,
            Some("invalidValue"),
        ),
    ] {
        assert_refused(&post(provider, "/Users", body).await, status, scim_type);
    }
    assert_refused(&put(&takes, &path(&eve), sent("eve@provider.test")).await, 403, None);
    assert_refused(&put(&takes, &path("nobody"), sent("ada@provider.test")).await, 404, None);
    let stale =
        request(Method::PUT, &takes, &path(&ada), &sent("ada@provider.test")).header("if-match", "W/\"0\"");
    assert_refused(&stale.send().await, 412, None);
    // It is linked, and keeps its password.
    post(&takes, "/Users", sent(bob.email())).await.assert_status(201);
    put(&takes, &path(bob.id().as_str()), sent(bob.email())).await.assert_status(200);
    assert_eq!(hashed(), before);
    put(&takes, &path(&ada), sent("ada@provider.test")).await.assert_status(200);
    post(&takes, "/Users", sent("carol@provider.test")).await.assert_status(201);
    assert_eq!(hashed(), before + 2);
});
