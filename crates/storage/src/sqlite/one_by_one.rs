//! A transaction for each write, on a pool of connections: the common way, kept to measure the writer against. It is only
//! built with the feature `one-by-one`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use rosterd_lanes::Lane;

use super::connect::Connector;
use super::file::OpenFile;
use super::queries::Queries;
use crate::guard::{ended, guarded, kept};
use crate::health::{self, Health};
use crate::pool::{Filling, Pool};
use crate::work::Work;
use crate::{Layout, OpenError, StoreError, StoreOptions, StoreResult, findings};

/// Connections.
const WRITERS: usize = 4;

/// Threads that wait for one of them: as many as actix-web has for blocking calls.
const WAITING_WRITERS: usize = 512;

/// The threads and their connections.
pub(super) struct OneByOne {
    lane: Lane,
    pool: Arc<Pool<Connector>>,
    limit: Duration,
}

impl OneByOne {
    /// Starts the threads; `pool` makes a pool of so many connections.
    pub(super) fn start(
        options: &StoreOptions,
        pool: impl FnOnce(usize, Filling) -> Result<Pool<Connector>, OpenError>,
    ) -> Result<Self, OpenError> {
        let (wait, limit) = (options.wait, options.statement_timeout);
        let lane = Lane::limited("rosterd-write", WAITING_WRITERS, options.queue, wait, limit)?;
        Ok(Self { lane, pool: Arc::new(pool(WRITERS, Filling::Lazy)?), limit })
    }

    /// Takes no more writes, and waits for those under way; `false` when some are left at that moment.
    pub(super) fn close(&self, until: Instant) -> bool {
        self.lane.shut();
        let ended = self.lane.ended_by(until);
        self.pool.shut();
        self.pool.closed_by(until) && ended
    }

    /// Runs a transaction, which must begin within `wait`; gives the work back, which keeps what came of it.
    pub(super) async fn run(
        &self,
        file: Arc<OpenFile>,
        (layout, health): (Arc<Layout>, Arc<Health>),
        wait: Duration,
        mut work: Box<dyn Work>,
    ) -> StoreResult<Box<dyn Work>> {
        let (pool, limit) = (Arc::clone(&self.pool), self.limit);
        let job = move |ticket: &rosterd_lanes::Ticket| {
            file.ensure_in_place()?;
            let mut pooled = pool.get(ticket.due())?;
            pooled.conn().limit.set(limit);
            let (result, found) = findings::during(|| {
                ended(pooled.conn().immediate_transaction(|conn| {
                    if health.is_troubled() {
                        conn.batch_execute(health::TRY)?;
                    }
                    kept(guarded(&mut |db| work.run(db), &mut Queries::new(conn, &layout)))
                }))
            });
            pooled.conn().limit.lift();
            health.take_in(&found);
            pooled.settle(found.verdict);
            // After the commit, so that nothing is confirmed that went into a file which has no name any more.
            file.ensure_in_place()?;
            if result? {
                work.committed();
            }
            Ok(work)
        };
        self.lane.run_within(wait, job).await.map_err(StoreError::from)?
    }
}
