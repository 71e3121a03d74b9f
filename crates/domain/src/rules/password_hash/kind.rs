//! Which kind of hash is stored, as its beginning says.

use super::costs::{Argon2Cost, Pbkdf2Cost, ScryptCost};
use crate::dialect::Dialect;

/// The costs of bcrypt that are made and checked. A dearer hash would keep a thread busy for a minute, for every guess.
pub const BCRYPT_COSTS: std::ops::RangeInclusive<u32> = 4..=18;

/// A kind of stored hash, as far as the time of a check depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HashKind {
    /// bcrypt, with the logarithm of its rounds to the base 2.
    Bcrypt(u32),
    /// Argon2.
    Argon2(Argon2Cost),
    /// PBKDF2, as Django and Keycloak use it.
    Pbkdf2(Pbkdf2Cost),
    /// scrypt, as better-auth and Firebase use it.
    Scrypt(ScryptCost),
    /// Nothing that is checked, because it is no hash, one of another kind, or too dear: the answer comes at once.
    Unreadable,
}

impl HashKind {
    /// The kind of a stored hash, from its beginning: 40 characters are enough for all kinds.
    #[must_use]
    pub fn of(beginning: &str) -> Self {
        let of = |kind: Self, is_bearable: bool| if is_bearable { kind } else { Self::Unreadable };
        if let Some(cost) = Argon2Cost::of(beginning) {
            of(Self::Argon2(cost), cost.is_bearable())
        } else if let Some(cost) = Pbkdf2Cost::of(beginning) {
            of(Self::Pbkdf2(cost), cost.is_bearable())
        } else if let Some(cost) = ScryptCost::of(beginning) {
            of(Self::Scrypt(cost), cost.is_bearable())
        } else if let Some(cost) = bcrypt_cost_of(beginning) {
            of(Self::Bcrypt(cost), BCRYPT_COSTS.contains(&cost))
        } else {
            Self::Unreadable
        }
    }

    /// Whether the Open WebUI of this dialect can check it (rule M27).
    #[must_use]
    pub fn is_read_by_open_webui(self, dialect: Dialect) -> bool {
        match self {
            Self::Bcrypt(_) => true,
            Self::Argon2(_) => dialect == Dialect::V0_12,
            Self::Pbkdf2(_) | Self::Scrypt(_) | Self::Unreadable => false,
        }
    }

    /// What a check takes: rounds of bcrypt or PBKDF2, KiB that Argon2 works through, bytes that scrypt does. Only
    /// comparable within one kind.
    #[must_use]
    pub fn work(self) -> u64 {
        match self {
            Self::Bcrypt(cost) => 1_u64.checked_shl(cost).unwrap_or(u64::MAX),
            Self::Argon2(cost) => cost.work(),
            Self::Pbkdf2(cost) => cost.work(),
            Self::Scrypt(cost) => cost.work(),
            Self::Unreadable => 0,
        }
    }
}

/// The cost in `$2b$12$…`.
fn bcrypt_cost_of(beginning: &str) -> Option<u32> {
    let mut parts = beginning.strip_prefix('$')?.split('$');
    let variant = parts.next()?;
    let cost = parts.next()?;
    matches!(variant, "2a" | "2b" | "2x" | "2y").then(|| cost.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::super::Pbkdf2Digest;
    use super::*;

    #[test]
    fn m27_open_webui_reads_bcrypt_and_later_argon2() {
        let by = |hash: &str| Dialect::ALL.map(|dialect| HashKind::of(hash).is_read_by_open_webui(dialect));
        assert_eq!(by("$2b$12$x"), [true, true]);
        assert_eq!(by("$argon2id$v=19$m=65536,t=3,p=4$x"), [false, true]);
        assert_eq!(by("$scrypt$ln=14,r=16,p=1$x"), [false, false]);
        assert_eq!(by("plain"), [false, false]);
    }

    #[test]
    fn m27_kinds_are_told_by_how_a_hash_begins() {
        let pbkdf2 = Pbkdf2Cost { digest: Pbkdf2Digest::Sha256, iterations: 600_000, key_bytes: 32 };
        for (text, kind) in [
            ("$2b$12$", HashKind::Bcrypt(12)),
            ("$2a$04$x", HashKind::Bcrypt(4)),
            ("$2y$10$", HashKind::Bcrypt(10)),
            ("$2b$18$", HashKind::Bcrypt(18)),
            ("$2b$19$", HashKind::Unreadable),
            ("$2b$99$", HashKind::Unreadable),
            ("$argon2", HashKind::Unreadable),
            ("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA", HashKind::Argon2(Argon2Cost::default())),
            ("$argon2id$v=19$m=99999999,t=3,p=4$c2FsdA", HashKind::Unreadable),
            ("pbkdf2_sha256$600000$salt", HashKind::Pbkdf2(pbkdf2)),
            ("pbkdf2_sha256$4000000000$salt", HashKind::Unreadable),
            ("$scrypt$ln=14,r=16,p=1$x", HashKind::Scrypt(ScryptCost::BETTER_AUTH)),
            ("$scrypt$ln=30,r=16,p=1$x", HashKind::Unreadable),
            ("$2b$xx$", HashKind::Unreadable),
            ("{SSHA}x", HashKind::Unreadable),
            ("plain t", HashKind::Unreadable),
            ("", HashKind::Unreadable),
            ("x$2b$12", HashKind::Unreadable),
        ] {
            assert_eq!(HashKind::of(text), kind, "{text}");
        }
    }

    #[test]
    fn forty_characters_tell_the_kind() {
        for hash in [
            "$argon2id$v=19$m=262144,t=16,p=64$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
            "$pbkdf2-sha512$i=20000000,l=256$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
            "$fbscrypt$v=1,n=14,r=64,p=64,ss=Bw==,sk=c2FsdHNhbHRzYWx0$c2FsdA$aGFzaA",
            "0123456789abcdef0123456789abcdef:0123456789abcdef0123456789abcdef",
        ] {
            assert_eq!(HashKind::of(&hash[..40]), HashKind::of(hash), "{hash}");
        }
        assert_ne!(HashKind::of("0123456789abcdef0123456789abcdef:0123456"), HashKind::Unreadable);
    }
}
