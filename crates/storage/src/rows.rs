//! Rows as the tables have them, and their conversion to domain types. None of these conversions can fail: an
//! unusual row must still be readable, listable and deletable.

#![expect(clippy::ref_option_ref, reason = "in the code that Diesel derives for a changeset")]

use diesel::prelude::*;
use rosterd_domain::dialect::Dialect;
use rosterd_domain::email::EmailAddress;
use rosterd_domain::group::{Group, GroupWithCount, Membership, NamedGroup, ReachedGroup};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::name::UserName;
use rosterd_domain::oauth_session::OauthSession;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::role::Role;
use rosterd_domain::status::UserStatus;
use rosterd_domain::user::{AccountRow, CallerRow, NewUser, UserChanges, UserInfo, UserModel};

use crate::schema::{groups, oauth_sessions, users};
use crate::types::{LenientDate, LossyText, StoredJson, StoredTime, json_text, stored_json, text, time};

/// A whole row of `user`, in the order of [`user_columns!`].
#[derive(Queryable)]
pub(crate) struct UserRow {
    id: LossyText,
    name: LossyText,
    email: LossyText,
    role: LossyText,
    profile_image_url: LossyText,
    created_at: StoredTime,
    updated_at: StoredTime,
    last_active_at: StoredTime,
    username: Option<LossyText>,
    bio: Option<LossyText>,
    gender: Option<LossyText>,
    date_of_birth: Option<LenientDate>,
    profile_banner_image_url: Option<LossyText>,
    timezone: Option<LossyText>,
    presence_state: Option<LossyText>,
    status_emoji: Option<LossyText>,
    status_message: Option<LossyText>,
    status_expires_at: Option<StoredTime>,
    oauth: Option<StoredJson>,
    info: Option<StoredJson>,
    settings: Option<StoredJson>,
    scim: Option<StoredJson>,
}

/// The columns of [`UserRow`], with expressions for those that may be large.
macro_rules! user_columns {
    ($scim:expr) => {
        $crate::rows::user_columns!(
            users::profile_image_url,
            users::profile_banner_image_url,
            users::oauth,
            users::info,
            users::settings,
            $scim
        )
    };
    ($image:expr, $banner:expr, $oauth:expr, $info:expr, $settings:expr, $scim:expr) => {
        (
            $crate::fragments::of_user(users::id),
            $crate::fragments::of_user(users::name),
            $crate::fragments::of_user(users::email),
            $crate::fragments::of_user(users::role),
            $image,
            $crate::fragments::of_user(users::created_at),
            $crate::fragments::of_user(users::updated_at),
            $crate::fragments::of_user(users::last_active_at),
            $crate::fragments::of_user(users::username),
            $crate::fragments::of_user(users::bio),
            $crate::fragments::of_user(users::gender),
            $crate::fragments::of_user(users::date_of_birth),
            $banner,
            $crate::fragments::of_user(users::timezone),
            $crate::fragments::of_user(users::presence_state),
            $crate::fragments::of_user(users::status_emoji),
            $crate::fragments::of_user(users::status_message),
            $crate::fragments::of_user(users::status_expires_at),
            $oauth,
            $info,
            $settings,
            $scim,
        )
    };
}
pub(crate) use user_columns;

impl UserRow {
    /// The user's id.
    pub(crate) fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl From<UserRow> for UserModel {
    fn from(row: UserRow) -> Self {
        Self {
            id: UserId::from_stored(row.id.into()),
            email: row.email.into(),
            username: text(row.username),
            role: Role::from_stored(row.role.as_str()),
            name: row.name.into(),
            profile_image_url: row.profile_image_url.into(),
            profile_banner_image_url: text(row.profile_banner_image_url),
            bio: text(row.bio),
            gender: text(row.gender),
            date_of_birth: row.date_of_birth.and_then(|date| date.0),
            timezone: text(row.timezone),
            presence_state: text(row.presence_state),
            status_emoji: text(row.status_emoji),
            status_message: text(row.status_message),
            status_expires_at: time(row.status_expires_at),
            info: json_text(row.info),
            settings: json_text(row.settings),
            oauth: json_text(row.oauth),
            scim: Some(json_text(row.scim)),
            last_active_at: row.last_active_at.into(),
            updated_at: row.updated_at.into(),
            created_at: row.created_at.into(),
            suspension: None,
            unconfirmed: None,
        }
    }
}

/// The columns of [`AccountRow`].
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct AccountColumns {
    id: LossyText,
    email: LossyText,
    role: LossyText,
    name: LossyText,
    profile_image_url: LossyText,
    bio: Option<LossyText>,
    gender: Option<LossyText>,
    date_of_birth: Option<LenientDate>,
    status_emoji: Option<LossyText>,
    status_message: Option<LossyText>,
    status_expires_at: Option<StoredTime>,
    last_active_at: StoredTime,
    updated_at: StoredTime,
    created_at: StoredTime,
}

impl From<AccountColumns> for AccountRow {
    fn from(row: AccountColumns) -> Self {
        Self {
            id: UserId::from_stored(row.id.into()),
            email: row.email.into(),
            role: Role::from_stored(row.role.as_str()),
            name: row.name.into(),
            profile_image_url: row.profile_image_url.into(),
            bio: text(row.bio),
            gender: text(row.gender),
            date_of_birth: row.date_of_birth.and_then(|date| date.0),
            status: UserStatus {
                status_emoji: text(row.status_emoji),
                status_message: text(row.status_message),
                status_expires_at: time(row.status_expires_at),
            },
            last_active_at: row.last_active_at.into(),
            updated_at: row.updated_at.into(),
            created_at: row.created_at.into(),
        }
    }
}

/// The columns of [`UserInfo`].
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct UserInfoRow {
    id: LossyText,
    name: LossyText,
    email: LossyText,
    role: LossyText,
    status_emoji: Option<LossyText>,
    status_message: Option<LossyText>,
    status_expires_at: Option<StoredTime>,
    bio: Option<LossyText>,
    timezone: Option<LossyText>,
    last_active_at: StoredTime,
}

impl UserInfoRow {
    /// The user's id.
    pub(crate) fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl From<UserInfoRow> for UserInfo {
    fn from(row: UserInfoRow) -> Self {
        Self {
            id: UserId::from_stored(row.id.into()),
            name: row.name.into(),
            email: row.email.into(),
            role: Role::from_stored(row.role.as_str()),
            status_emoji: text(row.status_emoji),
            status_message: text(row.status_message),
            status_expires_at: time(row.status_expires_at),
            bio: Some(text(row.bio)),
            timezone: Some(text(row.timezone)),
            last_active_at: Some(row.last_active_at.into()),
            groups: None,
            is_active: None,
        }
    }
}

/// The columns of [`CallerRow`] that stand in `user`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct CallerColumns {
    id: LossyText,
    email: LossyText,
    name: LossyText,
    role: LossyText,
    status_emoji: Option<LossyText>,
    status_message: Option<LossyText>,
    status_expires_at: Option<StoredTime>,
    last_active_at: StoredTime,
}

impl CallerColumns {
    /// The caller, with what stands elsewhere: stamp and activity of the account, whether it has a row in `auth` at all,
    /// what is stored of the second factor, and whether the token was revoked.
    pub(crate) fn into_caller(
        self,
        (session_stamp, active, has_account, factor): (
            Option<LossyText>,
            Option<bool>,
            bool,
            Option<StoredJson>,
        ),
        revoked: bool,
    ) -> CallerRow {
        CallerRow {
            id: UserId::from_stored(self.id.into()),
            email: self.email.into(),
            name: self.name.into(),
            role: Role::from_stored(self.role.as_str()),
            status: UserStatus {
                status_emoji: text(self.status_emoji),
                status_message: text(self.status_message),
                status_expires_at: time(self.status_expires_at),
            },
            last_active_at: self.last_active_at.into(),
            // A column that says nothing says yes.
            active: has_account.then(|| active.unwrap_or(true)),
            session_stamp: text(session_stamp),
            revoked,
            second_factor: json_text(factor),
            key: None,
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
            name: new.name.as_str(),
            email: new.email.as_str(),
            role: new.role.as_str(),
            profile_image_url: new.profile_image_url.as_str(),
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
    timezone: Option<Option<&'a str>>,
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
            name: changes.name.as_ref().map(UserName::as_str),
            role: changes.role.as_ref().map(Role::as_str),
            profile_image_url: changes.profile_image_url.as_ref().map(ProfileImageUrl::as_str),
            bio: text(changes.bio.as_ref()),
            gender: text(changes.gender.as_ref()),
            date_of_birth: changes.date_of_birth,
            timezone: text(changes.timezone.as_ref()),
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
    id: LossyText,
    user_id: Option<LossyText>,
    name: Option<LossyText>,
    description: Option<LossyText>,
    data: Option<StoredJson>,
    meta: Option<StoredJson>,
    permissions: Option<StoredJson>,
    created_at: Option<StoredTime>,
    updated_at: Option<StoredTime>,
}

impl GroupRow {
    /// Whether this is the group with that id.
    pub(crate) fn has_id(&self, id: &GroupId) -> bool {
        self.id.as_str() == id.as_str()
    }
}

impl From<GroupRow> for Group {
    fn from(row: GroupRow) -> Self {
        Self {
            id: GroupId::from_stored(row.id.into()),
            user_id: text(row.user_id),
            name: row.name.unwrap_or_default().into(),
            description: row.description.unwrap_or_default().into(),
            data: json_text(row.data),
            meta: json_text(row.meta),
            permissions: json_text(row.permissions),
            created_at: row.created_at.unwrap_or_default().into(),
            updated_at: row.updated_at.unwrap_or_default().into(),
        }
    }
}

/// A group, the group above it and its number of members.
pub(crate) type CountedRow = (GroupRow, Option<LossyText>, Option<i64>);

/// A group with its number of members, as one joined row gives them.
pub(crate) fn group_with_count(dialect: Dialect, (row, parent, members): CountedRow) -> GroupWithCount {
    let parent = text(parent).map(GroupId::from_stored);
    GroupWithCount::new(dialect, parent, row.into(), members.unwrap_or_default())
}

/// A group that counts for a user: its row, the group above it, and whether the user is a member of it.
pub(crate) fn reached_group((row, parent, direct): (GroupRow, Option<LossyText>, bool)) -> ReachedGroup {
    ReachedGroup {
        group: row.into(),
        parent: text(parent).map(GroupId::from_stored),
        membership: if direct { Membership::Direct } else { Membership::Inherited },
    }
}

/// A group's id and name.
pub(crate) fn group_name((id, name): (LossyText, LossyText)) -> NamedGroup {
    NamedGroup { id: GroupId::from_stored(id.into()), name: name.into() }
}

/// A row of `oauth_session`, without its token (rule V3).
#[derive(Queryable, Selectable)]
#[diesel(table_name = oauth_sessions)]
pub(crate) struct OauthSessionRow {
    id: LossyText,
    user_id: LossyText,
    provider: LossyText,
    expires_at: StoredTime,
    created_at: StoredTime,
    updated_at: StoredTime,
}

impl From<OauthSessionRow> for OauthSession {
    fn from(row: OauthSessionRow) -> Self {
        Self {
            id: row.id.into(),
            user_id: UserId::from_stored(row.user_id.into()),
            provider: row.provider.into(),
            expires_at: row.expires_at.into(),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}
