//! E-mail addresses that are to be confirmed (rules C1 to C6). On standalone databases and on adopted ones.

mod changes;
mod links;
mod providers;
mod sign_up;

use rosterd_app::settings::Settings;
use rosterd_domain::public_url::PublicUrl;
use rosterd_storage::{Store, StoreOptions};
use rosterd_testkit::{Caller, Method, Postbox, Reply, TestDb, TestServer};
use serde_json::{Value, json};

use crate::accounts::{SIGN_UP, application, token_in as session_in};
use crate::mail::{by, deliver, token_in};
use crate::support::rows;

pub(super) const CONFIRM: &str = "/api/v1/auths/email/confirm";
pub(super) const RESEND: &str = "/api/v1/auths/email/confirm/resend";

/// A server that asks for e-mail addresses to be confirmed and sends mails, with its primary admin, who comes before everybody
/// else. People can sign up, and get the role `user`.
async fn asking(db: TestDb, postbox: &Postbox) -> (TestServer, Caller) {
    asking_with(db, postbox, |_settings| {}).await
}

async fn asking_with(db: TestDb, postbox: &Postbox, set: impl FnOnce(&mut Settings)) -> (TestServer, Caller) {
    Store::open(&StoreOptions::new(db.database_url())).unwrap().adopt_apply().await.unwrap();
    let builder = TestServer::builder(db).settings(by(&postbox.url())).settings(ask).settings(set);
    let server = builder.start().await;
    server.db_set_config("ui.enable_signup", json!(true)).await;
    server.db_set_config("ui.default_user_role", json!("user")).await;
    let first = server.db_admin("first").created_at(1).create().await;
    (server, first)
}

fn ask(settings: &mut Settings) {
    settings.public_url = Some(PublicUrl::parse("https://chat.example.com").unwrap());
    settings.confirm_email = true;
}

/// Signs somebody up, who gets a session.
async fn sign_up(server: &TestServer, name: &str) -> Reply {
    let request = server.anonymous().request(Method::POST, SIGN_UP).json(&application(name));
    request.header("accept-language", "de").send().await
}

/// Somebody who has signed up and waits, and the token of the link.
async fn waiting(server: &TestServer, postbox: &Postbox, name: &str) -> (Caller, String) {
    let opened = sign_up(server, name).await;
    assert_eq!(opened.assert_status(200).at("/role"), json!("pending"));
    let caller = server.anonymous().with_bearer(session_in(&opened));
    (caller, sent(server, postbox, &format!("{name}@rosterd.test")).await)
}

/// The token of the one link that is sent now, to this e-mail address.
async fn sent(server: &TestServer, postbox: &Postbox, to: &str) -> String {
    deliver(server).await;
    // Beside it, the owner may be told of a password or a sign-in.
    let mut mails = postbox.take_posted();
    mails.retain(|mail| mail.text().contains("/console/link#"));
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0].to, to);
    token_in(&mails[0])
}

async fn confirm(server: &TestServer, token: &str) -> Reply {
    server.anonymous().post(CONFIRM, json!({ "token": token })).await
}

/// Stops the test unless this link is dead.
async fn dead(server: &TestServer, token: &str) {
    confirm(server, token).await.assert_error(400, "INVALID_LINK");
    let shown = server.anonymous().post("/api/v1/auths/link", json!({ "token": token })).await;
    shown.assert_error(400, "INVALID_LINK");
}

/// The stored role of who has this e-mail address.
fn role_of(server: &TestServer, email: &str) -> String {
    server.db().db_value(&format!(r#"SELECT role FROM "user" WHERE email = '{email}'"#)).unwrap()
}

/// How many accounts wait.
fn waits(server: &TestServer) -> i64 {
    rows(server, "rosterd_unconfirmed")
}

/// Whether the caller is told to confirm the e-mail address.
async fn told_to(caller: &Caller) -> bool {
    caller.get("/api/config").await.json()["email_unconfirmed"] == Value::Bool(true)
}

/// The names of the events since the last look; none tells a token.
fn told(server: &TestServer) -> Vec<&'static str> {
    let events = server.take_events();
    let text: String = events.iter().map(|record| record.to_json().to_string()).collect();
    assert!(!text.contains("rl_"), "{text}");
    events.iter().map(|record| record.event.name()).collect()
}
