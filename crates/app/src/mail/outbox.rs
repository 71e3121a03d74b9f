//! Noting mails, in the transaction of what they are about.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{MailId, UserId};
use rosterd_domain::link::{LinkKind, LinkRow};
use rosterd_domain::mail::{Language, MailData, MailKind, NewMail};
use rosterd_storage::{Db, StoreResult};

use crate::act::Act;
use crate::actor::Actor;
use crate::app::App;
use crate::error::AppResult;
use crate::event::Event;
use crate::request::Request;

/// Notes the mails that tell people of these events, if mail is set up (rules Q1 and Q5).
///
/// # Errors
/// Those of the store: then nothing of the use case is written.
pub(crate) fn note_for(
    app: &App,
    db: &mut dyn Db,
    events: &[Event],
    (actor, request): (&Actor, &Request),
    now: UnixSeconds,
) -> StoreResult<()> {
    if !app.sends_mail() {
        return Ok(());
    }
    let is_accepted = |user: &UserId| {
        events.iter().any(|event| matches!(event, Event::UserInviteAccepted(of) if of == user))
    };
    for event in events {
        let (kind, user) = match event {
            Event::UserPasswordChanged(user) if actor.id() == Some(user) => (MailKind::PasswordChanged, user),
            // Whoever was invited knows of it.
            Event::UserPasswordChanged(user) if is_accepted(user) => continue,
            // By a link that only the owner can have.
            Event::UserPasswordChanged(user) if matches!(actor, Actor::Visitor) => {
                (MailKind::PasswordChanged, user)
            }
            Event::UserPasswordChanged(user) => (MailKind::PasswordSet, user),
            Event::NewSignIn { user, is_first: false, .. } => (MailKind::NewSignIn, user),
            _ => continue,
        };
        tell_owner(app, db, (kind, user), request, now)?;
    }
    Ok(())
}

/// Notes a mail to the owner of an account, unless the account is gone again.
fn tell_owner(
    app: &App,
    db: &mut dyn Db,
    (kind, user): (MailKind, &UserId),
    request: &Request,
    now: UnixSeconds,
) -> StoreResult<()> {
    let Some(account) = db.find_account(user)? else { return Ok(()) };
    // Where an administrator was, and in which language they read, is not the owner's business.
    let is_own = kind != MailKind::PasswordSet;
    let origin = request.origin();
    let data = MailData::default()
        .with("name", Some(account.name))
        .with("at", Some(now.to_string()))
        .with("client_ip", origin.client_ip.filter(|_| is_own))
        .with("program", origin.user_agent.filter(|_| is_own));
    let mail = NewMail {
        id: fresh_id(app),
        kind,
        user: Some(user.clone()),
        recipient: account.email,
        language: language_of(app, request.language.filter(|_| is_own)),
        link: None,
        data,
    };
    db.note_mail(&mail, now)
}

/// Notes the mail that brings a link which was made just now; gives whether one goes.
///
/// # Errors
/// Those of the store.
pub(crate) fn note_link(act: &mut Act<'_>, link: &LinkRow) -> AppResult<bool> {
    let (app, now) = (act.app(), act.now());
    if !app.sends_mail() {
        return Ok(false);
    }
    let kind = match link.kind {
        LinkKind::Invite => MailKind::Invite,
        LinkKind::Reset => MailKind::Reset,
        LinkKind::Confirm => MailKind::Confirm,
    };
    // Who signs up or asks for another one is written to in their own language; whoever is written to because of an admin is not.
    let is_own = matches!(act.actor(), Actor::Visitor) || act.actor().id() == Some(&link.user);
    let asked = act.request().language.filter(|_| is_own);
    let mail = NewMail {
        id: fresh_id(app),
        kind,
        user: Some(link.user.clone()),
        recipient: link.email.clone(),
        language: language_of(app, asked),
        link: Some(link.id.as_str().to_owned()),
        data: MailData::default(),
    };
    act.housekeeping().note_mail(&mail, now)?;
    Ok(true)
}

/// The language that somebody asked for, else the one that is configured (rule Q6).
pub(super) fn language_of(app: &App, asked: Option<Language>) -> Language {
    let configured = app.settings().mail.as_ref().map(|mail| mail.language);
    asked.or(configured).unwrap_or_default()
}

/// An id by which mails are in the order of their making.
pub(super) fn fresh_id(app: &App) -> MailId {
    MailId::from_stored(app.event_ids().fresh(app.now_millis()))
}
