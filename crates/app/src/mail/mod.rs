//! Mail (rules Q1 to Q8): what the server writes to people by itself.
//!
//! A mail is noted in the transaction of its cause, in the table `rosterd_mail`: the outbox. A job sends what waits there, in one
//! process at a time. Its text is put together only then, so the outbox has neither texts nor tokens of links.

mod compose;
mod counts;
mod deliver;
mod forgot;
mod manage;
mod outbox;
mod settings;
mod templates;

use tokio::sync::Semaphore;

use rosterd_domain::clock::UnixSeconds;

use crate::app::App;
use crate::settings::Settings;

pub use counts::{MailMetrics, MailResult, count_waiting};
pub use deliver::{deliver, remove_old};
pub use forgot::{forgot, is_on as can_be_forgotten};
pub use manage::{MOST_MAILS, list, retry, test};
pub(crate) use outbox::{note_for, note_link};
pub use rosterd_outbound::smtp::{Mailer, Sender, SmtpServer, SmtpTls};
pub use settings::MailSettings;
pub use templates::Templates;

use counts::Counts;

/// Tests at a time: each keeps a request waiting.
const TESTS: usize = 4;

/// What all mails have in common.
pub(crate) struct Mail {
    /// `None`: mail is not set up.
    mailer: Option<Mailer>,
    tests: Semaphore,
    counts: Counts,
}

impl Mail {
    pub(crate) fn new(settings: &Settings) -> Self {
        let mailer = settings.mail.as_ref().map(|mail| {
            Mailer::new(mail.server.clone(), mail.sender.clone(), mail.ca_file.clone(), mail.step)
        });
        Self { mailer, tests: Semaphore::new(TESTS), counts: Counts::default() }
    }

    /// What is known of mails at `now`.
    pub(crate) fn metrics(&self, now: UnixSeconds) -> MailMetrics {
        self.counts.metrics(now)
    }
}

impl App {
    /// Whether mails are noted and sent: mail is set up, and the database has the tables for it.
    #[must_use]
    pub fn sends_mail(&self) -> bool {
        let layout = self.store().layout();
        self.settings().mail.is_some() && layout.mails && layout.leases
    }

    /// Why no mail is sent though it is set up, for the log of a server that starts; `None` where it is sent, or not set up.
    #[must_use]
    pub fn mail_has_no_table(&self) -> Option<&'static str> {
        (self.settings().mail.is_some() && !self.sends_mail()).then_some(
            "mail is set up, but this database has no table rosterd_mail: no mail is sent. `rosterd adopt --apply` adds the table; \
             start the server again afterwards",
        )
    }
}
