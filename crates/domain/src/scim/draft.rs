//! Connections as admins make and change them.

use super::row::{Connection, GroupRule};
use crate::api_key::MAX_KEY_NAME;
use crate::clock::UnixSeconds;
use crate::error::DomainError;
use crate::ids::{ConnectionId, UserId};
use crate::role::Role;
use crate::text::one_line;

/// What admins call a connection: 1 to 100 characters on one line, in normalization form C and without white space at its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionName(String);

impl ConnectionName {
    /// The most characters.
    pub const MAX: usize = MAX_KEY_NAME;

    /// Reads a name as somebody typed it.
    ///
    /// # Errors
    /// As [`one_line`], at `["name"]`.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        one_line("name", text, Self::MAX).map(Self)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A connection to be made. What is not set is as careful as can be: see [`ConnectionDraft::into_connection`].
#[derive(Debug, Clone)]
pub struct ConnectionDraft {
    /// What admins call it.
    pub name: ConnectionName,
    /// The rest.
    pub settings: ConnectionSettings,
}

impl ConnectionDraft {
    /// The connection. Where nothing else is said its accounts are users, it is linked to no account that is there already, takes no
    /// passwords, deletes no accounts, and makes groups of its own.
    ///
    /// # Errors
    /// As [`ensure_default_role`].
    pub fn into_connection(
        self,
        id: ConnectionId,
        created_by: Option<UserId>,
        now: UnixSeconds,
    ) -> Result<Connection, DomainError> {
        let usual = Connection {
            id,
            name: self.name.0,
            default_role: Role::User,
            links_by_email: false,
            takes_passwords: false,
            deletes_accounts: false,
            group_rule: GroupRule::default(),
            created_at: now,
            created_by,
            last_used_at: None,
        };
        self.settings.apply(&usual)
    }
}

/// What is to be changed of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionUpdate {
    /// What admins call it; `None` stays.
    pub name: Option<ConnectionName>,
    /// The rest.
    pub settings: ConnectionSettings,
}

impl ConnectionUpdate {
    /// The connection as it is afterwards.
    ///
    /// # Errors
    /// As [`ensure_default_role`].
    pub fn apply(self, before: &Connection) -> Result<Connection, DomainError> {
        let name = self.name.map_or_else(|| before.name.clone(), |name| name.0);
        Ok(Connection { name, ..self.settings.apply(before)? })
    }
}

/// What a connection may do; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionSettings {
    /// See [`Connection::default_role`].
    pub default_role: Option<Role>,
    /// See [`Connection::links_by_email`].
    pub links_by_email: Option<bool>,
    /// See [`Connection::takes_passwords`].
    pub takes_passwords: Option<bool>,
    /// See [`Connection::deletes_accounts`].
    pub deletes_accounts: Option<bool>,
    /// See [`Connection::group_rule`].
    pub group_rule: Option<GroupRule>,
}

impl ConnectionSettings {
    fn apply(self, before: &Connection) -> Result<Connection, DomainError> {
        let default_role = self.default_role.unwrap_or_else(|| before.default_role.clone());
        if default_role != before.default_role {
            ensure_default_role(&default_role)?;
        }
        Ok(Connection {
            default_role,
            links_by_email: self.links_by_email.unwrap_or(before.links_by_email),
            takes_passwords: self.takes_passwords.unwrap_or(before.takes_passwords),
            deletes_accounts: self.deletes_accounts.unwrap_or(before.deletes_accounts),
            group_rule: self.group_rule.unwrap_or(before.group_rule),
            ..before.clone()
        })
    }
}

/// Lets go on a role that a connection may give to the accounts that it makes (rule J12).
///
/// # Errors
/// [`DomainError::Field`] at `["default_role"]` for all but `user` and `pending`: an identity provider makes no admins.
pub fn ensure_default_role(role: &Role) -> Result<(), DomainError> {
    match role {
        Role::User | Role::Pending => Ok(()),
        Role::Admin | Role::Unknown(_) => Err(DomainError::field("default_role", "must be user or pending")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn j12_a_name_is_one_line_that_can_be_seen() {
        assert_eq!(ConnectionName::parse("  Entra ID ").unwrap().as_str(), "Entra ID");
        for wrong in ["", "  ", "a\nb", "a\u{202e}b", "\u{200b}", &"x".repeat(101)] {
            assert!(ConnectionName::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn j12_a_connection_gives_no_role_that_manages_others() {
        assert_eq!(ensure_default_role(&Role::User), Ok(()));
        assert_eq!(ensure_default_role(&Role::Pending), Ok(()));
        for role in [Role::Admin, Role::from_stored("root")] {
            let Err(DomainError::Field { path, .. }) = ensure_default_role(&role) else { panic!("{role}") };
            assert_eq!(path, ["default_role"]);
        }
    }

    #[test]
    fn j7_j10_what_is_not_said_is_as_careful_as_can_be_and_what_is_not_named_stays() {
        let id = ConnectionId::from_stored("c".to_owned());
        let name = ConnectionName::parse("Okta").unwrap();
        let draft = ConnectionDraft { name, settings: ConnectionSettings::default() };
        let usual = draft.into_connection(id, None, 7).unwrap();
        assert!(!(usual.links_by_email || usual.takes_passwords || usual.deletes_accounts));
        assert_eq!((&usual.default_role, usual.group_rule), (&Role::User, GroupRule::Make));
        assert_eq!(ConnectionUpdate::default().apply(&usual).unwrap(), usual);
        let settings = ConnectionSettings {
            links_by_email: Some(true),
            group_rule: Some(GroupRule::None),
            ..ConnectionSettings::default()
        };
        let after = ConnectionUpdate { name: None, settings }.apply(&usual).unwrap();
        assert_eq!((after.links_by_email, after.group_rule), (true, GroupRule::None));
        assert_eq!((after.name.as_str(), &after.default_role), ("Okta", &Role::User));
        let settings =
            ConnectionSettings { default_role: Some(Role::Admin), ..ConnectionSettings::default() };
        assert!(ConnectionUpdate { name: None, settings }.apply(&usual).is_err());
    }
}
