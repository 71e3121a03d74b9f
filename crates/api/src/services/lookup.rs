//! Looking at one user.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::error::DomainError;
use rosterd_domain::group::Group;
use rosterd_domain::ids::{ChatId, UserId};
use rosterd_domain::oauth_session::OauthSession;
use rosterd_domain::rules::{activity, visibility};
use rosterd_domain::user::{AccountRow, UserActive, UserModel};
use rosterd_storage::Db;

use crate::app::App;
use crate::auth::{Admin, Caller, Verified};
use crate::error::ApiError;

/// Before a chat's id, this makes an id that means the chat's owner.
const SHARED: &str = "shared-";

impl App {
    /// A row as it is shown: an ended status reads as none (rule S5), activity includes what this process saw.
    pub(crate) fn shown(&self, mut user: UserModel, now: UnixSeconds) -> UserModel {
        user.last_active_at = self.activity().overlay(&user.id, user.last_active_at);
        user.with_current_status(now)
    }

    /// The same for a row without its documents.
    pub(crate) fn shown_account(&self, mut account: AccountRow, now: UnixSeconds) -> AccountRow {
        account.last_active_at = self.activity().overlay(&account.id, account.last_active_at);
        account.status = account.status.at(now);
        account
    }

    fn is_active(&self, id: &UserId, stored: UnixSeconds, now: UnixSeconds) -> bool {
        activity::is_active(self.activity().overlay(id, stored), now)
    }
}

/// What every verified user may see of another (rule V2). `shared-<chat id>` means the owner of that chat.
pub(crate) async fn user(app: &App, caller: Caller<Verified>, id: UserId) -> Result<UserActive, ApiError> {
    let (handle, now) = (app.clone(), app.now());
    app.read(caller, move |db, _me| {
        let id = resolve(db, id)?;
        let user = db.find_account(&id)?.ok_or(DomainError::UserNotFound)?;
        let groups = db.list_group_names_of(&id)?;
        let is_active = handle.is_active(&id, user.last_active_at, now);
        Ok(visibility::active_view(&user, groups, is_active, now))
    })
    .await
}

/// Whether a user was seen within the active window (rule L4); an unknown id was not.
pub(crate) async fn is_active(app: &App, caller: Caller<Verified>, id: UserId) -> Result<bool, ApiError> {
    let (handle, now) = (app.clone(), app.now());
    app.read(caller, move |db, _me| {
        Ok(db.find_last_active_at(&id)?.is_some_and(|stored| handle.is_active(&id, stored, now)))
    })
    .await
}

/// A user's OAuth sessions (rule V3).
pub(crate) async fn oauth_sessions(
    app: &App,
    caller: Caller<Admin>,
    id: UserId,
) -> Result<Vec<OauthSession>, ApiError> {
    app.read(caller, move |db, _me| {
        let sessions = db.list_oauth_sessions(&id)?;
        if sessions.is_empty() { Err(DomainError::UserNotFound.into()) } else { Ok(sessions) }
    })
    .await
}

/// A user's groups; none for an unknown id.
pub(crate) async fn groups_of(app: &App, caller: Caller<Admin>, id: UserId) -> Result<Vec<Group>, ApiError> {
    app.read(caller, move |db, _me| Ok(db.list_groups_of(&id)?)).await
}

fn resolve(db: &mut dyn Db, id: UserId) -> Result<UserId, ApiError> {
    match id.as_str().strip_prefix(SHARED) {
        None => Ok(id),
        Some(chat) => {
            let chat = ChatId::from_stored(chat.to_owned());
            Ok(db.find_chat_owner(&chat)?.ok_or(DomainError::UserNotFound)?)
        }
    }
}
