//! What checking a stored hash costs, as its parameters say.
//!
//! Whoever can write into the database, or hands over accounts for an import, chooses these parameters. So each kind has
//! a limit: no check takes more than 256 MiB of memory or, on a usual machine, more than some seconds (bcrypt of cost 18:
//! twenty). No server makes dearer hashes for people who wait.

/// Most memory that one check may take, in bytes.
const MOST_MEMORY: u64 = 256 << 20;

/// Most memory that one check may work through, in bytes; what it goes through twice counts twice.
const MOST_WORK: u64 = 4 << 30;

/// Most parts that could be worked on at once.
const MOST_LANES: u32 = 64;

/// Most rounds of HMAC that one check may take.
const MOST_ROUNDS: u64 = 20_000_000;

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
        Some(Self {
            memory: number(numbers, "m")?,
            passes: number(numbers, "t")?,
            lanes: number(numbers, "p")?,
        })
    }

    /// KiB that are worked through in all passes.
    #[must_use]
    pub const fn work(self) -> u64 {
        self.memory as u64 * self.passes as u64
    }

    /// Whether a password may be checked against such a hash: at most 256 MiB of memory, and 4 GiB in all passes.
    #[must_use]
    pub const fn is_bearable(self) -> bool {
        self.memory as u64 <= MOST_MEMORY >> 10 && self.work() <= MOST_WORK >> 10 && self.lanes <= MOST_LANES
    }
}

/// The hash function within PBKDF2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pbkdf2Digest {
    /// SHA-1, whose weakness is none within HMAC.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Pbkdf2Digest {
    /// The bytes that it gives at a time.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// What a PBKDF2 hash costs (RFC 8018, 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pbkdf2Cost {
    /// The hash function.
    pub digest: Pbkdf2Digest,
    /// Iterations.
    pub iterations: u32,
    /// Bytes of the result. Each beginning [`Pbkdf2Digest::bytes`] take all iterations again.
    pub key_bytes: u32,
}

impl Pbkdf2Cost {
    /// The cost of a stored hash, from its beginning: `pbkdf2_sha256$600000$` as Django writes it,
    /// `$pbkdf2-sha256$i=27500,l=64$` in the PHC string format (without `l`, the bytes of the hash function), or
    /// `$pbkdf2-sha256$29000$` as passlib writes it; with `sha512` and `sha1` too, for which passlib writes `$pbkdf2$`. `None` for
    /// any other text, and for one that ends within the numbers.
    #[must_use]
    pub fn of(beginning: &str) -> Option<Self> {
        let mut parts = beginning.strip_prefix('$').unwrap_or(beginning).split('$');
        let is_django = !beginning.starts_with('$');
        let digest = match (is_django, parts.next()?) {
            (true, "pbkdf2_sha1") | (false, "pbkdf2-sha1" | "pbkdf2") => Pbkdf2Digest::Sha1,
            (true, "pbkdf2_sha256") | (false, "pbkdf2-sha256") => Pbkdf2Digest::Sha256,
            (true, "pbkdf2_sha512") | (false, "pbkdf2-sha512") => Pbkdf2Digest::Sha512,
            _ => return None,
        };
        let numbers = parts.next()?;
        // What follows shows that the numbers are complete.
        parts.next()?;
        let (iterations, key_bytes) = match numbers.parse() {
            Ok(iterations) => (iterations, None),
            Err(_not_alone) if is_django => return None,
            Err(_not_alone) => (number(numbers, "i")?, number(numbers, "l")),
        };
        Some(Self { digest, iterations, key_bytes: key_bytes.unwrap_or(digest.bytes()) })
    }

    /// Rounds of HMAC.
    #[must_use]
    pub const fn work(self) -> u64 {
        self.iterations as u64 * self.key_bytes.div_ceil(self.digest.bytes()) as u64
    }

    /// Whether a password may be checked against such a hash: at most 20,000,000 rounds. A result of fewer than 16 bytes
    /// could be met by chance.
    #[must_use]
    pub const fn is_bearable(self) -> bool {
        self.iterations > 0 && 16 <= self.key_bytes && self.key_bytes <= 256 && self.work() <= MOST_ROUNDS
    }
}

/// What a scrypt hash costs (RFC 7914, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScryptCost {
    /// The logarithm of N to the base 2.
    pub log_n: u8,
    /// Size of a block (r), in 128 bytes.
    pub block: u32,
    /// How often the memory is gone through (p).
    pub lanes: u32,
}

impl ScryptCost {
    /// What better-auth uses: 32 MiB.
    pub const BETTER_AUTH: Self = Self { log_n: 14, block: 16, lanes: 1 };

    /// The cost of a stored hash, from its beginning: `$scrypt$ln=16,r=8,p=1$` in the PHC string format,
    /// `$fbscrypt$v=1,n=14,r=8,p=1,` as Firebase's are written, or 32 hexadecimal digits, a colon and more digits, as
    /// better-auth does. `None` for any other text, and for one that ends within the numbers.
    #[must_use]
    pub fn of(beginning: &str) -> Option<Self> {
        if is_better_auth(beginning) {
            return Some(Self::BETTER_AUTH);
        }
        let (name, numbers) = match beginning.strip_prefix("$fbscrypt$") {
            Some(numbers) => ("n", numbers),
            None => ("ln", beginning.strip_prefix("$scrypt$")?),
        };
        let numbers = match numbers.split_once('$') {
            Some((numbers, _rest)) => numbers,
            // The last of them may go on.
            None => numbers.rsplit_once(',')?.0,
        };
        Some(Self {
            log_n: number(numbers, name)?,
            block: number(numbers, "r")?,
            lanes: number(numbers, "p")?,
        })
    }

    /// Bytes of memory that it takes.
    const fn memory(self) -> u64 {
        match 1_u64.checked_shl(self.log_n as u32) {
            Some(n) => n.saturating_mul(128 * self.block as u64),
            None => u64::MAX,
        }
    }

    /// Bytes that are worked through: all memory is written once and then read in an order of its own, for each lane.
    #[must_use]
    pub const fn work(self) -> u64 {
        self.memory().saturating_mul(2 * self.lanes as u64)
    }

    /// Whether a password may be checked against such a hash: at most 256 MiB of memory, and 4 GiB to work through.
    #[must_use]
    pub const fn is_bearable(self) -> bool {
        0 < self.log_n
            && 0 < self.block
            && 0 < self.lanes
            && self.block <= 64
            && self.lanes <= MOST_LANES
            && self.memory() <= MOST_MEMORY
            && self.work() <= MOST_WORK
    }
}

/// Whether a text begins as a hash by better-auth: its salt in hexadecimal, and a colon.
fn is_better_auth(beginning: &str) -> bool {
    const SALT: usize = 32;
    beginning.split_once(':').is_some_and(|(salt, key)| {
        let is_hex = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        salt.len() == SALT && is_hex(salt) && is_hex(key)
    })
}

/// A number from a list such as `m=65536,t=3,p=4`.
fn number<T: std::str::FromStr>(list: &str, name: &str) -> Option<T> {
    list.split(',').find_map(|number| number.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn m27_the_cost_of_pbkdf2_is_read_from_the_beginning_of_a_hash() {
        use Pbkdf2Digest::{Sha1, Sha256, Sha512};
        let cost = |digest, iterations, key_bytes| Some(Pbkdf2Cost { digest, iterations, key_bytes });
        for (beginning, expected) in [
            ("pbkdf2_sha256$1000000$salt", cost(Sha256, 1_000_000, 32)),
            ("pbkdf2_sha512$1000$", cost(Sha512, 1000, 64)),
            ("$pbkdf2-sha256$i=27500,l=64$c2Fs", cost(Sha256, 27_500, 64)),
            ("$pbkdf2-sha512$i=210000$c2Fs", cost(Sha512, 210_000, 64)),
            ("$pbkdf2-sha256$29000$c2Fs", cost(Sha256, 29_000, 32)),
            ("pbkdf2_sha256$10000", None),
            ("pbkdf2_sha256$i=1$x", None),
            ("$pbkdf2_sha256$1000$x", None),
            ("pbkdf2_sha1$1000$x", cost(Sha1, 1000, 20)),
            ("$pbkdf2-sha1$i=20000,l=64$x", cost(Sha1, 20_000, 64)),
            ("$pbkdf2$131000$x", cost(Sha1, 131_000, 20)),
            ("pbkdf2_md5$1000$x", None),
            ("pbkdf2$1000$x", None),
            ("$pbkdf2-sha256$l=64$x", None),
            ("$pbkdf2-sha256$i=-1$x", None),
            ("", None),
        ] {
            assert_eq!(Pbkdf2Cost::of(beginning), expected, "{beginning}");
        }
        assert_eq!(Pbkdf2Cost::of("$pbkdf2-sha256$i=10,l=64$x").unwrap().work(), 20);
        assert_eq!(Pbkdf2Cost::of("$pbkdf2-sha256$i=10,l=33$x").unwrap().work(), 20);
        assert_eq!(Pbkdf2Cost::of("pbkdf2_sha256$10$x").unwrap().work(), 10);
        assert_eq!(Pbkdf2Cost::of("$pbkdf2-sha1$i=10,l=64$x").unwrap().work(), 40);
    }

    #[test]
    fn m27_the_cost_of_scrypt_is_read_from_the_beginning_of_a_hash() {
        let cost = |log_n, block, lanes| Some(ScryptCost { log_n, block, lanes });
        let hex = "0123456789abcdef0123456789ABCDEF";
        for (beginning, expected) in [
            ("$scrypt$ln=16,r=8,p=1$c2Fs".to_owned(), cost(16, 8, 1)),
            ("$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jx".to_owned(), cost(14, 8, 1)),
            ("$fbscrypt$v=1,n=14,r=8,p=1$x".to_owned(), cost(14, 8, 1)),
            (format!("{hex}:00ff"), cost(14, 16, 1)),
            ("$fbscrypt$v=1,n=14,r=8,p=1".to_owned(), None),
            ("$scrypt$ln=16,r=8,p=1".to_owned(), None),
            ("$scrypt$ln=16,r=8$x".to_owned(), None),
            ("$scrypt$ln=300,r=8,p=1$x".to_owned(), None),
            (format!("{hex}:"), None),
            (format!("{hex}0:00"), None),
            (format!("{hex}:0g"), None),
            (String::new(), None),
        ] {
            assert_eq!(ScryptCost::of(&beginning), expected, "{beginning}");
        }
    }

    #[test]
    fn m27_what_would_stop_the_server_is_not_checked() {
        let cost = |memory, passes, lanes| Argon2Cost { memory, passes, lanes };
        assert!(Argon2Cost::default().is_bearable());
        assert!(cost(1 << 18, 16, 1).is_bearable());
        for dear in [cost((1 << 18) + 1, 1, 1), cost(1 << 18, 17, 1), cost(8, u32::MAX, 1), cost(64, 1, 65)] {
            assert!(!dear.is_bearable(), "{dear:?}");
        }
        let cost = |iterations, key_bytes| Pbkdf2Cost { digest: Pbkdf2Digest::Sha256, iterations, key_bytes };
        assert!(cost(20_000_000, 32).is_bearable() && cost(1, 16).is_bearable());
        for dear in [cost(20_000_001, 32), cost(10_000_001, 64), cost(1, 257), cost(1, 15), cost(0, 32)] {
            assert!(!dear.is_bearable(), "{dear:?}");
        }
        let cost = |log_n, block, lanes| ScryptCost { log_n, block, lanes };
        assert!(ScryptCost::BETTER_AUTH.is_bearable());
        assert!(cost(18, 8, 8).is_bearable());
        for dear in [
            cost(18, 9, 1),
            cost(18, 8, 9),
            cost(64, 1, 1),
            cost(255, 1, 1),
            cost(1, 65, 1),
            cost(1, 1, 65),
            cost(0, 1, 1),
            cost(1, 0, 1),
            cost(1, 1, 0),
        ] {
            assert!(!dear.is_bearable(), "{dear:?}");
        }
    }
}
