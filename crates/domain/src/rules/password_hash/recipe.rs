//! When a stored hash is replaced by one as new hashes are made.

use super::costs::Argon2Cost;
use super::kind::HashKind;
use super::{HashAlgorithm, ScryptCost};
use crate::secret::{PasswordHash, PlainPassword};
use crate::unicode::nfkc;

/// How new hashes are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashRecipe {
    /// The algorithm; where the database is attached, one that its Open WebUI reads too ([`HashAlgorithm::in_dialect`]).
    pub algorithm: HashAlgorithm,
    /// The logarithm of bcrypt's rounds to the base 2.
    pub bcrypt_cost: u32,
    /// Argon2's cost.
    pub argon2_cost: Argon2Cost,
}

impl HashRecipe {
    /// The kind of new hashes.
    #[must_use]
    pub const fn kind(&self) -> HashKind {
        match self.algorithm {
            HashAlgorithm::Bcrypt => HashKind::Bcrypt(self.bcrypt_cost),
            HashAlgorithm::Argon2 => HashKind::Argon2(self.argon2_cost),
        }
    }

    /// Whether a stored hash, which this password fits, is to be replaced (rule M27): it is of another kind or costs less
    /// than a new one. It stays where the two would not be met by the same passwords: bcrypt reads 72 bytes and no
    /// U+0000, and better-auth normalises what is typed.
    #[must_use]
    pub fn renews(&self, stored: &PasswordHash, password: &PlainPassword) -> bool {
        let (stored, typed) = (stored.expose(), password.expose());
        let is_short = !password.is_too_long() && !typed.contains('\0');
        match (self.algorithm, HashKind::of(stored)) {
            (_, HashKind::Unreadable) => false,
            (HashAlgorithm::Bcrypt, HashKind::Bcrypt(cost)) => cost < self.bcrypt_cost,
            (HashAlgorithm::Argon2, HashKind::Argon2(cost)) => {
                let is_cheaper =
                    cost.memory < self.argon2_cost.memory || cost.work() < self.argon2_cost.work();
                is_cheaper || !stored.starts_with("$argon2id$v=19$")
            }
            (HashAlgorithm::Argon2, HashKind::Bcrypt(_)) => is_short,
            (algorithm, kind) => {
                let is_read_whole = is_short || algorithm == HashAlgorithm::Argon2;
                let normalises = kind == HashKind::Scrypt(ScryptCost::BETTER_AUTH);
                is_read_whole && !(normalises && nfkc(typed) != typed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DJANGO: &str = "pbkdf2_sha256$600000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const ARGON2: &str = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA";
    const BETTER_AUTH: &str = "00112233445566778899aabbccddeeff:000102030405060708090a0b0c0d0e0f";

    fn recipe(algorithm: HashAlgorithm) -> HashRecipe {
        HashRecipe { algorithm, bcrypt_cost: 12, argon2_cost: Argon2Cost::default() }
    }

    fn renews(algorithm: HashAlgorithm, stored: &str, password: &str) -> bool {
        let stored = PasswordHash::from_stored(stored.to_owned());
        recipe(algorithm).renews(&stored, &PlainPassword::new(password.to_owned()))
    }

    #[test]
    fn m27_another_kind_or_a_lower_cost_is_renewed() {
        use HashAlgorithm::{Argon2, Bcrypt};
        for (algorithm, stored, expected) in [
            (Bcrypt, "$2b$10$x", true),
            (Bcrypt, "$2a$12$x", false),
            (Bcrypt, "$2b$14$x", false),
            (Bcrypt, ARGON2, true),
            (Bcrypt, DJANGO, true),
            (Bcrypt, BETTER_AUTH, true),
            (Argon2, "$2b$14$x", true),
            (Argon2, DJANGO, true),
            (Argon2, ARGON2, false),
            (Argon2, "$argon2id$v=19$m=131072,t=3,p=1$x", false),
            (Argon2, "$argon2id$v=19$m=65536,t=2,p=4$x", true),
            (Argon2, "$argon2id$v=19$m=7168,t=30,p=1$x", true),
            (Argon2, "$argon2i$v=19$m=65536,t=3,p=4$x", true),
            (Argon2, "$argon2id$v=16$m=65536,t=3,p=4$x", true),
            (Bcrypt, "{SSHA}x", false),
            (Bcrypt, "$2b$31$x", false),
        ] {
            assert_eq!(renews(algorithm, stored, "correct horse"), expected, "{algorithm:?} {stored}");
        }
    }

    #[test]
    fn m27_a_hash_stays_where_a_new_one_would_read_the_password_otherwise() {
        use HashAlgorithm::{Argon2, Bcrypt};
        let long = "x".repeat(73);
        assert!(!renews(Argon2, "$2b$10$x", &long));
        assert!(!renews(Bcrypt, ARGON2, &long));
        assert!(!renews(Bcrypt, DJANGO, &long));
        assert!(!renews(Bcrypt, DJANGO, "with\0nul"));
        assert!(renews(Argon2, DJANGO, &long), "both read all of it");
        assert!(renews(Bcrypt, "$2b$10$x", &long), "both read 72 bytes");
        assert!(renews(Bcrypt, BETTER_AUTH, "gr\u{fc}n"));
        assert!(!renews(Bcrypt, BETTER_AUTH, "gru\u{308}n"), "typed in another form");
        assert!(renews(Bcrypt, DJANGO, "gru\u{308}n"));
    }

    #[test]
    fn m27_what_is_made_now_is_not_renewed() {
        assert_eq!(recipe(HashAlgorithm::Bcrypt).kind(), HashKind::Bcrypt(12));
        assert_eq!(recipe(HashAlgorithm::Argon2).kind(), HashKind::of(ARGON2));
    }
}
