//! How many bytes of documents, and of the rows that contain them, a call reads and writes. This decides whether a
//! write is large.
//!
//! The bytes are counted where values enter and leave the database, on the thread that runs the closure. So no
//! closure has to report them.

use std::cell::Cell;

thread_local! {
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

/// Counts these bytes.
pub(crate) fn note(bytes: usize) {
    BYTES.set(BYTES.get().saturating_add(bytes));
}

/// Runs `work`, which must not panic, and gives what was counted meanwhile.
pub(crate) fn during<R>(work: impl FnOnce() -> R) -> (R, usize) {
    BYTES.set(0);
    let result = work();
    (result, BYTES.take())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_this_call_moves_is_counted() {
        note(7);
        assert_eq!(during(|| (note(1), note(2))).1, 3);
        assert_eq!(during(|| ()).1, 0);
    }
}
