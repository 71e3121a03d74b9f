//! The harness itself: that servers, databases and callers are what a test takes them for.

use rosterd_testkit::{DbKind, TestDb, TestServer, TokenKind, run, with_databases, with_servers};
use serde_json::json;

with_databases!(own, a_database_of_our_own_begins_migrated_and_empty, async |db| {
    assert_eq!(db.db_value(r#"SELECT count(*) AS users FROM "user""#).as_deref(), Some("0"));
    assert!(db.schema_dump().contains("rosterd_"));
});

with_databases!(attached, a_recorded_database_holds_the_roster, async |db| {
    assert_eq!(db.db_value(r#"SELECT count(*) AS users FROM "user""#).as_deref(), Some("84"));
    assert!(!db.schema_dump().contains("rosterd_"));
});

with_databases!(all, sql_runs_past_the_api, async |db| {
    let before = db.schema_dump();
    db.db_execute("CREATE TABLE one (a BIGINT, b TEXT); INSERT INTO one VALUES (1, 'x'), (2, NULL)");
    assert_ne!(db.schema_dump(), before);
    let rows = db.db_query_text("SELECT a, b FROM one ORDER BY a");
    assert_eq!(rows, [[Some("1".to_owned()), Some("x".to_owned())], [Some("2".to_owned()), None]]);
    db.db_execute("DROP TABLE one");
    assert_eq!(db.schema_dump(), before);
});

with_servers!(all, made_accounts_are_known_and_made_in_order, async |server| {
    let ada = server.db_admin("ada").settings(json!({ "ui": { "theme": "dark" } })).create().await;
    let bob = server.db_user("bob").last_active_at(server.now()).create().await;
    let row = server.db_get_user(ada.id()).await;
    let other = server.db_get_user(bob.id()).await;
    assert!(row.created_at < other.created_at);
    assert_eq!(other.last_active_at, server.now());
    assert_eq!(row.settings.map(|text| text.to_value()), Some(json!({ "ui": { "theme": "dark" } })));
    ada.get("/api/v1/users/user/settings").await.assert(200, json!({ "ui": { "theme": "dark" } }));
});

with_servers!(attached, recorded_accounts_are_let_in, async |server| {
    server.recorded("ada").get("/api/v1/users/").await.assert_status(200);
    server.recorded("alice").get("/api/v1/users/user/status").await.assert_status(200);
});

with_servers!(own, tokens_are_good_or_bad_as_said, async |server| {
    let bob = server.db_user("bob").create().await;
    let status = "/api/v1/users/user/status";
    server.anonymous().get(status).await.assert_error(401, "NOT_AUTHENTICATED");
    bob.by_cookie().get(status).await.assert_status(200);
    bob.with_bearer(server.token(TokenKind::NeverExpires, bob.id())).get(status).await.assert_status(200);
    for kind in TokenKind::REFUSED {
        bob.with_bearer(server.token(kind, bob.id())).get(status).await.assert_status(401);
    }
    // The token lives an hour by the server's clock, which the test moves.
    server.clock().advance(3601);
    bob.get(status).await.assert_error(401, "INVALID_TOKEN");
});

with_servers!(own, a_second_server_shares_the_database_and_the_clock, async |server| {
    let second = server.second().await;
    let ada = server.db_admin("ada").create().await;
    server.clock().advance(10);
    assert_eq!(second.now(), server.now());
    assert_ne!(second.url(), server.url());
    let sent = json!({ "ui": { "a": 1 } });
    ada.through(&second).post("/api/v1/users/user/settings/update", sent.clone()).await.assert_status(200);
    ada.get("/api/v1/users/user/settings").await.assert(200, sent);
    second.stop().await;
    ada.get("/api/v1/users/user/settings").await.assert_status(200);
});

#[test]
fn a_throw_away_database_goes_away() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let file = db.file().expect("SQLite has a file");
    run::block_on(async {
        let server = TestServer::start(db).await;
        server.anonymous().get("/health").await.assert_status(200);
        assert!(file.is_file());
    });
    assert!(!file.exists());
}
