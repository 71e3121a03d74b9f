//! How mails are sent.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rosterd_domain::mail::Language;
use rosterd_outbound::smtp::{STEP, Sender, SmtpServer};

use super::templates::Templates;

/// How mails are sent.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// By which server.
    pub server: SmtpServer,
    /// Whom they come from.
    pub sender: Sender,
    /// In which language somebody is written to whose own is not known.
    pub language: Language,
    /// Their texts.
    pub templates: Arc<Templates>,
    /// PEM file with the certificates that the server's must be signed by; `None`: those of the system.
    pub ca_file: Option<PathBuf>,
    /// How often it is looked for mails that are to be sent.
    pub every: Duration,
    /// How long one step of the dialogue with the server may take.
    pub step: Duration,
}

impl MailSettings {
    /// Mails by this server and from this sender; all else as it is usual.
    #[must_use]
    pub fn new(server: SmtpServer, sender: Sender) -> Self {
        Self {
            server,
            sender,
            language: Language::default(),
            templates: Arc::default(),
            ca_file: None,
            every: Duration::from_secs(1),
            step: STEP,
        }
    }
}
