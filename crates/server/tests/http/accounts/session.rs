//! The session: by header and by cookie, how the cookie is set, how long it lasts and how it ends.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rosterd_app::settings::{SameSite, TokenSecret};
use rosterd_domain::role::Role;
use rosterd_testkit::fixtures::Actors;
use rosterd_testkit::{Caller, Credential, Reply, TokenKind, with_servers};
use serde_json::{Value, json};

use super::{SESSION, SIGN_IN, SIGN_OUT, SIGN_UP, application, sign_in, signed_in, token_in};
use crate::support::{SETTINGS, form, keys, path_of, rows};

/// The attributes of the cookie an answer sets, in lower case and sorted; the first is the cookie itself.
#[track_caller]
fn cookie_of(reply: &Reply) -> (String, Vec<String>) {
    let text = reply.header("set-cookie").unwrap_or_else(|| panic!("no cookie\n{reply}"));
    let mut parts = text.split(';').map(|part| part.trim().to_owned());
    let first = parts.next().unwrap_or_default();
    let mut attributes: Vec<String> = parts.map(|part| part.to_lowercase()).collect();
    attributes.sort();
    (first, attributes)
}

with_servers!(all, a1_m16_a_session_is_the_same_by_header_and_by_cookie, async |server| {
    let bob = server
        .db_user("bob")
        .with(|row| {
            row.bio = Some(Some("Hi".to_owned()));
            row.status_message = Some(Some("On leave".to_owned()));
        })
        .create()
        .await;
    let by_header = bob.get(SESSION).await;
    by_header.assert_status(200);
    let by_cookie = bob.by_cookie().get(SESSION).await;
    by_cookie.assert(200, by_header.json());
    bob.by_cookie().get(SESSION.trim_end_matches('/')).await.assert(200, by_header.json());

    let body = by_header.json();
    let wanted = [
        "bio",
        "date_of_birth",
        "email",
        "expires_at",
        "gender",
        "id",
        "name",
        "permissions",
        "profile_image_url",
        "role",
        "status_emoji",
        "status_expires_at",
        "status_message",
        "token",
        "token_type",
    ];
    assert_eq!(keys(&body), wanted);
    assert_eq!(body["id"], json!(bob.id()));
    assert_eq!((&body["bio"], &body["status_message"]), (&json!("Hi"), &json!("On leave")));
    assert_eq!(by_header.header("cache-control"), Some("no-store"));
    // Either way the token is sent as the cookie too.
    assert_eq!(cookie_of(&by_header), cookie_of(&by_cookie));
});

with_servers!(own, m10_the_header_wins_over_the_cookie, async |server| {
    let (bob, carol) = (server.db_user("bob").create().await, server.db_user("carol").create().await);
    let carols = server.token(TokenKind::Valid, carol.id());
    let both = async |caller: &Caller, cookie: &str| {
        let request = caller.request(rosterd_testkit::Method::GET, SESSION);
        request.header("cookie", &format!("theme=dark; token={cookie}")).send().await
    };
    assert_eq!(both(&bob, &carols).await.at("/id"), json!(bob.id()));
    both(&bob.with_bearer("not.a.token"), &carols).await.assert_error(401, "INVALID_TOKEN");
    // The header decides though it is empty, not to be read or of another scheme.
    for value in
        [&b""[..], b" ", b"Bearer", b"Bearer \xc3\xbc", b"B\xe4rer x", b"\xff", b"token", b"Basic Ym9iOng="]
    {
        let request = server.anonymous().request(rosterd_testkit::Method::GET, SESSION);
        let request = request.header("cookie", &format!("token={carols}"));
        request.header_bytes("authorization", value).send().await.assert_error(401, "INVALID_TOKEN");
    }
    // Two headers: nobody knows which one counts.
    let twice = bob.request(rosterd_testkit::Method::GET, SESSION).header("authorization", "Basic Ym9iOng=");
    twice.send().await.assert_error(401, "INVALID_TOKEN");
});

with_servers!(all, a_cookie_is_out_of_reach_of_scripts_and_ends_with_its_token, async |server| {
    let bob = server.db_user("bob").create().await;
    let opened = sign_in(&server, bob.email(), bob.password()).await;
    let (cookie, attributes) = cookie_of(&opened);
    assert_eq!(cookie, format!("token={}", token_in(&opened)));
    assert_eq!(attributes, ["httponly", "max-age=2419200", "path=/", "samesite=lax"]);
    bob.with(Credential::Cookie(token_in(&opened))).get(SETTINGS).await.assert_status(200);
    // Given again later, it ends no later.
    server.clock().advance(1000);
    let again = bob.with(Credential::Cookie(token_in(&opened))).get(SESSION).await;
    assert_eq!(cookie_of(&again).1, ["httponly", "max-age=2418200", "path=/", "samesite=lax"]);
});

with_servers!(
    own,
    same_site_and_secure_are_as_configured,
    |server| server.settings(|settings| {
        settings.cookie.same_site = SameSite::None;
        settings.cookie.secure = true;
    }),
    async |server| {
        let opened = server.anonymous().post(SIGN_UP, application("ada")).await;
        let wanted = ["httponly", "max-age=2419200", "path=/", "samesite=none", "secure"];
        assert_eq!(cookie_of(&opened).1, wanted);
        let gone = server.anonymous().get(SIGN_OUT).await;
        for attribute in ["httponly", "path=/", "samesite=none", "secure"] {
            assert!(cookie_of(&gone).1.contains(&attribute.to_owned()), "{gone}");
        }
        let strict =
            server.second_builder().settings(|s| s.cookie.same_site = SameSite::Strict).start().await;
        assert!(cookie_of(&strict.anonymous().get(SIGN_OUT).await).1.contains(&"samesite=strict".to_owned()));
    }
);

with_servers!(
    all,
    a10_tokens_of_the_secret_before_are_accepted_as_those_of_the_new_one,
    |server| server.settings(|settings| {
        let new = TokenSecret::new("a-new-secret-of-forty-bytes-or-a-few-more");
        settings.previous_secret = Some(std::mem::replace(&mut settings.secret, new));
    }),
    async |server| {
        let bob = server.db_user("bob").create().await;
        let status = async |secret: &str| {
            let token = TokenKind::Valid.make(bob.id().as_str(), secret.as_bytes(), server.now());
            server.anonymous().with_bearer(token).get(SESSION).await.status()
        };
        assert_eq!(status(&Actors::recorded().secret).await, 200);
        assert_eq!(status("a-new-secret-of-forty-bytes-or-a-few-more").await, 200);
        assert_eq!(status("another-secret-that-nobody-ever-had-here").await, 401);
    }
);

with_servers!(own, m14_signing_out_ends_this_session_everywhere_and_no_other, async |server| {
    let second = server.second().await;
    let bob = server.db_user("bob").create().await;
    let (here, elsewhere) = (signed_in(&server, &bob).await, signed_in(&server, &bob).await);
    let out = here.post(SIGN_OUT, Value::Null).await;
    out.assert(200, json!({ "status": true }));
    let (cookie, attributes) = cookie_of(&out);
    assert_eq!(cookie, "token=");
    assert!(attributes.contains(&"max-age=0".to_owned()), "{out}");

    here.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    here.through(&second).get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    here.get("/api/config").await.assert_json(server.anonymous().get("/api/config").await.json());
    elsewhere.get(SETTINGS).await.assert_status(200);
    signed_in(&server, &bob).await.get(SETTINGS).await.assert_status(200);
    // Again, by cookie, and by nobody at all.
    here.get(SIGN_OUT).await.assert(200, json!({ "status": true }));
    elsewhere.by_cookie().get(SIGN_OUT).await.assert_status(200);
    elsewhere.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    server.anonymous().get(SIGN_OUT).await.assert(200, json!({ "status": true }));
    bob.with_bearer("not.a.token").get(SIGN_OUT).await.assert(200, json!({ "status": true }));
});

// A token that names no session, as those of Open WebUI.
with_servers!(own, a_revocation_outlives_its_token_by_a_day, async |server| {
    const LIFE: i64 = rosterd_testkit::token::LIFE_SECONDS;
    let bob = server.db_user("bob").create().await;
    let revoked = || rows(&server, "rosterd_revoked_token");
    let fresh = || bob.with_bearer(server.token(TokenKind::Valid, bob.id()));
    let first = fresh();
    first.get(SIGN_OUT).await.assert_status(200);
    assert_eq!(revoked(), 1);
    server.clock().advance(LIFE + 86_399);
    fresh().get(SIGN_OUT).await.assert_status(200);
    assert_eq!(revoked(), 2);
    // A clock that is set back makes the first token good again but for its revocation.
    server.clock().advance(-LIFE);
    first.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    server.clock().advance(LIFE + 1);
    fresh().get(SIGN_OUT).await.assert_status(200);
    assert_eq!(revoked(), 2, "the first has ended a day ago");
});

// Their tables have no place for it and are not ours to add to, so this process remembers it.
with_servers!(attached, m14_signing_out_of_a_borrowed_database_is_remembered_in_memory, async |server| {
    let bob = server.db_user("bob").create().await;
    let (here, elsewhere) = (signed_in(&server, &bob).await, signed_in(&server, &bob).await);
    let out = here.by_cookie().post(SIGN_OUT, Value::Null).await;
    out.assert(200, json!({ "status": true }));
    assert_eq!(cookie_of(&out).0, "token=");
    here.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    here.post("/api/v1/users/user/settings/update", json!({})).await.assert_error(401, "INVALID_TOKEN");
    elsewhere.get(SETTINGS).await.assert_status(200);
});

/// The names of the cookies that an answer takes away.
fn cleared(reply: &Reply) -> Vec<String> {
    let cookies = reply.headers().get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
    let cleared = cookies.filter(|cookie| cookie.contains("Max-Age=0"));
    cleared.map(|cookie| cookie.split('=').next().unwrap_or_default().to_owned()).collect()
}

with_servers!(
    own,
    m16_signing_out_takes_the_cookies_of_open_webui_too,
    |server| server.settings(|settings| {
        settings.sign_out_redirect_url = Some("https://sso.example/out".to_owned());
    }),
    async |server| {
        let stranger = server.anonymous();
        let out = stranger.post(SIGN_OUT, Value::Null).await;
        out.assert(200, json!({ "status": true, "redirect_url": "https://sso.example/out" }));
        assert_eq!(cleared(&out), ["token", "owui-session", "oui-session", "oauth_id_token"]);
        let request = stranger.request(rosterd_testkit::Method::POST, SIGN_OUT);
        let out = request.header("cookie", "oauth_session_id=x").send().await;
        assert!(cleared(&out).contains(&"oauth_session_id".to_owned()), "{out}");
    }
);

with_servers!(all, m11_a_token_says_how_its_session_began, async |server| {
    let bob = server.db_user("bob").create().await;
    let claims = claims_of(&token_in(&sign_in(&server, bob.email(), bob.password()).await));
    let now = server.now();
    assert_eq!(claims["id"], json!(bob.id()));
    for (claim, value) in [
        ("typ", json!("session")),
        ("auth_method", json!("password")),
        ("auth_time", json!(now)),
        ("session_stamp", Value::Null),
        ("mfa_verified", json!(false)),
        ("iat", json!(now)),
        ("exp", json!(now + 2_419_200)),
    ] {
        assert_eq!(claims.get(claim), Some(&value), "{claim}");
    }
    let ada = server.db_admin("ada").create().await;
    let added = ada.post("/api/v1/auths/add", application("carol")).await;
    let mut wanted = vec!["exp", "iat", "id", "jti", "session_stamp", "typ"];
    // Where sessions are kept, tokens say so (rule A4).
    if server.app().keeps_sessions() {
        assert_eq!(claims.get("rosterd_session"), Some(&json!(true)));
        wanted.insert(4, "rosterd_session");
    }
    assert_eq!(keys(&claims_of(&token_in(&added))), wanted);
});

/// The claims of a token.
fn claims_of(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap_or_default();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

with_servers!(all, people_who_wait_to_be_let_in_have_a_session_and_nothing_else, async |server| {
    let ada = server.db_admin("ada").create().await;
    let dave = server.db_user("dave").role(Role::Pending).create().await;
    let session = signed_in(&server, &dave).await;
    assert_eq!(session.get(SESSION).await.at("/role"), json!("pending"));
    for path in [SETTINGS, "/api/v1/users/permissions", "/api/v1/groups/"] {
        session.get(path).await.assert_error(401, "ACCESS_PROHIBITED");
    }
    // The same session opens up as soon as an admin lets its owner in, and closes again.
    let update = path_of(&dave, "/update");
    ada.post(&update, form("dave", dave.email(), json!({}))).await.assert_status(200);
    session.get(SETTINGS).await.assert(200, Value::Null);
    ada.post(&update, form("dave", dave.email(), json!({ "role": "pending" }))).await.assert_status(200);
    // Where sessions are kept, a demotion ends them (rule A5).
    let code = if server.app().keeps_sessions() { "INVALID_TOKEN" } else { "ACCESS_PROHIBITED" };
    session.get(SETTINGS).await.assert_error(401, code);
});

with_servers!(all, an_account_that_is_switched_off_is_shut_out_at_once, async |server| {
    let ada = server.db_admin("ada").create().await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_api_key(&ada, "sk-adas").await;
    let session = signed_in(&server, &ada).await;
    let callers = [session.clone(), session.by_cookie(), ada.with_bearer("sk-adas")];
    for (active, status) in [(true, 200), (false, 401), (true, 200)] {
        server.db_set_active(&ada, active);
        for caller in &callers {
            caller.get(SETTINGS).await.assert_status(status);
            caller.get("/api/v1/users/").await.assert_status(status);
            // Merging reads the row in another way.
            caller.post("/api/v1/users/user/settings/update", json!({})).await.assert_status(status);
        }
        let told = session.get("/api/config").await.at("/user_count").is_null();
        assert_eq!(told, !active, "who is shut out is anonymous");
        let opened = sign_in(&server, ada.email(), ada.password()).await;
        assert_eq!(opened.status(), if active { 200 } else { 400 });
    }
});

// On the layout of 0.6.43 the row of `auth` holds the password and no stamp.
with_servers!(all, m13_without_the_row_of_its_stamp_a_session_is_over, async |server| {
    let ada = server.db_admin("ada").create().await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_api_key(&ada, "sk-adas").await;
    ada.get(SETTINGS).await.assert_status(200);
    server.db().db_execute(&format!("DELETE FROM auth WHERE id = '{}'", ada.id()));
    let stamped = server.store().layout().session_stamp;
    ada.get(SETTINGS).await.assert_status(if stamped { 401 } else { 200 });
    ada.with_bearer("sk-adas").get(SETTINGS).await.assert_status(200);
});

with_servers!(all, a_session_that_is_none_is_refused, async |server| {
    let bob = server.db_user("bob").create().await;
    server.anonymous().get(SESSION).await.assert_error(401, "NOT_AUTHENTICATED");
    for kind in TokenKind::REFUSED {
        let token = server.token(kind, bob.id());
        let code = if kind == TokenKind::NoId { "UNAUTHORIZED" } else { "INVALID_TOKEN" };
        bob.with_bearer(token.clone()).get(SESSION).await.assert_error(401, code);
        bob.with(Credential::Cookie(token)).get(SESSION).await.assert_error(401, code);
    }
    let forever = bob.with_bearer(server.token(TokenKind::NeverExpires, bob.id()));
    assert_eq!(forever.get(SESSION).await.at("/expires_at"), Value::Null);
});

with_servers!(all, tokens_live_as_long_as_configured, async |server| {
    let bob = server.db_user("bob").create().await;
    for (life, seconds) in [("30m", 1800), ("1h30m", 5400), ("4w", 2_419_200)] {
        server.db_set_config("auth.jwt_expiry", json!(life)).await;
        let opened = sign_in(&server, bob.email(), bob.password()).await;
        assert_eq!(opened.at("/expires_at"), json!(server.now() + seconds), "{life}");
        let session = bob.with_bearer(token_in(&opened));
        server.clock().advance(seconds - 1);
        session.get(SETTINGS).await.assert_status(200);
        server.clock().advance(1);
        session.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    }
    for life in ["-1", "0"] {
        server.db_set_config("auth.jwt_expiry", json!(life)).await;
        let opened = sign_in(&server, bob.email(), bob.password()).await;
        assert_eq!(opened.at("/expires_at"), Value::Null, "{life}");
        assert!(!cookie_of(&opened).1.iter().any(|part| part.starts_with("max-age")), "{opened}");
        server.clock().advance(1_000_000_000);
        bob.with_bearer(token_in(&opened)).get(SETTINGS).await.assert_status(200);
    }
    // What nobody can read counts as absent: four weeks.
    server.db_set_config("auth.jwt_expiry", json!("soon")).await;
    let opened =
        server.anonymous().post(SIGN_IN, json!({ "email": bob.email(), "password": bob.password() })).await;
    assert_eq!(opened.at("/expires_at"), json!(server.now() + 2_419_200));
});
