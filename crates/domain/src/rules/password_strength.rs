//! Whether a new password is hard to guess (rule R6).
//!
//! zxcvbn estimates how many guesses a password takes, from lists of common passwords, words and names, from keyboards,
//! dates, repeats and sequences. It asks for no mixture of kinds of characters: such rules make passwords no better (NIST
//! SP 800-63B-4, 3.1.1.2).

use zxcvbn::feedback::{Feedback, Warning};
use zxcvbn::{Entropy, zxcvbn};

use crate::error::DomainError;
use crate::unicode::fold;

/// How hard a new password must be to guess: what zxcvbn calls its score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Strength(u8);

impl Strength {
    /// Not measured. The most common passwords are refused all the same.
    pub const ANY: Self = Self(0);
    /// More than 10^10 guesses.
    pub const MOST: Self = Self(4);

    /// A level from 0 to 4; `None` for any other number.
    #[must_use]
    pub const fn new(level: u8) -> Option<Self> {
        if level <= Self::MOST.0 { Some(Self(level)) } else { None }
    }
}

impl Default for Strength {
    /// The most: what people make of three or four words has it.
    fn default() -> Self {
        Self::MOST
    }
}

/// Whose password it is to be.
#[derive(Debug, Clone, Copy)]
pub struct PasswordOwner<'a> {
    /// The account's name.
    pub name: &'a str,
    /// Its e-mail address.
    pub email: &'a str,
}

impl PasswordOwner<'_> {
    /// What others know of the owner, folded: the name, the e-mail address, and what stands before its `@`.
    fn known(self) -> [String; 3] {
        let email = fold(self.email.trim());
        let local = email.split('@').next().unwrap_or_default().to_owned();
        [fold(self.name.trim()), email, local]
    }
}

/// Refuses a new password that is easy to guess.
///
/// This takes milliseconds: it belongs to the threads that hash. Only the first 100 characters are looked at.
///
/// # Errors
/// [`DomainError::InvalidPassword`] with the reason: it is the name or the e-mail address of the account, one of the 30,000
/// most common passwords, or easier to guess than `least`.
pub fn ensure_hard_to_guess(
    password: &str,
    owner: PasswordOwner<'_>,
    least: Strength,
) -> Result<(), DomainError> {
    let known = owner.known();
    if known.contains(&fold(password.trim())) {
        return Err(invalid("it is the name or the e-mail address of the account".to_owned()));
    }
    // Words of the name count too, and zxcvbn finds them within a longer password.
    let words: Vec<&str> = known.iter().flat_map(|text| text.split([' ', '.', '@', '-', '_'])).collect();
    let inputs: Vec<&str> =
        known.iter().map(String::as_str).chain(words).filter(|word| word.len() > 2).collect();
    let measured = zxcvbn(password, &inputs);
    if is_common(&measured) {
        return Err(invalid("it is one of the most common passwords".to_owned()));
    }
    let score = u8::from(measured.score());
    if score >= least.0 {
        return Ok(());
    }
    let advice = measured.feedback().map(advice).filter(|advice| !advice.is_empty());
    let advice = advice.unwrap_or_else(|| "make it longer, for example with another word or two".to_owned());
    Err(invalid(format!("it is too easy to guess (strength {score}, but {} is needed): {advice}", least.0)))
}

/// Whether the whole password is one of zxcvbn's common ones, however its letters are written.
fn is_common(measured: &Entropy) -> bool {
    measured.feedback().and_then(Feedback::warning).is_some_and(|warning| {
        matches!(
            warning,
            Warning::ThisIsATop10Password | Warning::ThisIsATop100Password | Warning::ThisIsACommonPassword
        )
    })
}

/// What zxcvbn says of a weak password, as the end of a sentence.
fn advice(feedback: &Feedback) -> String {
    let warning = feedback.warning().map(|warning| warning.to_string());
    let suggestions = feedback.suggestions().iter().map(ToString::to_string);
    let sentences: Vec<String> = warning.into_iter().chain(suggestions).map(|text| clause(&text)).collect();
    sentences.join("; ")
}

/// A sentence without its full stop, and beginning with a small letter.
fn clause(sentence: &str) -> String {
    let mut letters = sentence.trim_end_matches('.').chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

fn invalid(reason: String) -> DomainError {
    DomainError::InvalidPassword { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: PasswordOwner<'static> =
        PasswordOwner { name: "Ada Lovelace", email: "countess.of.lovelace@example.com" };

    fn judge(text: &str, level: u8) -> Result<(), String> {
        let least = Strength::new(level).unwrap();
        match ensure_hard_to_guess(text, ADA, least) {
            Err(DomainError::InvalidPassword { reason }) => Err(reason),
            other => other.map_err(|other| other.to_string()),
        }
    }

    #[test]
    fn r6_common_passwords_are_refused_at_every_level() {
        for text in ["password", "12345678", "qwertyuiop", "Password", "iloveyou", "trustno1", "baseball"] {
            for level in 0..=4 {
                let reason = judge(text, level).unwrap_err();
                assert_eq!(reason, "it is one of the most common passwords", "{text}");
            }
        }
    }

    #[test]
    fn r6_the_owner_s_name_and_e_mail_address_are_refused_at_every_level() {
        for text in [
            "Ada Lovelace",
            " ada lovelace ",
            "ADA LOVELACE",
            "countess.of.lovelace@example.com",
            "Countess.of.Lovelace",
            "\u{ff21}da Lovelace",
        ] {
            let reason = judge(text, 0).unwrap_err();
            assert_eq!(reason, "it is the name or the e-mail address of the account", "{text}");
        }
        let reason = judge("lovelace.countess", 4).unwrap_err();
        assert!(reason.starts_with("it is too easy to guess (strength "), "{reason}");
    }

    #[test]
    fn r6_weak_passwords_are_refused_with_a_reason() {
        let reason = judge("Password1234", 3).unwrap_err();
        assert_eq!(
            reason,
            "it is too easy to guess (strength 1, but 3 is needed): this is similar to a commonly used password; add \
             another word or two. Uncommon words are better; capitalization doesn't help very much"
        );
        assert_eq!(judge("Password1234", 1), Ok(()));
        let reason = judge("correct horse", 4).unwrap_err();
        assert_eq!(
            reason,
            "it is too easy to guess (strength 3, but 4 is needed): make it longer, for example with another word or two"
        );
        assert_eq!(judge("correct horse", 3), Ok(()));
    }

    #[test]
    fn r6_no_mixture_of_characters_is_asked_for() {
        for text in ["correct horse battery", "Correct-Horse-7", "gr\u{fc}ne wiese im regen", "kwdzmvtqpxhj"]
        {
            assert_eq!(judge(text, 4), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_level_is_a_number_from_0_to_4() {
        assert_eq!(Strength::new(0), Some(Strength::ANY));
        assert_eq!(Strength::new(4), Some(Strength::default()));
        assert_eq!(Strength::new(5), None);
    }
}
