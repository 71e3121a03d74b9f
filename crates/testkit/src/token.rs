//! Tokens made outside the product, so that a mistake in its own signing cannot hide itself: good ones, and every
//! bad one that has to be refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

/// How long the tokens made here live. Seconds.
pub const LIFE_SECONDS: i64 = 3600;

/// What is right or wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Good for an hour.
    Valid,
    /// Good, without `exp`.
    NeverExpires,
    /// Expired a minute ago.
    Expired,
    /// Good from the next minute on.
    NotYetGood,
    /// Signed with another secret.
    Forged,
    /// `alg: none` and no signature.
    AlgNone,
    /// Without the claim `id`.
    NoId,
    /// Good, but for a user who does not exist.
    UnknownUser,
    /// Not a token at all.
    Garbage,
}

impl TokenKind {
    /// Those which must be answered 401.
    pub const REFUSED: [Self; 7] = [
        Self::Expired,
        Self::NotYetGood,
        Self::Forged,
        Self::AlgNone,
        Self::NoId,
        Self::UnknownUser,
        Self::Garbage,
    ];

    /// A token of this kind for the user `id` at the second `now`.
    #[must_use]
    pub fn make(self, id: &str, secret: &[u8], now: i64) -> String {
        let exp = now + LIFE_SECONDS;
        let claims = json!({ "id": id, "jti": uuid::Uuid::new_v4().to_string(), "exp": exp });
        match self {
            Self::Valid => sign(&claims, secret),
            Self::NeverExpires => sign(&json!({ "id": id, "jti": claims["jti"] }), secret),
            Self::Expired => sign(&json!({ "id": id, "jti": claims["jti"], "exp": now - 60 }), secret),
            Self::NotYetGood => {
                sign(&json!({ "id": id, "jti": claims["jti"], "exp": exp, "nbf": now + 60 }), secret)
            }
            Self::Forged => sign(&claims, &[b"not-", secret].concat()),
            Self::AlgNone => unsigned(&claims),
            Self::NoId => sign(&json!({ "sub": id, "exp": exp }), secret),
            Self::UnknownUser => {
                sign(&json!({ "id": "no-such-user", "jti": claims["jti"], "exp": exp }), secret)
            }
            Self::Garbage => "not.a.token".to_owned(),
        }
    }
}

/// A compact HS256 JWT with these claims.
#[must_use]
pub fn sign(claims: &Value, secret: &[u8]) -> String {
    let signed = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": "JWT" })), part(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// A JWT that says `alg: none` and carries no signature.
#[must_use]
pub fn unsigned(claims: &Value) -> String {
    format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(claims))
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_another_implementation_gives() {
        // The signature was made with Python's hmac module.
        let token = sign(&json!({ "id": "u" }), b"secret");
        let (signed, signature) = token.rsplit_once('.').unwrap();
        assert_eq!(signed, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpZCI6InUifQ");
        assert_eq!(signature, "wajlyy7X7F0Gs1PHMH1ANHyTsagDoWteqXID-0BuezE");
    }
}
