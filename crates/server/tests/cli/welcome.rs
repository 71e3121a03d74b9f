//! What the log says at a start, beside where the server listens.

use rosterd_testkit::{DbKind, Method, ProcessBuilder, ServerProcess, TestDb, with_databases};
use serde_json::json;

use crate::place::{PASSWORD, PROGRAM, Place, SECRET};

/// The log, once it has this text.
fn log_with(server: &ServerProcess, text: &str) -> String {
    loop {
        let log = server.log();
        if log.contains(text) {
            return log;
        }
        std::thread::yield_now();
    }
}

with_databases!(own, a_start_without_accounts_says_what_to_do_next, async |db| {
    let mut server = ProcessBuilder::new(PROGRAM).database(&db).start();
    let log = log_with(&server, "or sign up: ");
    assert!(log.contains("rosterd user create --admin"), "{log}");
    assert!(log.contains(&format!("{}/docs/", server.url())), "{log}");
    assert!(!log.contains("others can reach"), "{log}");
    assert_eq!(server.terminate().code(), Some(0));
    let environment = [SECRET, ("DATABASE_URL", db.url())];
    Place::new().create_admin("ada@example.com", &environment);
    let mut server = ProcessBuilder::new(PROGRAM).database(&db).start();
    let log = log_with(&server, "accounts=1");
    assert!(!log.contains("there is no account"), "{log}");
    assert_eq!(server.terminate().code(), Some(0));
});

with_databases!(own, without_a_set_up_token_a_server_that_others_can_reach_warns, async |db| {
    let open =
        ProcessBuilder::new(PROGRAM).database(&db).env("HOST", "0.0.0.0").env("ROSTERD_SETUP_TOKEN", "");
    let mut server = open.start();
    let log = log_with(&server, "whoever signs up first becomes the administrator");
    assert!(log.contains("WARN") && !log.contains("setup="), "{log}");
    assert_eq!(server.terminate().code(), Some(0));
});

/// The set-up token in the link that a start prints.
fn token_in_link(server: &ServerProcess) -> String {
    let log = log_with(server, "X-Setup-Token: ");
    let (_, rest) = log.split_once("/?setup=").unwrap_or_else(|| panic!("no link: {log}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

with_databases!(own, a3_the_set_up_token_is_printed_until_there_is_an_account, async |db| {
    let reachable = ProcessBuilder::new(PROGRAM).database(&db).env("HOST", "0.0.0.0");
    let (mut one, mut other) = (reachable.start(), reachable.start());
    let token = token_in_link(&one);
    assert_eq!(token_in_link(&other), token, "two servers on one database");
    assert!(one.log().contains("WARN") && one.log().contains("others can reach 0.0.0.0:"), "{}", one.log());
    let form = json!({ "name": "Ada", "email": "ada@example.com", "password": PASSWORD });
    let sign_up = |token: &str| {
        let request = one.anonymous().request(Method::POST, "/api/v1/auths/signup");
        request.header("x-setup-token", token).json(&form).send()
    };
    sign_up("a-wrong-set-up-token").await.assert_error(403, "SETUP_TOKEN_REQUIRED");
    assert_eq!(other.terminate().code(), Some(0));
    let mut again = ProcessBuilder::new(PROGRAM).database(&db).start();
    assert_eq!(token_in_link(&again), token, "a restart, on the loopback interface this time");
    assert!(again.log().contains("if a proxy stands in front"), "{}", again.log());
    assert_eq!(again.terminate().code(), Some(0));
    sign_up(&token).await.assert_status(200);
    assert_eq!(one.terminate().code(), Some(0));
    // The link, and nothing else in the log, has the token.
    assert_eq!(one.log().matches(&token).count(), 2, "{}", one.log());
    let mut after = reachable.start();
    let log = log_with(&after, "accounts=1");
    assert!(!log.contains("setup"), "{log}");
    assert_eq!(after.terminate().code(), Some(0));
});

with_databases!(own, a3_a_set_up_token_that_was_given_is_not_printed, async |db| {
    let given = "chosen-by-an-operator";
    let mut server = ProcessBuilder::new(PROGRAM)
        .database(&db)
        .env("HOST", "0.0.0.0")
        .env("ROSTERD_SETUP_TOKEN", given)
        .start();
    assert_eq!(token_in_link(&server), "ROSTERD_SETUP_TOKEN");
    let form = json!({ "name": "Ada", "email": "ada@example.com", "password": PASSWORD });
    let request = server.anonymous().request(Method::POST, "/api/v1/auths/signup");
    request.header("x-setup-token", given).json(&form).send().await.assert_status(200);
    assert_eq!(server.terminate().code(), Some(0));
    assert!(!server.log().contains(given), "{}", server.log());
});

with_databases!(own, a3_the_command_line_needs_no_set_up_token_and_ends_it, async |db| {
    let reachable = ProcessBuilder::new(PROGRAM).database(&db).env("HOST", "0.0.0.0");
    let mut server = reachable.start();
    token_in_link(&server);
    Place::new().create_admin("ada@example.com", &[SECRET, ("DATABASE_URL", db.url())]);
    assert_eq!(db.db_value("SELECT count(*) FROM rosterd_setup_token").as_deref(), Some("0"));
    assert_eq!(server.terminate().code(), Some(0));
});

#[test]
fn a_database_of_open_webui_is_counted() {
    let db = TestDb::fresh(DbKind::WebUiSqlite);
    let mut server = ProcessBuilder::new(PROGRAM).database(&db).start();
    log_with(&server, "accounts=84");
    assert_eq!(server.terminate().code(), Some(0));
}
