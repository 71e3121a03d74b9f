//! Clients that write all at once, through one server or several, until they are told to stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rosterd_testkit::{Caller, ServerProcess, TestServer, run};
use tokio::task::JoinSet;

use crate::book::{Book, Books, Counts};

/// How long it may take until writes are acknowledged again.
const DEADLINE: Duration = Duration::from_mins(1);

/// The servers that clients write through, in turn. One that is started again has another URL. To be used on one runtime.
#[derive(Clone)]
pub(crate) struct Nodes(Arc<RwLock<Vec<Caller>>>);

impl Nodes {
    pub(crate) fn of(servers: &[&ServerProcess]) -> Self {
        Self::at(servers.iter().map(|server| server.anonymous()))
    }

    fn at(strangers: impl IntoIterator<Item = Caller>) -> Self {
        Self(Arc::new(RwLock::new(strangers.into_iter().map(|stranger| stranger.apart()).collect())))
    }

    /// Puts a server in the place of another.
    pub(crate) fn replace(&self, number: usize, server: &ServerProcess) {
        self.0.write().unwrap_or_else(PoisonError::into_inner)[number] = server.anonymous().apart();
    }

    /// Somebody without credentials, at the server whose turn it is.
    pub(crate) fn turn(&self, number: usize) -> Caller {
        let nodes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        nodes[number % nodes.len()].clone()
    }
}

impl From<&ServerProcess> for Nodes {
    fn from(server: &ServerProcess) -> Self {
        Self::of(&[server])
    }
}

impl From<&TestServer> for Nodes {
    fn from(server: &TestServer) -> Self {
        Self::at([server.anonymous()])
    }
}

/// Clients at work on a thread of their own.
pub(crate) struct Load {
    going: Arc<AtomicBool>,
    counts: Arc<Counts>,
    thread: JoinHandle<Books>,
}

impl Load {
    /// Begins; each client goes on with its own book.
    pub(crate) fn begin(nodes: impl Into<Nodes>, books: Books) -> Self {
        let nodes = nodes.into();
        let (going, counts) = (Arc::new(AtomicBool::new(true)), Arc::clone(&books.shared.counts));
        let go_on = Arc::clone(&going);
        let thread = thread::spawn(move || run::block_on(work(nodes, books, go_on)));
        Self { going, counts, thread }
    }

    /// Waits until that many more writes are acknowledged.
    ///
    /// # Panics
    /// When they are not within a minute, or a client got an answer that nobody may get.
    pub(crate) fn wait_for(&self, more: u64) {
        self.wait(&self.counts.acknowledged, self.counts.acknowledged.load(Ordering::Relaxed) + more);
    }

    /// How many writes were refused with 503 so far.
    pub(crate) fn refused(&self) -> u64 {
        self.counts.refused.load(Ordering::Relaxed)
    }

    /// Waits until more than that many were refused.
    ///
    /// # Panics
    /// As [`wait_for`](Self::wait_for).
    pub(crate) fn wait_until_refused(&self, before: u64) {
        self.wait(&self.counts.refused, before + 1);
    }

    fn wait(&self, count: &AtomicU64, wanted: u64) {
        let began = Instant::now();
        while count.load(Ordering::Relaxed) < wanted {
            assert!(!self.thread.is_finished(), "a client has failed; its message stands above");
            assert!(began.elapsed() < DEADLINE, "the clients wait for {wanted} answers of a kind, in vain");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Ends and gives the books back.
    pub(crate) fn end(self) -> Books {
        self.going.store(false, Ordering::Relaxed);
        self.thread.join().expect("a client has failed; its message stands above")
    }
}

async fn work(nodes: Nodes, books: Books, going: Arc<AtomicBool>) -> Books {
    let mut clients = JoinSet::new();
    let Books { shared, clients: theirs } = books;
    for mut book in theirs {
        let (nodes, shared, going) = (nodes.clone(), shared.clone(), Arc::clone(&going));
        clients.spawn(async move {
            while going.load(Ordering::Relaxed) {
                if !book.write(&shared, &nodes).await {
                    // Not to ask a server that is gone as often as the machine can.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
            book
        });
    }
    let mut done: Vec<Book> = Vec::new();
    while let Some(book) = clients.join_next().await {
        done.push(book.expect("a client has failed"));
    }
    Books { shared, clients: done }
}
