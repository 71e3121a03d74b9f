//! Session tokens: JWT (RFC 7519) signed with HS256 and the secret shared with Open WebUI (docs/API.md, "Who is
//! calling").

mod claims;

use std::sync::Arc;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use quick_cache::sync::Cache;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{SessionId, UserId};
use rosterd_domain::rules::duration::TokenLife;
use rosterd_storage::TokenId;
use serde::Serialize;

pub use self::claims::Claims;
use self::claims::SESSION;
use crate::auth_method::AuthMethod;
use crate::error::AppError;
use crate::hs256;
use crate::settings::TokenSecret;

/// A token whose signature was found right.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionToken {
    /// The account.
    pub user: UserId,
    /// The session that it names (rule A4); `None`: only the account's stamp and its own revocation end it.
    pub session: Option<SessionId>,
    /// What else the token says.
    pub claims: Claims,
}

impl SessionToken {
    /// What the database knows it by.
    pub(crate) fn id(&self) -> TokenId<'_> {
        match &self.session {
            Some(session) => TokenId::Session(session),
            None => TokenId::Other(self.claims.jti.as_deref()),
        }
    }
}

/// Checks tokens with the secret, or with the one before it, and issues them.
pub struct Tokens {
    decoding: DecodingKey,
    /// The secret before, whose tokens still count (rule A10); nothing is signed with it.
    previous: Option<DecodingKey>,
    encoding: EncodingKey,
    validation: Validation,
    /// Tokens with a right signature. That a signature is right never goes stale; whether the token has ended and
    /// what the account may do is asked each time.
    checked: Cache<Box<str>, Arc<SessionToken>>,
}

/// Tokens remembered at most: a few megabytes.
const REMEMBERED: usize = 8192;

/// Longer tokens are checked anew each time, so that memory has a bound.
const LONGEST_REMEMBERED: usize = 1024;

impl Tokens {
    /// For this secret. Tokens that were signed with `previous` are accepted too, and none is signed with it.
    #[must_use]
    pub fn new(secret: &TokenSecret, previous: Option<&TokenSecret>) -> Self {
        hs256::install();
        let mut validation = Validation::new(Algorithm::HS256);
        // Both are checked against our own clock, each time, and tokens may have neither.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Self {
            decoding: DecodingKey::from_secret(secret.expose()),
            previous: previous.map(|secret| DecodingKey::from_secret(secret.expose())),
            encoding: EncodingKey::from_secret(secret.expose()),
            validation,
            checked: Cache::new(REMEMBERED),
        }
    }

    /// The session of a token whose signature is right and which has begun and not ended at `now`.
    ///
    /// # Errors
    /// [`AppError::InvalidToken`] for anything else, [`AppError::Unauthorized`] when no account is named.
    pub fn check(&self, token: &str, now: UnixSeconds) -> Result<Arc<SessionToken>, AppError> {
        let session = match self.checked.get(token) {
            Some(session) => session,
            None => self.check_signature(token)?,
        };
        let claims = &session.claims;
        let over = claims.expires_at().is_some_and(|end| end <= now);
        let early = claims.begins_at().is_some_and(|start| start > now);
        let unborn = claims.issued_at().is_some_and(|issued| issued > now);
        if over || early || unborn { Err(AppError::InvalidToken) } else { Ok(session) }
    }

    fn check_signature(&self, token: &str) -> Result<Arc<SessionToken>, AppError> {
        let decode = |key| jsonwebtoken::decode::<Claims>(token, key, &self.validation);
        let decoded = match (decode(&self.decoding), &self.previous) {
            (Err(error), Some(previous)) if matches!(error.kind(), ErrorKind::InvalidSignature) => {
                decode(previous)
            }
            (decoded, _) => decoded,
        };
        let claims = decoded.map_err(|_why| AppError::InvalidToken)?.claims;
        // A token made for something else (a reset link, a second factor in progress) opens nothing.
        if !claims.is_known() {
            return Err(AppError::InvalidToken);
        }
        // No database could look this one up.
        if claims.jti.as_deref().is_some_and(|jti| jti.contains('\0')) {
            return Err(AppError::InvalidToken);
        }
        let id = claims.id.as_deref().ok_or(AppError::Unauthorized)?;
        let user = UserId::parse(id).map_err(|_why| AppError::InvalidToken)?;
        let session = claims.session()?;
        let session = Arc::new(SessionToken { user, session, claims });
        if token.len() <= LONGEST_REMEMBERED {
            self.checked.insert(token.into(), Arc::clone(&session));
        }
        Ok(session)
    }

    /// A new session token for this account.
    ///
    /// It says what the newest Open WebUI expects of a session (rule M11).
    ///
    /// # Errors
    /// [`AppError::Internal`] when signing fails, which HMAC does not.
    pub fn issue(&self, new: &NewToken<'_>) -> Result<IssuedToken, AppError> {
        let expires_at = match new.life {
            TokenLife::Never => None,
            TokenLife::Seconds(seconds) => Some(new.now.saturating_add(seconds)),
        };
        let claims = IssuedClaims {
            id: new.user.as_str(),
            typ: SESSION,
            sign_in: new.auth_method.map(|method| SignIn {
                auth_method: method.as_str(),
                auth_time: new.now,
                mfa_verified: false,
            }),
            session_stamp: new.stamp,
            jti: new.jti,
            iat: new.now,
            exp: expires_at,
            rosterd_session: new.is_kept.then_some(true),
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|_why| AppError::Internal("a token could not be signed"))?;
        Ok(IssuedToken { token, expires_at })
    }
}

/// What a new token says.
#[derive(Debug, Clone, Copy)]
pub struct NewToken<'a> {
    /// The account.
    pub user: &'a UserId,
    /// A fresh id.
    pub jti: &'a str,
    /// Now.
    pub now: UnixSeconds,
    /// How long it lives.
    pub life: TokenLife,
    /// How the owner showed who they are; `None`: not at all, the token is made for somebody.
    pub auth_method: Option<AuthMethod>,
    /// The account's session stamp, where it has one.
    pub stamp: Option<&'a str>,
    /// Whether the session is kept in the database under `jti` (rule A4).
    pub is_kept: bool,
}

/// The claims of a new token (rule M11).
#[derive(Serialize)]
struct IssuedClaims<'a> {
    id: &'a str,
    typ: &'a str,
    #[serde(flatten)]
    sign_in: Option<SignIn>,
    /// Null where the account has none.
    session_stamp: Option<&'a str>,
    jti: &'a str,
    iat: UnixSeconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<UnixSeconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rosterd_session: Option<bool>,
}

/// How the owner showed who they are.
#[derive(Serialize)]
struct SignIn {
    auth_method: &'static str,
    auth_time: UnixSeconds,
    /// Never true: rosterd checks no second factor.
    mfa_verified: bool,
}

/// A token and when it ends.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// The token.
    pub token: String,
    /// Its end; `None`: never.
    pub expires_at: Option<UnixSeconds>,
}

impl std::fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    use super::*;

    const NOW: UnixSeconds = 1_800_000_000;

    fn secret() -> TokenSecret {
        TokenSecret::new("a secret of some thirty-two bytes")
    }

    fn tokens() -> Tokens {
        Tokens::new(&secret(), None)
    }

    fn issue(life: TokenLife) -> IssuedToken {
        let user = UserId::from_stored("u-1".to_owned());
        let new = NewToken {
            user: &user,
            jti: "j",
            now: NOW,
            life,
            auth_method: Some(AuthMethod::Password),
            stamp: None,
            is_kept: false,
        };
        tokens().issue(&new).unwrap()
    }

    /// The claims of a token, as they are sent.
    fn claims_of(token: &IssuedToken) -> serde_json::Value {
        let part = token.token.split('.').nth(1).unwrap();
        serde_json::from_slice(&base64::Engine::decode(&BASE64_URL_SAFE_NO_PAD, part).unwrap()).unwrap()
    }

    #[test]
    fn m11_a_token_says_how_its_session_began() {
        let claims = claims_of(&issue(TokenLife::Seconds(60)));
        let wanted = serde_json::json!({
            "id": "u-1", "typ": "session", "auth_method": "password", "auth_time": NOW, "mfa_verified": false,
            "session_stamp": null, "jti": "j", "iat": NOW, "exp": NOW + 60,
        });
        assert_eq!(claims, wanted);
        assert!(claims_of(&issue(TokenLife::Never)).get("exp").is_none());
    }

    #[test]
    fn m11_a_token_that_is_made_for_somebody_says_nothing_of_it() {
        let user = UserId::from_stored("u-1".to_owned());
        let life = TokenLife::Seconds(60);
        let stamp = Some("s");
        let new =
            NewToken { user: &user, jti: "j", now: NOW, life, auth_method: None, stamp, is_kept: false };
        let wanted = serde_json::json!({
            "id": "u-1", "typ": "session", "session_stamp": "s", "jti": "j", "iat": NOW, "exp": NOW + 60,
        });
        assert_eq!(claims_of(&tokens().issue(&new).unwrap()), wanted);
    }

    #[test]
    fn a4_a_token_says_whether_its_session_is_kept() {
        let session = |claims: serde_json::Value| {
            let checked = tokens().check(&signed(&claims), NOW);
            checked.map(|token| token.session.as_ref().map(ToString::to_string))
        };
        let claims =
            |says: serde_json::Value| serde_json::json!({ "id": "u-1", "jti": "j", "rosterd_session": says });
        assert_eq!(session(claims(true.into())).unwrap().as_deref(), Some("j"));
        assert_eq!(session(claims(false.into())).unwrap(), None);
        assert_eq!(session(claims(serde_json::Value::Null)).unwrap(), None);
        assert_eq!(session(serde_json::json!({ "id": "u-1", "jti": "j" })).unwrap(), None);
        for bad in [
            claims("yes".into()),
            serde_json::json!({ "id": "u-1", "rosterd_session": true }),
            serde_json::json!({ "id": "u-1", "jti": "", "rosterd_session": true }),
        ] {
            assert!(matches!(session(bad.clone()), Err(AppError::InvalidToken)), "{bad}");
        }
        let user = UserId::from_stored("u-1".to_owned());
        let new = NewToken {
            user: &user,
            jti: "j",
            now: NOW,
            life: TokenLife::Never,
            auth_method: None,
            stamp: None,
            is_kept: true,
        };
        let issued = tokens().issue(&new).unwrap();
        assert_eq!(claims_of(&issued)["rosterd_session"], true);
        assert_eq!(tokens().check(&issued.token, NOW).unwrap().session.as_ref().unwrap().as_str(), "j");
    }

    fn signed(claims: &serde_json::Value) -> String {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &tokens().encoding).unwrap()
    }

    #[test]
    fn a_token_works_until_it_ends() {
        let issued = issue(TokenLife::Seconds(60));
        assert_eq!(tokens().check(&issued.token, NOW + 59).unwrap().user.as_str(), "u-1");
        assert!(matches!(tokens().check(&issued.token, NOW + 60), Err(AppError::InvalidToken)));
    }

    #[test]
    fn a_remembered_token_still_ends() {
        let (tokens, issued) = (tokens(), issue(TokenLife::Seconds(60)));
        assert!(tokens.check(&issued.token, NOW).is_ok());
        assert!(matches!(tokens.check(&issued.token, NOW + 60), Err(AppError::InvalidToken)));
    }

    #[test]
    fn a_token_is_not_good_before_its_time() {
        let tokens = tokens();
        let token = signed(&serde_json::json!({ "id": "u-1", "nbf": NOW }));
        assert!(matches!(tokens.check(&token, NOW - 1), Err(AppError::InvalidToken)));
        assert!(tokens.check(&token, NOW).is_ok());
        assert!(
            matches!(tokens.check(&token, NOW - 1), Err(AppError::InvalidToken)),
            "though it is remembered"
        );
        for nbf in [serde_json::json!("soon"), serde_json::json!([])] {
            let token = signed(&serde_json::json!({ "id": "u-1", "nbf": nbf }));
            assert!(matches!(tokens.check(&token, NOW), Err(AppError::InvalidToken)), "{nbf}");
        }
        let token = signed(&serde_json::json!({ "id": "u-1", "nbf": null }));
        assert!(tokens.check(&token, NOW).is_ok());
    }

    #[test]
    fn a_token_without_an_end_never_ends() {
        let issued = issue(TokenLife::Never);
        assert_eq!(issued.expires_at, None);
        assert!(tokens().check(&issued.token, NOW * 2).is_ok());
    }

    #[test]
    fn only_hs256_with_our_secret_is_accepted() {
        let issued = issue(TokenLife::Never);
        let others = Tokens::new(&other_secret(), None);
        assert!(matches!(others.check(&issued.token, NOW), Err(AppError::InvalidToken)));
        // {"alg":"none","typ":"JWT"}
        let unsigned =
            format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", issued.token.split('.').nth(1).unwrap());
        assert!(matches!(tokens().check(&unsigned, NOW), Err(AppError::InvalidToken)));
    }

    fn other_secret() -> TokenSecret {
        TokenSecret::new("another secret of thirty-two bytes")
    }

    #[test]
    fn a10_tokens_of_the_secret_before_are_accepted_and_none_is_signed_with_it() {
        let old = issue(TokenLife::Seconds(60));
        let rotated = Tokens::new(&other_secret(), Some(&secret()));
        assert_eq!(rotated.check(&old.token, NOW).unwrap().user.as_str(), "u-1");
        assert!(
            matches!(rotated.check(&old.token, NOW + 60), Err(AppError::InvalidToken)),
            "they end as usual"
        );
        let user = UserId::from_stored("u-1".to_owned());
        let life = TokenLife::Seconds(60);
        let new = NewToken {
            user: &user,
            jti: "j",
            now: NOW,
            life,
            auth_method: None,
            stamp: None,
            is_kept: false,
        };
        let new = rotated.issue(&new).unwrap();
        assert!(matches!(tokens().check(&new.token, NOW), Err(AppError::InvalidToken)));
        assert!(Tokens::new(&other_secret(), None).check(&new.token, NOW).is_ok());
        let third = TokenSecret::new("a third secret of thirty-two bytes");
        let others = Tokens::new(&other_secret(), Some(&third));
        assert!(matches!(others.check(&old.token, NOW), Err(AppError::InvalidToken)));
    }

    #[test]
    fn a_token_for_something_else_is_no_session() {
        let token = signed(&serde_json::json!({ "id": "u-1", "typ": "mfa" }));
        assert!(matches!(tokens().check(&token, NOW), Err(AppError::InvalidToken)));
        let token = signed(&serde_json::json!({ "id": "u-1", "typ": "session", "exp": 1_900_000_000.5 }));
        assert!(tokens().check(&token, NOW).is_ok());
    }

    #[test]
    fn a_token_that_names_nobody_is_unauthorized() {
        let token = signed(&serde_json::json!({ "sub": "u-1" }));
        assert!(matches!(tokens().check(&token, NOW), Err(AppError::Unauthorized)));
    }
}
