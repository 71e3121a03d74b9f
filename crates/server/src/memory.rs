//! How the C library's allocator gives memory back to the system.

use std::hint::black_box;

/// From this size on, a block of memory is a mapping of its own. Bytes.
const OWN_MAPPING: usize = 1024 * 1024;

/// Lets freed memory stay with the process a little longer: at the end of each of its arenas, up to 2 MiB.
///
/// SQLite takes 64 KiB for every savepoint that changes something, and frees them at its end. glibc gives the end of an arena
/// back to the system when more than 128 KiB of it are free, so that every other write took its memory anew from the system,
/// page by page: a quarter of the writing thread's time. Freeing a mapping makes glibc raise both of its thresholds to the
/// size of the mapping and to twice that (`M_MMAP_THRESHOLD` in mallopt(3)), which needs no call into C. Where there is
/// another allocator, nothing happens.
pub(crate) fn keep_freed_memory() {
    let block: Vec<u8> = Vec::with_capacity(OWN_MAPPING);
    // Seen from outside, so that the compiler does not leave it out.
    drop(black_box(block));
}

#[cfg(test)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod tests {
    use std::fs;

    use super::*;

    /// Pages that this thread has taken from the system so far.
    fn pages_taken() -> u64 {
        let stat = fs::read_to_string("/proc/thread-self/stat").unwrap();
        // The name in parentheses may hold anything; minflt is the eighth field after it.
        let (_, fields) = stat.rsplit_once(')').unwrap();
        fields.split_whitespace().nth(7).unwrap().parse().unwrap()
    }

    #[test]
    fn memory_that_is_freed_and_taken_again_does_not_come_from_the_system() {
        keep_freed_memory();
        let take = || {
            let blocks = [0_u8; 4].map(|byte| vec![byte + 1; 100 * 1024]);
            drop(black_box(blocks));
        };
        // A thread of its own has an arena of its own, as the writing thread has.
        let taken = std::thread::spawn(move || {
            take();
            let before = pages_taken();
            (0..100).for_each(|_| take());
            pages_taken() - before
        });
        assert!(taken.join().unwrap() < 1000, "400 KiB were taken from the system again and again");
    }
}
