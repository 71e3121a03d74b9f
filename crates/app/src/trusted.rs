//! Signing in with the headers of a trusted proxy.

use rosterd_domain::email::{EmailAddress, EmailLookup};
use rosterd_domain::error::DomainError;
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::name::UserName;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_domain::session::SessionMethod;
use rosterd_storage::{Lock, TokenId};
use uuid::Uuid;

use crate::act::Act;
use crate::app::App;
use crate::auth_method::AuthMethod;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::groups::{become_member, cease_membership};
use crate::passwords::Asker;
use crate::registration::{NewAccount, Registration, register};
use crate::request::Request;
use crate::sessions::{self, Session, ensure_method_is_enough};
use crate::suspensions;

/// What a trusted proxy says of the person behind a request.
#[derive(Debug, Clone)]
pub struct TrustedIdentity {
    /// The e-mail address.
    pub email: String,
    /// The name; `None`: the e-mail address.
    pub name: Option<String>,
    /// The names of all the groups the person is in, possibly none; `None`: not told.
    pub groups: Option<Vec<String>>,
}

/// Signs in whom a trusted proxy vouches for, opening the account at the first visit. Where the proxy tells groups,
/// the account is made a member of exactly those that exist; an admin's groups stay, as with Open WebUI.
///
/// # Errors
/// Rule R2; [`AppError::InvalidCredentials`] for an account that is not active; those of the store.
pub async fn sign_in(app: &App, request: Request, identity: TrustedIdentity) -> AppResult<Session> {
    let ended = attempt(app, request, identity).await;
    app.sign_ins().note(AuthMethod::TrustedHeader, ended)
}

async fn attempt(app: &App, request: Request, identity: TrustedIdentity) -> AppResult<Session> {
    let asker = Asker::SigningUp(request.client_ip);
    let caller = Caller::proxy(request);
    let email = EmailLookup::new(&identity.email);
    let known = email.clone();
    let existing = app
        .read(caller.clone(), move |act| {
            ensure_method_is_enough(act, AuthMethod::TrustedHeader)?;
            let Some(id) = act.read().find_user_id_by_email(&known)? else { return Ok(None) };
            let has_ended = suspensions::has_ended(act, &id)?;
            Ok::<_, AppError>(Some((id, has_ended)))
        })
        .await?;
    let hash = match &existing {
        Some((id, true)) => {
            suspensions::end(app, id).await?;
            None
        }
        Some((_, false)) => None,
        None if EmailAddress::parse(&identity.email).is_err() => return Err(DomainError::InvalidEmail.into()),
        // Nobody knows this password: the account opens through the proxy alone.
        None => Some(app.passwords().hash(PlainPassword::new(Uuid::new_v4().to_string()), asker).await?),
    };
    app.write(caller, move |act| {
        act.read().lock(Lock::Accounts)?;
        let id = match (act.read().find_user_id_by_email(&email)?, &hash) {
            (Some(id), _) => {
                sessions::tell_if_new(act, &id, AuthMethod::TrustedHeader)?;
                id
            }
            (None, Some(hash)) => open(act, &identity, hash)?,
            (None, None) => return Err(AppError::InvalidCredentials),
        };
        if let Some(groups) = &identity.groups
            && !act.read().find_caller(&id, TokenId::NONE)?.is_some_and(|row| row.role.is_admin())
        {
            sync_groups(act, &id, groups)?;
        }
        let session = sessions::open(act, &id, SessionMethod::TrustedHeader)?;
        act.app().activity().mark_active(&id, act.now());
        Ok(session)
    })
    .await
}

fn open(act: &mut Act<'_>, identity: &TrustedIdentity, hash: &PasswordHash) -> AppResult<UserId> {
    let email = EmailAddress::parse(&identity.email)?;
    let name = identity.name.as_deref().map(UserName::parse).and_then(Result::ok);
    let name = match name {
        Some(name) => name,
        None => UserName::parse(email.as_str())?,
    };
    let new =
        NewAccount { name, email: identity.email.clone(), profile_image_url: ProfileImageUrl::default() };
    register(act, &new, hash, &Registration::Vouched)
}

fn sync_groups(act: &mut Act<'_>, id: &UserId, names: &[String]) -> AppResult<()> {
    // No group must go between the look-up and the insert.
    act.read().lock(Lock::GroupTree)?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let wanted: Vec<GroupId> = act.read().find_groups_by_name(&names)?.into_iter().flatten().collect();
    let current: Vec<GroupId> =
        act.read().list_group_names_of(id)?.into_iter().map(|group| group.id).collect();
    let user = std::slice::from_ref(id);
    for gone in current.iter().filter(|group| !wanted.contains(group)) {
        cease_membership(act, gone, user)?;
    }
    for fresh in wanted.iter().filter(|group| !current.contains(group)) {
        become_member(act, fresh, user)?;
    }
    Ok(())
}
