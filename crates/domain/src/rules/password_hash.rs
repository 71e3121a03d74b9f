//! How passwords are hashed: by bcrypt or Argon2 (rule M27).

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

/// What an Argon2 hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Argon2Cost {
    /// Memory, in KiB.
    pub memory: u32,
    /// How often it is gone through.
    pub passes: u32,
    /// Parts of the memory that could be worked on at once.
    pub lanes: u32,
}

impl Default for Argon2Cost {
    /// That of Open WebUI: 64 MiB, three passes, four lanes (RFC 9106, section 4, the second choice).
    fn default() -> Self {
        Self { memory: 64 << 10, passes: 3, lanes: 4 }
    }
}

impl Argon2Cost {
    /// The cost of a stored hash, from its beginning, such as `$argon2id$v=19$m=65536,t=3,p=4$`. `None` for any other text,
    /// and for one that ends within the numbers.
    #[must_use]
    pub fn of(beginning: &str) -> Option<Self> {
        let mut parts = beginning.strip_prefix("$argon2")?.split('$').skip(1);
        let first = parts.next()?;
        // Version 16 hashes may leave the version away.
        let numbers = if first.starts_with("v=") { parts.next()? } else { first };
        // What follows shows that the numbers are complete.
        parts.next()?;
        let number = |name: &str| {
            numbers.split(',').find_map(|number| number.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
        };
        Some(Self { memory: number("m")?, passes: number("t")?, lanes: number("p")? })
    }

    /// Whether a password may be checked against such a hash: at most 1 GiB, and the work of 16 GiB. A dearer hash, which
    /// no server makes, would stop all sign-ins.
    #[must_use]
    pub const fn is_bearable(self) -> bool {
        const MOST_MEMORY: u32 = 1 << 20;
        const MOST_WORK: u64 = 1 << 24;
        self.memory <= MOST_MEMORY && self.memory as u64 * self.passes as u64 <= MOST_WORK && self.lanes <= 64
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

    #[test]
    fn the_cost_is_read_from_the_beginning_of_a_hash() {
        let usual = Some(Argon2Cost::default());
        assert_eq!(Argon2Cost::of("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"), usual);
        assert_eq!(Argon2Cost::of("$argon2i$m=65536,t=3,p=4$"), usual);
        for other in [
            "",
            "$2b$12$abc",
            "$argon2id",
            "$argon2id$v=19$m=65536,t=3,p=4",
            "$argon2id$v=19$m=655",
            "$argon2id$v=19$m=65536,t=3$x",
            "$argon2id$v=19$m=-1,t=3,p=4$x",
        ] {
            assert_eq!(Argon2Cost::of(other), None, "{other}");
        }
    }

    #[test]
    fn what_would_stop_the_server_is_not_checked() {
        let cost = |memory, passes, lanes| Argon2Cost { memory, passes, lanes };
        assert!(Argon2Cost::default().is_bearable());
        assert!(cost(1 << 20, 16, 1).is_bearable());
        for dear in [cost((1 << 20) + 1, 1, 1), cost(1 << 20, 17, 1), cost(8, u32::MAX, 1), cost(64, 1, 65)] {
            assert!(!dear.is_bearable(), "{dear:?}");
        }
    }
}
