//! Hashing and checking passwords with bcrypt or Argon2, on separate threads with a bounded queue (rules R3 and M27).
//!
//! A hash takes a third of a second of a core, on purpose. On the threads that answer requests, or on one thread
//! for each sign-in, it would block everything else.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use argon2::password_hash::SaltString;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use hmac::{Hmac, KeyInit, Mac};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::email::EmailLookup;
use rosterd_domain::ids::UserId;
use rosterd_domain::rules::dummy_hash::{HashKind, HashKinds};
use rosterd_domain::rules::password_hash::{Argon2Cost, HashAlgorithm};
use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_lanes::{Lane, LaneError};
use rosterd_storage::Store;
use sha2::Sha256;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::error::AppError;
use crate::settings::{Settings, TokenSecret};

/// bcrypt looks at no more than this many bytes.
const BCRYPT_BYTES: usize = 72;

/// How long a sign-in may wait for its turn.
const HASH_WAIT: Duration = Duration::from_secs(20);

/// How long what is known of the stored hashes is used. Seconds.
const KINDS_HOLD: i64 = 60;

/// The hashing threads.
pub(crate) struct Passwords {
    lane: Lane,
    algorithm: HashAlgorithm,
    cost: u32,
    argon2_cost: Argon2Cost,
    /// Draws the kind of hash that is checked for an e-mail address without an account. Keyed, so that nobody else can
    /// tell which kind an e-mail address would have.
    draw: Hmac<Sha256>,
    kinds: RwLock<KnownKinds>,
    /// Held by whoever reads the stored hashes; others wait for the outcome.
    reading: Mutex<()>,
    checks: AtomicU64,
    rounds: AtomicU64,
}

/// What is known of the stored hashes.
#[derive(Default)]
struct KnownKinds {
    kinds: HashKinds,
    read_at: Option<UnixSeconds>,
}

/// What a password is checked against.
#[derive(Debug, Clone)]
pub(crate) enum Against<'a> {
    /// An account's hash.
    Stored(PasswordHash),
    /// Nothing: no account has this e-mail address, as it was typed.
    Nobody(&'a str),
}

impl Passwords {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn new(settings: &Settings) -> std::io::Result<Self> {
        Ok(Self {
            lane: Lane::new("rosterd-hash", settings.hash_threads, settings.hash_queue, HASH_WAIT)?,
            algorithm: settings.hash_algorithm,
            cost: settings.bcrypt_cost,
            argon2_cost: settings.argon2_cost,
            draw: keyed(&settings.secret)?,
            kinds: RwLock::default(),
            reading: Mutex::new(()),
            checks: AtomicU64::new(0),
            rounds: AtomicU64::new(0),
        })
    }

    /// A new hash as configured. The policy was checked before.
    ///
    /// # Errors
    /// [`AppError::Busy`] when too many are waiting.
    pub(crate) async fn hash(&self, password: PlainPassword) -> Result<PasswordHash, AppError> {
        let (cost, argon2_cost) = (self.cost, self.argon2_cost);
        let hashed = match self.algorithm {
            HashAlgorithm::Bcrypt => self.lane.run(move || hash_blocking(&password, cost)).await,
            HashAlgorithm::Argon2 => self.lane.run(move || hash_argon2(&password, argon2_cost)).await,
        };
        hashed.map_err(refused)?
    }

    /// Whether the password fits. Against nobody it costs as much as against an account, see [`HashKinds`], and never
    /// fits. Against bcrypt a password beyond 72 bytes is cut as Open WebUI cuts it when signing in.
    ///
    /// # Errors
    /// [`AppError::Busy`] when too many are waiting.
    pub(crate) async fn check(
        &self,
        password: PlainPassword,
        against: Against<'_>,
    ) -> Result<bool, AppError> {
        let (hash, known) = match against {
            Against::Stored(hash) => (hash, true),
            Against::Nobody(email) => (self.dummy_for(email), false),
        };
        self.checks.fetch_add(1, Ordering::Relaxed);
        let rounds = cost_of(&hash).and_then(|cost| 1_u64.checked_shl(cost)).unwrap_or(0);
        self.rounds.fetch_add(rounds, Ordering::Relaxed);
        let fits = self.lane.run(move || fits(&password, &hash)).await.map_err(refused)?;
        Ok(fits && known)
    }

    /// Whether a stored hash is cheaper than what is configured now, and so should be renewed. Hashes of the other
    /// algorithm stay: their owners may sign in with passwords that the configured one reads otherwise.
    pub(crate) fn is_cheap(&self, hash: &PasswordHash) -> bool {
        self.algorithm == HashAlgorithm::Bcrypt && cost_of(hash).is_some_and(|cost| cost < self.cost)
    }

    /// How many checks were asked for since the start, those against nothing included.
    pub(crate) fn checks(&self) -> u64 {
        self.checks.load(Ordering::Relaxed)
    }

    /// How many rounds of bcrypt those checks took together.
    pub(crate) fn rounds(&self) -> u64 {
        self.rounds.load(Ordering::Relaxed)
    }

    /// Learns which kinds of hashes are stored, where that is not known or a minute old. Called before it is known
    /// whether an e-mail address has an account, so that it takes the same time for all.
    pub(crate) async fn learn_kinds(&self, store: &Store, now: UnixSeconds) {
        if self.knows_kinds(now) {
            return;
        }
        let _turn = self.reading.lock().await;
        if self.knows_kinds(now) {
            return;
        }
        let read = store.scan(|db| db.sample_hash_beginnings().map_err(AppError::from)).await;
        let mut known = self.kinds.write().unwrap_or_else(PoisonError::into_inner);
        known.read_at = Some(now);
        match read {
            Ok(beginnings) => known.kinds = HashKinds::count(beginnings.iter().map(String::as_str)),
            // The sign-in itself will tell if the database is out of reach. What was known goes on for a minute.
            Err(error) => tracing::debug!(%error, "the costs of stored hashes could not be read"),
        }
    }

    fn knows_kinds(&self, now: UnixSeconds) -> bool {
        let known = self.kinds.read().unwrap_or_else(PoisonError::into_inner);
        known.read_at.is_some_and(|at| (0..KINDS_HOLD).contains(&now.saturating_sub(at)))
    }

    /// The hash that is checked for an e-mail address that no account has: always of the same kind for the same
    /// e-mail address.
    fn dummy_for(&self, email: &str) -> PasswordHash {
        let digest = self.draw.clone().chain_update(EmailLookup::new(email).key()).finalize().into_bytes();
        let digest = digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
        let known = self.kinds.read().unwrap_or_else(PoisonError::into_inner);
        match known.kinds.choose(digest) {
            Some(HashKind::Bcrypt(cost)) => dummy_hash(cost),
            Some(HashKind::Argon2(cost)) => dummy_argon2(cost),
            Some(HashKind::Unreadable) => PasswordHash::from_stored(String::new()),
            // No account at all: the next one will have the configured cost.
            None => match self.algorithm {
                HashAlgorithm::Bcrypt => dummy_hash(self.cost),
                HashAlgorithm::Argon2 => dummy_argon2(self.argon2_cost),
            },
        }
    }
}

/// Why a password was not hashed.
fn refused(why: LaneError) -> AppError {
    match why {
        LaneError::Full | LaneError::Late | LaneError::Overdue | LaneError::Shut => AppError::Busy,
        LaneError::Panicked => AppError::Internal("hashing a password failed"),
    }
}

/// Hashes on the calling thread, for tools that have no requests to stall.
///
/// # Errors
/// [`AppError::Internal`] when bcrypt refuses the cost.
pub fn hash_blocking(password: &PlainPassword, cost: u32) -> Result<PasswordHash, AppError> {
    bcrypt::hash(password.expose(), cost)
        .map(PasswordHash::from_stored)
        .map_err(|_why| AppError::Internal("a password could not be hashed"))
}

/// As [`hash_blocking`], with Argon2id.
///
/// # Errors
/// [`AppError::Internal`] when Argon2 refuses the cost.
pub fn hash_argon2(password: &PlainPassword, cost: Argon2Cost) -> Result<PasswordHash, AppError> {
    let failed = AppError::Internal("a password could not be hashed");
    let salt = SaltString::encode_b64(Uuid::new_v4().as_bytes());
    let params = Params::new(cost.memory, cost.passes, cost.lanes, None);
    let (Ok(params), Ok(salt)) = (params, salt) else { return Err(failed) };
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    match argon2.hash_password(password.expose().as_bytes(), &salt) {
        Ok(hash) => Ok(PasswordHash::from_stored(hash.to_string())),
        Err(_why) => Err(failed),
    }
}

/// Whether a password fits a stored hash, whose beginning tells the algorithm (rule M27). A malformed hash fits nothing: it
/// is the database's fault, not the caller's.
fn fits(password: &PlainPassword, hash: &PasswordHash) -> bool {
    let (bytes, hash) = (password.expose().as_bytes(), hash.expose());
    if hash.starts_with("$argon2") {
        let bearable = Argon2Cost::of(hash).is_some_and(Argon2Cost::is_bearable);
        let parsed = argon2::password_hash::PasswordHash::new(hash);
        return bearable && parsed.is_ok_and(|hash| Argon2::default().verify_password(bytes, &hash).is_ok());
    }
    bcrypt::verify(&bytes[..bytes.len().min(BCRYPT_BYTES)], hash).unwrap_or(false)
}

/// Says in the log that no password fits this account, where its hash is of a kind that is not read (rule M27). The hash
/// itself is never told.
pub(crate) fn tell_unreadable(account: &UserId, hash: &PasswordHash) {
    if !is_readable(hash) {
        tracing::warn!(
            user.id = %account,
            "the stored password hash of this account is neither bcrypt nor Argon2, so no password fits; give the account a \
             new password: rosterd user set-password"
        );
    }
}

/// Whether a stored hash is of a kind that [`fits`] reads.
fn is_readable(hash: &PasswordHash) -> bool {
    ["$2a$", "$2b$", "$2x$", "$2y$", "$argon2"].iter().any(|beginning| hash.expose().starts_with(beginning))
}

/// HMAC with a key for this use alone, derived from the token secret.
fn keyed(secret: &TokenSecret) -> std::io::Result<Hmac<Sha256>> {
    let refused = |_why| std::io::Error::other("HMAC refused the token secret");
    let derive = Hmac::<Sha256>::new_from_slice(secret.expose()).map_err(refused)?;
    let key = derive.chain_update("rosterd: hashes for addresses without an account").finalize().into_bytes();
    Hmac::new_from_slice(&key).map_err(refused)
}

/// A well-formed hash of this cost that no known password has. Its salt and digest are constants: making a real one
/// would cost every start a third of a second.
fn dummy_hash(cost: u32) -> PasswordHash {
    PasswordHash::from_stored(format!("$2b${cost:02}$rosterdrosterdrosterduZxq0Mjs5B1nX8vY3cWk7tLhPe2aGmSK"))
}

/// The same of Argon2.
fn dummy_argon2(cost: Argon2Cost) -> PasswordHash {
    let Argon2Cost { memory, passes, lanes } = cost;
    PasswordHash::from_stored(format!(
        "$argon2id$v=19$m={memory},t={passes},p={lanes}$cm9zdGVyZHJvc3RlcmQ$\
         Uwsf4T5rFjNeSJ2nQ0aXh3yVbGk9dLmZpYt6oRcEuHg"
    ))
}

/// The cost in `$2b$12$…`.
fn cost_of(hash: &PasswordHash) -> Option<u32> {
    hash.expose().split('$').nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dummy_is_checked_in_full() {
        // A malformed hash would fail at once and give the missing account away by its speed.
        assert_eq!(bcrypt::verify("anything", dummy_hash(4).expose()).ok(), Some(false));
        assert_eq!(bcrypt::verify("anything", dummy_hash(12).expose()).ok(), Some(false));
    }

    const CHEAP: Argon2Cost = Argon2Cost { memory: 64, passes: 1, lanes: 1 };

    fn password(text: &str) -> PlainPassword {
        PlainPassword::new(text.to_owned())
    }

    #[test]
    fn m27_a_hash_is_checked_by_its_beginning() {
        let argon2 = hash_argon2(&password("right"), CHEAP).unwrap();
        assert!(argon2.expose().starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{}", argon2.expose());
        let bcrypt = hash_blocking(&password("right"), 4).unwrap();
        for hash in [&argon2, &bcrypt] {
            assert!(fits(&password("right"), hash));
            assert!(!fits(&password("wrong"), hash));
        }
        for malformed in ["$argon2", "$argon2id$v=19$m=64,t=1,p=1$x$y", "", "$2b$04$"] {
            assert!(
                !fits(&password("right"), &PasswordHash::from_stored(malformed.to_owned())),
                "{malformed}"
            );
        }
    }

    #[test]
    fn m27_a_hash_by_argon2_cffi_as_open_webui_makes_it_fits() {
        let hash = "$argon2id$v=19$m=8192,t=1,p=4$EwjAsiG/F/uhl8rmusc/dw$xn57GFL21XceAbUEwBElHDbZIPItXN6bFEkKTFi7TOg";
        let stored = PasswordHash::from_stored(hash.to_owned());
        assert!(fits(&password("correct horse"), &stored));
        assert!(!fits(&password("correct horsf"), &stored));
    }

    #[test]
    fn m27_other_kinds_of_hashes_are_not_read() {
        for (hash, readable) in [
            ("$2b$12$x", true),
            ("$2y$10$x", true),
            ("$argon2id$v=19$x", true),
            ("$argon2i$v=19$x", true),
            ("$scrypt$ln=16,r=8,p=1$x", false),
            ("{SSHA}x", false),
            ("", false),
        ] {
            assert_eq!(is_readable(&PasswordHash::from_stored(hash.to_owned())), readable, "{hash}");
        }
    }

    #[test]
    fn m27_argon2_reads_more_than_72_bytes() {
        let long = |end: &str| password(&format!("{}{end}", "x".repeat(72)));
        let argon2 = hash_argon2(&long("a"), CHEAP).unwrap();
        assert!(fits(&long("a"), &argon2) && !fits(&long("b"), &argon2));
        let bcrypt = hash_blocking(&password(&"x".repeat(72)), 4).unwrap();
        assert!(fits(&long("a"), &bcrypt) && fits(&long("b"), &bcrypt));
    }

    #[test]
    fn a_dummy_of_argon2_is_checked_in_full() {
        let dummy = dummy_argon2(CHEAP);
        let parsed = argon2::password_hash::PasswordHash::new(dummy.expose()).unwrap();
        let refused = Argon2::default().verify_password(b"anything", &parsed);
        assert_eq!(refused, Err(argon2::password_hash::Error::Password));
        let dear = Argon2Cost { memory: u32::MAX, ..CHEAP };
        assert!(!fits(&password("anything"), &dummy_argon2(dear)), "and this one not at all");
    }

    #[test]
    fn costs_are_read_from_every_variant() {
        for (text, cost) in
            [("$2b$12$abc", Some(12)), ("$2a$04$abc", Some(4)), ("$2y$10$abc", Some(10)), ("x", None)]
        {
            assert_eq!(cost_of(&PasswordHash::from_stored(text.to_owned())), cost);
        }
    }
}
