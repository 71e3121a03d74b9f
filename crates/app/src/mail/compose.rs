//! From a row of the outbox to a mail.

use rosterd_domain::clock::{UnixSeconds, spelled};
use rosterd_domain::ids::MailId;
use rosterd_domain::mail::{Language, MailData, MailKind, MailRow};
use rosterd_outbound::smtp::Letter;

use super::settings::MailSettings;
use crate::app::App;

/// What a mail is made of.
pub(super) struct Parts<'a> {
    pub(super) id: &'a MailId,
    pub(super) kind: MailKind,
    pub(super) language: Language,
    pub(super) recipient: &'a str,
    pub(super) data: &'a MailData,
}

impl<'a> Parts<'a> {
    pub(super) fn of(row: &'a MailRow, kind: MailKind) -> Self {
        Self { id: &row.id, kind, language: row.language, recipient: &row.recipient, data: &row.data }
    }

    /// The mail. `None` where there is no text for it.
    pub(super) fn letter(&self, app: &App, mail: &MailSettings) -> Option<Letter> {
        let template = mail.templates.of(self.kind, self.language)?;
        let value =
            |name: &'static str| self.value(app, name).unwrap_or_else(|| self.language.unknown().to_owned());
        let (subject, text) = template.fill(value);
        Some(Letter {
            id: self.id.as_str().to_owned(),
            at: app.now(),
            name: self.data.get("name").unwrap_or_default().to_owned(),
            recipient: self.recipient.to_owned(),
            subject,
            text,
        })
    }

    fn value(&self, app: &App, name: &str) -> Option<String> {
        let time = |name| self.data.get(name)?.parse::<UnixSeconds>().ok().map(spelled);
        match name {
            "email" => Some(self.recipient.to_owned()),
            "server" => Some(app.settings().name.clone()),
            "time" => time("at"),
            "expires" => time("expires_at"),
            other => self.data.get(other).map(str::to_owned),
        }
    }
}
