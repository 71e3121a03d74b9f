//! A skipped test says what is missing, and the end of the run counts the skipped.

use std::process::Command;

use rosterd_testkit::run::report_skip;
use rosterd_testkit::skips::{self, Missing};

#[test]
#[ignore = "the other test runs this one, in a process of its own"]
fn three_tests_are_skipped() {
    skips::report(Missing::PgBouncer, "one");
    report_skip("two");
    skips::report(Missing::PgBouncer, "three");
}

#[test]
fn the_end_of_a_run_counts_the_skipped_by_what_was_missing() {
    let program = std::env::current_exe().unwrap();
    let arguments = ["--ignored", "--exact", "three_tests_are_skipped"];
    // Ends when nobody holds the pipes any more: neither the tests nor who counts them.
    let run = Command::new(program).args(arguments).output().unwrap();
    assert!(run.status.success());
    let said = String::from_utf8(run.stderr).unwrap();
    let mut lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines.drain(..3).collect::<Vec<_>>(),
        [
            "skipped (PgBouncer not found): one",
            "skipped (PostgreSQL not found): two",
            "skipped (PgBouncer not found): three"
        ]
    );
    lines.sort_unstable();
    assert_eq!(
        lines,
        ["skips: 1 test skipped: PostgreSQL not found", "skips: 2 tests skipped: PgBouncer not found"]
    );
}
