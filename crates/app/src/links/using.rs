//! Using links: whoever has the token of one does what it is for, once (rules O3, O5 and O6).

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::UserId;
use rosterd_domain::link::{LinkKind, LinkRow, LinkToken};
use rosterd_domain::name::UserName;
use rosterd_domain::secret::PlainPassword;
use rosterd_domain::session::SessionMethod;
use rosterd_domain::user::{AccountRow, UserChanges};

use super::{ensure_kept, ensure_usable, owner_of};
use crate::act::Act;
use crate::app::App;
use crate::auth_method::AuthMethod;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::{Event, Outcome, Unchanged};
use crate::passwords::Asker;
use crate::request::Request;
use crate::sessions::{self, Session, is_second_factor_demanded};
use crate::users::{replace_password, write_changes};

/// What is told to whoever has the token of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLink {
    /// What it is for.
    pub kind: LinkKind,
    /// The account's e-mail address.
    pub email: String,
    /// The account's name.
    pub name: String,
    /// From when on the link opens nothing.
    pub expires_at: UnixSeconds,
}

/// An invite that was accepted.
#[derive(Debug)]
pub struct Accepted {
    /// A session for the account.
    pub session: Session,
    /// The cookie that makes the browser [known](crate::known_browsers).
    pub browser: String,
}

/// Looks at a link without using it up. `token` is `None` for a text that no token has, here and below.
///
/// # Errors
/// [`AppError::InvalidLink`] for a link that is dead or was never there; [`AppError::RateLimited`] after too many tries;
/// [`AppError::Conflict`] where links are not kept; [`AppError::FeatureOff`] where nobody signs in with a password; those of the store.
pub async fn look(app: &App, request: Request, token: Option<LinkToken>) -> AppResult<ShownLink> {
    if !app.settings().confirm_email {
        ensure_usable(app)?;
    }
    let caller = Caller::visitor(request);
    let token = tried(app, &caller, token).await?;
    app.snapshot(caller, move |act| {
        let link = act.read().find_link_by_hash(&token.hash())?.ok_or(AppError::InvalidLink)?;
        ensure_fits(act.app(), link.kind)?;
        let account = owner_of(act, &link)?.ok_or(AppError::InvalidLink)?;
        let LinkRow { kind, expires_at, .. } = link;
        Ok(ShownLink { kind, email: account.email, name: account.name, expires_at })
    })
    .await
}

/// Accepts an invite: the account gets this password and, if wanted, another name, and a session is opened for it (rule O5).
///
/// # Errors
/// As [`look`]; rules R3 and R6, and the link stays; [`AppError::FeatureOff`] where a second factor is demanded, which such a
/// session cannot show; [`AppError::Busy`] where too many wait.
pub async fn accept_invite(
    app: &App,
    request: Request,
    token: Option<LinkToken>,
    password: PlainPassword,
    name: Option<UserName>,
) -> AppResult<Accepted> {
    set_password(app, request, token, Wanted { kind: LinkKind::Invite, password, name }, |act, id| {
        let now = act.now();
        // Otherwise an attempt that failed would count as this one.
        act.housekeeping().note_attempt(Some(id), now)?;
        let session = sessions::open(act, id, SessionMethod::Password)?;
        act.app().activity().mark_active(id, now);
        let sign_in = act.read().find_sign_in_of(id)?.ok_or(AppError::InvalidLink)?;
        Ok(Accepted { session, browser: act.app().known_browsers().mark(&sign_in, now) })
    })
    .await
}

/// Sets a new password by a link. All sessions of the account end (rules O5 and M15).
///
/// # Errors
/// As [`accept_invite`], but for the second factor.
pub async fn reset_password(
    app: &App,
    request: Request,
    token: Option<LinkToken>,
    password: PlainPassword,
) -> AppResult<()> {
    let wanted = Wanted { kind: LinkKind::Reset, password, name: None };
    set_password(app, request, token, wanted, |_act, _id| Ok(())).await
}

/// What somebody wants to do by a link.
struct Wanted {
    kind: LinkKind,
    password: PlainPassword,
    name: Option<UserName>,
}

/// Sets a password by a link, and does with the account what is wanted. Hashing takes long and is dear: a link that is dead is
/// refused before it, and the link is judged again in the transaction that uses it up.
async fn set_password<T: Send + 'static>(
    app: &App,
    request: Request,
    token: Option<LinkToken>,
    wanted: Wanted,
    then: fn(&mut Act<'_>, &UserId) -> AppResult<T>,
) -> AppResult<T> {
    let Wanted { kind, password, name } = wanted;
    ensure_usable(app)?;
    let asker = Asker::SigningUp(request.client_ip);
    let caller = Caller::visitor(request);
    let hash = tried(app, &caller, token).await?.hash();
    let (link, account) = app
        .snapshot(caller.clone(), move |act| {
            let link = act.read().find_link_by_hash(&hash)?.filter(|link| link.kind == kind);
            let link = link.ok_or(AppError::InvalidLink)?;
            let account = owner_of(act, &link)?.ok_or(AppError::InvalidLink)?;
            ensure_session_is_enough(act, kind)?;
            Ok::<_, AppError>((link, account))
        })
        .await?;
    app.settings().password_policy.check(&password)?;
    let new_name = name.as_ref().map_or(account.name.as_str(), UserName::as_str);
    let hashed = app.passwords().hash_new(password, new_name, &account.email, asker).await?;
    app.write(caller, move |act| {
        let account = use_up(act, &link)?;
        ensure_session_is_enough(act, kind)?;
        write_changes(act, &account, &UserChanges { name, ..UserChanges::default() })?;
        replace_password(act, &account.id, &account.email, &hashed)?;
        then(act, &account.id)
    })
    .await
}

/// Whether a link of this kind is good for anything here.
fn ensure_fits(app: &App, kind: LinkKind) -> AppResult<()> {
    if kind.sets_password() { ensure_usable(app) } else { ensure_kept(app) }
}

/// Counts a try, and gives the token if the text can be one.
pub(super) async fn tried(app: &App, caller: &Caller, token: Option<LinkToken>) -> AppResult<LinkToken> {
    ensure_kept(app)?;
    app.count_attempt(caller.clone(), app.limiter().by_client(caller.request.client_ip)).await?;
    token.ok_or(AppError::InvalidLink)
}

/// Uses a link up, and gives its account. Of several who do so at the same moment one does: they wait for the row of the account.
pub(super) fn use_up(act: &mut Act<'_>, link: &LinkRow) -> AppResult<AccountRow> {
    act.read().lock_account(&link.user)?.ok_or(AppError::InvalidLink)?;
    let user = link.user.clone();
    let event = match link.kind {
        LinkKind::Invite => Event::UserInviteAccepted(user),
        LinkKind::Reset => Event::UserPasswordReset(user),
        LinkKind::Confirm => Event::UserEmailConfirmed(user),
    };
    let is_first = act.change_and_tell(|tx| {
        let was_there = tx.delete_link(&link.id)?;
        Ok((was_there, Outcome::changed_if(was_there, event, Unchanged::NothingThere)))
    })?;
    if !is_first {
        return Err(AppError::InvalidLink);
    }
    owner_of(act, link)?.ok_or(AppError::InvalidLink)
}

/// An accepted invite opens a session, which is worth nothing where a second factor is demanded.
fn ensure_session_is_enough(act: &mut Act<'_>, kind: LinkKind) -> AppResult<()> {
    if kind == LinkKind::Invite && is_second_factor_demanded(act, AuthMethod::Password)? {
        return Err(AppError::FeatureOff(
            "A second factor is demanded here, so an invite cannot sign you in. Ask an admin for a link to set your password, and \
             then sign in at Open WebUI.",
        ));
    }
    Ok(())
}
