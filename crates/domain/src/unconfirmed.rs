//! An account whose e-mail address is to be confirmed (rules C1 to C6).

use serde::{Deserialize, Serialize};

use crate::clock::UnixSeconds;
use crate::role::Role;

/// What is kept of an account that waits until its e-mail address is confirmed. Meanwhile its role is `pending`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unconfirmed {
    /// The role that it gets then.
    #[serde(deserialize_with = "crate::role::deserialize_stored")]
    pub role: Role,
    /// Since when it waits for this e-mail address.
    pub since: UnixSeconds,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c1_what_is_kept_shows_two_keys() {
        let row = Unconfirmed { role: Role::Unknown("guest".into()), since: 7 };
        let text = serde_json::to_string(&row).unwrap();
        assert_eq!(text, r#"{"role":"guest","since":7}"#);
        assert_eq!(serde_json::from_str::<Unconfirmed>(&text).unwrap(), row);
    }
}
