//! E-mail addresses that are to be confirmed (rules C1 to C6).
//!
//! An account that waits for it has the role `pending`, which Open WebUI understands too, and a row in a table of its own with the
//! role that it gets then. That row is not part of the link: a link ends after a day, with a suspension, and with a backup that is
//! put back, and the owner asks for another one.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::UserId;
use rosterd_domain::link::{LinkKind, LinkToken};
use rosterd_domain::mail::MailKind;
use rosterd_domain::role::Role;
use rosterd_domain::rules::confirm::{APART, EmailChange, asks_at_change, awaited};
use rosterd_domain::rules::link;
use rosterd_domain::suspension::{Suspension, SuspensionRow};
use rosterd_domain::unconfirmed::Unconfirmed;
use rosterd_domain::user::{AccountRow, UserChanges};
use rosterd_storage::Lock;

use super::using::{tried, use_up};
use super::{made, put};
use crate::act::Act;
use crate::actor::Actor;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::Outcome;
use crate::request::Request;
use crate::users::write_changes;

/// Confirms an e-mail address by a link: the account gets the role that it waits for (rule C4). `token` is `None` for a text that no
/// token has.
///
/// # Errors
/// [`AppError::InvalidLink`] for a link that is dead or was never there; [`AppError::RateLimited`] after too many tries;
/// [`AppError::Conflict`] where links are not kept; those of the store.
pub async fn confirm(app: &App, request: Request, token: Option<LinkToken>) -> AppResult<()> {
    let caller = Caller::visitor(request);
    let hash = tried(app, &caller, token).await?.hash();
    app.write(caller, move |act| {
        // The role may be one that changes of accounts ask about.
        act.read().lock(Lock::Accounts)?;
        let link = act.read().find_link_by_hash(&hash)?.filter(|link| link.kind == LinkKind::Confirm);
        let account = use_up(act, &link.ok_or(AppError::InvalidLink)?)?;
        let awaits = awaited_by(act, &account)?.ok_or(AppError::InvalidLink)?;
        // Told with the link, and where the role is another one also as a change of the role.
        act.change_and_tell(|tx| {
            tx.delete_unconfirmed(&account.id)?;
            Ok(((), Outcome::ToldApart))
        })?;
        let role = (awaits.role != account.role).then_some(awaits.role);
        write_changes(act, &account, &UserChanges { role, ..UserChanges::default() })
    })
    .await
}

/// Sends the caller, who waits for it, another link to confirm the e-mail address of the account, in place of the one before (rule
/// C5). For persons.
///
/// # Errors
/// [`AppError::HumanSessionRequired`]; [`AppError::Conflict`] where nothing is to be confirmed, and where it cannot be;
/// [`AppError::RateLimited`] less than five minutes after the mail before; those of the store.
pub async fn resend(app: &App, caller: Caller) -> AppResult<()> {
    app.write(caller, |act| {
        act.actor().ensure_person()?;
        let id = act.me()?.id.clone();
        let account = act.read().lock_account(&id)?.ok_or(AppError::InvalidToken)?;
        if awaited_by(act, &account)?.is_none() {
            return Err(AppError::Conflict("This account has no e-mail address that is to be confirmed."));
        }
        ensure_can_be_asked(act)?;
        ensure_apart(act, &id)?;
        send(act, &account)
    })
    .await
}

/// Whether a mail to confirm an e-mail address may go to this account again.
fn ensure_apart(act: &mut Act<'_>, id: &UserId) -> AppResult<()> {
    let Some(last) = act.read().find_last_mail(id, MailKind::Confirm)? else { return Ok(()) };
    let left = last.saturating_add(APART).saturating_sub(act.now());
    match u64::try_from(left) {
        Ok(retry_after_seconds) if left > 0 => Err(AppError::RateLimited { retry_after_seconds }),
        _ => Ok(()),
    }
}

/// What an account waits for; `None` where nothing is to be confirmed, also because another program has given it a role (rule C4).
pub(super) fn awaited_by(act: &mut Act<'_>, account: &AccountRow) -> AppResult<Option<Unconfirmed>> {
    if account.role != Role::Pending {
        return Ok(None);
    }
    Ok(act.read().find_unconfirmed(&account.id)?)
}

/// The role that an account gets once its owner has confirmed the e-mail address that `changes` give it; `None` where nothing is to
/// be confirmed (rule C3).
///
/// # Errors
/// As [`ensure_can_be_asked`].
pub(crate) fn awaited_after(
    act: &mut Act<'_>,
    stored: &AccountRow,
    changes: &UserChanges,
) -> AppResult<Option<Role>> {
    let Some(after) = changes.email.as_ref().filter(|_| act.app().settings().confirm_email) else {
        return Ok(None);
    };
    let is_last_admin =
        stored.role.is_admin() && !act.read().has_admin_beside(std::slice::from_ref(&stored.id))?;
    let change = EmailChange {
        before: &stored.email,
        after: after.as_str(),
        by_operator: matches!(act.actor(), Actor::Operator),
        is_primary: act.read().find_primary_admin()?.as_ref() == Some(&stored.id),
        is_last_admin,
    };
    if !asks_at_change(change) {
        return Ok(None);
    }
    ensure_can_be_asked(act)?;
    let waiting = act.read().find_unconfirmed(&stored.id)?.map(|row| row.role);
    let suspended = act.read().find_suspension(&stored.id)?.map(|row| row.shown.role);
    Ok(Some(awaited(&stored.role, changes.role.as_ref(), waiting.as_ref(), suspended.as_ref())))
}

/// Lets an account, whose role is `pending`, wait until its owner has confirmed the e-mail address that it has now, and sends the
/// link for it. Then it gets this role.
///
/// # Errors
/// As [`ensure_can_be_asked`].
pub(crate) fn ask_to_confirm(act: &mut Act<'_>, id: &UserId, role: &Role) -> AppResult<()> {
    let account = act.read().lock_account(id)?.ok_or(AppError::NO_SUCH_USER)?;
    let suspended = act.read().find_suspension(id)?.filter(|row| row.shown.role != Role::Pending);
    let row = Unconfirmed { role: role.clone(), since: act.now() };
    // Told with the link.
    act.change_and_tell(|tx| {
        tx.put_unconfirmed(id, &row)?;
        // Otherwise the end of the suspension would let the account in.
        if let Some(SuspensionRow { shown, was_active }) = suspended {
            let shown = Suspension { role: Role::Pending, ..shown };
            tx.put_suspension(id, &SuspensionRow { shown, was_active })?;
        }
        Ok(((), Outcome::ToldApart))
    })?;
    send(act, &account)
}

/// Makes a link for an account whose row is locked, and notes the mail that brings it.
fn send(act: &mut Act<'_>, account: &AccountRow) -> AppResult<()> {
    let life: UnixSeconds = link::life(LinkKind::Confirm, None)?;
    let link = put(act, LinkKind::Confirm, account, life)?;
    if made(act, &link, true)?.mailed { Ok(()) } else { Err(NO_MAIL) }
}

/// Whether the owner of an account can be asked to confirm an e-mail address: where not, an account that would have to wait is not
/// opened, and the e-mail address stays (rule C1).
///
/// # Errors
/// [`AppError::Conflict`].
pub(crate) fn ensure_can_be_asked(act: &mut Act<'_>) -> AppResult<()> {
    if !act.app().has_tables_to_confirm() {
        return Err(AppError::Conflict(
            "E-mail addresses have to be confirmed here, but this database has no tables for that. `rosterd adopt --apply` adds \
             them; start the server again afterwards.",
        ));
    }
    let can_be_sent = act.app().sends_mail() && super::console_url(act)?.is_some();
    if can_be_sent { Ok(()) } else { Err(NO_MAIL) }
}

const NO_MAIL: AppError = AppError::Conflict(
    "E-mail addresses have to be confirmed here, but this server sends no links by mail. Set ROSTERD_SMTP_URL, ROSTERD_MAIL_FROM \
     and ROSTERD_PUBLIC_URL, and leave the console on.",
);

impl App {
    /// Whether the database has the tables for e-mail addresses that are to be confirmed.
    fn has_tables_to_confirm(&self) -> bool {
        let layout = self.store().layout();
        layout.links && layout.unconfirmed && layout.mails && layout.leases
    }

    /// Why nobody can open an account though e-mail addresses are confirmed, for the log of a server that starts; `None` where
    /// people can, or where nothing is to be confirmed.
    #[must_use]
    pub fn confirmation_has_no_table(&self) -> Option<&'static str> {
        (self.settings().confirm_email && !self.has_tables_to_confirm()).then_some(
            "ROSTERD_CONFIRM_EMAIL is on, but this database has no tables for it: people cannot sign up, and e-mail addresses \
             cannot be changed. `rosterd adopt --apply` adds the tables; start the server again afterwards",
        )
    }
}
