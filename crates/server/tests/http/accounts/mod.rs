//! `/auths`: how accounts come to be, how people show who they are, and what they change about themselves.

mod adding;
mod api_keys;
mod elsewhere;
mod foreign_hashes;
mod hashed_keys;
mod last_sign_in;
mod managed_keys;
mod named_keys;
mod new_passwords;
mod notices;
mod open_sessions;
mod own_password;
mod profile;
mod recording;
mod second_factor;
mod session;
mod setup;
mod sign_in;
mod sign_in_load;
mod sign_in_races;
mod sign_in_shared;
mod sign_in_time;
mod sign_up;
mod sign_up_races;

use rosterd_domain::ids::UserId;
use rosterd_domain::secret::PlainPassword;
use rosterd_testkit::fixtures::Actors;
use rosterd_testkit::{Caller, PASSWORD, Reply, TestDb, TestServer};
use serde_json::{Value, json};

use crate::support::rows_in;

pub(crate) const SIGN_IN: &str = "/api/v1/auths/signin";
pub(crate) const SIGN_UP: &str = "/api/v1/auths/signup";
pub(crate) const SIGN_OUT: &str = "/api/v1/auths/signout";
const SESSION: &str = "/api/v1/auths/";

/// Tries to sign in at this server.
pub(crate) async fn sign_in(server: &TestServer, email: &str, password: &str) -> Reply {
    server.anonymous().post(SIGN_IN, json!({ "email": email, "password": password })).await
}

/// A caller with a session that the server itself opened.
pub(crate) async fn signed_in(server: &TestServer, owner: &Caller) -> Caller {
    let reply = sign_in(server, owner.email(), owner.password()).await;
    owner.with_bearer(token_in(&reply))
}

/// What somebody of this name sends to open an account.
pub(crate) fn application(name: &str) -> Value {
    json!({ "name": name, "email": format!("{name}@rosterd.test"), "password": PASSWORD })
}

/// The token of a session that was just opened.
#[track_caller]
pub(crate) fn token_in(reply: &Reply) -> String {
    reply.assert_status(200);
    reply.at("/token").as_str().unwrap_or_else(|| panic!("no token\n{reply}")).to_owned()
}

/// The account in an answer.
pub(crate) fn id_in(reply: &Reply) -> UserId {
    UserId::from_stored(reply.at("/id").as_str().unwrap_or_default().to_owned())
}

/// How many rows `user` and `auth` have.
pub(crate) fn accounts_in(db: &TestDb) -> (i64, i64) {
    (rows_in(db, r#""user""#), rows_in(db, "auth"))
}

/// The stored hash of an account.
pub(crate) fn hash_of(db: &TestDb, owner: &Caller) -> String {
    db.db_value(&format!("SELECT password FROM auth WHERE id = '{}'", owner.id())).unwrap_or_default()
}

/// Gives everybody in a recorded roster the password they have there as a cheap hash: theirs take a debug build
/// seconds each.
pub(crate) fn db_cheapen_passwords(db: &TestDb) {
    let password = PlainPassword::new(Actors::recorded().password.clone());
    let hash = rosterd_app::passwords::hash_blocking(&password, 4).unwrap_or_else(|e| panic!("{e}"));
    db.db_execute(&format!("UPDATE auth SET password = '{}'", hash.expose()));
}
