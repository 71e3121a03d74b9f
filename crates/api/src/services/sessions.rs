//! Sessions: opening one for an account, looking at it, ending it.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::error::DomainError;
use rosterd_domain::ids::UserId;
use rosterd_domain::permissions::EffectivePermissions;
use rosterd_domain::rules::duration::TokenLife;
use rosterd_domain::user::AccountRow;
use rosterd_storage::{Db, SignIn};
use uuid::Uuid;

use super::permissions;
use crate::app::App;
use crate::auth::token::{Claims, IssuedToken, NewToken};
use crate::auth::{Authenticated, Caller, demands_second_factor};
use crate::error::ApiError;

/// An account that has just signed in, or the one behind a session.
#[derive(Debug, Clone)]
pub struct Session {
    /// The account's row.
    pub account: AccountRow,
    /// The token, and when it ends.
    pub token: IssuedToken,
    /// What the account may do.
    pub permissions: EffectivePermissions,
}

/// Whose session is opened, and under which stamp: the one that was read with what the owner was checked against.
#[derive(Debug, Clone)]
pub(super) struct SessionOwner {
    id: UserId,
    stamp: Option<String>,
}

impl From<SignIn> for SessionOwner {
    fn from(account: SignIn) -> Self {
        Self { id: account.id, stamp: account.session_stamp }
    }
}

/// A session for an account, opened by whoever runs the server rather than by its password. `life` is `None` for the
/// life that a token has after signing in.
///
/// # Errors
/// `USER_NOT_FOUND`; 403 for an account that is not active, and where a second factor is demanded, which such a session
/// cannot show; those of the store.
pub fn open_session_for(
    app: &App,
    db: &mut dyn Db,
    id: &UserId,
    life: Option<TokenLife>,
) -> Result<Session, ApiError> {
    ensure_method_is_enough(app, db, "password")?;
    db.find_account(id)?.ok_or(DomainError::UserNotFound)?;
    match app.find_openable(db, id)? {
        Some(account) => app.open_session_under(db, &account, "password", life, app.now()),
        None => Err(ApiError::FeatureOff("This account is not active: every session of it is refused.")),
    }
}

/// Ends the session: its token is refused from now on, where the database keeps revocations.
///
/// # Errors
/// Those of the store.
pub async fn sign_out(app: &App, claims: &Claims) -> Result<(), ApiError> {
    let Some(jti) = claims.jti.clone() else { return Ok(()) };
    let (expires_at, now) = (claims.expires_at(), app.now());
    app.store().write(move |tx| Ok::<_, ApiError>(tx.revoke_token(&jti, expires_at, now)?)).await?;
    Ok(())
}

/// The account behind a session.
///
/// # Errors
/// 401; those of the store.
pub async fn session(
    app: &App,
    caller: Caller<Authenticated>,
) -> Result<(AccountRow, EffectivePermissions), ApiError> {
    let (handle, now) = (app.clone(), app.now());
    app.read(caller, move |db, me| {
        let account = db.find_account(&me.id)?.ok_or(ApiError::InvalidToken)?;
        let permissions = permissions::effective(&handle, db, &me.id)?;
        Ok((handle.shown_account(account, now), permissions))
    })
    .await
}

impl App {
    /// A new session for this account.
    pub(super) fn open_session(
        &self,
        db: &mut dyn Db,
        id: &UserId,
        method: &str,
        now: UnixSeconds,
    ) -> Result<Session, ApiError> {
        let account = self.find_openable(db, id)?.ok_or(ApiError::InvalidCredentials)?;
        self.open_session_under(db, &account, method, None, now)
    }

    /// The account and its stamp, if sessions of it are any good (rule M13): it must be active, and where accounts carry
    /// a stamp, it must have the row that holds it.
    fn find_openable(&self, db: &mut dyn Db, id: &UserId) -> Result<Option<SessionOwner>, ApiError> {
        Ok(match db.find_sign_in_of(id)? {
            Some(account) => account.active.then(|| account.into()),
            None if self.store().layout().session_stamp => None,
            None => Some(SessionOwner { id: id.clone(), stamp: None }),
        })
    }

    /// A new session under a stamp that was read before, and with a life of its own (`None`: the configured one).
    pub(super) fn open_session_under(
        &self,
        db: &mut dyn Db,
        owner: &SessionOwner,
        method: &str,
        life: Option<TokenLife>,
        now: UnixSeconds,
    ) -> Result<Session, ApiError> {
        let id = &owner.id;
        let account = db.find_account(id)?.ok_or(ApiError::InvalidCredentials)?;
        let life = match life {
            Some(life) => life,
            None => self.stored_config(db)?.token_life(&self.settings().defaults),
        };
        let jti = Uuid::new_v4().to_string();
        let new =
            NewToken { user: id, jti: &jti, now, life, auth_method: method, stamp: owner.stamp.as_deref() };
        let token = self.tokens().issue(&new)?;
        let permissions = permissions::effective(self, db, id)?;
        Ok(Session { account: self.shown_account(account, now), token, permissions })
    }
}

/// Where a newer Open WebUI beside us demands a second factor, a session that we open would be worth nothing.
pub(super) fn ensure_method_is_enough(app: &App, db: &mut dyn Db, method: &str) -> Result<(), ApiError> {
    if app.asks_for_second_factor() && demands_second_factor(db, Some(method))? {
        Err(ApiError::FeatureOff("A second factor is needed: sign in at Open WebUI."))
    } else {
        Ok(())
    }
}
