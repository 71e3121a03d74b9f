//! What admins do with mails.

use rosterd_domain::ids::MailId;
use rosterd_domain::mail::{MailData, MailInfo, MailKind, MailQuery, MailState, MailTest};

use super::compose::Parts;
use super::outbox::{fresh_id, language_of};
use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::Event;

/// Most mails of one page.
pub const MOST_MAILS: i64 = 200;

const NO_SUCH_MAIL: AppError = AppError::NotFound("There is no such mail.");

const NOT_SET_UP: AppError = AppError::Conflict(
    "Mail is not set up on this server. Set ROSTERD_SMTP_URL and ROSTERD_MAIL_FROM, and restart rosterd.",
);

/// A page of mails, newest first. [`MOST_MAILS`] at most.
///
/// # Errors
/// [`AppError::AccessProhibited`] for all but admins; [`AppError::Conflict`] where the database has no table for mails; those of
/// the store.
pub fn list(act: &mut Act<'_>, query: &MailQuery) -> AppResult<Vec<MailInfo>> {
    ensure_kept(act)?;
    let query = MailQuery { limit: query.limit.clamp(1, MOST_MAILS), ..query.clone() };
    Ok(act.read().list_mails(&query)?.into_iter().map(MailInfo::from).collect())
}

/// Has a mail sent once more, now and with all its attempts.
///
/// # Errors
/// As [`list`]; [`AppError::NotFound`]; [`AppError::Conflict`] for a mail that was sent, and where mail is not set up.
pub fn retry(act: &mut Act<'_>, id: &MailId) -> AppResult<MailInfo> {
    ensure_kept(act)?;
    if !act.app().sends_mail() {
        return Err(NOT_SET_UP);
    }
    if act.read().find_mail(id)?.ok_or(NO_SUCH_MAIL)?.state == MailState::Sent {
        return Err(AppError::Conflict("This mail was sent."));
    }
    let now = act.now();
    if !act.change(Event::MailRetried(id.clone())).repeat_mail(id, now)? {
        return Err(AppError::Conflict("This mail was sent a moment ago."));
    }
    Ok(act.read().find_mail(id)?.ok_or(NO_SUCH_MAIL)?.into())
}

/// Sends a test at once, to the acting admin, or as the operator to this e-mail address. Waits for what the mail server says.
///
/// # Errors
/// [`AppError::AccessProhibited`] for all but admins, and where nobody is named to whom; [`AppError::Conflict`] where mail is not set
/// up; [`AppError::Busy`] where many tests wait.
pub async fn test(app: &App, caller: Caller, to: Option<String>) -> AppResult<MailTest> {
    let (Some(mail), Some(mailer)) = (&app.settings().mail, &app.mail().mailer) else {
        // Told to admins alone.
        app.read(caller, |act| act.actor().ensure_admin()).await?;
        return Err(NOT_SET_UP);
    };
    let language = language_of(app, caller.request.language);
    let (name, recipient) = app
        .read(caller.clone(), move |act| {
            act.actor().ensure_admin()?;
            match to {
                Some(to) => {
                    act.actor().ensure_operator()?;
                    Ok((String::new(), to))
                }
                None => act.me().map(|me| (me.name.clone(), me.email.clone())),
            }
        })
        .await?;
    let _permit = app.mail().tests.try_acquire().map_err(|_full| AppError::Busy)?;
    let data = MailData::default().with("name", Some(if name.is_empty() { &recipient } else { &name }));
    let id = fresh_id(app);
    let parts = Parts { id: &id, kind: MailKind::Test, language, recipient: &recipient, data: &data };
    let letter = parts.letter(app, mail).ok_or(AppError::Internal("there is no text for a test mail"))?;
    let sent = async {
        let mut session = mailer.connect().await?;
        session.send(&letter).await?;
        session.quit().await;
        Ok(())
    };
    let error = sent.await.err().map(|failure: rosterd_outbound::smtp::SmtpFailure| failure.to_string());
    let sent = error.is_none();
    app.write(caller, move |act| {
        act.actor().ensure_admin()?;
        act.tell(Event::MailTested(sent));
        Ok::<_, AppError>(())
    })
    .await?;
    Ok(MailTest { sent, recipient, error })
}

/// Lets go on admins, where there can be mails.
fn ensure_kept(act: &Act<'_>) -> AppResult<()> {
    act.actor().ensure_admin()?;
    let layout = act.app().store().layout();
    if layout.mails && layout.leases {
        Ok(())
    } else {
        Err(AppError::Conflict(
            "This database has no table for mails. `rosterd adopt --apply` adds it; then restart rosterd.",
        ))
    }
}
