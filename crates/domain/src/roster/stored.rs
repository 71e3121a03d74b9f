//! What a roster is compared with: what the database holds.

use std::collections::BTreeMap;

use serde_json::Value;

use super::rights::FlatRights;
use crate::dialect::Dialect;
use crate::ids::{GroupId, UserId};
use crate::json::JsonText;
use crate::stored_config::Key;

/// What is stored. What was not asked for may be missing.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRoster {
    /// Whose front ends the database serves: what they do not have cannot be declared.
    pub dialect: Dialect,
    /// Whether groups have parents.
    pub has_tree: bool,
    /// Whether there is an account that can own new groups.
    pub has_owner: bool,
    /// All groups, in no order.
    pub groups: Vec<StoredGroup>,
    /// The rights of the template as they hold; `None` where stored settings do not count.
    pub template: Option<FlatRights>,
    /// What the rights of the template are where nothing is stored.
    pub template_defaults: FlatRights,
    /// The settings of the administrator's form; `None` where stored settings do not count.
    pub settings: Option<BTreeMap<Key, StoredSetting>>,
}

/// A stored group.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredGroup {
    /// The id.
    pub id: GroupId,
    /// The name, whatever it is.
    pub name: String,
    /// The description.
    pub description: String,
    /// The group above it, which may be missing.
    pub parent: Option<GroupId>,
    /// Its permissions, as stored.
    pub permissions: Option<JsonText>,
    /// Number of members.
    pub member_count: i64,
    /// Its members with their e-mail addresses; empty where nobody asked for them.
    pub members: BTreeMap<UserId, String>,
}

/// A setting.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSetting {
    /// What holds.
    pub held: Value,
    /// Whether that is stored, rather than configured or built in.
    pub is_stored: bool,
    /// Whether something is stored that is no JSON: nothing may be written over it.
    pub is_unreadable: bool,
    /// What holds where nothing is stored.
    pub default: Value,
}

/// Accounts by the texts that name them. A text that is not in it names nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts(pub BTreeMap<String, UserId>);

impl Accounts {
    /// The account that a text names.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<&UserId> {
        self.0.get(text)
    }
}
