//! A session that rosterd opened: how it began, what is stored of it, and what its owner and admins see of it (rule A4).

use serde::{Deserialize, Serialize};

use crate::clock::UnixSeconds;
use crate::ids::{SessionId, UserId};

/// How a session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionMethod {
    /// With the account's password, by its owner.
    Password,
    /// With the header of a trusted proxy.
    TrustedHeader,
    /// By an admin who added the account: nobody has shown anything yet.
    Added,
    /// On the command line of the server.
    Operator,
}

impl SessionMethod {
    /// As rows and answers spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::TrustedHeader => "trusted_header",
            Self::Added => "added",
            Self::Operator => "operator",
        }
    }
}

/// What is stored of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// The id of its token.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// How it began, as [`SessionMethod`] spells it; a newer rosterd may have other spellings.
    pub method: String,
    /// When it began.
    pub created_at: UnixSeconds,
    /// When its token was last sent, about a minute exact.
    pub last_seen_at: UnixSeconds,
    /// When its token ends; `None`: never.
    pub expires_at: Option<UnixSeconds>,
    /// The IP that the sign-in came from; `None` where nobody signed in over a network.
    pub client_ip: Option<String>,
    /// What the sign-in said of its program, see [`user_agent`].
    pub user_agent: Option<String>,
}

/// How much of a program's name is kept, in characters. Browsers send about 150.
pub const MAX_USER_AGENT: usize = 255;

/// What is kept of a header `User-Agent`: its first [`MAX_USER_AGENT`] characters, without control characters and blanks
/// around it; `None` if nothing is left.
#[must_use]
pub fn user_agent(header: &str) -> Option<String> {
    let plain: String = header.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT).collect();
    let plain = plain.trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}

/// An open session, as its owner and admins see it. Its token is never shown, and stored nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenSession {
    /// The id of the session: the claim `jti` of its token.
    pub id: SessionId,
    /// Whether this request came with it.
    pub current: bool,
    /// How it began: `password`, `trusted_header`, `added` (by an admin, together with the account) or `operator` (on the
    /// server's command line).
    pub method: String,
    /// When it began.
    pub created_at: UnixSeconds,
    /// When its token was last sent, about a minute exact.
    pub last_seen_at: UnixSeconds,
    /// When its token ends; null: never.
    pub expires_at: Option<UnixSeconds>,
    /// The IP that the sign-in came from; null if it is not known.
    pub client_ip: Option<String>,
    /// The `User-Agent` of the sign-in; null if it is not known.
    pub user_agent: Option<String>,
}

impl SessionRow {
    /// The session as it is shown to whoever came with `current`.
    #[must_use]
    pub fn into_answer(self, current: Option<&SessionId>) -> OpenSession {
        let Self { id, user_id: _, method, created_at, last_seen_at, expires_at, client_ip, user_agent } =
            self;
        let current = current == Some(&id);
        OpenSession { id, current, method, created_at, last_seen_at, expires_at, client_ip, user_agent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> SessionRow {
        SessionRow {
            id: SessionId::from_stored("s-1".to_owned()),
            user_id: UserId::from_stored("u-1".to_owned()),
            method: SessionMethod::Password.as_str().to_owned(),
            created_at: 1,
            last_seen_at: 2,
            expires_at: None,
            client_ip: None,
            user_agent: Some("curl/8".to_owned()),
        }
    }

    #[test]
    fn a4_a_session_shows_eight_keys_and_whether_it_is_the_one_that_asks() {
        let (own, other) = (row().id, SessionId::from_stored("s-2".to_owned()));
        let shown = serde_json::to_string(&row().into_answer(Some(&own))).unwrap();
        let wanted = r#"{"id":"s-1","current":true,"method":"password","created_at":1,"last_seen_at":2,"expires_at":null,"client_ip":null,"user_agent":"curl/8"}"#;
        assert_eq!(shown, wanted);
        assert!(!row().into_answer(Some(&other)).current && !row().into_answer(None).current);
    }

    #[test]
    fn a4_of_a_program_s_name_is_kept_what_a_line_can_show() {
        assert_eq!(user_agent(" curl/8.5\t\u{7f} ").as_deref(), Some("curl/8.5"));
        assert_eq!(user_agent(" \t"), None);
        assert_eq!(user_agent(&"ü".repeat(300)).map(|kept| kept.chars().count()), Some(MAX_USER_AGENT));
    }
}
