//! How webhooks are delivered.

use std::path::PathBuf;
use std::time::Duration;

use rosterd_domain::webhook::MAX_WAITING;

/// How webhooks are delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSettings {
    /// Whether they may lead to this machine and to private networks, also without TLS (rule W2).
    pub allow_private: bool,
    /// A PEM file with the certificates that are trusted, in place of those of the system.
    pub ca_file: Option<PathBuf>,
    /// How long deliveries that have ended are kept.
    pub kept_for: Duration,
    /// How many deliveries of a webhook wait at most; further events wait in the audit log.
    pub most_waiting: i64,
    /// How often it is looked for events that are to be delivered.
    pub every: Duration,
    /// How long one try may take.
    pub time: Duration,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            allow_private: false,
            ca_file: None,
            kept_for: Duration::from_hours(30 * 24),
            most_waiting: MAX_WAITING,
            every: Duration::from_secs(1),
            time: Duration::from_secs(15),
        }
    }
}
