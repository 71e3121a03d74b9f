//! Webhooks and deliveries as they are shown.

use serde::{Deserialize, Serialize};

use super::row::{DeliveryRow, WebhookRow};
use crate::clock::UnixSeconds;
use crate::ids::{DeliveryId, WebhookId};

/// A webhook. Its secret is shown once, when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookInfo {
    /// The id.
    pub id: WebhookId,
    /// Where events are sent.
    pub url: String,
    /// Which events: names, or kinds such as `user.*`.
    pub events: Vec<String>,
    /// What admins say of it.
    pub description: String,
    /// Events are sent.
    pub enabled: bool,
    /// Since when they are not, and why; null: they are.
    pub disabled: Option<DisabledWebhook>,
    /// How many deliveries wait: to be sent, or to be tried again.
    pub waiting: i64,
    /// Until when the secret before signs too; null: there is none.
    pub previous_secret_until: Option<UnixSeconds>,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it was changed last.
    pub updated_at: UnixSeconds,
}

/// A webhook that is switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DisabledWebhook {
    /// Since when.
    pub at: UnixSeconds,
    /// `admin`: by an admin; `failed`: a delivery failed at its last try; `gone`: the receiver answered 410; `secret`: the token
    /// secret was changed, and the webhook's own cannot be opened any more.
    pub reason: String,
}

impl WebhookInfo {
    /// What is shown of a webhook with so many deliveries that wait, at `now`.
    #[must_use]
    pub fn of(row: &WebhookRow, waiting: i64, now: UnixSeconds) -> Self {
        let disabled =
            row.disabled.map(|(at, reason)| DisabledWebhook { at, reason: reason.as_str().to_owned() });
        let until = row.previous_secret.as_ref().map(|(_secret, until)| *until);
        Self {
            id: row.id.clone(),
            url: row.url.clone(),
            events: row.events.names().to_vec(),
            description: row.description.clone(),
            enabled: disabled.is_none(),
            disabled,
            waiting,
            previous_secret_until: until.filter(|until| now < *until),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// An event that a webhook is told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookDelivery {
    /// The id: that of the event, also in the header `webhook-id`.
    pub id: DeliveryId,
    /// What happened, such as `user.created`.
    pub event: String,
    /// The position of the event in the audit log.
    pub position: i64,
    /// How far it is.
    pub state: DeliveryState,
    /// How often it was tried.
    pub tries: i64,
    /// When it was noted.
    pub created_at: UnixSeconds,
    /// When it was tried last; null: never.
    pub last_try_at: Option<UnixSeconds>,
    /// When it is tried next; null: it has ended.
    pub next_try_at: Option<UnixSeconds>,
    /// The status of the last answer; null: there was none.
    pub status: Option<i64>,
    /// Why the last try failed; null: it did not.
    pub error: Option<String>,
}

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be sent, or to be tried again.
    Waiting,
    /// It has arrived.
    Delivered,
    /// It was given up.
    Failed,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Failed];

    /// The state of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

impl From<DeliveryRow> for WebhookDelivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            state: row.state(),
            id: row.event,
            event: row.action,
            position: row.position,
            tries: row.tries,
            created_at: row.created_at,
            last_try_at: row.last_at,
            next_try_at: row.next_at,
            status: row.status,
            error: row.error,
        }
    }
}

/// What became of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookTest {
    /// The receiver took it: it answered with a status of success.
    pub delivered: bool,
    /// The status of the answer; null: there was none.
    pub status: Option<i64>,
    /// Why it was not delivered; null: it was.
    pub error: Option<String>,
}
