//! New passwords must be hard to guess (rule R6), wherever they are sent.

use rosterd_domain::rules::password_strength::Strength;
use rosterd_domain::stored_config::Key;
use rosterd_testkit::{Caller, PASSWORD, Reply, TestServer, with_servers};
use serde_json::json;

use super::{SIGN_UP, accounts_in, sign_in};
use crate::support::form;

/// Sends a new password in every way there is, for accounts of this name and e-mail address.
async fn sent_everywhere(server: &TestServer, ada: &Caller, bob: &Caller, password: &str) -> [Reply; 4] {
    let new = json!({ "name": "Grace Hopper", "email": "amazing.grace@rosterd.test", "password": password });
    let change = json!({ "password": PASSWORD, "new_password": password });
    let update = form("Grace Hopper", "amazing.grace@rosterd.test", json!({ "password": password }));
    [
        server.anonymous().post(SIGN_UP, &new).await,
        ada.post("/api/v1/auths/add", &new).await,
        ada.post(&format!("/api/v1/users/{}/update", bob.id()), update).await,
        bob.post("/api/v1/auths/update/password", change).await,
    ]
}

with_servers!(
    all,
    r6_a_new_password_that_is_easy_to_guess_is_refused_with_a_reason,
    |server| server.settings(|settings| settings.defaults.set(Key::EnableSignup, true).unwrap()),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        let bob = server.db_user("bob").create().await;
        server.db_set_config("ui.enable_signup", json!(true)).await;
        let before = accounts_in(server.db());
        for (password, reason) in [
            ("12345678", "it is one of the most common passwords."),
            ("Password1234", "strength 1, but 4 is needed): this is similar to a commonly used password;"),
            ("correct horse", "strength 3, but 4 is needed): make it longer"),
        ] {
            for refused in sent_everywhere(&server, &ada, &bob, password).await {
                refused.assert_error(400, "INVALID_PASSWORD");
                let detail = refused.at("/detail").as_str().unwrap_or_default().to_owned();
                assert!(
                    detail.starts_with("The password cannot be used: ") && detail.contains(reason),
                    "{detail}"
                );
            }
        }
        // His own are bob's.
        for password in ["amazing.grace", "GRACE HOPPER", "amazing.grace@rosterd.test"] {
            let [signed_up, added, updated, _his_own] = sent_everywhere(&server, &ada, &bob, password).await;
            for refused in [signed_up, added, updated] {
                refused.assert_error(400, "INVALID_PASSWORD");
                let detail = refused.at("/detail").as_str().unwrap_or_default().to_owned();
                assert!(detail.contains("the name or the e-mail address of the account"), "{detail}");
            }
        }
        assert_eq!(accounts_in(server.db()), before);
    }
);

with_servers!(
    own,
    r6_the_level_can_be_lowered_but_common_passwords_stay_refused,
    |server| server.settings(|settings| settings.password_policy.strength = Strength::ANY),
    async |server| {
        let bob = server.db_user("bob").create().await;
        let change = |password: &str| json!({ "password": PASSWORD, "new_password": password });
        let path = "/api/v1/auths/update/password";
        bob.post(path, change("12345678")).await.assert_error(400, "INVALID_PASSWORD");
        bob.post(path, change(bob.email())).await.assert_error(400, "INVALID_PASSWORD");
        bob.post(path, change("correct horse")).await.assert_status(200);
        sign_in(&server, bob.email(), "correct horse").await.assert_status(200);
    }
);

// A stored password is not held against the rule.
with_servers!(all, r6_who_has_a_weak_password_signs_in, async |server| {
    let bob = server.db_user("bob").password("12345678").create().await;
    sign_in(&server, bob.email(), "12345678").await.assert_status(200);
});
