//! Looking at one user.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::error::DomainError;
use rosterd_domain::group::Group;
use rosterd_domain::ids::{ChatId, UserId};
use rosterd_domain::oauth_session::OauthSession;
use rosterd_domain::rules::{activity, visibility};
use rosterd_domain::user::{AccountRow, UserActive, UserInfo, UserModel};
use rosterd_storage::Reads;

use crate::act::Act;
use crate::app::App;
use crate::error::AppResult;

/// Before a chat's id, this makes an id that means the chat's owner.
const SHARED: &str = "shared-";

impl App {
    /// A row as answers show it: an ended status reads as none (rule S5), activity includes what this process saw.
    pub(crate) fn present_user(&self, mut user: UserModel, now: UnixSeconds) -> UserModel {
        user.last_active_at = self.activity().overlay(&user.id, user.last_active_at);
        user.shown(self.dialect(), now)
    }

    /// The same for a row without its documents.
    pub(crate) fn present_account(&self, mut account: AccountRow, now: UnixSeconds) -> AccountRow {
        account.last_active_at = self.activity().overlay(&account.id, account.last_active_at);
        account.status = account.status.at(now);
        account
    }

    /// An entry of a list as it is shown, activity included.
    #[must_use]
    pub fn shown_info(&self, info: UserInfo, now: UnixSeconds) -> UserInfo {
        let last_active_at = self.activity().overlay(&info.id, info.last_active_at.unwrap_or_default());
        info.shown(self.dialect(), last_active_at, now)
    }

    fn is_active(&self, id: &UserId, stored: UnixSeconds, now: UnixSeconds) -> bool {
        activity::is_active(self.activity().overlay(id, stored), now)
    }
}

/// What every verified user may see of another (rule V2). `shared-<chat id>` means the owner of that chat.
///
/// # Errors
/// `USER_NOT_FOUND`; those of the store.
pub fn user(act: &mut Act<'_>, id: UserId) -> AppResult<UserActive> {
    let now = act.now();
    let id = resolve(act.read(), id)?;
    let user = act.read().find_account(&id)?.ok_or(DomainError::UserNotFound)?;
    let groups = act.read().list_group_names_of(&id)?;
    let is_active = act.app().is_active(&id, user.last_active_at, now);
    Ok(visibility::active_view(&user, groups, is_active, act.app().dialect(), now))
}

/// Whether a user was seen within the active window (rule L4); an unknown id was not.
///
/// # Errors
/// Those of the store.
pub fn is_active(act: &mut Act<'_>, id: &UserId) -> AppResult<bool> {
    let stored = act.read().find_last_active_at(id)?;
    Ok(stored.is_some_and(|stored| act.app().is_active(id, stored, act.now())))
}

/// The stored URL or data URI of a user's image.
///
/// # Errors
/// `USER_NOT_FOUND`; those of the store.
pub fn profile_image(act: &mut Act<'_>, id: &UserId) -> AppResult<String> {
    Ok(act.read().find_profile_image(id)?.ok_or(DomainError::UserNotFound)?)
}

/// A user's OAuth sessions (rule V3).
///
/// # Errors
/// `USER_NOT_FOUND` where there is none; those of the store.
pub fn oauth_sessions(act: &mut Act<'_>, id: &UserId) -> AppResult<Vec<OauthSession>> {
    act.actor().ensure_admin()?;
    let sessions = act.read().list_oauth_sessions(id)?;
    if sessions.is_empty() { Err(DomainError::UserNotFound.into()) } else { Ok(sessions) }
}

/// A user's groups; none for an unknown id.
///
/// # Errors
/// Those of the store.
pub fn groups_of(act: &mut Act<'_>, id: &UserId) -> AppResult<Vec<Group>> {
    act.actor().ensure_admin()?;
    Ok(act.read().list_groups_of(id)?)
}

fn resolve(db: &mut dyn Reads, id: UserId) -> AppResult<UserId> {
    match id.as_str().strip_prefix(SHARED) {
        None => Ok(id),
        Some(chat) => {
            let chat = ChatId::from_stored(chat.to_owned());
            Ok(db.find_chat_owner(&chat)?.ok_or(DomainError::UserNotFound)?)
        }
    }
}
