//! Signing in by headers of a proxy that has already found out who somebody is.

use rosterd_app::settings::TrustedHeaders;
use rosterd_domain::role::Role;
use rosterd_domain::rules::client_ip::{IpRanges, parse_range};
use rosterd_testkit::{DbKind, Method, Reply, ServerBuilder, TestServer, run, with_servers};
use serde_json::{Value, json};

use crate::accounts::{accounts_in, application, id_in, sign_in, token_in};
use crate::support::{SETTINGS, at_once, rows};

const SIGN_IN: &str = "/api/v1/auths/signin";

/// A server behind a proxy at one of these IPs.
fn behind(server: ServerBuilder, proxies: &[&str]) -> ServerBuilder {
    let proxies = proxies.iter().map(|range| parse_range(range).unwrap()).collect();
    let headers = TrustedHeaders {
        email: "X-Forwarded-Email".parse().unwrap(),
        name: Some("X-Forwarded-User".parse().unwrap()),
        groups: Some("X-Forwarded-Groups".parse().unwrap()),
    };
    server.settings(|settings| {
        settings.trusted_headers = Some(headers);
        settings.trusted_proxies = IpRanges::new(proxies);
    })
}

/// Behind a proxy on this machine, which is where the tests' requests come from.
fn behind_a_proxy(server: ServerBuilder) -> ServerBuilder {
    behind(server, &["192.0.2.1", "127.0.0.0/8"])
}

/// What the front end sends where a proxy does the work, with these headers put in.
async fn visit(server: &TestServer, headers: &[(&str, &str)]) -> Reply {
    let request =
        server.anonymous().request(Method::POST, SIGN_IN).json(&json!({ "email": "", "password": "" }));
    headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await
}

/// The groups of an account, sorted by name.
async fn groups_of(server: &TestServer, visitor: &Reply) -> Vec<String> {
    let id = id_in(visitor);
    let groups = server.db_read(move |db| db.list_group_names_of(&id)).await;
    let mut names: Vec<String> = groups.into_iter().map(|group| group.name).collect();
    names.sort();
    names
}

with_servers!(all, headers_are_nothing_unless_switched_on, async |server| {
    let bob = server.db_user("bob").create().await;
    let before = accounts_in(server.db());
    for email in [bob.email(), "new@rosterd.test"] {
        let headers = [("X-Forwarded-Email", email), ("Remote-User", email)];
        visit(&server, &headers).await.assert_error(400, "INVALID_CREDENTIALS");
    }
    assert_eq!(server.anonymous().get("/api/config").await.at("/features/auth_trusted_header"), json!(false));
    assert_eq!(accounts_in(server.db()), before);
});

with_servers!(
    all,
    headers_count_only_from_configured_proxies,
    |server| behind(server, &["10.0.0.0/8", "::1", "127.0.0.2"]),
    async |server| {
        let bob = server.db_user("bob").create().await;
        let before = accounts_in(server.db());
        for email in [bob.email(), "new@rosterd.test"] {
            let headers = [
                ("X-Forwarded-Email", email),
                ("X-Forwarded-For", "10.0.0.1"),
                ("X-Real-IP", "10.0.0.1"),
                ("Forwarded", "for=10.0.0.1"),
            ];
            visit(&server, &headers).await.assert_error(400, "INVALID_CREDENTIALS");
        }
        assert_eq!(accounts_in(server.db()), before);
        sign_in(&server, bob.email(), bob.password()).await.assert_status(200);
        assert_eq!(
            server.anonymous().get("/api/config").await.at("/features/auth_trusted_header"),
            json!(true)
        );
    }
);

with_servers!(all, the_first_visit_opens_an_account, behind_a_proxy, async |server| {
    let _ada = server.db_admin("ada").create().await;
    let group = server.db_group("Newcomers", &[], Value::Null).await;
    server.db_set_config("ui.enable_signup", json!(true)).await;
    server.db_set_config("ui.default_user_role", json!("user")).await;
    server.db_set_config("ui.default_group_id", json!(group)).await;
    // What is beyond ASCII may come percent-encoded.
    let headers = [
        ("x-forwarded-email", "J%C3%BCrgen@Rosterd.test"),
        ("x-forwarded-user", "J%C3%BCrgen%20%F0%9F%90%98"),
    ];
    let opened = visit(&server, &headers).await;
    assert_eq!(opened.at("/email"), json!("jürgen@rosterd.test"), "{opened}");
    assert_eq!((opened.at("/name"), opened.at("/role")), (json!("Jürgen 🐘"), json!("user")));
    assert_eq!(groups_of(&server, &opened).await, ["Newcomers"]);
    assert!(opened.header("set-cookie").is_some_and(|cookie| cookie.starts_with("token=")));
    server.anonymous().with_bearer(token_in(&opened)).get(SETTINGS).await.assert_status(200);

    // Some proxies send UTF-8 as it is.
    let raw = server.anonymous().request(Method::POST, SIGN_IN).json(&json!({ "email": "", "password": "" }));
    let raw = raw.header_bytes("x-forwarded-email", "zoë@rosterd.test".as_bytes());
    let raw = raw.header_bytes("x-forwarded-user", "Zoë Müller 🐘".as_bytes()).send().await;
    assert_eq!(
        (raw.at("/email"), raw.at("/name")),
        (json!("zoë@rosterd.test"), json!("Zoë Müller 🐘")),
        "{raw}"
    );

    // The second visit finds it, and leaves what its owner has made of it.
    let before = accounts_in(server.db());
    let again = visit(&server, &[("X-Forwarded-Email", "j%C3%9Crgen@rosterd.test")]).await;
    assert_eq!((again.at("/id"), again.at("/name")), (opened.at("/id"), json!("Jürgen 🐘")));
    assert_eq!(accounts_in(server.db()), before);
});

with_servers!(all, an_account_with_a_password_is_found_by_its_address, behind_a_proxy, async |server| {
    let bob = server.db_user("bob").role(Role::Pending).create().await;
    let visitor =
        visit(&server, &[("X-Forwarded-Email", "BOB@rosterd.test"), ("X-Forwarded-User", "Robert")]).await;
    assert_eq!(visitor.at("/id"), json!(bob.id()));
    assert_eq!((visitor.at("/name"), visitor.at("/role")), (json!("bob"), json!("pending")));
    assert_eq!(server.app().password_checks(), 0);
    // Without the header, the password it is.
    sign_in(&server, bob.email(), bob.password()).await.assert_status(200);
    visit(&server, &[]).await.assert_error(400, "INVALID_CREDENTIALS");
    visit(&server, &[("X-Forwarded-Email", "")]).await.assert_error(400, "INVALID_CREDENTIALS");
});

with_servers!(attached, r2_the_account_is_found_as_it_is_stored, behind_a_proxy, async |server| {
    let [bob, carol, dave, erin] = ["bob", "carol", "dave", "erin"].map(|name| (name, server.db_user(name)));
    for ((name, owner), stored) in [
        (bob, "JD@intranet"),
        (carol, "no address"),
        (dave, "same@rosterd.test "),
        (erin, "same@rosterd.test"),
    ] {
        let owner = owner.create().await;
        for table in ["user", "auth"] {
            let sql = format!(r#"UPDATE "{table}" SET email = '{stored}' WHERE id = '{}'"#, owner.id());
            server.db().db_execute(&sql);
        }
        let visitor = visit(&server, &[("X-Forwarded-Email", stored.trim())]).await;
        assert_eq!(visitor.at("/name"), json!(name), "{stored}");
    }
    // Dave is the older one, and shares his e-mail address with Erin since she came.
    let visitor = visit(&server, &[("X-Forwarded-Email", "same@rosterd.test")]).await;
    assert_eq!(visitor.at("/name"), json!("erin"), "the exact spelling wins");
    let visitor = visit(&server, &[("X-Forwarded-Email", "SAME@rosterd.test")]).await;
    assert_eq!(visitor.at("/name"), json!("dave"), "then the oldest");
});

with_servers!(own, the_first_visitor_of_all_is_admin_and_closes_sign_up, behind_a_proxy, async |server| {
    let first = visit(&server, &[("X-Forwarded-Email", "ada@rosterd.test")]).await;
    assert_eq!((first.at("/role"), first.at("/name")), (json!("admin"), json!("ada@rosterd.test")));
    let refused = server.anonymous().post("/api/v1/auths/signup", application("eve")).await;
    refused.assert_error(403, "ACCESS_PROHIBITED");
});

with_servers!(own, of_32_first_visits_at_once_one_is_admin, behind_a_proxy, async |server| {
    let second = server.second().await;
    let doors = [server.anonymous(), second.anonymous()];
    server.db_set_config("ui.enable_signup", json!(true)).await;
    let replies = at_once((0..32).map(|n| {
        // Every e-mail address four times.
        let request =
            doors[n % 2].request(Method::POST, SIGN_IN).json(&json!({ "email": "", "password": "" }));
        let request = request.header("X-Forwarded-Email", &format!("person{}@rosterd.test", n / 4));
        async move { request.send().await }
    }))
    .await;
    for reply in &replies {
        reply.assert_status(200);
    }
    assert_eq!(accounts_in(server.db()), (8, 8));
    assert_eq!(rows(&server, r#""user" WHERE role = 'admin'"#), 1);
});

with_servers!(all, an_address_that_is_none_is_refused, behind_a_proxy, async |server| {
    let before = accounts_in(server.db());
    for email in ["nobody", "a b@rosterd.test", "a@b.c,d@e.f g", "%0Aa@b.c x@y.z"] {
        visit(&server, &[("X-Forwarded-Email", email)]).await.assert_error(400, "INVALID_EMAIL_FORMAT");
    }
    assert_eq!(accounts_in(server.db()), before);
});

with_servers!(all, groups_become_those_the_proxy_tells, behind_a_proxy, async |server| {
    let _ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    server.db_group("Red", &[&bob], Value::Null).await;
    server.db_group("Green", &[&bob], json!({ "chat": { "sing": true } })).await;
    server.db_group("Blue Sky", &[], json!({ "chat": { "dance": true } })).await;
    let visit = async |groups: Option<&str>| {
        let email = ("X-Forwarded-Email", "bob@rosterd.test");
        match groups {
            None => visit(&server, &[email]).await,
            Some(groups) => visit(&server, &[email, ("X-Forwarded-Groups", groups)]).await,
        }
    };
    let visitor = visit(Some(" Green,Blue%20Sky, No Such Group,Green,,")).await;
    assert_eq!(groups_of(&server, &visitor).await, ["Blue Sky", "Green"]);
    assert_eq!(visitor.at("/permissions/chat/dance"), json!(true), "the answer knows already");
    assert_eq!(rows(&server, r#""group" WHERE name = 'No Such Group'"#), 0);
    server.db_group("Salt, Pepper", &[], Value::Null).await;
    let visitor = visit(Some("Salt%2C%20Pepper,%FF,Green")).await;
    assert_eq!(
        groups_of(&server, &visitor).await,
        ["Green", "Salt, Pepper"],
        "a comma within a name is encoded"
    );
    let visitor = visit(Some("red,Green")).await;
    assert_eq!(groups_of(&server, &visitor).await, ["Green"], "names count to the letter");
    // Where nothing is told, nothing changes; as with Open WebUI.
    let visitor = visit(None).await;
    assert_eq!(groups_of(&server, &visitor).await, ["Green"]);
    // Where no group is told, there is none.
    for none in ["No Such Group", "", " ", " , ,", "%00", "%FF"] {
        let visitor = visit(Some("Green")).await;
        assert_eq!(groups_of(&server, &visitor).await, ["Green"]);
        let visitor = visit(Some(none)).await;
        assert_eq!(groups_of(&server, &visitor).await, [""; 0], "{none:?}");
    }
});

// A proxy that adds its header to what somebody sent would let them be whoever they say.
with_servers!(all, a_header_that_is_there_twice_is_refused, behind_a_proxy, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    server.db_group("Red", &[&bob], Value::Null).await;
    let before = accounts_in(server.db());
    for twice in ["X-Forwarded-Email", "X-Forwarded-User", "X-Forwarded-Groups"] {
        for (first, second) in [(ada.email(), bob.email()), (bob.email(), bob.email()), ("", bob.email())] {
            let headers = [("X-Forwarded-Email", bob.email()), (twice, first), (twice, second)];
            let refused = visit(&server, &headers).await;
            refused.assert_error(400, "REPEATED_HEADER");
            assert!(refused.text().contains(&twice.to_lowercase()) && refused.header("set-cookie").is_none());
        }
    }
    assert_eq!(accounts_in(server.db()), before);
    let visitor = visit(&server, &[("X-Forwarded-Email", bob.email())]).await;
    assert_eq!(groups_of(&server, &visitor).await, ["Red"]);
});

with_servers!(all, a_name_that_does_not_fit_is_replaced_by_the_address, behind_a_proxy, async |server| {
    let long = "x".repeat(256);
    let odd = ["", "%20", "%00", "a%0Ab", "%E2%80%AEevil", "%FF", "%E2%80%8B", &long];
    for (number, name) in odd.into_iter().enumerate() {
        let email = format!("odd{number}@rosterd.test");
        let opened = visit(&server, &[("X-Forwarded-Email", &email), ("X-Forwarded-User", name)]).await;
        assert_eq!(opened.assert_status(200).at("/name"), json!(email), "{name:?}");
    }
    let request =
        server.anonymous().request(Method::POST, SIGN_IN).json(&json!({ "email": "", "password": "" }));
    let request = request.header("X-Forwarded-Email", "latin@rosterd.test");
    let opened = request.header_bytes("X-Forwarded-User", b"Zo\xeb").send().await;
    assert_eq!(opened.assert_status(200).at("/name"), json!("latin@rosterd.test"));
});

with_servers!(all, an_account_that_is_not_active_is_vouched_for_in_vain, behind_a_proxy, async |server| {
    let bob = server.db_user("bob").create().await;
    server.db_group("Red", &[&bob], Value::Null).await;
    server.db_set_active(&bob, false);
    let headers = [("X-Forwarded-Email", bob.email()), ("X-Forwarded-Groups", "")];
    let refused = visit(&server, &headers).await;
    refused.assert_error(400, "INVALID_CREDENTIALS");
    assert_eq!(refused.header("set-cookie"), None);
    server.db_set_active(&bob, true);
    let visitor = visit(&server, &headers[..1]).await;
    assert_eq!(groups_of(&server, &visitor).await, ["Red"], "the refused visit changed nothing");
});

// As with Open WebUI: an admin's groups are an admin's own affair.
with_servers!(all, groups_of_admins_stay, behind_a_proxy, async |server| {
    let ada = server.db_admin("ada").create().await;
    server.db_group("Red", &[&ada], Value::Null).await;
    server.db_group("Green", &[], Value::Null).await;
    let headers = [("X-Forwarded-Email", ada.email()), ("X-Forwarded-Groups", "Green")];
    assert_eq!(groups_of(&server, &visit(&server, &headers).await).await, ["Red"]);
});

#[test]
fn where_a_second_factor_is_demanded_a_proxy_vouches_only_if_that_is_allowed() {
    run::on_server(DbKind::WebUi012Sqlite, module_path!(), behind_a_proxy, async |server| {
        let bob = server.db_user("bob").create().await;
        let headers = [("X-Forwarded-Email", bob.email())];
        server.db_set_config("auth.mfa.enable", json!(true)).await;
        // A session that we could open would be worth nothing.
        visit(&server, &headers).await.assert_error(403, "ACCESS_PROHIBITED");
        server.db_set_config("auth.mfa.allow_trusted_header_bypass", json!(true)).await;
        let visitor = visit(&server, &headers).await;
        bob.with_bearer(token_in(&visitor)).get(SETTINGS).await.assert_status(200);
    });
}

with_servers!(own, u4_a_visit_ends_a_suspension_that_is_over_and_no_other, behind_a_proxy, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let terms = json!({ "until": server.now() + 60 });
    ada.post(&format!("/api/v1/users/{}/suspend", bob.id()), terms).await.assert_status(200);
    let visit = async || visit(&server, &[("X-Forwarded-Email", bob.email())]).await;
    visit().await.assert_error(400, "INVALID_CREDENTIALS");
    server.clock().advance(60);
    let session = visit().await;
    assert_eq!(session.assert_status(200).at("/role"), json!("user"));
    server.anonymous().with_bearer(token_in(&session)).get(SETTINGS).await.assert_status(200);
    assert_eq!(rows(&server, "rosterd_suspension"), 0);
});
