//! A user's `info`: a free-form object of the front ends' own.

use crate::json::{JsonObject, JsonText};

/// Merges what was sent into what is stored, at the top level: a sent key replaces the stored one, the others stay
/// (rule S3). A stored value that is no object counts as absent. The result is always an object.
///
/// ```
/// use rosterd_domain::{JsonText, info};
///
/// let stored = JsonText::from_stored(r#"{"lang": "en", "place": {"lat": 51.50}}"#.to_owned());
/// let sent = serde_json::from_str(r#"{"lang": "de"}"#)?;
/// assert_eq!(info::merge(Some(&stored), &sent).as_str(), r#"{"lang":"de","place":{"lat": 51.50}}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn merge(stored: Option<&JsonText>, sent: &JsonObject) -> JsonText {
    let mut merged = stored.and_then(JsonText::object_for_merge).unwrap_or_default();
    merged.merge(sent.clone());
    JsonText::from_object(&merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(stored: Option<&str>, sent: &str) -> String {
        let stored = stored.map(|text| JsonText::from_stored(text.to_owned()));
        merge(stored.as_ref(), &serde_json::from_str(sent).unwrap()).into_string()
    }

    #[test]
    fn s3_merges_the_top_level_only() {
        assert_eq!(
            merged(Some(r#"{"a":1,"n":{"x":1,"y":2}}"#), r#"{"n":{"x":9},"z":null}"#),
            r#"{"a":1,"n":{"x":9},"z":null}"#
        );
    }

    #[test]
    fn s3_nothing_stored_is_an_empty_object() {
        for stored in [None, Some("null"), Some("[1]"), Some("7"), Some("garbage")] {
            assert_eq!(merged(stored, r#"{"a":1}"#), r#"{"a":1}"#, "{stored:?}");
        }
        assert_eq!(merged(None, "{}"), "{}");
    }

    #[test]
    fn s3_a_stored_nan_costs_no_other_key() {
        assert_eq!(merged(Some(r#"{"a":1,"b":NaN}"#), r#"{"c":2}"#), r#"{"a":1,"b":null,"c":2}"#);
    }
}
