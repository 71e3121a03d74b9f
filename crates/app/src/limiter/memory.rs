//! Counting in the memory of one process, for databases that have no table for it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::rules::attempts::{Attempts, ByCount, Refused, SignInLimit};

/// What is counted, by place.
pub(super) struct Memory {
    counted: Mutex<HashMap<i64, Attempts>>,
    /// Seconds are counted from here: a clock that nobody sets.
    began: Instant,
}

impl Default for Memory {
    fn default() -> Self {
        Self { counted: Mutex::default(), began: Instant::now() }
    }
}

impl Memory {
    /// Counts one attempt at these places.
    pub(super) fn take(&self, limit: SignInLimit, places: ByCount<i64>) -> Result<(), Refused> {
        let now = self.now();
        let mut counted = self.lock();
        let before =
            places.and_then(|place| Some(counted.get(&place).copied().unwrap_or(Attempts::from(now))));
        let after = limit.take(before, now)?;
        counted.extend(places.zip(after).into_each());
        Ok(())
    }

    /// Lets go of the places that have all their attempts again.
    pub(super) fn forget_idle(&self, limit: SignInLimit) {
        let (now, window) = (self.now(), limit.window_seconds());
        let mut counted = self.lock();
        counted.retain(|_place, attempts| !attempts.is_over(now, window));
        counted.shrink_to_fit();
    }

    fn now(&self) -> UnixSeconds {
        i64::try_from(self.began.elapsed().as_secs()).unwrap_or(i64::MAX)
    }

    /// Counts like these cannot be left half written, so a poisoned lock is as good as another.
    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Attempts>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m28_what_is_over_is_let_go_and_nothing_else() {
        let (memory, limit) = (Memory::default(), SignInLimit::default());
        for place in 0..100 {
            memory.take(limit, ByCount { pair: Some(place), ..ByCount::NONE }).unwrap();
        }
        let long_ago = Attempts { began_at: memory.now() - 360, count: 15, before: 0 };
        memory.lock().insert(7, long_ago);
        memory.forget_idle(limit);
        let left = memory.lock();
        assert_eq!((left.len(), left.contains_key(&7)), (99, false));
    }
}
