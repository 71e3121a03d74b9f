//! Hashing at a lower priority than everything else, so that the threads that answer requests come first.

use std::cell::Cell;

thread_local! {
    static LOWERED: Cell<bool> = const { Cell::new(false) };
}

/// How much lower (`nice`): where there is work for all, such a thread gets a tenth of the time of another.
#[cfg(target_os = "linux")]
const LOWER_BY: i32 = 10;

/// Lowers the priority of the calling thread, once. Only on Linux, where this concerns the thread alone and not the whole
/// process.
pub(super) fn lower() {
    if LOWERED.replace(true) {
        return;
    }
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(LOWER_BY) {
        tracing::debug!(%error, "passwords are hashed at the usual priority");
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_lowered_once_and_alone() {
        let priority = || rustix::process::getpriority_process(None).unwrap();
        let before = priority();
        let lowered = std::thread::spawn(move || {
            lower();
            let once = priority();
            lower();
            (once, priority())
        });
        let (once, twice) = lowered.join().unwrap();
        assert_eq!(once, (before + LOWER_BY).min(19));
        assert_eq!(twice, once);
        assert_eq!(priority(), before, "this thread is as it was");
    }
}
