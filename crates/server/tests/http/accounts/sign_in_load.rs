//! Signing in again and again, and everybody at once.

use rosterd_testkit::{Reply, TestServer, with_servers};
use serde_json::json;

use super::{SIGN_IN, sign_in};
use crate::support::{SETTINGS, at_once};

/// A refusal that says when to come back, at most `most` seconds from now.
#[track_caller]
fn assert_come_back(reply: &Reply, status: u16, code: &str, most: u64) {
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
        assert_come_back(&refused, 429, "RATE_LIMIT_EXCEEDED", 180);
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
    assert_come_back(&sign_in(&server, "nobody@rosterd.test", "x").await, 429, "RATE_LIMIT_EXCEEDED", 180);
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
        assert_come_back(&refused, 429, "RATE_LIMIT_EXCEEDED", 180);
        // What a forwarding header claims does not help.
        let request = server.anonymous().request(rosterd_testkit::Method::POST, SIGN_IN);
        let request = request.header("x-forwarded-for", "203.0.113.9");
        let refused = request.json(&json!({ "email": "p@rosterd.test", "password": "x" })).send().await;
        assert_come_back(&refused, 429, "RATE_LIMIT_EXCEEDED", 180);
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
