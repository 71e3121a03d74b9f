//! Hashing and checking passwords on separate threads with a bounded queue (rules R3 and M27).
//!
//! A hash takes a third of a second of a core, on purpose. On the threads that answer requests, or on one thread
//! for each sign-in, it would block everything else.

mod derive;
mod hashes;
mod memory;
mod priority;
mod room;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hmac::{Hmac, Mac};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::email::EmailLookup;
use rosterd_domain::rules::dummy_hash::HashKinds;
use rosterd_domain::rules::password_hash::{HashAlgorithm, HashKind, HashRecipe};
use rosterd_domain::rules::password_strength::PasswordOwner;
use rosterd_domain::secret::{PasswordHash, PasswordPolicy, PlainPassword};
use rosterd_lanes::{Lane, LaneError, LaneMetrics};
use rosterd_storage::Store;
use sha2::Sha256;
use tokio::sync::Mutex;

pub(crate) use self::hashes::tell_odd;
use self::hashes::{dummy, fits, hash_argon2_in};
pub use self::hashes::{hash_argon2, hash_blocking};
use self::memory::Memory;
pub(crate) use self::room::Asker;
use self::room::Room;
use crate::error::AppError;
use crate::keyed::keyed;
use crate::settings::Settings;

/// How long a sign-in may wait for its turn.
const HASH_WAIT: Duration = Duration::from_secs(20);

/// How long what is known of the stored hashes is used. Seconds.
const KINDS_HOLD: i64 = 60;

/// The hashing threads.
pub(crate) struct Passwords {
    lane: Lane,
    room: Arc<Room>,
    memory: Arc<Memory>,
    recipe: HashRecipe,
    policy: PasswordPolicy,
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
            // Whoever has no turn yet waits in the room, so no more than these come here at a time.
            lane: Lane::new("rosterd-hash", settings.hash_threads, settings.hash_threads, HASH_WAIT)?,
            room: Room::new(settings.hash_threads, settings.hash_queue, HASH_WAIT),
            memory: Arc::default(),
            policy: settings.password_policy.clone(),
            recipe: HashRecipe {
                algorithm: settings.hash_algorithm,
                bcrypt_cost: settings.bcrypt_cost,
                argon2_cost: settings.argon2_cost,
            },
            draw: keyed(&settings.secret, "rosterd: hashes for addresses without an account")?,
            kinds: RwLock::default(),
            reading: Mutex::new(()),
            checks: AtomicU64::new(0),
            rounds: AtomicU64::new(0),
        })
    }

    /// How the threads stand.
    pub(crate) fn metrics(&self) -> LaneMetrics {
        self.room.metrics(self.lane.metrics())
    }

    /// The hash of a new password, as configured, unless it is too easy to guess for the owner (rule R6). The rest of the
    /// policy was checked before.
    ///
    /// # Errors
    /// Rule R6; [`AppError::Busy`] when too many are waiting.
    pub(crate) async fn hash_new(
        &self,
        password: PlainPassword,
        name: &str,
        email: &str,
        asker: Asker,
    ) -> Result<PasswordHash, AppError> {
        let (recipe, policy, memory) = (self.recipe, self.policy.clone(), Arc::clone(&self.memory));
        let (name, email) = (name.to_owned(), email.to_owned());
        let hashed = self.run(asker, move || {
            policy.check_strength(&password, PasswordOwner { name: &name, email: &email })?;
            hash_by(recipe, &memory, &password)
        });
        hashed.await?
    }

    /// A hash as configured, of a password that is in use or that nobody knows.
    ///
    /// # Errors
    /// [`AppError::Busy`] when too many are waiting.
    pub(crate) async fn hash(&self, password: PlainPassword, asker: Asker) -> Result<PasswordHash, AppError> {
        let (recipe, memory) = (self.recipe, Arc::clone(&self.memory));
        self.run(asker, move || hash_by(recipe, &memory, &password)).await?
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
        asker: Asker,
    ) -> Result<bool, AppError> {
        let (hash, known) = match against {
            Against::Stored(hash) => (hash, true),
            Against::Nobody(email) => (self.dummy_for(email), false),
        };
        self.checks.fetch_add(1, Ordering::Relaxed);
        self.rounds.fetch_add(HashKind::of(hash.expose()).work(), Ordering::Relaxed);
        let memory = Arc::clone(&self.memory);
        let fits = self.run(asker, move || fits(&memory, &password, &hash)).await?;
        Ok(fits && known)
    }

    /// A new hash of the password that fits this stored one, where that is to be renewed (rule M27). `None` also when too
    /// many are waiting: the next sign-in is as good.
    pub(crate) async fn renew(
        &self,
        stored: &PasswordHash,
        password: &PlainPassword,
        asker: Asker,
    ) -> Option<PasswordHash> {
        if !self.recipe.renews(stored, password) {
            return None;
        }
        match self.hash(password.clone(), asker).await {
            Ok(renewed) => Some(renewed),
            Err(error) => {
                tracing::debug!(%error, "a password hash is not renewed now");
                None
            }
        }
    }

    /// Runs work on one of the threads, when it is the asker's turn.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        asker: Asker,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AppError> {
        let turn = self.room.turn(asker).await.map_err(refused)?;
        let work = move || {
            let _until_done = turn;
            priority::lower();
            work()
        };
        self.lane.run(work).await.map_err(refused)
    }

    /// Gives memory back to the system that no hash has used since this was last called.
    pub(crate) fn release_memory(&self) {
        self.memory.release_unused();
    }

    /// How many checks were asked for since the start, those against nothing included.
    pub(crate) fn checks(&self) -> u64 {
        self.checks.load(Ordering::Relaxed)
    }

    /// What those checks took together ([`HashKind::work`]).
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
        // No account at all: the next one will have the configured kind.
        dummy(known.kinds.choose(digest).unwrap_or(self.recipe.kind()))
    }
}

fn hash_by(recipe: HashRecipe, memory: &Memory, password: &PlainPassword) -> Result<PasswordHash, AppError> {
    match recipe.algorithm {
        HashAlgorithm::Bcrypt => hash_blocking(password, recipe.bcrypt_cost),
        HashAlgorithm::Argon2 => hash_argon2_in(memory, password, recipe.argon2_cost),
    }
}

/// Why a password was not hashed.
fn refused(why: LaneError) -> AppError {
    match why {
        LaneError::Full | LaneError::Late | LaneError::Overdue | LaneError::Shut => AppError::Busy,
        LaneError::Panicked => AppError::Internal("hashing a password failed"),
    }
}
