//! Connections as they are shown.

use serde::{Deserialize, Serialize};

use super::row::{ConnectionRow, GroupRule};
use crate::clock::UnixSeconds;
use crate::ids::{ConnectionId, UserId};
use crate::role::Role;

/// A connection by SCIM. Its token is shown once, when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionInfo {
    /// The id.
    pub id: ConnectionId,
    /// What admins call it.
    pub name: String,
    /// The role of the accounts that it makes.
    #[serde(deserialize_with = "crate::role::deserialize_stored")]
    pub default_role: Role,
    /// Accounts that have the e-mail address of a user of the provider already are linked to it, unless they are admins' (rule J7).
    pub links_by_email: bool,
    /// The passwords that it sends are set (rule J10).
    pub takes_passwords: bool,
    /// Its DELETE deletes accounts that it made (rule J6).
    pub deletes_accounts: bool,
    /// How the names of its groups lead to groups (rule J9).
    pub group_rule: GroupRule,
    /// How many accounts it sees.
    pub users: i64,
    /// How many groups it sees.
    pub groups: i64,
    /// Until when the token before opens it too; null: there is none.
    pub previous_token_until: Option<UnixSeconds>,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// Who made it; null: whoever runs the server.
    pub created_by: Option<UserId>,
    /// When it was last used, to about a minute; null: never.
    pub last_used_at: Option<UnixSeconds>,
}

impl ConnectionInfo {
    /// What is shown of a connection that sees so many users and groups, at `now`.
    #[must_use]
    pub fn of(row: &ConnectionRow, (users, groups): (i64, i64), now: UnixSeconds) -> Self {
        let connection = row.connection.clone();
        let until = row.old_token.as_ref().map(|(_hash, until)| *until);
        Self {
            id: connection.id,
            name: connection.name,
            default_role: connection.default_role,
            links_by_email: connection.links_by_email,
            takes_passwords: connection.takes_passwords,
            deletes_accounts: connection.deletes_accounts,
            group_rule: connection.group_rule,
            users,
            groups,
            previous_token_until: until.filter(|until| now < *until),
            created_at: connection.created_at,
            created_by: connection.created_by,
            last_used_at: connection.last_used_at,
        }
    }
}

/// An account that a connection would be linked to, if the provider sent its e-mail address and linking was on (rule J7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkableUser {
    /// The id of the account.
    pub id: UserId,
    /// Its name.
    pub name: String,
    /// Its e-mail address.
    pub email: String,
    /// Its role.
    #[serde(deserialize_with = "crate::role::deserialize_stored")]
    pub role: Role,
}
