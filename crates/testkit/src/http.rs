//! What every request of the testkit shares: the client and the encoding of paths.

use std::error::Error;
use std::fmt::Write as _;
use std::time::Duration;

/// A client that shows answers as they came: no redirect is followed, no proxy asked.
#[must_use]
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(Duration::from_mins(1))
        .build()
        .expect("a client without TLS needs nothing")
}

/// Percent-encodes what may not stand in a path. `%` and the characters that separate its parts stay.
#[must_use]
pub(crate) fn encode_path(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"/%:@!$&'()*+,;=~-._?".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// An error and everything it was caused by, in one line: reqwest's own text leaves the cause out.
#[must_use]
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a String cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
