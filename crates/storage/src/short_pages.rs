//! Which pages of lists are read on the thread that asks for them (SQLite).
//!
//! To hand a page over to another thread and back costs an eighth of it. But while a thread reads one, all other requests of that
//! thread wait. So it reads short ones only, and while it has other requests it leaves the next pages after each to the lane for a
//! while: whoever asks for lists again and again takes a third of its time at most.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::turns::LARGE;

/// For how many times as long as a page took, the thread reads none itself.
const REST: u32 = 2;

/// For how long after another request a thread expects the next one.
const OTHERS_WITHIN: Duration = Duration::from_secs(1);

thread_local! {
    /// Whether this thread has had other requests since it was last asked for a page. Not when: that would be a look at the
    /// clock for each of them.
    static HAS_OTHERS: Cell<bool> = const { Cell::new(false) };
    /// Until when it expects more of them.
    static EXPECTS_UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
    /// When it may read a page again, if it has to share its time.
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
        if HAS_OTHERS.replace(false) {
            EXPECTS_UNTIL.set(now.checked_add(OTHERS_WITHIN));
        }
        let is_over = |until: Option<Instant>| until.is_none_or(|until| until <= now);
        !self.large.load(Ordering::Relaxed) && (is_over(EXPECTS_UNTIL.get()) || is_over(RESTS_UNTIL.get()))
    }

    /// This thread has a request that is not for a page.
    pub(crate) fn others_work() {
        HAS_OTHERS.set(true);
    }

    /// This thread has read one, which took so long: it rests, whatever store it is asked for.
    pub(crate) fn rest_after(took: Duration, now: Instant) {
        RESTS_UNTIL.set(now.checked_add(took.saturating_mul(REST)));
    }

    /// Notes how many bytes of documents a page has moved, wherever it was read. One that failed on the way tells nothing.
    pub(crate) fn note(&self, ended_well: bool, carried: usize) {
        if ended_well {
            self.large.store(carried >= LARGE, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_thread_with_other_requests_rests_twice_as_long_as_a_page_took() {
        let (pages, now) = (ShortPages::default(), Instant::now());
        assert!(pages.may_begin(now));
        ShortPages::others_work();
        ShortPages::rest_after(MS, now);
        assert!(!pages.may_begin(now + MS));
        assert!(pages.may_begin(now + 2 * MS));
        // Others have their own time.
        std::thread::scope(|scope| assert!(scope.spawn(|| pages.may_begin(now)).join().unwrap()));
    }

    #[test]
    fn a_thread_rests_for_nobody_who_is_not_there() {
        let (pages, now) = (ShortPages::default(), Instant::now());
        ShortPages::rest_after(MS, now);
        assert!(pages.may_begin(now));
        // One other request is enough for a second.
        ShortPages::others_work();
        ShortPages::rest_after(2 * OTHERS_WITHIN, now);
        assert!(!pages.may_begin(now));
        assert!(!pages.may_begin(now + Duration::from_millis(999)));
        assert!(pages.may_begin(now + OTHERS_WITHIN));
    }

    #[test]
    fn large_pages_are_read_elsewhere_until_one_is_not_large() {
        let (pages, now) = (ShortPages::default(), Instant::now());
        pages.note(true, LARGE);
        assert!(!pages.may_begin(now));
        // Nothing is known of one that failed.
        pages.note(false, 0);
        assert!(!pages.may_begin(now));
        pages.note(true, LARGE - 1);
        assert!(pages.may_begin(now));
    }
}
