//! `GET /health` says that the process runs, `GET /health/db` that its database answers.

use std::time::{Duration, Instant};

use rosterd_domain::ids::UserId;
use rosterd_testkit::postgres::Frozen;
use rosterd_testkit::{DbKind, TestServer, TokenKind, run, with_servers};
use serde_json::json;

use crate::support::{SETTINGS, UPDATE_SETTINGS};

with_servers!(all, both_are_well, async |server| {
    for path in ["/health", "/health/db"] {
        server.anonymous().get(path).await.assert(200, json!({ "status": true }));
        server.anonymous().post(path, json!({})).await.assert_error(405, "METHOD_NOT_ALLOWED");
    }
});

#[test]
fn a_database_that_is_away_is_told_as_503_and_found_again() {
    run::on_server(
        DbKind::OwnPostgres,
        module_path!(),
        |server| server.store(|options| options.wait = Duration::from_millis(500)),
        async |server| {
            let bob = server.db_user("bob").create().await;
            bob.get(SETTINGS).await.assert_status(200);

            server.db().db_alter("ALLOW_CONNECTIONS false");
            server.db().db_hang_up();
            assert_away(&server, &bob).await;
            // Not only the first request after the loss.
            assert_away(&server, &bob).await;

            server.db().db_alter("ALLOW_CONNECTIONS true");
            server.anonymous().get("/health/db").await.assert_status(200);
            bob.get(SETTINGS).await.assert_status(200);
            bob.post(UPDATE_SETTINGS, json!({ "a": 1 })).await.assert_status(200);
        },
    );
}

#[test]
fn a_server_that_takes_no_writes_is_told_as_503_and_found_again() {
    run::on_server(
        DbKind::WebUiPostgres,
        module_path!(),
        |server| server.settings(|settings| settings.retry_after_seconds = 7),
        async |server| {
            let alice = server.recorded("alice");
            let stranger = server.anonymous();

            server.db().db_alter("SET default_transaction_read_only = on");
            server.db().db_hang_up();
            // Whatever rested was lost; from now on connections are such that only reads work.
            let _lost = alice.get(SETTINGS).await;
            alice.get(SETTINGS).await.assert_status(200);
            for reply in [
                alice.post(UPDATE_SETTINGS, json!({ "ui": { "a": 1 } })).await,
                alice.post(UPDATE_SETTINGS, json!({ "ui": { "a": 1 } })).await,
                stranger.get("/health/db").await,
            ] {
                reply.assert_error(503, "UNAVAILABLE");
                assert_eq!(reply.header("retry-after"), Some("7"), "{reply}");
            }
            alice.get(SETTINGS).await.assert_status(200);
            stranger.get("/health").await.assert_status(200);

            server.db().db_alter("RESET default_transaction_read_only");
            let _of_an_old_session = stranger.get("/health/db").await;
            stranger.get("/health/db").await.assert_status(200);
            alice.post(UPDATE_SETTINGS, json!({ "ui": { "a": 1 } })).await.assert_status(200);
        },
    );
}

#[test]
fn a_frozen_server_is_503_in_time_and_found_again() {
    let test = "a_frozen_server_is_503_in_time_and_found_again";
    run::on_server(
        DbKind::OwnPostgres,
        module_path!(),
        |server| {
            server.store(|options| {
                options.threads = 1;
                options.wait = Duration::from_millis(300);
                options.statement_timeout = Duration::from_millis(700);
            })
        },
        async |server| {
            let bob = server.db_user("bob").create().await;
            bob.get(SETTINGS).await.assert_status(200);
            let Some(frozen) = Frozen::connections_of(server.db(), test) else { return };
            let began = Instant::now();
            bob.get(SETTINGS).await.assert_error(503, "UNAVAILABLE");
            assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
            // One call hung, and the others have another connection.
            bob.get(SETTINGS).await.assert_status(200);
            bob.post(UPDATE_SETTINGS, json!({ "a": 1 })).await.assert_status(200);
            drop(frozen);
            bob.get(SETTINGS).await.assert_status(200);
            server.anonymous().get("/health/db").await.assert_status(200);
        },
    );
}

with_servers!(
    sqlite,
    a_damaged_file_is_told_as_503,
    |server| server.settings(|settings| settings.retry_after_seconds = 9),
    async |server| {
        let file = server.db().file().expect("it is on SQLite");
        let whole = std::fs::read(&file).expect("the file is there");
        let mut damaged = whole.clone();
        damaged.iter_mut().skip(4096).for_each(|byte| *byte = 0xa5);
        std::fs::write(&file, &damaged).expect("the file can be written");
        // Somebody whose row no connection has in memory yet.
        let token = server.token(TokenKind::Valid, &UserId::from_stored("nobody".to_owned()));
        let caller = server.anonymous().with_bearer(token);
        for reply in [caller.get(SETTINGS).await, server.anonymous().get("/health/db").await] {
            reply.assert_error(503, "UNAVAILABLE");
            assert_eq!(reply.header("retry-after"), Some("9"), "{reply}");
        }
        std::fs::write(&file, &whole).expect("the file can be written");
    }
);

/// Everything that needs the database is refused, the rest is answered.
async fn assert_away(server: &TestServer, bob: &rosterd_testkit::Caller) {
    let stranger = server.anonymous();
    for reply in [
        stranger.get("/health/db").await,
        stranger.get("/api/config").await,
        bob.get(SETTINGS).await,
        bob.post(UPDATE_SETTINGS, json!({ "a": 1 })).await,
        stranger
            .post("/api/v1/auths/signin", json!({ "email": bob.email(), "password": bob.password() }))
            .await,
    ] {
        reply.assert_error(503, "UNAVAILABLE");
        assert!(reply.header("retry-after").is_some(), "no Retry-After\n{reply}");
    }
    stranger.get("/health").await.assert_status(200);
    stranger.get("/api/version").await.assert_status(200);
    bob.with_bearer("not.a.token").get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
}
