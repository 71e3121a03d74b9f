//! A JSON value as the text in which it is stored.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::JsonObject;
use super::repair::without_python_numbers;

/// The text of a JSON column. It is usually JSON, but need not be: Python writes `NaN` and `Infinity`, which are not.
/// Such a text reads as `null` and stays stored as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JsonText(String);

impl JsonText {
    /// Takes a column's text, unchecked and unparsed.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text of an object.
    #[must_use]
    pub fn from_object(object: &JsonObject) -> Self {
        Self(object.to_json())
    }

    /// The text as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as stored, without a copy.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// Whether the value reads as `null`: it is the text `null`, or it is not JSON at all.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.raw().is_none_or(|raw| raw.get() == "null")
    }

    /// The value as an object; `None` when it is something else or not JSON.
    #[must_use]
    pub fn object(&self) -> Option<JsonObject> {
        serde_json::from_str(&self.0).ok()
    }

    /// The value taken apart completely; [`Value::Null`] when it is not JSON or nested more than 127 deep.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or(Value::Null)
    }

    /// The object into which something is about to be merged. Unlike [`Self::object`] it reads Python's `NaN` and
    /// infinities as `null` where they stand: a single one must not cost the user every other stored key.
    pub(crate) fn object_for_merge(&self) -> Option<JsonObject> {
        self.object().or_else(|| serde_json::from_str(&without_python_numbers(&self.0)).ok())
    }

    fn raw(&self) -> Option<&RawValue> {
        serde_json::from_str(&self.0).ok()
    }
}

impl Serialize for JsonText {
    /// Writes the text as it is, or `null` when it is not JSON: the answer around it stays well-formed.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw().unwrap_or(RawValue::NULL).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonText {
    /// Takes any JSON value as its text. Only from JSON, and not inside `flatten` or an untagged enum: there the text
    /// is already lost.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(String::from(Box::<str>::from(raw))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(text: &str) -> JsonText {
        JsonText::from_stored(text.to_owned())
    }

    #[test]
    fn null_and_what_is_not_json_read_as_null() {
        for text in ["null", " null\n", "", "NaN", "{\"a\": NaN}", "[Infinity]", "{", "{\"a\":1} x", "'x'"] {
            assert!(stored(text).is_null(), "{text:?}");
            assert_eq!(serde_json::to_string(&stored(text)).unwrap(), "null", "{text:?}");
            assert_eq!(stored(text).to_value(), Value::Null, "{text:?}");
        }
        for text in ["{}", "0", "false", "\"null\"", "[null]"] {
            assert!(!stored(text).is_null(), "{text:?}");
        }
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
        for text in ["null", "[1]", "7", "{\"a\": NaN}"] {
            assert!(stored(text).object().is_none(), "{text}");
        }
    }

    #[test]
    fn merging_reads_pythons_numbers_as_null() {
        let object = stored(r#"{"a": NaN, "b": [-Infinity, "NaN"], "c": 1}"#).object_for_merge().unwrap();
        assert_eq!(object.to_json(), r#"{"a":null,"b":[null, "NaN"],"c":1}"#);
        assert!(stored("{\"a\": NaNa}").object_for_merge().is_none());
    }
}
