//! How passwords are hashed, and what stored hashes say of themselves (rule M27).
//!
//! New hashes are bcrypt or Argon2id. Accounts that come from elsewhere may also have hashes by PBKDF2 or scrypt, which are
//! checked and, when their owner signs in, replaced.

mod costs;
mod derived;
mod kind;
mod recipe;

pub use self::costs::{Argon2Cost, Pbkdf2Cost, Pbkdf2Digest, ScryptCost};
pub use self::derived::{DerivedHash, Function};
pub(crate) use self::derived::{base64 as bytes_of_base64, hexadecimal as bytes_of_hexadecimal};
pub use self::kind::{BCRYPT_COSTS, HashKind};
pub use self::recipe::HashRecipe;
use crate::dialect::Dialect;
use crate::secret::MAX_PASSWORD_BYTES;

/// What new hashes are made by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// bcrypt, which reads 72 bytes of a password.
    #[default]
    Bcrypt,
    /// Argon2id, which reads all of it.
    Argon2,
}

impl HashAlgorithm {
    /// What can be written into a database of this dialect: Open WebUI 0.6 reads nothing but bcrypt.
    #[must_use]
    pub const fn in_dialect(self, dialect: Dialect) -> Self {
        match dialect {
            Dialect::V0_6 => Self::Bcrypt,
            Dialect::V0_12 => self,
        }
    }

    /// How many bytes of a password it reads; `None`: all.
    #[must_use]
    pub const fn max_bytes(self) -> Option<usize> {
        match self {
            Self::Bcrypt => Some(MAX_PASSWORD_BYTES),
            Self::Argon2 => None,
        }
    }
}

/// Whether a stored hash can be checked against a password: its kind is known, its cost is not beyond measure, and it is whole.
#[must_use]
pub fn is_checkable(hash: &str) -> bool {
    match HashKind::of(hash) {
        HashKind::Bcrypt(_) | HashKind::Argon2(_) => true,
        HashKind::Pbkdf2(_) | HashKind::Scrypt(_) => DerivedHash::parse(hash).is_some(),
        HashKind::Unreadable => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m27_argon2_is_written_where_it_can_be_read() {
        assert_eq!(HashAlgorithm::Argon2.in_dialect(Dialect::V0_12), HashAlgorithm::Argon2);
        assert_eq!(HashAlgorithm::Argon2.in_dialect(Dialect::V0_6), HashAlgorithm::Bcrypt);
        assert_eq!(HashAlgorithm::default().in_dialect(Dialect::V0_12), HashAlgorithm::Bcrypt);
        assert_eq!(HashAlgorithm::Bcrypt.max_bytes(), Some(72));
        assert_eq!(HashAlgorithm::Argon2.max_bytes(), None);
    }
}
