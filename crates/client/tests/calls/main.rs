//! Every call against a real server.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod accounts;
mod audit;
mod complete;
mod groups;
mod lists;
mod mail;
mod newest;
mod profile;
mod scim;
mod transfer;
mod users;
mod webhooks;

use rosterd_client::{Client, Error, ErrorCode};
use rosterd_testkit::{DbKind, TestDb, TestServer, TokenKind};

/// A server with the recorded roster.
async fn server() -> TestServer {
    TestServer::start(TestDb::fresh(DbKind::WebUiSqlite)).await
}

/// Somebody of the roster, through the client.
fn client(server: &TestServer, name: &str) -> Client {
    let token = server.token(TokenKind::Valid, server.recorded(name).id());
    anonymous(server).with_token(token)
}

fn anonymous(server: &TestServer) -> Client {
    Client::new(server.url()).unwrap()
}

#[track_caller]
fn assert_code<T: std::fmt::Debug>(result: Result<T, Error>, status: u16, code: &ErrorCode) {
    let error = result.unwrap_err();
    assert_eq!(error.code(), Some(code), "{error}");
    assert_eq!(error.api().map(|it| it.status), Some(status));
    assert!(error.api().and_then(|it| it.request_id.as_ref()).is_some());
}
