//! Tables `rosterd_webhook` and `rosterd_webhook_delivery`.

use diesel::dsl::{count_star, min};
use diesel::prelude::*;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{DeliveryId, WebhookId};
use rosterd_domain::webhook::{
    DeliveryQuery, DeliveryRow, DeliveryState, DisabledReason, EventNames, NewDelivery, SealedText, Tried,
    WaitingDeliveries, WebhookRow,
};

use super::Queries;
use super::dialect::Backend;
use crate::schema::{deliveries, webhooks};
use crate::types::{LossyText, StoredTime, text, time};
use crate::{StoreResult, WebhookUpkeep, WebhookWrites, Webhooks};

/// A webhook as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = webhooks)]
struct WebhookColumns {
    id: LossyText,
    url: LossyText,
    events: LossyText,
    description: LossyText,
    secret: LossyText,
    previous_secret: Option<LossyText>,
    previous_until: Option<StoredTime>,
    disabled_at: Option<StoredTime>,
    disabled_reason: Option<LossyText>,
    position: StoredTime,
    created_at: StoredTime,
    updated_at: StoredTime,
}

impl From<WebhookColumns> for WebhookRow {
    fn from(row: WebhookColumns) -> Self {
        let sealed = |text: LossyText| SealedText::new(text.into());
        let reason = row.disabled_reason.as_ref().map_or("", LossyText::as_str);
        Self {
            id: WebhookId::from_stored(row.id.into()),
            url: row.url.into(),
            // A list that cannot be read means no event.
            events: EventNames::from_stored(serde_json::from_str(row.events.as_str()).unwrap_or_default()),
            description: row.description.into(),
            secret: sealed(row.secret),
            previous_secret: row.previous_secret.map(sealed).zip(time(row.previous_until)),
            disabled: time(row.disabled_at).map(|at| (at, DisabledReason::from_stored(reason))),
            position: row.position.into(),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

/// A delivery as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = deliveries)]
struct DeliveryColumns {
    webhook_id: LossyText,
    event_id: LossyText,
    position: StoredTime,
    action: LossyText,
    tries: StoredTime,
    next_at: Option<StoredTime>,
    last_at: Option<StoredTime>,
    status: Option<StoredTime>,
    error: Option<LossyText>,
    created_at: StoredTime,
}

impl From<DeliveryColumns> for DeliveryRow {
    fn from(row: DeliveryColumns) -> Self {
        Self {
            webhook: WebhookId::from_stored(row.webhook_id.into()),
            event: DeliveryId::from_stored(row.event_id.into()),
            position: row.position.into(),
            action: row.action.into(),
            tries: row.tries.into(),
            next_at: time(row.next_at),
            last_at: time(row.last_at),
            status: time(row.status),
            error: text(row.error),
            created_at: row.created_at.into(),
        }
    }
}

/// The columns of a webhook that can change, with their values.
macro_rules! changing {
    ($webhook:expr) => {{
        let (previous, until) = match &$webhook.previous_secret {
            Some((secret, until)) => (Some(secret.as_str()), Some(*until)),
            None => (None, None),
        };
        let (disabled_at, reason) = match $webhook.disabled {
            Some((at, reason)) => (Some(at), Some(reason.as_str())),
            None => (None, None),
        };
        (
            webhooks::url.eq(&$webhook.url),
            // A list of texts always has a JSON form.
            webhooks::events.eq(serde_json::json!($webhook.events.names()).to_string()),
            webhooks::description.eq(&$webhook.description),
            webhooks::secret.eq($webhook.secret.as_str()),
            webhooks::previous_secret.eq(previous),
            webhooks::previous_until.eq(until),
            webhooks::disabled_at.eq(disabled_at),
            webhooks::disabled_reason.eq(reason),
            webhooks::updated_at.eq($webhook.updated_at),
        )
    }};
}

impl Webhooks for Queries<'_> {
    fn list_webhooks(&mut self) -> StoreResult<Vec<WebhookRow>> {
        if !self.layout.webhooks {
            return Ok(Vec::new());
        }
        let rows: Vec<WebhookColumns> = webhooks::table
            .order((webhooks::created_at.asc(), webhooks::id.asc()))
            .select(WebhookColumns::as_select())
            .load(self.conn)?;
        Ok(rows.into_iter().map(WebhookRow::from).collect())
    }

    fn find_webhook(&mut self, id: &WebhookId) -> StoreResult<Option<WebhookRow>> {
        if !self.layout.webhooks {
            return Ok(None);
        }
        let row: Option<WebhookColumns> = webhooks::table
            .find(id.as_str())
            .select(WebhookColumns::as_select())
            .get_result(self.conn)
            .optional()?;
        Ok(row.map(WebhookRow::from))
    }

    fn count_waiting_deliveries(&mut self, id: &WebhookId) -> StoreResult<i64> {
        if !self.layout.webhooks {
            return Ok(0);
        }
        let waiting = deliveries::table
            .filter(deliveries::webhook_id.eq(id.as_str()))
            .filter(deliveries::next_at.is_not_null());
        Ok(waiting.count().get_result(self.conn)?)
    }

    fn count_all_waiting_deliveries(&mut self) -> StoreResult<Vec<WaitingDeliveries>> {
        if !self.layout.webhooks {
            return Ok(Vec::new());
        }
        let rows: Vec<(LossyText, i64, Option<StoredTime>)> = deliveries::table
            .filter(deliveries::next_at.is_not_null())
            .group_by(deliveries::webhook_id)
            .select((deliveries::webhook_id, count_star(), min(deliveries::created_at)))
            .order(deliveries::webhook_id.asc())
            .load(self.conn)?;
        let waiting = |(webhook, count, oldest): (LossyText, i64, Option<StoredTime>)| WaitingDeliveries {
            webhook: WebhookId::from_stored(webhook.into()),
            count,
            oldest: oldest.map_or(0, UnixSeconds::from),
        };
        Ok(rows.into_iter().map(waiting).collect())
    }

    fn list_deliveries(&mut self, id: &WebhookId, query: &DeliveryQuery) -> StoreResult<Vec<DeliveryRow>> {
        if !self.layout.webhooks {
            return Ok(Vec::new());
        }
        let theirs = deliveries::table
            .filter(deliveries::webhook_id.eq(id.as_str()))
            .filter(deliveries::position.lt(query.before.unwrap_or(i64::MAX)))
            .into_boxed::<Backend>();
        // At most 11,000 rows of a webhook are there, so no state needs an index of its own.
        let in_state = match query.state {
            None => theirs,
            Some(DeliveryState::Waiting) => theirs.filter(deliveries::next_at.is_not_null()),
            Some(DeliveryState::Delivered) => {
                theirs.filter(deliveries::next_at.is_null()).filter(deliveries::error.is_null())
            }
            Some(DeliveryState::Failed) => {
                theirs.filter(deliveries::next_at.is_null()).filter(deliveries::error.is_not_null())
            }
        };
        let rows: Vec<DeliveryColumns> = in_state
            .order(deliveries::position.desc())
            .limit(query.limit)
            .select(DeliveryColumns::as_select())
            .load(self.conn)?;
        Ok(rows.into_iter().map(DeliveryRow::from).collect())
    }

    fn find_delivery(&mut self, id: &WebhookId, event: &DeliveryId) -> StoreResult<Option<DeliveryRow>> {
        if !self.layout.webhooks {
            return Ok(None);
        }
        let row: Option<DeliveryColumns> = deliveries::table
            .find((id.as_str(), event.as_str()))
            .select(DeliveryColumns::as_select())
            .get_result(self.conn)
            .optional()?;
        Ok(row.map(DeliveryRow::from))
    }
}

impl WebhookWrites for Queries<'_> {
    fn insert_webhook(&mut self, webhook: &WebhookRow) -> StoreResult<()> {
        let fixed = (
            webhooks::id.eq(webhook.id.as_str()),
            webhooks::position.eq(webhook.position),
            webhooks::created_at.eq(webhook.created_at),
        );
        diesel::insert_into(webhooks::table).values((fixed, changing!(webhook))).execute(self.conn)?;
        Ok(())
    }

    fn update_webhook(&mut self, webhook: &WebhookRow) -> StoreResult<()> {
        let row = webhooks::table.find(webhook.id.as_str());
        diesel::update(row).set(changing!(webhook)).execute(self.conn)?;
        Ok(())
    }

    fn delete_webhook(&mut self, id: &WebhookId) -> StoreResult<bool> {
        if !self.layout.webhooks {
            return Ok(false);
        }
        let theirs = deliveries::table.filter(deliveries::webhook_id.eq(id.as_str()));
        // First the webhook: on PostgreSQL no more deliveries are noted from then on.
        let deleted = diesel::delete(webhooks::table.find(id.as_str())).execute(self.conn)? > 0;
        diesel::delete(theirs).execute(self.conn)?;
        Ok(deleted)
    }

    fn repeat_delivery(&mut self, id: &WebhookId, event: &DeliveryId, now: UnixSeconds) -> StoreResult<bool> {
        if !self.layout.webhooks {
            return Ok(false);
        }
        let row = deliveries::table.find((id.as_str(), event.as_str()));
        let anew = (deliveries::tries.eq(0), deliveries::next_at.eq(now));
        Ok(diesel::update(row).set(anew).execute(self.conn)? > 0)
    }
}

impl WebhookUpkeep for Queries<'_> {
    fn note_deliveries(
        &mut self,
        id: &WebhookId,
        (from, to): (i64, i64),
        new: &[NewDelivery],
        now: UnixSeconds,
    ) -> StoreResult<bool> {
        let as_it_was = webhooks::table.find(id.as_str()).filter(webhooks::position.eq(from));
        if diesel::update(as_it_was).set(webhooks::position.eq(to)).execute(self.conn)? == 0 {
            return Ok(false);
        }
        let rows: Vec<_> = new
            .iter()
            .map(|delivery| {
                (
                    deliveries::webhook_id.eq(id.as_str()),
                    deliveries::event_id.eq(delivery.event.as_str()),
                    deliveries::position.eq(delivery.position),
                    deliveries::action.eq(&delivery.action),
                    deliveries::subject.eq(&delivery.subject),
                    deliveries::tries.eq(0),
                    deliveries::next_at.eq(now),
                    deliveries::created_at.eq(now),
                )
            })
            .collect();
        diesel::insert_into(deliveries::table).values(rows).execute(self.conn)?;
        Ok(true)
    }

    fn list_due_deliveries(
        &mut self,
        id: &WebhookId,
        now: UnixSeconds,
        limit: i64,
    ) -> StoreResult<Vec<DeliveryRow>> {
        if !self.layout.webhooks {
            return Ok(Vec::new());
        }
        let earlier = diesel::alias!(deliveries as earlier);
        let of_subject = earlier
            .filter(earlier.field(deliveries::webhook_id).eq(deliveries::webhook_id))
            .filter(earlier.field(deliveries::subject).eq(deliveries::subject))
            .filter(earlier.field(deliveries::next_at).is_not_null())
            .filter(earlier.field(deliveries::position).lt(deliveries::position));
        let due = deliveries::table
            .filter(deliveries::webhook_id.eq(id.as_str()))
            .filter(deliveries::next_at.is_not_null())
            .filter(deliveries::next_at.le(now))
            .filter(diesel::dsl::not(diesel::dsl::exists(of_subject)))
            .into_boxed::<Backend>();
        let rows: Vec<DeliveryColumns> = due
            .order(deliveries::position.asc())
            .limit(limit)
            .select(DeliveryColumns::as_select())
            .load(self.conn)?;
        Ok(rows.into_iter().map(DeliveryRow::from).collect())
    }

    fn put_off_delivery(
        &mut self,
        id: &WebhookId,
        event: &DeliveryId,
        (now, over): (UnixSeconds, UnixSeconds),
    ) -> StoreResult<bool> {
        let due = deliveries::table.find((id.as_str(), event.as_str())).filter(deliveries::next_at.le(now));
        Ok(diesel::update(due).set(deliveries::next_at.eq(over)).execute(self.conn)? > 0)
    }

    fn keep_try(&mut self, id: &WebhookId, event: &DeliveryId, tried: &Tried) -> StoreResult<bool> {
        let as_it_was = deliveries::table
            .find((id.as_str(), event.as_str()))
            .filter(deliveries::tries.eq(tried.tries_before))
            .filter(deliveries::next_at.is_not_null());
        let now = (
            deliveries::tries.eq(tried.tries_before.saturating_add(1)),
            deliveries::next_at.eq(tried.next_at),
            deliveries::last_at.eq(tried.at),
            deliveries::status.eq(tried.status),
            deliveries::error.eq(&tried.error),
        );
        Ok(diesel::update(as_it_was).set(now).execute(self.conn)? > 0)
    }

    fn replace_secrets(&mut self, webhook: &WebhookRow) -> StoreResult<()> {
        let previous = webhook.previous_secret.as_ref().map(|(secret, _until)| secret.as_str());
        diesel::update(webhooks::table.find(webhook.id.as_str()))
            .set((webhooks::secret.eq(webhook.secret.as_str()), webhooks::previous_secret.eq(previous)))
            .execute(self.conn)?;
        Ok(())
    }

    fn forget_deliveries(&mut self, id: &WebhookId, before: UnixSeconds, most: i64) -> StoreResult<usize> {
        if !self.layout.webhooks {
            return Ok(0);
        }
        let ended = deliveries::table
            .filter(deliveries::webhook_id.eq(id.as_str()))
            .filter(deliveries::next_at.is_null());
        let last_too_many: Option<StoredTime> = ended
            .order(deliveries::position.desc())
            .offset(most)
            .limit(1)
            .select(deliveries::position)
            .get_result(self.conn)
            .optional()?;
        let too_many = i64::from(last_too_many.unwrap_or_default());
        let gone = deliveries::last_at.lt(before).or(deliveries::position.le(too_many).nullable());
        let rows = diesel::delete(deliveries::table)
            .filter(deliveries::webhook_id.eq(id.as_str()))
            .filter(deliveries::next_at.is_null())
            .filter(gone);
        Ok(rows.execute(self.conn)?)
    }
}
