//! Rows as the tables hold them, and their way into the domain. None of these conversions can fail: a row that is
//! odd must still be readable, listable and deletable.

#![expect(clippy::ref_option_ref, reason = "in the code that Diesel derives for a changeset")]

use diesel::prelude::*;
use rosterd_domain::email::EmailAddress;
use rosterd_domain::group::{Group, GroupName, GroupWithCount};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::oauth_session::OauthSession;
use rosterd_domain::role::Role;
use rosterd_domain::status::UserStatus;
use rosterd_domain::user::{AccountRow, CallerRow, NewUser, UserChanges, UserInfo, UserModel};

use crate::schema::{groups, oauth_sessions, users};
use crate::types::{LenientDate, StoredJson, json_text, stored_json};

/// A whole row of `user`, in the order of [`user_columns!`].
#[derive(Queryable)]
pub(crate) struct UserRow {
    id: String,
    name: String,
    email: String,
    role: String,
    profile_image_url: String,
    created_at: i64,
    updated_at: i64,
    last_active_at: i64,
    username: Option<String>,
    bio: Option<String>,
    gender: Option<String>,
    date_of_birth: Option<LenientDate>,
    profile_banner_image_url: Option<String>,
    timezone: Option<String>,
    presence_state: Option<String>,
    status_emoji: Option<String>,
    status_message: Option<String>,
    status_expires_at: Option<i64>,
    oauth: Option<StoredJson>,
    info: Option<StoredJson>,
    settings: Option<StoredJson>,
}

/// The columns of [`UserRow`], with expressions for those that may be large.
macro_rules! user_columns {
    () => {
        $crate::rows::user_columns!(
            users::profile_image_url,
            users::profile_banner_image_url,
            users::oauth,
            users::info,
            users::settings
        )
    };
    ($image:expr, $banner:expr, $oauth:expr, $info:expr, $settings:expr) => {
        (
            users::id,
            users::name,
            users::email,
            users::role,
            $image,
            users::created_at,
            users::updated_at,
            users::last_active_at,
            users::username,
            users::bio,
            users::gender,
            users::date_of_birth,
            $banner,
            users::timezone,
            users::presence_state,
            users::status_emoji,
            users::status_message,
            users::status_expires_at,
            $oauth,
            $info,
            $settings,
        )
    };
}
pub(crate) use user_columns;

impl From<UserRow> for UserModel {
    fn from(row: UserRow) -> Self {
        Self {
            id: UserId::from_stored(row.id),
            email: row.email,
            username: row.username,
            role: Role::from_stored(&row.role),
            name: row.name,
            profile_image_url: row.profile_image_url,
            profile_banner_image_url: row.profile_banner_image_url,
            bio: row.bio,
            gender: row.gender,
            date_of_birth: row.date_of_birth.and_then(|date| date.0),
            timezone: row.timezone,
            presence_state: row.presence_state,
            status_emoji: row.status_emoji,
            status_message: row.status_message,
            status_expires_at: row.status_expires_at,
            info: json_text(row.info),
            settings: json_text(row.settings),
            oauth: json_text(row.oauth),
            last_active_at: row.last_active_at,
            updated_at: row.updated_at,
            created_at: row.created_at,
        }
    }
}

/// The columns of [`AccountRow`].
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct AccountColumns {
    id: String,
    email: String,
    role: String,
    name: String,
    profile_image_url: String,
    bio: Option<String>,
    gender: Option<String>,
    date_of_birth: Option<LenientDate>,
    status_emoji: Option<String>,
    status_message: Option<String>,
    status_expires_at: Option<i64>,
    last_active_at: i64,
    updated_at: i64,
    created_at: i64,
}

impl From<AccountColumns> for AccountRow {
    fn from(row: AccountColumns) -> Self {
        Self {
            id: UserId::from_stored(row.id),
            email: row.email,
            role: Role::from_stored(&row.role),
            name: row.name,
            profile_image_url: row.profile_image_url,
            bio: row.bio,
            gender: row.gender,
            date_of_birth: row.date_of_birth.and_then(|date| date.0),
            status: UserStatus {
                status_emoji: row.status_emoji,
                status_message: row.status_message,
                status_expires_at: row.status_expires_at,
            },
            last_active_at: row.last_active_at,
            updated_at: row.updated_at,
            created_at: row.created_at,
        }
    }
}

/// The columns of [`UserInfo`].
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct UserInfoRow {
    id: String,
    name: String,
    email: String,
    role: String,
    status_emoji: Option<String>,
    status_message: Option<String>,
    status_expires_at: Option<i64>,
}

impl UserInfoRow {
    /// The user's id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

impl From<UserInfoRow> for UserInfo {
    fn from(row: UserInfoRow) -> Self {
        Self {
            id: UserId::from_stored(row.id),
            name: row.name,
            email: row.email,
            role: Role::from_stored(&row.role),
            status_emoji: row.status_emoji,
            status_message: row.status_message,
            status_expires_at: row.status_expires_at,
        }
    }
}

/// The columns of [`CallerRow`] that stand in `user`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct CallerColumns {
    id: String,
    email: String,
    name: String,
    role: String,
    status_emoji: Option<String>,
    status_message: Option<String>,
    status_expires_at: Option<i64>,
    last_active_at: i64,
}

impl CallerColumns {
    /// The caller, with what stands elsewhere: stamp and activity of the account, and whether the token was revoked.
    pub(crate) fn into_caller(
        self,
        (session_stamp, active): (Option<String>, Option<bool>),
        revoked: bool,
    ) -> CallerRow {
        CallerRow {
            id: UserId::from_stored(self.id),
            email: self.email,
            name: self.name,
            role: Role::from_stored(&self.role),
            status: UserStatus {
                status_emoji: self.status_emoji,
                status_message: self.status_message,
                status_expires_at: self.status_expires_at,
            },
            last_active_at: self.last_active_at,
            active,
            session_stamp,
            revoked,
        }
    }
}

/// A new row of `user`.
#[derive(Insertable)]
#[diesel(table_name = users)]
pub(crate) struct NewUserRow<'a> {
    id: &'a str,
    name: &'a str,
    email: &'a str,
    role: &'a str,
    profile_image_url: &'a str,
    created_at: i64,
    updated_at: i64,
    last_active_at: i64,
    oauth: Option<StoredJson>,
}

impl<'a> From<&'a NewUser> for NewUserRow<'a> {
    fn from(new: &'a NewUser) -> Self {
        Self {
            id: new.id.as_str(),
            name: &new.name,
            email: new.email.as_str(),
            role: new.role.as_str(),
            profile_image_url: &new.profile_image_url,
            created_at: new.created_at,
            updated_at: new.created_at,
            last_active_at: new.created_at,
            oauth: stored_json(new.oauth.as_ref()),
        }
    }
}

/// The changed columns of `user`: an outer `None` leaves a column alone, an inner one sets it to NULL.
#[derive(AsChangeset)]
#[diesel(table_name = users)]
#[expect(clippy::option_option, reason = "Diesel's own way to tell leaving alone from setting to NULL")]
pub(crate) struct UserChangeset<'a> {
    email: Option<&'a str>,
    name: Option<&'a str>,
    role: Option<&'a str>,
    profile_image_url: Option<&'a str>,
    bio: Option<Option<&'a str>>,
    gender: Option<Option<&'a str>>,
    date_of_birth: Option<Option<chrono::NaiveDate>>,
    status_emoji: Option<Option<&'a str>>,
    status_message: Option<Option<&'a str>>,
    status_expires_at: Option<Option<i64>>,
    updated_at: i64,
}

impl<'a> UserChangeset<'a> {
    /// These changes, made at `now` (rule R5).
    pub(crate) fn new(changes: &'a UserChanges, now: i64) -> Self {
        /// Keeps both layers and borrows the text.
        #[expect(clippy::option_option, reason = "as above")]
        fn text(change: Option<&Option<String>>) -> Option<Option<&str>> {
            change.map(Option::as_deref)
        }
        Self {
            email: changes.email.as_ref().map(EmailAddress::as_str),
            name: changes.name.as_deref(),
            role: changes.role.as_ref().map(Role::as_str),
            profile_image_url: changes.profile_image_url.as_deref(),
            bio: text(changes.bio.as_ref()),
            gender: text(changes.gender.as_ref()),
            date_of_birth: changes.date_of_birth,
            status_emoji: text(changes.status_emoji.as_ref()),
            status_message: text(changes.status_message.as_ref()),
            status_expires_at: changes.status_expires_at,
            updated_at: now,
        }
    }
}

/// A whole row of `group`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = groups)]
pub(crate) struct GroupRow {
    id: String,
    user_id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    data: Option<StoredJson>,
    meta: Option<StoredJson>,
    permissions: Option<StoredJson>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
}

impl From<GroupRow> for Group {
    fn from(row: GroupRow) -> Self {
        Self {
            id: GroupId::from_stored(row.id),
            user_id: row.user_id,
            name: row.name.unwrap_or_default(),
            description: row.description.unwrap_or_default(),
            data: json_text(row.data),
            meta: json_text(row.meta),
            permissions: json_text(row.permissions),
            created_at: row.created_at.unwrap_or_default(),
            updated_at: row.updated_at.unwrap_or_default(),
        }
    }
}

/// A group and its number of members, as one joined row gives them.
pub(crate) fn group_with_count((row, members): (GroupRow, Option<i64>)) -> GroupWithCount {
    GroupWithCount { group: row.into(), member_count: members.unwrap_or_default() }
}

/// A group's id and name.
pub(crate) fn group_name((id, name): (String, Option<String>)) -> GroupName {
    GroupName { id: GroupId::from_stored(id), name: name.unwrap_or_default() }
}

/// A row of `oauth_session`, without its token (rule V3).
#[derive(Queryable, Selectable)]
#[diesel(table_name = oauth_sessions)]
pub(crate) struct OauthSessionRow {
    id: String,
    user_id: String,
    provider: String,
    expires_at: i64,
    created_at: i64,
    updated_at: i64,
}

impl From<OauthSessionRow> for OauthSession {
    fn from(row: OauthSessionRow) -> Self {
        Self {
            id: row.id,
            user_id: UserId::from_stored(row.user_id),
            provider: row.provider,
            expires_at: row.expires_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
