//! Mails as they are stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kind::MailKind;
use super::language::Language;
use crate::clock::UnixSeconds;
use crate::ids::{MailId, UserId};

/// How far a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// To be sent, or to be tried again.
    Waiting,
    /// The mail server took it.
    Sent,
    /// It was given up.
    Failed,
    /// It was not sent, since it is of no use any more: its link is dead, or no account has the e-mail address.
    Cancelled,
}

impl MailState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Sent, Self::Failed, Self::Cancelled];

    /// The state of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// A state as it is stored. What is none of them counts as failed: nothing is sent that cannot be read.
    #[must_use]
    pub fn from_stored(name: &str) -> Self {
        Self::parse(name).unwrap_or(Self::Failed)
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Plain values for the text of a mail, by their names. Never a secret: links are made when the mail is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailData(BTreeMap<String, String>);

impl MailData {
    /// With one more value, where there is one.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<impl Into<String>>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }

    /// A value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// As it is stored: a JSON object.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::json!(self.0).to_string()
    }

    /// What is stored; nothing where that cannot be read.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }
}

/// A mail that is about to be stored, to be sent at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMail {
    /// The id, by which mails are ordered: a UUID of version 7.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// Whose account it is about, where that is known.
    pub user: Option<UserId>,
    /// The e-mail address that it goes to.
    pub recipient: String,
    /// In which language it is written.
    pub language: Language,
    /// The id of the link that it brings.
    pub link: Option<String>,
    /// Values for its text.
    pub data: MailData,
}

/// A mail as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRow {
    /// The id.
    pub id: MailId,
    /// What it is about; `None`: a kind that this version does not know.
    pub kind: Option<MailKind>,
    /// The name of the kind, as it is stored.
    pub kind_name: String,
    /// Whose account it is about.
    pub user: Option<UserId>,
    /// The e-mail address that it goes to.
    pub recipient: String,
    /// In which language it is written.
    pub language: Language,
    /// The id of the link that it brings.
    pub link: Option<String>,
    /// Values for its text.
    pub data: MailData,
    /// How far it is.
    pub state: MailState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next; `None`: it has ended.
    pub next_attempt_at: Option<UnixSeconds>,
    /// Why it was not sent, at the last attempt.
    pub last_error: Option<String>,
    /// When it was noted.
    pub created_at: UnixSeconds,
    /// When it was sent.
    pub sent_at: Option<UnixSeconds>,
}

/// Which mails are listed, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailQuery {
    /// Those in this state; `None`: all.
    pub state: Option<MailState>,
    /// Those with an id below this one; `None`: all.
    pub before: Option<MailId>,
    /// At most so many.
    pub limit: i64,
}

/// What an attempt made of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailTried {
    /// How often it had been tried before: where that has changed, somebody else has decided about the mail.
    pub attempts_before: i64,
    /// How far it is now.
    pub state: MailState,
    /// When it is tried next; `None`: it has ended.
    pub next_attempt_at: Option<UnixSeconds>,
    /// Now.
    pub at: UnixSeconds,
    /// Why it was not sent; `None`: it was.
    pub error: Option<String>,
}

/// How many mails wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WaitingMails {
    /// How many.
    pub count: i64,
    /// When the oldest of them was noted; `None`: none waits.
    pub oldest: Option<UnixSeconds>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_keeps_its_name() {
        for state in MailState::ALL {
            assert_eq!(MailState::parse(state.as_str()), Some(state));
            assert_eq!(serde_json::json!(state), state.as_str());
        }
        assert_eq!(MailState::from_stored("?"), MailState::Failed);
    }

    #[test]
    fn values_come_back_from_their_text() {
        let data = MailData::default().with("name", Some("Ada \"A\"\n")).with("program", None::<String>);
        assert_eq!(MailData::from_stored(&data.to_text()), data);
        assert_eq!((data.get("name"), data.get("program")), (Some("Ada \"A\"\n"), None));
        assert_eq!(MailData::from_stored("{"), MailData::default());
    }
}
