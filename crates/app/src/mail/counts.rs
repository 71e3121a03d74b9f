//! What is known of mails, for whoever watches the program.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::mail::{MailState, WaitingMails};

use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};

/// How an attempt to send a mail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailResult {
    /// The server took it.
    Sent,
    /// It failed, and is tried again.
    Again,
    /// It failed, and is given up.
    Failed,
    /// Nothing was sent, since the mail is of no use any more.
    Cancelled,
}

impl MailResult {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sent, Self::Again, Self::Failed, Self::Cancelled];

    /// As metrics spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Again => "again",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// What has become of a mail that is in this state now.
    pub(super) const fn of(state: MailState) -> Self {
        match state {
            MailState::Waiting => Self::Again,
            MailState::Sent => Self::Sent,
            MailState::Failed => Self::Failed,
            MailState::Cancelled => Self::Cancelled,
        }
    }
}

/// What is known of mails since the start of the process.
#[derive(Debug, Clone)]
pub struct MailMetrics {
    /// Attempts of this process, by how they ended.
    pub attempts: [(MailResult, u64); MailResult::ALL.len()],
    /// How many mails wait in the database, as they were counted last; `None`: never.
    pub waiting: Option<i64>,
    /// For how many seconds the oldest of them has waited; 0 if none waits.
    pub oldest_waiting: i64,
}

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    attempts: [AtomicU64; MailResult::ALL.len()],
    waiting: Mutex<Option<WaitingMails>>,
}

impl Counts {
    /// An attempt has ended.
    pub(super) fn ended(&self, how: MailResult) {
        for (_, count) in MailResult::ALL.iter().zip(&self.attempts).filter(|(result, _)| **result == how) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What is known at `now`.
    pub(super) fn metrics(&self, now: UnixSeconds) -> MailMetrics {
        let mut counts = self.attempts.each_ref().map(|count| count.load(Ordering::Relaxed)).into_iter();
        let waiting = *self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = waiting.and_then(|waiting| waiting.oldest);
        MailMetrics {
            attempts: MailResult::ALL.map(|result| (result, counts.next().unwrap_or_default())),
            waiting: waiting.map(|waiting| waiting.count),
            oldest_waiting: oldest.map_or(0, |at| now.saturating_sub(at).max(0)),
        }
    }
}

/// Counts the mails that wait: metrics tell them, in each process.
///
/// # Errors
/// Those of the store; then what was counted before is still told.
pub async fn count_waiting(app: &App) -> AppResult<()> {
    let count = app
        .snapshot(Caller::job("mail_counts"), |act| Ok::<_, AppError>(act.read().count_waiting_mails()?))
        .await?;
    *app.mail().counts.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some(count);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_counted_by_what_became_of_the_mail() {
        let counts = Counts::default();
        for state in MailState::ALL {
            counts.ended(MailResult::of(state));
        }
        counts.ended(MailResult::Sent);
        let metrics = counts.metrics(100);
        let counted = metrics.attempts.map(|(result, count)| (result.as_str(), count));
        assert_eq!(counted, [("sent", 2), ("again", 1), ("failed", 1), ("cancelled", 1)]);
        assert_eq!((metrics.waiting, metrics.oldest_waiting), (None, 0));
        *counts.waiting.lock().unwrap() = Some(WaitingMails { count: 2, oldest: Some(40) });
        assert_eq!((counts.metrics(100).waiting, counts.metrics(100).oldest_waiting), (Some(2), 60));
    }
}
