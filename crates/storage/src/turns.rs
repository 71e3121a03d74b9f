//! The order in which accounts may write, so that no account keeps the others from writing.
//!
//! An account has a few writes in the queues at a time. Its other writes wait here, in order; above a limit they
//! are refused. An account whose rows are large is detected when it writes, and remembered.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rosterd_lanes::LaneError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tokio::time::timeout_at;

/// A write that moves so many bytes of documents and their rows is a large one.
pub(crate) const LARGE: usize = 256 << 10;

/// Writes of one account that stand in the line of SQLite's writer at a time: a fraction of what it commits together.
pub(crate) const IN_LINE: usize = 16;

/// Writes of one account that are at work or wait; one more is refused.
pub(crate) const IN_FLIGHT: usize = 128;

/// The same for writes that say themselves that they are large: each holds its bytes while it waits.
pub(crate) const LARGE_IN_FLIGHT: usize = 16;

/// How many accounts with large rows are remembered. A forgotten one is found out again by its next write.
const REMEMBERED: usize = 4096;

/// Where a write comes from, and what it brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// The account's hash. Two accounts that share one share their turns, no more.
    account: Option<u64>,
    bytes: usize,
}

impl Origin {
    /// An account, by whatever names it: its id, or a secret that belongs to it, of which only a hash is kept.
    #[must_use]
    pub fn of(account: &str) -> Self {
        // Keyed anew in each process: nobody can choose a name that meets another's.
        static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        Self { account: Some(KEY.hash_one(account)), bytes: 0 }
    }

    /// The same, with so many bytes to be written.
    #[must_use]
    pub fn carrying(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }
}

/// Why a write gets no turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TurnError {
    /// One account has too many writes under way.
    #[error("too many writes of one account are waiting")]
    Crowded,
    /// Its turn did not come in time.
    #[error(transparent)]
    Lane(#[from] LaneError),
}

/// The turns of all accounts.
#[derive(Debug)]
pub(crate) struct Turns {
    /// How many writes of one account may be in the queues or at work.
    at_work: usize,
    accounts: Mutex<HashMap<u64, Account>>,
    large: Mutex<Remembered>,
}

/// An account with writes under way.
#[derive(Debug)]
struct Account {
    turns: Arc<Semaphore>,
    in_flight: usize,
    large: usize,
}

/// A write's place among those of its account, until it is dropped. It goes with the work, not with whoever waits for it.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Arc<Turns>,
    account: u64,
    large: bool,
    /// Given back when the place is.
    permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Turns for accounts that have so many writes in the queues at a time, at least one.
    pub(crate) fn new(at_work: usize) -> Self {
        Self { at_work: at_work.max(1), accounts: Mutex::default(), large: Mutex::default() }
    }

    /// Waits for the account's turn, until `due` at most. A write that comes from nobody has none and waits for none.
    pub(crate) async fn wait(
        self: &Arc<Self>,
        origin: Origin,
        due: Instant,
    ) -> Result<Option<Turn>, TurnError> {
        let Some(account) = origin.account else { return Ok(None) };
        let (mut turn, turns) = self.enter(account, origin.bytes >= LARGE)?;
        let permit = match Arc::clone(&turns).try_acquire_owned() {
            Ok(permit) => permit,
            Err(TryAcquireError::Closed) => return Err(LaneError::Shut.into()),
            Err(TryAcquireError::NoPermits) => timeout_at(due.into(), turns.acquire_owned())
                .await
                .map_err(|_elapsed| LaneError::Late)?
                .map_err(|_closed| LaneError::Shut)?,
        };
        turn.permit = Some(permit);
        Ok(Some(turn))
    }

    /// A place among the account's writes, if there is one left.
    fn enter(self: &Arc<Self>, account: u64, large: bool) -> Result<(Turn, Arc<Semaphore>), TurnError> {
        let mut accounts = lock(&self.accounts);
        let entry = accounts.entry(account).or_insert_with(|| Account {
            turns: Arc::new(Semaphore::new(self.at_work)),
            in_flight: 0,
            large: 0,
        });
        if entry.in_flight >= IN_FLIGHT || large && entry.large >= LARGE_IN_FLIGHT {
            return Err(TurnError::Crowded);
        }
        entry.in_flight += 1;
        entry.large += usize::from(large);
        let turns = Arc::clone(&entry.turns);
        Ok((Turn { turns: Arc::clone(self), account, large, permit: None }, turns))
    }

    /// Whether a write is a large one as far as is known: by what it brings, or by what its account wrote last.
    pub(crate) fn is_large(&self, origin: Origin) -> bool {
        origin.bytes >= LARGE || origin.account.is_some_and(|account| lock(&self.large).0.contains(&account))
    }

    /// Remembers the account if a read of it moved much.
    pub(crate) fn learn_large(&self, origin: Origin, carried: usize) {
        if carried >= LARGE {
            self.learn(origin, carried);
        }
    }

    /// Remembers what a write of the account moved; gives whether that was a large one.
    pub(crate) fn learn(&self, origin: Origin, carried: usize) -> bool {
        let large = carried >= LARGE;
        if let Some(account) = origin.account {
            lock(&self.large).set(account, large);
        }
        large
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut accounts = lock(&self.turns.accounts);
        if let Some(entry) = accounts.get_mut(&self.account) {
            entry.in_flight -= 1;
            entry.large -= usize::from(self.large);
            if entry.in_flight == 0 {
                accounts.remove(&self.account);
            }
        }
    }
}

/// Accounts whose last write was large, and in which order they came.
#[derive(Debug, Default)]
struct Remembered(HashSet<u64>, VecDeque<u64>);

impl Remembered {
    fn set(&mut self, account: u64, large: bool) {
        let Self(accounts, order) = self;
        if !large {
            if accounts.remove(&account) {
                order.retain(|other| *other != account);
            }
        } else if accounts.insert(account) {
            order.push_back(account);
            if order.len() > REMEMBERED
                && let Some(oldest) = order.pop_front()
            {
                accounts.remove(&oldest);
            }
        }
    }
}

/// Counts and sets like these cannot be left half written, so a poisoned lock is as good as another.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn later() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    #[tokio::test]
    async fn an_account_waits_for_itself_and_for_nobody_else() {
        let turns = Arc::new(Turns::new(1));
        let (bob, eve) = (Origin::of("bob"), Origin::of("eve"));
        let first = turns.wait(bob, later()).await.unwrap();
        assert_eq!(turns.wait(bob, Instant::now()).await.unwrap_err(), TurnError::Lane(LaneError::Late));
        assert!(turns.wait(eve, later()).await.unwrap().is_some());
        assert!(turns.wait(Origin::default(), later()).await.unwrap().is_none());
        let mut second = Box::pin(turns.wait(bob, later()));
        assert!(poll_once(&mut second).await.is_none());
        drop(first);
        assert!(second.await.unwrap().is_some());
    }

    #[tokio::test]
    async fn past_the_bound_an_account_is_refused_at_once() {
        let turns = Arc::new(Turns::new(1));
        let bob = Origin::of("bob");
        let first = turns.wait(bob, later()).await.unwrap();
        let mut waiting: Vec<_> = (1..IN_FLIGHT).map(|_| Box::pin(turns.wait(bob, later()))).collect();
        for one in &mut waiting {
            assert!(poll_once(one).await.is_none());
        }
        assert_eq!(turns.wait(bob, later()).await.unwrap_err(), TurnError::Crowded);
        assert!(turns.wait(Origin::of("eve"), later()).await.is_ok());
        // Whoever gives up makes room.
        waiting.pop();
        assert!(poll_once(&mut Box::pin(turns.wait(bob, later()))).await.is_none());
        drop((first, waiting));
        assert!(turns.accounts.lock().unwrap().is_empty(), "nobody is remembered for having written");
    }

    #[tokio::test]
    async fn fewer_large_writes_may_wait() {
        let turns = Arc::new(Turns::new(1));
        let bob = Origin::of("bob");
        let large = bob.carrying(LARGE);
        let _first = turns.wait(large, later()).await.unwrap();
        let mut waiting: Vec<_> =
            (1..LARGE_IN_FLIGHT).map(|_| Box::pin(turns.wait(large, later()))).collect();
        for one in &mut waiting {
            assert!(poll_once(one).await.is_none());
        }
        assert_eq!(turns.wait(large, later()).await.unwrap_err(), TurnError::Crowded);
        assert!(poll_once(&mut Box::pin(turns.wait(bob, later()))).await.is_none(), "it waits");
    }

    #[test]
    fn an_account_is_large_until_it_writes_a_little() {
        let turns = Turns::new(1);
        let bob = Origin::of("bob");
        assert!(!turns.is_large(bob) && turns.is_large(bob.carrying(LARGE)));
        assert!(turns.learn(bob, LARGE));
        assert!(turns.is_large(bob) && !turns.is_large(Origin::of("eve")));
        assert!(!turns.learn(bob, LARGE - 1));
        assert!(!turns.is_large(bob));
    }

    #[test]
    fn only_so_many_accounts_are_remembered() {
        let turns = Turns::new(1);
        let account = |number: usize| Origin::of(&number.to_string());
        for number in 0..=REMEMBERED {
            turns.learn(account(number), LARGE);
        }
        assert!(!turns.is_large(account(0)) && turns.is_large(account(1)));
        let large = turns.large.lock().unwrap();
        assert_eq!((large.0.len(), large.1.len()), (REMEMBERED, REMEMBERED));
    }

    /// Polls once, so that the place is taken.
    async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(context) {
                std::task::Poll::Ready(value) => Some(value),
                std::task::Poll::Pending => None,
            })
        })
        .await
    }
}
