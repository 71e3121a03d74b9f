//! What a user reaches by owning it or by having been given it (rule N15).

use serde::{Deserialize, Serialize};

use crate::group::NamedGroup;
use crate::ids::UserId;

/// What a user reaches. Being an admin adds nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserPreview {
    /// Whose preview it is.
    pub user: PreviewedUser,
    /// The groups that count: the user's own and those above.
    pub groups: Vec<NamedGroup>,
    /// Models that are switched on, by id.
    pub models: Reached,
    /// Knowledge bases, the one that changed last first.
    pub knowledge: Reached,
    /// Tools, the one that changed last first.
    pub tools: Reached,
}

/// Id and name of the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewedUser {
    /// The user's id.
    pub id: UserId,
    /// The name others see.
    pub name: String,
}

/// What is reached of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reached {
    /// What the user may read.
    pub items: Vec<ReachedItem>,
    /// How many there are in all, readable or not.
    pub total: i64,
}

/// One thing that is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReachedItem {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A kind of things that can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reachable {
    /// Models.
    Model,
    /// Knowledge bases.
    Knowledge,
    /// Tools.
    Tool,
}
