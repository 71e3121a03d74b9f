//! Delivering: from the events of the audit log to requests, in the process that has the job's lease.
//!
//! Each webhook has a position in the audit log. Events after it that it is for become deliveries, and the position moves on,
//! in one transaction. A delivery waits until a receiver took it, so a process that is killed loses none; one that was taken and
//! not noted is sent once more. Before a request is sent the delivery is put off until it must be over: nobody else makes it
//! meanwhile, and where the database takes no writes nothing is sent. A delivery that waits holds back later ones about the same
//! subject.

use std::collections::HashMap;
use std::time::Duration;

use rosterd_domain::audit::EventRow;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{DeliveryId, WebhookId};
use rosterd_domain::webhook::{
    Answered, DeliveryRow, DisabledReason, NewDelivery, Tried, Verdict, WebhookRow, WebhookUrl, judge,
    payload,
};
use rosterd_outbound::Answer;
use rosterd_storage::Lock;
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::counts::AttemptResult;
use super::send::{fault_of, status_of};
use super::upkeep::seal_anew;
use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::Event;

/// Requests of one webhook at a time: one that hangs holds up its own, and nobody else's.
const PER_WEBHOOK: usize = 4;

/// Events that are looked at in one transaction.
const TOGETHER: i64 = 500;

/// How long it takes at most to notice new events, or that the server stops, while requests are under way.
const LOOK: Duration = Duration::from_secs(1);

/// How long requests under way may still take when the server stops. What is cut off is sent once more later.
const GRACE: Duration = Duration::from_secs(3);

/// Seconds beyond the time of a request until a delivery whose outcome nobody wrote is made once more.
const BEYOND: UnixSeconds = 5;

const JOB: &str = "webhooks";

/// Makes all deliveries that are due, those of events that come meanwhile too; ends when none is due and none under way. Gives
/// how many requests were sent. One process at a time does this.
///
/// # Errors
/// Those of the store. Deliveries whose outcome could not be written are made once more.
pub async fn deliver(app: &App) -> AppResult<usize> {
    if !app.store().layout().webhooks || !app.keeps_audit_log() {
        return Ok(0);
    }
    seal_anew(app).await?;
    let look = app.settings().webhooks.every.min(LOOK);
    let (mut under_way, mut webhooks, mut looked, mut sent) = (UnderWay::default(), Vec::new(), None, 0);
    loop {
        let is_time = looked.is_none_or(|at: Instant| at.elapsed() >= look) || under_way.is_empty();
        match start(app, &mut webhooks, is_time, &mut under_way).await {
            Ok(started) => sent += started,
            Err(error) => {
                under_way.finish().await;
                return Err(error);
            }
        }
        if is_time {
            looked = Some(Instant::now());
        }
        if under_way.is_empty() {
            return Ok(sent);
        }
        if app.is_stopping() {
            under_way.finish().await;
            return Ok(sent);
        }
        under_way.wait(look).await;
    }
}

/// Requests that are under way. They end with it.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<()>,
    /// For which webhook each is.
    of: HashMap<Id, WebhookId>,
}

impl UnderWay {
    fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// How many more a webhook may have.
    fn room(&self, webhook: &WebhookId) -> usize {
        PER_WEBHOOK.saturating_sub(self.of.values().filter(|id| *id == webhook).count())
    }

    fn start(&mut self, webhook: WebhookId, work: impl Future<Output = ()> + Send + 'static) {
        let id = self.tasks.spawn(work).id();
        self.of.insert(id, webhook);
    }

    /// Waits until one has ended, or so long.
    async fn wait(&mut self, at_most: Duration) {
        let ended = timeout(at_most, self.tasks.join_next_with_id()).await;
        let mut ended = ended.ok().flatten();
        while let Some(one) = ended {
            let id = match one {
                Ok((id, ())) => id,
                // A panic has been printed; the delivery is made once more.
                Err(panicked) => panicked.id(),
            };
            self.of.remove(&id);
            ended = self.tasks.try_join_next_with_id();
        }
    }

    /// Waits for all, for a moment.
    async fn finish(mut self) {
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let _late = timeout(GRACE, all).await;
    }
}

/// A delivery that is due, and what it takes to make it.
struct Due {
    webhook: WebhookRow,
    delivery: DeliveryRow,
    event: Option<EventRow>,
}

/// Starts the deliveries that are due; if it is time to look for new events, notes theirs first. Gives how many were started.
async fn start(
    app: &App,
    webhooks: &mut Vec<WebhookId>,
    is_time: bool,
    under_way: &mut UnderWay,
) -> AppResult<usize> {
    if is_time {
        *webhooks = note_all(app).await?;
    }
    let mut started = 0;
    for id in webhooks.iter() {
        let room = under_way.room(id);
        if room == 0 || !is_any_due(app, id.clone()).await? {
            continue;
        }
        let id = id.clone();
        for due in app.write(Caller::job(JOB), move |act| claim_due(act, &id, room)).await? {
            let app = app.clone();
            under_way.start(due.webhook.id.clone(), async move {
                if let Err(error) = make(&app, due).await {
                    tracing::warn!(%error, "what became of a delivery could not be written; it is made once more");
                }
            });
            started += 1;
        }
    }
    Ok(started)
}

/// Looked at first, so that nothing is written where nothing is due.
async fn is_any_due(app: &App, id: WebhookId) -> AppResult<bool> {
    app.snapshot(Caller::job(JOB), move |act| {
        let now = act.now();
        Ok(!act.housekeeping().list_due_deliveries(&id, now, 1)?.is_empty())
    })
    .await
}

/// Notes deliveries of new events; gives the webhooks that are on.
async fn note_all(app: &App) -> AppResult<Vec<WebhookId>> {
    let (webhooks, last) = app
        .snapshot(Caller::job(JOB), |act| {
            let chains = act.read().find_chains()?;
            let last = chains.iter().map(|chain| chain.position).max().unwrap_or_default();
            Ok::<_, AppError>((act.read().list_webhooks()?, last))
        })
        .await?;
    let mut on = Vec::new();
    for webhook in webhooks.into_iter().filter(|webhook| webhook.disabled.is_none()) {
        if webhook.position < last {
            note_new(app, &webhook.id, last).await?;
        }
        on.push(webhook.id);
    }
    Ok(on)
}

/// Notes deliveries of all events up to the last one, as far as there is room.
async fn note_new(app: &App, id: &WebhookId, last: i64) -> AppResult<()> {
    loop {
        let id = id.clone();
        let is_more = app.write(Caller::job(JOB), move |act| note_some(act, &id, last)).await?;
        if !is_more {
            return Ok(());
        }
    }
}

/// Notes deliveries of some events; gives whether there are more that could be noted.
fn note_some(act: &mut Act<'_>, id: &WebhookId, last: i64) -> AppResult<bool> {
    let Some(webhook) = act.read().find_webhook(id)?.filter(|webhook| webhook.disabled.is_none()) else {
        return Ok(false);
    };
    let room =
        act.app().settings().webhooks.most_waiting.saturating_sub(act.read().count_waiting_deliveries(id)?);
    let Some(room) = usize::try_from(room).ok().filter(|room| *room > 0) else { return Ok(false) };
    let events = act.read().list_sealed_events(webhook.position, TOGETHER)?;
    // Where there are none the rest was removed from the log.
    let end = events.last().map_or(last, |event| event.position.unwrap_or(last));
    let wanted: Vec<NewDelivery> = events
        .iter()
        .filter(|event| webhook.events.mean(&event.action))
        .take(room + 1)
        .filter_map(delivery_of)
        .collect();
    // The first for which there is no room, and all after it, wait in the log.
    let (noted, rest) = wanted.split_at(room.min(wanted.len()));
    let to = rest.first().map_or(end, |first| first.position - 1);
    let now = act.now();
    act.housekeeping().note_deliveries(id, (webhook.position, to), noted, now)?;
    Ok(rest.is_empty() && to < last)
}

fn delivery_of(event: &EventRow) -> Option<NewDelivery> {
    let subject = match (&event.subject_kind, &event.subject_id) {
        (Some(kind), Some(id)) => format!("{kind}:{id}"),
        (Some(kind), None) => kind.clone(),
        // Of nobody and nothing: it has no order with others.
        (None, _) => event.id.clone(),
    };
    let id = DeliveryId::from_stored(event.id.clone());
    Some(NewDelivery { event: id, position: event.position?, action: event.action.clone(), subject })
}

/// Deliveries of a webhook that are due, as many as there is room for, put off until their requests must be over. None where it
/// was switched off or deleted a moment ago.
fn claim_due(act: &mut Act<'_>, id: &WebhookId, room: usize) -> AppResult<Vec<Due>> {
    let Some(webhook) = act.read().find_webhook(id)?.filter(|webhook| webhook.disabled.is_none()) else {
        return Ok(Vec::new());
    };
    let (now, most) = (act.now(), i64::try_from(room).unwrap_or(i64::MAX));
    let time = act.app().settings().webhooks.time.as_secs();
    let over =
        now.saturating_add(UnixSeconds::try_from(time).unwrap_or(UnixSeconds::MAX)).saturating_add(BEYOND);
    let mut claimed = Vec::new();
    for delivery in act.housekeeping().list_due_deliveries(id, now, most)? {
        if act.housekeeping().put_off_delivery(id, &delivery.event, (now, over))? {
            let event = act.read().find_event(delivery.event.as_str())?;
            claimed.push(Due { webhook: webhook.clone(), delivery, event });
        }
    }
    Ok(claimed)
}

/// Makes a delivery, and writes what became of it.
async fn make(app: &App, due: Due) -> AppResult<()> {
    let Due { webhook, delivery, event } = due;
    let (webhooks, now) = (app.webhooks(), app.now());
    let Some(signing) = webhooks.signing(&webhook, now) else {
        return app
            .write(Caller::job(JOB), move |act| disable(act, &webhook.id, DisabledReason::Secret))
            .await;
    };
    let (answered, is_lost) = match event {
        Some(event) => {
            let message = (delivery.event.as_str(), now, payload(&event));
            let began = Instant::now();
            let answered = webhooks.send(&webhook.url, &signing, message).await?;
            webhooks.counts.took(began.elapsed());
            (answered, false)
        }
        None => (Err("the event is not in the audit log any more".to_owned()), true),
    };
    settle(app, webhook.id, delivery, answered, is_lost).await
}

/// Writes what a try made of a delivery. One that is lost, since there is nothing left to be sent, is not tried again, and is
/// no fault of the receiver.
async fn settle(
    app: &App,
    webhook: WebhookId,
    delivery: DeliveryRow,
    answered: Result<Answer, String>,
    is_lost: bool,
) -> AppResult<()> {
    let (now, chance) = (app.now(), Uuid::new_v4().as_bytes()[0]);
    let outcome = match &answered {
        Ok(answer) => Answered::Status(answer.status, answer.retry_after.as_deref()),
        Err(_why) => Answered::Nothing,
    };
    let verdict = (!is_lost).then(|| judge(outcome, delivery.tries.saturating_add(1), now, chance));
    app.webhooks().counts.ended(AttemptResult::of(verdict));
    let (next_at, disabled) = match verdict {
        None | Some(Verdict::Delivered) => (None, None),
        Some(Verdict::Again(at)) => (Some(at), None),
        Some(Verdict::Failed) => (None, Some(DisabledReason::Failed)),
        Some(Verdict::Gone) => (None, Some(DisabledReason::Gone)),
    };
    app.write(Caller::job(JOB), move |act| {
        if disabled.is_some() {
            // Before the delivery's row: in the order of everybody else.
            act.read().lock(Lock::Webhooks)?;
        }
        let tried = tried(&answered, &delivery, next_at, now);
        tracing::debug!(
            webhook = webhook.as_str(),
            delivery = delivery.event.as_str(),
            status = tried.status,
            error = tried.error,
            "a delivery was tried"
        );
        let stands = act.housekeeping().keep_try(&webhook, &delivery.event, &tried)?;
        match disabled {
            Some(reason) if stands => disable(act, &webhook, reason),
            _ => Ok(()),
        }
    })
    .await
}

fn tried(
    answered: &Result<Answer, String>,
    delivery: &DeliveryRow,
    next_at: Option<UnixSeconds>,
    now: UnixSeconds,
) -> Tried {
    Tried {
        tries_before: delivery.tries,
        next_at,
        at: now,
        status: status_of(answered),
        error: fault_of(answered),
    }
}

/// Switches a webhook off, and tells that.
fn disable(act: &mut Act<'_>, id: &WebhookId, reason: DisabledReason) -> AppResult<()> {
    // Whoever has it already gets it at once.
    act.read().lock(Lock::Webhooks)?;
    let Some(webhook) = act.read().find_webhook(id)?.filter(|webhook| webhook.disabled.is_none()) else {
        return Ok(());
    };
    let now = act.now();
    tracing::warn!(
        webhook = id.as_str(),
        receiver = WebhookUrl::from_stored(&webhook.url).map(|url| url.origin()),
        reason = reason.as_str(),
        "a webhook was switched off; `rosterd webhook update ID --enable` switches it on again"
    );
    let off = WebhookRow { disabled: Some((now, reason)), updated_at: now, ..webhook };
    act.change(Event::WebhookDisabled(id.clone(), reason.as_str())).update_webhook(&off)?;
    Ok(())
}
