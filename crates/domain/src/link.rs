//! One-time links: what is kept of them, and the token that each opens with (rules O1 to O6 and C1 to C6).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::clock::UnixSeconds;
use crate::ids::{LinkId, UserId};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum LinkKind {
    /// Somebody who was invited sets a password for the first time.
    Invite,
    /// Somebody sets a new password.
    Reset,
    /// Somebody confirms that an e-mail address is theirs.
    Confirm,
}

impl LinkKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Invite, Self::Reset, Self::Confirm];

    /// Its name, as it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Reset => "reset",
            Self::Confirm => "confirm",
        }
    }

    /// The kind of this name; `None` for a name of something else.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether it sets a password: such a link ends with another password, and is of no use where nobody signs in with one.
    #[must_use]
    pub const fn sets_password(self) -> bool {
        match self {
            Self::Invite | Self::Reset => true,
            Self::Confirm => false,
        }
    }
}

/// What is stored of a link. Of each kind an account has one at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// Its id.
    pub id: LinkId,
    /// What it is for.
    pub kind: LinkKind,
    /// Whose account it is about.
    pub user: UserId,
    /// The e-mail address that the account had when the link was made.
    pub email: String,
    /// The [hash](LinkToken::hash) of its token.
    pub token_hash: String,
    /// The admin who made it; `None`: the server itself, or whoever runs it.
    pub maker: Option<UserId>,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// From when on it opens nothing.
    pub expires_at: UnixSeconds,
}

/// How a token begins.
const PREFIX: &str = "rl_";

/// How many characters follow: 256 bits to base64url.
const DIGITS: usize = 43;

/// The token of a link. Whoever has it may use the link, once.
#[derive(Debug, Clone)]
pub struct LinkToken(SecretString);

impl LinkToken {
    /// The token of these bits, which nobody can guess.
    #[must_use]
    pub fn of(bits: [u8; 32]) -> Self {
        Self(format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bits)).into())
    }

    /// Takes a token that a request brings; `None` for a text that no token has.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        let fits = |digit: u8| digit.is_ascii_alphanumeric() || digit == b'-' || digit == b'_';
        (digits.len() == DIGITS && digits.bytes().all(fits)).then(|| Self(text.to_owned().into()))
    }

    /// The token in the clear, for whoever asked for the link.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Its SHA-256 to base64url, by which the link is found. A token has 256 bits, so one round without salt is enough.
    #[must_use]
    pub fn hash(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.expose().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o1_a_token_has_one_form_and_shows_itself_to_nobody() {
        let token = LinkToken::of([0xfb; 32]);
        assert_eq!(token.expose().len(), 46);
        assert!(token.expose().starts_with("rl_-_v7"), "{}", token.expose());
        assert!(!format!("{token:?}").contains("_v7"));
        let again = LinkToken::parse(token.expose()).unwrap();
        assert_eq!(again.hash(), token.hash());
        assert_ne!(LinkToken::of([0xfc; 32]).hash(), token.hash());
        assert!(!token.hash().contains(&token.expose()[3..]));
        let text = token.expose();
        for other in [
            String::new(),
            "rl_".to_owned(),
            text[1..].to_owned(),
            text[..45].to_owned(),
            format!("{text}x"),
            format!("{}+", &text[..45]),
            format!("{}\u{fc}", &text[..44]),
            text.replace("rl_", "sk_"),
        ] {
            assert!(LinkToken::parse(&other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_kind_is_stored_by_its_name() {
        for kind in LinkKind::ALL {
            assert_eq!(LinkKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert_eq!(LinkKind::parse("Invite"), None);
    }
}
