//! Tokens that were signed out of, for databases that keep no revocations (rule M14).
//!
//! They are known to this process alone and for as long as it runs. Of a token only a hash of its id is kept, for at most
//! [`PLACES`] tokens: with more, those that end first are let go.

use std::collections::{BTreeSet, HashMap};
use std::sync::{PoisonError, RwLock};

use rosterd_domain::clock::UnixSeconds;
use sha2::{Digest, Sha256};

/// How many are remembered at most; that many take about 10 MB.
const PLACES: usize = 1 << 16;

/// What is kept of a token's id.
type Key = [u8; 32];

/// See the module.
#[derive(Debug)]
pub(crate) struct Revoked {
    places: usize,
    tokens: RwLock<Ends>,
}

#[derive(Debug, Default)]
struct Ends {
    by_token: HashMap<Key, UnixSeconds>,
    /// The same, those that end first at the beginning.
    by_end: BTreeSet<(UnixSeconds, Key)>,
}

impl Default for Revoked {
    fn default() -> Self {
        Self::with_places(PLACES)
    }
}

impl Revoked {
    fn with_places(places: usize) -> Self {
        Self { places, tokens: RwLock::default() }
    }

    /// Remembers that the token with this id is refused until it ends; `None`: it never does.
    pub(crate) fn insert(&self, jti: &str, expires_at: Option<UnixSeconds>) {
        let (key, end) = (key_of(jti), expires_at.unwrap_or(UnixSeconds::MAX));
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        if tokens.by_token.insert(key, end).is_none_or(|known| tokens.by_end.remove(&(known, key))) {
            tokens.by_end.insert((end, key));
        }
        while tokens.by_token.len() > self.places {
            let Some((_end, first)) = tokens.by_end.pop_first() else { break };
            tokens.by_token.remove(&first);
        }
    }

    /// Whether the token with this id is refused.
    pub(crate) fn contains(&self, jti: Option<&str>) -> bool {
        let Some(jti) = jti else { return false };
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        // Most processes remember none; then nothing is hashed.
        !tokens.by_token.is_empty() && tokens.by_token.contains_key(&key_of(jti))
    }

    /// Forgets the tokens that have ended.
    pub(crate) fn forget_ended(&self, now: UnixSeconds) {
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        while let Some((end, key)) = tokens.by_end.first().copied().filter(|(end, _)| *end <= now) {
            tokens.by_end.remove(&(end, key));
            tokens.by_token.remove(&key);
        }
    }
}

fn key_of(jti: &str) -> Key {
    Sha256::digest(jti.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(revoked: &Revoked, ids: &[&str]) -> Vec<bool> {
        ids.iter().map(|id| revoked.contains(Some(id))).collect()
    }

    #[test]
    fn m14_a_token_is_remembered_until_it_ends() {
        let revoked = Revoked::default();
        revoked.insert("a", Some(10));
        revoked.insert("b", None);
        revoked.forget_ended(9);
        assert_eq!(known(&revoked, &["a", "b", "c"]), [true, true, false]);
        assert!(!revoked.contains(None));
        revoked.forget_ended(10);
        assert_eq!(known(&revoked, &["a", "b"]), [false, true]);
        revoked.forget_ended(UnixSeconds::MAX - 1);
        assert!(revoked.contains(Some("b")));
    }

    #[test]
    fn m14_only_so_many_are_remembered_and_the_first_to_end_go_first() {
        let revoked = Revoked::with_places(2);
        for (id, end) in [("late", Some(30)), ("soon", Some(10)), ("never", None), ("late", Some(30))] {
            revoked.insert(id, end);
        }
        assert_eq!(known(&revoked, &["late", "soon", "never"]), [true, false, true]);
        let tokens = revoked.tokens.read().unwrap();
        assert_eq!((tokens.by_token.len(), tokens.by_end.len()), (2, 2));
    }
}
