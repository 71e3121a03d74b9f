//! A session with an external identity provider.

use serde::{Deserialize, Serialize};

use crate::clock::UnixSeconds;
use crate::ids::UserId;

/// An OAuth session as it may be shown (rule V3). The stored token is encrypted, is never read, and has no field here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = OAuthSession))]
pub struct OauthSession {
    /// The session's own id.
    pub id: String,
    /// Whose session it is.
    pub user_id: UserId,
    /// The provider's name, for example `google`.
    pub provider: String,
    /// When the provider's token ends.
    pub expires_at: UnixSeconds,
    /// When the session was made.
    pub created_at: UnixSeconds,
    /// When it was last renewed.
    pub updated_at: UnixSeconds,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v3_the_token_is_not_among_the_keys() {
        let session = OauthSession {
            id: "s".into(),
            user_id: UserId::from_stored("u".into()),
            provider: "google".into(),
            expires_at: 3,
            created_at: 1,
            updated_at: 2,
        };
        assert_eq!(
            serde_json::to_string(&session).unwrap(),
            r#"{"id":"s","user_id":"u","provider":"google","expires_at":3,"created_at":1,"updated_at":2}"#
        );
    }
}
