//! Groups: a name, members, permissions that its members have on top of the default template, and a place in a tree of
//! groups.

pub mod data;
mod default_models;
mod members;
mod preview;
mod reached;
pub mod share;
pub mod tree;

use serde::{Deserialize, Deserializer, Serialize};

use crate::clock::UnixSeconds;
use crate::dialect::Dialect;
use crate::error::DomainError;
use crate::ids::{GroupId, UserId};
use crate::json::{JsonText, is_same_text};
use crate::name::MAX_NAME;
use crate::text::{MAX_DESCRIPTION, ensure_short, ensure_storable};

pub use default_models::{DefaultModels, default_models};
pub use members::{GroupMember, GroupMembers, MemberCounts, MemberRow, MembersQuery, MembershipFilter};
pub use preview::{GroupDefaultModels, GroupPreview, PreviewedGroup, nearest_first};
pub use reached::{Membership, ReachedGroup, UserGroup};

/// A group as the API shows it; the keys come in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Group {
    /// The group's id.
    pub id: GroupId,
    /// The id of the account that created it. That account may be deleted; some databases have none.
    pub user_id: Option<String>,
    /// The name; empty where the database has none.
    pub name: String,
    /// The description; empty where the database has none.
    pub description: String,
    /// Free-form JSON.
    pub data: Option<JsonText>,
    /// Free-form JSON.
    pub meta: Option<JsonText>,
    /// Nested maps of booleans, or null. Unknown keys are kept.
    pub permissions: Option<JsonText>,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it or its membership last changed.
    pub updated_at: UnixSeconds,
}

/// A group, its place in the tree and how many members it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = GroupResponse))]
pub struct GroupWithCount {
    /// The group above it, or null. Only in the newest dialect.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<GroupId>, required = false))]
    pub parent_group_id: Option<Option<GroupId>>,
    /// The group; its keys stand beside `member_count`.
    #[serde(flatten)]
    pub group: Group,
    /// Number of direct members, at least 0.
    pub member_count: i64,
}

impl GroupWithCount {
    /// The group as it is shown: parents only in a dialect that has them ([`tree::is_known`]).
    #[must_use]
    pub fn new(dialect: Dialect, parent: Option<GroupId>, group: Group, member_count: i64) -> Self {
        Self { parent_group_id: tree::is_known(dialect).then_some(parent), group, member_count }
    }

    /// The group above it, if there is one and the dialect has it.
    #[must_use]
    pub fn parent(&self) -> Option<&GroupId> {
        self.parent_group_id.as_ref()?.as_ref()
    }
}

/// What every verified user may see of a group: never its permissions or data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupInfo {
    /// The group above it, or null.
    pub parent_group_id: Option<GroupId>,
    /// The group's id.
    pub id: GroupId,
    /// The id of the account that created it. That account may be deleted; some databases have none.
    pub user_id: Option<String>,
    /// The name.
    pub name: String,
    /// The description.
    pub description: String,
    /// Number of direct members, at least 0.
    pub member_count: i64,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it or its membership last changed.
    pub updated_at: UnixSeconds,
}

impl From<GroupWithCount> for GroupInfo {
    fn from(GroupWithCount { parent_group_id, group, member_count }: GroupWithCount) -> Self {
        let Group { id, user_id, name, description, created_at, updated_at, .. } = group;
        let parent_group_id = parent_group_id.flatten();
        Self { parent_group_id, id, user_id, name, description, member_count, created_at, updated_at }
    }
}

impl<'de> Deserialize<'de> for GroupWithCount {
    /// Only from JSON: the group carries JSON as text, which serde's own `flatten` would lose.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Rest {
            #[serde(default, deserialize_with = "crate::json::present")]
            parent_group_id: Option<Option<GroupId>>,
            member_count: i64,
        }
        let (group, Rest { parent_group_id, member_count }) = crate::json::read_twice(deserializer)?;
        Ok(Self { parent_group_id, group, member_count })
    }
}

/// What a signed-in user may see of another user's group (rule V2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = GroupName))]
pub struct NamedGroup {
    /// The group's id.
    pub id: GroupId,
    /// The group's name.
    pub name: String,
}

/// A group to be made; `updated_at` begins as `created_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// The id, made by the caller.
    pub id: GroupId,
    /// Who makes it.
    pub owner: UserId,
    /// The group above it, which must exist; not kept where the layout has no parents.
    pub parent: Option<GroupId>,
    /// The name.
    pub name: GroupName,
    /// The description, possibly empty.
    pub description: String,
    /// Free-form JSON.
    pub data: Option<JsonText>,
    /// Free-form JSON.
    pub meta: Option<JsonText>,
    /// Nested maps of booleans, see [`crate::permissions::PermissionTree::validate`].
    pub permissions: Option<JsonText>,
    /// Now.
    pub created_at: UnixSeconds,
}

/// The columns of a group to write: outer `None` leaves a column as it is, `Some(None)` empties it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupChanges {
    /// A new parent, which must exist; not kept where the layout has no parents.
    pub parent: Option<Option<GroupId>>,
    /// A new name.
    pub name: Option<GroupName>,
    /// A new description.
    pub description: Option<String>,
    /// New permissions.
    pub permissions: Option<Option<JsonText>>,
    /// New free-form JSON.
    pub data: Option<Option<JsonText>>,
    /// New free-form JSON.
    pub meta: Option<Option<JsonText>>,
}

impl GroupChanges {
    /// Whether nothing is to be written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What of it is not stored already (rule R5).
    #[must_use]
    pub fn beside(self, stored: &GroupWithCount) -> Self {
        let (parent, stored) = (stored.parent(), &stored.group);
        let differs = |new: &Option<JsonText>, stored: &Option<JsonText>| match (new, stored) {
            (Some(new), Some(stored)) => !is_same_text(new, stored),
            (new, stored) => new.is_some() != stored.is_some(),
        };
        Self {
            parent: self.parent.filter(|new| new.as_ref() != parent),
            name: self.name.filter(|name| name.as_str() != stored.name),
            description: self.description.filter(|description| *description != stored.description),
            permissions: self.permissions.filter(|permissions| differs(permissions, &stored.permissions)),
            data: self.data.filter(|data| differs(data, &stored.data)),
            meta: self.meta.filter(|meta| differs(meta, &stored.meta)),
        }
    }
}

/// The name of a group: without white space at its ends, at most 255 characters. The empty name is one, as with
/// `Open WebUI`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupName(String);

impl GroupName {
    /// Reads a name as somebody typed it.
    ///
    /// # Errors
    /// [`DomainError::Field`] at `["name"]` when more than 255 characters are left after trimming, or when it holds
    /// U+0000.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        const FIELD: &str = "name";
        let name = text.trim();
        if name.chars().nth(MAX_NAME).is_some() {
            return Err(DomainError::field(FIELD, "must not be longer than 255 characters"));
        }
        ensure_storable(FIELD, name)?;
        Ok(Self(name.to_owned()))
    }

    /// A name as a database holds it, whatever it is. Not for what somebody sends: that is [parsed](Self::parse).
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name that is written for the one that was sent: none where `stored` has it already, whatever it looks like.
///
/// # Errors
/// Those of [`GroupName::parse`].
pub fn new_name(sent: &str, stored: Option<&Group>) -> Result<Option<GroupName>, DomainError> {
    let stored = stored.map(|stored| stored.name.as_str());
    if stored == Some(sent) {
        return Ok(None);
    }
    let name = GroupName::parse(sent)?;
    Ok((stored != Some(name.as_str())).then_some(name))
}

impl GroupChanges {
    /// Checks the length of a new description against [`MAX_DESCRIPTION`]; the stored one may be sent again.
    ///
    /// # Errors
    /// [`DomainError::Field`] at `["description"]`.
    pub fn ensure_fits(&self, stored: &Group) -> Result<(), DomainError> {
        match &self.description {
            Some(text) => ensure_short("description", text, Some(&stored.description), MAX_DESCRIPTION),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn group() -> Group {
        Group {
            id: GroupId::from_stored("g".into()),
            user_id: None,
            name: "Ops".into(),
            description: String::new(),
            data: None,
            meta: Some(JsonText::from_stored("null".into())),
            permissions: Some(JsonText::from_stored(r#"{"b": {"x": true}, "a": {}}"#.into())),
            created_at: 1,
            updated_at: 2,
        }
    }

    #[test]
    fn the_count_stands_beside_the_groups_own_keys() {
        let counted = |dialect| GroupWithCount::new(dialect, None, group(), 3);
        let text = concat!(
            r#"{"id":"g","user_id":null,"name":"Ops","description":"","data":null,"meta":null,"#,
            r#""permissions":{"b": {"x": true}, "a": {}},"created_at":1,"updated_at":2,"member_count":3}"#
        );
        assert_eq!(serde_json::to_string(&counted(Dialect::V0_6)).unwrap(), text);
        let with_parent = text.replacen('{', r#"{"parent_group_id":null,"#, 1);
        let newest = counted(Dialect::V0_12);
        assert_eq!(serde_json::to_string(&newest).unwrap(), with_parent);
        for text in [text, &with_parent] {
            let read: GroupWithCount = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
    }

    #[test]
    fn a_name_has_up_to_255_characters_after_trimming() {
        let parsed = |text: &str| GroupName::parse(text).unwrap().as_str().to_owned();
        assert_eq!(parsed(" "), "");
        assert_eq!(parsed("  Ops "), "Ops");
        assert_eq!(parsed(&"ü".repeat(255)).len(), 510);
        for name in ["a\0b", &"ü".repeat(256)] {
            let Err(DomainError::Field { path, .. }) = GroupName::parse(name) else { panic!("{name:?}") };
            assert_eq!(path, ["name"]);
        }
    }

    #[test]
    fn a_name_that_is_stored_is_not_judged() {
        let odd = Group { name: "x".repeat(256), ..group() };
        assert_eq!(new_name(&odd.name, Some(&odd)), Ok(None));
        assert!(new_name(&odd.name, Some(&group())).is_err());
        assert_eq!(new_name(" Ops ", Some(&group())), Ok(None));
        assert_eq!(new_name(" Dev ", Some(&group())), GroupName::parse("Dev").map(Some));
    }

    #[test]
    fn a_long_description_is_refused_unless_it_is_the_stored_one() {
        let long = "x".repeat(MAX_DESCRIPTION + 1);
        let changes = GroupChanges { description: Some(long.clone()), ..GroupChanges::default() };
        assert!(matches!(changes.ensure_fits(&group()), Err(DomainError::Field { .. })));
        assert_eq!(changes.ensure_fits(&Group { description: long, ..group() }), Ok(()));
    }

    #[test]
    fn r5_what_is_stored_already_is_no_change() {
        let json = |text: &str| Some(JsonText::from_stored(text.to_owned()));
        let stored = Group { permissions: json(r#"{"chat":{"edit":true}}"#), data: None, ..group() };
        let top = Some(GroupId::from_stored("top".into()));
        let stored = GroupWithCount::new(Dialect::V0_12, top.clone(), stored, 0);
        let same = GroupChanges {
            parent: Some(top),
            name: Some(GroupName::from_stored(stored.group.name.clone())),
            description: Some(stored.group.description.clone()),
            permissions: Some(json(r#"{ "chat": {"edit": true} }"#)),
            data: Some(None),
            meta: None,
        };
        assert!(same.clone().beside(&stored).is_empty());
        let detached = GroupChanges { parent: Some(None), ..same.clone() };
        assert_eq!(detached.beside(&stored).parent, Some(None));
        let other = GroupChanges { permissions: Some(None), data: Some(json("{}")), ..same };
        let left = other.beside(&stored);
        assert_eq!((left.permissions, left.data), (Some(None), Some(json("{}"))));
        assert_eq!((left.name, left.description), (None, None));
    }

    #[test]
    fn no_change_is_empty() {
        assert!(GroupChanges::default().is_empty());
        assert!(!GroupChanges { data: Some(None), ..GroupChanges::default() }.is_empty());
    }
}
