//! What is told while a command works for long: a line that moves on a terminal, and elsewhere a line now and then, so that a
//! log shows that something is going on. Short work tells nothing.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::Output;

/// How often a terminal is shown that the work goes on.
const TICK: Duration = Duration::from_millis(200);

/// After how long the first line is told where there is no terminal, and how long after it the next ones.
const FIRST_LINE: Duration = Duration::from_secs(5);
const NEXT_LINE: Duration = Duration::from_secs(10);

/// The progress of one command.
#[derive(Debug)]
pub(super) struct Progress {
    shown: Shown,
    began: Instant,
}

#[derive(Debug)]
enum Shown {
    Nothing,
    Bar { bar: ProgressBar, doing: &'static str },
    Lines { output: Output, doing: &'static str, due: Duration },
}

impl Progress {
    /// Nothing is told.
    pub(super) fn none() -> Self {
        Self { shown: Shown::Nothing, began: Instant::now() }
    }

    /// Tells what is being done, on standard error, unless `output` is quiet. `doing` is such as `updating the tables`.
    pub(super) fn of(output: Output, doing: &'static str) -> Self {
        let shown = if output.quiet {
            Shown::Nothing
        } else if io::stderr().is_terminal() {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                bar.set_style(style);
            }
            Shown::Bar { bar, doing }
        } else {
            Shown::Lines { output, doing, due: FIRST_LINE }
        };
        Self { shown, began: Instant::now() }
    }

    /// Tells that the work goes on, and how far it is, such as `4000 accounts`; empty if nobody knows.
    pub(super) fn at(&mut self, place: &str) {
        match &mut self.shown {
            Shown::Nothing => {}
            Shown::Bar { bar, doing } => {
                bar.set_message(line(doing, place));
                bar.tick();
            }
            Shown::Lines { output, doing, due } => {
                let elapsed = self.began.elapsed();
                if is_due(elapsed, due) {
                    output.note(&format!("{} ({} s)", line(doing, place), elapsed.as_secs()));
                }
            }
        }
    }

    /// Removes what is shown on a terminal.
    pub(super) fn end(self) {
        if let Shown::Bar { bar, .. } = self.shown {
            bar.finish_and_clear();
        }
    }

    /// Waits for the work and tells that it goes on.
    pub(super) async fn during<T>(mut self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        let mut ticks = tokio::time::interval(TICK);
        // The first is at once, and short work shows nothing.
        ticks.tick().await;
        let done = loop {
            tokio::select! {
                biased;
                done = &mut work => break done,
                _ = ticks.tick() => self.at(""),
            }
        };
        self.end();
        done
    }
}

fn line(doing: &str, place: &str) -> String {
    if place.is_empty() { doing.to_owned() } else { format!("{doing}: {place}") }
}

/// Whether a line is due after so long; then `due` moves to the next one.
fn is_due(elapsed: Duration, due: &mut Duration) -> bool {
    let is_due = elapsed >= *due;
    if is_due {
        *due = elapsed + NEXT_LINE;
    }
    is_due
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_after_five_seconds_and_then_every_ten() {
        let mut due = FIRST_LINE;
        let told: Vec<u64> =
            (0..40).filter(|second| is_due(Duration::from_secs(*second), &mut due)).collect();
        assert_eq!(told, [5, 15, 25, 35]);
    }

    #[test]
    fn a_line_says_what_is_done_and_how_far_it_is() {
        assert_eq!(line("listing", "4000 accounts"), "listing: 4000 accounts");
        assert_eq!(line("updating the tables", ""), "updating the tables");
    }
}
