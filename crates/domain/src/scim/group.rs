//! Groups as a connection keeps them.

use crate::clock::UnixSeconds;
use crate::ids::GroupId;

/// A group that a connection made or was linked to, with what it sent of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupLink {
    /// The group.
    pub id: GroupId,
    /// Whether the connection made the group; else it was linked to one that was there.
    pub made: bool,
    /// When the connection deleted it: from then on it does not see the group.
    pub hidden_at: Option<UnixSeconds>,
    /// `displayName` as it was sent. The group may have another name by now.
    pub display_name: String,
    /// `externalId`
    pub external_id: Option<String>,
    /// When the connection made it, or was linked to it.
    pub created_at: UnixSeconds,
    /// When the connection last changed it or its members.
    pub updated_at: UnixSeconds,
    /// How often the connection has changed it.
    pub version: i64,
}

impl GroupLink {
    /// Whether the connection sees the group.
    #[must_use]
    pub const fn is_visible(&self) -> bool {
        self.hidden_at.is_none()
    }

    /// The next version of it, which is written at `now`.
    pub fn touch(&mut self, now: UnixSeconds) {
        self.updated_at = now;
        self.version = self.version.wrapping_add(1);
    }
}

/// What tells of the members of a group that a connection sees, without reading all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SeenMembers {
    /// How many they are. It counts no further than whoever asked wants to know.
    pub count: i64,
    /// When the group or its members last changed, whoever changed them; 0 where that is not known.
    pub changed_at: UnixSeconds,
}
