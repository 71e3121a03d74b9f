//! An event as it is read and exported.

use serde::{Deserialize, Serialize};

use super::row::EventRow;
use super::seal::Seal;
use crate::clock::UnixMillis;
use crate::json::JsonText;

/// An event of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEvent {
    /// A UUID of version 7: ids are in the order of time.
    pub id: String,
    /// Its place among the sealed events, from 1; null before it is sealed.
    pub position: Option<i64>,
    /// When it happened, in milliseconds since 1970-01-01 UTC.
    pub at: UnixMillis,
    /// What happened, such as `user.created`.
    pub action: String,
    /// Who did it.
    pub actor: AuditActor,
    /// Where the request came from.
    pub client_ip: Option<String>,
    /// The id of the request, as in its log line.
    pub request_id: Option<String>,
    /// Whom or what it is about.
    pub subject: Option<AuditSubject>,
    /// What else is told: `changes` with the values before and after, and other fields.
    pub details: Option<JsonText>,
    /// How often it happened, where this stands for several.
    pub count: Option<i64>,
    /// What the hashes of client IP, label and details are made with; empty once they are erased.
    pub salt: String,
    /// Client IP, label and details were replaced by these hashes; null: they were not.
    pub erased: Option<ErasedValues>,
    /// The seal, 64 hexadecimal digits; null before it is sealed.
    pub seal: Option<Seal>,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditActor {
    /// `account`, `visitor`, `proxy`, `operator`, `job` or `scim`: a connection.
    pub kind: String,
    /// The id of the account or the connection, or the name of the job.
    pub id: Option<String>,
    /// How an account showed who it is: `session`, `automation` or `api_key`.
    pub via: Option<String>,
    /// The id of that session or key, where it is listed.
    pub credential: Option<String>,
}

/// Whom or what an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditSubject {
    /// `user`, `group`, `permissions`, `config` or `call`.
    pub kind: String,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// Its name when it happened.
    pub label: Option<String>,
}

/// What stands for the values of an erased event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErasedValues {
    /// The hash of the client IP.
    pub client_ip: Option<String>,
    /// The hash of the subject's label.
    pub label: Option<String>,
    /// The hash of the details.
    pub details: Option<String>,
}

impl From<EventRow> for AuditEvent {
    fn from(row: EventRow) -> Self {
        let (client_ip, label, details) = (row.client_ip, row.subject_label, row.details);
        let (plain, erased) = if row.erased {
            ((None, None, None), Some(ErasedValues { client_ip, label, details }))
        } else {
            ((client_ip, label, details), None)
        };
        let (client_ip, label, details) = plain;
        Self {
            id: row.id,
            position: row.position,
            at: row.at,
            action: row.action,
            actor: AuditActor {
                kind: row.actor_kind,
                id: row.actor_id,
                via: row.actor_via,
                credential: row.actor_credential,
            },
            client_ip,
            request_id: row.request_id,
            subject: row.subject_kind.map(|kind| AuditSubject { kind, id: row.subject_id, label }),
            details: details.map(JsonText::from_stored),
            count: row.count,
            salt: row.salt,
            erased,
            seal: row.seal,
        }
    }
}
