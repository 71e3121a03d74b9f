//! Who was active when, which session was seen when, and when API keys were last used, kept in memory and written in batches
//! (rules L4 and K3).
//!
//! An entry is kept until it is written and the active window has passed. So the memory depends on the users of the
//! last minutes and not on all users.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::quality::RandomState;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::UserId;
use rosterd_domain::rules::activity;

/// Requests of different users hardly ever want the same shard at once.
const SHARDS: usize = 16;

/// When this process saw each user, or each of whatever else has ids.
///
/// Each request is noted, so the hash is a quick one. It is seeded, and the ids are those of rows: no client chooses them.
#[derive(Debug)]
pub(crate) struct Activity<K = UserId> {
    hasher: RandomState,
    shards: [Mutex<HashMap<K, Seen, RandomState>>; SHARDS],
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    at: UnixSeconds,
    /// The second last written and when that was.
    written: Option<(UnixSeconds, UnixSeconds)>,
}

impl Seen {
    fn is_unwritten(&self) -> bool {
        self.written.is_none_or(|(at, _)| self.at > at)
    }
}

impl<K> Default for Activity<K> {
    fn default() -> Self {
        Self { hasher: RandomState::default(), shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl<K: Clone + Eq + Hash> Activity<K> {
    /// Notes that a user was seen at `now`.
    pub(crate) fn mark_active(&self, user: &K, now: UnixSeconds) {
        let mut shard = self.shard(user);
        if let Some(seen) = shard.get_mut(user) {
            seen.at = seen.at.max(now);
        } else {
            shard.insert(user.clone(), Seen { at: now, written: None });
        }
    }

    /// The later of what the database says and what this process saw, see [`activity::later`].
    pub(crate) fn overlay(&self, user: &K, stored: UnixSeconds) -> UnixSeconds {
        self.shard(user).get(user).map_or(stored, |seen| activity::later(stored, seen.at))
    }

    /// How many were seen within the active window.
    pub(crate) fn count_active(&self, now: UnixSeconds) -> u64 {
        let active = |shard: &Mutex<HashMap<K, Seen, RandomState>>| {
            lock(shard).values().filter(|seen| activity::is_active(seen.at, now)).count()
        };
        self.shards.iter().map(active).sum::<usize>().try_into().unwrap_or(u64::MAX)
    }

    /// What may be written now: a user's first sighting at once, later ones when a minute has passed since the last
    /// write. Forgets the users who left and are written.
    pub(crate) fn due(&self, now: UnixSeconds) -> Vec<(K, UnixSeconds)> {
        let mut due = Vec::new();
        for shard in &self.shards {
            let mut shard = lock(shard);
            shard.retain(|_, seen| seen.is_unwritten() || activity::is_active(seen.at, now));
            due.extend(
                shard
                    .iter()
                    .filter(|(_, seen)| {
                        seen.is_unwritten()
                            && seen.written.is_none_or(|(_, when)| activity::is_due(when, now))
                    })
                    .map(|(user, seen)| (user.clone(), seen.at)),
            );
        }
        due
    }

    /// All that is not written, whatever the throttle says.
    pub(crate) fn unwritten(&self) -> Vec<(K, UnixSeconds)> {
        let mut unwritten = Vec::new();
        for shard in &self.shards {
            let shard = lock(shard);
            unwritten.extend(
                shard
                    .iter()
                    .filter(|(_, seen)| seen.is_unwritten())
                    .map(|(user, seen)| (user.clone(), seen.at)),
            );
        }
        unwritten
    }

    /// Notes that these sightings are in the database since `now`.
    pub(crate) fn written(&self, seen: &[(K, UnixSeconds)], now: UnixSeconds) {
        for (user, at) in seen {
            if let Some(entry) = self.shard(user).get_mut(user) {
                entry.written = Some((*at, now));
            }
        }
    }

    fn shard(&self, user: &K) -> MutexGuard<'_, HashMap<K, Seen, RandomState>> {
        #[expect(clippy::cast_possible_truncation, reason = "any bits of the hash will do")]
        let index = self.hasher.hash_one(user) as usize % SHARDS;
        lock(&self.shards[index])
    }
}

/// A map of numbers is whole after any panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        UserId::from_stored(name.to_owned())
    }

    #[test]
    fn l4_a_user_is_written_at_most_once_a_minute() {
        let activity = <Activity>::default();
        activity.mark_active(&user("a"), 1000);
        assert_eq!(activity.due(1001), [(user("a"), 1000)]);
        activity.written(&[(user("a"), 1000)], 1001);
        activity.mark_active(&user("a"), 1005);
        assert!(activity.due(1060).is_empty());
        assert_eq!(activity.due(1061), [(user("a"), 1005)]);
    }

    #[test]
    fn l4_only_those_of_the_active_window_are_counted() {
        let activity = <Activity>::default();
        activity.mark_active(&user("a"), 1000);
        activity.mark_active(&user("b"), 1001);
        assert_eq!(activity.count_active(1001), 2);
        assert_eq!(activity.count_active(1001 + activity::ACTIVE_WINDOW_SECONDS), 1);
    }

    #[test]
    fn l4_this_process_answers_at_once() {
        let activity = <Activity>::default();
        activity.mark_active(&user("a"), 1000);
        assert_eq!(activity.overlay(&user("a"), 10), 1000);
        assert_eq!(activity.overlay(&user("a"), 1100), 1100);
        assert_eq!(activity.overlay(&user("a"), 4_102_444_800), 1000);
        assert_eq!(activity.overlay(&user("b"), 10), 10);
    }

    #[test]
    fn a_failed_write_is_tried_again() {
        let activity = <Activity>::default();
        activity.mark_active(&user("a"), 1000);
        assert_eq!(activity.due(1001).len(), 1);
        assert_eq!(activity.due(1006).len(), 1);
        assert_eq!(activity.unwritten().len(), 1);
    }

    #[test]
    fn users_who_left_are_forgotten() {
        let activity = <Activity>::default();
        activity.mark_active(&user("a"), 1000);
        activity.written(&[(user("a"), 1000)], 1001);
        assert!(activity.due(1000 + activity::ACTIVE_WINDOW_SECONDS + 1).is_empty());
        assert!(activity.shards.iter().all(|shard| lock(shard).is_empty()));
    }
}
