//! The token of a connection (rule J1).

use secrecy::{ExposeSecret, SecretString};

use crate::token_form::{TokenForm, sha256};

/// How a token begins.
pub const PREFIX: &str = "rsc_";

const FORM: TokenForm = TokenForm::new(PREFIX);

/// What an identity provider shows: `rsc_`, then as in [`token_form`](crate::token_form). Whoever has it makes and disables accounts.
#[derive(Debug, Clone)]
pub struct ConnectionToken(SecretString);

impl ConnectionToken {
    /// Makes a token out of random bytes; `more` gives some at each call.
    pub fn generate<const N: usize>(more: impl FnMut() -> [u8; N]) -> Self {
        Self(FORM.generate(more).into())
    }

    /// Takes a token that a request brings; `None` for a text that no token has, so that no database need be asked.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        FORM.is_whole(text).then(|| Self(text.to_owned().into()))
    }

    /// The token in the clear, for whoever made it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Its SHA-256 in 64 hexadecimal digits, by which the connection is found. A token is random and long, so one round without salt
    /// is enough.
    #[must_use]
    pub fn hash(&self) -> String {
        sha256(self.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn j1_a_token_has_one_form_and_shows_itself_to_nobody() {
        let token = ConnectionToken::generate(|| [7; 16]);
        let text = token.expose();
        assert!(text.starts_with("rsc_") && text.len() == 40, "{text}");
        assert!(!format!("{token:?}").contains(&text[4..]));
        let again = ConnectionToken::parse(text).unwrap();
        assert_eq!(again.hash(), token.hash());
        assert!(token.hash().len() == 64 && !token.hash().contains(&text[4..]));
        for other in [
            String::new(),
            "rsc_".to_owned(),
            text[1..].to_owned(),
            text[..39].to_owned(),
            format!("{text}x"),
            format!("{}x", &text[..39]),
            text.replace("rsc_", "sk-rst_"),
            text.replacen('7', "8", 1),
        ] {
            assert!(ConnectionToken::parse(&other).is_none(), "{other}");
        }
    }
}
