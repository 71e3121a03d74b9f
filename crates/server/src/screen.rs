//! Standard error, shared by the lines of the log and one line of progress: on a terminal a line of the log goes above it.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;

use crate::telemetry::Sink;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Screen(Mutex<Option<ProgressBar>>);

impl Screen {
    /// From now on this line of progress is in the way.
    pub(crate) fn occupy(&self, bar: ProgressBar) {
        *self.lock() = Some(bar);
    }

    /// Nothing is in the way any more.
    pub(crate) fn clear(&self) {
        if let Some(bar) = self.lock().take() {
            bar.finish_and_clear();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Screen {
    fn write(&self, lines: &[u8]) -> io::Result<()> {
        match self.lock().as_ref() {
            Some(bar) => bar.suspend(|| io::stderr().write_all(lines)),
            None => io::stderr().write_all(lines),
        }
    }
}
