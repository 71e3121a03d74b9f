//! What the log says at a start, beside where the server listens.

use rosterd_testkit::{DbKind, ProcessBuilder, ServerProcess, TestDb, with_databases};

use crate::place::{PROGRAM, Place, SECRET};

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

with_databases!(own, a_server_that_others_can_reach_warns_while_there_is_no_account, async |db| {
    let mut server = ProcessBuilder::new(PROGRAM).database(&db).env("HOST", "0.0.0.0").start();
    let log = log_with(&server, "whoever signs up first becomes the administrator");
    assert!(log.contains("WARN"), "{log}");
    assert_eq!(server.terminate().code(), Some(0));
});

#[test]
fn a_database_of_open_webui_is_counted() {
    let db = TestDb::fresh(DbKind::WebUiSqlite);
    let mut server = ProcessBuilder::new(PROGRAM).database(&db).start();
    log_with(&server, "accounts=84");
    assert_eq!(server.terminate().code(), Some(0));
}
