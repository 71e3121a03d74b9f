//! Webhooks and deliveries as they are stored.

use std::fmt;

use super::draft::EventNames;
use super::wire::DeliveryState;
use crate::clock::UnixSeconds;
use crate::ids::{DeliveryId, WebhookId};

/// A text that was sealed with a key which the database does not hold.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedText(String);

impl SealedText {
    /// What was sealed, or what is stored.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for storing and opening.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SealedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedText")
    }
}

/// A webhook as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRow {
    /// The id.
    pub id: WebhookId,
    /// The URL.
    pub url: String,
    /// Which events it is for.
    pub events: EventNames,
    /// What admins say of it.
    pub description: String,
    /// The secret that signs.
    pub secret: SealedText,
    /// The secret before, and until when it signs too.
    pub previous_secret: Option<(SealedText, UnixSeconds)>,
    /// Since when it is switched off, and why; `None`: it is on.
    pub disabled: Option<(UnixSeconds, DisabledReason)>,
    /// The position of the last event that was looked at.
    pub position: i64,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it was changed last.
    pub updated_at: UnixSeconds,
}

/// Why a webhook is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisabledReason {
    /// By an admin.
    Admin,
    /// A delivery failed at its last try.
    Failed,
    /// The receiver answered 410.
    Gone,
    /// Its secret cannot be opened: the token secret is another one.
    Secret,
}

impl DisabledReason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Failed, Self::Gone, Self::Secret];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Failed => "failed",
            Self::Gone => "gone",
            Self::Secret => "secret",
        }
    }

    /// A reason as it is stored; what is none of them counts as an admin's.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text).unwrap_or(Self::Admin)
    }
}

/// A delivery that is about to be stored: an event that a webhook is to be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// The event.
    pub event: DeliveryId,
    /// Its position.
    pub position: i64,
    /// Its action.
    pub action: String,
    /// Deliveries about the same subject are made in their order.
    pub subject: String,
}

/// A delivery as it is stored. Its id is that of the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// The webhook.
    pub webhook: WebhookId,
    /// The event.
    pub event: DeliveryId,
    /// The event's position.
    pub position: i64,
    /// The event's action.
    pub action: String,
    /// How often it was tried.
    pub tries: i64,
    /// When it is tried next; `None`: it has ended.
    pub next_at: Option<UnixSeconds>,
    /// When it was tried last.
    pub last_at: Option<UnixSeconds>,
    /// The status of the last answer.
    pub status: Option<i64>,
    /// Why the last try failed; `None`: it did not.
    pub error: Option<String>,
    /// When it was noted.
    pub created_at: UnixSeconds,
}

impl DeliveryRow {
    /// How far it is.
    #[must_use]
    pub const fn state(&self) -> DeliveryState {
        match (self.next_at, &self.error) {
            (Some(_), _) => DeliveryState::Waiting,
            (None, None) => DeliveryState::Delivered,
            (None, Some(_)) => DeliveryState::Failed,
        }
    }
}

/// Which deliveries of a webhook are listed, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// Those in this state; `None`: all.
    pub state: Option<DeliveryState>,
    /// Those of events below this position; `None`: all.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// How many deliveries of a webhook wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingDeliveries {
    /// The webhook.
    pub webhook: WebhookId,
    /// How many.
    pub count: i64,
    /// When the oldest of them was noted.
    pub oldest: UnixSeconds,
}

/// What a try made of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// How often it had been tried before: where that has changed, somebody else has decided about the delivery.
    pub tries_before: i64,
    /// When it is tried next; `None`: it has ended.
    pub next_at: Option<UnixSeconds>,
    /// Now.
    pub at: UnixSeconds,
    /// The status of the answer.
    pub status: Option<i64>,
    /// Why it failed; `None`: it did not.
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_keeps_its_name() {
        for reason in DisabledReason::ALL {
            assert_eq!(DisabledReason::from_stored(reason.as_str()), reason);
        }
        assert_eq!(DisabledReason::from_stored("?"), DisabledReason::Admin);
        assert_eq!(format!("{:?}", SealedText::new("v1:abc".to_owned())), "SealedText");
    }

    #[test]
    fn w6_a_delivery_waits_until_it_has_arrived_or_was_given_up() {
        let row = |next_at: Option<UnixSeconds>, error: Option<&str>| DeliveryRow {
            webhook: WebhookId::from_stored("w".to_owned()),
            event: DeliveryId::from_stored("e".to_owned()),
            position: 1,
            action: "user.created".to_owned(),
            tries: 1,
            next_at,
            last_at: None,
            status: None,
            error: error.map(str::to_owned),
            created_at: 0,
        };
        for (next_at, error, state) in [
            (Some(5), None, "waiting"),
            (Some(5), Some("no answer"), "waiting"),
            (None, None, "delivered"),
            (None, Some("no answer"), "failed"),
        ] {
            assert_eq!(row(next_at, error).state().as_str(), state);
            assert_eq!(DeliveryState::parse(state), Some(row(next_at, error).state()));
        }
        assert_eq!(DeliveryState::parse("Waiting"), None);
    }
}
