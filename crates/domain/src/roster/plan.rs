//! What would change: steps in the order in which they are taken. Two plans are equal when the same would be done to the same
//! values.

use serde::Serialize;
use serde_json::Value;

use super::rights::{FlatRights, RightChange, RightPath};
use crate::ids::{GroupId, UserId};

/// What would change.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Plan {
    /// In the order in which they are taken: groups above before those below, then deletions, those below first.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Whether everything is as declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// A group is made.
    CreateGroup(GroupMade),
    /// A group changes.
    ChangeGroup(GroupChange),
    /// A group is deleted, with its memberships and with what was granted to it.
    DeleteGroup {
        /// Which.
        id: GroupId,
        /// Its name.
        name: String,
        /// How many members lose what it gives.
        members: i64,
    },
    /// Rights of the default template change.
    ChangePermissions {
        /// Which.
        rights: Vec<RightChange>,
    },
    /// Stored settings change.
    ChangeSettings {
        /// Which.
        settings: Vec<SettingChange>,
    },
}

/// What something was and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change<T> {
    /// As it is stored.
    pub before: T,
    /// As it is to be.
    pub after: T,
}

/// A group that another one refers to. One without an id is made by the same plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupRef {
    /// The id, if it is stored already.
    pub id: Option<GroupId>,
    /// The name.
    pub name: String,
}

/// A member.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct MemberRef {
    /// The account.
    pub id: UserId,
    /// How the file names it; for a member that goes, the e-mail address.
    pub name: String,
}

/// A group that is made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupMade {
    /// The name.
    pub name: String,
    /// The description.
    pub description: String,
    /// The group above it.
    pub parent: Option<GroupRef>,
    /// What it gives.
    #[serde(serialize_with = "as_list")]
    pub rights: FlatRights,
    /// Who is in it.
    pub members: Vec<MemberRef>,
}

/// A group that changes. `None` and empty lists are what stays.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupChange {
    /// Which.
    pub id: GroupId,
    /// Its name before the change.
    pub name: String,
    /// Another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rename: Option<Change<String>>,
    /// Another description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Change<String>>,
    /// Another group above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Change<Option<GroupRef>>>,
    /// Rights that it gives.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rights: Vec<RightChange>,
    /// Who comes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<MemberRef>,
    /// Who goes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<MemberRef>,
}

impl GroupChange {
    /// No change of this group yet.
    #[must_use]
    pub fn none(id: GroupId, name: String) -> Self {
        Self {
            id,
            name,
            rename: None,
            description: None,
            parent: None,
            rights: Vec::new(),
            added: Vec::new(),
            removed: Vec::new(),
        }
    }

    /// Whether the row of the group changes, and not only who is in it.
    #[must_use]
    pub fn changes_row(&self) -> bool {
        self.rename.is_some()
            || self.description.is_some()
            || self.parent.is_some()
            || !self.rights.is_empty()
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.changes_row() && self.added.is_empty() && self.removed.is_empty()
    }
}

/// A setting that changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SettingChange {
    /// Its name, such as `ENABLE_SIGNUP`.
    pub name: &'static str,
    /// What holds.
    pub before: Value,
    /// What is stored then.
    pub after: Value,
    /// Where the value is the id of a group: that group, which may be made by the same plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupRef>,
}

/// Rights as a list, since a path is no key of an object.
fn as_list<S: serde::Serializer>(rights: &FlatRights, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Right<'a> {
        right: &'a RightPath,
        value: bool,
    }
    serializer.collect_seq(rights.iter().map(|(right, value)| Right { right, value: *value }))
}
