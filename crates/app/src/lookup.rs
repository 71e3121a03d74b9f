//! Looking at one user.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::dialect::Dialect;
use rosterd_domain::error::DomainError;
use rosterd_domain::group::{NamedGroup, ReachedGroup, UserGroup};
use rosterd_domain::ids::{ChatId, UserId};
use rosterd_domain::oauth_session::OauthSession;
use rosterd_domain::preview::{PreviewedUser, Reachable, UserPreview};
use rosterd_domain::rules::{activity, visibility};
use rosterd_domain::user::{AccountRow, UserActive, UserInfo, UserModel, UserRecord};
use rosterd_storage::Reads;
use serde::Serialize;

use crate::act::Act;
use crate::app::App;
use crate::error::{AppError, AppResult};
use crate::profile::reached_groups;
use crate::users::whole_tagged;
use crate::versions::{self, Tagged};

/// Before a chat's id, this makes an id that means the chat's owner.
const SHARED: &str = "shared-";

impl App {
    /// A row as answers show it: an ended status reads as none (rule S5), activity includes what this process saw.
    pub(crate) fn present_user(&self, mut user: UserModel, now: UnixSeconds) -> UserModel {
        user.last_active_at = self.activity().overlay(&user.id, user.last_active_at);
        user.into_answer(self.dialect(), now)
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
        info.into_answer(self.dialect(), last_active_at, now)
    }

    fn is_active(&self, id: &UserId, stored: UnixSeconds, now: UnixSeconds) -> bool {
        activity::is_active(self.activity().overlay(id, stored), now)
    }
}

/// What somebody sees of a user.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum SeenUser {
    /// What every verified user may see.
    Card(UserActive),
    /// All of it.
    Record(Box<UserRecord>),
}

/// What the actor may see of a user (rules V2 and N17), and for admins the tag of what is stored (rule S4). `shared-<chat id>`
/// means the owner of that chat.
///
/// # Errors
/// `USER_NOT_FOUND`; those of the store.
pub fn user(act: &mut Act<'_>, id: UserId) -> AppResult<(SeenUser, Option<String>)> {
    let id = resolve(act.read(), id)?;
    if visibility::sees_record(act.app().dialect(), &act.me()?.role) {
        let Tagged { shown: user, tag } = whole_tagged(act, &id)?;
        let groups = act.read().list_group_names_of(&id)?;
        let is_active = activity::is_active(user.last_active_at, act.now());
        return Ok((SeenUser::Record(Box::new(UserRecord { user, groups, is_active })), Some(tag)));
    }
    let user = act.read().find_account(&id)?.ok_or(DomainError::UserNotFound)?;
    // What everybody may see does not tell when something else of the account changes.
    let tag = act.actor().ensure_admin().is_ok().then(|| versions::of_account(&user));
    Ok((SeenUser::Card(card(act, &id, &user)?), tag))
}

/// What every verified user may see of another (rule V2).
fn card(act: &mut Act<'_>, id: &UserId, user: &AccountRow) -> AppResult<UserActive> {
    let now = act.now();
    let groups = act.read().list_group_names_of(id)?;
    let is_active = act.app().is_active(id, user.last_active_at, now);
    Ok(visibility::active_view(user, groups, is_active, act.app().dialect(), now))
}

/// What every verified user may see of another in the newest dialect, groups and activity included (rule N16).
///
/// # Errors
/// `USER_NOT_FOUND`; those of the store.
pub fn info(act: &mut Act<'_>, id: &UserId) -> AppResult<UserInfo> {
    let user = act.read().find_user_info(id)?.ok_or(DomainError::UserNotFound)?;
    let user = user.with_groups(act.read().list_group_names_of(id)?);
    let last_active_at = act.app().activity().overlay(id, user.last_active_at.unwrap_or_default());
    Ok(user.into_answer(Dialect::V0_12, last_active_at, act.now()))
}

/// What a user reaches by owning it or by a grant (rule N15).
///
/// # Errors
/// [`AppError::NotFound`]; those of the store.
pub fn preview(act: &mut Act<'_>, id: &UserId) -> AppResult<UserPreview> {
    act.actor().ensure_admin()?;
    let user = act.read().find_account(id)?.ok_or(AppError::NO_SUCH_USER)?;
    let groups = act.read().list_reached_groups(id, true)?;
    let name = |reached: ReachedGroup| NamedGroup { id: reached.group.id, name: reached.group.name };
    Ok(UserPreview {
        user: PreviewedUser { id: user.id, name: user.name },
        groups: groups.into_iter().map(name).collect(),
        models: act.read().list_reached(id, Reachable::Model)?,
        knowledge: act.read().list_reached(id, Reachable::Knowledge)?,
        tools: act.read().list_reached(id, Reachable::Tool)?,
    })
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

/// The groups that count for a user: its own, and with `inherited` those above them (rule N20); none for an unknown id.
///
/// # Errors
/// Those of the store.
pub fn groups_of(act: &mut Act<'_>, id: &UserId, inherited: bool) -> AppResult<Vec<UserGroup>> {
    act.actor().ensure_admin()?;
    reached_groups(act, id, inherited)
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
