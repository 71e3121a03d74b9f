//! Where a request carries its credential (rule M10).

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::http::header::{self, HeaderMap};
use rosterd_app::{App, AppError, Credential};
use rosterd_domain::secret::ApiKey;

use super::origin::ensure_own_change;
use crate::error::ApiError;

/// Reads the credential of a request, see [`Carrier`]. What came by cookie may change something only where our own pages
/// ask for it.
///
/// # Errors
/// Those of [`Carrier::of`]; [`AppError::InvalidToken`]; [`ApiError::ForeignOrigin`].
pub(crate) fn credential_of(request: &HttpRequest, app: &App) -> Result<Credential, ApiError> {
    let check = |token: &str| Ok(Credential::Token(app.tokens().check(token, app.now())?));
    match Carrier::of(request)? {
        Carrier::Header(text) if ApiKey::looks_like(text) => {
            Ok(Credential::ApiKey(ApiKey::from_stored(text.to_owned()), request.path().to_owned()))
        }
        Carrier::Header(text) => check(text),
        Carrier::Cookie(cookie) => {
            ensure_own_change(request)?;
            check(cookie.value())
        }
    }
}

/// Where a request carries its credential. The first of the two that is there decides, even if it is bad (rule M10).
pub(crate) enum Carrier<'a> {
    /// The text after `Bearer` in the header `Authorization`.
    Header(&'a str),
    /// The cookie `token`.
    Cookie(Cookie<'static>),
}

impl<'a> Carrier<'a> {
    /// Where this request carries it.
    ///
    /// # Errors
    /// [`AppError::InvalidToken`] for a header `Authorization` that is empty, not to be read, of another scheme or sent
    /// twice: the cookie is not asked then. [`ApiError::NotAuthenticated`] when there is neither.
    pub(crate) fn of(request: &'a HttpRequest) -> Result<Self, ApiError> {
        match bearer(request.headers())? {
            Some(text) => Ok(Self::Header(text)),
            None => request.cookie("token").map(Self::Cookie).ok_or(ApiError::NotAuthenticated),
        }
    }
}

/// The text after `Bearer`, the scheme in any case. `None` where there is no header.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let mut sent = headers.get_all(header::AUTHORIZATION);
    let (value, more) = (sent.next(), sent.next());
    let Some(value) = value else { return Ok(None) };
    if more.is_some() {
        return Err(AppError::InvalidToken.into());
    }
    // Not `to_str`, which looks at each byte of a long token by itself; what no token consists of, no token is.
    let value = std::str::from_utf8(value.as_bytes()).map_err(|_no_text| AppError::InvalidToken)?.trim();
    match value.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(rest.trim())),
        _ => Err(AppError::InvalidToken.into()),
    }
}
