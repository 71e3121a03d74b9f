//! Whom a request comes from, seen by what counts tries: the peer, or the client that a trusted proxy names.

use rosterd_domain::rules::client_ip::{IpRanges, parse_range};
use rosterd_testkit::{Method, Reply, ServerBuilder, TestServer, with_servers};
use serde_json::json;

use crate::accounts::SIGN_IN;

/// Three tries for each client, behind these proxies.
fn behind(server: ServerBuilder, proxies: &[&str], header: &'static str) -> ServerBuilder {
    let proxies = proxies.iter().map(|range| parse_range(range).unwrap()).collect();
    server.settings(|settings| {
        settings.sign_in_limit.per_client_ip = 3;
        settings.trusted_proxies = IpRanges::new(proxies);
        settings.client_ip_header = header.parse().unwrap();
    })
}

/// A try with a wrong password, for another account each time, with these headers.
async fn guess(server: &TestServer, number: u32, headers: &[(&str, &str)]) -> Reply {
    let form = json!({ "email": format!("victim{number}@rosterd.test"), "password": "a guess" });
    let request = server.anonymous().request(Method::POST, SIGN_IN).json(&form);
    headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await
}

with_servers!(
    own,
    behind_a_trusted_proxy_each_client_has_tries_of_its_own,
    |server| behind(server, &["127.0.0.1", "10.0.0.0/8"], "X-Forwarded-For"),
    async |server| {
        let bob = server.db_user("bob").create().await;
        for n in 0..3 {
            // What the client claims itself stands left of what the proxies wrote, and changes from try to try.
            let claimed = format!("198.51.100.{n}, 203.0.113.66, 10.0.0.{n}");
            let reply = guess(&server, n, &[("x-forwarded-for", &claimed)]).await;
            reply.assert_error(400, "INVALID_CREDENTIALS");
        }
        for n in 3..5 {
            let again = [("x-forwarded-for", "198.51.100.99"), ("x-forwarded-for", "203.0.113.66:4711")];
            guess(&server, n, &again).await.assert_error(429, "RATE_LIMIT_EXCEEDED");
        }
        let request =
            server.anonymous().request(Method::POST, SIGN_IN).header("x-forwarded-for", "203.0.113.7");
        let form = json!({ "email": bob.email(), "password": bob.password() });
        request.json(&form).send().await.assert_status(200);
    }
);

with_servers!(
    own,
    one_header_counts_and_no_other,
    |server| behind(server, &["127.0.0.1"], "Forwarded"),
    async |server| {
        for n in 0..3 {
            let others = format!("192.0.2.{n}");
            let headers = [
                ("x-forwarded-for", others.as_str()),
                ("x-real-ip", &others),
                ("forwarded", "for=\"[2001:db8::66]:4711\";proto=https"),
            ];
            guess(&server, n, &headers).await.assert_error(400, "INVALID_CREDENTIALS");
        }
        // Another IP of the same network.
        let refused = guess(&server, 3, &[("forwarded", "for=\"[2001:db8::1:2:3:4]\"")]).await;
        refused.assert_error(429, "RATE_LIMIT_EXCEEDED");
        guess(&server, 4, &[("forwarded", "for=192.0.2.1")]).await.assert_error(400, "INVALID_CREDENTIALS");
    }
);

with_servers!(
    own,
    without_a_trusted_proxy_headers_change_nothing,
    |server| behind(server, &["192.0.2.1", "::1"], "X-Forwarded-For"),
    async |server| {
        for n in 0..3 {
            let claimed = format!("203.0.113.{n}");
            let reply = guess(&server, n, &[("x-forwarded-for", &claimed)]).await;
            reply.assert_error(400, "INVALID_CREDENTIALS");
        }
        let refused = guess(&server, 3, &[("x-forwarded-for", "203.0.113.3")]).await;
        refused.assert_error(429, "RATE_LIMIT_EXCEEDED");
    }
);

with_servers!(
    own,
    an_e_mail_address_that_is_too_long_is_wrong_without_a_password_check,
    |server| behind(server, &["127.0.0.1"], "X-Forwarded-For"),
    async |server| {
        let long = json!({ "email": format!("{}@rosterd.test", "x".repeat(400_000)), "password": "a guess" });
        let checks = server.app().password_checks();
        for _ in 0..3 {
            server.anonymous().post(SIGN_IN, &long).await.assert_error(400, "INVALID_CREDENTIALS");
        }
        assert_eq!(server.app().password_checks(), checks);
        server.anonymous().post(SIGN_IN, &long).await.assert_error(429, "RATE_LIMIT_EXCEEDED");
    }
);
