//! Credentials, and how one leads to an account (rules M10 and M13; docs/API.md, "Who is calling").

use std::borrow::Cow;
use std::sync::Arc;

use rosterd_domain::api_key::format;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{SessionId, UserId};
use rosterd_domain::json::JsonText;
use rosterd_domain::rules::api_keys::Asks;
use rosterd_domain::rules::{api_keys, second_factor};
use rosterd_domain::secret::ApiKey;
use rosterd_domain::user::CallerRow;
use rosterd_storage::{Document, Origin, OwnSettings, PermissionSources, Reads, TokenId};

use crate::actor::Via;
use crate::app::App;
use crate::auth_method::AuthMethod;
use crate::error::{AppError, AppResult};
use crate::permission_trees::TEMPLATE_PATH;
use crate::rights;
use crate::stored_config::SecondFactor;
use crate::tokens::SessionToken;

/// A credential whose form is right and whose signature, if any, was checked.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A session token.
    Token(Arc<SessionToken>),
    /// An API key, and what it is used for.
    ApiKey(UsedKey),
}

/// An API key, and what it is used for.
#[derive(Debug, Clone)]
pub struct UsedKey {
    key: ApiKey,
    path: String,
    asks: Asks,
}

impl UsedKey {
    /// A key that asks for this path of the API.
    ///
    /// # Errors
    /// [`AppError::InvalidToken`] for a key that was mistyped (rule K1): the database is not asked then.
    pub fn new(key: ApiKey, path: String, asks: Asks) -> AppResult<Self> {
        if format::is_mistyped(&key) { Err(AppError::InvalidToken) } else { Ok(Self { key, path, asks }) }
    }
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
    /// How it shows who it belongs to.
    pub(crate) fn via(&self) -> Via {
        match self {
            Self::Token(session) if session.claims.is_session() => Via::Session,
            Self::Token(_) => Via::Automation,
            Self::ApiKey(..) => Via::ApiKey,
        }
    }

    /// How the session began, as far as its token says so.
    #[must_use]
    pub fn auth_method(&self) -> Option<AuthMethod> {
        match self {
            Self::Token(session) => session.claims.auth_method.as_deref().and_then(AuthMethod::parse),
            Self::ApiKey(..) => None,
        }
    }

    /// The session that it is a part of, where one is kept (rule A4).
    #[must_use]
    pub fn session(&self) -> Option<&SessionId> {
        match self {
            Self::Token(token) => token.session.as_ref(),
            Self::ApiKey(..) => None,
        }
    }

    /// Whose writes those of this credential are counted with.
    pub(crate) fn origin(&self) -> Origin {
        match self {
            Self::Token(session) => Origin::of(session.user.as_str()),
            Self::ApiKey(used) => Origin::of(used.key.expose()),
        }
    }

    /// The caller's row as it is now, or the reason why this credential opens nothing.
    pub(crate) fn find(&self, app: &App, db: &mut dyn Reads, now: UnixSeconds) -> AppResult<CallerRow> {
        match self {
            Self::Token(session) => {
                let row = db.find_caller(&session.user, session.id())?.ok_or(AppError::InvalidToken)?;
                ensure_session_holds(app, db, session, &row)?;
                Ok(row)
            }
            Self::ApiKey(used) => find_by_api_key(app, db, used, now),
        }
    }

    /// The same with the caller's settings and the configured value at `house`, in one statement where the credential is a
    /// token.
    pub(crate) fn find_with_settings(
        &self,
        app: &App,
        db: &mut dyn Reads,
        now: UnixSeconds,
        house: &str,
    ) -> AppResult<OwnSettings> {
        let (user, token) = self.owner(app, db, now)?;
        let found = db.find_caller_with_settings(&user, token, house)?.ok_or(AppError::InvalidToken)?;
        self.ensure_holds(app, db, &found.caller)?;
        Ok(found)
    }

    /// The same with what the caller's rights are computed from, in one statement where the credential is a token.
    pub(crate) fn find_with_rights(
        &self,
        app: &App,
        db: &mut dyn Reads,
        now: UnixSeconds,
    ) -> AppResult<(CallerRow, PermissionSources)> {
        let (user, token) = self.owner(app, db, now)?;
        let found = db.find_caller_with_rights(&user, token, TEMPLATE_PATH)?;
        let (row, sources) = found.ok_or(AppError::InvalidToken)?;
        self.ensure_holds(app, db, &row)?;
        Ok((row, sources))
    }

    /// The same with one of the caller's documents, in one statement where the credential is a token.
    pub(crate) fn find_with(
        &self,
        app: &App,
        db: &mut dyn Reads,
        now: UnixSeconds,
        document: Document,
        hold: Hold,
    ) -> AppResult<(CallerRow, Option<JsonText>)> {
        let (user, token) = self.owner(app, db, now)?;
        let found = match hold {
            Hold::Nothing => db.find_caller_with(&user, token, document)?,
            Hold::OwnRow => db.lock_caller_with(&user, token, document)?,
        };
        let (row, stored) = found.ok_or(AppError::InvalidToken)?;
        self.ensure_holds(app, db, &row)?;
        Ok((row, stored))
    }

    /// Whose it is, and the id of the token. The owner of an API key is looked up first; the row is read again with what it
    /// is read for, since a merge must start from what is stored under the lock.
    fn owner(
        &self,
        app: &App,
        db: &mut dyn Reads,
        now: UnixSeconds,
    ) -> AppResult<(Cow<'_, UserId>, TokenId<'_>)> {
        Ok(match self {
            Self::Token(session) => (Cow::Borrowed(&session.user), session.id()),
            Self::ApiKey(used) => (Cow::Owned(find_by_api_key(app, db, used, now)?.id), TokenId::NONE),
        })
    }

    /// Refuses what does not hold any more for its owner's row.
    fn ensure_holds(&self, app: &App, db: &mut dyn Reads, row: &CallerRow) -> AppResult<()> {
        match self {
            Self::Token(session) => ensure_session_holds(app, db, session, row),
            Self::ApiKey(..) => ensure_active(row),
        }
    }
}

/// An account that was switched off is shut out, whatever it comes with. One without an `auth` row cannot be switched
/// off: Open WebUI asks API keys for none either.
fn ensure_active(row: &CallerRow) -> AppResult<()> {
    if row.active == Some(false) { Err(AppError::InvalidToken) } else { Ok(()) }
}

/// The account may have ended the session since the token was issued.
fn ensure_session_holds(
    app: &App,
    db: &mut dyn Reads,
    session: &SessionToken,
    row: &CallerRow,
) -> AppResult<()> {
    ensure_active(row)?;
    let claims = &session.claims;
    // Where accounts carry a stamp, a token of an earlier stamp is over, and so is one of an account that has lost the
    // row for it (rule M13).
    let stamped = app.store().layout().session_stamp;
    let over = row.active.is_none() || row.session_stamp != claims.session_stamp;
    let revoked = row.revoked || app.revoked().contains(claims.jti.as_deref());
    if revoked || stamped && over {
        return Err(AppError::InvalidToken);
    }
    // Where a second factor is demanded, a session that showed none is refused, and so is one whose account has none any
    // more. What acts on a person's behalf is not asked.
    if may_demand_second_factor(app, row)
        && claims.is_session()
        && demands_second_factor(app, db, claims.auth_method.as_deref().and_then(AuthMethod::parse))?
    {
        let has_shown_one = claims.mfa_verified == Some(true);
        if !(has_shown_one && second_factor::is_enrolled(db.find_second_factor(&row.id)?.as_ref())) {
            return Err(AppError::InvalidToken);
        }
    }
    Ok(())
}

fn find_by_api_key(app: &App, db: &mut dyn Reads, used: &UsedKey, now: UnixSeconds) -> AppResult<CallerRow> {
    let row = db.find_caller_by_api_key(&used.key, now)?.ok_or(AppError::InvalidToken)?;
    ensure_active(&row)?;
    ensure_api_key_allowed(app, db, &row, used)?;
    if let Some(key) = &row.key {
        app.key_uses().mark_active(&key.id, now);
    }
    Ok(row)
}

/// Whether that is worth a look: where the setting was read with the row, it mostly says no.
fn may_demand_second_factor(app: &App, row: &CallerRow) -> bool {
    let told = app.store().layout().tells_factor_with_caller();
    app.asks_for_second_factor()
        && !(told && SecondFactor::is_off(row.second_factor.as_ref(), &app.settings().defaults))
}

/// Whether a newer Open WebUI beside us demands a second factor of sessions that began by this method (rule M13;
/// `None`: one that rosterd does not know). To be asked only where [`App::asks_for_second_factor`].
pub(crate) fn demands_second_factor(
    app: &App,
    db: &mut dyn Reads,
    method: Option<AuthMethod>,
) -> AppResult<bool> {
    Ok(app.second_factor(db)?.is_demanded_of(method))
}

/// API keys must be switched on, the account must have the right to them, and where an administrator has restricted
/// them to some paths, this must be one. A key with a name may have limits of its own (rules K4 and K5).
fn ensure_api_key_allowed(app: &App, db: &mut dyn Reads, row: &CallerRow, used: &UsedKey) -> AppResult<()> {
    let config = app.api_key_config(db)?;
    let rights = rights::effective(app, db, &row.id)?;
    let within = row.key.as_ref().is_none_or(|limits| api_keys::is_within(limits, used.asks, &used.path));
    if api_keys::may_use_api_key(&row.role, &rights, config.enabled) && config.allows(&used.path) && within {
        Ok(())
    } else {
        Err(AppError::ApiKeyNotAllowed)
    }
}
