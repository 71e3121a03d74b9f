//! What is known of deliveries, for whoever watches the program.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::WebhookId;
use rosterd_domain::webhook::{DisabledReason, Verdict};
use rosterd_lanes::{CountedDurations, Durations};

use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};

/// How a try to deliver an event ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptResult {
    /// The receiver took it.
    Delivered,
    /// It failed, and is tried again.
    Again,
    /// It failed, and was the last one.
    Failed,
    /// The receiver wants no more of any.
    Gone,
    /// Nothing was sent: the audit log has the event no more.
    Lost,
}

impl AttemptResult {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Delivered, Self::Again, Self::Failed, Self::Gone, Self::Lost];

    /// As metrics spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Again => "again",
            Self::Failed => "failed",
            Self::Gone => "gone",
            Self::Lost => "lost",
        }
    }

    /// Of a verdict; `None`: nothing was sent.
    pub(super) const fn of(verdict: Option<Verdict>) -> Self {
        match verdict {
            Some(Verdict::Delivered) => Self::Delivered,
            Some(Verdict::Again(_)) => Self::Again,
            Some(Verdict::Failed) => Self::Failed,
            Some(Verdict::Gone) => Self::Gone,
            None => Self::Lost,
        }
    }
}

/// What is known of deliveries since the start of the process.
#[derive(Debug, Clone)]
pub struct WebhookMetrics {
    /// Tries of this process, by how they ended.
    pub attempts: [(AttemptResult, u64); AttemptResult::ALL.len()],
    /// How long their requests took.
    pub durations: CountedDurations,
    /// The webhooks of the database, as they were counted last.
    pub standing: Vec<WebhookStanding>,
}

/// How a webhook stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookStanding {
    /// Which.
    pub id: WebhookId,
    /// Why it is switched off; `None`: it is on.
    pub disabled: Option<DisabledReason>,
    /// How many deliveries wait.
    pub waiting: i64,
    /// For how many seconds the oldest of them has waited; 0 if none waits.
    pub oldest_waiting: i64,
}

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    attempts: [AtomicU64; AttemptResult::ALL.len()],
    durations: Durations,
    /// Each webhook, and when its oldest delivery that waits was noted.
    standing: Mutex<Vec<(WebhookStanding, Option<UnixSeconds>)>>,
}

impl Counts {
    /// A try has ended.
    pub(super) fn ended(&self, how: AttemptResult) {
        for (_, count) in AttemptResult::ALL.iter().zip(&self.attempts).filter(|(result, _)| **result == how)
        {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A request took so long.
    pub(super) fn took(&self, duration: Duration) {
        self.durations.note(duration);
    }

    /// What is known at `now`.
    pub(super) fn metrics(&self, now: UnixSeconds) -> WebhookMetrics {
        let counts = self.attempts.each_ref().map(|count| count.load(Ordering::Relaxed));
        let mut counts = counts.into_iter();
        let all = self.lock();
        let standing = all.iter().map(|(standing, oldest)| WebhookStanding {
            oldest_waiting: oldest.map_or(0, |at| now.saturating_sub(at).max(0)),
            ..standing.clone()
        });
        WebhookMetrics {
            attempts: AttemptResult::ALL.map(|result| (result, counts.next().unwrap_or_default())),
            durations: self.durations.counted(),
            standing: standing.collect(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(WebhookStanding, Option<UnixSeconds>)>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts the deliveries that wait, of every webhook of the database: metrics tell them, in each process.
///
/// # Errors
/// Those of the store; then what was counted before is still told.
pub async fn count_waiting(app: &App) -> AppResult<()> {
    let (webhooks, waiting) = app
        .snapshot(Caller::job("webhook_counts"), |act| {
            Ok::<_, AppError>((act.read().list_webhooks()?, act.read().count_all_waiting_deliveries()?))
        })
        .await?;
    let standing = webhooks.into_iter().map(|webhook| {
        let theirs = waiting.iter().find(|waiting| waiting.webhook == webhook.id);
        let standing = WebhookStanding {
            id: webhook.id,
            disabled: webhook.disabled.map(|(_since, reason)| reason),
            waiting: theirs.map_or(0, |waiting| waiting.count),
            oldest_waiting: 0,
        };
        (standing, theirs.map(|waiting| waiting.oldest))
    });
    *app.webhooks().counts.lock() = standing.collect();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_counted_by_how_they_ended() {
        let counts = Counts::default();
        for verdict in [
            Some(Verdict::Delivered),
            Some(Verdict::Again(5)),
            Some(Verdict::Delivered),
            Some(Verdict::Gone),
            Some(Verdict::Failed),
            None,
        ] {
            counts.ended(AttemptResult::of(verdict));
        }
        counts.took(Duration::from_millis(2));
        let metrics = counts.metrics(0);
        let counted = metrics.attempts.map(|(result, count)| (result.as_str(), count));
        assert_eq!(counted, [("delivered", 2), ("again", 1), ("failed", 1), ("gone", 1), ("lost", 1)]);
        assert_eq!(metrics.durations.count(), 1);
    }

    #[test]
    fn the_oldest_grows_older_until_it_is_counted_again() {
        let counts = Counts::default();
        let id = WebhookId::from_stored("w".to_owned());
        let standing = WebhookStanding { id, disabled: None, waiting: 2, oldest_waiting: 0 };
        counts.lock().push((standing.clone(), Some(100)));
        let at = |now| counts.metrics(now).standing[0].oldest_waiting;
        assert_eq!((at(100), at(160), at(90)), (0, 60, 0), "clocks may differ");
        *counts.lock() = vec![(standing, None)];
        assert_eq!(at(160), 0);
    }
}
