//! Keeps the lock that readers share, so that they need not ask the system for it.
//!
//! In WAL mode a read takes a shared lock on the `-shm` file and gives it back: two system calls, an eighth of what a small
//! read costs. SQLite asks the system only for the first such lock in a process and gives back the last (`unixShmLock`). So
//! while many small reads come, one connection more stays in a read transaction, a moment at a time, and the locks of the
//! others cost nothing.
//!
//! Nobody has to wait for it. It reads the newest state when it begins, so a checkpoint copies everything beside it. When
//! somebody has written since, in this process or another, it is let go at the end of its moment, and not taken for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use diesel::RunQueryDsl as _;
use diesel::sql_types::BigInt;
use rosterd_lanes::{One, Remaining};

use super::connect::{Connector, Link};
use crate::StoreResult;
use crate::fragments::Statement;
use crate::pool::Connect as _;

/// The thread is told each time so many reads have begun. A power of two.
const READS: u64 = 1024;

/// When so many reads took no longer than this, the lock is kept: 2,000 reads a second.
const MANY_WITHIN: Duration = Duration::from_millis(512);

/// How long it is kept at a time.
const MOMENT: Duration = Duration::from_millis(10);

/// It is kept on while so many reads begin in a moment.
const MANY: u64 = 10;

/// How long it is not taken when somebody has written.
const AFTER_A_WRITE: Duration = Duration::from_millis(50);

/// The way to the thread that holds the lock, which ends when this is [shut](Hold::shut).
pub(super) struct Hold {
    reads: Arc<AtomicU64>,
    wake: Sender<Call>,
    threads: Remaining,
}

/// What the thread is told.
enum Call {
    /// So many reads have begun since it was last told.
    Reads,
    /// To end.
    End,
}

impl Hold {
    /// Starts the thread. It connects when it is first needed.
    pub(super) fn start(connector: Connector) -> std::io::Result<Self> {
        let (wake, calls) = bounded(1);
        let (reads, threads) = (Arc::new(AtomicU64::new(0)), Remaining::default());
        let (counted, here) = (Arc::clone(&reads), threads.add());
        std::thread::Builder::new()
            .name("rosterd-hold".to_owned())
            .spawn(move || hold_when_busy(&calls, &counted, &connector, here))?;
        Ok(Self { reads, wake, threads })
    }

    /// A small read begins.
    pub(super) fn reads(&self) {
        if self.reads.fetch_add(1, Ordering::Relaxed) % READS == READS - 1 {
            // A full queue means that it is about to look anyway.
            let _told_already = self.wake.try_send(Call::Reads);
        }
    }

    /// Lets the lock go for good, and waits until the connection is closed; `false` when it is not at that moment.
    pub(super) fn closed_by(&self, until: Instant) -> bool {
        // The thread takes what is queued within a moment.
        let _ended_already = self.wake.send_deadline(Call::End, until);
        self.threads.none_by(until)
    }
}

/// Sleeps until reads come quickly, and holds the lock as long as they do.
fn hold_when_busy(calls: &Receiver<Call>, reads: &AtomicU64, connector: &Connector, here: One) {
    let mut holder = None;
    let mut told = Instant::now();
    while let Ok(Call::Reads) = calls.recv() {
        let quick = told.elapsed() <= MANY_WITHIN;
        told = Instant::now();
        if !quick {
            continue;
        }
        match hold_while_busy(calls, reads, connector, &mut holder) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                // Reads go on without, and tell whoever asks what is wrong.
                tracing::debug!(%error, "the read lock could not be kept for all readers");
                holder = None;
            }
        }
    }
    drop(holder);
    drop(here);
}

/// Holds the lock for one moment after another, until reads become few; `false` when it is told to end.
fn hold_while_busy(
    calls: &Receiver<Call>,
    reads: &AtomicU64,
    connector: &Connector,
    holder: &mut Option<Holder>,
) -> StoreResult<bool> {
    let holder = match holder {
        Some(holder) => holder,
        None => holder.insert(Holder { link: connector.connect()?, state: None }),
    };
    loop {
        let before = reads.load(Ordering::Relaxed);
        let is_unchanged = holder.begin()?;
        let pause = if is_unchanged {
            let pause = wait(calls, MOMENT);
            holder.end()?;
            pause
        } else {
            holder.end()?;
            wait(calls, AFTER_A_WRITE)
        };
        if pause == Pause::Ended {
            return Ok(false);
        }
        if reads.load(Ordering::Relaxed).wrapping_sub(before) < MANY {
            return Ok(true);
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Pause {
    Over,
    Ended,
}

/// Waits so long, or until it is told to end.
fn wait(calls: &Receiver<Call>, span: Duration) -> Pause {
    let until = Instant::now() + span;
    loop {
        match calls.recv_deadline(until) {
            Ok(Call::Reads) => {}
            Err(RecvTimeoutError::Timeout) => return Pause::Over,
            Ok(Call::End) | Err(RecvTimeoutError::Disconnected) => return Pause::Ended,
        }
    }
}

/// The connection that holds the lock.
struct Holder {
    link: Link,
    /// The state of the database that it last saw, as SQLite counts them for this connection.
    state: Option<i64>,
}

impl Holder {
    /// Begins a read transaction and takes its lock; says whether nobody has written since the last one.
    fn begin(&mut self) -> StoreResult<bool> {
        Statement::new("BEGIN").execute(&mut self.link.conn)?;
        let state =
            Statement::new("PRAGMA data_version").rows::<BigInt>().get_result::<i64>(&mut self.link.conn)?;
        Ok(self.state.replace(state) == Some(state))
    }

    fn end(&mut self) -> StoreResult<()> {
        Statement::new("COMMIT").execute(&mut self.link.conn)?;
        Ok(())
    }
}
