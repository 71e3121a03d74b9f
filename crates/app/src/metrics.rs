//! How the application stands, and what it has done since its start: plain numbers for whoever watches the program.

use std::sync::atomic::{AtomicU64, Ordering};

use rosterd_lanes::LaneMetrics;
use rosterd_storage::StoreMetrics;

use crate::app::App;
use crate::auth_method::AuthMethod;
use crate::error::AppError;
use crate::jobs::JobMetrics;
use crate::mail::MailMetrics;
use crate::webhooks::WebhookMetrics;

/// All of it.
#[derive(Debug, Clone)]
pub struct AppMetrics {
    /// The database.
    pub store: StoreMetrics,
    /// The threads that hash passwords, and the one for large documents.
    pub lanes: [LaneMetrics; 2],
    /// How sign-ins ended: by method and result, and how often.
    pub sign_ins: Vec<(AuthMethod, SignInResult, u64)>,
    /// Accounts that this process has seen within the time in which an account counts as active (rule L4).
    pub active_users: u64,
    /// The jobs that were started.
    pub jobs: Vec<JobMetrics>,
    /// Webhooks and their deliveries.
    pub webhooks: WebhookMetrics,
    /// Mails.
    pub mail: MailMetrics,
}

/// How a sign-in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInResult {
    /// With a session, or, for an account that waits to be let in, without one.
    Success,
    /// Who they say they are was not shown, or there is no such account.
    Refused,
    /// There were too many tries before.
    Limited,
    /// It is not possible in this way: switched off, or a second factor is needed.
    NotAllowed,
    /// The server was too busy, or failed.
    Failed,
}

impl SignInResult {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Success, Self::Refused, Self::Limited, Self::NotAllowed, Self::Failed];

    /// As metrics spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
            Self::Limited => "limited",
            Self::NotAllowed => "not_allowed",
            Self::Failed => "failed",
        }
    }

    fn of<T>(result: &Result<T, AppError>) -> Self {
        match result {
            Ok(_) => Self::Success,
            Err(AppError::RateLimited { .. }) => Self::Limited,
            Err(AppError::FeatureOff(_)) => Self::NotAllowed,
            Err(AppError::Busy | AppError::Store(_) | AppError::Internal(_)) => Self::Failed,
            Err(_) => Self::Refused,
        }
    }
}

/// How sign-ins ended.
#[derive(Debug, Default)]
pub(crate) struct SignIns([[AtomicU64; SignInResult::ALL.len()]; METHODS.len()]);

/// The ways to sign in here.
const METHODS: [AuthMethod; 2] = [AuthMethod::Password, AuthMethod::TrustedHeader];

impl SignIns {
    /// Counts one, and gives how it ended.
    pub(crate) fn note<T>(&self, method: AuthMethod, result: Result<T, AppError>) -> Result<T, AppError> {
        let ended = SignInResult::of(&result);
        for (_, _, count) in self.all().filter(|(by, as_, _)| (*by, *as_) == (method, ended)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        result
    }

    fn all(&self) -> impl Iterator<Item = (AuthMethod, SignInResult, &AtomicU64)> {
        METHODS.into_iter().zip(&self.0).flat_map(|(method, counts)| {
            SignInResult::ALL.into_iter().zip(counts).map(move |(result, count)| (method, result, count))
        })
    }
}

impl App {
    /// How it stands. Quick, and asks the database nothing.
    #[must_use]
    pub fn metrics(&self) -> AppMetrics {
        let count =
            |(method, result, count): (_, _, &AtomicU64)| (method, result, count.load(Ordering::Relaxed));
        AppMetrics {
            store: self.store().metrics(),
            lanes: [self.passwords().metrics(), self.heavy().metrics()],
            sign_ins: self.sign_ins().all().map(count).collect(),
            active_users: self.activity().count_active(self.now()),
            jobs: self.job_counts().metrics(),
            webhooks: self.webhooks().metrics(self.now()),
            mail: self.mail().metrics(self.now()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_ins_are_counted_by_method_and_result() {
        let sign_ins = SignIns::default();
        for result in [Ok(()), Err(AppError::InvalidCredentials), Err(AppError::Busy), Ok(())] {
            let _as_it_was = sign_ins.note(AuthMethod::Password, result);
        }
        let limited = Err::<(), _>(AppError::RateLimited { retry_after_seconds: 1 });
        assert!(sign_ins.note(AuthMethod::TrustedHeader, limited).is_err());
        let counted: Vec<_> = sign_ins
            .all()
            .map(|(method, result, count)| (method, result.as_str(), count.load(Ordering::Relaxed)))
            .filter(|(_, _, count)| *count > 0)
            .collect();
        assert_eq!(
            counted,
            [
                (AuthMethod::Password, "success", 2),
                (AuthMethod::Password, "refused", 1),
                (AuthMethod::Password, "failed", 1),
                (AuthMethod::TrustedHeader, "limited", 1),
            ]
        );
    }
}
