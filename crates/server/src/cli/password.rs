//! Reading a new password: from the terminal or from standard input, never from an argument, which every user of the
//! machine could read.

use std::io::{self, IsTerminal};

use rosterd_domain::secret::PlainPassword;

use super::CliError;

/// Asks twice on the terminal, or takes the first line of standard input.
pub(super) fn read(from_stdin: bool) -> Result<PlainPassword, CliError> {
    if from_stdin {
        let mut line = String::new();
        io::stdin().read_line(&mut line).map_err(CliError::Input)?;
        let password = line.strip_suffix('\n').unwrap_or(&line);
        return Ok(PlainPassword::new(password.strip_suffix('\r').unwrap_or(password).to_owned()));
    }
    if !io::stdin().is_terminal() {
        return Err(CliError::Usage(
            "there is no terminal to ask for a password; use --password-stdin".to_owned(),
        ));
    }
    let first = rpassword::prompt_password("Password: ").map_err(CliError::Input)?;
    let second = rpassword::prompt_password("Again: ").map_err(CliError::Input)?;
    if first != second {
        return Err(CliError::Failure("the two passwords differ".to_owned()));
    }
    Ok(PlainPassword::new(first))
}
