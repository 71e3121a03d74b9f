//! A user's row and the views of it.
//!
//! Each view is a separate type with exactly the keys that it may show, so a handler that answers with a
//! [`UserActive`] cannot show an e-mail address. The types of the columns are as wide as the database's. An unusual
//! row (for example an e-mail address without `@`) can therefore still be read, listed and deleted. The strict
//! types check what is written.

mod views;
mod written;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::api_key::KeyLimits;
use crate::clock::UnixSeconds;
use crate::dialect::Dialect;
use crate::email::EmailAddress;
use crate::ids::UserId;
use crate::json::JsonText;
use crate::name::UserName;
use crate::profile_image::ProfileImageUrl;
use crate::role::Role;
use crate::rules::picture;
use crate::settings;
use crate::status::{StatusUpdate, UserStatus};
use crate::suspension::Suspension;
use crate::unconfirmed::Unconfirmed;

pub use views::{UserActive, UserGroupIds, UserInfo, UserRecord};

/// The whole row, for its owner and for admins: 21 keys in this order, all always present, `null` where unset, and in the
/// newest dialect `scim`. While the account is suspended, there is `suspension` too, and while it waits `unconfirmed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserModel {
    /// The user's id.
    pub id: UserId,
    /// The e-mail address as stored; old rows may hold anything.
    pub email: String,
    /// A short name; current front ends do not use it.
    pub username: Option<String>,
    /// The role.
    #[serde(deserialize_with = "crate::role::deserialize_stored")]
    pub role: Role,
    /// The name others see.
    pub name: String,
    /// The picture's URL: `http(s)`, a `data:image/…` URI, a path, or nothing.
    pub profile_image_url: String,
    /// The URL of the wide image behind the profile.
    pub profile_banner_image_url: Option<String>,
    /// Text about the user.
    pub bio: Option<String>,
    /// Free text.
    pub gender: Option<String>,
    /// `YYYY-MM-DD`.
    pub date_of_birth: Option<NaiveDate>,
    /// An IANA name such as `Europe/Berlin`; it is not checked.
    pub timezone: Option<String>,
    /// The presence that the front end shows; it is not checked.
    pub presence_state: Option<String>,
    /// The emoji of the status; null if there is none or the status has ended.
    pub status_emoji: Option<String>,
    /// The text of the status; null as above.
    pub status_message: Option<String>,
    /// When the status ends; null as above, and if it has no end.
    pub status_expires_at: Option<UnixSeconds>,
    /// JSON that belongs to the front end.
    pub info: Option<JsonText>,
    /// JSON that belongs to the front end; the server knows only its key `ui`.
    pub settings: Option<JsonText>,
    /// Subject by identity provider.
    pub oauth: Option<JsonText>,
    /// What a provisioning system noted. Only in the newest dialect.
    #[serde(default, deserialize_with = "crate::json::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<JsonText>, required = false))]
    pub scim: Option<Option<JsonText>>,
    /// When the user last sent a request; about a minute exact (rule L4).
    pub last_active_at: UnixSeconds,
    /// When the row last changed, except for activity (rule R5).
    pub updated_at: UnixSeconds,
    /// When the account was made.
    pub created_at: UnixSeconds,
    /// Why the account is suspended, and until when (rule U5). Only while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Suspension, required = false))]
    pub suspension: Option<Suspension>,
    /// The role that the account gets once its e-mail address is confirmed (rule C1). Only while it waits for that, and not in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Unconfirmed, required = false))]
    pub unconfirmed: Option<Unconfirmed>,
}

impl UserModel {
    /// The row as it is shown. Every answer goes through here.
    ///
    /// - An expired status reads as null (rule S5).
    /// - In the newest dialect `scim` is there, an empty picture reads as its own URL (rule N8), and documents that are no
    ///   objects read as null (rule N23).
    #[must_use]
    pub fn into_answer(mut self, dialect: Dialect, now: UnixSeconds) -> Self {
        if has_expired(self.status_expires_at, now) {
            (self.status_emoji, self.status_message, self.status_expires_at) = (None, None, None);
        }
        match dialect {
            Dialect::V0_6 => self.scim = None,
            Dialect::V0_12 => {
                self.scim = Some(self.scim.flatten().and_then(JsonText::into_object));
                let settings = self.settings.and_then(JsonText::into_shown);
                self.settings = settings::to_answer(settings, dialect);
                self.info = self.info.and_then(JsonText::into_object);
                self.oauth = self.oauth.and_then(JsonText::into_object);
            }
        }
        self.profile_image_url = picture::url_in_answer(dialect, &self.id, self.profile_image_url);
        self
    }
}

/// A row without its documents (settings, info, oauth), which may be megabytes: what rules look at, and what sessions
/// and profiles show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// The user's id.
    pub id: UserId,
    /// The e-mail address as stored; old rows may hold anything.
    pub email: String,
    /// The role.
    pub role: Role,
    /// The name others see.
    pub name: String,
    /// The picture's URL as stored.
    pub profile_image_url: String,
    /// Text about the user.
    pub bio: Option<String>,
    /// Free text.
    pub gender: Option<String>,
    /// `YYYY-MM-DD`.
    pub date_of_birth: Option<NaiveDate>,
    /// The status as stored; see [`UserStatus::at`].
    pub status: UserStatus,
    /// When they last sent a request, as stored.
    pub last_active_at: UnixSeconds,
    /// When the row last changed, except for activity (rule R5).
    pub updated_at: UnixSeconds,
    /// When the account was made.
    pub created_at: UnixSeconds,
}

/// As much of the caller as is read on every request: nothing that may be large. A picture may be a megabyte, settings
/// and info may be several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerRow {
    /// The user's id.
    pub id: UserId,
    /// The e-mail address as stored.
    pub email: String,
    /// The name others see.
    pub name: String,
    /// The role, as of this request.
    pub role: Role,
    /// The status as stored; see [`UserStatus::at`].
    pub status: UserStatus,
    /// When they last sent a request, as stored.
    pub last_active_at: UnixSeconds,
    /// `auth.active`, where NULL counts as true; `None` where the account has no `auth` row.
    pub active: Option<bool>,
    /// What a token's `session_stamp` claim has to equal, where the database knows stamps.
    pub session_stamp: Option<String>,
    /// Whether the token at hand was revoked, or the session that it names is over (rule A4).
    pub revoked: bool,
    /// What is stored of the setting that demands a second factor (rule M13), where the layout reads it with the caller.
    pub second_factor: Option<JsonText>,
    /// What limits the API key at hand, if it is one with a name.
    pub key: Option<Box<KeyLimits>>,
}

/// An account to be made; `last_active_at` and `updated_at` begin as `created_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The id, made by the caller.
    pub id: UserId,
    /// The e-mail address.
    pub email: EmailAddress,
    /// The name others see.
    pub name: UserName,
    /// The role to begin with.
    pub role: Role,
    /// The picture.
    pub profile_image_url: ProfileImageUrl,
    /// Now.
    pub created_at: UnixSeconds,
    /// Subject by identity provider.
    pub oauth: Option<JsonText>,
}

/// The columns of a row to write: `None` leaves a column as it is, `Some(None)` empties it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChanges {
    /// A new e-mail address; its uniqueness is checked in the same transaction (rule R2).
    pub email: Option<EmailAddress>,
    /// A new name.
    pub name: Option<UserName>,
    /// A new role.
    pub role: Option<Role>,
    /// A new picture.
    pub profile_image_url: Option<ProfileImageUrl>,
    /// New words about themselves.
    pub bio: Option<Option<String>>,
    /// A new gender.
    pub gender: Option<Option<String>>,
    /// A new date of birth.
    pub date_of_birth: Option<Option<NaiveDate>>,
    /// A new time zone.
    pub timezone: Option<Option<String>>,
    /// A new emoji.
    pub status_emoji: Option<Option<String>>,
    /// A new status line.
    pub status_message: Option<Option<String>>,
    /// A new end of the status.
    pub status_expires_at: Option<Option<UnixSeconds>>,
}

impl From<StatusUpdate> for UserChanges {
    /// The columns a change of status writes; nothing else changes. Empty when no field was sent.
    fn from(sent: StatusUpdate) -> Self {
        let StatusUpdate { status_emoji, status_message, status_expires_at } = sent;
        Self { status_emoji, status_message, status_expires_at, ..Self::default() }
    }
}

impl UserChanges {
    /// Whether nothing is to be written; then `updated_at` stays as well (rule R5).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn has_expired(end: Option<UnixSeconds>, now: UnixSeconds) -> bool {
    end.is_some_and(|end| end <= now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::user;
    use Dialect::{V0_6, V0_12};

    pub(super) const ROW: &str = concat!(
        r#"{"id":"u-1","email":"alice@example.com","username":"alice","role":"user","name":"Alice","#,
        r#""profile_image_url":"/user.png","profile_banner_image_url":"/banner.png","bio":"Hi","gender":"x","#,
        r#""date_of_birth":"1990-02-28","timezone":"Europe/Berlin","presence_state":"online","#,
        r#""status_emoji":"🚀","status_message":"Shipping","status_expires_at":1000,"#,
        r#""info":{"lat": 51.50},"settings":{"ui": {"z": 1, "a": 2}},"oauth":null,"#,
        r#""last_active_at":30,"updated_at":20,"created_at":10}"#
    );

    /// The row as the older dialect shows it.
    fn shown_row() -> UserModel {
        user().into_answer(V0_6, 0)
    }

    #[test]
    fn the_newest_dialect_shows_22_keys() {
        let newest = serde_json::to_string(&user().into_answer(V0_12, 0)).unwrap();
        let value: serde_json::Value = serde_json::from_str(&newest).unwrap();
        assert_eq!(value.as_object().unwrap().len(), 22);
        assert_eq!(value["scim"], serde_json::json!({"okta": {"external_id": "x"}}));
        let read: UserModel = serde_json::from_str(&newest).unwrap();
        assert!(read.scim.flatten().is_some());
        // A row without the column has the key all the same.
        let without = UserModel { scim: None, ..user() }.into_answer(V0_12, 0);
        assert!(serde_json::to_string(&without).unwrap().contains(r#""scim":null"#));
    }

    #[test]
    fn n8_an_empty_picture_reads_as_its_own_url() {
        let empty = || UserModel { profile_image_url: String::new(), ..user() };
        assert_eq!(empty().into_answer(V0_12, 0).profile_image_url, "/api/v1/users/u-1/profile/image");
        assert_eq!(empty().into_answer(V0_6, 0).profile_image_url, "");
    }

    #[test]
    fn n23_documents_that_are_no_objects_read_as_null() {
        let json = |json: &str| Some(JsonText::from_stored(json.to_owned()));
        let odd = UserModel {
            settings: json("[1, 2]"),
            info: json("\"text\""),
            oauth: json("[]"),
            scim: Some(json("7")),
            ..user()
        };
        let answer = odd.into_answer(V0_12, 0);
        assert_eq!((answer.settings, answer.info, answer.oauth, answer.scim), (None, None, None, Some(None)));
        let encoded_twice = UserModel { info: json(r#""{\"a\": 1}""#), ..user() }.into_answer(V0_12, 0);
        assert_eq!(encoded_twice.info.unwrap().as_str(), r#"{"a": 1}"#);
    }

    #[test]
    fn the_row_has_its_21_keys_in_order() {
        assert_eq!(serde_json::to_string(&shown_row()).unwrap(), ROW);
    }

    #[test]
    fn s5_a_change_of_status_changes_nothing_else() {
        assert!(UserChanges::from(StatusUpdate::default()).is_empty());
        let sent = StatusUpdate { status_expires_at: Some(None), ..StatusUpdate::default() };
        let changes = UserChanges { status_expires_at: Some(None), ..UserChanges::default() };
        assert_eq!(UserChanges::from(sent), changes);
    }

    #[test]
    fn s5_an_expired_status_reads_as_null_in_every_view() {
        assert_eq!(user().into_answer(V0_6, 999), shown_row());
        let later = user().into_answer(V0_6, 1000);
        assert_eq!(
            (&later.status_emoji, &later.status_message, later.status_expires_at),
            (&None, &None, None)
        );
        assert_eq!(later.name, "Alice");
    }

    #[test]
    fn r5_no_change_is_empty() {
        assert!(UserChanges::default().is_empty());
        assert!(!UserChanges { bio: Some(None), ..UserChanges::default() }.is_empty());
    }
}
