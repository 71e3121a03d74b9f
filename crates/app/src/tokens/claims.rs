//! What a token says (RFC 7519, section 4; rules M11 and M12).

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::SessionId;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use crate::error::AppError;

/// What a session token is for.
pub(super) const SESSION: &str = "session";
/// What tokens may be for: Open WebUI's automations and subagents act for their owner.
const TYPES: [&str; 3] = [SESSION, "automation", "subagent"];

/// The claims that count. Others are ignored.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Claims {
    /// The account.
    pub id: Option<String>,
    /// The token's own id, under which it can be revoked.
    pub jti: Option<String>,
    /// Seconds since the epoch; absent: never expires. Fractions are allowed (RFC 7519, section 2).
    pub exp: Option<f64>,
    /// Seconds since the epoch before which the token is not good yet; absent: at once.
    pub nbf: Option<f64>,
    /// When the token was issued; absent: nobody knows.
    #[serde(default, deserialize_with = "present")]
    iat: Option<Option<f64>>,
    /// Whom the token is for: we are nobody's audience.
    #[serde(default, deserialize_with = "present")]
    aud: Option<Option<IgnoredAny>>,
    /// What the token is for; absent means a session.
    #[serde(default, deserialize_with = "present")]
    typ: Option<Option<String>>,
    /// The account's session stamp when the token was issued.
    pub session_stamp: Option<String>,
    /// Whether a second factor was shown.
    #[serde(default)]
    pub mfa_verified: Option<bool>,
    /// How the session began, as [`AuthMethod`](crate::auth_method::AuthMethod) spells it; a newer Open WebUI may have other spellings.
    pub auth_method: Option<String>,
    /// Whether the token's `jti` is the id of a session that is kept in the database. Only rosterd says so.
    #[serde(default)]
    rosterd_session: Option<bool>,
}

impl Claims {
    /// When the token ends, in whole seconds.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a float casts to the nearest end of the range")]
    pub fn expires_at(&self) -> Option<UnixSeconds> {
        self.exp.map(|exp| exp as UnixSeconds)
    }

    /// Whether a person opened this session, and not a program on a person's behalf (rule M12).
    #[must_use]
    pub fn is_session(&self) -> bool {
        self.typ.as_ref().is_none_or(|typ| typ.as_deref() == Some(SESSION))
    }

    /// The session that the token names (rule A4); `None` for tokens of Open WebUI, and for ours of a database without a table
    /// for sessions.
    ///
    /// # Errors
    /// [`AppError::InvalidToken`] for one that says it names a session and does not.
    pub(super) fn session(&self) -> Result<Option<SessionId>, AppError> {
        if self.rosterd_session != Some(true) {
            return Ok(None);
        }
        let id = self.jti.as_deref().ok_or(AppError::InvalidToken)?;
        SessionId::parse(id).map(Some).map_err(|_why| AppError::InvalidToken)
    }

    /// Whether tokens like this one are accepted at all (rules M12 and N1): a known purpose, no audience, and a time of
    /// issue that is a number or absent.
    pub(super) fn is_known(&self) -> bool {
        let purpose = match &self.typ {
            None => true,
            Some(typ) => typ.as_deref().is_some_and(|typ| TYPES.contains(&typ)),
        };
        purpose && self.aud.is_none() && self.iat != Some(None)
    }

    /// When it was issued, in whole seconds.
    #[expect(clippy::cast_possible_truncation, reason = "a float casts to the nearest end of the range")]
    pub(super) fn issued_at(&self) -> Option<UnixSeconds> {
        self.iat.flatten().map(|iat| iat as UnixSeconds)
    }

    /// The first whole second at which the token is good.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a float casts to the nearest end of the range")]
    pub fn begins_at(&self) -> Option<UnixSeconds> {
        self.nbf.map(|nbf| nbf.ceil() as UnixSeconds)
    }
}

/// Reads a key that is there, `null` included: serde asks for no other.
fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
