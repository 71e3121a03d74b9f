//! A JSON value as the text in which it is stored.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use thiserror::Error;

use super::{JsonObject, lenient};

/// Stored text is no JSON, however leniently it is read. It must not be overwritten: whoever mends it may find more in
/// it than we do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the stored value is not JSON")]
pub struct Unreadable;

/// The text of a JSON column. It is usually JSON, but need not be: it is read [leniently](lenient::read), what cannot be
/// read at all is shown as `null`, and the text stays stored as it is.
#[derive(Debug, Clone)]
pub struct JsonText(Text);

#[derive(Debug, Clone)]
enum Text {
    /// As it is stored.
    Stored(String),
    /// As it is stored, and was read: it is JSON without white space around it.
    Sound(String),
    /// As it was read, which is not as it is stored.
    Read(Box<RawValue>),
}

impl JsonText {
    /// Takes a column's text, unchecked and unparsed.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(Text::Stored(text))
    }

    /// The text of an object.
    #[must_use]
    pub fn from_object(object: &JsonObject) -> Self {
        Self::from_stored(object.to_json())
    }

    /// The text as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Stored(text) | Text::Sound(text) => text,
            Text::Read(raw) => raw.get(),
        }
    }

    /// The text as stored, without a copy.
    #[must_use]
    pub fn into_string(self) -> String {
        match self.0 {
            Text::Stored(text) | Text::Sound(text) => text,
            Text::Read(raw) => Box::<str>::from(raw).into(),
        }
    }

    /// Whether the value reads as `null`: it is the text `null`, or it cannot be read at all.
    #[must_use]
    pub fn is_null(&self) -> bool {
        !self.is_sound() && self.raw().is_none_or(|raw| raw.get() == "null")
    }

    /// Whether the text cannot be read at all.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        !self.is_sound() && self.raw().is_none()
    }

    /// The text as it is read, without a copy where it is JSON already; `None` where it reads as `null`.
    #[must_use]
    pub fn into_read(self) -> Option<Self> {
        if self.is_sound() {
            return Some(self);
        }
        match self.raw()? {
            Cow::Borrowed(raw) => (raw.get() != "null").then_some(())?,
            Cow::Owned(raw) => {
                return (raw.get() != "null").then_some(Self(Text::Read(raw)));
            }
        }
        Some(self)
    }

    /// The value as it is read, for an answer in which it stands among others: it need not be read again when that is
    /// [appended](Self::append_to), and is not copied where it is stored so. `None` where it reads as `null`.
    #[must_use]
    pub fn into_shown(self) -> Option<Self> {
        if self.is_sound() {
            return Some(self);
        }
        let raw = self.raw()?;
        if raw.get() == "null" {
            return None;
        }
        let read = match raw {
            Cow::Borrowed(raw) if raw.get().len() == self.as_str().len() => None,
            raw => Some(raw.into_owned()),
        };
        Some(Self(read.map_or_else(|| Text::Sound(self.into_string()), Text::Read)))
    }

    /// Appends the text as it is [serialized](Self::serialize).
    pub fn append_to(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Text::Sound(text) => out.extend_from_slice(text.as_bytes()),
            _ => out.extend_from_slice(self.raw().as_deref().unwrap_or(RawValue::NULL).get().as_bytes()),
        }
    }

    /// The text of an object, without a copy where it is stored as one; `None` where it is something else.
    #[must_use]
    pub fn into_object(self) -> Option<Self> {
        match self.as_str().trim_start().bytes().next() {
            Some(b'{') => Some(self),
            // It may have been encoded twice, or begin with a byte-order mark.
            Some(b'"' | 0xEF) => self.into_read().filter(|read| read.as_str().starts_with('{')),
            _ => None,
        }
    }

    /// The value as an object; `None` when it is something else or cannot be read.
    #[must_use]
    pub fn object(&self) -> Option<JsonObject> {
        serde_json::from_str(self.raw()?.get()).ok()
    }

    /// The value taken apart completely; [`Value::Null`] when it cannot be read or is nested more than 127 deep.
    #[must_use]
    pub fn to_value(&self) -> Value {
        self.raw().and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or(Value::Null)
    }

    /// The value taken apart completely, to be changed and written back.
    ///
    /// # Errors
    /// [`Unreadable`], also where a text in it is no Unicode or it is nested more than 127 deep: [`to_value`](Self::to_value)
    /// reads that as `null`, and nothing may be written over it.
    pub fn value_for_change(&self) -> Result<Value, Unreadable> {
        let raw = self.raw().ok_or(Unreadable)?;
        serde_json::from_str(raw.get()).map_err(|_odd_text| Unreadable)
    }

    /// The object into which something is about to be merged. JSON that is no object counts as the empty one.
    ///
    /// # Errors
    /// [`Unreadable`], also for an object whose keys are no Unicode: nothing may be written over it.
    pub fn object_for_merge(&self) -> Result<JsonObject, Unreadable> {
        let raw = self.raw().ok_or(Unreadable)?;
        if raw.get().starts_with('{') {
            serde_json::from_str(raw.get()).map_err(|_odd_keys| Unreadable)
        } else {
            Ok(JsonObject::new())
        }
    }

    /// Whether it need not be read again. Then it is not `null` either.
    fn is_sound(&self) -> bool {
        matches!(self.0, Text::Sound(_))
    }

    fn raw(&self) -> Option<Cow<'_, RawValue>> {
        match &self.0 {
            Text::Stored(text) | Text::Sound(text) => lenient::read(text),
            Text::Read(raw) => Some(Cow::Borrowed(raw)),
        }
    }
}

/// The same text is the same value, whether it was read or not.
impl PartialEq for JsonText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for JsonText {}

impl Hash for JsonText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Serialize for JsonText {
    /// Writes the text as it is read, or `null` when it cannot be: the answer around it stays well-formed.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw().as_deref().unwrap_or(RawValue::NULL).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonText {
    /// Takes any JSON value as its text. Only from JSON, and not inside `flatten` or an untagged enum: there the text
    /// is already lost.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        // What was encoded twice is read by whoever looks at it.
        Ok(Self::from_stored(Box::<str>::from(raw).into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(text: &str) -> JsonText {
        JsonText::from_stored(text.to_owned())
    }

    #[test]
    fn null_and_what_cannot_be_read_are_null() {
        for text in ["null", " null\n", "", "NaN", "\"null\"", "{", "{\"a\":1} x", "'x'"] {
            assert!(stored(text).is_null(), "{text:?}");
            assert_eq!(serde_json::to_string(&stored(text)).unwrap(), "null", "{text:?}");
            assert_eq!(stored(text).to_value(), Value::Null, "{text:?}");
        }
        for text in ["{}", "0", "false", "\"no\"", "[null]", "{\"a\": NaN}", "[Infinity]"] {
            assert!(!stored(text).is_null(), "{text:?}");
        }
        assert!(stored("{").is_unreadable() && !stored("").is_unreadable());
    }

    #[test]
    fn the_text_survives_untouched() {
        let text = r#"{"z": 1.50, "a": [1e400, 12345678901234567890123], "u": "\u00e9\ud800"}"#;
        assert_eq!(serde_json::to_string(&stored(text)).unwrap(), text);
        assert_eq!(serde_json::to_string(&vec![Some(stored(text)), None]).unwrap(), format!("[{text},null]"));
    }

    #[test]
    fn deep_nesting_is_no_danger() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(serde_json::to_string(&stored(&deep)).unwrap(), deep);
        assert_eq!(stored(&deep).to_value(), Value::Null);
    }

    #[test]
    fn it_can_be_read_from_a_request() {
        #[derive(serde::Deserialize)]
        struct Form {
            data: Option<JsonText>,
        }
        let form: Form = serde_json::from_str(r#"{"data": {"b": 1.0, "a": 2}}"#).unwrap();
        assert_eq!(form.data.unwrap().as_str(), r#"{"b": 1.0, "a": 2}"#);
        let form: Form = serde_json::from_str(r#"{"data": null}"#).unwrap();
        assert_eq!(form.data, None);
    }

    #[test]
    fn only_objects_are_objects() {
        assert_eq!(stored("{\"a\": 1}").object().unwrap().get("a").unwrap().get(), "1");
        assert_eq!(stored(r#""{\"a\": 1}""#).object().unwrap().to_json(), r#"{"a":1}"#);
        for text in ["null", "[1]", "7", "{\"a\": NaNa}"] {
            assert!(stored(text).object().is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_read_is_valid_and_the_same_where_it_was_valid() {
        assert_eq!(stored(r#"{"b": 1.50}"#).into_read(), Some(stored(r#"{"b": 1.50}"#)));
        assert_eq!(stored(r#""{\"b\": NaN}""#).into_read(), Some(stored(r#"{"b": null}"#)));
        for text in ["null", "", "{", "NaN"] {
            assert_eq!(stored(text).into_read(), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_shown_is_what_would_be_written() {
        for text in [r#" {"b": 1.50} "#, r#""{\"b\": NaN}""#, r#"{"a": Infinity}"#, "7", "\"text\""] {
            let shown = stored(text).into_shown().unwrap();
            assert_eq!(serde_json::to_string(&shown).unwrap(), serde_json::to_string(&stored(text)).unwrap());
            for value in [&shown, &stored(text)] {
                let mut appended = Vec::new();
                value.append_to(&mut appended);
                assert_eq!(String::from_utf8(appended).unwrap(), serde_json::to_string(&shown).unwrap());
            }
            assert!(!shown.is_null() && !shown.is_unreadable());
            assert_eq!(shown.clone().into_shown(), Some(shown.clone()));
            assert_eq!(shown, JsonText::from_stored(shown.clone().into_string()));
            assert_eq!(shown.clone().into_read(), Some(shown), "{text}");
        }
        for text in ["null", "", "{", "NaN"] {
            assert_eq!(stored(text).into_shown(), None, "{text:?}");
        }
    }

    #[test]
    fn merging_loses_nothing_that_is_stored() {
        let merged_into = |text: &str| stored(text).object_for_merge().map(|object| object.to_json());
        assert_eq!(
            merged_into(r#"{"a": NaN, "b": [-Infinity, "NaN"], "c": 1}"#).as_deref(),
            Ok(r#"{"a":null,"b":[null, "NaN"],"c":1}"#)
        );
        assert_eq!(merged_into(r#""{\"a\": 1}""#).as_deref(), Ok(r#"{"a":1}"#));
        for nothing in ["null", "", "[1]", "7", "\"text\""] {
            assert_eq!(merged_into(nothing).as_deref(), Ok("{}"), "{nothing:?}");
        }
        for text in ["{\"a\": NaNa}", "{\"a\": 1", "x", r#"{"\ud800": 1}"#] {
            assert_eq!(merged_into(text), Err(Unreadable), "{text}");
        }
    }
}
