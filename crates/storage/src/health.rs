//! Whether the database does its work, as far as the calls so far have shown.
//!
//! A read that works does not show that the disk is full or that the server takes no writes; a write that failed does. It
//! is remembered until a write works, so that whoever asks for readiness is told. Nobody may be writing because of that
//! very answer, so the check itself tries, see [`Store::check`](crate::Store::check).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::Unready;
use crate::codes::Trouble;
use crate::findings::Findings;

/// How long trouble is told at least where a try cannot show that it is over: a full disk still takes a page that was
/// allocated before.
const HOLD: Duration = Duration::from_secs(10);

/// Asks for the right to write and for a database that takes it, and changes nothing. SQLite begins even an `IMMEDIATE`
/// transaction on a file that it can only read.
pub(crate) const TRY: &str = "UPDATE \"user\" SET last_active_at = last_active_at WHERE false";

/// What is known. Shared by all that use a database.
#[derive(Debug, Default)]
pub(crate) struct Health {
    troubled: AtomicBool,
    known: Mutex<Option<Known>>,
}

/// What was the matter last.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) trouble: Trouble,
    /// The database's own words.
    pub(crate) reason: String,
    at: Instant,
}

impl Known {
    /// Whether a try that works shows that this is over.
    pub(crate) fn is_over_when_a_try_works(&self) -> bool {
        self.trouble == Trouble::ReadOnly || self.at.elapsed() >= HOLD
    }
}

impl Health {
    /// Takes in what a call has shown.
    pub(crate) fn take_in(&self, findings: &Findings) {
        if let Some((trouble, reason)) = &findings.trouble {
            self.troubled_by(*trouble, reason);
        }
    }

    /// The database does not do its work.
    pub(crate) fn troubled_by(&self, trouble: Trouble, reason: &str) {
        if self.remember(trouble, reason).is_none() {
            let kind = Unready::from(trouble).as_str();
            tracing::error!(kind, reason, "the database does not work; /health/db answers 503 until it does");
        }
    }

    /// The same as the database is opened, where something plainer has been logged.
    #[cfg(feature = "sqlite")]
    pub(crate) fn troubled_from_the_start(&self, trouble: Trouble, reason: &str) {
        self.remember(trouble, reason);
    }

    /// Gives what was known before.
    fn remember(&self, trouble: Trouble, reason: &str) -> Option<Known> {
        let known = Known { trouble, reason: reason.to_owned(), at: Instant::now() };
        let before = self.lock().replace(known);
        self.troubled.store(true, Ordering::Release);
        before
    }

    /// It does its work again.
    pub(crate) fn is_well_again(&self) {
        if self.is_troubled() && self.lock().take().is_some() {
            self.troubled.store(false, Ordering::Release);
            tracing::info!("the database works again");
        }
    }

    /// Whether anything is known against it. Cheap.
    pub(crate) fn is_troubled(&self) -> bool {
        self.troubled.load(Ordering::Acquire)
    }

    /// What is known against it.
    pub(crate) fn known(&self) -> Option<Known> {
        if self.is_troubled() { self.lock().clone() } else { None }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_known_until_a_write_works() {
        let health = Health::default();
        assert!(health.known().is_none());
        health.take_in(&Findings::default());
        assert!(!health.is_troubled());
        health.troubled_by(Trouble::Full, "no space left on device");
        let known = health.known().unwrap();
        assert_eq!(known.reason, "no space left on device");
        assert!(!known.is_over_when_a_try_works(), "one page may still fit");
        health.is_well_again();
        assert!(health.known().is_none());
    }

    #[test]
    fn whether_writes_are_taken_is_shown_by_a_try() {
        let health = Health::default();
        health.troubled_by(Trouble::ReadOnly, "read-only");
        assert!(health.known().unwrap().is_over_when_a_try_works());
    }
}
