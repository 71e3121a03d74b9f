//! Tables `rosterd_webhook` and `rosterd_webhook_delivery`. Only where [`Layout::webhooks`](crate::Layout::webhooks) says so:
//! elsewhere both count as empty, and must not be written.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{DeliveryId, WebhookId};
use rosterd_domain::webhook::{
    DeliveryQuery, DeliveryRow, NewDelivery, Tried, WaitingDeliveries, WebhookRow,
};

use crate::StoreResult;

/// What can be read of webhooks.
pub trait Webhooks {
    /// All webhooks, the oldest first.
    fn list_webhooks(&mut self) -> StoreResult<Vec<WebhookRow>>;

    /// One webhook.
    fn find_webhook(&mut self, id: &WebhookId) -> StoreResult<Option<WebhookRow>>;

    /// How many deliveries of a webhook wait.
    fn count_waiting_deliveries(&mut self, id: &WebhookId) -> StoreResult<i64>;

    /// How many deliveries wait, of each webhook that has some.
    fn count_all_waiting_deliveries(&mut self) -> StoreResult<Vec<WaitingDeliveries>>;

    /// Deliveries of a webhook, newest first.
    fn list_deliveries(&mut self, id: &WebhookId, query: &DeliveryQuery) -> StoreResult<Vec<DeliveryRow>>;

    /// One delivery.
    fn find_delivery(&mut self, id: &WebhookId, event: &DeliveryId) -> StoreResult<Option<DeliveryRow>>;
}

/// Changes to both. Whoever changes a webhook that was read before holds [`Lock::Webhooks`](crate::Lock::Webhooks) from the
/// reading on.
pub trait WebhookWrites {
    /// Inserts.
    fn insert_webhook(&mut self, webhook: &WebhookRow) -> StoreResult<()>;

    /// Writes everything but id, position and `created_at`.
    fn update_webhook(&mut self, webhook: &WebhookRow) -> StoreResult<()>;

    /// Deletes a webhook and its deliveries; gives whether it was there.
    fn delete_webhook(&mut self, id: &WebhookId) -> StoreResult<bool>;

    /// Has a delivery made at `now`, as if it had never been tried; gives whether it is there.
    fn repeat_delivery(&mut self, id: &WebhookId, event: &DeliveryId, now: UnixSeconds) -> StoreResult<bool>;
}

/// What the server does with webhooks by itself.
pub trait WebhookUpkeep {
    /// Notes deliveries that are to be made at `now`, and that events up to position `to` were looked at. Only if the webhook
    /// still stands at `from`; gives whether it did.
    fn note_deliveries(
        &mut self,
        id: &WebhookId,
        positions: (i64, i64),
        new: &[NewDelivery],
        now: UnixSeconds,
    ) -> StoreResult<bool>;

    /// Deliveries of a webhook that are to be made at `now`, in the order of their positions; at most `limit`. One about whose
    /// subject an earlier one waits is left out.
    fn list_due_deliveries(
        &mut self,
        id: &WebhookId,
        now: UnixSeconds,
        limit: i64,
    ) -> StoreResult<Vec<DeliveryRow>>;

    /// Puts a delivery that is due at `now` off until `over`; gives `false` where it is not due any more.
    fn put_off_delivery(
        &mut self,
        id: &WebhookId,
        event: &DeliveryId,
        now_and_over: (UnixSeconds, UnixSeconds),
    ) -> StoreResult<bool>;

    /// Writes what a try made of a delivery that waits; gives `false`, and writes nothing, where it has been tried, repeated or
    /// deleted meanwhile.
    fn keep_try(&mut self, id: &WebhookId, event: &DeliveryId, tried: &Tried) -> StoreResult<bool>;

    /// Writes the secrets of a webhook as they are sealed anew.
    fn replace_secrets(&mut self, webhook: &WebhookRow) -> StoreResult<()>;

    /// Removes deliveries of a webhook that ended before a second, and the oldest of those that have ended until `most` are
    /// left; gives how many.
    fn forget_deliveries(&mut self, id: &WebhookId, before: UnixSeconds, most: i64) -> StoreResult<usize>;
}
