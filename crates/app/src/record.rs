//! Who is told of events, and when: after what they tell of is committed.

use std::sync::Arc;

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::rules::notice::{Notice, PasswordFrom, SignInOrigin};
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::event::{Event, Subject};
use crate::request::Request;

/// An event with everything that is told of it.
#[derive(Debug, Clone)]
pub struct Record {
    /// What happened.
    pub event: Event,
    /// When, in seconds since the epoch.
    pub at: UnixSeconds,
    /// Who did it.
    pub actor: Actor,
    /// For which request.
    pub request: Request,
}

impl Record {
    /// What the owner of the account is to be told of it at once, where that is so (rule A11).
    #[must_use]
    pub fn notice(&self) -> Option<Notice> {
        match &self.event {
            Event::NewSignIn { .. } => Some(Notice::of_new_sign_in(self.at, &self.request.origin())),
            Event::UserPasswordChanged(user) => {
                let (from, origin) = match &self.actor {
                    actor if actor.id() == Some(user) => (PasswordFrom::Owner, self.request.origin()),
                    Actor::Operator => (PasswordFrom::Operator, SignInOrigin::default()),
                    _ => (PasswordFrom::Admin, SignInOrigin::default()),
                };
                Some(Notice::of_password(self.at, from, &origin))
            }
            _ => None,
        }
    }

    /// The event as one JSON object: `event`, `at`, `actor`, `subject`, `request_id`, `client_ip`, one of `changes`, `users`,
    /// `method`, `provider`, `backup`, `key`, `keys`, `reason`, `delivered`, `sent` and `delivery` where the event has it, `from` and `rows` of a migration, `session` or `kept` where it names a session, and `notice`
    /// and `user_agent` where the owner of an account is [told](Self::notice).
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut told = json!({
            "event": self.event.name(),
            "at": self.at,
            "actor": self.actor.to_json(),
            "subject": self.event.subject().map(Subject::to_json),
            "request_id": self.request.id.as_deref(),
            "client_ip": self.request.client_ip.ip().map(|ip| ip.to_string()),
        });
        if let Some(object) = told.as_object_mut() {
            if let Some(notice) = self.notice() {
                object.insert("user_agent".to_owned(), self.request.origin().user_agent.into());
                object.insert("notice".to_owned(), json!({ "title": notice.title, "text": notice.text }));
            }
            object.extend(self.event.details().into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
        told
    }
}

/// Who is told of events, after what they tell of is committed. Called on the thread that answers, so it must be quick.
pub type Listener = Arc<dyn Fn(&Record) + Send + Sync>;

/// Writes each event to the log, under one target, as one JSON object.
pub(crate) fn log(record: &Record) {
    tracing::info!(target: "rosterd::event", "{}", record.to_json());
}

/// Events that are told once what they tell of is committed. Whoever holds them last tells them: the caller's future may
/// have been dropped meanwhile.
pub(crate) struct Told {
    records: Vec<Record>,
    listener: Listener,
    committed: bool,
}

impl Told {
    pub(crate) fn new(records: Vec<Record>, listener: Listener) -> Self {
        Self { records, listener, committed: false }
    }

    /// From now on they have happened.
    pub(crate) fn committed(&mut self) {
        self.committed = true;
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if self.committed {
            for record in &self.records {
                (self.listener)(record);
            }
        }
    }
}
