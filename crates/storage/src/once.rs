//! Messages that are logged once in the life of the process.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// More different messages than this are not kept apart: nobody reads them all, and memory must not follow the faults of
/// a database.
const MOST: usize = 1_000;

static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Whether this is to be told now: `true` the first time, unless [`MOST`] others were told before.
pub(crate) fn tells(what: &str) -> bool {
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    !told.contains(what) && told.len() < MOST && told.insert(what.to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_told_once() {
        assert!(super::tells("a test of this"));
        assert!(!super::tells("a test of this"));
    }
}
