//! Signing in with a password.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::email::EmailLookup;
use rosterd_domain::secret::PlainPassword;
use rosterd_storage::{Db, SignIn};

use super::sessions::{Session, ensure_method_is_enough};
use crate::app::App;
use crate::client_ip::ClientIp;
use crate::error::ApiError;
use crate::limiter::MAX_EMAIL_BYTES;
use crate::passwords::Against;

/// How often a password is checked anew when the account changes meanwhile. An account that changes more often than
/// that during one sign-in is not helped by another try.
const TRIES: usize = 3;

/// Signs in with a password. An unknown e-mail address takes as long as a wrong password and gets the same answer; so
/// does an account that is not active.
///
/// Checking takes long, and others may be waiting before it. So the account is read again when the check is done: a
/// session is opened only if hash and stamp are still those that the password was checked against, and its token carries
/// that stamp. What has changed meanwhile is checked anew.
///
/// # Errors
/// [`ApiError::InvalidCredentials`]; 429 after too many tries; 503 when too many are waiting.
pub(crate) async fn sign_in(
    app: &App,
    email: &str,
    password: PlainPassword,
    client: ClientIp,
) -> Result<Session, ApiError> {
    app.limiter().count(email, client)?;
    if email.len() > MAX_EMAIL_BYTES {
        // No account has it, as everybody knows: that takes no hashing.
        return Err(ApiError::InvalidCredentials);
    }
    app.passwords().learn_kinds(app).await;
    let (handle, lookup) = (app.clone(), EmailLookup::new(email));
    let mut found = app
        .store()
        .read(move |db| {
            ensure_method_is_enough(&handle, db, "password")?;
            Ok::<_, ApiError>(db.find_sign_in(&lookup)?)
        })
        .await?;
    for _ in 0..TRIES {
        let against = match &found {
            Some(account) => Against::Stored(account.hash.clone()),
            None => Against::Nobody(email),
        };
        let fits = app.passwords().check(password.clone(), against).await?;
        let Some(account) = found.filter(|account| fits && account.active) else {
            return Err(ApiError::InvalidCredentials);
        };
        match open(app, account, &password).await? {
            Opened::Session(session) => return Ok(*session),
            Opened::Changed(account) => found = account,
        }
    }
    Err(ApiError::InvalidCredentials)
}

/// What came of opening a session.
enum Opened {
    /// It is open.
    Session(Box<Session>),
    /// The account has changed since the password was checked; this is what it is now.
    Changed(Option<SignIn>),
}

/// Opens a session for an account whose password was found right. A hash that is cheaper than configured is renewed.
async fn open(app: &App, checked: SignIn, password: &PlainPassword) -> Result<Opened, ApiError> {
    let (handle, now) = (app.clone(), app.now());
    if !app.passwords().is_cheap(&checked.hash) {
        return app.store().snapshot(move |db| open_if_unchanged(&handle, db, &checked, now)).await;
    }
    let renewed = app.passwords().hash(password.clone()).await?;
    app.store()
        .write(move |tx| {
            tx.lock_user(&checked.id)?;
            let opened = open_if_unchanged(&handle, tx, &checked, now)?;
            if matches!(opened, Opened::Session(_)) {
                tx.update_password(&checked.id, &renewed, None)?;
            }
            Ok(opened)
        })
        .await
}

fn open_if_unchanged(
    app: &App,
    db: &mut dyn Db,
    checked: &SignIn,
    now: UnixSeconds,
) -> Result<Opened, ApiError> {
    let current = db.find_sign_in_of(&checked.id)?;
    if !current.as_ref().is_some_and(|current| current.is_still(checked)) {
        return Ok(Opened::Changed(current));
    }
    app.activity().saw(&checked.id, now);
    let session = app.open_session_under(db, &checked.clone().into(), "password", None, now)?;
    Ok(Opened::Session(Box::new(session)))
}
