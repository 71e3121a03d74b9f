//! `data` of a group: a document of the front end, of which rosterd reads `config`: who may share with the group, and the
//! models that its members begin with.

use serde_json::value::{RawValue, to_raw_value};

use super::tree;
use crate::dialect::Dialect;
use crate::error::DomainError;
use crate::json::{JsonObject, JsonText, Unreadable, is_same_text};

/// The key that rosterd reads.
const CONFIG: &str = "config";

/// In `config`: who may share with the group.
const SHARE: &str = "share";

/// In `config`: the models that its members begin with.
const DEFAULT_MODELS: &str = "default_models";

/// What is wrong with `data` that was sent (rule M4). What is stored in the same place already is not judged.
///
/// # Errors
/// [`DomainError::Field`] at `["data"]`.
pub fn check(sent: &JsonText, stored: Option<&JsonText>) -> Result<(), DomainError> {
    let Some(config) = sent.object().and_then(|sent| text_of(&sent, CONFIG)) else { return Ok(()) };
    let stored = stored.and_then(JsonText::object).and_then(|stored| text_of(&stored, CONFIG));
    if stored.is_some_and(|stored| is_same_text(&stored, &config)) {
        return Ok(());
    }
    let Some(config) = config.object() else {
        return Err(DomainError::field("data", "config must be an object"));
    };
    match config.get(DEFAULT_MODELS).map(models_of) {
        Some(None) => Err(DomainError::field(
            "data",
            "config.default_models must be null or a list of texts, none blank",
        )),
        None | Some(Some(_)) => Ok(()),
    }
}

/// `data` of a new group, as it is stored: in a dialect with a tree always with `config.share`, which is `share` where none was
/// sent (rule M2).
#[must_use]
pub fn of_new(dialect: Dialect, sent: Option<JsonText>, share: Box<RawValue>) -> Option<JsonText> {
    if !tree::is_known(dialect) {
        return sent;
    }
    let mut data = sent.as_ref().and_then(JsonText::object).unwrap_or_default();
    let mut config = object_of(&data, CONFIG).map(normalized).unwrap_or_default();
    if config.get(SHARE).is_none() {
        config.insert(SHARE.to_owned(), share);
    }
    data.insert_object(CONFIG, &config);
    Some(JsonText::from_object(&data))
}

/// `data` of a group after an update. In a dialect with a tree what is sent is merged into what is stored: its keys replace
/// the stored ones, those of `config` one level deeper, and there always is a `config` (rule M3). Elsewhere it replaces
/// what is stored.
///
/// # Errors
/// [`Unreadable`] where what is stored is no JSON.
pub fn merged(dialect: Dialect, sent: JsonText, stored: Option<&JsonText>) -> Result<JsonText, Unreadable> {
    if stored.is_some_and(JsonText::is_unreadable) {
        return Err(Unreadable);
    }
    let Some(mut new) = sent.object().filter(|_| tree::is_known(dialect)) else { return Ok(sent) };
    let mut data = stored.map_or_else(|| Ok(JsonObject::new()), JsonText::object_for_merge)?;
    let mut config = object_of(&data, CONFIG);
    if let Some(sent) = new.remove(CONFIG) {
        let Some(sent) = JsonText::from_stored(sent.get().to_owned()).object() else {
            // What is stored may be sent again, whatever it is.
            data.merge(new);
            return Ok(JsonText::from_object(&data));
        };
        config.get_or_insert_default().merge(normalized(sent));
    }
    data.merge(new);
    data.insert_object(CONFIG, &config.unwrap_or_default());
    Ok(JsonText::from_object(&data))
}

/// The value of `config.share`, if there is one.
pub(super) fn share_of(data: Option<&JsonText>) -> Option<JsonText> {
    data.and_then(JsonText::object)
        .and_then(|data| object_of(&data, CONFIG))
        .and_then(|it| text_of(&it, SHARE))
}

/// The models of a group's own: `config.default_models`, where it is a list.
#[must_use]
pub fn default_models(data: Option<&JsonText>) -> Option<Vec<String>> {
    let config = data.and_then(JsonText::object).and_then(|data| object_of(&data, CONFIG))?;
    serde_json::from_str(config.get(DEFAULT_MODELS)?.get()).ok()
}

/// The list of models without repeats and without white space around them; other keys as they are (rule M4).
fn normalized(mut config: JsonObject) -> JsonObject {
    let Some(Some(Some(models))) = config.get(DEFAULT_MODELS).map(models_of) else { return config };
    let mut kept: Vec<&str> = Vec::new();
    for model in models.iter().map(|model| model.trim()) {
        if !kept.contains(&model) {
            kept.push(model);
        }
    }
    // A list of texts always has a JSON form.
    if let Ok(list) = to_raw_value(&kept) {
        config.insert(DEFAULT_MODELS.to_owned(), list);
    }
    config
}

/// A list of models, or null; `None` for anything else.
#[expect(clippy::option_option, reason = "null is a value of its own")]
fn models_of(raw: &RawValue) -> Option<Option<Vec<String>>> {
    let models: Option<Vec<String>> = serde_json::from_str(raw.get()).ok()?;
    let blank = models.iter().flatten().any(|model| model.trim().is_empty());
    (!blank).then_some(models)
}

fn text_of(object: &JsonObject, key: &str) -> Option<JsonText> {
    object.get(key).map(|raw| JsonText::from_stored(raw.get().to_owned()))
}

fn object_of(object: &JsonObject, key: &str) -> Option<JsonObject> {
    text_of(object, key)?.object()
}

#[cfg(test)]
mod tests {
    use super::super::share::NewShare;
    use super::*;
    use Dialect::{V0_6, V0_12};

    fn json(text: &str) -> JsonText {
        JsonText::from_stored(text.to_owned())
    }

    fn new(text: Option<&str>) -> String {
        of_new(V0_12, text.map(json), NewShare::Members.to_json()).unwrap().into_string()
    }

    fn after(sent: &str, stored: &str) -> String {
        merged(V0_12, json(sent), Some(&json(stored))).unwrap().into_string()
    }

    #[test]
    fn m2_a_new_group_says_who_may_share_with_it() {
        assert_eq!(new(None), r#"{"config":{"share":"members"}}"#);
        assert_eq!(
            new(Some(r#"{"note": 1.50, "config": {"other": 2}}"#)),
            r#"{"note":1.50,"config":{"other":2,"share":"members"}}"#
        );
        for share in ["null", "false", "true", "7"] {
            let sent = format!(r#"{{"config":{{"share":{share}}}}}"#);
            assert_eq!(new(Some(&sent)), sent);
        }
        let closed = of_new(V0_12, None, NewShare::Nobody.to_json()).unwrap();
        assert_eq!(closed.as_str(), r#"{"config":{"share":false}}"#);
        assert_eq!(of_new(V0_6, None, NewShare::Members.to_json()), None);
        assert_eq!(of_new(V0_6, Some(json("{}")), NewShare::Members.to_json()), Some(json("{}")));
    }

    #[test]
    fn m3_data_is_merged_and_config_one_level_deep() {
        let stored = r#"{"note": 1, "config": {"other": 2, "share": "members", "deep": {"a": 1}}}"#;
        assert_eq!(
            after(
                r#"{"more": {"a": null}, "config": {"share": true, "other": null, "deep": {"b": 2}}}"#,
                stored
            ),
            r#"{"note":1,"config":{"other":null,"share":true,"deep":{"b": 2}},"more":{"a": null}}"#
        );
        assert_eq!(
            after(r#"{"note": null}"#, stored),
            r#"{"note":null,"config":{"other":2,"share":"members","deep":{"a": 1}}}"#
        );
        for nothing in ["null", "[1]", "{}", "7"] {
            assert_eq!(after("{}", nothing), r#"{"config":{}}"#, "{nothing}");
        }
        assert_eq!(merged(V0_12, json("{}"), None).unwrap().as_str(), r#"{"config":{}}"#);
        assert_eq!(after(r#"{"a":1}"#, r#"{"config":7}"#), r#"{"config":{},"a":1}"#);
        assert_eq!(after(r#"{"a":1,"config":7}"#, r#"{"config":7}"#), r#"{"config":7,"a":1}"#);
        assert_eq!(merged(V0_12, json("{}"), Some(&json("{"))), Err(Unreadable));
    }

    #[test]
    fn m3_on_the_older_dialect_data_is_replaced() {
        let stored = json(r#"{"a":1}"#);
        assert_eq!(merged(V0_6, json(r#"{"b":2}"#), Some(&stored)).unwrap().as_str(), r#"{"b":2}"#);
        assert_eq!(merged(V0_6, json("{}"), Some(&json("{"))), Err(Unreadable));
    }

    #[test]
    fn m4_config_is_an_object_and_models_are_a_list_of_texts() {
        let fits = |config: &str| check(&json(&format!(r#"{{"config":{config}}}"#)), None).is_ok();
        assert!(check(&json(r#"{"note": 1}"#), None).is_ok());
        for config in
            ["{}", r#"{"default_models":null}"#, r#"{"default_models":[]}"#, r#"{"default_models":["a"]}"#]
        {
            assert!(fits(config), "{config}");
        }
        for config in [
            "null",
            "[]",
            r#""x""#,
            r#"{"default_models":"a"}"#,
            r#"{"default_models":["a",7]}"#,
            r#"{"default_models":[" "]}"#,
            r#"{"default_models":{}}"#,
        ] {
            assert!(!fits(config), "{config}");
        }
        let odd = json(r#"{"a": 1, "config": null}"#);
        assert_eq!(check(&json(r#"{"config":null}"#), Some(&odd)), Ok(()), "what is stored is not judged");
    }

    #[test]
    fn m4_models_are_kept_trimmed_and_once_in_their_order() {
        let sent = r#"{"config":{"share":false,"default_models":[" b ","a","b","a "]}}"#;
        let kept = r#"{"config":{"share":false,"default_models":["b","a"]}}"#;
        assert_eq!(new(Some(sent)), kept);
        assert_eq!(after(sent, "{}"), kept);
        assert_eq!(default_models(Some(&json(kept))), Some(vec!["b".to_owned(), "a".to_owned()]));
        for none in ["null", "{}", "7", r#"{"config":{"default_models":"a"}}"#] {
            assert_eq!(default_models(Some(&json(none))), None, "{none}");
        }
    }
}
