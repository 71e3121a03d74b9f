//! Connections at rest. A pool of our own rather than r2d2's: the lanes already bound how many connections are in
//! use, so all that is left is a bounded channel; it has no threads of its own, reports a database that is down at
//! once instead of retrying behind the request's back, and throws away every idle connection after one was lost.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::{StoreError, StoreResult};

/// How long a connection may rest before it is asked whether it still lives.
const IDLE_LIMIT: Duration = Duration::from_secs(30);

/// How connections are made and tested.
pub(crate) trait Connect: Send + Sync {
    /// A connection.
    type Conn: Send;

    /// Makes one. [`StoreError::Unavailable`] when the database is out of reach.
    fn connect(&self) -> StoreResult<Self::Conn>;

    /// Whether a connection that has rested still works; must cost one round trip at most.
    fn is_alive(&self, conn: &mut Self::Conn) -> bool;
}

/// A fixed number of places, each empty or holding a connection at rest.
pub(crate) struct Pool<M: Connect> {
    manager: M,
    places: Receiver<Option<Resting<M::Conn>>>,
    back: Sender<Option<Resting<M::Conn>>>,
    /// Raised when a connection was lost: those made before it are not trusted.
    generation: AtomicU64,
    wait: Duration,
}

struct Resting<C> {
    conn: C,
    generation: u64,
    since: Instant,
}

impl<M: Connect> Pool<M> {
    /// A pool of `size` connections at most, none of them made yet; `wait` bounds how long one is waited for.
    pub(crate) fn new(manager: M, size: usize, wait: Duration) -> Self {
        let (back, places) = bounded(size.max(1));
        for _ in 0..size.max(1) {
            let _never_full = back.try_send(None);
        }
        Self { manager, places, back, generation: AtomicU64::new(0), wait }
    }

    /// Makes every connection now, so that none is made on a request thread later.
    pub(crate) fn fill(&self) -> StoreResult<()> {
        let mut held = Vec::new();
        for _ in 0..self.back.capacity().unwrap_or(1) {
            held.push(self.get()?);
        }
        Ok(())
    }

    /// A connection that is free right now and ready, or nothing.
    pub(crate) fn try_get(&self) -> Option<Pooled<'_, M>> {
        match self.places.try_recv().ok()? {
            Some(resting) if resting.generation == self.generation() => Some(self.lend(resting)),
            stale => {
                // Reconnecting may take a while: leave that to a thread that may wait.
                drop(stale);
                self.give_back(None);
                None
            }
        }
    }

    /// A connection, made anew where its place is empty.
    pub(crate) fn get(&self) -> StoreResult<Pooled<'_, M>> {
        let place = self
            .places
            .recv_timeout(self.wait)
            .map_err(|_timeout| StoreError::unavailable("no connection came free in time"))?;
        if let Some(mut resting) = place
            && resting.generation == self.generation()
            && (resting.since.elapsed() < IDLE_LIMIT || self.manager.is_alive(&mut resting.conn))
        {
            return Ok(self.lend(resting));
        }
        let generation = self.generation();
        match self.manager.connect() {
            Ok(conn) => Ok(self.lend(Resting { conn, generation, since: Instant::now() })),
            Err(error) => {
                self.give_back(None);
                Err(error)
            }
        }
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn lend(&self, resting: Resting<M::Conn>) -> Pooled<'_, M> {
        Pooled { pool: self, resting: Some(resting) }
    }

    fn give_back(&self, place: Option<Resting<M::Conn>>) {
        // There are never more loans than places.
        let _never_full = self.back.try_send(place);
    }
}

/// A connection on loan; it goes back when this is dropped.
pub(crate) struct Pooled<'a, M: Connect> {
    pool: &'a Pool<M>,
    /// Empty once the connection was given up.
    resting: Option<Resting<M::Conn>>,
}

impl<M: Connect> Pooled<'_, M> {
    /// The connection is lost or in an unknown state: closes it and distrusts every other that rests.
    pub(crate) fn discard(mut self) {
        self.pool.generation.fetch_add(1, Ordering::AcqRel);
        self.resting = None;
    }

    /// The connection itself.
    pub(crate) fn conn(&mut self) -> StoreResult<&mut M::Conn> {
        self.resting.as_mut().map(|resting| &mut resting.conn).ok_or(StoreError::Worker)
    }
}

impl<M: Connect> Drop for Pooled<'_, M> {
    fn drop(&mut self) {
        let place = self.resting.take().map(|resting| Resting { since: Instant::now(), ..resting });
        self.pool.give_back(place);
    }
}
