//! What tokens of the newer Open WebUI carry: a second factor where it is demanded, and the account's stamp.

use rosterd_testkit::fixtures::Actors;
use rosterd_testkit::token::sign;
use rosterd_testkit::{Caller, DbKind, PASSWORD, TestServer, run, with_servers};
use serde_json::{Value, json};

use super::{SIGN_UP, accounts_in, application, sign_in, signed_in};
use crate::support::{SETTINGS, UPDATE_SETTINGS, keys};

const MFA_STATUS: &str = "/api/v1/auths/mfa/status";

/// Runs `body` on the recorded database of Open WebUI 0.12.4.
fn on_the_newer_layout(body: impl AsyncFnOnce(TestServer)) {
    run::on_server(DbKind::WebUi012Sqlite, module_path!(), |server| server, body);
}

/// The caller with a token that makes these claims besides the usual ones.
fn claiming(server: &TestServer, owner: &Caller, more: Value) -> Caller {
    let mut claims = json!({ "id": owner.id(), "jti": "j", "iat": server.now(), "exp": server.now() + 3600 });
    if let (Some(claims), Value::Object(more)) = (claims.as_object_mut(), more) {
        claims.extend(more);
    }
    owner.with_bearer(sign(&claims, Actors::recorded().secret.as_bytes()))
}

#[test]
fn where_a_second_factor_is_demanded_a_session_must_have_shown_it() {
    on_the_newer_layout(async |server| {
        let bob = server.db_user("bob").create().await;
        let plain = claiming(&server, &bob, json!({ "typ": "session" }));
        let shown = claiming(&server, &bob, json!({ "typ": "session", "mfa_verified": true }));
        let not_shown = claiming(&server, &bob, json!({ "mfa_verified": false }));
        for caller in [&plain, &shown, &not_shown] {
            caller.get(SETTINGS).await.assert_status(200);
        }
        server.db_set_config("auth.mfa.enable", json!(true)).await;
        // A session that showed a factor, of an account that has none.
        shown.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
        let enrolled = format!(r#"UPDATE auth SET mfa = '{{"secret": "s"}}' WHERE id = '{}'"#, bob.id());
        server.db().db_execute(&enrolled);
        shown.get(SETTINGS).await.assert_status(200);
        // What acts on a person's behalf is not asked.
        claiming(&server, &bob, json!({ "typ": "automation" })).get(SETTINGS).await.assert_status(200);
        plain.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
        not_shown.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
        // A session that we could open would be worth nothing; that is told to who knows the password.
        sign_in(&server, bob.email(), bob.password()).await.assert_error(403, "ACCESS_PROHIBITED");
        for email in [bob.email(), "nobody@rosterd.test"] {
            sign_in(&server, email, "x").await.assert_error(400, "INVALID_CREDENTIALS");
        }
    });
}

#[test]
fn other_ways_in_are_exempt_only_where_that_is_allowed() {
    on_the_newer_layout(async |server| {
        let bob = server.db_user("bob").create().await;
        server.db_set_config("auth.mfa.enable", json!(true)).await;
        for (method, bypass) in [
            ("oauth", "auth.mfa.allow_oauth_bypass"),
            ("trusted_header", "auth.mfa.allow_trusted_header_bypass"),
        ] {
            server.db_set_config(bypass, json!(false)).await;
            let caller = claiming(&server, &bob, json!({ "auth_method": method }));
            caller.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
            server.db_set_config(bypass, json!(true)).await;
            caller.get(SETTINGS).await.assert_status(200);
            let password = claiming(&server, &bob, json!({ "auth_method": "password" }));
            password.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
            server.db_set_config(bypass, json!(false)).await;
            caller.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
        }
    });
}

#[test]
fn a_second_factor_is_demanded_where_its_settings_cannot_be_read() {
    on_the_newer_layout(async |server| {
        let bob = server.db_user("bob").create().await;
        let plain = claiming(&server, &bob, json!({ "auth_method": "oauth" }));
        for (stored, status) in [
            (json!(0), 200),
            (json!("False"), 200),
            (json!("True"), 401),
            (json!(1), 401),
            (json!("perhaps"), 401),
        ] {
            server.db_set_config("auth.mfa.enable", stored.clone()).await;
            assert_eq!(plain.get(SETTINGS).await.status(), status, "{stored}");
        }
        for (stored, status) in
            [(json!("perhaps"), 401), (json!([]), 401), (json!("1"), 200), (json!(null), 401)]
        {
            server.db_set_config("auth.mfa.allow_oauth_bypass", stored.clone()).await;
            assert_eq!(plain.get(SETTINGS).await.status(), status, "{stored}");
        }
    });
}

#[test]
fn a_key_needs_no_second_factor() {
    on_the_newer_layout(async |server| {
        let ada = server.db_admin("ada").create().await;
        server.db_set_config("auth.mfa.enable", json!(true)).await;
        server.db_set_config("auth.enable_api_keys", json!(true)).await;
        server.db_api_key(&ada, "sk-adas").await;
        ada.with_bearer("sk-adas").get(SETTINGS).await.assert_status(200);
    });
}

// A standalone database has nobody who could ask for the second factor.
with_servers!(own, our_own_databases_demand_no_second_factor, async |server| {
    let bob = server.db_user("bob").create().await;
    server.db_set_config("auth.mfa.enable", json!(true)).await;
    bob.get(SETTINGS).await.assert_status(200);
    signed_in(&server, &bob).await.get(SETTINGS).await.assert_status(200);
});

// Whoever signs it: no database can look such an id up.
with_servers!(all, a_token_with_an_impossible_id_is_refused, async |server| {
    let bob = server.db_user("bob").create().await;
    for more in [
        json!({ "jti": "a\0b" }),
        json!({ "id": "a\0b" }),
        json!({ "id": "" }),
        json!({ "exp": 1e300, "jti": 7 }),
    ] {
        claiming(&server, &bob, more).get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    }
});

with_servers!(all, a_token_for_something_else_is_no_session, async |server| {
    let bob = server.db_user("bob").create().await;
    claiming(&server, &bob, json!({ "typ": "session" })).get(SETTINGS).await.assert_status(200);
    for typ in ["mfa", "reset", ""] {
        claiming(&server, &bob, json!({ "typ": typ })).get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    }
});

with_servers!(all, n1_m12_what_a_token_says_of_itself_decides_whether_it_counts, async |server| {
    let bob = server.db_user("bob").create().await;
    let now = server.now();
    for more in [
        json!({ "typ": "session" }),
        json!({ "typ": "automation" }),
        json!({ "typ": "subagent" }),
        json!({ "iat": now - 1, "nbf": now }),
    ] {
        claiming(&server, &bob, more).get(SETTINGS).await.assert_status(200);
    }
    for more in [
        json!({ "typ": "other" }),
        json!({ "typ": null }),
        json!({ "aud": "anybody" }),
        json!({ "aud": null }),
        json!({ "iat": "now" }),
        json!({ "iat": now + 3600 }),
        json!({ "nbf": now + 3600 }),
    ] {
        let caller = claiming(&server, &bob, more);
        caller.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
        // Who is calling is decided before what is sent.
        caller.post(UPDATE_SETTINGS, json!([])).await.assert_error(401, "INVALID_TOKEN");
    }
});

/// A token is good for the stamp it was issued under, whichever database keeps the stamp.
async fn stamps_are_compared(server: TestServer) {
    let bob = server.db_user("bob").create().await;
    let without = claiming(&server, &bob, json!({}));
    let null = claiming(&server, &bob, json!({ "session_stamp": null }));
    let (first, second) = (
        claiming(&server, &bob, json!({ "session_stamp": "1" })),
        claiming(&server, &bob, json!({ "session_stamp": "2" })),
    );
    without.get(SETTINGS).await.assert_status(200);
    null.get(SETTINGS).await.assert_status(200);
    first.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");

    let stamp = |value: &str| format!("UPDATE auth SET session_stamp = {value} WHERE id = '{}'", bob.id());
    server.db().db_execute(&stamp("'1'"));
    first.get(SETTINGS).await.assert_status(200);
    for caller in [&without, &null, &second] {
        caller.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    }
    let session = signed_in(&server, &bob).await;
    session.get(SETTINGS).await.assert_status(200);
    server.db().db_execute(&stamp("'2'"));
    session.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    second.get(SETTINGS).await.assert_status(200);
}

with_servers!(own, a_token_is_good_for_the_stamp_it_was_issued_under, stamps_are_compared);

#[test]
fn a_token_is_good_for_the_stamp_of_the_newer_layout() {
    on_the_newer_layout(stamps_are_compared);
}

#[test]
fn m27b_where_a_second_factor_is_demanded_accounts_come_without_a_token() {
    on_the_newer_layout(async |server| {
        let ada = server.db_admin("ada").create().await;
        server.db_api_key(&ada, "sk-adas").await;
        server.db_set_config("auth.enable_api_keys", json!(true)).await;
        server.db_set_config("auth.mfa.enable", json!(true)).await;
        let added = ada.with_bearer("sk-adas").post("/api/v1/auths/add", application("carol")).await;
        added.assert_status(200);
        assert_eq!(keys(&added.json()), ["email", "id", "name", "profile_image_url", "role"]);
        assert_eq!(added.at("/profile_image_url"), json!("/user.png"));
        // Carol waits to be let in, which needs no second factor yet.
        let signed_in = sign_in(&server, "carol@rosterd.test", PASSWORD).await;
        signed_in.assert(200, json!({ "next_step": "pending" }));
        assert_eq!(signed_in.header("set-cookie"), None);
        sign_in(&server, "carol@rosterd.test", "x").await.assert_error(400, "INVALID_CREDENTIALS");
        // Nobody opens an account that could have no session.
        server.db_set_config("ui.enable_signup", json!(true)).await;
        let before = accounts_in(server.db());
        server.anonymous().post(SIGN_UP, application("eve")).await.assert_error(403, "ACCESS_PROHIBITED");
        assert_eq!(accounts_in(server.db()), before);
    });
}

#[test]
fn the_owner_is_told_of_the_second_factor() {
    on_the_newer_layout(async |server| {
        let bob = server.db_user("bob").create().await;
        let told = |enabled: bool, required: bool, codes: u32| json!({ "enabled": enabled, "required": required, "recovery_codes_remaining": codes });
        bob.get(MFA_STATUS).await.assert(200, told(false, false, 0));
        let kept = r#"{"secret": "s", "recovery_hashes": ["a", "b"]}"#;
        server.db().db_execute(&format!("UPDATE auth SET mfa = '{kept}' WHERE id = '{}'", bob.id()));
        bob.get(MFA_STATUS).await.assert(200, told(true, false, 2));
        server.db_set_config("auth.mfa.enable", json!(true)).await;
        let shown = claiming(&server, &bob, json!({ "mfa_verified": true }));
        shown.get(MFA_STATUS).await.assert(200, told(true, true, 2));
        let program = claiming(&server, &bob, json!({ "typ": "automation" }));
        program.get(MFA_STATUS).await.assert_error(403, "HUMAN_SESSION_REQUIRED");
    });
}
