//! Hashing and checking passwords with bcrypt, on threads of their own behind a bound (rule R3, design D1).
//!
//! A hash takes a third of a second of a core on purpose. On the request threads, or on as many threads as there are
//! sign-ins, it would stall everything else.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_storage::{Lane, LaneError};

use crate::error::ApiError;
use crate::settings::Settings;

/// bcrypt looks at no more than this many bytes.
const BCRYPT_BYTES: usize = 72;

/// How long a sign-in may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(20);

/// The hashing threads.
pub(crate) struct Passwords {
    lane: Lane,
    cost: u32,
    /// A hash of nothing anybody knows, checked when there is no account so that both answers take the same time.
    dummy: PasswordHash,
    checks: AtomicU64,
}

impl Passwords {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn new(settings: &Settings) -> std::io::Result<Self> {
        Ok(Self {
            lane: Lane::new("rosterd-hash", settings.hash_threads, settings.hash_queue, PATIENCE)?,
            cost: settings.bcrypt_cost,
            dummy: dummy_hash(settings.bcrypt_cost),
            checks: AtomicU64::new(0),
        })
    }

    /// A new hash at the configured cost. The policy was checked before.
    ///
    /// # Errors
    /// [`ApiError::Busy`] when too many are waiting.
    pub(crate) async fn hash(&self, password: PlainPassword) -> Result<PasswordHash, ApiError> {
        let cost = self.cost;
        self.lane.run(move || hash_blocking(&password, cost)).await.map_err(refused)?
    }

    /// Whether the password fits. `None` stands for an account that does not exist: it costs the same and never fits.
    /// A password beyond 72 bytes is cut as Open WebUI cuts it when signing in.
    ///
    /// # Errors
    /// [`ApiError::Busy`] when too many are waiting.
    pub(crate) async fn check(
        &self,
        password: PlainPassword,
        hash: Option<PasswordHash>,
    ) -> Result<bool, ApiError> {
        self.checks.fetch_add(1, Ordering::Relaxed);
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy.clone());
        let fits = move || {
            let bytes = password.expose().as_bytes();
            // A malformed stored hash fits nothing; it is the database's fault, not the caller's.
            bcrypt::verify(&bytes[..bytes.len().min(BCRYPT_BYTES)], hash.expose()).unwrap_or(false)
        };
        let fits = self.lane.run(fits).await.map_err(refused)?;
        Ok(fits && known)
    }

    /// Whether a stored hash is cheaper than what is configured now, and so should be renewed.
    pub(crate) fn is_cheap(&self, hash: &PasswordHash) -> bool {
        cost_of(hash).is_some_and(|cost| cost < self.cost)
    }

    /// How many checks were asked for since the start, those against nothing included.
    pub(crate) fn checks(&self) -> u64 {
        self.checks.load(Ordering::Relaxed)
    }
}

/// Why a password was not hashed.
fn refused(why: LaneError) -> ApiError {
    match why {
        LaneError::Full | LaneError::Crowded | LaneError::Late | LaneError::Overdue | LaneError::Shut => {
            ApiError::Busy
        }
        LaneError::Panicked => ApiError::Internal("hashing a password failed"),
    }
}

/// Hashes on the calling thread, for tools that have no requests to stall.
///
/// # Errors
/// [`ApiError::Internal`] when bcrypt refuses the cost.
pub fn hash_blocking(password: &PlainPassword, cost: u32) -> Result<PasswordHash, ApiError> {
    bcrypt::hash(password.expose(), cost)
        .map(PasswordHash::from_stored)
        .map_err(|_why| ApiError::Internal("a password could not be hashed"))
}

/// A well-formed hash of this cost that no known password has. Its salt and digest are constants: making a real one
/// would cost every start a third of a second.
fn dummy_hash(cost: u32) -> PasswordHash {
    PasswordHash::from_stored(format!("$2b${cost:02}$rosterdrosterdrosterduZxq0Mjs5B1nX8vY3cWk7tLhPe2aGmSK"))
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

    #[test]
    fn costs_are_read_from_every_variant() {
        for (text, cost) in
            [("$2b$12$abc", Some(12)), ("$2a$04$abc", Some(4)), ("$2y$10$abc", Some(10)), ("x", None)]
        {
            assert_eq!(cost_of(&PasswordHash::from_stored(text.to_owned())), cost);
        }
    }
}
