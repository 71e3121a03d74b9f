//! What an event consists of, before and after it is written.

use std::sync::Arc;

use crate::clock::UnixMillis;

/// An event that is about to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// A UUID of version 7, made of [`at`](Self::at): ids are in the order of time.
    pub id: String,
    /// When it happened.
    pub at: UnixMillis,
    /// What happened: a stable name such as `user.created`.
    pub action: &'static str,
    /// Who did it.
    pub actor: EventActor,
    /// Where the request came from.
    pub client_ip: Option<String>,
    /// The request's id, as in its log line.
    pub request_id: Option<Arc<str>>,
    /// Whom or what it is about.
    pub subject: EventSubject,
    /// What else is told, as the text of a JSON object.
    pub details: Option<String>,
    /// How often it happened, where one row stands for several of the same kind.
    pub count: Option<i64>,
    /// Random text that the hashes of what can be erased are made with; see [`commitment`](super::commitment).
    pub salt: String,
}

impl NewEvent {
    /// The row to be written, without a place and a seal. `label` is the subject's name, which a [stored](Label::Stored) one is
    /// looked up for.
    #[must_use]
    pub fn into_row(self, label: Option<String>) -> EventRow {
        let Self { id, at, action, actor, client_ip, request_id, subject, details, count, salt } = self;
        EventRow {
            id,
            at,
            action: action.to_owned(),
            actor_kind: actor.kind.to_owned(),
            actor_id: actor.id,
            actor_via: actor.via.map(str::to_owned),
            actor_credential: actor.credential,
            client_ip,
            request_id: request_id.map(|id| id.to_string()),
            subject_kind: subject.kind.map(str::to_owned),
            subject_id: subject.id,
            subject_label: label,
            details,
            count,
            salt,
            erased: false,
            position: None,
            seal: None,
        }
    }
}

/// Who did something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventActor {
    /// `account`, `visitor`, `proxy`, `operator`, `job` or `scim`.
    pub kind: &'static str,
    /// The account's id, the job's name, or the id of the connection.
    pub id: Option<String>,
    /// How an account showed who it is: `session`, `automation` or `api_key`.
    pub via: Option<&'static str>,
    /// The id of that session or key, where it is listed.
    pub credential: Option<String>,
}

impl EventActor {
    /// Somebody without an account, or before it is shown.
    #[must_use]
    pub fn visitor() -> Self {
        Self { kind: "visitor", ..Self::default() }
    }
}

/// Whom or what an event is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventSubject {
    /// `user`, `group`, `permissions`, `config`, `connection` or `call`.
    pub kind: Option<&'static str>,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// What people call it.
    pub label: Label,
}

/// What people call the subject of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Label {
    /// It has no name.
    #[default]
    None,
    /// This name.
    Of(String),
    /// The name that is stored of the user or group with the subject's id when the row is written.
    Stored,
}

/// An event as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventRow {
    /// As [`NewEvent::id`].
    pub id: String,
    /// As [`NewEvent::at`].
    pub at: UnixMillis,
    /// As [`NewEvent::action`].
    pub action: String,
    /// As [`EventActor::kind`].
    pub actor_kind: String,
    /// As [`EventActor::id`].
    pub actor_id: Option<String>,
    /// As [`EventActor::via`].
    pub actor_via: Option<String>,
    /// As [`EventActor::credential`].
    pub actor_credential: Option<String>,
    /// As [`NewEvent::client_ip`].
    pub client_ip: Option<String>,
    /// As [`NewEvent::request_id`].
    pub request_id: Option<String>,
    /// As [`EventSubject::kind`].
    pub subject_kind: Option<String>,
    /// As [`EventSubject::id`].
    pub subject_id: Option<String>,
    /// The subject's name when the event was written.
    pub subject_label: Option<String>,
    /// As [`NewEvent::details`].
    pub details: Option<String>,
    /// As [`NewEvent::count`].
    pub count: Option<i64>,
    /// As [`NewEvent::salt`]; empty once the row is erased.
    pub salt: String,
    /// Client IP, label and details were replaced by their hashes.
    pub erased: bool,
    /// The place of the row among the sealed ones, from 1; `None` before it is sealed.
    pub position: Option<i64>,
    /// The seal, 64 hexadecimal digits; `None` before it is sealed.
    pub seal: Option<String>,
}
