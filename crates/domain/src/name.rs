//! The names of users.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::DomainError;
use crate::unicode::{forges_lines, is_ignorable, is_visible, nfc};

/// The column is `VARCHAR(255)`, which counts characters.
pub const MAX_NAME: usize = 255;

/// The field of every body that a name comes in.
const FIELD: &str = "name";

/// What joins the characters at its sides (U+200D, in emoji and Indic scripts) or keeps them apart (U+200C, in Persian
/// and others).
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// A name as it is stored: in normalization form C, without white space at its ends, 1 to 255 characters. It can be
/// seen, and it cannot pass for another line or read backwards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserName(String);

impl UserName {
    /// Reads a name as somebody typed it.
    ///
    /// # Errors
    /// [`DomainError::Field`] at `["name"]` when, after trimming, nothing that can be seen is left or more than
    /// [`MAX_NAME`] characters are; when it holds a control character, a line or paragraph separator, or a character
    /// that changes the direction of text; and when a joiner stands at an end or beside white space.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let composed = nfc(text);
        let name = composed.trim();
        match fault(name) {
            None => Ok(Self(name.to_owned())),
            Some(message) => Err(DomainError::field(FIELD, message)),
        }
    }

    /// A name as a database holds it, whatever it is. Not for what somebody sends: that is [parsed](Self::parse).
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without a copy.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

/// What is wrong with a trimmed name, as the second half of a sentence.
fn fault(name: &str) -> Option<&'static str> {
    if name.chars().any(forges_lines) {
        return Some("must not contain control characters or characters that change the direction of text");
    }
    if !name.chars().any(is_visible) {
        return Some("must have 1 to 255 characters, at least one of them visible");
    }
    if name.chars().nth(MAX_NAME).is_some() {
        return Some("must have 1 to 255 characters");
    }
    (!joiners_join(name)).then_some("must not contain an invisible joiner without letters to join")
}

/// Whether every joiner stands between two characters that can be seen, marks and variation selectors of theirs not
/// counted.
fn joiners_join(name: &str) -> bool {
    let mut places = name.char_indices().filter(|(_, c)| JOINERS.contains(c));
    places.all(|(at, joiner)| {
        let (before, after) = (&name[..at], &name[at + joiner.len_utf8()..]);
        let is_seen = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
        is_seen(before.chars().rev().find(|c| !is_ignorable(*c)))
            && is_seen(after.chars().find(|c| !is_ignorable(*c)))
    })
}

impl AsRef<str> for UserName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for UserName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for UserName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        UserName::parse(text).unwrap_or_else(|why| panic!("{text:?}: {why}")).into_string()
    }

    #[test]
    fn a_name_is_trimmed_and_composed_and_then_judged() {
        assert_eq!(parsed("  Jose\u{301} \n"), "José");
        assert_eq!(parsed(&(" ".repeat(300) + "Ann")), "Ann");
        assert_eq!(parsed(&"ü".repeat(255)), "ü".repeat(255));
        assert_eq!(parsed(&"u\u{308}".repeat(255)), "ü".repeat(255));
        assert_eq!(parsed("Ann  Lee"), "Ann  Lee");
    }

    #[test]
    fn names_of_all_scripts_are_fine() {
        for name in [
            "O'Brien-Smith, Jr.",
            "محمد",
            "می\u{200c}خواهم",
            "क\u{94d}\u{200d}ष",
            "李小龍",
            "Ольга",
            "👩\u{200d}🚀",
            "❤\u{fe0f}\u{200d}🔥",
            "🏴\u{e0067}\u{e0062}\u{e007f}",
            "x",
            "1",
        ] {
            assert_eq!(parsed(name), name);
        }
    }

    #[test]
    fn a_name_that_forges_reverses_or_hides_is_refused() {
        for name in [
            "",
            "   ",
            "\u{200b}",
            "\u{200d}",
            "\u{3164}\u{2800}",
            "\u{301}",
            "a\0b",
            "a\nb",
            "a\u{1b}[31m",
            "a\u{85}b",
            "a\u{2028}b",
            "a\u{2029}b",
            "a\u{202e}b",
            "a\u{2067}b",
            "a\u{200f}b",
            "Ann\u{200d}",
            "\u{200c}Ann",
            "Ann \u{200d}Lee",
            "Ann\u{200d}\u{fe0f}",
            &"x".repeat(256),
        ] {
            let Err(DomainError::Field { path, .. }) = UserName::parse(name) else { panic!("{name:?}") };
            assert_eq!(path, ["name"]);
        }
    }

    #[test]
    fn serde_goes_through_parse() {
        let name: UserName = serde_json::from_str("\" Ann \"").unwrap();
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"Ann\"");
        assert!(serde_json::from_str::<UserName>("\"\"").is_err());
    }
}
