//! Webhooks: events of the audit log that are sent to URLs which admins name (rules W1 to W7).

mod counts;
mod deliver;
mod manage;
mod secret;
mod send;
mod settings;
mod upkeep;

use tokio::sync::Semaphore;

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::webhook::is_public;
use rosterd_outbound::Outbound;

use crate::settings::Settings;

pub use counts::{AttemptResult, WebhookMetrics, WebhookStanding, count_waiting};
pub use deliver::deliver;
pub use manage::{
    MOST_DELIVERIES, MadeWebhook, WebhookDraft, WebhookUpdate, create, delete, get, list, list_deliveries,
    retry, rotate, test, update, update_if,
};
pub use secret::WebhookSecret;
pub use settings::WebhookSettings;
pub use upkeep::{remove_old, seal_anew};

use counts::Counts;
use secret::Sealer;

/// Tests of webhooks at a time: each keeps a request waiting.
const TESTS: usize = 8;

/// What all deliveries have in common.
pub(crate) struct Webhooks {
    sealer: Sealer,
    outbound: Outbound,
    tests: Semaphore,
    counts: Counts,
}

impl Webhooks {
    /// # Errors
    /// As [`Sealer::new`].
    pub(crate) fn new(settings: &Settings) -> std::io::Result<Self> {
        let of = &settings.webhooks;
        let may_reach = if of.allow_private { |_ip| true } else { is_public };
        Ok(Self {
            sealer: Sealer::new(&settings.secret, settings.previous_secret.as_ref())?,
            outbound: Outbound::new(of.time, may_reach, of.ca_file.clone()),
            tests: Semaphore::new(TESTS),
            counts: Counts::default(),
        })
    }

    /// What is known of deliveries at `now`.
    pub(crate) fn metrics(&self, now: UnixSeconds) -> WebhookMetrics {
        self.counts.metrics(now)
    }
}
