//! Mails as they are shown.

use serde::{Deserialize, Serialize};

use super::row::{MailRow, MailState};
use crate::clock::UnixSeconds;
use crate::ids::{MailId, UserId};

/// A mail of the outbox. Its text is not kept, and neither is the token of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailInfo {
    /// The id, which is also in the mail's `Message-ID`.
    pub id: MailId,
    /// What it is about: `invite`, `reset`, `confirm`, `forgot`, `password_changed`, `password_set` or `new_sign_in`.
    pub kind: String,
    /// How far it is.
    pub state: MailState,
    /// The e-mail address that it goes to.
    pub recipient: String,
    /// Whose account it is about; null where that is not known.
    pub user_id: Option<UserId>,
    /// In which language it is written: `en` or `de`.
    pub language: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was noted.
    pub created_at: UnixSeconds,
    /// When it is tried next; null: it has ended.
    pub next_attempt_at: Option<UnixSeconds>,
    /// When the mail server took it; null: it has not.
    pub sent_at: Option<UnixSeconds>,
    /// Why the last attempt failed, or why the mail is not sent; null: neither is so.
    pub last_error: Option<String>,
}

impl From<MailRow> for MailInfo {
    fn from(row: MailRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind_name,
            state: row.state,
            recipient: row.recipient,
            user_id: row.user,
            language: row.language.as_str().to_owned(),
            attempts: row.attempts,
            created_at: row.created_at,
            next_attempt_at: row.next_attempt_at,
            sent_at: row.sent_at,
            last_error: row.last_error,
        }
    }
}

/// What became of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailTest {
    /// The mail server took it.
    pub sent: bool,
    /// The e-mail address that it went to.
    pub recipient: String,
    /// Why it was not sent; null: it was.
    pub error: Option<String>,
}
