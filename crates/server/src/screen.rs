//! Standard error, shared by the lines of the log and one line of progress: on a terminal a line of the log goes above it.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;

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

impl Write for &Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.lock().as_ref() {
            Some(bar) => bar.suspend(|| io::stderr().write(bytes)),
            None => io::stderr().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
