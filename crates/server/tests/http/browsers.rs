//! What keeps a browser from doing harm: headers of every answer, and requests that pages of another origin make it
//! send.

use rosterd_testkit::{Caller, Method, Reply, TestServer, TokenKind, with_servers};
use serde_json::{Value, json};

use crate::accounts::{sign_in, token_in};
use crate::support::{NOBODY, SETTINGS, UPDATE_SETTINGS, UPDATE_STATUS, path_of};

const SIGN_OUT: &str = "/api/v1/auths/signout";
const API_KEY: &str = "/api/v1/auths/api_key";

/// What may be kept, and only asked about again: the console and the pages that describe the API are the same for everybody.
const PUBLIC: [&str; 3] = ["/docs/", "/api/v1/openapi.json", "/console"];

const CHAT: &str = "https://chat.example.com";

/// Asks for somebody's settings from a page of this origin.
async fn asked_from(caller: &Caller, method: Method, origin: &str) -> Reply {
    let request = caller.request(method, SETTINGS).header("origin", origin);
    request.header("sec-fetch-site", "cross-site").send().await
}

/// What a browser asks before it sends a request from a page of this origin.
async fn preflight(server: &TestServer, origin: &str) -> Reply {
    let request = server.anonymous().request(Method::OPTIONS, SETTINGS).header("origin", origin);
    let request = request.header("access-control-request-method", "POST");
    request.header("access-control-request-headers", "authorization, content-type").send().await
}

with_servers!(own, pages_of_other_origins_may_read_nothing_by_default, async |server| {
    let bob = server.db_user("bob").create().await;
    let reply = asked_from(&bob, Method::GET, CHAT).await;
    reply.assert_status(200);
    assert_eq!(reply.header("access-control-allow-origin"), None, "{reply}");
    let refused = preflight(&server, CHAT).await;
    refused.assert_status(405);
    assert_eq!(refused.header("access-control-allow-origin"), None, "{refused}");
});

with_servers!(
    own,
    pages_of_listed_origins_may_read_and_send_the_cookie,
    |server| server.settings(|settings| settings.allowed_origins = vec![CHAT.to_owned()]),
    async |server| {
        let bob = server.db_user("bob").create().await;
        for caller in [bob.by_cookie(), server.anonymous()] {
            let reply = asked_from(&caller, Method::GET, CHAT).await;
            assert_eq!(reply.header("access-control-allow-origin"), Some(CHAT), "{reply}");
            assert_eq!(reply.header("access-control-allow-credentials"), Some("true"), "{reply}");
            assert_eq!(reply.header("vary"), Some("origin"), "{reply}");
        }
        let granted = preflight(&server, CHAT).await;
        granted.assert_status(204);
        assert_eq!(granted.header("access-control-allow-origin"), Some(CHAT), "{granted}");
        let headers = granted.header("access-control-allow-headers");
        assert_eq!(headers, Some("authorization, content-type"), "{granted}");

        let change = |origin: &'static str| {
            let request = bob.by_cookie().request(Method::POST, UPDATE_SETTINGS).header("origin", origin);
            request.header("sec-fetch-site", "cross-site").json(&json!({ "a": 1 })).send()
        };
        change(CHAT).await.assert_status(200);
        for other in ["https://evil.example", "http://chat.example.com", "null", "*"] {
            let reply = asked_from(&bob, Method::GET, other).await;
            assert_eq!(reply.header("access-control-allow-origin"), None, "{other}: {reply}");
            assert_eq!(reply.header("vary"), Some("origin"), "{other}: {reply}");
            preflight(&server, other).await.assert_status(405);
            change(other).await.assert_status(403);
        }
    }
);

with_servers!(
    own,
    a_star_lets_all_pages_read_but_not_with_the_cookie,
    |server| server.settings(|settings| settings.allowed_origins = vec!["*".to_owned()]),
    async |server| {
        let bob = server.db_user("bob").create().await;
        let reply = asked_from(&bob, Method::GET, CHAT).await;
        reply.assert_status(200);
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{reply}");
        assert_eq!(reply.header("access-control-allow-credentials"), None, "{reply}");
        let request = bob.by_cookie().request(Method::POST, UPDATE_SETTINGS).header("origin", CHAT);
        let request = request.header("sec-fetch-site", "cross-site").json(&json!({ "a": 1 }));
        request.send().await.assert_status(403);
    }
);

with_servers!(
    all,
    m16_the_cookie_of_a_session_may_have_another_name_in_a_standalone_database,
    |server| server.settings(|settings| {
        settings.cookie.name = "__Host-token".into();
        settings.cookie.secure = true;
    }),
    async |server| {
        let bob = server.db_user("bob").create().await;
        let session = sign_in(&server, bob.email(), bob.password()).await;
        let token = token_in(&session);
        let set = session.header("set-cookie").unwrap_or_default().to_owned();
        let standalone = server.app().store().layout().is_standalone();
        let name = if standalone { "__Host-token" } else { "token" };
        assert!(set.starts_with(&format!("{name}={token}; ")), "{set}");
        assert!(set.contains("Secure") && set.contains("Path=/") && !set.contains("Domain"), "{set}");
        let sent = |cookie: String| {
            server.anonymous().request(Method::GET, SETTINGS).header("cookie", &cookie).send()
        };
        sent(format!("{name}={token}")).await.assert_status(200);
        // Other front ends know this name alone.
        sent(format!("token={token}")).await.assert_status(200);
        if standalone {
            sent(format!("token={token}; __Host-token=forged")).await.assert_status(401);
        } else {
            sent(format!("__Host-token={token}")).await.assert_status(401);
        }
    }
);

/// An endpoint's path with every place in it filled in.
fn filled(path: &str) -> String {
    path.replace("{id}", NOBODY).replace("{file:.*}", "docs.css")
}

#[track_caller]
fn assert_guarded(reply: &Reply, path: &str) {
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{reply}");
    let kept = reply.header("cache-control");
    let public = reply.status() == 200 && PUBLIC.iter().any(|public| path.starts_with(public));
    assert_eq!(kept, Some(if public { "no-cache" } else { "no-store" }), "{reply}");
}

with_servers!(own, no_answer_is_kept_or_taken_for_something_else, async |server| {
    let ada = server.db_admin("ada").create().await;
    for endpoint in rosterd_api::routes::endpoints() {
        let path = filled(endpoint.path);
        // The token is fresh, since signing out ends it.
        let fresh = ada.with_bearer(server.token(TokenKind::Valid, ada.id()));
        for caller in [&fresh, &server.anonymous()] {
            let reply = caller.request(endpoint.method.as_str().parse().unwrap(), &path).send().await;
            assert_guarded(&reply, &path);
        }
    }
    // What is no endpoint: another path, another method, a body that is too large.
    assert_guarded(ada.get("/api/v1/nothing").await.assert_status(404), "");
    assert_guarded(ada.delete(SETTINGS).await.assert_status(405), "");
    let large = json!({ "a": "x".repeat(2 * 1024 * 1024) });
    assert_guarded(ada.post(UPDATE_STATUS, large).await.assert_status(413), "");
    // A picture may be kept by whoever may see it.
    let picture = ada.get(&path_of(&ada, "/profile/image")).await;
    assert_eq!(picture.header("cache-control"), Some("private, no-cache"), "{picture}");
    assert_eq!(picture.header("x-content-type-options"), Some("nosniff"), "{picture}");
});

with_servers!(
    own,
    m29_configured_headers_stand_in_every_answer_once,
    |server| server.settings(|settings| {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        settings.response_headers = vec![
            header("cache-control", "max-age=5"),
            header("strict-transport-security", "max-age=1"),
            header("x-frame-options", "DENY"),
        ];
    }),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        for (path, kept) in [
            (SETTINGS, "max-age=5"),
            ("/api/v1/auths/", "no-store"),
            ("/rosterd/api/v1/auths/", "no-store"),
            ("/nowhere", "max-age=5"),
        ] {
            let reply = ada.get(path).await;
            for (name, value) in [("cache-control", kept), ("strict-transport-security", "max-age=1")] {
                let all: Vec<_> = reply.headers().get_all(name).iter().collect();
                assert_eq!(all, [value], "{path} {name}");
            }
            let took: f64 = reply.header("x-process-time").unwrap_or_default().parse().unwrap();
            assert!((0.0..60.0).contains(&took), "{reply}");
        }
    }
);

/// The host and port of a server, as a browser sends them.
fn host_of(server: &TestServer) -> String {
    server.url().trim_start_matches("http://").to_owned()
}

async fn sent(caller: &Caller, method: Method, path: &str, headers: &[(&str, &str)]) -> Reply {
    let request = caller.request(method, path);
    headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await
}

/// What a browser says of a page elsewhere.
const FOREIGN: [&[(&str, &str)]; 6] = [
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[("origin", "http://127.0.0.1:1")],
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("sec-fetch-mode", "no-cors")],
];

with_servers!(own, a_page_elsewhere_changes_nothing_with_the_cookie, async |server| {
    let ada = server.db_admin("ada").create().await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_api_key(&ada, "sk-adas").await;
    let browser = ada.by_cookie();
    for headers in FOREIGN {
        // Neither of these needs a body, so any page can make a browser send them.
        for (method, path) in [(Method::POST, API_KEY), (Method::DELETE, API_KEY)] {
            sent(&browser, method, path, headers).await.assert_error(403, "FOREIGN_ORIGIN");
        }
        let request = browser.request(Method::POST, UPDATE_SETTINGS).json(&json!({ "evil": true }));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        request.send().await.assert_error(403, "FOREIGN_ORIGIN");
        // Looking is no change; what another page may read of it is the browser's business.
        sent(&browser, Method::GET, SETTINGS, headers).await.assert(200, Value::Null);
        // Nobody sends this header by accident.
        sent(&ada, Method::GET, API_KEY, headers).await.assert_status(200);
    }
    // No cookie, no right; and who sends the header means it.
    sent(&server.anonymous(), Method::DELETE, API_KEY, FOREIGN[0])
        .await
        .assert_error(401, "NOT_AUTHENTICATED");
    sent(&ada, Method::DELETE, API_KEY, FOREIGN[0]).await.assert(200, json!(true));
});

with_servers!(own, our_own_pages_and_programs_change_things_with_the_cookie, async |server| {
    let ada = server.db_admin("ada").create().await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    let (host, own) = (host_of(&server), server.url().to_owned());
    let told = [("origin", "https://chat.example"), ("x-forwarded-host", "chat.example")];
    for headers in [
        &[][..],
        &[("origin", own.as_str())],
        &[("origin", own.as_str()), ("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "same-origin"), ("host", host.as_str())],
        &[("sec-fetch-site", "none")],
        // Behind a proxy that tells the host it was asked for.
        &told[..],
    ] {
        sent(&ada.by_cookie(), Method::POST, API_KEY, headers).await.assert_status(200);
    }
});

with_servers!(own, signing_out_is_not_for_images_and_pages_elsewhere, async |server| {
    let bob = server.db_user("bob").create().await;
    let opened = sign_in(&server, bob.email(), bob.password()).await;
    let session = bob.with_bearer(token_in(&opened));
    let browser = session.by_cookie();
    let parts = ["image", "script", "style", "iframe", "frame", "embed", "object", "font", "video", "", "?"];
    let parts = parts.map(|dest| [("sec-fetch-dest", dest), ("sec-fetch-site", "same-origin")]);
    let link = [("sec-fetch-dest", "document"), ("sec-fetch-site", "cross-site")];
    let refused = parts.iter().map(<[_; 2]>::as_slice).chain(FOREIGN).chain([link.as_slice()]);
    for headers in refused {
        for caller in [&browser, &server.anonymous()] {
            let reply = sent(caller, Method::GET, SIGN_OUT, headers).await;
            reply.assert_error(403, "FOREIGN_ORIGIN");
            assert_eq!(reply.header("set-cookie"), None, "{headers:?}");
        }
        browser.get(SETTINGS).await.assert_status(200);
    }
    // A script of our own page; it sends the header, so it may come from anywhere.
    sent(&session, Method::GET, SIGN_OUT, FOREIGN[0]).await.assert(200, json!({ "status": true }));
    browser.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    // Typed into the browser's URL field.
    let again = bob.with_bearer(token_in(&sign_in(&server, bob.email(), bob.password()).await)).by_cookie();
    let typed = [("sec-fetch-dest", "document"), ("sec-fetch-site", "none")];
    sent(&again, Method::GET, SIGN_OUT, &typed).await.assert(200, json!({ "status": true }));
    again.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
});

// What makes this safe without a look at the origin: only JSON is taken, which a browser sends elsewhere only after
// asking, and it is never allowed to.
with_servers!(own, a_page_elsewhere_cannot_sign_a_browser_in, async |server| {
    let bob = server.db_user("bob").create().await;
    let form = json!({ "email": bob.email(), "password": bob.password() }).to_string();
    for declared in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let request = server.anonymous().request(Method::POST, "/api/v1/auths/signin");
        let reply = request.body(declared, form.clone()).send().await;
        reply.assert_error(415, "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(reply.header("set-cookie"), None);
    }
    let asked = sent(&server.anonymous(), Method::OPTIONS, "/api/v1/auths/signin", FOREIGN[0]).await;
    asked.assert_error(405, "METHOD_NOT_ALLOWED");
    assert!(asked.headers().keys().all(|name| !name.as_str().starts_with("access-control-")), "{asked}");
});
