//! Where a request carries its credential (rule M10).

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use rosterd_app::settings::TOKEN_COOKIE;
use rosterd_app::{App, AppError, Credential, UsedKey};
use rosterd_domain::rules::api_keys::Asks;
use rosterd_domain::secret::ApiKey;

use super::origin::ensure_own_change;
use crate::alias::plain_path;
use crate::error::ApiError;

/// Reads the credential of a request, see [`Carrier`]. What came by cookie may change something only where our own pages
/// ask for it.
///
/// # Errors
/// Those of [`Carrier::of`]; [`AppError::InvalidToken`]; [`ApiError::ForeignOrigin`].
pub(crate) fn credential_of(request: &HttpRequest, app: &App) -> Result<Credential, ApiError> {
    let carrier = Carrier::of(request, app)?;
    if matches!(carrier, Carrier::Cookie(_)) {
        ensure_own_change(request)?;
    }
    let text = carrier.text();
    Ok(if ApiKey::looks_like(text) {
        let reads = [Method::GET, Method::HEAD].contains(request.method());
        // Paths that keys are restricted to are told by their plain names.
        let path = plain_path(request.path()).to_owned();
        let asks = if reads { Asks::Reading } else { Asks::Changing };
        Credential::ApiKey(UsedKey::new(ApiKey::from_stored(text.to_owned()), path, asks)?)
    } else {
        Credential::Token(app.tokens().check(text, app.now())?)
    })
}

/// Where a request carries its credential, a token or an API key. The first that is there decides, even if it is bad (rule
/// M10).
pub(crate) enum Carrier<'a> {
    /// The text after `Bearer` in the header `Authorization`, or that of the header for API keys.
    Header(&'a str),
    /// The cookie of a session: the configured one, else `token`.
    Cookie(Cookie<'static>),
}

impl<'a> Carrier<'a> {
    /// Where this request carries it: in the header `Authorization`, the cookie, or the header for API keys.
    ///
    /// # Errors
    /// [`AppError::InvalidToken`] for a header `Authorization` that is empty, not to be read, of another scheme or sent
    /// twice: the others are not asked then. The same for the header of API keys. [`ApiError::NotAuthenticated`] when
    /// there is none.
    pub(crate) fn of(request: &'a HttpRequest, app: &App) -> Result<Self, ApiError> {
        if let Some(text) = bearer(request.headers())? {
            return Ok(Self::Header(text));
        }
        let name = app.settings().cookie.name.as_str();
        let usual = || (name != TOKEN_COOKIE).then(|| request.cookie(TOKEN_COOKIE)).flatten();
        if let Some(cookie) = request.cookie(name).or_else(usual) {
            return Ok(Self::Cookie(cookie));
        }
        let text = only(request.headers().get_all(app.settings().api_key_header.as_str()))?;
        text.map(Self::Header).ok_or(ApiError::NotAuthenticated)
    }

    /// The credential itself.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Header(text) => text,
            Self::Cookie(cookie) => cookie.value(),
        }
    }
}

/// The text after `Bearer`, the scheme in any case. `None` where there is no header.
///
/// # Errors
/// [`AppError::InvalidToken`] for another scheme, and as [`only`].
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let Some(value) = only(headers.get_all(header::AUTHORIZATION))? else { return Ok(None) };
    match value.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(rest.trim())),
        _ => Err(AppError::InvalidToken.into()),
    }
}

/// The text of a header, without the blanks around it. `None` where there is no header.
///
/// # Errors
/// [`AppError::InvalidToken`] where it was sent twice or is no text.
fn only<'a>(mut sent: impl Iterator<Item = &'a HeaderValue>) -> Result<Option<&'a str>, ApiError> {
    let (value, more) = (sent.next(), sent.next());
    let Some(value) = value else { return Ok(None) };
    if more.is_some() {
        return Err(AppError::InvalidToken.into());
    }
    // Not `to_str`, which looks at each byte of a long token by itself; what no token consists of, no token is.
    let value = std::str::from_utf8(value.as_bytes()).map_err(|_no_text| AppError::InvalidToken)?;
    Ok(Some(value.trim()))
}
