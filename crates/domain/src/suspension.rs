//! A suspended account: why, since when and until when, and what it is again afterwards (rules U1 to U4).

use serde::{Deserialize, Serialize};

use crate::clock::UnixSeconds;
use crate::role::Role;

/// What admins see of the suspension of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Suspension {
    /// Why, as whoever suspended it has put it; null: they did not say.
    pub reason: Option<String>,
    /// Since when.
    pub since: UnixSeconds,
    /// When it ends by itself; null: not before somebody ends it.
    pub until: Option<UnixSeconds>,
    /// The role that the account gets back. Meanwhile its role is `pending`.
    #[serde(deserialize_with = "crate::role::deserialize_stored")]
    pub role: Role,
}

/// What is stored of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspensionRow {
    /// What is shown.
    pub shown: Suspension,
    /// Whether the account could sign in before: if not, it cannot when the suspension ends by itself.
    pub was_active: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u5_a_suspension_shows_four_keys() {
        let shown = Suspension { reason: Some("on leave".into()), since: 7, until: None, role: Role::User };
        let text = serde_json::to_string(&shown).unwrap();
        assert_eq!(text, r#"{"reason":"on leave","since":7,"until":null,"role":"user"}"#);
        assert_eq!(serde_json::from_str::<Suspension>(&text).unwrap(), shown);
        let odd: Suspension = serde_json::from_str(&text.replace("user", "guest")).unwrap();
        assert_eq!(odd.role.as_str(), "guest");
    }
}
