//! E-mail addresses in the one form in which they are stored and compared (rule R2).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::DomainError;

/// The column is `VARCHAR(255)`; bytes rather than characters, so that no database counts differently.
const MAX_BYTES: usize = 255;

/// An e-mail address: trimmed, lower-cased, of the right form. Two addresses are the same account's when they are
/// equal. Log the user's id instead: an address is personal data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address as somebody typed it: cuts white space at both ends, lower-cases (Unicode), checks the form.
    ///
    /// The form is deliberately as wide as `Open WebUI`'s, so that no account of an attached database becomes
    /// unusable: something, one `@`, something with a dot inside. Beyond that it holds no white space or control
    /// characters and at most 255 bytes.
    ///
    /// # Errors
    /// [`DomainError::InvalidEmail`].
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let address = text.trim().to_lowercase();
        if is_well_formed(&address) { Ok(Self(address)) } else { Err(DomainError::InvalidEmail) }
    }

    /// The address, lower-cased.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address without a copy.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

fn is_well_formed(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    address.len() <= MAX_BYTES
        && !address.contains(|c: char| c.is_control() || c.is_whitespace())
        && !local.is_empty()
        && !domain.contains('@')
        && has_inner_dot(domain)
}

/// A dot that is neither the first nor the last character.
fn has_inner_dot(domain: &str) -> bool {
    let mut chars = domain.chars();
    chars.next();
    chars.next_back();
    chars.as_str().contains('.')
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
        for text in ["a@b.c", "ü@x.de", "a+b@c.d", "a@b..c", "a@.b.c", "a@b.c.", "\"a\"@b.c", "a@[1.2.3.4]"]
        {
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
    fn serde_goes_through_parse() {
        let address: EmailAddress = serde_json::from_str("\"A@B.C\"").unwrap();
        assert_eq!(serde_json::to_string(&address).unwrap(), "\"a@b.c\"");
        assert!(serde_json::from_str::<EmailAddress>("\"a\"").is_err());
    }
}
