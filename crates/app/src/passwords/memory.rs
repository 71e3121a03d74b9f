//! The memory that Argon2 works in, 19 to 64 MiB a hash, used again.
//!
//! Fresh memory comes from the system a page at a time, which took a sixth of the time of a hash. So hashes in a row share
//! it. When there was none for a while, it goes back, and the server is as small as before.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::Block;

/// Memory of hashes that are done.
#[derive(Default)]
pub(super) struct Memory {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// One for each hash that was made at the same time.
    free: Vec<Vec<Block>>,
    /// Whether any was used since the last look.
    was_used: bool,
}

impl Memory {
    /// Works with so many blocks, which hold anything.
    pub(super) fn with<T>(&self, blocks: usize, work: impl FnOnce(&mut [Block]) -> T) -> T {
        let mut memory = self.kept().free.pop().unwrap_or_default();
        if memory.len() < blocks {
            // What is there would only be copied.
            memory = vec![Block::new(); blocks];
        }
        let value = work(&mut memory[..blocks]);
        let mut kept = self.kept();
        kept.was_used = true;
        kept.free.push(memory);
        value
    }

    /// Gives all of it back to the system if none was used since this was last called.
    pub(super) fn release_unused(&self) {
        let mut kept = self.kept();
        if !std::mem::take(&mut kept.was_used) {
            kept.free = Vec::new();
        }
    }

    /// What is in it is no value that could be half written.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Not what is in it: that was made of passwords.
impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(memory: &Memory, blocks: usize) -> *const Block {
        memory.with(blocks, |blocks| blocks.as_ptr())
    }

    #[test]
    fn it_is_used_again_and_given_back_when_it_rests() {
        let memory = Memory::default();
        let first = place(&memory, 8);
        assert_eq!(place(&memory, 8), first);
        assert_eq!(place(&memory, 4), first, "less fits into it");
        assert_eq!(memory.with(16, |blocks| blocks.len()), 16, "more does not");
        memory.release_unused();
        assert_eq!(memory.kept().free.len(), 1, "it was used since the last look");
        memory.release_unused();
        assert!(memory.kept().free.is_empty());
    }

    #[test]
    fn hashes_at_the_same_time_have_memory_of_their_own() {
        let memory = Memory::default();
        memory.with(8, |outer| memory.with(8, |inner| assert_ne!(outer.as_ptr(), inner.as_ptr())));
        assert_eq!(memory.kept().free.len(), 2);
    }
}
