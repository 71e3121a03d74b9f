//! The `rosterd` program; everything is in the library.

use std::process::ExitCode;

/// A list page takes hundreds of small blocks and some of a few KiB. From 1 KiB on, glibc sorts all its free blocks for one.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rosterd::cli::main()
}
