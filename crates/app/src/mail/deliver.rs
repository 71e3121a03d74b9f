//! Sending what waits in the outbox, in the process that has the job's lease.
//!
//! Before a mail is sent it is put off until its attempt must be over: nobody else sends it meanwhile, and where the database takes
//! no writes nothing is sent. A mail that was taken and not noted, because the process died, is sent once more, with the same
//! `Message-ID`.

use std::time::Duration;

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::LinkId;
use rosterd_domain::mail::{
    KEPT_FOR, MailData, MailKind, MailRow, MailState, MailTried, Outcome, Verdict, judge,
};
use rosterd_outbound::smtp::{Letter, Mailer, SmtpFailure, SmtpSession};
use tokio::time::sleep;

use super::compose::Parts;
use super::counts::MailResult;
use super::forgot;
use super::settings::MailSettings;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::links;

const JOB: &str = "mail";

/// Steps of an attempt: to connect, to say hello twice, to encrypt, to sign in and to send, with room for more.
const STEPS: u32 = 11;

/// Mails over one connection. Servers close it after a while.
const PER_CONNECTION: usize = 20;

/// How long it takes at most to notice that the server stops, and how long a mail under way may still take then. One that is cut
/// off is sent once more later.
const LOOK: Duration = Duration::from_millis(200);
const GRACE: Duration = Duration::from_secs(3);

/// How an attempt ended.
enum Ended {
    /// The mail server was asked to take it.
    Tried(Outcome, Option<String>),
    /// It is of no use any more, and why.
    Useless(&'static str),
    /// It cannot be sent as things are, and why.
    Impossible(&'static str),
}

/// Sends all mails that are due. Gives how many the mail server took. One process at a time does this.
///
/// Where the mail server cannot be reached one mail was tried, and the others wait for the next run.
///
/// # Errors
/// Those of the store. A mail whose outcome could not be written is sent once more.
pub async fn deliver(app: &App) -> AppResult<usize> {
    let (true, Some(mail), Some(mailer)) = (app.sends_mail(), &app.settings().mail, &app.mail().mailer)
    else {
        return Ok(0);
    };
    let (mut line, mut sent) = (Line { mailer, session: None }, 0);
    while let Some(row) = claim(app, mail).await? {
        let attempt = async {
            match prepare(app, mail, &row).await? {
                Ok(letter) => Ok(line.send(&letter).await),
                Err(ended) => Ok::<_, AppError>((ended, false)),
            }
        };
        let cut_off = tokio::select! {
            biased;
            ended = attempt => Some(ended?),
            () = stopped(app) => None,
        };
        let Some((ended, is_down)) = cut_off else { return Ok(sent) };
        sent += usize::from(settle(app, row, ended).await? == MailState::Sent);
        if is_down || app.is_stopping() {
            break;
        }
    }
    line.end().await;
    Ok(sent)
}

/// Ends a while after the server began to stop.
async fn stopped(app: &App) {
    while !app.is_stopping() {
        sleep(LOOK).await;
    }
    sleep(GRACE).await;
}

/// A connection to the mail server, made when it is needed.
struct Line<'a> {
    mailer: &'a Mailer,
    /// With how many mails it has sent.
    session: Option<(SmtpSession<'a>, usize)>,
}

impl Line<'_> {
    /// Sends a mail; gives also whether the mail server is to be left alone for now.
    async fn send(&mut self, letter: &Letter) -> (Ended, bool) {
        let open = match self.session.take() {
            Some((session, sent)) if sent >= PER_CONNECTION => {
                session.quit().await;
                None
            }
            other => other,
        };
        let (mut session, sent) = match open {
            Some(open) => open,
            None => match self.mailer.connect().await {
                Ok(session) => (session, 0),
                Err(failure) => {
                    tracing::warn!(%failure, "the mail server cannot be used; mails wait");
                    return (Ended::Tried(Outcome::NotNow, Some(failure.to_string())), true);
                }
            },
        };
        // After a failure the connection is of no use any more.
        let ended = match session.send(letter).await {
            Ok(()) => {
                self.session = Some((session, sent + 1));
                Ended::Tried(Outcome::Taken, None)
            }
            Err(SmtpFailure::Refused(why)) => Ended::Tried(Outcome::Refused, Some(why)),
            Err(SmtpFailure::NotNow(why)) => Ended::Tried(Outcome::NotNow, Some(why)),
        };
        (ended, false)
    }

    async fn end(self) {
        if let Some((session, _)) = self.session {
            session.quit().await;
        }
    }
}

/// A mail that is due, put off until its attempt must be over.
async fn claim(app: &App, mail: &MailSettings) -> AppResult<Option<MailRow>> {
    // Looked at first, so that nothing is written where nothing is due.
    let is_any_due = app
        .snapshot(Caller::job(JOB), |act| {
            let now = act.now();
            Ok::<_, AppError>(!act.housekeeping().list_due_mails(now, 1)?.is_empty())
        })
        .await?;
    if !is_any_due {
        return Ok(None);
    }
    let time = seconds(mail.step.saturating_mul(STEPS));
    app.write(Caller::job(JOB), move |act| {
        let now = act.now();
        for row in act.housekeeping().list_due_mails(now, 1)? {
            if act.housekeeping().put_off_mail(&row.id, (now, now.saturating_add(time)))? {
                return Ok::<_, AppError>(Some(row));
            }
        }
        Ok(None)
    })
    .await
}

/// The mail of a row.
async fn prepare(app: &App, mail: &MailSettings, row: &MailRow) -> AppResult<Result<Letter, Ended>> {
    let Some(kind) = row.kind.filter(|kind| *kind != MailKind::Test) else {
        return Ok(Err(Ended::Impossible("This version of rosterd does not know this kind of mail.")));
    };
    let letter = if kind.has_link() {
        match linked(app, row).await? {
            Ok(linked) => Parts::of(&linked, kind).letter(app, mail),
            Err(ended) => return Ok(Err(ended)),
        }
    } else {
        Parts::of(row, kind).letter(app, mail)
    };
    Ok(letter.ok_or(Ended::Impossible("There is no text for this kind of mail.")))
}

/// The row with the link that its mail brings, as long as the link opens something. The token is in memory alone.
async fn linked(app: &App, row: &MailRow) -> AppResult<Result<MailRow, Ended>> {
    let row = if row.link.is_none() && row.kind == Some(MailKind::Forgot) {
        let found = row.clone();
        match app.write(Caller::job(JOB), move |act| forgot::answer(act, found)).await? {
            Ok(row) => row,
            Err(useless) => return Ok(Err(Ended::Useless(useless))),
        }
    } else {
        row.clone()
    };
    app.snapshot(Caller::job(JOB), move |act| {
        let id = row.link.clone().unwrap_or_default();
        let link = act.read().find_link(&LinkId::from_stored(id))?;
        let Some(link) = link else { return Ok(Err(DEAD)) };
        let Some(account) = links::owner_of(act, &link)? else { return Ok(Err(DEAD)) };
        let Some(token) = links::token_of(act.app(), &link) else { return Ok(Err(DEAD)) };
        let Some(url) = links::url_of(act, &token)? else { return Ok(Err(NO_URL)) };
        let data = MailData::default()
            .with("name", Some(account.name))
            .with("link", Some(url))
            .with("expires_at", Some(link.expires_at.to_string()));
        Ok::<_, AppError>(Ok(MailRow { recipient: account.email, data, ..row }))
    })
    .await
}

const DEAD: Ended = Ended::Useless("Its link was used, replaced or has ended.");

const NO_URL: Ended = Ended::Impossible(
    "Nobody has said by which URL people reach this server. Set ROSTERD_PUBLIC_URL, and have the mail sent once more.",
);

/// Writes what became of a mail; gives how far it is now.
async fn settle(app: &App, row: MailRow, ended: Ended) -> AppResult<MailState> {
    let now = app.now();
    let (state, next_attempt_at, error) = match ended {
        Ended::Tried(outcome, error) => match judge(outcome, row.attempts.saturating_add(1), now) {
            Verdict::Sent => (MailState::Sent, None, None),
            Verdict::Again(at) => (MailState::Waiting, Some(at), error),
            Verdict::Failed => (MailState::Failed, None, error),
        },
        Ended::Useless(why) => (MailState::Cancelled, None, Some(why.to_owned())),
        Ended::Impossible(why) => (MailState::Failed, None, Some(why.to_owned())),
    };
    app.mail().counts.ended(MailResult::of(state));
    // Not what the mail server said: that may name the recipient.
    tracing::debug!(mail = row.id.as_str(), kind = row.kind_name, state = state.as_str(), "a mail was tried");
    if state == MailState::Failed {
        tracing::warn!(
            mail = row.id.as_str(),
            kind = row.kind_name,
            "a mail was given up; `GET /api/v1/mail` says why, and an administrator can have it sent once more"
        );
    }
    let tried = MailTried { attempts_before: row.attempts, state, next_attempt_at, at: now, error };
    app.write(Caller::job(JOB), move |act| {
        Ok::<_, AppError>(act.housekeeping().keep_mail_attempt(&row.id, &tried)?)
    })
    .await?;
    Ok(state)
}

/// Removes mails that ended long ago; gives how many.
///
/// # Errors
/// Those of the store.
pub async fn remove_old(app: &App) -> AppResult<usize> {
    let before = app.now().saturating_sub(KEPT_FOR);
    app.write(Caller::job("mail_retention"), move |act| {
        Ok::<_, AppError>(act.housekeeping().forget_mails(before)?)
    })
    .await
}

/// Whole seconds of a time, rounded up.
fn seconds(time: Duration) -> UnixSeconds {
    UnixSeconds::try_from(time.as_secs().saturating_add(1)).unwrap_or(UnixSeconds::MAX)
}
