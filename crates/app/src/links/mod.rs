//! One-time links: for people who are invited, for a new password (rules O1 to O6), and for e-mail addresses that are to be
//! confirmed (rules C1 to C6).
//!
//! What is stored has the hash of the token and not the token. The token is an HMAC of what is stored, so that `token_of` makes it
//! again where a mail needs it, and it lies nowhere. No event and no line of the log has a token.
//!
//! Whoever writes a link has locked the row of its account before: so there is one order of locks, and of several who use a link at
//! the same moment one does.

mod confirming;
mod tokens;
mod using;

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::error::DomainError;
use rosterd_domain::ids::{GroupId, LinkId, UserId};
use rosterd_domain::link::{LinkKind, LinkRow, LinkToken};
use rosterd_domain::public_url::PublicUrl;
use rosterd_domain::role::Role;
use rosterd_domain::rules::link::{self, LinkOwner};
use rosterd_domain::secret::PasswordHash;
use rosterd_domain::user::{AccountRow, UserModel};
use uuid::Uuid;

use crate::account_lock::{Held, hold_accounts};
use crate::act::Act;
use crate::actor::Actor;
use crate::app::App;
use crate::error::{AppError, AppResult};
use crate::event::Event;
use crate::groups::{become_member, hold_members};
use crate::mail;
use crate::registration::{NewAccount, Registration, register};
use crate::stored_config::Key;
use crate::users::whole;

pub(crate) use confirming::{ask_to_confirm, awaited_after, ensure_can_be_asked};
pub use confirming::{confirm, resend};
pub(crate) use tokens::LinkTokens;
pub use using::{Accepted, ShownLink, accept_invite, look, reset_password};

/// How a link is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkTerms {
    /// For how many seconds it can be used; `None`: the usual time (rule O2).
    pub expires_in: Option<i64>,
    /// Whether it goes to the account's e-mail address, where mail is set up.
    pub mail: bool,
}

impl Default for LinkTerms {
    fn default() -> Self {
        Self { expires_in: None, mail: true }
    }
}

/// Who is to be invited.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The account.
    pub account: NewAccount,
    /// Its role; `None`: user, or admin for the first account of all, which only the operator can invite.
    pub role: Option<Role>,
    /// The groups that it joins, beside the one of new accounts.
    pub groups: Vec<GroupId>,
    /// How the link is made.
    pub terms: LinkTerms,
}

/// A link that was made. What can be told of it is told now: the token is not stored.
#[derive(Debug, Clone)]
pub struct MadeLink {
    /// The token.
    pub token: LinkToken,
    /// Where the console opens it; `None` where nobody has said by which URL people reach this server, and where there is no
    /// console.
    pub url: Option<String>,
    /// From when on it opens nothing.
    pub expires_at: UnixSeconds,
    /// Whether it goes to the account's e-mail address by itself.
    pub mailed: bool,
}

/// Somebody who was invited.
#[derive(Debug)]
pub struct Invited {
    /// The account.
    pub user: UserModel,
    /// The link by which its owner sets a password.
    pub link: MadeLink,
}

/// Makes an account without a password, and the link by which its owner sets one (rules O2 and O5). For admins.
///
/// # Errors
/// Rule R2 and `GROUP_NOT_FOUND`; a rule at `["expires_in"]`; [`AppError::Conflict`] where links are not kept;
/// [`AppError::FeatureOff`] where nobody signs in with a password; those of the store.
pub fn invite(act: &mut Act<'_>, invitation: &Invitation) -> AppResult<Invited> {
    hold(act)?;
    let Invitation { account, role, groups, terms } = invitation;
    let life = link::life(LinkKind::Invite, terms.expires_in)?;
    let how = match act.actor() {
        Actor::Operator => Registration::Created(role.clone()),
        _ => Registration::Added(role.clone().unwrap_or(Role::User)),
    };
    let unset = PasswordHash::unset(act.app().settings().bcrypt_cost);
    let id = register(act, account, &unset, &how)?;
    for group in groups {
        hold_members(act, group)?;
        become_member(act, group, std::slice::from_ref(&id))?;
    }
    let row = act.read().find_account(&id)?.ok_or(DomainError::UserNotFound)?;
    let link = put(act, LinkKind::Invite, &row, life)?;
    let link = made(act, &link, terms.mail)?;
    Ok(Invited { user: whole(act, &id)?, link })
}

/// Makes the link by which the owner of an account sets a new password, in place of the one that there may be (rules O2 and O4).
/// For admins.
///
/// # Errors
/// [`AppError::NotFound`] for an unknown id; rule O4 as [`AppError::Rule`]; [`AppError::Conflict`] for an account that may not sign
/// in; otherwise as [`invite`].
pub fn make_reset(act: &mut Act<'_>, id: &UserId, terms: LinkTerms) -> AppResult<MadeLink> {
    let held = hold(act)?;
    let life = link::life(LinkKind::Reset, terms.expires_in)?;
    let account = act.read().lock_account(id)?.ok_or(AppError::NO_SUCH_USER)?;
    link::ensure_may_make(held.actor.as_ref(), id, held.primary.as_ref())?;
    if !is_active(act, id)? {
        return Err(AppError::Conflict(
            "This account is suspended or may not sign in for another reason. Resume it before you make a link for it.",
        ));
    }
    let link = put(act, LinkKind::Reset, &account, life)?;
    made(act, &link, terms.mail)
}

/// Makes the link for a new password that the owner of an account asked for without signing in, in place of the one that there may
/// be. `None` for an account that gets none: one that may not sign in, and that of the primary admin (rule O4).
pub(crate) fn make_forgotten(act: &mut Act<'_>, id: &UserId) -> AppResult<Option<LinkRow>> {
    let held = hold(act)?;
    let Some(account) = act.read().lock_account(id)? else { return Ok(None) };
    if held.primary.as_ref() == Some(id) || !is_active(act, id)? {
        return Ok(None);
    }
    let life = link::life(LinkKind::Reset, None)?;
    put(act, LinkKind::Reset, &account, life).map(Some)
}

/// Holds what making a link needs.
fn hold(act: &mut Act<'_>) -> AppResult<Held> {
    act.actor().ensure_admin()?;
    ensure_usable(act.app())?;
    hold_accounts(act)
}

/// Whether links can be kept here.
///
/// # Errors
/// [`AppError::Conflict`].
fn ensure_kept(app: &App) -> AppResult<()> {
    if app.store().layout().links {
        return Ok(());
    }
    Err(AppError::Conflict(
        "This database has no table for links. `rosterd adopt --apply` adds it; start the server again afterwards.",
    ))
}

/// The same, and whether the passwords that they set are good for anything.
///
/// # Errors
/// [`AppError::Conflict`], [`AppError::FeatureOff`].
pub(crate) fn ensure_usable(app: &App) -> AppResult<()> {
    ensure_kept(app)?;
    if !app.settings().password_sign_in {
        return Err(AppError::FeatureOff("Signing in with a password is switched off on this server."));
    }
    Ok(())
}

/// Writes a new link for an account whose row is locked, in place of the one of its kind.
fn put(act: &mut Act<'_>, kind: LinkKind, account: &AccountRow, life: i64) -> AppResult<LinkRow> {
    let (id, user, now) =
        (LinkId::from_stored(Uuid::new_v4().simple().to_string()), account.id.clone(), act.now());
    let expires_at = now.saturating_add(life);
    let event = match kind {
        LinkKind::Invite => Event::UserInvited(user.clone(), expires_at),
        LinkKind::Reset => Event::UserResetLinkMade(user.clone(), expires_at),
        LinkKind::Confirm => Event::UserConfirmLinkMade(user.clone(), expires_at),
    };
    let token_hash = act.app().link_tokens().make(&id, kind, &user).hash();
    // Who confirms asks nobody for more than what the account had.
    let maker = act.actor().id().filter(|_| kind.sets_password()).cloned();
    let email = account.email.clone();
    let link = LinkRow { id, kind, user, email, token_hash, maker, created_at: now, expires_at };
    act.change(event).put_link(&link)?;
    Ok(link)
}

/// What is told of a link that was written in this transaction. It goes by mail where that is wanted and can be.
fn made(act: &mut Act<'_>, link: &LinkRow, is_mailed: bool) -> AppResult<MadeLink> {
    let token = token_of(act.app(), link).ok_or(AppError::Internal("a link has another token"))?;
    let url = url_of(act, &token)?;
    let mailed = is_mailed && url.is_some() && mail::note_link(act, link)?;
    Ok(MadeLink { token, url, expires_at: link.expires_at, mailed })
}

/// The token of a link that is stored; `None` where it was made under a token secret that is not known any more.
pub(crate) fn token_of(app: &App, link: &LinkRow) -> Option<LinkToken> {
    app.link_tokens().of(link)
}

/// Where the console opens a link (rule O6). The token comes after the `#`: so it is in no log, and no page is told of it.
pub(crate) fn url_of(act: &mut Act<'_>, token: &LinkToken) -> AppResult<Option<String>> {
    Ok(console_url(act)?.map(|console| format!("{console}/link#{}", token.expose())))
}

/// By which URL people reach the console; `None` where nobody has said it, and where there is no console.
pub(crate) fn console_url(act: &mut Act<'_>) -> AppResult<Option<String>> {
    let app = act.app();
    if !app.settings().console {
        return Ok(None);
    }
    Ok(match &app.settings().public_url {
        Some(url) => Some(format!("{}/console", url.as_str())),
        // A front end is there, which leaves these paths to us.
        None => PublicUrl::parse(app.stored_config(act.read())?.text(Key::WebuiUrl))
            .ok()
            .map(|url| format!("{}/rosterd/console", url.as_str())),
    })
}

/// The account of a link that still opens something; `None`: the link is dead (rules O3 and C4).
pub(crate) fn owner_of(act: &mut Act<'_>, link: &LinkRow) -> AppResult<Option<AccountRow>> {
    let maker_is_good = match &link.maker {
        None => true,
        Some(maker) => {
            let is_admin = act.read().find_account(maker)?.is_some_and(|maker| maker.role.is_admin());
            is_admin && is_active(act, maker)?
        }
    };
    let Some(account) = act.read().find_account(&link.user)? else { return Ok(None) };
    let owner = LinkOwner {
        email: &account.email,
        is_active: is_active(act, &account.id)?,
        is_primary: act.read().find_primary_admin()?.as_ref() == Some(&account.id),
        is_waiting: confirming::awaited_by(act, &account)?.is_some(),
    };
    let is_good = link::is_good(link, Some(owner), maker_is_good, act.now());
    Ok(is_good.then_some(account))
}

/// Whether this account may sign in, as far as it is not suspended or switched off.
fn is_active(act: &mut Act<'_>, id: &UserId) -> AppResult<bool> {
    Ok(act.read().find_sign_in_of(id)?.is_none_or(|row| row.active))
}
