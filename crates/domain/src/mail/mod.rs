//! Mail: what the server sends to people by itself. docs/MAIL.md explains it.
//!
//! What is here is pure: the kinds of mail and their texts, in which language somebody is written to, when a mail is tried
//! again, and how mails are stored and shown.

mod kind;
mod language;
mod retry;
mod row;
mod template;
mod wire;

pub use kind::MailKind;
pub use language::Language;
pub use retry::{ATTEMPTS, Outcome, Verdict, judge};
pub use row::{MailData, MailQuery, MailRow, MailState, MailTried, NewMail, WaitingMails};
pub use template::{Template, TemplateFault};
pub use wire::{MailInfo, MailTest};

/// For how long a mail that has ended is listed, in seconds: 30 days.
pub const KEPT_FOR: i64 = 30 * 24 * 3600;
