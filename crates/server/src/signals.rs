//! SIGTERM and SIGINT, watched instead of left to the system: actix by itself stops without grace on SIGINT.

use std::io;

use actix_web::rt;

/// The signals that ask the program to stop. From [`Signals::watch`] on they no longer end the process by themselves.
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    terminate: rt::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: rt::signal::unix::Signal,
}

impl Signals {
    /// Starts to watch, on the current runtime.
    ///
    /// # Errors
    /// What the system said, when it refuses.
    #[cfg(unix)]
    pub fn watch() -> io::Result<Self> {
        use rt::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one and gives its name.
    #[cfg(unix)]
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }

    /// Starts to watch.
    ///
    /// # Errors
    /// None on this system.
    #[cfg(not(unix))]
    pub fn watch() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next one and gives its name.
    #[cfg(not(unix))]
    pub async fn next(&mut self) -> &'static str {
        // Without a console there is nothing to wait for: the server then runs until it is killed.
        if rt::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}
