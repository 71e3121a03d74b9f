//! The arguments and results of the methods of [`tables`](crate::tables) that are not domain types.

use rosterd_domain::ids::GroupId;
use rosterd_domain::json::JsonText;

/// What a user's rights are computed from, as stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PermissionSources {
    /// The template; `None` where none was ever stored.
    pub template: Option<JsonText>,
    /// The permissions of each group that counts for the user, in no order.
    pub groups: Vec<JsonText>,
}

/// What a deletion of a group did to the groups below it (rule M9).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletedGroup {
    /// The group that was above it, which is now above its children.
    pub parent: Option<GroupId>,
    /// Its children, by id.
    pub children: Vec<GroupId>,
}

/// What ends all sessions of an account (rule M15).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStamp {
    /// The new stamp: tokens of another one are refused.
    pub stamp: String,
    /// What `auth.mfa` is from now on; `None`: as it is.
    pub mfa: Option<JsonText>,
}

/// What a list of whole rows shows at most of each, in bytes; `None`: all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListedSizes {
    /// An inline picture: `profile_image_url` and `profile_banner_image_url`.
    pub image: Option<i32>,
    /// A document: settings, info and oauth.
    pub document: Option<i32>,
}

/// A JSON document in a user's row that its owner merges into (rules S1 and S3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// `settings`.
    Settings,
    /// `info`.
    Info,
}

/// What a rule wants to hold still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// The set of accounts and their e-mail addresses: sign-up, adding, changing an e-mail address (rule R2).
    Accounts,
    /// The stored configuration.
    Config,
    /// The chains of seals of the audit log.
    Audit,
    /// The webhooks.
    Webhooks,
    /// The connections by SCIM.
    Connections,
    /// Which group stands above which, and who is in them (rule M1). Open WebUI takes the same lock on PostgreSQL.
    GroupTree,
}

/// The rows of a page, by id and in order, and how many match in all.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The ids of the page.
    pub(crate) ids: Vec<String>,
    /// How many users match, on whatever page.
    pub(crate) total: i64,
}
