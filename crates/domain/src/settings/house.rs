//! The administrator's default interface settings, which count where a user has set nothing (rule N6).

use super::{UI, object};
use crate::json::{JsonObject, JsonText};

/// How deep the two are laid over one another; what is deeper is the user's own. The front end has two levels.
const DEEPEST: usize = 64;

/// Settings as their owner sees them: `ui` is the `house` settings with the user's own laid over them. Of an own `null` the
/// house value counts; where both are objects the same holds one level deeper, and so on; else the own value counts.
///
/// `own` is what [`to_answer`](super::to_answer) gives. `house` is the stored value at `ui.default_interface_settings`, or that of
/// the environment; anything but an object with keys changes nothing.
#[must_use]
pub fn with_house(own: Option<JsonText>, house: Option<&JsonText>) -> Option<JsonText> {
    let Some(house) = house.and_then(JsonText::object).filter(|house| !house.is_empty()) else { return own };
    let mut settings = own.as_ref().and_then(JsonText::object).unwrap_or_default();
    let ui = settings.get(UI).and_then(object).unwrap_or_default();
    settings.insert_object(UI, &laid_over(house, ui, DEEPEST));
    Some(JsonText::from_object(&settings))
}

fn laid_over(mut house: JsonObject, own: JsonObject, deep: usize) -> JsonObject {
    for (key, value) in own.into_entries() {
        if value.get() == "null" {
            continue;
        }
        let below = if deep == 0 { None } else { house.get(&key).and_then(object).zip(object(&value)) };
        match below {
            Some((house_below, own_below)) => {
                house.insert_object(&key, &laid_over(house_below, own_below, deep - 1));
            }
            None => {
                house.insert(key, value);
            }
        }
    }
    house
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUSE: &str = r#"{"chatBubble":false,"title":{"auto":false,"style":"short"},"models":["house"],"webSearch":null,"custom":{"a":{"b":1}}}"#;

    fn shown(own: Option<&str>, house: &str) -> Option<String> {
        let text = |text: &str| JsonText::from_stored(text.to_owned());
        with_house(own.map(text), Some(&text(house))).map(JsonText::into_string)
    }

    #[test]
    fn n6_who_has_set_nothing_sees_the_house_settings() {
        assert_eq!(shown(None, HOUSE), Some(format!(r#"{{"ui":{HOUSE}}}"#)));
        assert_eq!(
            shown(Some(r#"{"top":1,"ui":null}"#), HOUSE),
            Some(format!(r#"{{"top":1,"ui":{HOUSE}}}"#))
        );
    }

    #[test]
    fn n6_own_values_count_and_an_own_null_does_not() {
        assert_eq!(
            shown(
                Some(r#"{"ui":{"chatBubble":null,"theme":"dark","title":{"auto":true,"style":null,"x":{"y":null}},"models":["mine"],"custom":5,"gone":null},"top":1}"#),
                HOUSE
            )
            .unwrap(),
            concat!(
                r#"{"ui":{"chatBubble":false,"title":{"auto":true,"style":"short","x":{"y":null}},"#,
                r#""models":["mine"],"webSearch":null,"custom":5,"theme":"dark"},"top":1}"#
            )
        );
        assert_eq!(
            shown(Some(r#"{"ui":{"custom":{"a":{"b":null,"c":2}}}}"#), r#"{"custom":{"a":{"b":1}}}"#)
                .unwrap(),
            r#"{"ui":{"custom":{"a":{"b":1,"c":2}}}}"#
        );
    }

    #[test]
    fn n6_without_house_settings_nothing_changes() {
        for house in ["{}", "null", "[1]", "7", "\"x\"", "{"] {
            assert_eq!(shown(None, house), None, "{house}");
            assert_eq!(shown(Some(r#"{"ui": {"a":null}}"#), house).as_deref(), Some(r#"{"ui": {"a":null}}"#));
        }
        assert_eq!(with_house(None, None), None);
    }

    #[test]
    fn n6_depth_is_no_danger() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(100), "}".repeat(100));
        let text = shown(Some(&format!(r#"{{"ui":{deep}}}"#)), &deep).unwrap();
        assert_eq!(text, format!(r#"{{"ui":{deep}}}"#));
    }
}
