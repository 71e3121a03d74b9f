//! A value for each known right: the template, before any group grants more.

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::leniency::lenient_bool;
use super::right::{Right, Section};
use super::rights::{OPEN_WEBUI_0_6, Rights};
use crate::dialect::Dialect;
use crate::error::{DomainError, FieldProblem};

/// The known rights, with a value for each. The keys come in the order in which `Open WebUI` shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserPermissions {
    pub(super) rights: &'static Rights,
    /// A bit for each right, at its place in the table of all versions, the lowest first. Those of other versions are 0.
    pub(super) given: u128,
}

impl Rights {
    /// What counts on a server where nobody has stored a template or set a variable.
    #[must_use]
    pub fn builtin(&'static self) -> UserPermissions {
        self.none().map(|_section, right, _given| right.builtin)
    }

    /// What the keys get that an admin leaves out when storing a template. Not the same as [`Self::builtin`]: in 0.6
    /// `sharing.public_tools` and `sharing.public_notes` are true here.
    #[must_use]
    pub fn model_defaults(&'static self) -> UserPermissions {
        self.none().map(|_section, right, _given| right.left_out(self.dialect()))
    }

    /// No right at all.
    #[must_use]
    pub const fn none(&'static self) -> UserPermissions {
        UserPermissions { rights: self, given: 0 }
    }

    /// Reads a template an admin sends. All sections are required; a missing key gets its value of
    /// [`Self::model_defaults`]; unknown keys and sections are dropped; 0, 1, `"yes"`, `"off"` and the like pass as
    /// booleans.
    ///
    /// # Errors
    /// [`DomainError::Fields`] with every path that does not fit, such as `["chat", "delete"]` or `["features"]`; the
    /// empty path when it is not an object at all.
    pub fn parse(&'static self, template: &Value) -> Result<UserPermissions, DomainError> {
        if !template.is_object() {
            return Err(DomainError::Fields(vec![(Vec::new(), "must be an object".to_owned())]));
        }
        let mut permissions = self.model_defaults();
        let mut problems = Vec::new();
        for section in self.sections() {
            permissions.read_section(section.name, template.get(section.name), &mut problems);
        }
        if problems.is_empty() { Ok(permissions) } else { Err(DomainError::Fields(problems)) }
    }
}

impl UserPermissions {
    /// [`Rights::builtin`] of Open WebUI 0.6.
    #[must_use]
    pub fn builtin() -> Self {
        OPEN_WEBUI_0_6.builtin()
    }

    /// [`Rights::model_defaults`] of Open WebUI 0.6.
    #[must_use]
    pub fn model_defaults() -> Self {
        OPEN_WEBUI_0_6.model_defaults()
    }

    /// [`Rights::parse`] with the rights of Open WebUI 0.6.
    ///
    /// # Errors
    /// As there.
    pub fn parse(template: &Value) -> Result<Self, DomainError> {
        OPEN_WEBUI_0_6.parse(template)
    }

    /// The table of the rights.
    #[must_use]
    pub const fn rights(&self) -> &'static Rights {
        self.rights
    }

    /// These values for the rights of another table; what this one does not know is as built in there.
    #[must_use]
    pub fn in_terms_of(&self, rights: &'static Rights) -> Self {
        rights.builtin().map(|section, right, builtin| self.get(section, right.key).unwrap_or(builtin))
    }

    /// The value of a right; `None` for one that is not known.
    #[must_use]
    pub fn get(&self, section: &str, key: &str) -> Option<bool> {
        self.rights.position(section, key).map(|place| self.is_given(place))
    }

    /// Sets a right and says whether it is known; an unknown one changes nothing.
    pub fn set(&mut self, section: &str, key: &str, value: bool) -> bool {
        let Some(place) = self.rights.position(section, key) else { return false };
        self.put(place, value);
        true
    }

    /// The same rights, each with the value that `value` gives for its section, its row and the value it has here.
    #[must_use]
    pub fn map(&self, mut value: impl FnMut(&'static str, &'static Right, bool) -> bool) -> Self {
        let mut mapped = *self;
        for (place, section, right) in self.rights.places() {
            mapped.put(place, value(section, right, self.is_given(place)));
        }
        mapped
    }

    /// Every right as (section, key, value), in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        self.rights.places().map(|(place, section, right)| (section, right.key, self.is_given(place)))
    }

    /// As JSON text, the same as it is serialized. Written by hand, since it is an answer of its own for every page of a front
    /// end: a serializer looks into each name for what is to be escaped.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::with_capacity(2048);
        let mut before_section = '{';
        for (first, section) in self.rights.placed_sections() {
            json.push(before_section);
            json.push('"');
            json.push_str(section.name);
            json.push_str("\":");
            before_section = ',';
            let mut before_right = '{';
            for (place, right) in self.rights.places_in(first, section) {
                json.push(before_right);
                json.push('"');
                json.push_str(right.key);
                json.push_str(if self.is_given(place) { "\":true" } else { "\":false" });
                before_right = ',';
            }
            json.push('}');
        }
        json.push('}');
        json
    }

    /// The rights of one section.
    pub(super) fn section(&self, name: &str) -> Value {
        self.iter()
            .filter(|(section, ..)| *section == name)
            .map(|(_, key, given)| (key.to_owned(), given))
            .collect()
    }

    fn is_given(&self, place: usize) -> bool {
        self.given >> place & 1 == 1
    }

    fn put(&mut self, place: usize, value: bool) {
        self.given = self.given & !(1 << place) | u128::from(value) << place;
    }

    /// Sets what is sent of a section; whatever does not fit is added to `problems`.
    fn read_section(&mut self, section: &str, sent: Option<&Value>, problems: &mut Vec<FieldProblem>) {
        let keys = match sent {
            None => return problems.push((vec![section.to_owned()], "is required".to_owned())),
            Some(Value::Object(keys)) => keys,
            Some(_) => return problems.push((vec![section.to_owned()], "must be an object".to_owned())),
        };
        for (key, value) in keys {
            let Some(place) = self.rights.position(section, key) else { continue };
            match lenient_bool(value) {
                Some(given) => self.put(place, given),
                None => {
                    problems
                        .push((vec![section.to_owned(), key.clone()], "must be true or false".to_owned()));
                }
            }
        }
    }
}

impl Default for UserPermissions {
    /// [`UserPermissions::builtin`].
    fn default() -> Self {
        Self::builtin()
    }
}

impl Serialize for UserPermissions {
    /// An object with an object for each section.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sections = serializer.serialize_map(None)?;
        for (first, section) in self.rights.placed_sections() {
            sections.serialize_entry(section.name, &OfSection { of: self, section, first })?;
        }
        sections.end()
    }
}

/// The rights of one section, the first of which has this place.
struct OfSection<'a> {
    of: &'a UserPermissions,
    section: &'static Section,
    first: usize,
}

impl Serialize for OfSection<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { of, section, first } = self;
        let rights = of.rights.places_in(*first, section);
        serializer.collect_map(rights.map(|(place, right)| (right.key, of.is_given(place))))
    }
}

impl<'de> Deserialize<'de> for UserPermissions {
    /// As [`Rights::parse`], by the table whose sections are there: only the newest has `access_grants`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let template = Value::deserialize(deserializer)?;
        let newest = template.get("access_grants").is_some();
        let dialect = if newest { Dialect::V0_12 } else { Dialect::V0_6 };
        Rights::of(dialect).parse(&template).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::super::OPEN_WEBUI_0_12;
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
        assert!(expected.set("workspace", "models", true));
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
    fn the_text_is_what_is_serialized() {
        for rights in [&OPEN_WEBUI_0_6, &OPEN_WEBUI_0_12] {
            for permissions in [rights.builtin(), rights.none()] {
                assert_eq!(permissions.to_json(), serde_json::to_string(&permissions).unwrap());
            }
        }
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
        ] {
            let mut of_key = OPEN_WEBUI_0_6.iter().filter(|(of, right)| (*of, right.key) == (section, key));
            assert_eq!(of_key.next().map(|(_, right)| right.variable), Some(name));
        }
        let mut names: Vec<_> = OPEN_WEBUI_0_6.iter().map(|(_, right)| right.variable).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 47, "each right has a variable of its own");
    }
}
