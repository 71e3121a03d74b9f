//! What admins do with webhooks.

use rosterd_domain::ids::{DeliveryId, WebhookId};
use rosterd_domain::text::{MAX_DESCRIPTION, ensure_short};
use rosterd_domain::webhook::{
    DeliveryQuery, DisabledReason, EventNames, MAX_WEBHOOKS, Overlap, WebhookDelivery, WebhookInfo,
    WebhookRow, WebhookTest, WebhookUrl, test_payload,
};
use rosterd_storage::Lock;
use uuid::Uuid;

use super::secret::WebhookSecret;
use super::send::{fault_of, status_of};
use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::{Changes, Event};
use crate::versions::{self, Condition, Tagged};

/// Most deliveries of one page.
pub const MOST_DELIVERIES: i64 = 200;

/// A webhook to be made.
#[derive(Debug, Clone)]
pub struct WebhookDraft {
    /// Where events are sent.
    pub url: WebhookUrl,
    /// Which events.
    pub events: EventNames,
    /// What admins say of it.
    pub description: String,
}

/// What is to be changed of a webhook; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct WebhookUpdate {
    /// Where events are sent.
    pub url: Option<WebhookUrl>,
    /// Which events.
    pub events: Option<EventNames>,
    /// What admins say of it.
    pub description: Option<String>,
    /// Whether events are sent.
    pub enabled: Option<bool>,
}

/// A webhook with a new secret, which is never shown again.
#[derive(Debug)]
pub struct MadeWebhook {
    /// The secret.
    pub secret: WebhookSecret,
    /// What is shown of the webhook.
    pub info: WebhookInfo,
}

/// All webhooks, the oldest first.
///
/// # Errors
/// [`AppError::AccessProhibited`] for all but admins; [`AppError::Conflict`] where there can be none; those of the store.
pub fn list(act: &mut Act<'_>) -> AppResult<Vec<WebhookInfo>> {
    ensure_kept(act)?;
    let rows = act.read().list_webhooks()?;
    rows.iter().map(|row| shown(act, row)).collect()
}

/// One webhook.
///
/// # Errors
/// As [`list`]; [`AppError::NotFound`].
pub fn get(act: &mut Act<'_>, id: &WebhookId) -> AppResult<Tagged<WebhookInfo>> {
    ensure_kept(act)?;
    let row = act.read().find_webhook(id)?.ok_or(NO_SUCH_WEBHOOK)?;
    tagged(act, &row)
}

/// Makes a webhook. It is told of the events that are sealed from now on.
///
/// # Errors
/// As [`list`]; [`AppError::Conflict`] where there are [`MAX_WEBHOOKS`]; [`AppError::Rule`] for too long a description.
pub fn create(act: &mut Act<'_>, draft: WebhookDraft) -> AppResult<MadeWebhook> {
    ensure_kept(act)?;
    ensure_short("description", &draft.description, None, MAX_DESCRIPTION)?;
    act.read().lock(Lock::Webhooks)?;
    if act.read().list_webhooks()?.len() >= MAX_WEBHOOKS {
        return Err(AppError::Conflict("There are 32 webhooks, the most there can be. Delete one first."));
    }
    let (id, now) = (WebhookId::from_stored(Uuid::new_v4().to_string()), act.now());
    let secret = WebhookSecret::random()?;
    let row = WebhookRow {
        secret: act.app().webhooks().sealer.seal(&secret, &id)?,
        id,
        url: draft.url.url().as_str().to_owned(),
        events: draft.events,
        description: draft.description,
        previous_secret: None,
        disabled: None,
        position: last_position(act)?,
        created_at: now,
        updated_at: now,
    };
    let told = Changes::default()
        .of("url", None::<String>, draft.url.origin())
        .of("events", None::<Vec<String>>, row.events.names())
        .of("description", "", row.description.as_str());
    act.change(Event::WebhookCreated(row.id.clone(), told)).insert_webhook(&row)?;
    Ok(MadeWebhook { secret, info: WebhookInfo::of(&row, 0, now) })
}

/// Changes a webhook. One that is switched on again goes on where it stopped.
///
/// # Errors
/// As [`list`]; [`AppError::NotFound`]; [`AppError::Conflict`] for one whose secret cannot be opened and that is to be switched
/// on; [`AppError::Rule`] for too long a description.
pub fn update(act: &mut Act<'_>, id: &WebhookId, update: WebhookUpdate) -> AppResult<WebhookInfo> {
    Ok(update_if(act, id, update, &Condition::None)?.shown)
}

/// The same, only if the webhook has still the [version](versions::of_webhook) that the condition names (rule S4).
///
/// # Errors
/// As [`update`]; [`AppError::PreconditionFailed`].
pub fn update_if(
    act: &mut Act<'_>,
    id: &WebhookId,
    update: WebhookUpdate,
    condition: &Condition,
) -> AppResult<Tagged<WebhookInfo>> {
    ensure_kept(act)?;
    let (before, now) = (locked(act, id)?, act.now());
    // What is wrong with the form is told first (RFC 9110, section 13.2.1).
    if let Some(description) = &update.description {
        ensure_short("description", description, Some(&before.description), MAX_DESCRIPTION)?;
    }
    condition.ensure_tag(|| versions::of_webhook(&before))?;
    let disabled = match update.enabled {
        None => before.disabled,
        Some(true) => None,
        Some(false) => before.disabled.or(Some((now, DisabledReason::Admin))),
    };
    if disabled.is_none() && act.app().webhooks().signing(&before, now).is_none() {
        return Err(AppError::Conflict(
            "The secret of this webhook cannot be opened, because the token secret was changed. Rotate the webhook's secret first.",
        ));
    }
    let after = WebhookRow {
        url: update.url.as_ref().map_or_else(|| before.url.clone(), |url| url.url().as_str().to_owned()),
        events: update.events.unwrap_or_else(|| before.events.clone()),
        description: update.description.unwrap_or_else(|| before.description.clone()),
        disabled,
        updated_at: now,
        ..before.clone()
    };
    let told = changes(&before, &after);
    if !told.is_empty() {
        act.change(Event::WebhookUpdated(id.clone(), told)).update_webhook(&after)?;
    }
    tagged(act, &after)
}

/// What is told of an update. Of the URL only scheme, host and port: the rest may hold a secret.
fn changes(before: &WebhookRow, after: &WebhookRow) -> Changes {
    let origin = |row: &WebhookRow| WebhookUrl::from_stored(&row.url).map(|url| url.origin());
    let told = Changes::default();
    let told = if origin(before) == origin(after) {
        told.named("url", before.url != after.url)
    } else {
        told.of("url", origin(before), origin(after))
    };
    told.of("events", before.events.names(), after.events.names())
        .of("description", before.description.as_str(), after.description.as_str())
        .of("enabled", before.disabled.is_none(), after.disabled.is_none())
}

/// Deletes a webhook with all its deliveries.
///
/// # Errors
/// As [`list`]; [`AppError::NotFound`].
pub fn delete(act: &mut Act<'_>, id: &WebhookId) -> AppResult<()> {
    ensure_kept(act)?;
    locked(act, id)?;
    act.change(Event::WebhookDeleted(id.clone())).delete_webhook(id)?;
    Ok(())
}

/// Gives a webhook a new secret. The one before signs too until the overlap is over.
///
/// # Errors
/// As [`list`]; [`AppError::NotFound`].
pub fn rotate(act: &mut Act<'_>, id: &WebhookId, overlap: Overlap) -> AppResult<MadeWebhook> {
    ensure_kept(act)?;
    let (before, now) = (locked(act, id)?, act.now());
    let secret = WebhookSecret::random()?;
    let sealer = &act.app().webhooks().sealer;
    let can_sign = overlap.seconds() > 0 && sealer.open(&before.secret, id).is_some();
    let after = WebhookRow {
        secret: sealer.seal(&secret, id)?,
        previous_secret: can_sign.then(|| (before.secret.clone(), now.saturating_add(overlap.seconds()))),
        updated_at: now,
        ..before
    };
    act.change(Event::WebhookRotated(id.clone())).update_webhook(&after)?;
    Ok(MadeWebhook { secret, info: shown(act, &after)? })
}

/// Sends a test at once, also to a webhook that is switched off, and waits for the answer.
///
/// # Errors
/// As [`list`]; [`AppError::NotFound`]; [`AppError::Busy`] where many tests wait for their answers; [`AppError::Conflict`] where
/// the secret cannot be opened.
pub async fn test(app: &App, caller: Caller, id: WebhookId) -> AppResult<WebhookTest> {
    let asked = id.clone();
    let (row, now) = app
        .snapshot(caller.clone(), move |act| {
            ensure_kept(act)?;
            let row = act.read().find_webhook(&asked)?.ok_or(NO_SUCH_WEBHOOK)?;
            Ok::<_, AppError>((row, act.now()))
        })
        .await?;
    let webhooks = app.webhooks();
    let signing = webhooks.signing(&row, now).ok_or(AppError::Conflict(
        "The secret of this webhook cannot be opened, because the token secret was changed. Rotate it first.",
    ))?;
    let _permit = webhooks.tests.try_acquire().map_err(|_full| AppError::Busy)?;
    let (message, payload) = (Uuid::new_v4().to_string(), test_payload(&id, app.now_millis()));
    let answered = webhooks.send(&row.url, &signing, (&message, now, payload)).await?;
    let fault = fault_of(&answered);
    let test = WebhookTest { delivered: fault.is_none(), status: status_of(&answered), error: fault };
    let delivered = test.delivered;
    app.write(caller, move |act| {
        act.actor().ensure_admin()?;
        act.tell(Event::WebhookTested(id, delivered));
        Ok::<_, AppError>(())
    })
    .await?;
    Ok(test)
}

/// A page of a webhook's deliveries, newest first. [`MOST_DELIVERIES`] at most.
///
/// # Errors
/// As [`list`]; [`AppError::NotFound`].
pub fn list_deliveries(
    act: &mut Act<'_>,
    id: &WebhookId,
    query: &DeliveryQuery,
) -> AppResult<Vec<WebhookDelivery>> {
    ensure_kept(act)?;
    act.read().find_webhook(id)?.ok_or(NO_SUCH_WEBHOOK)?;
    let query = DeliveryQuery { limit: query.limit.clamp(1, MOST_DELIVERIES), ..*query };
    let rows = act.read().list_deliveries(id, &query)?;
    Ok(rows.into_iter().map(WebhookDelivery::from).collect())
}

/// Has a delivery made once more, now and with all its tries, whether it has arrived or not.
///
/// # Errors
/// As [`list`]; [`AppError::NotFound`] for a webhook or a delivery that is not there, and for one whose event the audit log has no
/// more; [`AppError::Conflict`] where the webhook is switched off.
pub fn retry(act: &mut Act<'_>, id: &WebhookId, delivery: &DeliveryId) -> AppResult<WebhookDelivery> {
    ensure_kept(act)?;
    if locked(act, id)?.disabled.is_some() {
        return Err(AppError::Conflict("This webhook is switched off. Switch it on first."));
    }
    act.read().find_delivery(id, delivery)?.ok_or(NO_SUCH_DELIVERY)?;
    if act.read().find_event(delivery.as_str())?.is_none() {
        return Err(AppError::NotFound("The event of this delivery is not in the audit log any more."));
    }
    let now = act.now();
    act.change(Event::WebhookRetried(id.clone(), delivery.clone())).repeat_delivery(id, delivery, now)?;
    Ok(act.read().find_delivery(id, delivery)?.ok_or(NO_SUCH_DELIVERY)?.into())
}

const NO_SUCH_WEBHOOK: AppError = AppError::NotFound("There is no such webhook.");

const NO_SUCH_DELIVERY: AppError = AppError::NotFound("This webhook has no such delivery.");

/// Lets go on admins, where there can be webhooks.
fn ensure_kept(act: &Act<'_>) -> AppResult<()> {
    act.actor().ensure_admin()?;
    let (app, layout) = (act.app(), act.app().store().layout());
    if !(layout.webhooks && layout.events && layout.leases) {
        return Err(AppError::Conflict(
            "This database has no tables for webhooks. `rosterd adopt --apply` adds them; then restart rosterd.",
        ));
    }
    if !app.keeps_audit_log() {
        return Err(AppError::Conflict(
            "Webhooks are sent from the audit log, which is switched off. Set ROSTERD_AUDIT to true, and restart rosterd.",
        ));
    }
    Ok(())
}

/// A webhook that is about to be changed.
fn locked(act: &mut Act<'_>, id: &WebhookId) -> AppResult<WebhookRow> {
    act.read().lock(Lock::Webhooks)?;
    act.read().find_webhook(id)?.ok_or(NO_SUCH_WEBHOOK)
}

fn shown(act: &mut Act<'_>, row: &WebhookRow) -> AppResult<WebhookInfo> {
    let now = act.now();
    Ok(WebhookInfo::of(row, act.read().count_waiting_deliveries(&row.id)?, now))
}

fn tagged(act: &mut Act<'_>, row: &WebhookRow) -> AppResult<Tagged<WebhookInfo>> {
    Ok(Tagged { shown: shown(act, row)?, tag: versions::of_webhook(row) })
}

/// The position of the last event that is sealed.
fn last_position(act: &mut Act<'_>) -> AppResult<i64> {
    let chains = act.read().find_chains()?;
    Ok(chains.iter().map(|chain| chain.position).max().unwrap_or_default())
}
