//! Why there is no answer.

use std::time::Duration;

/// Why a request got no answer. The sentences name no part of the URL: it may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The URL names no host.
    #[error("the URL names no host")]
    NoHost,
    /// The host's name has no IP, or the resolver fails.
    #[error("the name of the host cannot be resolved")]
    Unresolved,
    /// All IPs of the host were refused.
    #[error(
        "the host has only IPs that may not be reached: those of this machine, of private networks, or reserved ones"
    )]
    Forbidden,
    /// Nobody takes the connection.
    #[error("no connection: {0}")]
    Unreachable(std::io::ErrorKind),
    /// The certificate is not trusted, or the two have no protocol in common.
    #[error("no TLS connection: {0}")]
    Tls(String),
    /// URL or headers have a form that cannot be sent.
    #[error("the request cannot be sent")]
    Unsendable,
    /// What came back is no answer, or too large a head of one, or nothing.
    #[error("no answer of HTTP: {0}")]
    Protocol(String),
    /// It took longer than it may.
    #[error("no answer within {} seconds", .0.as_secs_f32())]
    TooSlow(Duration),
}

impl From<hyper::Error> for Failure {
    fn from(error: hyper::Error) -> Self {
        Self::Protocol(error.to_string())
    }
}
