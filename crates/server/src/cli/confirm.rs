//! Asking before something is done that a person may not mean. Programs are not asked.

use std::io::{self, BufRead, IsTerminal, Write};

use super::CliError;

/// Whether somebody can be asked, and has not said yes already.
pub(super) fn is_to_be_asked(yes: bool) -> bool {
    !yes && io::stdin().is_terminal()
}

/// Asks on standard error, and goes on if the answer is yes.
///
/// # Errors
/// [`CliError::Failure`] for any other answer, and [`CliError::Answer`] where none can be read.
pub(super) fn ask(question: &str) -> Result<(), CliError> {
    let mut out = io::stderr().lock();
    write!(out, "{question} [y/N] ").and_then(|()| out.flush()).map_err(CliError::Answer)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(CliError::Answer)?;
    if is_yes(&answer) { Ok(()) } else { Err(CliError::Failure("nothing was done".to_owned())) }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_means_yes() {
        for answer in ["y\n", "YES", " yes \r\n"] {
            assert!(is_yes(answer), "{answer}");
        }
        for answer in ["", "\n", "n", "no", "yess", "ja"] {
            assert!(!is_yes(answer), "{answer}");
        }
    }
}
