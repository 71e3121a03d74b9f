//! Mails that nobody takes.

use std::time::Duration;

use rosterd_app::mail::{MailSettings, Sender, SmtpServer};
use rosterd_domain::ids::LinkId;
use rosterd_domain::link::{LinkKind, LinkRow, LinkToken};
use rosterd_domain::role::Role;
use rosterd_domain::unconfirmed::Unconfirmed;
use rosterd_testkit::TestServer;
use serde_json::Value;

use super::Step;

/// A mail that was given up.
const MAIL: &str = "01977420-dc00-7000-8000-000000000002";

pub(super) fn calls() -> Vec<Step> {
    vec![
        ("testMail", "ada", "", Value::Null),
        ("listMails", "ada", "", Value::Null),
        ("retryMail", "ada", MAIL, Value::Null),
    ]
}

/// A server on the same database by whose settings mails go to where nobody is, with one that was given up.
pub(super) async fn set_up(server: &TestServer) -> TestServer {
    let builder = server.second_builder().settings(|settings| {
        let nobody = SmtpServer::parse("smtp://127.0.0.1:1?tls=none").unwrap();
        let sender = Sender::parse("Accounts <accounts@example.com>").unwrap();
        let every = Duration::from_hours(1);
        settings.mail = Some(MailSettings { every, ..MailSettings::new(nobody, sender) });
    });
    let server = builder.start().await;
    server.db().db_execute(&format!(
        "INSERT INTO rosterd_mail (id, kind, user_id, recipient, language, data, state, attempts, last_error, created_at) \
         VALUES ('{MAIL}', 'password_changed', '{}', 'bob@example.com', 'en', '{{}}', 'failed', 7, \
         'the mail server answered 550: no such user', 1799990000)",
        server.recorded("bob").id()
    ));
    server
}

/// Lets an account wait until its e-mail address is confirmed; gives the token of the link for that.
pub(super) async fn wait(server: &TestServer, name: &str) -> String {
    let account = server.recorded(name);
    let (user, token) = (account.id().clone(), LinkToken::of([7; 32]));
    server.db().db_execute(&format!(r#"UPDATE "user" SET role = 'pending' WHERE id = '{user}'"#));
    let row = Unconfirmed { role: Role::User, since: server.now() };
    let link = LinkRow {
        id: LinkId::from_stored(format!("confirms-{name}")),
        kind: LinkKind::Confirm,
        user: user.clone(),
        email: account.email().to_owned(),
        token_hash: token.hash(),
        maker: None,
        created_at: server.now(),
        expires_at: server.now() + 86_400,
    };
    server
        .db_write(move |db| {
            db.put_unconfirmed(&user, &row)?;
            db.put_link(&link)
        })
        .await;
    token.expose().to_owned()
}
