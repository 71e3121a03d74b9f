//! Commands of rosterd, and what they take.

use std::io;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::usage;

/// Between two looks at a running command.
const LOOK: Duration = Duration::from_millis(50);

/// What one took.
pub(super) struct Taken {
    pub(super) seconds: f64,
    pub(super) peak_mb: Option<f64>,
}

/// Runs a command to its end, which must be good.
///
/// # Errors
/// It cannot be started, or it failed. The message names its arguments.
pub(super) fn run(command: &mut Command) -> io::Result<Taken> {
    let began = Instant::now();
    let mut child = command.spawn()?;
    let mut peak_mb = None;
    loop {
        // Gone with the process: the last look before its end counts.
        peak_mb = usage::peak_mb(child.id()).or(peak_mb);
        if let Some(ended) = child.try_wait()? {
            let seconds = began.elapsed().as_secs_f64();
            let arguments: Vec<_> = command.get_args().map(|it| it.to_string_lossy()).collect();
            return if ended.success() {
                Ok(Taken { seconds, peak_mb })
            } else {
                Err(io::Error::other(format!("`rosterd {}` failed", arguments.join(" "))))
            };
        }
        thread::sleep(LOOK);
    }
}

/// The same, and rounds of load until it has ended: at least one.
pub(super) fn run_beside(command: &mut Command, mut round: impl FnMut() -> Result<()>) -> Result<Taken> {
    thread::scope(|scope| {
        let running = scope.spawn(|| run(command));
        loop {
            round()?;
            if running.is_finished() {
                break;
            }
        }
        Ok(running.join().map_err(|_panicked| "the command was not watched to its end")??)
    })
}
