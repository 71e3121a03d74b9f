//! Who was refused and has to wait.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Until when each place is refused. There are no more than there are places.
#[derive(Default)]
pub(super) struct Refusals(Mutex<HashMap<i64, Instant>>);

impl Refusals {
    /// How long this place has to wait yet; `None`: not at all.
    pub(super) fn left(&self, place: i64, now: Instant) -> Option<Duration> {
        let until = self.lock().get(&place).copied()?;
        until.checked_duration_since(now).filter(|left| !left.is_zero())
    }

    /// This place is refused until then.
    pub(super) fn note(&self, place: i64, until: Instant) {
        self.lock().insert(place, until);
    }

    /// Lets go of those who have waited.
    pub(super) fn forget_over(&self, now: Instant) {
        let mut refusals = self.lock();
        refusals.retain(|_place, until| *until > now);
        refusals.shrink_to_fit();
    }

    /// No entry can be left half written, so a poisoned lock is as good as another.
    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m28_who_was_refused_is_refused_until_the_wait_is_over() {
        let (refusals, now) = (Refusals::default(), Instant::now());
        refusals.note(7, now + Duration::from_secs(2));
        assert_eq!(refusals.left(7, now), Some(Duration::from_secs(2)));
        assert_eq!(refusals.left(7, now + Duration::from_secs(2)), None);
        assert_eq!(refusals.left(8, now), None);
        refusals.forget_over(now + Duration::from_secs(1));
        assert!(refusals.left(7, now).is_some());
        refusals.forget_over(now + Duration::from_secs(2));
        assert!(refusals.lock().is_empty());
    }
}
