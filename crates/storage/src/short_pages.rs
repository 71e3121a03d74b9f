//! Which pages of lists are read on the thread that asks for them (SQLite).
//!
//! To hand a page over to another thread and back costs an eighth of it. But while a thread reads one, all other requests of that
//! thread wait. So it reads short ones only, and after each it leaves the next ones to the lane for a while: whoever asks for lists
//! again and again takes a third of its time at most.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::turns::LARGE;

/// For how many times as long as a page took, the thread reads none itself.
const REST: u32 = 2;

thread_local! {
    /// When this thread may read a page again.
    static RESTS_UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// What is known of the pages that were read.
#[derive(Debug, Default)]
pub(crate) struct ShortPages {
    /// Whether the last one moved so much that it was not short. Then they are read on their lane until one did not.
    large: AtomicBool,
}

impl ShortPages {
    /// Whether this thread may read a page now.
    pub(crate) fn may_begin(&self, now: Instant) -> bool {
        !self.large.load(Ordering::Relaxed) && RESTS_UNTIL.get().is_none_or(|until| until <= now)
    }

    /// Notes that this thread has read one, which took so long, and how many bytes of documents that moved.
    pub(crate) fn read_here(&self, took: Duration, now: Instant, carried: usize) {
        RESTS_UNTIL.set(now.checked_add(took.saturating_mul(REST)));
        self.read_elsewhere(carried);
    }

    /// The same of a lane.
    pub(crate) fn read_elsewhere(&self, carried: usize) {
        self.large.store(carried >= LARGE, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_thread_rests_twice_as_long_as_a_page_took() {
        let (pages, now) = (ShortPages::default(), Instant::now());
        assert!(pages.may_begin(now));
        pages.read_here(MS, now, 0);
        assert!(!pages.may_begin(now + MS));
        assert!(pages.may_begin(now + 2 * MS));
        // Others have their own time.
        std::thread::scope(|scope| assert!(scope.spawn(|| pages.may_begin(now)).join().unwrap()));
    }

    #[test]
    fn large_pages_are_read_elsewhere_until_one_is_not_large() {
        let (pages, now) = (ShortPages::default(), Instant::now());
        pages.read_here(MS, now, LARGE);
        assert!(!pages.may_begin(now + 2 * MS));
        pages.read_elsewhere(LARGE);
        assert!(!pages.may_begin(now + 2 * MS));
        pages.read_elsewhere(LARGE - 1);
        assert!(pages.may_begin(now + 2 * MS));
    }
}
