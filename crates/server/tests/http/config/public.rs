//! `GET /api/config`: what everybody may see, and what those who are signed in see besides; `GET /api/version`.

use rosterd_domain::role::Role;
use rosterd_testkit::{TokenKind, with_servers};
use serde_json::{Value, json};

use crate::support::{is_current, keys, set_config};

const PUBLIC: &str = "/api/config";

with_servers!(
    all,
    strangers_see_what_the_sign_in_page_needs,
    |server| server.settings(|settings| settings.name = String::from("Example Chat")),
    async |server| {
        let _ada = server.db_admin("ada").create().await;
        server.db_set_config("ui.default_locale", json!("de-DE")).await;
        server.db_set_config("ui.enable_signup", json!(true)).await;
        let version = server.anonymous().get("/api/version").await;
        version.assert(200, json!({ "version": server.app().settings().version }));
        let config = server.anonymous().get(PUBLIC).await.json();
        let told = ["default_locale", "features", "i18n", "name", "oauth", "status", "version"];
        assert_eq!(keys(&config), told);
        assert_eq!(config["name"], json!("Example Chat"));
        assert_eq!(config["version"], version.at("/version"));
        assert_eq!((&config["default_locale"], &config["status"]), (&json!("de-DE"), &json!(true)));
        let features = &config["features"];
        assert_eq!(
            (&features["enable_signup"], &features["enable_login_form"]),
            (&json!(true), &json!(true))
        );
        assert_eq!(features["auth_trusted_header"], json!(false));
    }
);

with_servers!(all, the_switches_are_seen_as_an_admin_sets_them, async |server| {
    let ada = server.db_admin("ada").create().await;
    for on in [false, true, false] {
        let sent = json!({ "ENABLE_SIGNUP": on, "ENABLE_LOGIN_FORM": !on });
        set_config(&ada, sent).await.assert_status(200);
        let features = server.anonymous().get(PUBLIC).await.at("/features");
        assert_eq!((&features["enable_signup"], &features["enable_login_form"]), (&json!(on), &json!(!on)));
    }
});

with_servers!(own, onboarding_is_told_while_there_is_no_user, async |server| {
    let stranger = server.anonymous();
    assert_eq!(stranger.get(PUBLIC).await.at("/onboarding"), json!(true));
    let ada = server.db_admin("ada").create().await;
    assert_eq!(stranger.get(PUBLIC).await.json().get("onboarding"), None);
    assert_eq!(ada.get(PUBLIC).await.json().get("onboarding"), None);
});

with_servers!(all, who_is_signed_in_sees_more, async |server| {
    let ada = server.db_admin("ada").create().await;
    let suggestions = json!([{ "title": ["Say", "hello"], "content": "Hello!" }]);
    let sent = json!({
        "DEFAULT_PROMPT_SUGGESTIONS": suggestions, "PENDING_USER_OVERLAY_TITLE": "Wait",
        "PENDING_USER_OVERLAY_CONTENT": "An admin will let you in.", "RESPONSE_WATERMARK": "AI",
    });
    set_config(&ada, sent).await.assert_status(200);
    let bob = server.db_user("bob").create().await;
    let anonymous = server.anonymous().get(PUBLIC).await.json();
    let users = crate::support::rows(&server, r#""user""#);
    for caller in [&ada, &bob, &bob.by_cookie()] {
        let seen = caller.get(PUBLIC).await.json();
        assert_eq!(seen["default_prompt_suggestions"], suggestions);
        assert_eq!(seen["user_count"], json!(users));
        let ui = json!({
            "pending_user_overlay_title": "Wait", "pending_user_overlay_content": "An admin will let you in.",
            "response_watermark": "AI", "default_interface_settings": {}, "visibility": {}, "iframe_csp": "",
        });
        assert_eq!(seen["ui"], ui);
        let template = ada.get("/api/v1/users/default/permissions").await.json();
        assert_eq!(seen["permissions"], template);
        for (key, value) in anonymous.as_object().into_iter().flatten() {
            if key != "features" {
                assert_eq!(&seen[key], value);
            }
        }
        for (name, on) in anonymous["features"].as_object().into_iter().flatten() {
            assert_eq!(&seen["features"][name], on, "{name}");
        }
    }
});

with_servers!(all, a_session_that_is_over_sees_what_strangers_see, async |server| {
    let bob = server.db_user("bob").create().await;
    let dave = server.db_user("dave").role(Role::Pending).create().await;
    let anonymous = server.anonymous().get(PUBLIC).await.json();
    for kind in TokenKind::REFUSED {
        bob.with_bearer(server.token(kind, bob.id())).get(PUBLIC).await.assert(200, anonymous.clone());
    }
    bob.with_bearer("sk-unknown").get(PUBLIC).await.assert(200, anonymous.clone());
    if !is_current(&server) {
        dave.get(PUBLIC).await.assert(200, anonymous.clone());
    }
    server.clock().advance(3600);
    bob.get(PUBLIC).await.assert(200, anonymous.clone());
    assert_eq!(anonymous.get("user_count"), None::<&Value>);
});
