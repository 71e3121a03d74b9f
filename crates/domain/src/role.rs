//! The role of an account.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What an account may do in general. Rights in detail are permissions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Role {
    /// Signed up, not yet let in.
    Pending,
    /// Let in.
    User,
    /// Manages the others.
    Admin,
    /// Something else stands in the database. It grants nothing and is shown as it is stored; no request can set it.
    Unknown(Box<str>),
}

impl Role {
    /// Reads a role a client sends: exactly one of `pending`, `user`, `admin` (rule R1), else `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "pending" => Some(Self::Pending),
            "user" => Some(Self::User),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }

    /// Reads a role as the database holds it. Total: an unknown one is kept, so no row is lost over it.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|| Self::Unknown(text.into()))
    }

    /// The role as it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::User => "user",
            Self::Admin => "admin",
            Self::Unknown(text) => text,
        }
    }

    /// Whether this is a *verified user*: `user` or `admin`.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        matches!(self, Self::User | Self::Admin)
    }

    /// Whether this is an admin.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        matches!(self, Self::Admin)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("must be one of pending, user, admin"))
    }
}

/// Reads a role as an answer shows it: any text, as [`Role::from_stored`]. Serde's own way is for what is *sent*.
pub(crate) fn deserialize_stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Role, D::Error> {
    Ok(Role::from_stored(&String::deserialize(deserializer)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r1_only_three_roles_can_be_sent() {
        for text in ["pending", "user", "admin"] {
            assert_eq!(Role::parse(text).unwrap().as_str(), text);
            assert_eq!(serde_json::from_value::<Role>(text.into()).unwrap().to_string(), text);
        }
        for text in ["", "Admin", " admin", "root", "user "] {
            assert_eq!(Role::parse(text), None, "{text:?}");
            assert!(serde_json::from_value::<Role>(text.into()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_unknown_stored_role_is_shown_and_grants_nothing() {
        let role = Role::from_stored("superuser");
        assert_eq!(serde_json::to_string(&role).unwrap(), "\"superuser\"");
        assert!(!role.is_verified() && !role.is_admin());
    }

    #[test]
    fn verified_means_user_or_admin() {
        assert!(Role::User.is_verified() && Role::Admin.is_verified() && !Role::Pending.is_verified());
        assert!(Role::Admin.is_admin() && !Role::User.is_admin());
    }
}
