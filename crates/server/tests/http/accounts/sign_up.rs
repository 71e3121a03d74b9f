//! Opening an account of one's own: the first, the later ones, and the refused.

use rosterd_domain::email::EmailAddress;
use rosterd_domain::ids::UserId;
use rosterd_domain::role::Role;
use rosterd_domain::rules::password_hash::{Argon2Cost, HashAlgorithm};
use rosterd_domain::rules::password_strength::Strength;
use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_domain::stored_config::Key;
use rosterd_testkit::{PASSWORD, TestServer, with_servers};
use serde_json::{Value, json};

use super::{SESSION, SIGN_UP, accounts_in, application, id_in, sign_in, token_in};
use crate::support::{SETTINGS, form, is_current, path_of, set_config};

with_servers!(own, the_first_account_is_admin_and_closes_sign_up, async |server| {
    let stranger = server.anonymous();
    assert_eq!(stranger.get("/api/config").await.at("/onboarding"), json!(true));
    let opened = stranger.post(SIGN_UP, application("ada")).await;
    assert_eq!(opened.at("/role"), json!("admin"));
    let ada = stranger.with_bearer(token_in(&opened));
    ada.get("/api/v1/users/").await.assert_status(200);

    let config = stranger.get("/api/config").await;
    assert_eq!(config.at("/features/enable_signup"), json!(false));
    assert_eq!(config.at("/onboarding"), Value::Null);
    stranger.post(SIGN_UP, application("eve")).await.assert_error(403, "ACCESS_PROHIBITED");
    assert_eq!(accounts_in(server.db()), (1, 1));

    // An admin may open it again; who comes then is no admin.
    set_config(&ada, json!({ "ENABLE_SIGNUP": true })).await.assert_status(200);
    let eve = stranger.post(SIGN_UP, application("eve")).await;
    assert_eq!(eve.at("/role"), json!("pending"));
    assert_eq!(stranger.get("/api/config").await.at("/features/enable_signup"), json!(true));
});

with_servers!(all, m18_sign_up_answers_with_a_session, async |server| {
    let _ada = server.db_admin("ada").create().await;
    server.db_set_config("ui.enable_signup", json!(true)).await;
    server.db_set_config("ui.default_user_role", json!("user")).await;
    let sent = json!({ "name": "Bob", "email": "  Bob@Rosterd.TEST ", "password": PASSWORD });
    let opened = server.anonymous().post(SIGN_UP, sent).await;
    let bob = server.anonymous().with_bearer(token_in(&opened));
    assert_eq!(opened.at("/email"), json!("bob@rosterd.test"), "R2\n{opened}");
    let image = if is_current(&server) {
        format!("/api/v1/users/{}/profile/image", id_in(&opened))
    } else {
        "/user.png".to_owned()
    };
    assert_eq!(opened.at("/profile_image_url"), json!(image));
    assert_eq!(bob.get(SESSION).await.at("/profile_image_url"), json!("/user.png"));
    assert_eq!(opened.at("/token_type"), json!("Bearer"));
    assert_eq!(opened.at("/expires_at"), json!(server.now() + 4 * 7 * 86_400));
    assert_eq!(opened.header("cache-control"), Some("no-store"));
    assert!(opened.header("set-cookie").is_some_and(|cookie| cookie.starts_with("token=")), "{opened}");
    assert_eq!(bob.get(SESSION).await.at("/permissions"), opened.at("/permissions"));
    bob.get(SETTINGS).await.assert(200, Value::Null);

    let row = server.db_get_user(&id_in(&opened)).await;
    assert_eq!((row.created_at, row.updated_at, row.role), (server.now(), server.now(), Role::User));
    sign_in(&server, "bob@rosterd.test", PASSWORD).await.assert_status(200);
});

with_servers!(all, new_accounts_get_the_configured_role_and_group, async |server| {
    let ada = server.db_admin("ada").create().await;
    let group = server.db_group("Newcomers", &[], Value::Null).await;
    let config = json!({ "ENABLE_SIGNUP": true, "DEFAULT_USER_ROLE": "user", "DEFAULT_GROUP_ID": group });
    set_config(&ada, config).await.assert_status(200);
    let bob = server.anonymous().post(SIGN_UP, application("bob")).await;
    assert_eq!(bob.at("/role"), json!("user"));
    let groups = ada.get(&format!("/api/v1/users/{}/groups", id_in(&bob))).await;
    assert_eq!(groups.at("/0/name"), json!("Newcomers"));

    // A group that is gone keeps nobody out.
    ada.delete(&format!("/api/v1/groups/id/{group}/delete")).await.assert_status(200);
    let carol = server.anonymous().post(SIGN_UP, application("carol")).await;
    ada.get(&format!("/api/v1/users/{}/groups", id_in(&carol))).await.assert(200, json!([]));
});

with_servers!(all, a2_a_refused_sign_up_names_its_cause_and_leaves_no_row, async |server| {
    let _ada = server.db_admin("ada").create().await;
    server.db_set_config("ui.enable_signup", json!(true)).await;
    let before = accounts_in(server.db());
    for (email, password, code) in [
        ("ADA@rosterd.test", PASSWORD, "EMAIL_TAKEN"),
        ("nobody", PASSWORD, "INVALID_EMAIL_FORMAT"),
        ("a b@rosterd.test", PASSWORD, "INVALID_EMAIL_FORMAT"),
        ("bob@rosterd.test", &"x".repeat(73), "PASSWORD_TOO_LONG"),
        ("bob@rosterd.test", &"ü".repeat(37), "PASSWORD_TOO_LONG"),
        ("bob@rosterd.test", "seven77", "INVALID_PASSWORD"),
        ("bob@rosterd.test", "", "INVALID_PASSWORD"),
        ("bob@rosterd.test", "before\0after", "INVALID_PASSWORD"),
    ] {
        let sent = json!({ "name": "Bob", "email": email, "password": password });
        server.anonymous().post(SIGN_UP, sent).await.assert_error(400, code);
    }
    assert_eq!(accounts_in(server.db()), before);
});

// Whose e-mail address is taken only where signing in looks for it: the user's row must go with the one that failed.
with_servers!(own, r2_user_and_auth_are_written_together_or_not_at_all, async |server| {
    let _ada = server.db_admin("ada").create().await;
    server.db_set_config("ui.enable_signup", json!(true)).await;
    db_orphan(&server, "bob@rosterd.test").await;
    let before = accounts_in(server.db());
    server.anonymous().post(SIGN_UP, application("bob")).await.assert_error(400, "EMAIL_TAKEN");
    assert_eq!(accounts_in(server.db()), before);
});

with_servers!(own, m22_sign_up_without_a_login_form_is_closed, async |server| {
    server.db_set_config("ui.enable_login_form", json!(false)).await;
    server.anonymous().post(SIGN_UP, application("ada")).await.assert_error(403, "ACCESS_PROHIBITED");
    assert_eq!(accounts_in(server.db()), (0, 0));
    // Unless the first account is to be made without it.
    let lenient =
        server.second_builder().settings(|settings| settings.initial_admin_sign_up = true).start().await;
    lenient.anonymous().post(SIGN_UP, application("ada")).await.assert_status(200);
    lenient.anonymous().post(SIGN_UP, application("eve")).await.assert_error(403, "ACCESS_PROHIBITED");
});

with_servers!(own, m22_the_first_account_needs_no_open_sign_up, async |server| {
    server.db_set_config("ui.enable_signup", json!(false)).await;
    let opened = server.anonymous().post(SIGN_UP, application("ada")).await;
    assert_eq!(opened.assert_status(200).at("/role"), json!("admin"));
    server.anonymous().post(SIGN_UP, application("eve")).await.assert_error(403, "ACCESS_PROHIBITED");
});

with_servers!(own, m15_a_new_account_begins_with_a_stamp_of_its_own, async |server| {
    let opened = server.anonymous().post(SIGN_UP, application("ada")).await;
    let stamp =
        server.db().db_value(&format!("SELECT session_stamp FROM auth WHERE id = '{}'", id_in(&opened)));
    assert_eq!(stamp.map(|stamp| stamp.len()), Some(36));
    let ada = server.anonymous().with_bearer(token_in(&opened));
    ada.get(SETTINGS).await.assert_status(200);
});

with_servers!(own, every_faulty_field_of_a_sign_up_is_named, async |server| {
    let stranger = server.anonymous();
    stranger.post(SIGN_UP, json!({})).await.assert_invalid(&["body/email", "body/name", "body/password"]);
    stranger.post(SIGN_UP, json!([])).await.assert_invalid(&["body"]);
    let wrong =
        json!({ "name": " ", "email": 7, "password": null, "profile_image_url": "javascript:alert(1)" });
    let places = ["body/email", "body/name", "body/password", "body/profile_image_url"];
    stranger.post(SIGN_UP, wrong).await.assert_invalid(&places);
    let long = json!({ "name": "x".repeat(256), "email": "a@rosterd.test", "password": PASSWORD });
    stranger.post(SIGN_UP, long).await.assert_invalid(&["body/name"]);
    assert_eq!(accounts_in(server.db()), (0, 0));
});

with_servers!(own, a_name_is_stored_as_it_is_judged, async |server| {
    let stranger = server.anonymous();
    let sent = |name: &str| json!({ "name": name, "email": "ada@rosterd.test", "password": PASSWORD });
    for name in ["a\u{202e}nimda", "Ada\nERROR forged", "\u{200b}\u{3164}", "Ada\u{200d}", "a\u{2028}b"] {
        stranger.post(SIGN_UP, sent(name)).await.assert_invalid(&["body/name"]);
    }
    let name = format!("{}Jose\u{301} \u{645}\u{6cc}\u{200c}\u{62e} ", " ".repeat(300));
    let opened = stranger.post(SIGN_UP, sent(&name)).await;
    assert_eq!(opened.assert_status(200).at("/name"), json!("José می\u{200c}خ"));
    assert_eq!(server.db_get_user(&id_in(&opened)).await.name, "José می\u{200c}خ");
});

with_servers!(
    own,
    r3_a_password_must_be_as_configured_and_is_hashed_at_the_configured_cost,
    |server| {
        server.settings(|settings| {
            settings.bcrypt_cost = 5;
            settings.password_policy.min_chars = 4;
            settings.password_policy.strength = Strength::ANY;
            settings.password_policy.pattern =
                Some(std::sync::Arc::new(|text| text.contains(|c: char| c.is_ascii_digit())));
        })
    },
    async |server| {
        let stranger = server.anonymous();
        let sent = |password| json!({ "name": "Ada", "email": "ada@rosterd.test", "password": password });
        stranger.post(SIGN_UP, sent("no digit")).await.assert_error(400, "INVALID_PASSWORD");
        stranger.post(SIGN_UP, sent("q7v")).await.assert_error(400, "INVALID_PASSWORD");
        let opened = stranger.post(SIGN_UP, sent("q7v2")).await;
        assert_eq!(opened.at("/role"), json!("admin"));
        let ada = server.db_get_user(&id_in(&opened)).await;
        let hash = server.db().db_value(&format!("SELECT password FROM auth WHERE id = '{}'", ada.id));
        assert!(hash.is_some_and(|hash| hash.starts_with("$2b$05$")));
    }
);

with_servers!(
    all,
    m27a_the_deployment_says_what_its_rule_for_passwords_is,
    |server| server.settings(|settings| {
        settings.defaults.set(Key::EnableSignup, true).unwrap();
        settings.password_policy.pattern = Some(std::sync::Arc::new(|text| text.contains('!')));
        settings.password_policy.hint = Some("Put in a !".to_owned());
    }),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        let bob = server.db_user("bob").create().await;
        server.db_set_config("ui.enable_signup", json!(true)).await;
        let before = accounts_in(server.db());
        let said = |reply: &rosterd_testkit::Reply| {
            reply.assert_error(400, "INVALID_PASSWORD");
            assert_eq!(reply.at("/detail"), json!("Put in a !"));
        };
        for password in ["long enough", "short!"] {
            let sent = json!({ "name": "Eve", "email": "eve@rosterd.test", "password": password });
            said(&server.anonymous().post(SIGN_UP, &sent).await);
            said(&ada.post("/api/v1/auths/add", &sent).await);
            let change = json!({ "password": PASSWORD, "new_password": password });
            said(&bob.post("/api/v1/auths/update/password", change).await);
            let update = form("bob", bob.email(), json!({ "password": password }));
            said(&ada.post(&path_of(&bob, "/update"), update).await);
        }
        assert_eq!(accounts_in(server.db()), before);
        sign_in(&server, bob.email(), PASSWORD).await.assert_status(200);
    }
);

with_servers!(
    all,
    m27_argon2_is_read_everywhere_and_written_where_it_can_be_read,
    |server| server.settings(|settings| {
        settings.hash_algorithm = HashAlgorithm::Argon2;
        settings.argon2_cost = CHEAP;
    }),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        let long = |end: &str| format!("{}{end}", "correct horse battery ".repeat(4));
        let new = |password: &str| json!({ "name": "Bob", "email": "bob@rosterd.test", "password": password, "role": "user" });
        let added = ada.post("/api/v1/auths/add", new(&long("a"))).await;
        if is_current(&server) {
            added.assert_status(200);
            let hash = format!("SELECT password FROM auth WHERE id = '{}'", id_in(&added));
            let hash = server.db().db_value(&hash).unwrap_or_default();
            assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
            sign_in(&server, "bob@rosterd.test", &long("a")).await.assert_status(200);
            sign_in(&server, "bob@rosterd.test", &long("b")).await.assert_error(400, "INVALID_CREDENTIALS");
        } else {
            added.assert_error(400, "PASSWORD_TOO_LONG");
            let added = ada.post("/api/v1/auths/add", new(PASSWORD)).await;
            let hash = format!("SELECT password FROM auth WHERE id = '{}'", id_in(&added));
            assert!(server.db().db_value(&hash).unwrap_or_default().starts_with("$2"));
        }
        // Who has a hash of the other kind signs in all the same.
        sign_in(&server, ada.email(), ada.password()).await.assert_status(200);
        let hash =
            rosterd_app::passwords::hash_argon2(&PlainPassword::new("another".to_owned()), CHEAP).unwrap();
        let sql = format!("UPDATE auth SET password = '{}' WHERE id = '{}'", hash.expose(), ada.id());
        server.db().db_execute(&sql);
        sign_in(&server, ada.email(), "another").await.assert_status(200);
        sign_in(&server, ada.email(), PASSWORD).await.assert_error(400, "INVALID_CREDENTIALS");
    }
);

with_servers!(
    own,
    passwords_sign_nobody_in_where_that_is_switched_off,
    |server| server.settings(|settings| settings.password_sign_in = false),
    async |server| {
        let bob = server.db_user("bob").create().await;
        sign_in(&server, bob.email(), bob.password()).await.assert_error(403, "ACCESS_PROHIBITED");
        bob.get(SETTINGS).await.assert_status(200);
    }
);

/// What an Argon2 hash of these tests costs.
const CHEAP: Argon2Cost = Argon2Cost { memory: 64, passes: 1, lanes: 1 };

/// A sign-in row without a user, as a half-deleted account leaves it.
async fn db_orphan(server: &TestServer, email: &'static str) {
    let hash = PasswordHash::from_stored("x".to_owned());
    let email = EmailAddress::parse(email).unwrap_or_else(|e| panic!("{email}: {e}"));
    server
        .db_write(move |db| {
            db.insert_auth(&UserId::from_stored("orphan".to_owned()), email.as_str(), &hash, None)
        })
        .await;
}
