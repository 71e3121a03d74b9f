//! Webhooks: events of the audit log that are sent to URLs which admins name. docs/WEBHOOKS.md explains them.
//!
//! What is here is pure: which URLs and IPs may be reached, which events are meant, when a delivery is tried again, and what
//! is sent.

mod destination;
mod draft;
mod payload;
mod retry;
mod row;
mod wire;

pub use destination::{WebhookUrl, is_public};
pub use draft::{EventNames, MAX_EVENT_NAMES, MAX_URL, Overlap};
pub use payload::{MAX_PAYLOAD, payload, test_payload};
pub use retry::{Answered, LONGEST_WAIT, TRIES, Verdict, judge};
pub use row::{
    DeliveryQuery, DeliveryRow, DisabledReason, NewDelivery, SealedText, Tried, WaitingDeliveries, WebhookRow,
};
pub use wire::{DeliveryState, DisabledWebhook, WebhookDelivery, WebhookInfo, WebhookTest};

/// The most webhooks of a database. Each may have a few requests under way.
pub const MAX_WEBHOOKS: usize = 32;

/// How many deliveries of a webhook wait at most. Further events wait in the audit log.
pub const MAX_WAITING: i64 = 1000;

/// How many deliveries of a webhook that have ended are kept at most.
pub const MAX_ENDED: i64 = 10_000;
