//! A user's settings: a free-form object of the front ends' own. Known here are `ui`, in it the keys that need a right, and
//! `notifications`.
//!
//! Front ends of the two [dialects](Dialect) mean different things by an update: an older one sends the whole of `ui`, the
//! newest one only what changes (rules S1 and N3).

mod house;
mod interface;
mod update;

use serde_json::value::RawValue;

use crate::dialect::Dialect;
use crate::json::{JsonObject, JsonText, lenient};

pub use house::with_house;
pub use update::SettingsUpdate;

/// Where the administrator's default interface settings are configured; `None` where they do not count: in the older
/// dialect, and for whoever asks for what is stored (`raw`) (rule N6).
#[must_use]
pub const fn house_path(dialect: Dialect, raw: bool) -> Option<&'static str> {
    match dialect {
        Dialect::V0_12 if !raw => Some("ui.default_interface_settings"),
        _ => None,
    }
}

/// The key of the interface's settings.
const UI: &str = "ui";

/// Settings as answers show them: `None` where nothing (or no object, or nothing readable) is stored, else the stored object,
/// with `"ui": {}` added where it has no `ui`. In the newest dialect a `ui` that is neither an object nor null reads as
/// `{}` (rule N23).
#[must_use]
pub fn to_answer(stored: Option<JsonText>, dialect: Dialect) -> Option<JsonText> {
    let stored = stored?.into_read()?;
    // What this server and Open WebUI write begins with `ui`, and then there is nothing to take apart.
    if begins_with_ui(stored.as_str(), dialect) {
        return Some(stored);
    }
    let mut object = stored.object()?;
    match object.get(UI).map(RawValue::get) {
        Some(ui) if dialect == Dialect::V0_6 || ui.starts_with('{') || ui == "null" => return Some(stored),
        _ => object.insert_object(UI, &JsonObject::new()),
    }
    Some(JsonText::from_object(&object))
}

fn begins_with_ui(text: &str, dialect: Dialect) -> bool {
    let rest = text.trim_start().strip_prefix('{').and_then(|rest| rest.trim_start().strip_prefix("\"ui\""));
    match dialect {
        Dialect::V0_6 => rest.is_some(),
        Dialect::V0_12 => rest
            .and_then(|rest| rest.trim_start().strip_prefix(':'))
            .is_some_and(|value| value.trim_start().starts_with('{')),
    }
}

/// The object that this text is, if it is one.
fn object(raw: &RawValue) -> Option<JsonObject> {
    let raw = lenient::read(raw.get())?;
    if raw.get().starts_with('{') { serde_json::from_str(raw.get()).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocumentLimits;
    use Dialect::{V0_6, V0_12};

    fn stored(text: &str) -> JsonText {
        JsonText::from_stored(text.to_owned())
    }

    fn patched(before: &str, sent: &str) -> String {
        SettingsUpdate::parse(serde_json::from_str(sent).unwrap())
            .unwrap()
            .merge_into(Some(&stored(before)), V0_12, &DocumentLimits::default())
            .unwrap()
            .into_string()
    }

    #[test]
    fn what_cannot_be_read_is_shown_as_nothing() {
        for text in [r#"{"ui":{}"#, r#"{"ui":{}} x"#, r#"{"ui":{"a":NaNa}}"#] {
            assert_eq!(to_answer(Some(stored(text)), V0_6), None, "{text}");
        }
    }

    #[test]
    fn what_can_be_read_is_shown() {
        for (text, read) in [
            (r#"{"ui":{"a":NaN},"b":1}"#, r#"{"ui":{"a":null},"b":1}"#),
            (r#""{\"ui\": {\"a\": 1}}""#, r#"{"ui": {"a": 1}}"#),
            (r#""{\"b\": 2}""#, r#"{"b":2,"ui":{}}"#),
        ] {
            assert_eq!(to_answer(Some(stored(text)), V0_6).unwrap().as_str(), read);
        }
    }

    #[test]
    fn shown_settings_have_ui_or_are_null() {
        assert_eq!(to_answer(None, V0_6), None);
        for text in ["null", "[1]", "{\"a\": NaNa}", "7"] {
            assert_eq!(to_answer(Some(stored(text)), V0_6), None, "{text}");
        }
        for text in [r#"{ "ui": {"a":1}, "b": 2}"#, r#"{"b":2,"ui":{}}"#] {
            assert_eq!(to_answer(Some(stored(text)), V0_6).unwrap().as_str(), text);
        }
        assert_eq!(
            to_answer(Some(stored(r#"{"b":{"ui":1}}"#)), V0_6).unwrap().as_str(),
            r#"{"b":{"ui":1},"ui":{}}"#
        );
    }

    #[test]
    fn n23_a_ui_that_is_no_object_reads_as_empty_and_is_replaced() {
        let odd = r#"{"ui":"x","top":1}"#;
        assert_eq!(to_answer(Some(stored(odd)), V0_12).unwrap().as_str(), r#"{"ui":{},"top":1}"#);
        assert_eq!(patched(odd, r#"{"ui":{"theme":"dark"}}"#), r#"{"ui":{"theme":"dark"},"top":1}"#);
        assert_eq!(to_answer(Some(stored("[1, 2]")), V0_12), None);
        assert_eq!(patched("[1, 2]", r#"{"a":1}"#), r#"{"a":1}"#);
        for text in [r#"{"ui":null,"b":1}"#, r#"{ "ui" : {"a":1}}"#, r#"{"b":1,"ui":{}}"#] {
            assert_eq!(to_answer(Some(stored(text)), V0_12).unwrap().as_str(), text);
        }
    }
}
