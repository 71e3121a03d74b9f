//! Other people's programs, run to their end.

use std::io::{self, Read as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::{BackupError, Stop};
use crate::DatabaseUrl;

/// How often a program at work is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// What is told of what a program wrote: the end, where the reason stands. Bytes.
const TOLD: usize = 2000;

/// A program, and the database whose passwords it may repeat.
#[derive(Clone, Copy)]
pub(super) struct Program<'a> {
    pub(super) name: &'static str,
    pub(super) url: Option<&'a DatabaseUrl>,
}

/// Runs a command to its end, which must be good. What it writes to standard error is told if it is not.
pub(super) fn run(program: Program<'_>, mut command: Command, stop: &Stop) -> Result<(), BackupError> {
    let Program { name, url } = program;
    stop.check()?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let failed = |said: String| BackupError::Program { program: name, said };
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => BackupError::NoProgram { program: name, needed: 0, found: Vec::new() },
        _ => failed(error.to_string()),
    })?;
    let mut stderr = child.stderr.take();
    // Read while it works: a pipe that is full would stop it.
    let said = thread::spawn(move || {
        let mut said = Vec::new();
        // What was read until then is all there is.
        let _end = stderr.as_mut().map(|stderr| stderr.read_to_end(&mut said));
        said
    });
    let status = loop {
        if stop.is_asked() {
            // It has ended by itself, or ends now.
            let _ = child.kill();
            let _ = child.wait();
            return Err(BackupError::Stopped);
        }
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => thread::sleep(LOOK),
            Err(error) => return Err(failed(error.to_string())),
        }
    };
    if status.success() {
        return Ok(());
    }
    let said = said.join().unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let said = url.map_or_else(|| said.clone().into_owned(), |url| url.scrubbed(&said));
    let end = said.trim();
    let from = (end.len().saturating_sub(TOLD)..=end.len()).find(|at| end.is_char_boundary(*at));
    let end = &end[from.unwrap_or(end.len())..];
    Err(failed(if end.is_empty() { status.to_string() } else { end.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_missing_or_too_old_is_named_with_the_package() {
        let error = |found: &[u32]| {
            BackupError::NoProgram { program: "pg_dump", needed: 16, found: found.to_vec() }.to_string()
        };
        assert!(error(&[]).contains("not installed; install the package postgresql-client-16"));
        let old = error(&[14, 15]);
        assert!(old.contains("PostgreSQL 16") && old.contains("version 14, 15"), "{old}");
    }

    #[cfg(unix)]
    #[test]
    fn what_a_program_wrote_is_told_when_it_failed() {
        let shell = |script: &str| {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", script]);
            run(Program { name: "sh", url: None }, command, &Stop::default())
        };
        shell("echo unheard >&2").unwrap();
        assert_eq!(shell("echo why >&2; exit 3").unwrap_err().to_string(), "sh failed: why");
        assert!(shell("exit 3").unwrap_err().to_string().contains('3'));
        let stop = Stop::default();
        stop.now();
        let stopped = run(Program { name: "sh", url: None }, Command::new("/bin/sh"), &stop);
        assert!(matches!(stopped, Err(BackupError::Stopped)));
        let missing = run(Program { name: "age", url: None }, Command::new("/no/such"), &Stop::default());
        assert!(missing.unwrap_err().to_string().contains("install the package age"));
    }
}
