//! What test servers share that speak a protocol of their own: a listener on the loopback interface, and a thread for each
//! connection.

use std::io::{ErrorKind, Read as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A running listener. It ends when dropped.
#[derive(Debug)]
pub(crate) struct Loopback {
    addr: SocketAddr,
    over: Over,
    thread: Option<JoinHandle<()>>,
}

/// Whether the test is over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Over(Arc<AtomicBool>);

impl Loopback {
    /// One that serves each connection so, on a thread of its own.
    ///
    /// # Panics
    /// When there is no free port.
    pub(crate) fn start(serve: impl Fn(TcpStream, &Over) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback interface has a free port");
        let addr = listener.local_addr().expect("a listener has an address");
        let over = Over::default();
        let (its, serve) = (over.clone(), Arc::new(serve));
        let thread = thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if its.is_set() {
                    break;
                }
                let (over, serve) = (its.clone(), Arc::clone(&serve));
                thread::spawn(move || serve(stream, &over));
            }
        });
        Self { addr, over, thread: Some(thread) }
    }

    /// Where it listens.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.over.0.store(true, Ordering::SeqCst);
        // Wakes the thread up, so that it sees that it is over.
        drop(TcpStream::connect(self.addr));
        // A panic has been printed.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Over {
    fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Keeps a connection until the other side closes it, or the test is over.
    ///
    /// # Errors
    /// When the connection has ended already.
    pub(crate) fn hang(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_millis(50)))?;
        while !self.is_set() {
            match stream.read(&mut [0; 64]) {
                Ok(0) => break,
                Err(why) if !matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break,
                _ => {}
            }
        }
        Ok(())
    }
}
