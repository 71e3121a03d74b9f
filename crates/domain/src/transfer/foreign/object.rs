//! Reading an account that is an object of JSON. What is there and of another type is as if it were not there: the files of
//! other systems are no forms of ours.

use serde_json::{Map, Value};

/// An account, and what it is asked for.
pub(super) struct Object(Map<String, Value>);

impl Object {
    /// The account of this text.
    pub(super) fn read(text: &[u8]) -> Result<Self, String> {
        match serde_json::from_slice(text) {
            Ok(Value::Object(entries)) => Ok(Self(entries)),
            Ok(_) => Err("it is not an object of JSON".to_owned()),
            Err(why) => Err(format!("it is not JSON in UTF-8: {}", place_of(&why))),
        }
    }

    /// A text of JSON within a text.
    pub(super) fn within(text: &str) -> Option<Self> {
        Self::read(text.as_bytes()).ok()
    }

    /// A text that is not empty.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str().filter(|text| !text.trim().is_empty())
    }

    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        self.0.get(key)?.as_bool()
    }

    /// A whole number, also as a text.
    pub(super) fn number(&self, key: &str) -> Option<u64> {
        let value = self.0.get(key)?;
        value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    pub(super) fn list(&self, key: &str) -> &[Value] {
        self.0.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn object(&self, key: &str) -> Option<Self> {
        self.0.get(key)?.as_object().cloned().map(Self)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(|value| !value.is_null())
    }

    /// The objects of a list.
    pub(super) fn objects(&self, key: &str) -> impl Iterator<Item = Self> {
        self.list(key).iter().filter_map(Value::as_object).cloned().map(Self)
    }

    /// The first text of a list, or the text itself.
    pub(super) fn first_text(&self, key: &str) -> Option<&str> {
        match self.0.get(key)? {
            Value::Array(list) => list.first()?.as_str(),
            value => value.as_str(),
        }
    }
}

/// Where a text is no JSON, without what stands there.
fn place_of(error: &serde_json::Error) -> String {
    format!("line {}, column {} of the account", error.line(), error.column())
}

/// The parts of a name that are there, with a space between them.
pub(super) fn joined(parts: [Option<&str>; 2]) -> Option<String> {
    let parts: Vec<&str> =
        parts.into_iter().flatten().map(str::trim).filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_another_type_is_not_there() {
        let text = br#"{"a": " ", "b": 7, "c": "8", "d": ["x", 1], "e": {"f": true}, "g": null}"#;
        let object = Object::read(text).unwrap();
        assert_eq!((object.text("a"), object.text("b"), object.text("z")), (None, None, None));
        assert_eq!((object.number("b"), object.number("c"), object.number("a")), (Some(7), Some(8), None));
        assert_eq!((object.first_text("d"), object.list("d").len()), (Some("x"), 2));
        assert_eq!(object.object("e").unwrap().flag("f"), Some(true));
        assert_eq!((object.has("g"), object.has("e")), (false, true));
    }

    #[test]
    fn what_is_no_object_is_told_without_its_text() {
        for text in ["[]", "7", "{\"password\": hunter2}", "{\"a\": \"\u{0}\"}"] {
            let Err(why) = Object::read(text.as_bytes()) else { panic!("{text}") };
            assert!(!why.contains("hunter2"), "{why}");
        }
        assert!(Object::read(b"{\"a\": \"\xff\"}").is_err());
    }

    #[test]
    fn a_name_is_of_the_parts_that_are_there() {
        assert_eq!(joined([Some(" Ada "), Some("Lovelace")]).as_deref(), Some("Ada Lovelace"));
        assert_eq!(joined([None, Some("Ada")]).as_deref(), Some("Ada"));
        assert_eq!(joined([Some(" "), None]), None);
    }
}
