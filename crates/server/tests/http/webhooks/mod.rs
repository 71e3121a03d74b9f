//! Webhooks: what admins do with them, and what receivers get. Receivers are the tests' own.

mod delivering;
mod failing;
mod managing;
mod secrets;

use rosterd_app::{audit, webhooks};
use rosterd_storage::{Store, StoreOptions};
use rosterd_testkit::{Caller, Receiver, Reply, TestDb, TestServer, TokenKind};
use serde_json::{Value, json};

use crate::support::{form, path_of};

const WEBHOOKS: &str = "/api/v1/webhooks";

/// A server on a database that has webhooks: one of Open WebUI is adopted first.
async fn keeping(db: TestDb) -> TestServer {
    Store::open(&StoreOptions::new(db.database_url())).unwrap().adopt_apply().await.unwrap();
    TestServer::start(db).await
}

/// A webhook that was made.
struct Hook {
    id: String,
    secret: String,
}

impl Hook {
    fn of(reply: &Reply) -> Self {
        let text = |place: &str| reply.assert_status(200).at(place).as_str().unwrap().to_owned();
        Self { id: text("/id"), secret: text("/secret") }
    }

    /// Makes one for these events.
    async fn make(ada: &Caller, receiver: &Receiver, events: &[&str]) -> Self {
        let form = json!({ "url": receiver.url(), "events": events });
        Self::of(&ada.post(WEBHOOKS, form).await)
    }

    /// A path below it.
    fn path(&self, rest: &str) -> String {
        format!("{WEBHOOKS}/{}{rest}", self.id)
    }

    /// What is shown of it.
    async fn shown(&self, ada: &Caller) -> Value {
        let all = ada.get(WEBHOOKS).await.assert_status(200).json();
        all.as_array().unwrap().iter().find(|hook| hook["id"] == self.id.as_str()).unwrap().clone()
    }

    /// Its deliveries, the oldest first.
    async fn deliveries(&self, ada: &Caller) -> Vec<Value> {
        let page = ada.get(&self.path("/deliveries?limit=200")).await.assert_status(200).json();
        page["deliveries"].as_array().unwrap().iter().rev().cloned().collect()
    }
}

/// The same account with a token that has not ended, whatever time it is.
fn fresh(server: &TestServer, account: &Caller) -> Caller {
    account.with_bearer(server.token(TokenKind::Valid, account.id()))
}

/// A new name for somebody: an event `user.updated`.
async fn rename(ada: &Caller, whom: &Caller, name: &str) {
    ada.post(&path_of(whom, "/update"), form(name, whom.email(), json!({}))).await.assert_status(200);
}

/// Seals what happened and delivers it; gives how many requests were sent.
async fn deliver(server: &TestServer) -> usize {
    audit::seal(server.app()).await.unwrap();
    webhooks::deliver(server.app()).await.unwrap()
}
