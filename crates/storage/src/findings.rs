//! What the errors of a call say about its connection and its database, noted while the call runs.
//!
//! A closure may turn a [`StoreError`](crate::StoreError) into an error of its own, or swallow it; so each is noted where
//! it is made, on the thread that runs the closure, and read when the closure is done.

use std::cell::RefCell;

use crate::codes::{Meaning, Trouble, Verdict};

/// The worst that was seen.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Findings {
    /// What becomes of the connection.
    pub(crate) verdict: Verdict,
    /// What lasts, and the database's own words for it.
    pub(crate) trouble: Option<(Trouble, String)>,
}

thread_local! {
    static SEEN: RefCell<Findings> = RefCell::default();
}

/// Notes an error.
pub(crate) fn note(meaning: Meaning, reason: &str) {
    SEEN.with_borrow_mut(|seen| {
        seen.verdict = seen.verdict.max(meaning.verdict());
        if let Some(trouble) = meaning.trouble() {
            seen.trouble = Some((trouble, reason.to_owned()));
        }
    });
}

/// The connection is in a state that nobody knows.
#[cfg(feature = "sqlite")]
pub(crate) fn note_unusable() {
    SEEN.with_borrow_mut(|seen| seen.verdict = seen.verdict.max(Verdict::Close));
}

/// Runs `work`, which must not panic, and gives what was noted meanwhile.
pub(crate) fn during<R>(work: impl FnOnce() -> R) -> (R, Findings) {
    SEEN.take();
    let result = work();
    (result, SEEN.take())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_is_kept_and_only_of_this_call() {
        note(Meaning::Lost, "before");
        let ((), seen) = during(|| {
            note(Meaning::Lasting(Trouble::Full), "no space left on device");
            note(Meaning::Late, "too slow");
            note(Meaning::Fault, "a defect");
        });
        assert_eq!(seen.verdict, Verdict::Close);
        assert_eq!(seen.trouble, Some((Trouble::Full, "no space left on device".to_owned())));
        assert_eq!(during(|| ()).1, Findings::default());
    }
}
