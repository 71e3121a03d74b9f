//! A user's `info`: an object that belongs to the front end.

use crate::dialect::Dialect;
use crate::document::{DocumentLimits, Opened};
use crate::error::DomainError;
use crate::json::{JsonObject, JsonText};

/// Merges what was sent into what is stored, at the top level: a sent key replaces the stored one, the others stay
/// (rule S3). Stored JSON that is no object counts as absent. The result is always an object.
///
/// # Errors
/// [`DomainError::Unreadable`] when the stored text is no JSON; [`DomainError::DocumentTooLarge`] and [`DomainError::Field`] when the result is over one of the limits, unless what
/// is stored is over it already and does not grow.
///
/// ```
/// use rosterd_domain::document::DocumentLimits;
/// use rosterd_domain::{JsonText, info};
///
/// let stored = JsonText::from_stored(r#"{"lang": "en", "place": {"lat": 51.50}}"#.to_owned());
/// let sent = serde_json::from_str(r#"{"lang": "de"}"#)?;
/// let merged = info::merge(Some(&stored), sent, &DocumentLimits::default())?;
/// assert_eq!(merged.as_str(), r#"{"lang":"de","place":{"lat": 51.50}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn merge(
    stored: Option<&JsonText>,
    sent: JsonObject,
    limits: &DocumentLimits,
) -> Result<JsonText, DomainError> {
    let mut opened = Opened::new(stored)?;
    opened.object.merge(sent);
    opened.close("info", limits)
}

/// Info as answers show it: in the newest dialect what is no object reads as null (rule N23).
#[must_use]
pub fn to_answer(stored: Option<JsonText>, dialect: Dialect) -> Option<JsonText> {
    let read = stored.and_then(JsonText::into_read);
    match dialect {
        Dialect::V0_6 => read,
        Dialect::V0_12 => read.and_then(JsonText::into_object),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n23_info_that_is_no_object_reads_as_null_in_the_newest_dialect() {
        let shown = |text: &str, dialect| {
            to_answer(Some(JsonText::from_stored(text.to_owned())), dialect).map(JsonText::into_string)
        };
        for (stored, newest) in [("{\"a\":1}", Some("{\"a\":1}")), ("[1]", None), ("7", None), ("null", None)]
        {
            assert_eq!(shown(stored, Dialect::V0_12).as_deref(), newest, "{stored}");
        }
        assert_eq!(shown("[1]", Dialect::V0_6).as_deref(), Some("[1]"));
        assert_eq!(to_answer(None, Dialect::V0_12), None);
    }

    fn merged(stored: Option<&str>, sent: &str) -> String {
        let stored = stored.map(|text| JsonText::from_stored(text.to_owned()));
        let sent = serde_json::from_str(sent).unwrap();
        merge(stored.as_ref(), sent, &DocumentLimits::default()).unwrap().into_string()
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
        for stored in [None, Some("null"), Some("[1]"), Some("7"), Some("")] {
            assert_eq!(merged(stored, r#"{"a":1}"#), r#"{"a":1}"#, "{stored:?}");
        }
        assert_eq!(merged(None, "{}"), "{}");
    }

    #[test]
    fn info_over_a_limit_is_refused_by_name() {
        let limits = DocumentLimits { max_bytes: 10, max_keys: 10 };
        let refused = merge(None, serde_json::from_str(r#"{"a":"0123456789"}"#).unwrap(), &limits);
        assert_eq!(refused, Err(DomainError::DocumentTooLarge { document: "info", bytes: 18, limit: 10 }));
    }

    #[test]
    fn s3_a_stored_nan_costs_no_other_key() {
        assert_eq!(merged(Some(r#"{"a":1,"b":NaN}"#), r#"{"c":2}"#), r#"{"a":1,"b":null,"c":2}"#);
    }

    #[test]
    fn s3_what_cannot_be_read_is_not_overwritten() {
        let garbage = JsonText::from_stored("{\"a\": 1".to_owned());
        let refused = merge(Some(&garbage), JsonObject::new(), &DocumentLimits::default());
        assert!(matches!(refused, Err(DomainError::Unreadable(_))), "{refused:?}");
    }
}
