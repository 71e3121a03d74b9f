//! Passwords, their hashes and API keys: types that do not show what they hold.
//!
//! Each holds a `secrecy` secret: it has neither `Display` nor `Serialize`, `Debug` prints a placeholder, the memory is
//! overwritten when it is dropped, and none is comparable with `==` (comparing secrets byte by byte tells an attacker how
//! many were right). `expose` is easy to search for.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use crate::error::DomainError;
use crate::rules::password_strength::{PasswordOwner, Strength, ensure_hard_to_guess};

/// bcrypt reads this many bytes and silently ignores the rest.
pub const MAX_PASSWORD_BYTES: usize = 72;

/// A password as somebody typed it.
#[derive(Debug, Clone, Deserialize)]
pub struct PlainPassword(SecretString);

impl PlainPassword {
    /// Wraps what was typed; nothing is checked yet, see [`PasswordPolicy::check`].
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text.into())
    }

    /// The password in the clear, for hashing and verifying only.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether it has more bytes in UTF-8 than bcrypt reads ([`MAX_PASSWORD_BYTES`]).
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        self.expose().len() > MAX_PASSWORD_BYTES
    }
}

/// A password's hash as the database holds it, of any kind: see [`HashKind`](crate::rules::password_hash::HashKind).
#[derive(Debug, Clone)]
pub struct PasswordHash(SecretString);

impl PasswordHash {
    /// Takes the column's text, unchecked: whether it is a hash shows when a password is verified against it.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text.into())
    }

    /// The hash of an account that has no password yet (rule T8): bcrypt of this cost, with nothing but zeros for its salt and
    /// its 184 bits. Nobody can find a password for it, and a check takes as long as any other.
    #[must_use]
    pub fn unset(bcrypt_cost: u32) -> Self {
        Self(format!("$2b${bcrypt_cost:02}${UNSET}").into())
    }

    /// Whether it says that no password was set yet.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        self.expose()
            .strip_prefix("$2b$")
            .and_then(|rest| rest.get(2..))
            .and_then(|rest| rest.strip_prefix('$'))
            == Some(UNSET)
    }

    /// The hash, for verifying and storing only.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Zeros, as bcrypt writes them: 22 characters of salt and 31 of hash.
const UNSET: &str = ".....................................................";

/// An API key, `sk-` and then random text.
#[derive(Debug, Clone)]
pub struct ApiKey(SecretString);

impl ApiKey {
    /// Wraps a key, from the database or from a request.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text.into())
    }

    /// Whether a bearer token is meant as an API key rather than as a JWT: it begins with `sk-`.
    #[must_use]
    pub fn looks_like(bearer: &str) -> bool {
        bearer.starts_with("sk-")
    }

    /// The key, for looking it up and for showing it to its owner only.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The set-up token: whoever has it may open the first account of a server that others can reach (rule A3).
#[derive(Debug, Clone)]
pub struct SetupToken(SecretString);

impl SetupToken {
    /// Fewest characters: with fewer it could be guessed.
    pub const MIN_CHARS: usize = 16;
    /// Most characters.
    pub const MAX_CHARS: usize = 128;

    /// Takes a token that somebody chose: 16 to 128 letters, digits, `-`, `.`, `_` and `~`, which stand for themselves in a
    /// URL, a cookie and a header.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence; the text is not part of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        check_token(text, "-._~", Self::MIN_CHARS..=Self::MAX_CHARS)?;
        Ok(Self::from_stored(text.to_owned()))
    }

    /// Wraps a token that the database holds or a request brings, unchecked.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text.into())
    }

    /// The token in the clear, for storing it and for the line that is printed at the start.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether a request has brought this token. How long that takes does not tell how much of it was right.
    #[must_use]
    pub fn is(&self, brought: &Self) -> bool {
        self.expose().as_bytes().ct_eq(brought.expose().as_bytes()).into()
    }
}

/// The token that opens the page of metrics.
#[derive(Debug, Clone)]
pub struct MetricsToken(SecretString);

impl MetricsToken {
    /// Takes a token that somebody chose: 16 to 256 of the characters of a bearer token (RFC 6750, 2.1).
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence; the text is not part of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        check_token(text, "-._~+/=", 16..=256)?;
        Ok(Self(text.to_owned().into()))
    }

    /// Whether a request has brought this token. How long that takes does not tell how much of it was right.
    #[must_use]
    pub fn is(&self, brought: &str) -> bool {
        self.0.expose_secret().as_bytes().ct_eq(brought.as_bytes()).into()
    }
}

/// Whether a token consists of letters, digits and these signs, and has so many characters.
fn check_token(text: &str, signs: &str, length: RangeInclusive<usize>) -> Result<(), String> {
    if !text.chars().all(|letter| letter.is_ascii_alphanumeric() || signs.contains(letter)) {
        return Err(format!("may have letters, digits and the characters {signs} only"));
    }
    if !length.contains(&text.len()) {
        let (least, most) = (length.start(), length.end());
        return Err(format!("has {} characters and must have {least} to {most}", text.len()));
    }
    Ok(())
}

/// A test a password has to pass beyond its length, for example a compiled regular expression.
pub type PasswordTest = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What a new password must fulfil (rule R3). Passwords that are already stored are never held against it.
#[derive(Clone)]
pub struct PasswordPolicy {
    /// Fewest characters (Unicode scalar values, not bytes).
    pub min_chars: usize,
    /// Most bytes in UTF-8; `None` where the hash takes any number.
    pub max_bytes: Option<usize>,
    /// A further test, from configuration. This crate knows no regular expressions, so it is a function.
    pub pattern: Option<PasswordTest>,
    /// What the deployment says of its own rule (rule M27a): the whole answer where there is a pattern, also to a password
    /// that is too short. `None`: a sentence of ours.
    pub hint: Option<String>,
    /// How hard it must be to guess (rule R6).
    pub strength: Strength,
}

impl Default for PasswordPolicy {
    /// Eight characters, as many bytes as bcrypt reads, no pattern, as hard to guess as can be asked for.
    fn default() -> Self {
        Self {
            min_chars: 8,
            max_bytes: Some(MAX_PASSWORD_BYTES),
            pattern: None,
            hint: None,
            strength: Strength::default(),
        }
    }
}

impl fmt::Debug for PasswordPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordPolicy")
            .field("min_chars", &self.min_chars)
            .field("max_bytes", &self.max_bytes)
            .field("pattern", &self.pattern.is_some())
            .field("hint", &self.hint)
            .field("strength", &self.strength)
            .finish()
    }
}

impl PasswordPolicy {
    /// Checks a new password, but for [how hard it is to guess](Self::check_strength).
    ///
    /// # Errors
    /// [`DomainError::PasswordTooLong`] over `max_bytes`; [`DomainError::InvalidPassword`] when it is shorter than
    /// `min_chars`, fails the pattern or holds U+0000, where bcrypt would stop reading; in the first two cases
    /// [`DomainError::PasswordAgainstRule`] where the deployment has a rule and says something of it (rule M27a).
    pub fn check(&self, password: &PlainPassword) -> Result<(), DomainError> {
        let text = password.expose();
        if self.max_bytes.is_some_and(|most| text.len() > most) {
            return Err(DomainError::PasswordTooLong);
        }
        if text.contains('\0') {
            return Err(invalid("it contains the NUL character".to_owned()));
        }
        let why = if text.chars().count() < self.min_chars {
            format!("it needs at least {} characters", self.min_chars)
        } else if self.pattern.as_ref().is_some_and(|fits| !fits(text)) {
            "it does not meet this server's password rules".to_owned()
        } else {
            return Ok(());
        };
        Err(match &self.hint {
            Some(hint) if self.pattern.is_some() => DomainError::PasswordAgainstRule(hint.clone()),
            _ => invalid(why),
        })
    }

    /// Checks how hard a new password is to guess, which takes milliseconds.
    ///
    /// # Errors
    /// As [`ensure_hard_to_guess`].
    pub fn check_strength(
        &self,
        password: &PlainPassword,
        owner: PasswordOwner<'_>,
    ) -> Result<(), DomainError> {
        ensure_hard_to_guess(password.expose(), owner, self.strength)
    }
}

fn invalid(reason: String) -> DomainError {
    DomainError::InvalidPassword { reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::password_hash::HashKind;

    #[test]
    fn t8_no_password_is_told_from_any_other() {
        for cost in [4, 12] {
            let unset = PasswordHash::unset(cost);
            assert_eq!(unset.expose().len(), 60);
            assert!(unset.is_unset());
            assert_eq!(HashKind::of(unset.expose()), HashKind::Bcrypt(cost));
        }
        for other in ["", "$2b$", "$2b$12$", "$2b$12$.....................................................x"]
        {
            assert!(!PasswordHash::from_stored(other.to_owned()).is_unset(), "{other}");
        }
    }

    #[test]
    fn a3_a_set_up_token_fits_into_urls_cookies_and_headers_and_cannot_be_guessed() {
        let token = SetupToken::parse("Abc-def_ghi.jkl~0").unwrap();
        assert!(token.is(&SetupToken::from_stored("Abc-def_ghi.jkl~0".to_owned())));
        for other in ["", "Abc-def_ghi.jkl~1", "Abc-def_ghi.jkl~", "Abc-def_ghi.jkl~00"] {
            assert!(!token.is(&SetupToken::from_stored(other.to_owned())), "{other}");
        }
        for (unfit, why) in [
            ("short", "5 characters"),
            ("", "0 characters"),
            ("a b c d e f g h i j", "letters"),
            ("1234567890123456;", "letters"),
            ("12345678901234567ü", "letters"),
        ] {
            let said = SetupToken::parse(unfit).unwrap_err();
            assert!(said.contains(why), "{unfit}: {said}");
        }
        assert!(SetupToken::parse(&"x".repeat(129)).is_err());
        assert!(!format!("{token:?}").contains("def"));
    }

    #[test]
    fn a_metrics_token_is_what_a_bearer_token_can_be() {
        let token = MetricsToken::parse("b64/With+Padding==").unwrap();
        assert!(token.is("b64/With+Padding=="));
        for other in ["", "b64/With+Padding=", "b64/With+Padding=-", "b64/with+Padding=="] {
            assert!(!token.is(other), "{other}");
        }
        let said = MetricsToken::parse("only-15-letters").unwrap_err();
        assert_eq!(said, "has 15 characters and must have 16 to 256");
        let said = MetricsToken::parse("with a space, which").unwrap_err();
        assert_eq!(said, "may have letters, digits and the characters -._~+/= only");
        assert!(MetricsToken::parse(&"x".repeat(257)).is_err());
        assert!(!format!("{token:?}").contains("Padding"));
    }

    fn check(policy: &PasswordPolicy, text: &str) -> Result<(), DomainError> {
        policy.check(&PlainPassword::new(text.to_owned()))
    }

    fn is_invalid(result: &Result<(), DomainError>) -> bool {
        matches!(result, Err(DomainError::InvalidPassword { .. }))
    }

    #[test]
    fn r3_at_most_72_bytes() {
        let policy = PasswordPolicy::default();
        assert_eq!(check(&policy, &"x".repeat(72)), Ok(()));
        assert_eq!(check(&policy, &"x".repeat(73)), Err(DomainError::PasswordTooLong));
        assert_eq!(check(&policy, &"ü".repeat(36)), Ok(()));
        assert_eq!(check(&policy, &"ü".repeat(37)), Err(DomainError::PasswordTooLong));
    }

    #[test]
    fn r3_at_least_eight_characters_unless_configured() {
        assert!(is_invalid(&check(&PasswordPolicy::default(), "1234567")));
        assert_eq!(check(&PasswordPolicy::default(), "12345678"), Ok(()));
        assert!(is_invalid(&check(&PasswordPolicy::default(), "üüüüüüü")), "characters, not bytes");
        assert_eq!(check(&PasswordPolicy { min_chars: 1, ..PasswordPolicy::default() }, "1"), Ok(()));
    }

    #[test]
    fn r3_a_pattern_can_be_configured() {
        let digit: PasswordTest = Arc::new(|text| text.contains(|c: char| c.is_ascii_digit()));
        let policy = PasswordPolicy { pattern: Some(digit), ..PasswordPolicy::default() };
        assert!(is_invalid(&check(&policy, "no-digit-here")));
        assert_eq!(check(&policy, "a-digit-7"), Ok(()));
    }

    #[test]
    fn m27a_the_deployment_says_what_its_rule_is() {
        let digit: PasswordTest = Arc::new(|text| text.contains(|c: char| c.is_ascii_digit()));
        let hint = Some("Use a digit.".to_owned());
        let policy = PasswordPolicy { pattern: Some(digit), hint: hint.clone(), ..PasswordPolicy::default() };
        for text in ["no-digit-here", "short-7"] {
            let refused = check(&policy, text).unwrap_err();
            assert_eq!(refused, DomainError::PasswordAgainstRule("Use a digit.".to_owned()));
            assert_eq!(refused.to_string(), "Use a digit.");
        }
        assert_eq!(check(&policy, "a-digit-7"), Ok(()));
        // Without a rule there is nothing to say of it.
        assert!(is_invalid(&check(&PasswordPolicy { hint, ..PasswordPolicy::default() }, "short-7")));
    }

    #[test]
    fn r3_argon2_reads_all_of_a_password() {
        let policy = PasswordPolicy { max_bytes: None, ..PasswordPolicy::default() };
        assert_eq!(check(&policy, &"x".repeat(1000)), Ok(()));
    }

    #[test]
    fn r3_bcrypt_would_stop_at_a_nul() {
        assert!(is_invalid(&check(&PasswordPolicy::default(), "12345678\0x")));
    }

    #[test]
    fn secrets_do_not_print() {
        let secret = "sk-hunter2";
        let printed = format!(
            "{:?} {:?} {:?} {:?}",
            PlainPassword::new(secret.into()),
            PasswordHash::from_stored(secret.into()),
            ApiKey::from_stored(secret.into()),
            PasswordPolicy::default(),
        );
        assert!(!printed.contains("hunter2"), "{printed}");
    }

    #[test]
    fn an_api_key_is_told_by_its_prefix() {
        assert!(ApiKey::looks_like("sk-1234"));
        assert!(!ApiKey::looks_like("eyJhbGciOi.J9.x") && !ApiKey::looks_like("SK-1"));
    }
}
