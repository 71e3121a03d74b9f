//! The set-up token: who may open the first account of a server that others can reach. Rule A3.

use rosterd_app::settings::SetupSetting;
use rosterd_app::{Record, setup};
use rosterd_domain::secret::SetupToken;
use rosterd_testkit::{Caller, Method, Reply, ServerBuilder, TestServer, with_servers};
use serde_json::{Value, json};

use super::{SIGN_UP, accounts_in, application};
use crate::support::{at_once, count, rows};

const CODE: &str = "SETUP_TOKEN_REQUIRED";

/// A token of the right shape that is not the server's.
const WRONG: &str = "0123456789abcdef0123456789abcdef";

/// What the program does at its start; gives the token.
async fn prepare(server: &TestServer) -> Option<String> {
    let token = setup::prepare(server.app()).await.unwrap_or_else(|why| panic!("{why}"));
    token.map(|token| token.expose().to_owned())
}

/// Signs up with these headers.
async fn sign_up(stranger: &Caller, headers: &[(&str, &str)]) -> Reply {
    let request = stranger.request(Method::POST, SIGN_UP).json(&application("ada"));
    headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await
}

fn set_cookies(reply: &Reply) -> Vec<String> {
    let cookies = reply.headers().get_all("set-cookie").into_iter();
    cookies.map(|cookie| cookie.to_str().unwrap().to_owned()).collect()
}

fn tokens(server: &TestServer) -> i64 {
    rows(server, "rosterd_setup_token")
}

/// Listens beyond this machine.
fn reachable(server: ServerBuilder) -> ServerBuilder {
    server.server(|server| "0.0.0.0".clone_into(&mut server.host))
}

with_servers!(own, a3_a_forwarded_first_sign_up_needs_the_token, async |server| {
    let token = prepare(&server).await.unwrap();
    assert!(SetupToken::parse(&token).is_ok() && token.len() >= 32, "{token}");
    let stranger = server.anonymous();
    server.forget_events();
    for forwarded in [
        ("x-forwarded-for", "192.0.2.1"),
        ("X-Forwarded-Proto", "https"),
        ("forwarded", "for=192.0.2.1"),
        ("x-real-ip", "192.0.2.1"),
        ("via", "1.1 proxy"),
    ] {
        let refused = sign_up(&stranger, &[forwarded]).await;
        refused.assert_error(403, CODE);
        assert!(refused.text().contains("X-Setup-Token") && !refused.text().contains(&token), "{refused}");
        for wrong in [WRONG, "", &token[1..], &token.to_uppercase()] {
            sign_up(&stranger, &[forwarded, ("x-setup-token", wrong)]).await.assert_error(403, CODE);
        }
    }
    assert_eq!(accounts_in(server.db()), (0, 0));
    let told = server.take_events();
    assert_eq!(told.len(), 25);
    assert!(
        told.iter()
            .map(Record::to_json)
            .all(|json| json["event"] == "setup.failed" && json["subject"].is_null())
    );

    let opened = sign_up(&stranger, &[("x-real-ip", "192.0.2.1"), ("x-setup-token", &token)]).await;
    assert_eq!(opened.assert_status(200).at("/role"), json!("admin"));
    assert_eq!(tokens(&server), 0, "it has done what it was for");
    let late = sign_up(&stranger, &[("x-real-ip", "192.0.2.1"), ("x-setup-token", &token)]).await;
    late.assert_error(403, "ACCESS_PROHIBITED");
    assert_eq!(prepare(&server).await, None);
});

with_servers!(own, a3_a_server_that_others_can_reach_needs_the_token, reachable, async |server| {
    let token = prepare(&server).await.unwrap();
    let stranger = server.anonymous();
    sign_up(&stranger, &[]).await.assert_error(403, CODE);
    // What else is wrong is said first only where it is no account's business.
    stranger.post(SIGN_UP, json!({})).await.assert_status(422);
    sign_up(&stranger, &[("x-setup-token", &token)]).await.assert_status(200);
    // Later accounts need none, wherever they come from.
    server.db_set_config("ui.enable_signup", json!(true)).await;
    stranger.post(SIGN_UP, application("bob")).await.assert_status(200);
});

with_servers!(own, a3_from_this_machine_no_token_is_needed_and_it_goes_all_the_same, async |server| {
    prepare(&server).await.unwrap();
    server.anonymous().post(SIGN_UP, application("ada")).await.assert_status(200);
    assert_eq!(tokens(&server), 0);
});

with_servers!(own, a3_without_a_token_in_the_database_nobody_has_the_right_one, reachable, async |server| {
    for headers in [&[][..], &[("x-setup-token", "")], &[("x-setup-token", WRONG)]] {
        sign_up(&server.anonymous(), headers).await.assert_error(403, CODE);
    }
});

with_servers!(
    own,
    a3_switched_off_whoever_comes_first_is_admin,
    |server| reachable(server).settings(|settings| settings.setup = SetupSetting::Off),
    async |server| {
        assert_eq!(prepare(&server).await, None);
        assert_eq!(tokens(&server), 0);
        let link = server.anonymous().get(&format!("/?setup={WRONG}")).await;
        assert_eq!((link.status(), set_cookies(&link).len()), (200, 0));
        sign_up(&server.anonymous(), &[]).await.assert_status(200);
    }
);

with_servers!(own, a3_the_link_puts_the_token_into_a_cookie_for_sign_up, reachable, async |server| {
    let token = prepare(&server).await.unwrap();
    let stranger = server.anonymous();
    for (link, page) in [("/", "/"), ("/rosterd/", "/rosterd/")] {
        let reply = stranger.get(&format!("{link}?setup={token}")).await;
        reply.assert_status(303);
        assert_eq!(reply.header("location"), Some(page), "the token does not stay in the URL");
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let wanted = ["/api/v1/auths/signup", "/rosterd/api/v1/auths/signup"]
            .map(|path| format!("rosterd_setup={token}; HttpOnly; SameSite=Strict; Path={path}"));
        assert_eq!(set_cookies(&reply), wanted);
        assert!(!reply.text().contains(&token));
    }
    let cookie = format!("rosterd_setup={token}");
    let foreign = sign_up(&stranger, &[("cookie", &cookie), ("sec-fetch-site", "same-site")]).await;
    foreign.assert_error(403, "FOREIGN_ORIGIN");
    sign_up(&stranger, &[("cookie", &format!("rosterd_setup={WRONG}"))]).await.assert_error(403, CODE);
    // The header has priority.
    sign_up(&stranger, &[("cookie", &cookie), ("x-setup-token", WRONG)]).await.assert_error(403, CODE);
    let opened = sign_up(&stranger, &[("cookie", &cookie)]).await;
    assert_eq!(opened.assert_status(200).at("/role"), json!("admin"));
    let cookies = set_cookies(&opened);
    assert!(cookies[0].starts_with("token="), "{opened}");
    assert_eq!(cookies.iter().filter(|cookie| cookie.starts_with("rosterd_setup=; ")).count(), 2, "{opened}");
});

with_servers!(
    own,
    a3_the_cookie_is_sent_over_tls_only_where_the_session_is,
    |server| server.settings(|settings| settings.cookie.secure = true),
    async |server| {
        let cookies = set_cookies(&server.anonymous().get(&format!("/?setup={WRONG}")).await);
        assert!(
            cookies.len() == 2 && cookies.iter().all(|cookie| cookie.contains("; Secure")),
            "{cookies:?}"
        );
    }
);

with_servers!(all, a3_a_link_without_a_token_is_the_page, async |server| {
    for query in ["", "?setup=", "?setup=short", "?setup=a%20b", "?setup=%ff%00", "?setup&setup", "?other=1"]
    {
        let reply = server.anonymous().get(&format!("/{query}")).await;
        assert_eq!((reply.assert_status(200).status(), set_cookies(&reply).len()), (200, 0), "{query}");
    }
});

with_servers!(
    own,
    a3_tries_are_counted_by_client,
    |server| reachable(server).settings(|settings| settings.sign_in_limit.per_client_ip = 3),
    async |server| {
        let token = prepare(&server).await.unwrap();
        for wrong in [None, Some(WRONG), Some("")] {
            let headers: Vec<_> = wrong.map(|wrong| ("x-setup-token", wrong)).into_iter().collect();
            sign_up(&server.anonymous(), &headers).await.assert_error(403, CODE);
        }
        let right = [("x-setup-token", token.as_str())];
        let refused = sign_up(&server.anonymous(), &right).await;
        refused.assert_error(429, "RATE_LIMIT_EXCEEDED");
        assert!(refused.header("retry-after").is_some(), "{refused}");
        assert_eq!(accounts_in(server.db()), (0, 0));
    }
);

with_servers!(
    own,
    a3_a_success_takes_one_try,
    |server| reachable(server).settings(|settings| settings.sign_in_limit.per_client_ip = 1),
    async |server| {
        let token = prepare(&server).await.unwrap();
        sign_up(&server.anonymous(), &[("x-setup-token", &token)]).await.assert_status(200);
    }
);

with_servers!(own, a3_two_servers_on_one_database_have_one_token, reachable, async |server| {
    let second = reachable(server.second_builder()).start().await;
    let (one, other) = tokio::join!(prepare(&server), prepare(&second));
    assert_eq!(one, other);
    assert_eq!(prepare(&server).await, one, "a restart keeps it");
    assert_eq!(tokens(&server), 1);
    let given = SetupToken::parse("chosen-by-an-operator").unwrap();
    let third = server
        .second_builder()
        .settings(|settings| settings.setup = SetupSetting::Given(given))
        .start()
        .await;
    assert_eq!(prepare(&third).await.as_deref(), Some("chosen-by-an-operator"));
    assert_eq!(prepare(&server).await.as_deref(), Some("chosen-by-an-operator"));
    sign_up(&second.anonymous(), &[("x-setup-token", &one.unwrap())]).await.assert_error(403, CODE);
    sign_up(&second.anonymous(), &[("x-setup-token", "chosen-by-an-operator")]).await.assert_status(200);
});

with_servers!(own, a3_of_32_at_once_with_the_token_one_is_admin, reachable, async |server| {
    let token = prepare(&server).await.unwrap();
    let second = reachable(server.second_builder()).start().await;
    let doors = [server.anonymous(), second.anonymous()];
    let replies = at_once((0..32).map(|n| {
        let (stranger, token) = (doors[n % 2].clone(), token.clone());
        async move {
            let request = stranger.request(Method::POST, SIGN_UP).header("x-setup-token", &token);
            request.json(&application(&format!("person{n}"))).send().await
        }
    }))
    .await;
    assert_eq!(count(&replies, 200, (403, "ACCESS_PROHIBITED")), 1);
    assert_eq!(accounts_in(server.db()), (1, 1));
    assert_eq!(tokens(&server), 0);
});

with_servers!(own, a3_where_there_is_an_account_the_next_start_ends_the_token, reachable, async |server| {
    let token = prepare(&server).await.unwrap();
    let _ada = server.db_admin("ada").create().await;
    // That one was made beside rosterd's rules.
    assert_eq!(tokens(&server), 1);
    assert_eq!(prepare(&server).await, None);
    assert_eq!(tokens(&server), 0);
    server.db_set_config("ui.enable_signup", json!(true)).await;
    let bob = server.anonymous().request(Method::POST, SIGN_UP).header("x-setup-token", &token);
    assert_eq!(bob.json(&application("bob")).send().await.assert_status(200).at("/role"), json!("pending"));
});

with_servers!(attached, a3_a_database_of_open_webui_asks_for_no_token, reachable, async |server| {
    for table in ["group_member", "oauth_session", "api_key", "auth", "\"user\""] {
        server.db().db_execute(&format!("DELETE FROM {table}"));
    }
    server.db_set_config("ui.enable_signup", json!(true)).await;
    assert_eq!(prepare(&server).await, None);
    let opened = sign_up(&server.anonymous(), &[("x-forwarded-for", "192.0.2.1")]).await;
    assert_eq!(opened.assert_status(200).at("/role"), json!("admin"));
    let link = server.anonymous().get(&format!("/?setup={WRONG}")).await;
    assert_eq!((link.status(), link.header("set-cookie")), (200, None));
    assert_eq!(link.at("/server"), Value::from("rosterd"));
});
