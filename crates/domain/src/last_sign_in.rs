//! When the owner of an account signed in last, and how many attempts failed (rule A12).

use serde::{Deserialize, Serialize};

use crate::clock::UnixSeconds;

/// What its owner and admins see of the sign-ins of an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastSignIn {
    /// When the owner last signed in or up; null: never, as far as is known.
    pub signed_in_at: Option<UnixSeconds>,
    /// Attempts to sign in since then that opened no session, such as those with a wrong password.
    pub failed: i64,
    /// When the last of them was; null if there were none.
    pub failed_at: Option<UnixSeconds>,
    /// When the owner signed in before that.
    pub previous_at: Option<UnixSeconds>,
    /// Attempts between these two sign-ins that opened no session.
    pub failed_before: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a12_an_account_that_nobody_tried_shows_five_keys() {
        let shown = serde_json::to_string(&LastSignIn::default()).unwrap();
        let wanted =
            r#"{"signed_in_at":null,"failed":0,"failed_at":null,"previous_at":null,"failed_before":0}"#;
        assert_eq!(shown, wanted);
    }
}
