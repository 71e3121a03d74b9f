//! Tests that are skipped because the machine lacks something: each says so at once, and the end of the test binary
//! counts them.
//!
//! Nothing of a Rust program runs after its last test, so a shell counts. It reads from a pipe whose other end this
//! process alone holds. However the process ends, the pipe is closed then, and the shell prints what it has counted.

use std::env;
use std::fmt;
use std::io::{self, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

/// What a test needs and this machine does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The server programs of PostgreSQL, or `ROSTERD_TEST_POSTGRES_URL` instead of them.
    Postgres,
    /// The program `pgbouncer`.
    PgBouncer,
    /// A PostgreSQL server that the harness started: one that was lent is on another machine, or asks for a password.
    OwnPostgres,
    /// The program `pg_basebackup`, without which there is no second server to fail over to.
    BaseBackup,
    /// The right to make a small file system in memory, for oneself alone (`unshare --mount`).
    SmallDisk,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL not found",
            Self::PgBouncer => "PgBouncer not found",
            Self::BaseBackup => "pg_basebackup not found",
            Self::SmallDisk => "no small file system can be made with unshare and mount",
            Self::OwnPostgres => {
                "the PostgreSQL server of ROSTERD_TEST_POSTGRES_URL cannot be put behind PgBouncer"
            }
        })
    }
}

/// Argument: the name of the test binary. Standard input: a line for each skipped test, which says what it missed.
const COUNT: &str = r#"
sort | uniq -c | while read -r count missing; do
    if [ "$count" -eq 1 ]; then tests=test; else tests=tests; fi
    echo "$1: $count $tests skipped: $missing"
done >&2
"#;

/// Says on standard error that a test is skipped and why, past the test harness, which keeps the output of tests that
/// pass to itself. When the test binary ends, the number of its skipped tests follows.
pub fn report(missing: Missing, test: &str) {
    static COUNTER: LazyLock<Option<Mutex<Child>>> = LazyLock::new(|| start_counter().ok().map(Mutex::new));
    // Neither line is worth failing a test that was going to be skipped.
    let _ = writeln!(io::stderr(), "skipped ({missing}): {test}");
    if let Some(counter) = &*COUNTER
        && let Some(lines) = &mut counter.lock().unwrap_or_else(PoisonError::into_inner).stdin
    {
        let _ = writeln!(lines, "{missing}");
    }
}

fn start_counter() -> io::Result<Child> {
    let program = env::current_exe()?;
    let name = program.file_stem().unwrap_or_default().to_string_lossy();
    // Cargo puts a hash behind the name.
    let name = name.rsplit_once('-').map_or(name.as_ref(), |(name, _hash)| name);
    Command::new("sh").args(["-c", COUNT, "count", name]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()
}
