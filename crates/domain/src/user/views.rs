//! Views of a user: each a type of its own with exactly the keys it may show.

use serde::{Deserialize, Deserializer, Serialize};

use super::{UserModel, has_expired};
use crate::clock::UnixSeconds;
use crate::dialect::Dialect;
use crate::group::NamedGroup;
use crate::ids::{GroupId, UserId};
use crate::role::Role;
use crate::rules::activity::is_active;

/// What every verified user may see of the others in lists and search: 7 keys, and in the newest dialect 12 (rule N16).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = UserInfoResponse))]
pub struct UserInfo {
    /// The user's id.
    pub id: UserId,
    /// The name others see.
    pub name: String,
    /// The e-mail address as stored.
    pub email: String,
    /// The role.
    #[serde(deserialize_with = "crate::role::deserialize_stored")]
    pub role: Role,
    /// The emoji of the status; null if there is none or the status has ended.
    pub status_emoji: Option<String>,
    /// The text of the status; null as above.
    pub status_message: Option<String>,
    /// When the status ends; null as above, and if it has no end.
    pub status_expires_at: Option<UnixSeconds>,
    /// Text about the user. This and all below only in the newest dialect.
    #[serde(default, deserialize_with = "crate::json::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    pub bio: Option<Option<String>>,
    /// An IANA name such as `Europe/Berlin`; it is not checked.
    #[serde(default, deserialize_with = "crate::json::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    pub timezone: Option<Option<String>>,
    /// When the user last sent a request; about a minute exact (rule L4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_active_at: Option<UnixSeconds>,
    /// The groups they are in; in lists always none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<NamedGroup>>,
    /// Whether the user is active now (rule L4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
}

impl UserInfo {
    /// The entry as it is shown: an expired status reads as null (rule S5). `last_active_at` is when the user was last
    /// active, requests that are not yet written down included. The older dialect shows the first seven keys only.
    #[must_use]
    pub fn into_answer(mut self, dialect: Dialect, last_active_at: UnixSeconds, now: UnixSeconds) -> Self {
        if has_expired(self.status_expires_at, now) {
            (self.status_emoji, self.status_message, self.status_expires_at) = (None, None, None);
        }
        match dialect {
            Dialect::V0_6 => {
                (self.bio, self.timezone, self.last_active_at) = (None, None, None);
                (self.groups, self.is_active) = (None, None);
            }
            Dialect::V0_12 => {
                self.last_active_at = Some(last_active_at);
                self.is_active = Some(is_active(last_active_at, now));
                self.groups.get_or_insert_default();
            }
        }
        self
    }

    /// The same entry as a list of the members of a group shows it, which does not tell who is active: where the key is shown
    /// it is false, as in Open WebUI.
    #[must_use]
    pub fn as_member(mut self) -> Self {
        self.is_active = self.is_active.map(|_untold| false);
        self
    }

    /// The same entry with the groups the user is in.
    #[must_use]
    pub fn with_groups(mut self, groups: Vec<NamedGroup>) -> Self {
        self.groups = Some(groups);
        self
    }
}

impl From<&UserModel> for UserInfo {
    fn from(user: &UserModel) -> Self {
        Self {
            id: user.id.clone(),
            name: user.name.clone(),
            email: user.email.clone(),
            role: user.role.clone(),
            status_emoji: user.status_emoji.clone(),
            status_message: user.status_message.clone(),
            status_expires_at: user.status_expires_at,
            bio: Some(user.bio.clone()),
            timezone: Some(user.timezone.clone()),
            last_active_at: Some(user.last_active_at),
            groups: None,
            is_active: None,
        }
    }
}

/// A row and the groups the user is in, for the admins' list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = UserGroupIdsModel))]
pub struct UserGroupIds {
    /// The row; its keys stand beside `group_ids`.
    #[serde(flatten)]
    pub user: UserModel,
    /// The groups, each once.
    pub group_ids: Vec<GroupId>,
}

impl<'de> Deserialize<'de> for UserGroupIds {
    /// Only from JSON: the row carries JSON as text, which serde's own `flatten` would lose.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Groups {
            group_ids: Vec<GroupId>,
        }
        let (user, Groups { group_ids }) = crate::json::read_twice(deserializer)?;
        Ok(Self { user, group_ids })
    }
}

/// What every verified user may see of another user (rule V2): no e-mail address, role, settings, info, oauth, dates or
/// times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = UserActiveResponse))]
pub struct UserActive {
    /// The user's id.
    pub id: UserId,
    /// The name others see.
    pub name: String,
    /// The picture's URL as stored.
    pub profile_image_url: String,
    /// Text about the user.
    pub bio: Option<String>,
    /// The groups they are in.
    pub groups: Vec<NamedGroup>,
    /// Whether the user is active now (rule L4).
    pub is_active: bool,
    /// The emoji of the status; null if there is none or the status has ended.
    pub status_emoji: Option<String>,
    /// The text of the status; null as above.
    pub status_message: Option<String>,
    /// When the status ends; null as above, and if it has no end.
    pub status_expires_at: Option<UnixSeconds>,
}

/// What admins see of a user in the newest dialect: the whole row, the user's groups, and whether the user is active
/// (rule N17).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserRecord {
    /// The row; its keys stand beside the others.
    #[serde(flatten)]
    pub user: UserModel,
    /// The groups they are in.
    pub groups: Vec<NamedGroup>,
    /// Whether the user is active now (rule L4).
    pub is_active: bool,
}

impl<'de> Deserialize<'de> for UserRecord {
    /// Only from JSON: the row carries JSON as text, which serde's own `flatten` would lose.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Rest {
            groups: Vec<NamedGroup>,
            is_active: bool,
        }
        let (user, Rest { groups, is_active }) = crate::json::read_twice(deserializer)?;
        Ok(Self { user, groups, is_active })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::user;
    use crate::user::tests::ROW;
    use Dialect::{V0_6, V0_12};

    /// The row as the older dialect shows it.
    fn row() -> UserModel {
        user().into_answer(V0_6, 0)
    }

    #[test]
    fn the_groups_stand_beside_the_rows_keys_and_carried_json_survives() {
        let listed = UserGroupIds { user: row(), group_ids: vec![GroupId::from_stored("g".into())] };
        let expected = ROW.replace("\"created_at\":10}", "\"created_at\":10,\"group_ids\":[\"g\"]}");
        assert_eq!(serde_json::to_string(&listed).unwrap(), expected);
    }

    #[test]
    fn what_is_written_can_be_read_back() {
        let listed = UserGroupIds { user: row(), group_ids: vec![GroupId::from_stored("g".into())] };
        let text = serde_json::to_string(&listed).unwrap();
        let read: UserGroupIds = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        // An answer may show a role that no request could set.
        let odd = text.replace("\"role\":\"user\"", "\"role\":\"guest\"");
        let odd: UserGroupIds = serde_json::from_str(&odd).unwrap();
        assert_eq!(odd.user.role.as_str(), "guest");
    }

    #[test]
    fn an_entry_of_a_list_shows_seven_keys() {
        assert_eq!(
            serde_json::to_string(&UserInfo::from(&user()).into_answer(V0_6, 30, 0)).unwrap(),
            concat!(
                r#"{"id":"u-1","name":"Alice","email":"alice@example.com","role":"user","#,
                r#""status_emoji":"🚀","status_message":"Shipping","status_expires_at":1000}"#
            )
        );
    }

    #[test]
    fn n17_an_admin_sees_row_groups_and_activity() {
        let record = UserRecord { user: user().into_answer(V0_12, 0), groups: Vec::new(), is_active: true };
        let text = serde_json::to_string(&record).unwrap();
        assert!(text.ends_with(r#","groups":[],"is_active":true}"#), "{text}");
        assert_eq!(serde_json::from_str::<UserRecord>(&text).unwrap(), record);
    }

    #[test]
    fn n16_the_newest_dialect_shows_12_keys() {
        let entry = |now| UserInfo::from(&user()).into_answer(V0_12, 30, now);
        assert_eq!((entry(209).is_active, entry(209).groups), (Some(true), Some(Vec::new())));
        assert_eq!(serde_json::to_value(entry(209)).unwrap().as_object().unwrap().len(), 12);
        assert_eq!(entry(5_000).is_active, Some(false));
        assert_eq!(entry(209).as_member().is_active, Some(false));
        assert_eq!(
            (entry(5_000).status_message, entry(999).status_message),
            (None, Some("Shipping".to_owned()))
        );
    }
}
