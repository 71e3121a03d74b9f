//! What a request carries to say who sends it, and how it becomes an account (contract, sections 2 and 8).

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::http::header::{self, HeaderMap};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::json::JsonText;
use rosterd_domain::rules::api_keys;
use rosterd_domain::secret::ApiKey;
use rosterd_domain::user::CallerRow;
use rosterd_storage::{Db, Document, Origin};

use super::origin::ensure_own_change;
use super::token::{Claims, Session, Tokens};
use crate::app::App;
use crate::error::ApiError;
use crate::services::permissions;
use crate::stored_config::SecondFactor;

/// A credential whose form is right and whose signature, if any, was checked.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    /// A session token.
    Token(Arc<Session>),
    /// An API key and the path it is used for.
    ApiKey(ApiKey, String),
}

/// What stays as it was read until the transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Nothing.
    Nothing,
    /// The caller's own row.
    OwnRow,
}

impl Credential {
    /// Reads the credential of a request, see [`Carrier`]. What came by cookie may change something only where our own
    /// pages ask for it.
    pub(crate) fn of(request: &HttpRequest, tokens: &Tokens, now: UnixSeconds) -> Result<Self, ApiError> {
        match Carrier::of(request)? {
            Carrier::Header(text) if ApiKey::looks_like(text) => {
                Ok(Self::ApiKey(ApiKey::from_stored(text.to_owned()), request.path().to_owned()))
            }
            Carrier::Header(text) => tokens.check(text, now).map(Self::Token),
            Carrier::Cookie(cookie) => {
                ensure_own_change(request)?;
                tokens.check(cookie.value(), now).map(Self::Token)
            }
        }
    }

    /// Whose writes those of this credential are counted with.
    pub(crate) fn origin(&self) -> Origin {
        match self {
            Self::Token(session) => Origin::of(session.user.as_str()),
            Self::ApiKey(key, ..) => Origin::of(key.expose()),
        }
    }

    /// The caller's row as it is now, or the reason why this credential opens nothing.
    pub(crate) fn find(&self, app: &App, db: &mut dyn Db, now: UnixSeconds) -> Result<CallerRow, ApiError> {
        match self {
            Self::Token(session) => {
                let row = db.find_caller(&session.user, session.claims.jti.as_deref())?;
                let row = row.ok_or(ApiError::InvalidToken)?;
                ensure_session_holds(app, db, &session.claims, &row)?;
                Ok(row)
            }
            Self::ApiKey(key, path) => find_by_api_key(app, db, key, path, now),
        }
    }

    /// The same with one of the caller's documents, in one statement where the credential is a token.
    pub(crate) fn find_with(
        &self,
        app: &App,
        db: &mut dyn Db,
        now: UnixSeconds,
        document: Document,
        hold: Hold,
    ) -> Result<(CallerRow, Option<JsonText>), ApiError> {
        let owner;
        let (user, jti) = match self {
            Self::Token(session) => (&session.user, session.claims.jti.as_deref()),
            // The row is read again with the document: a merge must start from what is stored under the lock.
            Self::ApiKey(key, path) => {
                owner = find_by_api_key(app, db, key, path, now)?.id;
                (&owner, None)
            }
        };
        let found = match hold {
            Hold::Nothing => db.find_caller_with(user, jti, document)?,
            Hold::OwnRow => db.lock_caller_with(user, jti, document)?,
        };
        let (row, stored) = found.ok_or(ApiError::InvalidToken)?;
        match self {
            Self::Token(session) => ensure_session_holds(app, db, &session.claims, &row)?,
            Self::ApiKey(..) => ensure_active(&row)?,
        }
        Ok((row, stored))
    }
}

/// An account that was switched off is shut out, whatever it comes with. One without an `auth` row cannot be switched
/// off: Open WebUI asks API keys for none either.
fn ensure_active(row: &CallerRow) -> Result<(), ApiError> {
    if row.active == Some(false) { Err(ApiError::InvalidToken) } else { Ok(()) }
}

/// The account may have ended the session since the token was issued.
fn ensure_session_holds(
    app: &App,
    db: &mut dyn Db,
    claims: &Claims,
    row: &CallerRow,
) -> Result<(), ApiError> {
    ensure_active(row)?;
    // Where accounts carry a stamp, a token of an earlier stamp is over, and so is one of an account that has lost the
    // row for it (rule M13).
    let stamped = app.store().layout().session_stamp;
    let over = row.active.is_none() || row.session_stamp != claims.session_stamp;
    if row.revoked || stamped && over {
        return Err(ApiError::InvalidToken);
    }
    // Where a second factor is demanded, a session that showed none is refused.
    if app.asks_for_second_factor()
        && claims.mfa_verified != Some(true)
        && demands_second_factor(db, claims.auth_method.as_deref())?
    {
        return Err(ApiError::InvalidToken);
    }
    Ok(())
}

fn find_by_api_key(
    app: &App,
    db: &mut dyn Db,
    key: &ApiKey,
    path: &str,
    now: UnixSeconds,
) -> Result<CallerRow, ApiError> {
    let row = db.find_caller_by_api_key(key, now)?.ok_or(ApiError::InvalidToken)?;
    ensure_active(&row)?;
    ensure_api_key_allowed(app, db, &row, path)?;
    Ok(row)
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
    /// [`ApiError::InvalidToken`] for a header `Authorization` that is empty, not to be read, of another scheme or sent
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
        return Err(ApiError::InvalidToken);
    }
    let value = value.to_str().map_err(|_not_ascii| ApiError::InvalidToken)?.trim();
    match value.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(rest.trim())),
        _ => Err(ApiError::InvalidToken),
    }
}

/// Section 8: whether a newer Open WebUI beside us demands a second factor of sessions that began by this method
/// (`password`, `oauth`, `trusted_header` …). To be asked only where [`App::asks_for_second_factor`].
pub(crate) fn demands_second_factor(db: &mut dyn Db, method: Option<&str>) -> Result<bool, ApiError> {
    Ok(SecondFactor::read(db)?.is_demanded_of(method))
}

/// API keys must be switched on, the account must have the right to them, and where an administrator has restricted
/// them to some paths, this must be one.
fn ensure_api_key_allowed(app: &App, db: &mut dyn Db, row: &CallerRow, path: &str) -> Result<(), ApiError> {
    let config = crate::stored_config::ApiKeyConfig::read(db, &app.settings().defaults)?;
    let rights = permissions::effective(app, db, &row.id)?;
    if api_keys::may_use_api_key(&row.role, &rights, config.enabled) && config.allows(path) {
        Ok(())
    } else {
        Err(ApiError::ApiKeyNotAllowed)
    }
}
