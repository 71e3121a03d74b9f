//! The log's way to standard error while the server runs: the lines of requests go in groups.
//!
//! A busy server answers tens of thousands of requests a second, and a call of the system for the line of each would be
//! a tenth of its work. So a line that comes less than [`GAP`] after the last writing waits for the others of that span.
//! A line at a quiet time is written at once, and so is every line that is not of a request, with all that wait before
//! it: the order of the log is the order in which lines came. What a killed process can lose is the request lines of one
//! span.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

use super::REQUESTS;

/// How long a line of a request may wait: too short to be noticed by who reads the log, and the thread that writes wakes a hundred times a
/// second at most.
const GAP: Duration = Duration::from_millis(10);

/// Bytes that may wait. Whoever comes when there are more writes them, so a slow reader of the log slows the server down
/// and takes no memory.
const MOST: usize = 256 * 1024;

/// What lines are written to: the screen, which is shared.
pub(crate) trait Sink: Send + Sync + 'static {
    /// Writes them all.
    fn write(&self, lines: &[u8]) -> io::Result<()>;
}

/// Where the lines go; see the module.
#[derive(Debug)]
pub(super) struct Gathered<S>(Arc<Shared<S>>);

impl<S> Clone for Gathered<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[derive(Debug)]
struct Shared<S> {
    sink: Arc<S>,
    waiting: Mutex<Waiting>,
    /// Told when the first line waits, and at the end.
    came: Condvar,
    /// Held by whoever writes. In it is the buffer of the last writing, to be used again.
    turn: Mutex<Vec<u8>>,
}

#[derive(Debug)]
struct Waiting {
    text: Vec<u8>,
    written: Instant,
    ended: bool,
}

/// Writes what waits when it is dropped.
#[derive(Debug)]
#[must_use = "lines that wait are lost when the process ends before this is dropped"]
pub(crate) struct Remaining<S> {
    lines: Gathered<S>,
    writer: Option<JoinHandle<()>>,
}

impl<S> Drop for Remaining<S> {
    fn drop(&mut self) {
        lock(&self.lines.0.waiting).ended = true;
        self.lines.0.came.notify_all();
        if let Some(writer) = self.writer.take() {
            // It cannot have panicked, and if so nothing can be told any more.
            let _ended = writer.join();
        }
    }
}

impl<S: Sink> Gathered<S> {
    /// Starts the thread that writes what waits.
    ///
    /// # Errors
    /// That of the system, when it gives no thread.
    pub(super) fn start(sink: Arc<S>) -> io::Result<(Self, Remaining<S>)> {
        let waiting = Waiting { text: Vec::new(), written: Instant::now(), ended: false };
        let (waiting, turn) = (Mutex::new(waiting), Mutex::default());
        let lines = Self(Arc::new(Shared { sink, waiting, came: Condvar::new(), turn }));
        let written = lines.clone();
        let writer = thread::Builder::new().name("log".to_owned()).spawn(move || written.write_on())?;
        Ok((lines.clone(), Remaining { lines, writer: Some(writer) }))
    }

    fn write_on(&self) {
        let Shared { waiting, came, .. } = &*self.0;
        loop {
            let idle = came.wait_while(lock(waiting), |waiting| waiting.text.is_empty() && !waiting.ended);
            let begun = idle.unwrap_or_else(PoisonError::into_inner);
            let spent = came.wait_timeout_while(begun, GAP, |waiting| !waiting.ended);
            let ended = spent.unwrap_or_else(PoisonError::into_inner).0.ended;
            // Nobody is left to tell that the log cannot be written.
            let _written = self.write(&[]);
            if ended {
                return;
            }
        }
    }

    /// Writes what waits, then this line.
    fn write(&self, line: &[u8]) -> io::Result<()> {
        let mut text = lock(&self.0.turn);
        {
            let mut waiting = lock(&self.0.waiting);
            waiting.written = Instant::now();
            std::mem::swap(&mut *text, &mut waiting.text);
        }
        text.extend_from_slice(line);
        let written = self.0.sink.write(&text);
        text.clear();
        written
    }

    fn add(&self, line: &[u8]) -> io::Result<()> {
        let mut waiting = lock(&self.0.waiting);
        let is_first = waiting.text.is_empty();
        if is_first && waiting.written.elapsed() >= GAP || waiting.text.len() >= MOST {
            drop(waiting);
            return self.write(line);
        }
        waiting.text.extend_from_slice(line);
        drop(waiting);
        if is_first {
            self.0.came.notify_one();
        }
        Ok(())
    }
}

/// Takes one line.
#[derive(Debug)]
pub(super) struct Line<'a, S> {
    lines: &'a Gathered<S>,
    may_wait: bool,
}

impl<S: Sink> io::Write for Line<'_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.may_wait { self.lines.add(bytes) } else { self.lines.write(bytes) }?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lines.write(&[])
    }
}

impl<'a, S: Sink> MakeWriter<'a> for Gathered<S> {
    type Writer = Line<'a, S>;

    fn make_writer(&'a self) -> Line<'a, S> {
        Line { lines: self, may_wait: false }
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Line<'a, S> {
        Line { lines: self, may_wait: event.target() == REQUESTS }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
