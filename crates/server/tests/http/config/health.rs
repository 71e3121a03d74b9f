//! `GET /health` says that the process runs, `GET /health/db` that its database answers.

use std::time::Duration;

use rosterd_storage::{DatabaseUrl, raw};
use rosterd_testkit::postgres::PostgresServer;
use rosterd_testkit::{DbKind, TestServer, run, with_servers};
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
            let name = server.db().db_value("SELECT current_database()::text AS name").unwrap_or_default();

            db_admin(&format!(
                "ALTER DATABASE {name} ALLOW_CONNECTIONS false; \
                 SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            ));
            assert_away(&server, &bob).await;
            // Not only the first request after the loss.
            assert_away(&server, &bob).await;

            db_admin(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
            server.anonymous().get("/health/db").await.assert_status(200);
            bob.get(SETTINGS).await.assert_status(200);
            bob.post(UPDATE_SETTINGS, json!({ "a": 1 })).await.assert_status(200);
        },
    );
}

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

/// Runs SQL on another database of the server.
fn db_admin(sql: &str) {
    let server = PostgresServer::shared().expect("the test runs on it");
    let url = DatabaseUrl::parse(&server.url_of("postgres")).expect("the harness makes good URLs");
    raw::execute(&url, sql).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
}
