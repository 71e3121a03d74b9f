//! Who has forgotten the password, and asks for a link by mail (rule Q8).

use rosterd_domain::email::{EmailAddress, EmailLookup};
use rosterd_domain::mail::{MailData, MailKind, MailRow, NewMail};

use super::outbox::{fresh_id, language_of};
use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::links;
use crate::request::Request;

/// For so many seconds after one mail no other one goes to the same account.
const APART: i64 = 300;

/// Notes that somebody wants a link for a new password for this e-mail address. Whether an account has it is looked up when the mail
/// is sent: so the answer, its time and what is written are the same for all.
///
/// # Errors
/// [`AppError::FeatureOff`] where no such mail can be sent; [`AppError::RateLimited`] after too many; those of the store.
pub async fn forgot(app: &App, request: Request, email: EmailAddress) -> AppResult<()> {
    let attempt = app.limiter().forgotten(email.as_str(), request.client_ip);
    app.limiter().ensure_waited(attempt)?;
    app.write(Caller::visitor(request), move |act| {
        if !is_on(act)? {
            return Err(AppError::FeatureOff(
                "This server sends no links for new passwords. Ask an administrator for one.",
            ));
        }
        act.app().limiter().count(act, attempt)?;
        let (app, now) = (act.app(), act.now());
        let mail = NewMail {
            id: fresh_id(app),
            kind: MailKind::Forgot,
            user: None,
            recipient: email.as_str().to_owned(),
            language: language_of(app, act.request().language),
            link: None,
            data: MailData::default(),
        };
        act.housekeeping().note_mail(&mail, now)?;
        Ok(())
    })
    .await
}

/// Whether people can ask for such a link: mail is set up, and it is known where a link leads.
///
/// # Errors
/// Those of the store.
pub fn is_on(act: &mut Act<'_>) -> AppResult<bool> {
    let app = act.app();
    Ok(app.sends_mail() && links::ensure_usable(app).is_ok() && links::console_url(act)?.is_some())
}

/// Makes the link for the account that has the e-mail address, and notes it with the mail; gives why there is none.
pub(super) fn answer(act: &mut Act<'_>, row: MailRow) -> AppResult<Result<MailRow, &'static str>> {
    let Some(id) = act.read().find_user_id_by_email(&EmailLookup::new(&row.recipient))? else {
        return Ok(Err("No account has this e-mail address."));
    };
    let last = act.read().find_last_mail(&id, MailKind::Forgot)?;
    if last.is_some_and(|last| row.created_at.saturating_sub(last) < APART) {
        return Ok(Err("A link was sent to this account less than five minutes before."));
    }
    let Some(link) = links::make_forgotten(act, &id)? else {
        return Ok(Err("This account is suspended, may not sign in, or is that of the primary admin."));
    };
    act.housekeeping().give_mail_link(&row.id, &link)?;
    Ok(Ok(MailRow { link: Some(link.id.into_string()), user: Some(link.user), ..row }))
}
