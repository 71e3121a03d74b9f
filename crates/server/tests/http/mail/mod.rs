//! Mails: what is written when, what administrators see, and what becomes of mails that cannot be sent. The mail servers are the
//! tests' own.

mod links;
mod notices;
mod outbox;
mod sending;

pub(crate) use links::token_in;

use std::time::Duration;

use rosterd_app::mail::{self, MailSettings, Sender, SmtpServer};
use rosterd_app::settings::Settings;
use rosterd_storage::{Store, StoreOptions};
use rosterd_testkit::{Caller, Postbox, TestDb, TestServer, TokenKind};
use serde_json::Value;

const MAIL: &str = "/api/v1/mail";

/// Mail by this server. Tests send what waits themselves.
pub(crate) fn by(url: &str) -> impl FnOnce(&mut Settings) + use<> {
    let server = SmtpServer::parse(url).unwrap();
    move |settings| {
        "Chat".clone_into(&mut settings.name);
        settings.mail = Some(MailSettings {
            every: Duration::from_hours(1),
            step: Duration::from_secs(20),
            ..MailSettings::new(server, Sender::parse("Accounts <accounts@rosterd.test>").unwrap())
        });
    }
}

/// A server with mail on a database that has the table for it: one of Open WebUI is adopted first.
async fn mailing(db: TestDb, postbox: &Postbox) -> TestServer {
    Store::open(&StoreOptions::new(db.database_url())).unwrap().adopt_apply().await.unwrap();
    TestServer::builder(db).settings(by(&postbox.url())).start().await
}

/// Sends what waits; gives how many mails were taken.
pub(crate) async fn deliver(server: &TestServer) -> usize {
    mail::deliver(server.app()).await.unwrap()
}

/// The same account with a token that has not ended, whatever time it is.
pub(crate) fn fresh(server: &TestServer, account: &Caller) -> Caller {
    account.with_bearer(server.token(TokenKind::Valid, account.id()))
}

/// The mails of the outbox, the oldest first.
pub(crate) async fn listed(ada: &Caller) -> Vec<Value> {
    let page = ada.get(&format!("{MAIL}?limit=200")).await.assert_status(200).json();
    page["mails"].as_array().unwrap().iter().rev().cloned().collect()
}
