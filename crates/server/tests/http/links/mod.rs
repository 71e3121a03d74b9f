//! One-time links (rules O1 to O6): invites and new passwords. On standalone databases and on adopted ones; those that were not
//! adopted have no table for them.

mod dead;
mod making;
mod races;
mod using;

use rosterd_testkit::{Caller, Reply, TestServer};
use serde_json::{Value, json};

use crate::support::{adopted, adopted_with, path_of, primary};

pub(super) const INVITE: &str = "/api/v1/users/invite";
pub(super) const LINK: &str = "/api/v1/auths/link";
pub(super) const ACCEPT: &str = "/api/v1/auths/invite/accept";
pub(super) const RESET: &str = "/api/v1/auths/password/reset";

/// What people set by links.
pub(super) const NEW: &str = "another-long-password";

/// A token of the right form that no link has.
pub(super) const UNKNOWN: &str = "rl_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The token of what was made.
#[track_caller]
fn token_of(made: &Reply) -> String {
    made.assert_status(200).at("/token").as_str().unwrap().to_owned()
}

/// The token of a new link for a new password.
async fn reset_link(by: &Caller, whom: &Caller) -> String {
    token_of(&by.post(&path_of(whom, "/password/link"), json!({})).await)
}

/// The token of an invite for a new account of this name.
async fn invite(by: &Caller, name: &str) -> String {
    token_of(&by.post(INVITE, json!({ "email": format!("{name}@rosterd.test"), "name": name })).await)
}

async fn look(server: &TestServer, token: &str) -> Reply {
    server.anonymous().post(LINK, json!({ "token": token })).await
}

async fn set(server: &TestServer, path: &str, token: &str) -> Reply {
    server.anonymous().post(path, json!({ "token": token, "password": NEW })).await
}

/// The names of the events since the last look; none tells a token.
fn told(server: &TestServer) -> Vec<&'static str> {
    let events = server.take_events();
    let text: String = events.iter().map(|record| record.to_json().to_string()).collect();
    assert!(!text.contains("rl_") && !text.contains(NEW), "{text}");
    events.iter().map(|record| record.event.name()).collect()
}

/// What `/auths/link` says of a link.
fn shown(kind: &str, email: &str, name: &str, expires_at: i64) -> Value {
    json!({ "kind": kind, "email": email, "name": name, "expires_at": expires_at })
}
