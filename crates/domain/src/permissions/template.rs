//! The template: what everybody may do before any group grants more.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use super::leniency::lenient_bool;
use super::sections::{ChatPermissions, FeaturesPermissions, SharingPermissions, WorkspacePermissions};
use super::tree::PermissionTree;
use crate::error::DomainError;
use crate::json::{JsonObject, JsonText, Unreadable, lenient};

/// The known rights, with a value for each. The keys come in the order in which `Open WebUI` shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserPermissions {
    /// Section `workspace`.
    pub workspace: WorkspacePermissions,
    /// Section `sharing`.
    pub sharing: SharingPermissions,
    /// Section `chat`.
    pub chat: ChatPermissions,
    /// Section `features`.
    pub features: FeaturesPermissions,
}

impl UserPermissions {
    /// What counts on a server where nobody has stored a template or set a variable.
    #[must_use]
    pub const fn builtin() -> Self {
        Self {
            workspace: WorkspacePermissions::BUILTIN,
            sharing: SharingPermissions::BUILTIN,
            chat: ChatPermissions::BUILTIN,
            features: FeaturesPermissions::BUILTIN,
        }
    }

    /// What the keys get that an admin leaves out when storing a template. Not the same as [`Self::builtin`]:
    /// `sharing.public_tools` and `sharing.public_notes` are true here.
    #[must_use]
    pub const fn model_defaults() -> Self {
        Self {
            workspace: WorkspacePermissions::MODEL,
            sharing: SharingPermissions::MODEL,
            chat: ChatPermissions::MODEL,
            features: FeaturesPermissions::MODEL,
        }
    }

    /// No right at all.
    #[must_use]
    pub fn none() -> Self {
        let mut none = Self::builtin();
        for (section, key, _) in Self::builtin().iter() {
            none.set(section, key, false);
        }
        none
    }

    /// The rights of one section.
    fn section(&self, name: &str) -> Value {
        self.iter()
            .filter(|(section, ..)| *section == name)
            .map(|(_, key, right)| (key.to_owned(), right))
            .collect()
    }

    /// Reads a template an admin sends. All four sections are required; a missing key gets its value of
    /// [`Self::model_defaults`]; unknown keys and sections are dropped; 0, 1, `"yes"`, `"off"` and the like pass as
    /// booleans.
    ///
    /// # Errors
    /// [`DomainError::Fields`] with every path that does not fit, such as `["chat", "delete"]` or `["features"]`; the
    /// empty path when it is not an object at all.
    pub fn parse(template: &Value) -> Result<Self, DomainError> {
        if !template.is_object() {
            return Err(DomainError::Fields(vec![(Vec::new(), "must be an object".to_owned())]));
        }
        let mut problems = Vec::new();
        let permissions = Self {
            workspace: WorkspacePermissions::read(template, &mut problems),
            sharing: SharingPermissions::read(template, &mut problems),
            chat: ChatPermissions::read(template, &mut problems),
            features: FeaturesPermissions::read(template, &mut problems),
        };
        if problems.is_empty() { Ok(permissions) } else { Err(DomainError::Fields(problems)) }
    }

    /// The value of a right; `None` for one that is not known.
    #[must_use]
    pub fn get(&self, section: &str, key: &str) -> Option<bool> {
        match section {
            WorkspacePermissions::SECTION => self.workspace.get(key),
            SharingPermissions::SECTION => self.sharing.get(key),
            ChatPermissions::SECTION => self.chat.get(key),
            FeaturesPermissions::SECTION => self.features.get(key),
            _ => None,
        }
    }

    /// Sets a right and says whether it is known; an unknown one changes nothing.
    pub fn set(&mut self, section: &str, key: &str, value: bool) -> bool {
        let slot = match section {
            WorkspacePermissions::SECTION => self.workspace.slot(key),
            SharingPermissions::SECTION => self.sharing.slot(key),
            ChatPermissions::SECTION => self.chat.slot(key),
            FeaturesPermissions::SECTION => self.features.slot(key),
            _ => None,
        };
        slot.map(|slot| *slot = value).is_some()
    }

    /// Every right as (section, key, value), in the order of the fields.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let Self { workspace, sharing, chat, features } = self;
        workspace.entries().chain(sharing.entries()).chain(chat.entries()).chain(features.entries())
    }
}

impl Default for UserPermissions {
    /// [`UserPermissions::builtin`].
    fn default() -> Self {
        Self::builtin()
    }
}

impl<'de> Deserialize<'de> for UserPermissions {
    /// As [`UserPermissions::parse`].
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// The name of a known section or right as it is written in this program.
pub(super) fn known_name(text: &str) -> Option<&'static str> {
    const SECTIONS: [&str; 4] = [
        WorkspacePermissions::SECTION,
        SharingPermissions::SECTION,
        ChatPermissions::SECTION,
        FeaturesPermissions::SECTION,
    ];
    SECTIONS
        .into_iter()
        .find(|section| *section == text)
        .or_else(|| WorkspacePermissions::name(text))
        .or_else(|| SharingPermissions::name(text))
        .or_else(|| ChatPermissions::name(text))
        .or_else(|| FeaturesPermissions::name(text))
}

/// The environment variable that overrides a right's built-in value, named as in `Open WebUI`'s documentation. A right
/// that is not known gets the name the regular ones have, `USER_PERMISSIONS_<SECTION>_<KEY>`.
#[must_use]
pub fn env_name(section: &str, key: &str) -> String {
    let known = match section {
        WorkspacePermissions::SECTION => WorkspacePermissions::variable(key),
        SharingPermissions::SECTION => SharingPermissions::variable(key),
        ChatPermissions::SECTION => ChatPermissions::variable(key),
        FeaturesPermissions::SECTION => FeaturesPermissions::variable(key),
        _ => None,
    };
    known.map_or_else(
        || format!("USER_PERMISSIONS_{}_{}", section.to_ascii_uppercase(), key.to_ascii_uppercase()),
        str::to_owned,
    )
}

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

/// The template as it is stored, read for use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTemplate {
    /// The rights, known and unknown; a known one that is not stored is not in it.
    pub tree: PermissionTree,
    /// What is stored and cannot be read, as `section.key`, `section`, or empty for all of it. It counts as not given.
    pub unreadable: Vec<String>,
}

impl StoredTemplate {
    /// Reads the stored text, [leniently](lenient::read). Each known right is a switch: 0, 1, `"False"` and the like are
    /// what they mean, and one that cannot be read is not given. `null` is not stored; neither is a template that is JSON
    /// but no object.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let Some(value) = lenient::read(text).and_then(|raw| serde_json::from_str(raw.get()).ok()) else {
            let tree = PermissionTree::from(&UserPermissions::none());
            return Self { tree, unreadable: vec![String::new()] };
        };
        let Value::Object(mut entries) = value else {
            return Self { tree: PermissionTree::default(), unreadable: Vec::new() };
        };
        let mut unreadable = Vec::new();
        for (section, key, _) in UserPermissions::none().iter() {
            let Some(stored) = entries.get_mut(section).filter(|stored| !stored.is_null()) else { continue };
            if !stored.is_object() {
                unreadable.push(section.to_owned());
                *stored = UserPermissions::none().section(section);
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
    use super::*;
    use serde_json::json;

    fn paths(template: &Value) -> Vec<String> {
        match UserPermissions::parse(template) {
            Err(DomainError::Fields(problems)) => {
                problems.into_iter().map(|(path, _)| path.join("/")).collect()
            }
            other => panic!("{other:?}"),
        }
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
    fn a_missing_key_gets_the_model_default_and_unknown_ones_are_dropped() {
        let template = json!({"workspace": {"models": "yes"}, "sharing": {}, "chat": {"fly": "high"}, "features": {}, "zoo": 1});
        let mut expected = UserPermissions::model_defaults();
        expected.workspace.models = true;
        assert_eq!(UserPermissions::parse(&template).unwrap(), expected);
        assert_eq!(serde_json::from_value::<UserPermissions>(template).unwrap(), expected);
    }

    #[test]
    fn every_wrong_path_is_listed() {
        let template =
            json!({"workspace": {"models": 2}, "sharing": [], "chat": {"delete": "perhaps", "edit": null}});
        assert_eq!(paths(&template), ["workspace/models", "sharing", "chat/delete", "chat/edit", "features"]);
        assert_eq!(paths(&json!([])), [""]);
    }

    #[test]
    fn the_two_sets_of_defaults_differ_where_the_reference_does() {
        let model = UserPermissions::model_defaults();
        let differing: Vec<_> = UserPermissions::builtin()
            .iter()
            .filter(|(section, key, value)| model.get(section, key) != Some(*value))
            .map(|(section, key, _)| (section, key))
            .collect();
        assert_eq!(differing, [("sharing", "public_tools"), ("sharing", "public_notes")]);
    }

    #[test]
    fn each_right_can_be_set_and_read_by_name() {
        let mut permissions = UserPermissions::builtin();
        for (section, key, value) in UserPermissions::builtin().iter() {
            assert!(permissions.set(section, key, !value));
            assert_eq!(permissions.get(section, key), Some(!value));
        }
        assert_eq!(permissions.iter().count(), 47);
        for (section, key) in [("chat", "fly"), ("zoo", "delete"), ("", "")] {
            assert!(!permissions.set(section, key, true));
            assert_eq!(permissions.get(section, key), None);
        }
    }

    #[test]
    fn a_section_can_be_read_alone() {
        let features: FeaturesPermissions = serde_json::from_value(json!({"api_keys": true})).unwrap();
        assert!(features.api_keys && features.notes);
        let error = serde_json::from_value::<FeaturesPermissions>(json!({"notes": {}})).unwrap_err();
        assert!(error.to_string().contains("features.notes"), "{error}");
    }

    #[test]
    fn the_variables_are_those_of_open_webui() {
        for (section, key, name) in [
            ("workspace", "models", "USER_PERMISSIONS_WORKSPACE_MODELS_ACCESS"),
            ("workspace", "tools_import", "USER_PERMISSIONS_WORKSPACE_TOOLS_IMPORT"),
            ("sharing", "models", "USER_PERMISSIONS_WORKSPACE_MODELS_ALLOW_SHARING"),
            ("sharing", "public_models", "USER_PERMISSIONS_WORKSPACE_MODELS_ALLOW_PUBLIC_SHARING"),
            ("sharing", "notes", "USER_PERMISSIONS_NOTES_ALLOW_SHARING"),
            ("sharing", "public_notes", "USER_PERMISSIONS_NOTES_ALLOW_PUBLIC_SHARING"),
            ("chat", "system_prompt", "USER_PERMISSIONS_CHAT_SYSTEM_PROMPT"),
            ("features", "direct_tool_servers", "USER_PERMISSIONS_FEATURES_DIRECT_TOOL_SERVERS"),
            ("zoo", "fly", "USER_PERMISSIONS_ZOO_FLY"),
        ] {
            assert_eq!(env_name(section, key), name);
        }
        let mut names: Vec<String> =
            UserPermissions::builtin().iter().map(|(section, key, _)| env_name(section, key)).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 47, "each right has a variable of its own");
    }

    #[test]
    fn writing_the_template_keeps_whatever_is_not_known() {
        let stored = JsonText::from_stored(
            r#"{"zoo": {"n": 1.50}, "chat": {"web_upload": true, "delete": true}, "features": "odd"}"#
                .to_owned(),
        );
        let mut new = UserPermissions::model_defaults();
        new.chat.delete = false;
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
        let StoredTemplate { tree, unreadable } = StoredTemplate::read(stored);
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
        let StoredTemplate { tree, unreadable } = StoredTemplate::read(r#"{"chat":{"delete":fal"#);
        assert_eq!((tree, unreadable), (PermissionTree::from(&UserPermissions::none()), vec![String::new()]));
        for nothing in ["null", "[]", "7", "\"text\"", ""] {
            let read = StoredTemplate::read(nothing);
            assert!(read.tree.is_empty() && read.unreadable.is_empty(), "{nothing}");
        }
        assert!(StoredTemplate::read(r#""{\"chat\":{\"edit\":true}}""#).tree.allows("chat", "edit"));
    }
}
