//! Passwords that a connection sends (rule J10).

use rosterd_testkit::{PASSWORD, with_databases};
use serde_json::json;

use super::super::{assert_refused, connection, id_of, patch, post, put};
use super::{path, replace, told};
use crate::accounts::sign_in;
use crate::support::{adopted, primary, rows};

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
