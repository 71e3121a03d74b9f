//! Sessions: opening one for an account, looking at it, ending it.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::error::DomainError;
use rosterd_domain::ids::{SessionId, UserId};
use rosterd_domain::permissions::EffectivePermissions;
use rosterd_domain::rules::duration::TokenLife;
use rosterd_domain::rules::{picture, session};
use rosterd_domain::session::{SessionMethod, SessionRow};
use rosterd_domain::user::AccountRow;
use rosterd_storage::SignIn;
use uuid::Uuid;

use crate::act::Act;
use crate::auth_method::AuthMethod;
use crate::credential::demands_second_factor;
use crate::error::{AppError, AppResult};
use crate::event::{Event, Outcome, Unchanged};
use crate::permissions;
use crate::request::Request;
use crate::tokens::{IssuedToken, NewToken, SessionToken};

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

/// An account that an admin has added.
#[derive(Debug, Clone)]
pub struct Added {
    /// The account's row.
    pub account: AccountRow,
    /// A token for it; `None` where a second factor is demanded (rule M27b).
    pub token: Option<IssuedToken>,
}

/// The account behind a session.
#[derive(Debug, Clone)]
pub struct Own {
    /// The account's row.
    pub account: AccountRow,
    /// What the account may do.
    pub permissions: EffectivePermissions,
}

/// Whose session is opened, and under which stamp: the one that was read with what the owner was checked against.
#[derive(Debug, Clone)]
pub(crate) struct SessionOwner {
    id: UserId,
    stamp: Option<String>,
}

impl From<SignIn> for SessionOwner {
    fn from(account: SignIn) -> Self {
        Self { id: account.id, stamp: account.session_stamp }
    }
}

/// A session for an account, opened by the operator rather than by its password. `life` is `None` for the life that a
/// token has after signing in.
///
/// # Errors
/// `USER_NOT_FOUND`; [`AppError::FeatureOff`] for an account that is not active, and where a second factor is demanded,
/// which such a session cannot show; [`AppError::AccessProhibited`] for all but the operator; those of the store.
pub fn issue(act: &mut Act<'_>, id: &UserId, life: Option<TokenLife>) -> AppResult<Session> {
    act.actor().ensure_operator()?;
    ensure_method_is_enough(act, AuthMethod::Password)?;
    act.read().find_account(id)?.ok_or(DomainError::UserNotFound)?;
    match find_openable(act, id)? {
        Some(account) => open_under(act, &account, SessionMethod::Operator, life),
        None => Err(AppError::FeatureOff("This account is not active, so its sessions are refused.")),
    }
}

/// Ends the session of a token: the token is refused from now on, and no other (rules M14 and A5). Where the session is not
/// kept in the database, the token is revoked; where no revocations are kept either, this process does so while it runs.
///
/// # Errors
/// Those of the store.
pub fn end(act: &mut Act<'_>, token: &SessionToken) -> AppResult<()> {
    let now = act.now();
    if let Some(session) = &token.session {
        end_one(act, &token.user, session)?;
        return Ok(());
    }
    let Some(jti) = &token.claims.jti else { return Ok(()) };
    let expires_at = token.claims.expires_at();
    let event = Event::SessionEnded(token.user.clone(), None);
    if !act.change(event).revoke_token(jti, expires_at, now)? {
        act.app().revoked().insert(jti, expires_at);
    }
    Ok(())
}

/// Ends one session of an account; gives whether it was open.
pub(crate) fn end_one(act: &mut Act<'_>, user: &UserId, session: &SessionId) -> AppResult<bool> {
    let now = act.now();
    let event = Event::SessionEnded(user.clone(), Some(session.clone()));
    Ok(act.change_and_tell(|tx| {
        let ended = tx.end_session(user, session, now)?;
        Ok((ended, Outcome::changed_if(ended, event, Unchanged::NothingThere)))
    })?)
}

/// Ends all sessions of an account that are kept in the database, but for `kept` (rule A5); gives how many that were. The
/// account's row must be locked: a session that begins at the same moment then begins before this or after it.
pub(crate) fn end_all(act: &mut Act<'_>, user: &UserId, kept: Option<&SessionId>) -> AppResult<usize> {
    let now = act.now();
    let event = Event::UserSessionsEnded(user.clone(), kept.cloned());
    Ok(act.change_and_tell(|tx| {
        let ended = tx.end_sessions(user, kept, now)?;
        Ok((ended, Outcome::changed_if(ended > 0, event, Unchanged::NothingThere)))
    })?)
}

/// The account behind the actor's session.
///
/// # Errors
/// [`AppError::InvalidToken`] when it is gone; [`AppError::HumanSessionRequired`] for others than persons where the
/// dialect asks for one (rule M12); those of the store.
pub fn own(act: &mut Act<'_>) -> AppResult<Own> {
    let (app, id) = (act.app(), act.me()?.id.clone());
    if session::is_for_persons_alone(app.dialect()) {
        act.actor().ensure_person()?;
    }
    let account = act.read().find_account(&id)?.ok_or(AppError::InvalidToken)?;
    let permissions = permissions::effective(app, act.read(), &id)?;
    Ok(Own { account: app.present_account(account, act.now()), permissions })
}

/// A new session for this account. Where sessions are kept, the account's row is locked, so call it in a transaction there.
pub(crate) fn open(act: &mut Act<'_>, id: &UserId, method: SessionMethod) -> AppResult<Session> {
    lock_owner(act, id)?;
    let account = find_openable(act, id)?.ok_or(AppError::InvalidCredentials)?;
    open_under(act, &account, method, None)
}

/// Locks the row of an account for which a session is about to begin, where that matters: all its sessions may be ended at the
/// same moment, and none may be overlooked.
pub(crate) fn lock_owner(act: &mut Act<'_>, id: &UserId) -> AppResult<()> {
    if act.app().keeps_sessions() {
        act.read().lock_user(id)?;
    }
    Ok(())
}

/// The account and its stamp, if sessions of it are any good (rule M13): it must be active, and where accounts carry
/// a stamp, it must have the row that holds it.
fn find_openable(act: &mut Act<'_>, id: &UserId) -> AppResult<Option<SessionOwner>> {
    Ok(match act.read().find_sign_in_of(id)? {
        Some(account) => account.active.then(|| account.into()),
        None if act.app().store().layout().session_stamp => None,
        None => Some(SessionOwner { id: id.clone(), stamp: None }),
    })
}

/// A new session under a stamp that was read before, and with a life of its own (`None`: the configured one).
pub(crate) fn open_under(
    act: &mut Act<'_>,
    owner: &SessionOwner,
    method: SessionMethod,
    life: Option<TokenLife>,
) -> AppResult<Session> {
    let (app, id) = (act.app(), &owner.id);
    let account = act.read().find_account(id)?.ok_or(AppError::InvalidCredentials)?;
    let token = begin(act, owner, method, life)?;
    let permissions = permissions::effective(app, act.read(), id)?;
    Ok(Session { account: with_own_image(act, account), token, permissions })
}

/// An account that was added for somebody, with a token for it.
///
/// The token says nothing of how its owner showed who they are (rule M11). Where a second factor is demanded of passwords
/// there is none (rule M27b): it would be refused.
pub(crate) fn add(act: &mut Act<'_>, id: &UserId) -> AppResult<Added> {
    let account = act.read().find_account(id)?.ok_or(AppError::InvalidCredentials)?;
    if is_second_factor_demanded(act, AuthMethod::Password)? {
        let account = act.app().present_account(account, act.now());
        return Ok(Added { account, token: None });
    }
    let owner = find_openable(act, id)?.ok_or(AppError::InvalidCredentials)?;
    let token = begin(act, &owner, SessionMethod::Added, None)?;
    Ok(Added { account: with_own_image(act, account), token: Some(token) })
}

/// The account as the answer of a new session shows it (rule M18).
fn with_own_image(act: &Act<'_>, account: AccountRow) -> AccountRow {
    let app = act.app();
    let mut account = app.present_account(account, act.now());
    let stored = std::mem::take(&mut account.profile_image_url);
    account.profile_image_url = picture::of_new_session(app.dialect(), &account.id, stored);
    account
}

/// Begins a session: makes its token, and keeps it in the database where there is a table for it (rule A4).
fn begin(
    act: &mut Act<'_>,
    owner: &SessionOwner,
    method: SessionMethod,
    life: Option<TokenLife>,
) -> AppResult<IssuedToken> {
    let (app, now) = (act.app(), act.now());
    let life = match life {
        Some(life) => life,
        None => app.stored_config(act.read())?.token_life(&app.settings().defaults),
    };
    let id = SessionId::from_stored(Uuid::new_v4().to_string());
    let (user, stamp, is_kept) = (&owner.id, owner.stamp.as_deref(), app.keeps_sessions());
    let auth_method = AuthMethod::of(method);
    let new = NewToken { user, jti: id.as_str(), now, life, auth_method, stamp, is_kept };
    let token = app.tokens().issue(&new)?;
    // Events tell a session that is made for somebody as one by password.
    let told = auth_method.unwrap_or(AuthMethod::Password);
    if !is_kept {
        act.tell(Event::SessionStarted(user.clone(), told, None));
        return Ok(token);
    }
    if matches!(method, SessionMethod::Password | SessionMethod::TrustedHeader) {
        // An attempt with a password was noted as failed before it was known to be right.
        act.housekeeping().note_sign_in(user, method == SessionMethod::Password, now)?;
    }
    let row = row_of(act, &id, user, method, token.expires_at);
    act.change(Event::SessionStarted(user.clone(), told, Some(id))).insert_session(&row)?;
    Ok(token)
}

/// What is kept of a session that begins now. Where from, is told only where its owner asked for it: nobody else's IP or
/// browser is shown to the owner.
fn row_of(
    act: &Act<'_>,
    id: &SessionId,
    user: &UserId,
    method: SessionMethod,
    expires_at: Option<UnixSeconds>,
) -> SessionRow {
    let origin = match method {
        SessionMethod::Password | SessionMethod::TrustedHeader => act.request().origin(),
        SessionMethod::Added | SessionMethod::Operator => Request::default().origin(),
    };
    SessionRow {
        id: id.clone(),
        user_id: user.clone(),
        method: method.as_str().to_owned(),
        created_at: act.now(),
        last_seen_at: act.now(),
        expires_at,
        client_ip: origin.client_ip,
        user_agent: origin.user_agent,
    }
}

/// Tells of a sign-in from where the account was not seen before (rule A11), as far as the rows of its sessions say. To be
/// called before the row of this one is there.
pub(crate) fn tell_if_new(act: &mut Act<'_>, id: &UserId, method: AuthMethod) -> AppResult<()> {
    if !act.app().keeps_sessions() {
        return Ok(());
    }
    let earlier = act.read().list_session_origins(id)?;
    if act.request().origin().is_new_among(&earlier) {
        // Rows of sessions go when their tokens have ended.
        let is_first = earlier.is_empty()
            && act.read().find_last_sign_in(id)?.is_none_or(|last| last.signed_in_at.is_none());
        act.tell(Event::NewSignIn { user: id.clone(), method, is_first });
    }
    Ok(())
}

/// Where a newer Open WebUI beside us demands a second factor, a session that we open would be worth nothing.
pub(crate) fn ensure_method_is_enough(act: &mut Act<'_>, method: AuthMethod) -> AppResult<()> {
    if is_second_factor_demanded(act, method)? { Err(second_factor_needed()) } else { Ok(()) }
}

/// Says where such a session can be opened.
pub(crate) fn second_factor_needed() -> AppError {
    AppError::FeatureOff("A second factor is needed: sign in at Open WebUI.")
}

/// Whether a newer Open WebUI beside us demands a second factor of sessions that begin by this method (rule M13).
pub(crate) fn is_second_factor_demanded(act: &mut Act<'_>, method: AuthMethod) -> AppResult<bool> {
    let app = act.app();
    Ok(app.asks_for_second_factor() && demands_second_factor(app, act.read(), Some(method))?)
}
