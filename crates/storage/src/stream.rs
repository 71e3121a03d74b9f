//! All users, in chunks, for an answer of any length with constant memory.
//!
//! A walk over all users holds a connection as long as its client reads. So walks have their own lane, and a client
//! that stops reading is disconnected.

use std::sync::Arc;
use std::time::Duration;

use rosterd_domain::user::UserInfo;
use rosterd_lanes::{Ongoing, Ticket};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::store::{Engine, Store, View, each};
use crate::work::{Call, Work};
use crate::{Db, StoreError, StoreResult};

/// Walks at the same time.
pub(crate) const THREADS: usize = 2;
/// Walks waiting for their turn; one more is refused at once.
pub(crate) const QUEUE: usize = 8;
/// Rows in a chunk.
const CHUNK: usize = 256;
/// Chunks made before one is taken.
const AHEAD: usize = 3;
/// How long a chunk may wait to be taken.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// Chunks of a walk. An `Err` is the last item; an end without one means that the walk is complete.
#[derive(Debug)]
pub struct UserInfoChunks {
    chunks: mpsc::Receiver<Result<Vec<UserInfo>, StoreError>>,
    walk: Ongoing,
    limit: Duration,
}

impl UserInfoChunks {
    /// The next chunk. A walk has no time limit, but a chunk has that of a statement.
    pub async fn recv(&mut self) -> Option<Result<Vec<UserInfo>, StoreError>> {
        match tokio::time::timeout(self.limit, self.chunks.recv()).await {
            Ok(chunk) => chunk,
            Err(_elapsed) => {
                self.walk.give_up();
                self.chunks.close();
                Some(Err(StoreError::unavailable("the next part of a list took too long")))
            }
        }
    }
}

impl Store {
    /// Everybody in the narrow shape, newest first, ties by descending id, in chunks of some hundred rows.
    ///
    /// `authorize` runs first, on the main database and never a lagging replica; its error is returned before
    /// anything is read. Dropping the receiver ends the walk, and so does not taking a chunk for 30 seconds.
    ///
    /// # Errors
    /// Those of `authorize`; [`StoreError::Unavailable`] through `E` when too many walks are under way.
    pub async fn stream_user_infos<E, F>(&self, authorize: F) -> Result<UserInfoChunks, E>
    where
        F: FnOnce(&mut dyn Db) -> Result<(), E> + Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (chunks, receiver) = mpsc::channel(AHEAD);
        let inner = Arc::clone(&self.inner);
        let runtime = Handle::current();
        let mut work: Box<dyn Work> = Box::new(Call::reading(authorize));
        let walk = move |ticket: &Arc<Ticket>, reply: oneshot::Sender<StoreResult<Box<dyn Work>>>| {
            let mut authorize = |db: &mut dyn Db| work.run(db);
            let ran = each!(&inner.engine, engine => engine.point(ticket, View::OfStatement, &mut authorize));
            let go_on = matches!(ran, Ok(true));
            ticket.go_on();
            if reply.send(ran.map(|_ended_well| work)).is_ok() && go_on {
                let outlet = Outlet { chunks, runtime, ticket: Arc::clone(ticket) };
                outlet.send_everybody(&inner.engine);
            }
        };
        let (authorized, walk) = self.inner.stream.run_replying(walk).await.map_err(StoreError::from)?;
        Call::<F, fn(&mut ()), (), E>::outcome_of(authorized)?;
        Ok(UserInfoChunks { chunks: receiver, walk, limit: self.inner.limit })
    }
}

/// Where chunks go.
struct Outlet {
    chunks: mpsc::Sender<Result<Vec<UserInfo>, StoreError>>,
    runtime: Handle,
    ticket: Arc<Ticket>,
}

impl Outlet {
    /// Sends; `false` when nobody takes it.
    fn send(&self, item: Result<Vec<UserInfo>, StoreError>) -> bool {
        // A client that reads slowly is not a database that hangs.
        self.ticket.pause();
        let sent = self.runtime.block_on(self.chunks.send_timeout(item, SEND_TIMEOUT)).is_ok();
        self.ticket.go_on();
        sent
    }
}

impl Outlet {
    fn send_everybody(&self, engine: &Engine) {
        let mut walked = Ok(());
        let mut walk = |db: &mut dyn Db| {
            walked = self.walk(db);
            walked.is_ok()
        };
        let ran = each!(engine, engine => engine.walk(&self.ticket, &mut walk));
        if let Err(error) = ran.and(walked) {
            self.send(Err(error));
        }
    }

    fn walk(&self, db: &mut dyn Db) -> StoreResult<()> {
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut wanted = true;
        db.for_each_user_info(&mut |user| {
            chunk.push(user);
            if chunk.len() == CHUNK {
                wanted = self.send(Ok(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK))));
            }
            wanted
        })?;
        if wanted && !chunk.is_empty() {
            self.send(Ok(chunk));
        }
        Ok(())
    }
}
