//! A JSON object of which only the top level is split.

use std::fmt;

use indexmap::IndexMap;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// An object's keys in their order, each with the text of its value.
///
/// Where a key is repeated in the text the last value counts, at the place of the first: what Python and JavaScript
/// make of it. Two objects are equal when keys, order and text of the values are.
#[derive(Debug, Clone, Default)]
pub struct JsonObject(IndexMap<String, Box<RawValue>>);

impl JsonObject {
    /// An empty object.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&RawValue> {
        self.0.get(key).map(AsRef::as_ref)
    }

    /// Sets `key`; a new one goes to the end, an old one keeps its place. Gives back what was there.
    pub fn insert(&mut self, key: String, value: Box<RawValue>) -> Option<Box<RawValue>> {
        self.0.insert(key, value)
    }

    /// Takes `key` out; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Box<RawValue>> {
        self.0.shift_remove(key)
    }

    /// Keeps the keys for which `keep` holds, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.0.retain(|key, _| keep(key));
    }

    /// Keys and values in order, without a copy.
    pub fn into_entries(self) -> impl Iterator<Item = (String, Box<RawValue>)> {
        self.0.into_iter()
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Bytes of the text of keys and values.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.iter().map(|(key, value)| key.len() + value.get().len()).sum()
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_ref()))
    }

    /// Keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Lays `other` over this object: each of its keys replaces the value here, new keys go to the end.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The object as JSON text, without white space between its own keys.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::from("{");
        for (key, value) in self.iter() {
            if out.len() > 1 {
                out.push(',');
            }
            out.push_str(&Value::from(key).to_string());
            out.push(':');
            out.push_str(value.get());
        }
        out.push('}');
        out
    }

    /// Sets `key` to `true` or `false`.
    pub(crate) fn insert_flag(&mut self, key: &str, flag: bool) {
        let raw = if flag { RawValue::TRUE } else { RawValue::FALSE };
        self.0.insert(key.to_owned(), raw.to_owned());
    }

    /// Puts another object in as a value.
    pub(crate) fn insert_object(&mut self, key: &str, object: &Self) {
        // The text was written a line above, so it parses; `null` stands in for what cannot happen.
        let raw = RawValue::from_string(object.to_json()).unwrap_or_else(|_| RawValue::NULL.to_owned());
        self.0.insert(key.to_owned(), raw);
    }
}

impl PartialEq for JsonObject {
    fn eq(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.iter(), other.iter());
        self.len() == other.len() && ours.zip(theirs).all(|(a, b)| a.0 == b.0 && a.1.get() == b.1.get())
    }
}

impl Eq for JsonObject {}

impl Serialize for JsonObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for JsonObject {
    /// Only from JSON, see [`super::JsonText`].
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = JsonObject;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<JsonObject, A::Error> {
        let mut object = IndexMap::new();
        while let Some((key, value)) = access.next_entry::<String, Box<RawValue>>()? {
            object.insert(key, value);
        }
        Ok(JsonObject(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(json: &str) -> JsonObject {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn order_spacing_and_number_text_survive() {
        let text = r#"{"z":{ "k": 1.50 },"a":1e2,"m":"\u00fc"}"#;
        assert_eq!(object(text).to_json(), text);
        assert_eq!(serde_json::to_string(&object(text)).unwrap(), text);
    }

    #[test]
    fn of_a_repeated_key_the_last_value_counts_at_the_place_of_the_first() {
        assert_eq!(object(r#"{"a":1,"b":2,"a":3}"#).to_json(), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn keys_are_compared_after_unescaping() {
        assert_eq!(object(r#"{"\u0075i":1,"ui":2}"#).to_json(), r#"{"ui":2}"#);
        assert_eq!(object("{\"q\\\"\\n\":1}").to_json(), "{\"q\\\"\\n\":1}");
    }

    #[test]
    fn merging_replaces_in_place_and_appends() {
        let mut stored = object(r#"{"a":1,"b":{"x":1},"c":3}"#);
        stored.merge(object(r#"{"d":4,"b":{"y":2}}"#));
        assert_eq!(stored.to_json(), r#"{"a":1,"b":{"y":2},"c":3,"d":4}"#);
    }

    #[test]
    fn bytes_are_those_of_keys_and_values() {
        assert_eq!(object(r#"{"ab": 1.50, "ü": ["x"]}"#).bytes(), 2 + 4 + 2 + 5);
        assert_eq!(JsonObject::new().bytes(), 0);
    }

    #[test]
    fn removing_keeps_the_order() {
        let mut it = object(r#"{"a":1,"b":2,"c":3}"#);
        assert_eq!(it.remove("a").unwrap().get(), "1");
        assert!(it.remove("a").is_none());
        assert_eq!(it.keys().collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!((it.len(), it.is_empty(), JsonObject::new().is_empty()), (2, false, true));
    }

    #[test]
    fn equality_is_about_keys_order_and_text() {
        assert_eq!(object(r#"{ "a" : 1 }"#), object(r#"{"a":1}"#));
        assert_ne!(object(r#"{"a":1,"b":1}"#), object(r#"{"b":1,"a":1}"#));
        assert_ne!(object(r#"{"a":1.0}"#), object(r#"{"a":1}"#));
    }

    #[test]
    fn anything_else_is_refused() {
        for json in ["[1]", "null", "\"x\"", "1", "{\"a\":NaN}"] {
            assert!(serde_json::from_str::<JsonObject>(json).is_err(), "{json}");
        }
    }
}
