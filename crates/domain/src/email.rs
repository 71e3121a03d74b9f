//! E-mail addresses: the one form in which new ones are stored, and how stored ones are compared (rule R2).

use std::cmp::Reverse;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::DomainError;
use crate::unicode::{is_format, is_ignorable, nfc};

/// The column is `VARCHAR(255)`; bytes rather than characters, so that no database counts differently.
const MAX_BYTES: usize = 255;

/// An e-mail address for a new account, or a new one for an old account: in normalization form C, trimmed, lower-cased,
/// of the right form. To look for an account use [`EmailLookup`], which takes whatever may be stored. Log the user's id
/// instead: an e-mail address is personal data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an e-mail address as somebody typed it: composes it (NFC), cuts white space at both ends, lower-cases
    /// (Unicode), checks the form.
    ///
    /// The form is as wide as `Open WebUI`'s: something, one `@`, and then `localhost` or something with a dot inside.
    /// Beyond that it holds no white space, control, format or default-ignorable characters, and at most 255 bytes.
    ///
    /// # Errors
    /// [`DomainError::InvalidEmail`].
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        // Lower-casing may take a composed letter apart.
        let address = nfc(&nfc(text).trim().to_lowercase()).into_owned();
        if is_well_formed(&address) { Ok(Self(address)) } else { Err(DomainError::InvalidEmail) }
    }

    /// The e-mail address, lower-cased.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The e-mail address without a copy.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

fn is_well_formed(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    address.len() <= MAX_BYTES
        && !address.contains(|c: char| {
            c.is_control() || c.is_whitespace() || !c.is_ascii() && (is_format(c) || is_ignorable(c))
        })
        && !local.is_empty()
        && !domain.contains('@')
        && (domain == "localhost" || has_inner_dot(domain))
}

/// A dot that is neither the first nor the last character.
fn has_inner_dot(domain: &str) -> bool {
    let mut chars = domain.chars();
    chars.next();
    chars.next_back();
    chars.as_str().contains('.')
}

/// What somebody typed to name an account by its address: anything at all, since anything may be stored, by a directory,
/// an identity provider or by hand.
///
/// Accounts are found whose e-mail addresses are the same text when white space at the ends, case and the composition
/// of letters are ignored. That is less than what a search ignores: `straße@x.org` and `strasse@x.org` are two
/// people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailLookup {
    typed: String,
    key: String,
}

impl EmailLookup {
    /// Takes what was typed. U+0000, which no database can hold, becomes a character that is never used: such a text is
    /// nobody's e-mail address.
    #[must_use]
    pub fn new(typed: &str) -> Self {
        let typed = typed.replace('\0', "\u{FFFF}");
        Self { key: comparable(&typed), typed }
    }

    /// The text as it was typed.
    #[must_use]
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// The text as it is compared: see [`comparable`].
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether a stored e-mail address is the one that was typed.
    #[must_use]
    pub fn matches(&self, stored: &str) -> bool {
        comparable(stored) == self.key
    }

    /// How closely a stored e-mail address that [matches](Self::matches) is spelled like what was typed. Of several
    /// accounts the one with the greatest closeness wins, then the oldest.
    #[must_use]
    pub fn closeness(&self, stored: &str) -> Closeness {
        if stored == self.typed {
            Closeness::Exact
        } else if stored.trim() == self.typed.trim() {
            Closeness::ButForBlanks
        } else {
            Closeness::OtherSpelling
        }
    }

    /// Sorts stored rows, which must be in order of age: the most closely spelled first, the oldest of those first.
    pub fn sort_by_closeness<T>(&self, rows: &mut [T], address: impl Fn(&T) -> &str) {
        rows.sort_by_key(|row| Reverse(self.closeness(address(row))));
    }
}

impl From<&EmailAddress> for EmailLookup {
    fn from(address: &EmailAddress) -> Self {
        Self::new(address.as_str())
    }
}

/// See [`EmailLookup::closeness`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closeness {
    /// Case or the composition of letters differs.
    OtherSpelling,
    /// Only white space at the ends differs.
    ButForBlanks,
    /// The very same text.
    Exact,
}

/// The form in which two e-mail addresses are compared: trimmed, composed, in lower case, with every Greek sigma
/// alike.
#[must_use]
pub fn comparable(address: &str) -> String {
    let trimmed = address.trim();
    if trimmed.is_ascii() {
        return trimmed.to_ascii_lowercase();
    }
    let lower: String =
        nfc(trimmed).chars().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c }).collect();
    nfc(&lower).into_owned()
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for EmailAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        EmailAddress::parse(text).unwrap().into_string()
    }

    #[test]
    fn r2_trims_and_lower_cases() {
        assert_eq!(parsed(" \tAlice@Example.COM \n"), "alice@example.com");
        assert_eq!(parsed("JÜRGEN@BÜRO.de"), "jürgen@büro.de");
    }

    #[test]
    fn r2_takes_whatever_the_reference_takes() {
        for text in [
            "a@b.c",
            "ü@x.de",
            "a+b@c.d",
            "a@b..c",
            "a@.b.c",
            "a@b.c.",
            "\"a\"@b.c",
            "a@[1.2.3.4]",
            "dev@localhost",
        ] {
            assert_eq!(parsed(text), text);
        }
    }

    #[test]
    fn r2_refuses_what_is_no_address() {
        for text in [
            "",
            "nope",
            "@b.c",
            "a@",
            "a@b",
            "a@.b",
            "a@b.",
            "a@.",
            "a@@b.c",
            "a@b@c.d",
            "a b@c.d",
            "a@b c.d",
            "a\u{a0}b@c.d",
            "a\0@b.c",
            "a\r\nBcc: x@b.c",
            "a@b\u{85}.c",
            "@localhost",
            "a@b@localhost",
            "a@localhosts",
            "jd@intranet",
            "a\u{200b}@b.c",
            "a\u{ad}@b.c",
            "a\u{202e}@b.c",
            "a@b\u{feff}.c",
            "a\u{3164}@b.c",
        ] {
            assert_eq!(EmailAddress::parse(text), Err(DomainError::InvalidEmail), "{text:?}");
        }
    }

    #[test]
    fn r2_fits_the_column() {
        let longest = "a".repeat(251) + "@b.c";
        assert_eq!(parsed(&longest), longest);
        assert!(EmailAddress::parse(&("a".repeat(252) + "@b.c")).is_err());
        // Lower-casing makes this letter longer; what counts is what is stored.
        assert!(EmailAddress::parse(&("İ".repeat(100) + "@b.c")).is_err());
    }

    #[test]
    fn r2_an_address_is_composed() {
        assert_eq!(parsed("jose\u{301}@b.c"), "josé@b.c");
        assert_eq!(parsed("JOSE\u{301}@b.c"), "josé@b.c");
    }

    #[test]
    fn r2_looking_up_takes_an_address_as_it_is_stored() {
        for (typed, stored) in [
            ("admin@localhost", "admin@localhost"),
            ("JD@intranet", "jd@intranet"),
            ("root", "root"),
            ("bob@example.com", "bob@example.com "),
            ("\tbob@example.com", "Bob@Example.com\u{a0}"),
            ("jose\u{301}@b.c", "JOSÉ@b.c"),
            ("ΝΙΚΟΣ@b.c", "νικος@b.c"),
            ("\u{212a}@b.c", "k@b.c"),
            ("", " "),
        ] {
            assert!(EmailLookup::new(typed).matches(stored), "{typed:?} means {stored:?}");
        }
    }

    #[test]
    fn r2_other_peoples_addresses_are_not_meant() {
        for (typed, stored) in [
            ("strasse@b.c", "straße@b.c"),
            ("taro@b.c", "ｔａｒｏ@b.c"),
            ("i@b.c", "ı@b.c"),
            ("ﬁ@b.c", "fi@b.c"),
            ("bob@b.c", "bob @b.c"),
            ("\0", ""),
        ] {
            assert!(!EmailLookup::new(typed).matches(stored), "{typed:?} means {stored:?}");
        }
    }

    #[test]
    fn r2_the_exact_spelling_wins_then_the_oldest() {
        let sorted = |typed: &str| {
            let mut rows = ["BOB@b.c", " bob@b.c", "Bob@b.c", "bob@b.c"];
            EmailLookup::new(typed).sort_by_closeness(&mut rows, |row| row);
            rows
        };
        assert_eq!(sorted("Bob@b.c")[0], "Bob@b.c");
        assert_eq!(sorted("bob@b.c")[..2], ["bob@b.c", " bob@b.c"]);
        assert_eq!(sorted("bob@b.c ")[0], " bob@b.c");
        assert_eq!(sorted("bOB@b.c")[0], "BOB@b.c");
    }

    #[test]
    fn only_three_characters_compare_like_an_ascii_one() {
        // So an e-mail address in ASCII is practically only meant by one in ASCII, which an index of a database can
        // find.
        let is_odd = |c: &char| comparable(&c.to_string()).is_ascii() && !c.is_whitespace();
        let odd: Vec<char> = ('\u{80}'..='\u{1ffff}').filter(is_odd).collect();
        assert_eq!(odd, ['\u{37e}', '\u{1fef}', '\u{212a}']);
    }

    #[test]
    fn serde_goes_through_parse() {
        let address: EmailAddress = serde_json::from_str("\"A@B.C\"").unwrap();
        assert_eq!(serde_json::to_string(&address).unwrap(), "\"a@b.c\"");
        assert!(serde_json::from_str::<EmailAddress>("\"a\"").is_err());
    }
}
