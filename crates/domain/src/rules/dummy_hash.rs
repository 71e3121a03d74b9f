//! Which hash is checked for an e-mail address that has no account.
//!
//! Such a sign-in must take as long as one with a wrong password. Otherwise its time shows whether there is an
//! account. This time depends on the stored hash: after the configured cost was raised, accounts keep hashes of the
//! old cost until they sign in again. So each unknown e-mail address is given one of the stored kinds of hashes,
//! always the same one. Each kind gets the same share of e-mail addresses as it has of the accounts.

use std::collections::BTreeMap;

use super::password_hash::Argon2Cost;

/// The costs of bcrypt that count. A dearer hash would keep a thread busy for a minute, for every guess.
const COSTS: std::ops::RangeInclusive<u32> = 4..=18;

/// A kind of stored hash, as far as the time of a check depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HashKind {
    /// bcrypt, with the logarithm of its rounds to the base 2.
    Bcrypt(u32),
    /// Argon2.
    Argon2(Argon2Cost),
    /// Nothing that can be checked: the answer comes at once.
    Unreadable,
}

impl HashKind {
    /// The kind of a stored hash, from its beginning (for bcrypt seven characters, such as `$2b$12$`, are enough). `None` for
    /// a cost that is not counted.
    #[must_use]
    pub fn of(beginning: &str) -> Option<Self> {
        if let Some(cost) = Argon2Cost::of(beginning) {
            // One that is too dear is never checked, so it costs nothing.
            return Some(if cost.is_bearable() { Self::Argon2(cost) } else { Self::Unreadable });
        }
        let mut parts = beginning.split('$');
        let (before, variant, cost) = (parts.next(), parts.next(), parts.next());
        let is_bcrypt = before == Some("") && matches!(variant, Some("2a" | "2b" | "2x" | "2y"));
        match cost.and_then(|cost| cost.parse().ok()).filter(|_| is_bcrypt) {
            Some(cost) if COSTS.contains(&cost) => Some(Self::Bcrypt(cost)),
            Some(_) => None,
            None => Some(Self::Unreadable),
        }
    }
}

/// How many stored hashes are of which kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HashKinds(BTreeMap<HashKind, u64>);

impl HashKinds {
    /// Counts the kinds of hashes that begin so.
    #[must_use]
    pub fn count<'a>(beginnings: impl IntoIterator<Item = &'a str>) -> Self {
        let mut kinds = BTreeMap::new();
        for kind in beginnings.into_iter().filter_map(HashKind::of) {
            *kinds.entry(kind).or_default() += 1;
        }
        Self(kinds)
    }

    /// The kind for an e-mail address, where `digest` is drawn evenly from it: the same e-mail address
    /// always has the same. Cheap kinds come first, so that when accounts move to a dearer kind, e-mail addresses
    /// without one move the same way, and never back and forth. `None` when nothing is counted.
    #[must_use]
    pub fn choose(&self, digest: u64) -> Option<HashKind> {
        let all: u64 = self.0.values().sum();
        // The digest as a fraction of its range, times the number of hashes.
        let place = (u128::from(digest) * u128::from(all)) >> 64;
        let mut passed = 0;
        self.0.iter().find_map(|(kind, count)| {
            passed += u128::from(*count);
            (place < passed).then_some(*kind)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_how_a_hash_begins() {
        for (text, kind) in [
            ("$2b$12$", Some(HashKind::Bcrypt(12))),
            ("$2a$04$x", Some(HashKind::Bcrypt(4))),
            ("$2y$10$", Some(HashKind::Bcrypt(10))),
            ("$2b$31$", None),
            ("$2b$99$", None),
            ("$argon2", Some(HashKind::Unreadable)),
            ("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA", Some(HashKind::Argon2(Argon2Cost::default()))),
            ("$argon2id$v=19$m=99999999,t=3,p=4$c2FsdA", Some(HashKind::Unreadable)),
            ("$2b$xx$", Some(HashKind::Unreadable)),
            ("plain t", Some(HashKind::Unreadable)),
            ("", Some(HashKind::Unreadable)),
            ("x$2b$12", Some(HashKind::Unreadable)),
        ] {
            assert_eq!(HashKind::of(text), kind, "{text}");
        }
    }

    #[test]
    fn each_kind_has_its_share_of_the_addresses() {
        let stored = [vec!["$2b$10$"; 3], vec!["$2b$12$"; 5], vec!["plain t"; 2]].concat();
        let kinds = HashKinds::count(stored);
        let mut found = BTreeMap::<_, u32>::new();
        for step in 0..1000 {
            let kind = kinds.choose(u64::MAX / 1000 * step).unwrap();
            *found.entry(kind).or_default() += 1;
        }
        let found: Vec<_> = found.into_iter().collect();
        let share = |kind, of: u32| (kind, of);
        let wanted = [
            share(HashKind::Bcrypt(10), 300),
            share(HashKind::Bcrypt(12), 500),
            share(HashKind::Unreadable, 200),
        ];
        for ((kind, count), (wanted, of)) in found.into_iter().zip(wanted) {
            assert_eq!(kind, wanted);
            assert!(count.abs_diff(of) <= 1, "{kind:?}: {count}");
        }
    }

    #[test]
    fn every_digest_has_a_kind_where_anything_is_stored() {
        let one = HashKinds::count(["$2b$12$"]);
        for digest in [0, 1, u64::MAX / 2, u64::MAX] {
            assert_eq!(one.choose(digest), Some(HashKind::Bcrypt(12)));
            assert_eq!(HashKinds::default().choose(digest), None);
            assert_eq!(HashKinds::count(["$2b$31$"]).choose(digest), None);
        }
    }

    #[test]
    fn an_address_moves_to_a_dearer_kind_and_never_back() {
        let mix =
            |dear: usize| HashKinds::count([vec!["$2b$10$"; 10 - dear], vec!["$2b$12$"; dear]].concat());
        for digest in (0..64).map(|step| u64::MAX / 64 * step) {
            let kinds: Vec<_> = (0..=10).map(|dear| mix(dear).choose(digest)).collect();
            assert!(kinds.is_sorted(), "{kinds:?}");
        }
    }
}
