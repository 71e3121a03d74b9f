//! Why a mail was not sent.

use std::error::Error as _;
use std::time::Duration;

use lettre::transport::smtp::Error;

use crate::failure::Failure;

/// The most characters that are kept of what a server said.
const MOST: usize = 300;

/// Why a mail was not sent. The sentences name neither user name nor password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmtpFailure {
    /// This mail was refused for good.
    #[error("{0}")]
    Refused(String),
    /// It may be sent another time.
    #[error("{0}")]
    NotNow(String),
}

impl SmtpFailure {
    /// A step took too long.
    pub(super) fn too_slow(what: &str, time: Duration) -> Self {
        Self::NotNow(format!("{what} did not come within {} seconds", time.as_secs_f32()))
    }

    /// What went wrong with the connection or with the server, before there was a mail.
    pub(super) fn of_server(error: &Error) -> Self {
        Self::NotNow(sentence(error))
    }

    /// What went wrong with signing in. A server may repeat what it was sent, so only its status is told.
    pub(super) fn of_sign_in(error: &Error) -> Self {
        Self::NotNow(match error.status() {
            Some(status) => format!(
                "the mail server refused user name and password ({status}); ROSTERD_SMTP_URL has them, with % for what URLs do \
                 not take as it is"
            ),
            None if error.is_client() => {
                "the mail server offers no way to sign in that is known here: PLAIN and LOGIN are".to_owned()
            }
            None => "the connection broke while signing in".to_owned(),
        })
    }

    /// What became of a mail.
    pub(super) fn of_mail(error: &Error) -> Self {
        // What cannot be said to this server cannot be said later either.
        if error.is_permanent() || error.is_client() {
            Self::Refused(sentence(error))
        } else {
            Self::NotNow(sentence(error))
        }
    }
}

impl From<Failure> for SmtpFailure {
    fn from(failure: Failure) -> Self {
        Self::NotNow(failure.to_string())
    }
}

fn sentence(error: &Error) -> String {
    let said = error.source().map(|source| one_line(&source.to_string())).unwrap_or_default();
    match error.status() {
        Some(status) if said.is_empty() => format!("the mail server answered {status}"),
        Some(status) => format!("the mail server answered {status}: {said}"),
        None if error.is_client() => said,
        None => format!("the connection to the mail server broke: {said}"),
    }
}

/// What somebody else said, in one line that is not too long.
pub(super) fn one_line(text: &str) -> String {
    let words = text.split(|letter: char| letter.is_control() || letter.is_whitespace());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    line.chars().take(MOST).collect()
}
