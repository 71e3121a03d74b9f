//! Which hash is checked for an e-mail address that has no account.
//!
//! Such a sign-in must take as long as one with a wrong password. Otherwise its time shows whether there is an
//! account. This time depends on the stored hash: after the configured cost was raised, accounts keep hashes of the
//! old cost until they sign in again. So each unknown e-mail address is given one of the stored kinds of hashes,
//! always the same one. Each kind gets the same share of e-mail addresses as it has of the accounts.

use std::collections::BTreeMap;

use super::password_hash::HashKind;

/// How many stored hashes are of which kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HashKinds(BTreeMap<HashKind, u64>);

impl HashKinds {
    /// Counts the kinds of hashes that begin so.
    #[must_use]
    pub fn count<'a>(beginnings: impl IntoIterator<Item = &'a str>) -> Self {
        let mut kinds = BTreeMap::new();
        for kind in beginnings.into_iter().map(HashKind::of) {
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
            assert_eq!(HashKinds::count(["$2b$31$"]).choose(digest), Some(HashKind::Unreadable));
        }
    }

    #[test]
    fn m27_every_kind_of_hash_has_its_share() {
        let stored = [
            "$2b$12$",
            "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA",
            "pbkdf2_sha256$600000$salt",
            "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jx",
        ];
        let kinds = HashKinds::count(stored);
        let found: Vec<_> = (0..4).map(|quarter| kinds.choose(u64::MAX / 8 * (2 * quarter + 1))).collect();
        assert_eq!(found, stored.map(|beginning| Some(HashKind::of(beginning))));
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
