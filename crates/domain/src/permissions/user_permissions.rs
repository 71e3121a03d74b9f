//! The known rights, each with its value, and their names.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use super::sections::{ChatPermissions, FeaturesPermissions, SharingPermissions, WorkspacePermissions};
use crate::error::DomainError;

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
    pub(super) fn section(&self, name: &str) -> Value {
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
}
