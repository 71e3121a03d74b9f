//! The stored template: reading it, and writing it without losing what other programs keep in it.

use serde_json::Value;

use super::leniency::lenient_bool;
use super::right::Right;
use super::rights::Rights;
use super::tree::PermissionTree;
use super::user_permissions::UserPermissions;
use crate::dialect::Dialect;
use crate::json::{JsonObject, JsonText, Unreadable, lenient};

/// The stored template with every known right replaced by `new`'s value. All that is not known, keys, whole sections
/// and whatever they hold, stays as it is: a newer `Open WebUI` may share the database and know more than we do.
///
/// # Errors
/// [`Unreadable`] when the stored text cannot be read: nothing may be written over it.
pub fn replace_known(stored: Option<&JsonText>, new: &UserPermissions) -> Result<JsonText, Unreadable> {
    let mut template = stored.map_or_else(|| Ok(JsonObject::new()), JsonText::object_for_merge)?;
    let mut section: Option<(&str, JsonObject)> = None;
    for (name, key, value) in new.iter() {
        let mut keys = match section.take() {
            Some((current, keys)) if current == name => keys,
            finished => {
                if let Some((current, keys)) = finished {
                    template.insert_object(current, &keys);
                }
                stored_section(&template, name)
            }
        };
        keys.insert_flag(key, value);
        section = Some((name, keys));
    }
    if let Some((last, keys)) = section {
        template.insert_object(last, &keys);
    }
    Ok(JsonText::from_object(&template))
}

/// What is stored when an admin writes the template: in 0.6 the known rights beside all that others keep there
/// ([`replace_known`]), in the newest dialect the known rights alone (rule N19).
///
/// # Errors
/// [`Unreadable`] as [`replace_known`].
pub fn to_store(stored: Option<&JsonText>, new: &UserPermissions) -> Result<JsonText, Unreadable> {
    match new.rights().dialect() {
        Dialect::V0_6 => replace_known(stored, new),
        Dialect::V0_12 => replace_known(None, new),
    }
}

/// The template as it is stored, read for use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTemplate {
    /// The rights, known and unknown; a known one that is not stored is not in it.
    pub tree: PermissionTree,
    /// What is stored and cannot be read, as `section.key`, `section`, or empty for all of it. It counts as not given.
    pub unreadable: Vec<String>,
}

impl StoredTemplate {
    /// Reads the stored text, [leniently](lenient::read). Each right in `rights` is a switch: 0, 1, `"False"` and the like are
    /// what they mean, and one that cannot be read is not given. `null` is not stored; neither is a template that is JSON
    /// but no object.
    #[must_use]
    pub fn read(text: &str, rights: &'static Rights) -> Self {
        let Some(value) = lenient::read(text).and_then(|raw| serde_json::from_str(raw.get()).ok()) else {
            let tree = PermissionTree::from(&rights.none());
            return Self { tree, unreadable: vec![String::new()] };
        };
        let Value::Object(mut entries) = value else {
            return Self { tree: PermissionTree::default(), unreadable: Vec::new() };
        };
        let mut unreadable = Vec::new();
        for (section, Right { key, .. }) in rights.iter() {
            let Some(stored) = entries.get_mut(section).filter(|stored| !stored.is_null()) else { continue };
            if !stored.is_object() {
                unreadable.push(section.to_owned());
                *stored = rights.none().section(section);
            }
            let Some(right) = stored.get_mut(key).filter(|right| !right.is_null()) else { continue };
            *right = Value::Bool(lenient_bool(right).unwrap_or_else(|| {
                unreadable.push(format!("{section}.{key}"));
                false
            }));
        }
        Self { tree: PermissionTree::from_entries(entries), unreadable }
    }
}

/// The stored template with these rights set, each a section, a key and a value, whether they are known or not. All
/// others stay; a section that is no object becomes one.
#[must_use]
pub fn set_rights<'a>(
    stored: &JsonText,
    rights: impl IntoIterator<Item = (&'a str, &'a str, bool)>,
) -> JsonText {
    let mut template = stored.object_for_merge().unwrap_or_default();
    for (section, key, value) in rights {
        let mut keys = stored_section(&template, section);
        keys.insert_flag(key, value);
        template.insert_object(section, &keys);
    }
    JsonText::from_object(&template)
}

/// A section as stored; an empty one where it is missing or no object.
fn stored_section(template: &JsonObject, name: &str) -> JsonObject {
    let section = template.get(name).and_then(|raw| lenient::read(raw.get()));
    section.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::{OPEN_WEBUI_0_6, OPEN_WEBUI_0_12};
    use super::*;

    fn read(text: &str) -> StoredTemplate {
        StoredTemplate::read(text, &OPEN_WEBUI_0_6)
    }

    #[test]
    fn a_right_that_is_not_known_can_be_set_and_all_others_stay() {
        let stored = JsonText::from_stored(r#"{"chat":{"delete":true,"fly":1.50},"zoo":7}"#.to_owned());
        let set = set_rights(&stored, [("chat", "sing", true), ("new", "a", false), ("new", "b", true)]);
        let expected =
            r#"{"chat":{"delete":true,"fly":1.50,"sing":true},"zoo":7,"new":{"a":false,"b":true}}"#;
        assert_eq!(set.as_str(), expected);
        let set = set_rights(&stored, [("zoo", "fly", true)]);
        assert_eq!(set.as_str(), r#"{"chat":{"delete":true,"fly":1.50},"zoo":{"fly":true}}"#);
    }

    #[test]
    fn writing_the_template_keeps_whatever_is_not_known() {
        let stored = JsonText::from_stored(
            r#"{"zoo": {"n": 1.50}, "chat": {"web_upload": true, "delete": true}, "features": "odd"}"#
                .to_owned(),
        );
        let mut new = UserPermissions::model_defaults();
        assert!(new.set("chat", "delete", false));
        let written = replace_known(Some(&stored), &new).unwrap();
        assert!(
            written.as_str().starts_with(r#"{"zoo":{"n": 1.50},"chat":{"web_upload":true,"delete":false,"#)
        );
        let value = written.to_value();
        assert_eq!(UserPermissions::parse(&value).unwrap(), new);
        assert_eq!(value["chat"]["web_upload"], true);
        assert_eq!(value["features"]["notes"], true);
    }

    #[test]
    fn n19_in_the_newest_dialect_only_known_rights_are_stored() {
        let stored = JsonText::from_stored(r#"{"zoo":{"lion":true},"chat":{"fly":true}}"#.to_owned());
        let new = OPEN_WEBUI_0_12.builtin();
        let written = to_store(Some(&stored), &new).unwrap();
        assert_eq!(written.as_str(), serde_json::to_string(&new).unwrap());
        let older = to_store(Some(&stored), &OPEN_WEBUI_0_6.builtin()).unwrap();
        assert!(older.as_str().contains("lion") && older.as_str().contains("fly"));
    }

    #[test]
    fn writing_where_nothing_was_stored_gives_all_known_rights() {
        let new = UserPermissions::builtin();
        for stored in [None, Some(JsonText::from_stored("null".to_owned()))] {
            let written = replace_known(stored.as_ref(), &new).unwrap();
            assert_eq!(written.as_str(), serde_json::to_string(&new).unwrap());
        }
    }

    #[test]
    fn a_stored_right_that_cannot_be_read_is_not_given() {
        let stored = r#"{"chat":{"delete":"False","edit":1,"share":"On","call":"perhaps","stt":null,"tts":[true]},
            "sharing":7,"features":{"notes":false},"workspace":null,"zoo":{"fly":true}}"#;
        let StoredTemplate { tree, unreadable } = read(stored);
        assert_eq!(unreadable, ["sharing", "chat.tts", "chat.call"]);
        for (section, key) in [("chat", "edit"), ("chat", "share"), ("zoo", "fly")] {
            assert!(tree.allows(section, key), "{section}.{key}");
        }
        let mut filled = tree;
        filled.fill(&UserPermissions::model_defaults());
        for (section, key) in [
            ("chat", "delete"),
            ("chat", "call"),
            ("chat", "tts"),
            ("sharing", "public_tools"),
            ("features", "notes"),
        ] {
            assert!(!filled.allows(section, key), "{section}.{key}");
        }
        assert!(filled.allows("chat", "stt"), "null is not stored");
    }

    #[test]
    fn a_stored_template_that_cannot_be_read_gives_nothing() {
        let StoredTemplate { tree, unreadable } = read(r#"{"chat":{"delete":fal"#);
        assert_eq!((tree, unreadable), (PermissionTree::from(&OPEN_WEBUI_0_6.none()), vec![String::new()]));
        for nothing in ["null", "[]", "7", "\"text\"", ""] {
            let read = read(nothing);
            assert!(read.tree.is_empty() && read.unreadable.is_empty(), "{nothing}");
        }
        assert!(read(r#""{\"chat\":{\"edit\":true}}""#).tree.allows("chat", "edit"));
    }
}
