//! How people sign in: secrets, cookies, and proxies that sign them in.

use rosterd_domain::secret::SetupToken;
use secrecy::{ExposeSecret, SecretSlice};

/// The token secret. `Debug` shows nothing of it, and its memory is overwritten when it is dropped.
#[derive(Debug, Clone)]
pub struct TokenSecret(SecretSlice<u8>);

impl TokenSecret {
    /// A secret of any length; the server crate refuses short ones.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into().into())
    }

    /// The bytes, for signing and checking.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl PartialEq for TokenSecret {
    /// Whether two configurations have the same; nobody who asks from outside is answered by it.
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for TokenSecret {}

/// Which set-up token the first account needs (rule A3).
#[derive(Debug, Clone, Default)]
pub enum SetupSetting {
    /// One that [`setup::prepare`](crate::setup::prepare) makes.
    #[default]
    Generated,
    /// This one.
    Given(SetupToken),
    /// None: whoever signs up first becomes admin, wherever the request comes from.
    Off,
}

/// The usual name of the cookie of a session: front ends and Open WebUI know it by this. It is read whatever the configured
/// name is.
pub const TOKEN_COOKIE: &str = "token";

/// The cookie of a session; it is always `HttpOnly`, of the path `/` and without a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieSettings {
    /// Its name. In an attached database always [`TOKEN_COOKIE`], which Open WebUI reads.
    pub name: String,
    /// `SameSite`.
    pub same_site: SameSite,
    /// `Secure`: only sent over TLS.
    pub secure: bool,
}

impl Default for CookieSettings {
    fn default() -> Self {
        Self { name: TOKEN_COOKIE.to_owned(), same_site: SameSite::Lax, secure: false }
    }
}

/// Values of the `SameSite` attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// Only from the site itself.
    Strict,
    /// Also when a link leads here.
    Lax,
    /// Always; browsers then want `Secure`.
    None,
}

/// Sign-in by headers of a proxy that has already authenticated the user: one of
/// [`Settings::trusted_proxies`](super::Settings::trusted_proxies).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedHeaders {
    /// Name of the header with the e-mail address.
    pub email: String,
    /// Name of the header with the name, in UTF-8 or percent-encoded.
    pub name: Option<String>,
    /// Name of the header with group names, separated by commas.
    pub groups: Option<String>,
}
