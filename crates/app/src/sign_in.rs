//! Signing in with a password.

use rosterd_domain::email::EmailLookup;
use rosterd_domain::ids::UserId;
use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_domain::session::SessionMethod;
use rosterd_storage::SignIn;

use crate::act::Act;
use crate::app::App;
use crate::auth_method::AuthMethod;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::Event;
use crate::limiter::MAX_EMAIL_BYTES;
use crate::passwords::{self, Against, Asker};
use crate::request::Request;
use crate::sessions::{self, Session, is_second_factor_demanded, lock_owner, second_factor_needed};
use crate::suspensions;

/// How often a password is checked anew when the account changes meanwhile. An account that changes more often than
/// that during one sign-in is not helped by another try.
const TRIES: usize = 3;

/// What came of a right password.
#[derive(Debug)]
pub enum SignedIn {
    /// A session.
    Session {
        /// The session.
        session: Box<Session>,
        /// The cookie that makes the browser [known](crate::known_browsers).
        browser: String,
    },
    /// No session, because a second factor is demanded, but the account waits to be let in and is asked for none yet.
    Pending,
}

/// Signs in with a password. An unknown e-mail address takes as long as a wrong password and gets the same answer; so
/// does an account that is not active.
///
/// Checking takes long, and others may be waiting before it. So the account is read again when the check is done: a
/// session is opened only if hash and stamp are still those that the password was checked against, and its token carries
/// that stamp. What has changed meanwhile is checked anew.
///
/// # Errors
/// [`AppError::InvalidCredentials`]; [`AppError::RateLimited`] after too many tries; [`AppError::Busy`] when too many are
/// waiting; [`AppError::FeatureOff`] where signing in with passwords is switched off, and for a right password where a
/// second factor is demanded.
pub async fn sign_in(
    app: &App,
    request: Request,
    email: &str,
    password: PlainPassword,
) -> AppResult<SignedIn> {
    let ended = attempt(app, request, email, password).await;
    app.sign_ins().note(AuthMethod::Password, ended)
}

async fn attempt(app: &App, request: Request, email: &str, password: PlainPassword) -> AppResult<SignedIn> {
    if !app.settings().password_sign_in {
        return Err(AppError::FeatureOff("Signing in with a password is switched off on this server."));
    }
    let failed = |user| {
        app.tell_of_visitor(&request, Event::SignInFailed(user));
        Err(AppError::InvalidCredentials)
    };
    let caller = Caller::visitor(request.clone());
    if email.len() > MAX_EMAIL_BYTES {
        // No account has it, as everybody knows: that takes no hashing.
        app.count_attempt(caller, app.limiter().by_client(request.client_ip)).await?;
        return failed(None);
    }
    let mut found = find(app, caller.clone(), email).await?;
    app.passwords().learn_kinds(app.store(), app.now()).await;
    let asker = Asker::SigningIn(request.client_ip);
    for _ in 0..TRIES {
        let against = match &found {
            Some(account) => Against::Stored(account.hash.clone()),
            None => Against::Nobody(email),
        };
        let fits = app.passwords().check(password.clone(), against, asker).await?;
        let found_now = match found {
            Some(account) if fits && !account.active => resumed(app, account).await?,
            other => other,
        };
        let account = match found_now {
            Some(account) if fits && account.active => account,
            other => {
                if let Some(account) = &other {
                    let attached = !app.store().layout().is_standalone();
                    passwords::tell_odd(&account.id, &account.hash, attached.then(|| app.dialect()));
                }
                return failed(other.map(|account| account.id));
            }
        };
        let checked = account.clone();
        match open(app, caller.clone(), account).await? {
            Opened::Session(session) => {
                let browser = app.known_browsers().mark(&checked, app.now());
                renew(app, caller, checked.id, checked.hash, &password).await;
                return Ok(SignedIn::Session { session, browser });
            }
            Opened::Pending => return Ok(SignedIn::Pending),
            Opened::Changed(account) => found = account,
        }
    }
    failed(found.map(|account| account.id))
}

/// The account whose password was found right, but which is not active: as it is once its suspension has ended, if the time of
/// that is over (rule U4). Only who knows the password gets so far, so others learn nothing by how long it takes.
async fn resumed(app: &App, account: SignIn) -> AppResult<Option<SignIn>> {
    if !suspensions::end_if_over(app, &account.id).await? {
        return Ok(Some(account));
    }
    let id = account.id.clone();
    let now = app.read(Caller::visitor(Request::default()), move |act| {
        Ok::<_, AppError>(act.read().find_sign_in_of(&id)?)
    });
    // Another password than the one that was checked counts as one that was not.
    Ok(now.await?.filter(|now| now.hash.expose() == account.hash.expose()))
}

/// Counts the attempt and finds the account, in this order as far as anybody can tell: in one transaction.
async fn find(app: &App, caller: Caller, email: &str) -> AppResult<Option<SignIn>> {
    let attempt = app.limiter().sign_in(email, caller.request.client_ip);
    app.limiter().ensure_waited(attempt)?;
    let lookup = EmailLookup::new(email);
    app.attempt(caller, move |act| {
        let found = act.read().find_sign_in(&lookup)?;
        let is_known = found.as_ref().is_some_and(|account| is_known_browser(act, account));
        act.app().limiter().count(act, if is_known { attempt.by_known_browser() } else { attempt })?;
        let now = act.now();
        act.housekeeping().note_attempt(found.as_ref().map(|account| &account.id), now)?;
        Ok(found)
    })
    .await
}

/// Whether the owner of this account has signed in before in the browser that the request comes from.
fn is_known_browser(act: &Act<'_>, account: &SignIn) -> bool {
    let cookie = act.request().browser.as_deref();
    cookie.is_some_and(|cookie| act.app().known_browsers().knows(cookie, account, act.now()))
}

/// What came of opening a session.
enum Opened {
    /// It is open.
    Session(Box<Session>),
    /// There is none: see [`SignedIn::Pending`].
    Pending,
    /// The account has changed since the password was checked; this is what it is now.
    Changed(Option<SignIn>),
}

/// Opens a session for an account whose password was found right.
async fn open(app: &App, caller: Caller, checked: SignIn) -> AppResult<Opened> {
    if app.keeps_sessions() || app.keeps_audit_log() {
        app.write(caller, move |act| {
            lock_owner(act, &checked.id)?;
            open_if_unchanged(act, &checked)
        })
        .await
    } else {
        app.snapshot(caller, move |act| open_if_unchanged(act, &checked)).await
    }
}

/// Renews the hash that the password was just found to fit, where it is of another kind than new ones or cheaper (rule
/// M27). The session is open already and stays so, whatever comes of this: a hash that was changed meanwhile, or cannot be
/// written, stays as it is.
async fn renew(app: &App, caller: Caller, id: UserId, checked: PasswordHash, password: &PlainPassword) {
    let asker = Asker::Known(caller.request.client_ip);
    let Some(renewed) = app.passwords().renew(&checked, password, asker).await else { return };
    let account = id.clone();
    let written = app
        .write(caller, move |act| {
            Ok::<_, AppError>(act.housekeeping().renew_password_hash(&id, &checked, &renewed)?)
        })
        .await;
    if let Err(error) = written {
        tracing::warn!(user.id = %account, %error, "the password hash of an account could not be renewed; it stays as it is");
    }
}

fn open_if_unchanged(act: &mut Act<'_>, checked: &SignIn) -> AppResult<Opened> {
    let current = act.read().find_sign_in_of(&checked.id)?;
    if !current.as_ref().is_some_and(|current| current.is_still(checked)) {
        return Ok(Opened::Changed(current));
    }
    if is_second_factor_demanded(act, AuthMethod::Password)? {
        let waits = act.read().find_account(&checked.id)?.is_some_and(|account| !account.role.is_verified());
        return if waits { Ok(Opened::Pending) } else { Err(second_factor_needed()) };
    }
    act.app().activity().mark_active(&checked.id, act.now());
    if !is_known_browser(act, checked) {
        sessions::tell_if_new(act, &checked.id, AuthMethod::Password)?;
    }
    let session = sessions::open_under(act, &checked.clone().into(), SessionMethod::Password, None)?;
    Ok(Opened::Session(Box::new(session)))
}
