//! Translations of the deployment's own texts (rule M31): an object of languages, each an object of texts with what they
//! are in that language.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Keys that mean something else to the JavaScript that reads them.
const UNSAFE: [&str; 3] = ["__proto__", "prototype", "constructor"];

/// What is stored: blank translations and languages without any are left out.
///
/// # Errors
/// What is wrong, as a sentence.
pub(super) fn cleaned(sent: &Value) -> Result<Value, &'static str> {
    const SHAPE: &str = "An object of languages is needed, each an object of texts and their translations.";
    let mut languages = Map::new();
    for (language, texts) in sent.as_object().ok_or(SHAPE)? {
        ensure_usable(language)?;
        let mut translations = Map::new();
        for (text, translation) in texts.as_object().ok_or(SHAPE)? {
            ensure_usable(text)?;
            let translation = translation.as_str().ok_or(SHAPE)?;
            if translation.trim().is_empty() {
                continue;
            }
            if placeholders(text) != placeholders(translation) {
                return Err("A translation must have the same {{placeholders}} as its text.");
            }
            translations.insert(text.clone(), translation.into());
        }
        if !translations.is_empty() {
            languages.insert(language.clone(), translations.into());
        }
    }
    Ok(languages.into())
}

fn ensure_usable(key: &str) -> Result<(), &'static str> {
    let name = key.trim();
    if name.is_empty() || UNSAFE.contains(&name) {
        return Err("A language or a text must not be blank, __proto__, prototype or constructor.");
    }
    Ok(())
}

/// The names between `{{` and `}}`, without white space around them.
fn placeholders(text: &str) -> BTreeSet<&str> {
    let mut rest = text;
    let mut names = BTreeSet::new();
    while let Some((_before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { break };
        names.insert(name.trim());
        rest = after;
    }
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn m31_blank_translations_and_empty_languages_are_left_out() {
        let sent = json!({
            "de-DE": { "Hello {{Name}}": "Hallo {{ Name }}", "Empty": "  " },
            "fr": { "x": " " },
            "it": {},
        });
        let stored = json!({ "de-DE": { "Hello {{Name}}": "Hallo {{ Name }}" } });
        assert_eq!(cleaned(&sent), Ok(stored));
        assert_eq!(cleaned(&json!({})), Ok(json!({})));
    }

    #[test]
    fn m31_what_is_blank_unsafe_or_of_another_shape_is_refused() {
        for sent in [
            json!(null),
            json!([]),
            json!("de"),
            json!({ "de": null }),
            json!({ "de": ["x"] }),
            json!({ "de": { "x": 1 } }),
            json!({ "de": { "x": null } }),
            json!({ " ": { "x": "y" } }),
            json!({ "de": { "": "y" } }),
            json!({ "__proto__": { "x": "y" } }),
            json!({ "de": { "constructor": "y" } }),
            json!({ "de": { " prototype ": " " } }),
        ] {
            assert!(cleaned(&sent).is_err(), "{sent}");
        }
    }

    #[test]
    fn m31_a_translation_has_the_placeholders_of_its_text() {
        let fits = |text: &str, translation: &str| cleaned(&json!({ "de": { text: translation } })).is_ok();
        assert!(fits("Hi {{A}} and {{B}}", "{{B}} und {{A}}"));
        assert!(fits("Hi {{A}}", "{{A}}, {{A}}!"), "as often as it likes");
        assert!(fits("Hi {A}", "Hallo {B}"), "one brace is only a brace");
        assert!(!fits("Hi {{A}}", "Hallo {{B}}"));
        assert!(!fits("Hi {{A}}", "Hallo"));
        assert!(!fits("Hi", "Hallo {{A}}"));
        assert!(fits("Hi {{A", "Hallo {{B"), "without an end it is none");
    }
}
