//! What every answer has: its URL, its times, its version.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::date_time::DateTime;
use crate::schema::ResourceKind;
use crate::version::Version;

/// What is noted of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// When it was made.
    pub created: DateTime,
    /// When it last changed.
    pub last_modified: DateTime,
    /// Its version. The header `ETag` has the same text.
    pub version: Version,
}

impl Meta {
    pub(crate) fn to_json(&self, base: &str, kind: ResourceKind, id: &str) -> Value {
        json!({
            "resourceType": kind.name(),
            "created": self.created.to_string(),
            "lastModified": self.last_modified.to_string(),
            "location": location(base, kind, id),
            "version": self.version.to_string(),
        })
    }
}

/// The URL of a resource. `base` is the URL before `/Users`, without a slash at its end. The header `Location` of a 201 has the same
/// text.
#[must_use]
pub fn location(base: &str, kind: ResourceKind, id: &str) -> String {
    format!("{base}{}/{}", kind.endpoint(), encode(id))
}

/// A text in which what URLs and versions cannot hold is written as `%` and two digits.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Puts a member into a document, if there is a value.
pub(crate) fn put(document: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        document.insert(name.to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_step_of_a_path() {
        assert_eq!(
            location("https://chat.example.com/scim/v2", ResourceKind::User, "../a b/ü?"),
            "https://chat.example.com/scim/v2/Users/..%2Fa%20b%2F%C3%BC%3F"
        );
    }
}
