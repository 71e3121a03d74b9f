//! Signing in again and again, and everybody at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rosterd_domain::rules::client_ip::{IpRanges, parse_range};
use rosterd_testkit::{Reply, TestServer, with_servers};
use serde_json::json;

use super::{SIGN_IN, SIGN_UP, application, sign_in};
use crate::support::{SETTINGS, at_once};

/// A refusal that says when to come back, at most `most` seconds from now.
#[track_caller]
pub(super) fn assert_come_back(reply: &Reply, status: u16, code: &str, most: u64) {
    reply.assert_error(status, code);
    let seconds = reply.header("retry-after").and_then(|text| text.parse::<u64>().ok());
    assert!(seconds.is_some_and(|seconds| (1..=most).contains(&seconds)), "no sensible Retry-After\n{reply}");
}

with_servers!(own, after_15_tries_an_address_has_to_wait, async |server| {
    let (bob, carol) = (server.db_user("bob").create().await, server.db_user("carol").create().await);
    for _ in 0..15 {
        sign_in(&server, bob.email(), "not my password").await.assert_error(400, "INVALID_CREDENTIALS");
    }
    let checks = server.app().password_checks();
    // However it is written, and though the password is right.
    for email in ["bob@rosterd.test", " BOB@rosterd.test"] {
        let refused = sign_in(&server, email, bob.password()).await;
        assert_come_back(&refused, 429, "RATE_LIMIT_EXCEEDED", 360);
    }
    assert_eq!(server.app().password_checks(), checks, "a refused try costs nothing");
    sign_in(&server, carol.email(), carol.password()).await.assert_status(200);
    // The open session is not what is guarded.
    bob.get(SETTINGS).await.assert_status(200);
});

with_servers!(own, an_address_that_nobody_has_is_limited_too, async |server| {
    for _ in 0..15 {
        sign_in(&server, "nobody@rosterd.test", "x").await.assert_error(400, "INVALID_CREDENTIALS");
    }
    assert_come_back(&sign_in(&server, "nobody@rosterd.test", "x").await, 429, "RATE_LIMIT_EXCEEDED", 360);
});

with_servers!(
    own,
    one_client_ip_cannot_try_everybody,
    |server| server.settings(|settings| settings.sign_in_limit.per_client_ip = 3),
    async |server| {
        for n in 0..3 {
            sign_in(&server, &format!("person{n}@rosterd.test"), "x").await.assert_status(400);
        }
        let refused = sign_in(&server, "person3@rosterd.test", "x").await;
        assert_come_back(&refused, 429, "RATE_LIMIT_EXCEEDED", 360);
        // What a forwarding header claims does not help.
        let request = server.anonymous().request(rosterd_testkit::Method::POST, SIGN_IN);
        let request = request.header("x-forwarded-for", "203.0.113.9");
        let refused = request.json(&json!({ "email": "p@rosterd.test", "password": "x" })).send().await;
        assert_come_back(&refused, 429, "RATE_LIMIT_EXCEEDED", 360);
    }
);

with_servers!(
    own,
    limits_of_zero_are_none,
    |server| server.settings(|settings| {
        settings.sign_in_limit.per_client_ip = 0;
        settings.sign_in_limit.per_email = 0;
    }),
    async |server| {
        for _ in 0..20 {
            sign_in(&server, "nobody@rosterd.test", "x").await.assert_error(400, "INVALID_CREDENTIALS");
        }
    }
);

with_servers!(
    own,
    of_200_sign_ins_at_once_some_wait_some_are_sent_away_and_nobody_else_notices,
    |server| server.settings(|settings| {
        // Dear enough that the crowd is here before the first is done.
        settings.bcrypt_cost = 8;
        settings.hash_queue = 4;
    }),
    async |server| {
        let bob = server.db_user("bob").create().await;
        let crowd = crowd_signs_in(&server);
        let others = async {
            for _ in 0..5 {
                bob.get(SETTINGS).await.assert_status(200);
                server.anonymous().get("/health").await.assert_status(200);
            }
        };
        let (crowd, ()) = tokio::join!(crowd, others);
        let (answered, sent_away): (Vec<_>, Vec<_>) = crowd.iter().partition(|reply| reply.status() == 400);
        assert_eq!(answered.len() + sent_away.len(), 200);
        for reply in &answered {
            reply.assert_error(400, "INVALID_CREDENTIALS");
        }
        for reply in &sent_away {
            assert_come_back(reply, 503, "UNAVAILABLE", 60);
        }
        assert!(!answered.is_empty(), "nobody was let in at all");
        assert!(!sent_away.is_empty(), "they piled up");
        sign_in(&server, "late@rosterd.test", "x").await.assert_error(400, "INVALID_CREDENTIALS");
    }
);

/// 200 people, each with an e-mail address of their own.
async fn crowd_signs_in(server: &TestServer) -> Vec<Reply> {
    at_once((0..200).map(|n| {
        let stranger = server.anonymous();
        let sent = json!({ "email": format!("person{n}@rosterd.test"), "password": "not my password" });
        async move { stranger.post(SIGN_IN, sent).await }
    }))
    .await
}

/// Signs in from a client IP that a trusted proxy names, with this cookie.
pub(super) async fn sign_in_from(
    server: &TestServer,
    ip: &str,
    account: (&str, &str),
    cookie: Option<&str>,
) -> Reply {
    let request = server.anonymous().request(rosterd_testkit::Method::POST, SIGN_IN);
    let request =
        request.header("x-forwarded-for", ip).json(&json!({ "email": account.0, "password": account.1 }));
    match cookie {
        Some(cookie) => request.header("cookie", cookie).send().await,
        None => request.send().await,
    }
}

/// The cookie that makes a browser known.
pub(super) fn browser_cookie(reply: &Reply) -> String {
    let cookies = reply.headers().get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
    let cookie =
        cookies.filter_map(|cookie| cookie.split(';').next()).find(|it| it.starts_with("rosterd_browser="));
    cookie.unwrap_or_else(|| panic!("no cookie of a browser\n{reply}")).to_owned()
}

/// Behind a proxy on this machine, with room for 20 tries of one account from everywhere.
pub(super) fn behind_a_proxy(server: rosterd_testkit::ServerBuilder) -> rosterd_testkit::ServerBuilder {
    server.settings(|settings| {
        settings.sign_in_limit.per_account = 20;
        settings.trusted_proxies =
            IpRanges::new(vec![parse_range("127.0.0.1").unwrap_or_else(|e| panic!("{e}"))]);
    })
}

with_servers!(all, m28_strangers_do_not_lock_an_owner_out, behind_a_proxy, async |server| {
    let (bob, eve) = (server.db_user("bob").create().await, server.db_user("eve").create().await);
    let his = (bob.email(), bob.password());
    let cookie = browser_cookie(&sign_in_from(&server, "192.0.2.1", his, None).await);
    let hers = sign_in_from(&server, "192.0.2.1", (eve.email(), eve.password()), None).await;
    let hers = browser_cookie(&hers);
    // Two clients use up what they have of bob's account, and what all have.
    for ip in ["203.0.113.1", "203.0.113.2"] {
        let guess = (bob.email(), "not my password");
        let mut refused = sign_in_from(&server, ip, guess, None).await;
        for _ in 0..15 {
            refused = sign_in_from(&server, ip, guess, None).await;
        }
        assert_come_back(&refused, 429, "RATE_LIMIT_EXCEEDED", 360);
        assert_come_back(&sign_in_from(&server, ip, his, None).await, 429, "RATE_LIMIT_EXCEEDED", 360);
    }
    // On another client IP he has three tries without the cookie, and as many as anybody with it.
    for _ in 0..3 {
        sign_in_from(&server, "192.0.2.7", his, None).await.assert_status(200);
    }
    let refused = sign_in_from(&server, "192.0.2.7", his, None).await;
    assert_come_back(&refused, 429, "RATE_LIMIT_EXCEEDED", 360);
    let refused = sign_in_from(&server, "192.0.2.7", his, Some(&hers)).await;
    assert_come_back(&refused, 429, "RATE_LIMIT_EXCEEDED", 360);
    for _ in 0..12 {
        sign_in_from(&server, "192.0.2.7", his, Some(&cookie)).await.assert_status(200);
    }
    let refused = sign_in_from(&server, "192.0.2.7", his, Some(&cookie)).await;
    assert_come_back(&refused, 429, "RATE_LIMIT_EXCEEDED", 360);
});

with_servers!(own, m28_a_known_browser_is_forgotten_with_the_password, behind_a_proxy, async |server| {
    let bob = server.db_user("bob").create().await;
    let cookie =
        browser_cookie(&sign_in_from(&server, "192.0.2.1", (bob.email(), bob.password()), None).await);
    let change = json!({ "password": bob.password(), "new_password": "another long password" });
    bob.post("/api/v1/auths/update/password", change).await.assert_status(200);
    let his = (bob.email(), "another long password");
    for ip in ["203.0.113.1", "203.0.113.2"] {
        for _ in 0..15 {
            let _refused = sign_in_from(&server, ip, (bob.email(), "not my password"), None).await;
        }
    }
    for _ in 0..3 {
        sign_in_from(&server, "192.0.2.7", his, Some(&cookie)).await.assert_status(200);
    }
    let refused = sign_in_from(&server, "192.0.2.7", his, Some(&cookie)).await;
    assert_come_back(&refused, 429, "RATE_LIMIT_EXCEEDED", 360);
});

with_servers!(
    own,
    m28_sign_ups_count_for_the_client_ip,
    |server| server.settings(|settings| settings.sign_in_limit.per_client_ip = 3),
    async |server| {
        let _ada = server.db_admin("ada").create().await;
        server.anonymous().post(SIGN_UP, application("eve")).await.assert_status(200);
        for _ in 0..2 {
            server.anonymous().post(SIGN_UP, application("eve")).await.assert_error(400, "EMAIL_TAKEN");
        }
        let refused = server.anonymous().post(SIGN_UP, application("eve")).await;
        assert_come_back(&refused, 429, "RATE_LIMIT_EXCEEDED", 360);
    }
);

with_servers!(
    own,
    an_owner_elsewhere_waits_for_a_few_hashes_however_much_one_client_ip_guesses,
    |server| behind_a_proxy(server).settings(|settings| {
        // Dear, so that a hash takes longer than all that is around it.
        settings.bcrypt_cost = 10;
        settings.hash_threads = 1;
        settings.hash_queue = 64;
        // The line alone is what keeps them back.
        settings.sign_in_limit.per_email = 0;
        settings.sign_in_limit.per_account = 0;
        settings.sign_in_limit.per_client_ip = 0;
    }),
    async |server| {
        let bob = server.db_user("bob").create().await;
        let his = (bob.email(), bob.password());
        // His hash is renewed to that cost, and after a while those of nobody cost the same.
        sign_in_from(&server, "192.0.2.1", his, None).await.assert_status(200);
        server.clock().advance(61);
        let (ended, hashed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        // Whoever is sent away comes again at once, so all that one client IP may have of the queue is taken, all the time.
        let crowd: Vec<_> = (0..40)
            .map(|n| {
                let (guesser, ended, hashed) = (server.anonymous(), Arc::clone(&ended), Arc::clone(&hashed));
                let form =
                    json!({ "email": format!("person{n}@rosterd.test"), "password": "not my password" });
                tokio::spawn(async move {
                    let mut sent_away = 0;
                    while !ended.load(Ordering::SeqCst) {
                        let request = guesser.request(rosterd_testkit::Method::POST, SIGN_IN).json(&form);
                        let reply = request.header("x-forwarded-for", "203.0.113.1").send().await;
                        match reply.status() {
                            503 => sent_away += 1,
                            429 => break,
                            _ => _ = hashed.fetch_add(1, Ordering::SeqCst),
                        }
                    }
                    sent_away
                })
            })
            .collect();
        while hashed.load(Ordering::SeqCst) < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        for _ in 0..3 {
            let before = hashed.load(Ordering::SeqCst);
            sign_in_from(&server, "192.0.2.1", his, None).await.assert_status(200);
            // One was under way, one may come before him, and one after him before he is answered. A line without turns would
            // have been 8 long.
            let waited = hashed.load(Ordering::SeqCst) - before;
            assert!(waited <= 5, "{waited} hashes of strangers came first");
            bob.get(SETTINGS).await.assert_status(200);
        }
        ended.store(true, Ordering::SeqCst);
        let mut sent_away = 0;
        for guesser in crowd {
            sent_away += guesser.await.unwrap();
        }
        assert!(sent_away > 0, "they piled up");
    }
);
