//! What is taken out of others' words before they are shown or logged.

use percent_encoding::percent_decode_str;

use super::postgres::encoded;
use super::{DatabaseUrl, Kind, PostgresUrl};

/// Options of a URL that hold a secret.
pub(super) const SECRET_OPTIONS: [&str; 5] =
    ["password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"];

/// Shorter secrets are found in many words, and taking them out would show where they are.
const SHORTEST: usize = 4;

impl DatabaseUrl {
    /// Text of libpq or of a server without this URL's passwords, in any spelling.
    pub(crate) fn scrubbed(&self, text: &str) -> String {
        match &self.kind() {
            Kind::Postgres(url) => url.scrubbed(text),
            _ => text.to_owned(),
        }
    }

    /// What to look at when a server refuses the password of this URL.
    pub(crate) fn hint(&self) -> &'static str {
        match &self.kind() {
            Kind::Postgres(url) if url.bare => {
                " (the password in the URL holds a character that has a meaning in URLs: percent-encode it, so that \
                 nobody cuts the URL there; `#` is %23, `?` is %3F)"
            }
            _ => "",
        }
    }
}

impl PostgresUrl {
    fn scrubbed(&self, text: &str) -> String {
        let secrets = self.password.iter().chain(
            self.options
                .iter()
                .filter(|(name, _)| SECRET_OPTIONS.contains(&name.as_str()))
                .map(|(_, value)| value),
        );
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        // What else the URL names is shown anyway.
        let shown: Vec<String> =
            self.user.iter().chain(&self.database).chain([&self.hosts]).map(|part| decoded(part)).collect();
        let mut spellings: Vec<String> =
            secrets.flat_map(|secret| [decoded(secret), encoded(secret), secret.clone()]).collect();
        spellings.retain(|secret| secret.len() >= SHORTEST && !shown.contains(secret));
        spellings.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        spellings.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
    }
}
