//! The client's IP in the log of the program.

use rosterd_testkit::run::block_on;
use rosterd_testkit::{DbKind, Method, ProcessBuilder, ServerProcess, TestDb};
use serde_json::Value;

use crate::place::PROGRAM;

/// Asks as a proxy would for these clients, and gives the log's lines.
fn log_of(proxies: &str, clients: &[&str]) -> Vec<Value> {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let mut server = ProcessBuilder::new(PROGRAM)
        .database(&db)
        .env("ROSTERD_LOG_FORMAT", "json")
        .env("ROSTERD_TRUSTED_PROXIES", proxies)
        .start();
    block_on(ask(&server, clients));
    assert_eq!(server.terminate().code(), Some(0));
    server.log().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn ask(server: &ServerProcess, clients: &[&str]) {
    for client in clients {
        let request = server.anonymous().request(Method::GET, "/health");
        request.header("x-forwarded-for", client).send().await.assert_status(200);
    }
}

fn clients_in(log: &[Value]) -> Vec<&str> {
    log.iter().filter_map(|line| line["client.ip"].as_str()).collect()
}

fn warnings_in(log: &[Value]) -> Vec<&str> {
    let warnings = log.iter().filter(|line| line["level"] == "WARN");
    warnings
        .filter_map(|line| line["message"].as_str())
        .filter(|text| text.contains("x-forwarded-for"))
        .collect()
}

#[test]
fn a_log_line_names_the_client_that_a_trusted_proxy_names() {
    let log = log_of("127.0.0.1", &["203.0.113.9", "2001:db8::1", "198.51.100.7, ::ffff:203.0.113.9"]);
    assert_eq!(clients_in(&log), ["203.0.113.9", "2001:db8::1", "203.0.113.9"]);
    assert!(warnings_in(&log).is_empty());
}

#[test]
fn a_header_that_is_ignored_is_warned_about_once_with_the_setting_that_mends_it() {
    let log = log_of("", &["203.0.113.9", "203.0.113.10", "203.0.113.11"]);
    assert_eq!(clients_in(&log), ["127.0.0.1"; 3]);
    let warnings = warnings_in(&log);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].contains("ROSTERD_TRUSTED_PROXIES") && warnings[0].contains("127.0.0.1"),
        "{warnings:?}"
    );
}
