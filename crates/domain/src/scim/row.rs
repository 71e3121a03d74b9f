//! Connections as they are stored.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::token::ConnectionToken;
use crate::clock::UnixSeconds;
use crate::ids::{ConnectionId, UserId};
use crate::role::Role;

/// An identity provider that may make, change and disable accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The id.
    pub id: ConnectionId,
    /// What admins call it.
    pub name: String,
    /// The role of the accounts that it makes: `user` or `pending` (rule J12).
    pub default_role: Role,
    /// Accounts that have the e-mail address of a user of the provider already are linked to it (rule J7).
    pub links_by_email: bool,
    /// The passwords that it sends are set (rule J10); else they are passed over.
    pub takes_passwords: bool,
    /// Its DELETE deletes accounts that it made (rule J6); else they are suspended.
    pub deletes_accounts: bool,
    /// How the names of its groups lead to groups (rule J9).
    pub group_rule: GroupRule,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// Who made it; `None`: whoever runs the server.
    pub created_by: Option<UserId>,
    /// When it was last used, to about a minute; `None`: never.
    pub last_used_at: Option<UnixSeconds>,
}

/// How the names of a connection's groups lead to groups (rule J9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum GroupRule {
    /// It makes groups of its own.
    #[default]
    Make,
    /// It is linked to the group that has the name, and makes none.
    Existing,
    /// It has no groups.
    None,
}

impl GroupRule {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Make, Self::Existing, Self::None];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Make => "make",
            Self::Existing => "existing",
            Self::None => "none",
        }
    }

    /// The rule of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == name)
    }

    /// A rule as it is stored. What is none of them lets the connection have no groups.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        Self::parse(text).unwrap_or(Self::None)
    }
}

/// A connection with what opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionRow {
    /// The connection.
    pub connection: Connection,
    /// The [hash](ConnectionToken::hash) of its token.
    pub token_hash: String,
    /// The hash of the token before, and until when it opens too.
    pub old_token: Option<(String, UnixSeconds)>,
}

impl ConnectionRow {
    /// Whether this token opens the connection at `now` (rule J1). How long that takes does not tell how much of it was right.
    #[must_use]
    pub fn is_opened_by(&self, token: &ConnectionToken, now: UnixSeconds) -> bool {
        let brought = token.hash();
        let is = |stored: &str| bool::from(stored.as_bytes().ct_eq(brought.as_bytes()));
        let old = self.old_token.as_ref().is_some_and(|(hash, until)| now < *until && is(hash));
        is(&self.token_hash) | old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(bits: u8) -> ConnectionToken {
        ConnectionToken::generate(|| [bits; 16])
    }

    fn row() -> ConnectionRow {
        ConnectionRow {
            connection: Connection {
                id: ConnectionId::from_stored("c-1".to_owned()),
                name: "Entra ID".to_owned(),
                default_role: Role::User,
                links_by_email: false,
                takes_passwords: false,
                deletes_accounts: false,
                group_rule: GroupRule::Make,
                created_at: 1,
                created_by: None,
                last_used_at: None,
            },
            token_hash: token(1).hash(),
            old_token: Some((token(2).hash(), 100)),
        }
    }

    #[test]
    fn j1_the_token_before_opens_until_its_time_is_over() {
        let row = row();
        assert!(row.is_opened_by(&token(1), 0) && row.is_opened_by(&token(1), 1000));
        assert!(row.is_opened_by(&token(2), 99));
        assert!(!row.is_opened_by(&token(2), 100));
        assert!(!row.is_opened_by(&token(3), 0));
        let without = ConnectionRow { old_token: None, ..row };
        assert!(!without.is_opened_by(&token(2), 0));
    }

    #[test]
    fn j9_a_rule_keeps_its_name_and_an_unknown_one_allows_no_groups() {
        for rule in GroupRule::ALL {
            assert_eq!(GroupRule::from_stored(rule.as_str()), rule);
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.as_str());
        }
        assert_eq!(GroupRule::from_stored("Make"), GroupRule::None);
    }
}
