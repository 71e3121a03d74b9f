//! What is told while a command works for long: a line that moves on a terminal, and elsewhere a line now and then, so that a
//! log shows that something is going on. Short work tells nothing.

use std::io::{self, IsTerminal};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use rosterd_storage::OpeningWatch;

use super::Output;
use crate::screen::Screen;

/// How often a terminal is display that the work goes on.
const TICK: Duration = Duration::from_millis(200);

/// After how long a terminal shows that a server is still starting: most starts are faster.
const FIRST_SIGHT: Duration = Duration::from_secs(1);

/// After how long the first line is told where there is no terminal, and how long after it the next ones.
const FIRST_LINE: Duration = Duration::from_secs(5);
const NEXT_LINE: Duration = Duration::from_secs(10);

/// The progress of one command.
#[derive(Debug)]
pub(super) struct Progress {
    display: Display,
    doing: &'static str,
    began: Instant,
    /// How far the work is, such as what a database that is being opened is busy with.
    place: Arc<Mutex<String>>,
}

#[derive(Debug)]
enum Display {
    Nothing,
    /// A line that moves, from `due` on. The log knows that it is there.
    Bar {
        bar: ProgressBar,
        due: Duration,
        screen: Option<Arc<Screen>>,
    },
    /// Lines of their own.
    Lines {
        output: Output,
        due: Duration,
    },
    /// Lines of the log.
    Log {
        due: Duration,
    },
}

impl Progress {
    /// Nothing is told.
    pub(super) fn none() -> Self {
        Self::new(Display::Nothing, "")
    }

    /// Tells what is being done, on standard error, unless `output` is quiet. `doing` is such as `opening the database`.
    pub(super) fn of(output: Output, doing: &'static str) -> Self {
        let display = if output.quiet {
            Display::Nothing
        } else if io::stderr().is_terminal() {
            Display::Bar { bar: bar(), due: Duration::ZERO, screen: None }
        } else {
            Display::Lines { output, due: FIRST_LINE }
        };
        Self::new(display, doing)
    }

    /// The same for a server, whose log goes to this screen, and has the lines where that is no terminal.
    pub(super) fn of_server(output: Output, screen: &Arc<Screen>, doing: &'static str) -> Self {
        let display = if io::stderr().is_terminal() && !output.quiet {
            Display::Bar { bar: bar(), due: FIRST_SIGHT, screen: Some(Arc::clone(screen)) }
        } else {
            Display::Log { due: FIRST_LINE }
        };
        Self::new(display, doing)
    }

    fn new(display: Display, doing: &'static str) -> Self {
        Self { display, doing, began: Instant::now(), place: Arc::default() }
    }

    /// What is to be told of the opening of a database, so that it is display.
    pub(super) fn watch(&self) -> OpeningWatch {
        let tell = self.teller();
        OpeningWatch::new(move |stage| tell(stage.to_string()))
    }

    /// What is to be told of how far the work is, so that it is display.
    pub(super) fn teller(&self) -> impl Fn(String) + Send + Sync + 'static {
        let place = Arc::clone(&self.place);
        move |told| *place.lock().unwrap_or_else(PoisonError::into_inner) = told
    }

    /// Tells that the work goes on, and how far it is, such as `4000 accounts`; empty if nobody knows.
    pub(super) fn at(&mut self, place: &str) {
        let elapsed = self.began.elapsed();
        match &mut self.display {
            Display::Nothing => {}
            Display::Bar { due, .. } if elapsed < *due => {}
            Display::Bar { bar, screen, .. } => {
                if let Some(screen) = screen.take() {
                    screen.occupy(bar.clone());
                }
                bar.set_message(line(self.doing, place));
                bar.tick();
            }
            Display::Lines { output, due } => {
                if is_due(elapsed, due) {
                    output.note(&format!("{} ({} s)", line(self.doing, place), elapsed.as_secs()));
                }
            }
            Display::Log { due } => {
                if is_due(elapsed, due) {
                    tracing::info!("{} ({} s)", line(self.doing, place), elapsed.as_secs());
                }
            }
        }
    }

    /// Removes what is display on a terminal.
    pub(super) fn end(self) {
        if let Display::Bar { bar, .. } = self.display {
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
                _ = ticks.tick() => {
                    let place = self.place.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    self.at(&place);
                }
            }
        };
        self.end();
        done
    }
}

/// A line that moves.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar
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
        assert_eq!(line("opening the database", ""), "opening the database");
        let step = rosterd_storage::Opening::Updating { step: 3, of: 8 }.to_string();
        assert_eq!(
            line("opening the database", &step),
            "opening the database: updating its tables, step 3 of 8"
        );
    }
}
