//! Nested maps of booleans: the permissions of a group, and a template with rights that this server does not know.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::UserPermissions;
use super::rights::OPEN_WEBUI_0_12;
use crate::error::{DomainError, FieldProblem};
use crate::json::{is_same, lenient};

/// How deep a group's permissions may be nested when they are written; `{"chat": {"delete": true}}` is 2 deep.
pub const MAX_DEPTH: usize = 8;

/// One entry of a [`PermissionTree`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A right, given or not.
    Flag(bool),
    /// A section with entries of its own.
    Section(PermissionTree),
}

/// A nested map of booleans whose keys keep their order. Two trees are equal when they hold the same entries, in
/// whatever order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PermissionTree(IndexMap<Key, Node>);

/// The name of a section or right. Known ones are borrowed: trees are copied for every request that asks for rights, and
/// a copy of a borrowed name needs no memory of its own.
type Key = Cow<'static, str>;

fn key_of(name: String) -> Key {
    OPEN_WEBUI_0_12.known_name(&name).map_or(Cow::Owned(name), Cow::Borrowed)
}

impl PermissionTree {
    /// Reads permissions as they are stored, [leniently](lenient::read). Total: `null`, anything that is no object and
    /// anything that cannot be read give the empty tree, and entries that are neither boolean nor object are left out. A
    /// group with odd permissions grants what can be read in them.
    #[must_use]
    pub fn from_json(json: &str) -> Self {
        let value = lenient::read(json).and_then(|raw| serde_json::from_str(raw.get()).ok());
        match value {
            Some(Value::Object(entries)) => Self::from_entries(entries),
            _ => Self::default(),
        }
    }

    pub(super) fn from_entries(entries: serde_json::Map<String, Value>) -> Self {
        let nodes = entries.into_iter().filter_map(|(key, value)| match value {
            Value::Bool(flag) => Some((key_of(key), Node::Flag(flag))),
            Value::Object(inner) => Some((key_of(key), Node::Section(Self::from_entries(inner)))),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
        });
        Self(nodes.collect())
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.0.iter().map(|(key, node)| (key.as_ref(), node))
    }

    /// The entry at `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.0.get(key)
    }

    /// Adds what `other` grants: of two flags, true wins; sections are united entry by entry; entries only one of
    /// them has are kept, known or not. Where one has a flag and the other a section, the section stays.
    ///
    /// The order of the groups cannot matter: the union is commutative, associative and idempotent.
    pub fn union(&mut self, other: &Self) {
        for (key, theirs) in &other.0 {
            match (self.0.get_mut(key), theirs) {
                (None, _) => {
                    self.0.insert(key.clone(), theirs.clone());
                }
                (Some(Node::Flag(ours)), Node::Flag(theirs)) => *ours |= theirs,
                (Some(Node::Section(ours)), Node::Section(theirs)) => ours.union(theirs),
                (Some(ours @ Node::Flag(_)), Node::Section(_)) => *ours = theirs.clone(),
                (Some(Node::Section(_)), Node::Flag(_)) => {}
            }
        }
    }

    /// Adds every known right that is missing, with its value in `defaults`; what is there stays. Afterwards the
    /// known sections and rights come first, in their usual order.
    pub fn fill(&mut self, defaults: &UserPermissions) {
        // The usual case, and every request's: a template that is whole, with groups that add nothing before it.
        if self.begins_with_known(defaults) {
            return;
        }
        let mut filled = Self::default();
        for (section, key, default) in defaults.iter() {
            let ours = match self.0.get_mut(section) {
                Some(Node::Section(ours)) => ours.0.shift_remove(key),
                Some(Node::Flag(_)) | None => None,
            };
            let known =
                filled.0.entry(Cow::Borrowed(section)).or_insert_with(|| Node::Section(Self::default()));
            if let Node::Section(known) = known {
                known.0.insert(Cow::Borrowed(key), ours.unwrap_or(Node::Flag(default)));
            }
        }
        // What is left here is unknown, apart from flags where a section belongs: there the section stays.
        filled.union(self);
        *self = filled;
    }

    /// Whether all known sections and rights are there, first and in their usual order.
    fn begins_with_known(&self, defaults: &UserPermissions) -> bool {
        let mut sections = self.0.iter();
        let mut current: Option<(&str, indexmap::map::Iter<'_, Key, Node>)> = None;
        defaults.iter().all(|(section, key, _)| {
            if current.as_ref().is_none_or(|(name, _)| *name != section) {
                let Some((name, Node::Section(entries))) = sections.next() else { return false };
                current = Some((name.as_ref(), entries.0.iter()));
            }
            current.as_mut().is_some_and(|(name, entries)| {
                *name == section && entries.next().is_some_and(|(known, _)| known == key)
            })
        })
    }

    /// Whether the right is given. A right that is missing, or is a section, is not.
    #[must_use]
    pub fn allows(&self, section: &str, key: &str) -> bool {
        match self.0.get(section) {
            Some(Node::Section(entries)) => matches!(entries.0.get(key), Some(Node::Flag(true))),
            Some(Node::Flag(_)) | None => false,
        }
    }

    /// The tree as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_value().to_string()
    }

    /// Checks permissions somebody wants to give a group: `null`, or nested objects of booleans, at most
    /// [`MAX_DEPTH`] deep. Unknown keys are fine.
    ///
    /// # Errors
    /// [`DomainError::Fields`] with every path that does not fit, relative to the permissions; the empty path when
    /// the whole is neither `null` nor an object.
    pub fn validate(permissions: &Value) -> Result<(), DomainError> {
        Self::validate_changes(permissions, &Value::Null)
    }

    /// The same for a group that has permissions already, as they are shown: what stands where it stood before is not
    /// judged, whatever it is.
    ///
    /// # Errors
    /// As [`Self::validate`].
    pub fn validate_changes(permissions: &Value, stored: &Value) -> Result<(), DomainError> {
        let mut problems = Vec::new();
        match permissions {
            Value::Null => {}
            same if is_same(same, stored) => {}
            Value::Object(entries) => {
                check_entries(entries, stored.as_object(), &mut Vec::new(), &mut problems);
            }
            _ => problems.push((Vec::new(), "must be an object or null".to_owned())),
        }
        if problems.is_empty() { Ok(()) } else { Err(DomainError::Fields(problems)) }
    }

    fn to_value(&self) -> Value {
        let entries = self.0.iter().map(|(key, node)| {
            let value = match node {
                Node::Flag(flag) => Value::Bool(*flag),
                Node::Section(inner) => inner.to_value(),
            };
            (key.clone().into_owned(), value)
        });
        Value::Object(entries.collect())
    }
}

impl From<&UserPermissions> for PermissionTree {
    fn from(permissions: &UserPermissions) -> Self {
        let mut tree = Self::default();
        tree.fill(permissions);
        tree
    }
}

impl<'de> Deserialize<'de> for PermissionTree {
    /// As [`PermissionTree::from_json`], but anything that is no object is an error.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Map::deserialize(deserializer).map(Self::from_entries)
    }
}

impl Serialize for PermissionTree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.0)
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Section(entries) => entries.serialize(serializer),
        }
    }
}

/// `path` leads to `entries` and is as before afterwards.
fn check_entries(
    entries: &serde_json::Map<String, Value>,
    stored: Option<&serde_json::Map<String, Value>>,
    path: &mut Vec<String>,
    problems: &mut Vec<FieldProblem>,
) {
    for (key, value) in entries {
        let before = stored.and_then(|stored| stored.get(key));
        path.push(key.clone());
        match value {
            Value::Bool(_) => {}
            same if before.is_some_and(|before| is_same(same, before)) => {}
            Value::Object(_) if path.len() >= MAX_DEPTH => {
                problems.push((path.clone(), format!("must not be nested more than {MAX_DEPTH} deep")));
            }
            Value::Object(inner) => {
                check_entries(inner, before.and_then(Value::as_object), path, problems);
            }
            _ => problems.push((path.clone(), "must be true, false or an object".to_owned())),
        }
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tree(json: &str) -> PermissionTree {
        PermissionTree::from_json(json)
    }

    fn united(a: &str, b: &str) -> String {
        let mut union = tree(a);
        union.union(&tree(b));
        union.to_json()
    }

    #[test]
    fn reading_is_total() {
        for json in ["null", "[]", "7", "garbage", "", "{\"chat\": NaN}"] {
            assert!(tree(json).is_empty(), "{json}");
        }
        let limited = r#"{"workspace":{"tools":true},"limits":{"rate":Infinity}}"#;
        assert_eq!(tree(limited).to_json(), r#"{"workspace":{"tools":true},"limits":{}}"#);
        assert!(tree(r#""{\"chat\":{\"edit\":true}}""#).allows("chat", "edit"));
        let odd = r#"{"a":1,"b":{"c":"true","d":true,"e":null,"f":[true]},"g":false}"#;
        assert_eq!(tree(odd).to_json(), r#"{"b":{"d":true},"g":false}"#);
        assert!(tree(&("{\"a\":".repeat(1000) + "true" + &"}".repeat(1000))).is_empty());
    }

    #[test]
    fn union_true_wins_and_unknown_is_kept() {
        assert_eq!(
            united(r#"{"chat":{"delete":false}}"#, r#"{"chat":{"delete":true}}"#),
            r#"{"chat":{"delete":true}}"#
        );
        assert_eq!(
            united(r#"{"chat":{"delete":true}}"#, r#"{"chat":{"delete":false}}"#),
            r#"{"chat":{"delete":true}}"#
        );
        assert_eq!(
            united(r#"{"chat":{"delete":false}}"#, r#"{"zoo":{"fly":{"high":true}},"chat":{"sing":true}}"#),
            r#"{"chat":{"delete":false,"sing":true},"zoo":{"fly":{"high":true}}}"#
        );
    }

    #[test]
    fn union_of_a_flag_and_a_section_is_the_section() {
        let (flag, section) = (r#"{"chat":true}"#, r#"{"chat":{"delete":true}}"#);
        assert_eq!(united(flag, section), section);
        assert_eq!(united(section, flag), section);
    }

    #[test]
    fn filling_adds_what_is_missing_and_keeps_the_rest() {
        let mut filled = tree(r#"{"zoo":{"fly":true},"chat":{"sing":true,"delete":false},"features":true}"#);
        filled.fill(&UserPermissions::builtin());
        assert!(filled.allows("zoo", "fly") && filled.allows("chat", "sing"));
        assert!(!filled.allows("chat", "delete"), "what is there stays");
        assert!(filled.allows("chat", "edit"), "what is missing is filled in");
        assert!(filled.allows("features", "notes"), "a flag is no section");
        let json = filled.to_json();
        assert!(json.starts_with(r#"{"workspace":{"models":false,"#), "{json}");
        assert!(json.ends_with(r#""zoo":{"fly":true}}"#), "{json}");
    }

    #[test]
    fn only_a_true_flag_allows() {
        let tree = tree(r#"{"a":{"yes":true,"no":false,"deep":{"x":true}},"flag":true}"#);
        assert!(tree.allows("a", "yes"));
        for (section, key) in [("a", "no"), ("a", "deep"), ("a", "none"), ("flag", "x"), ("none", "x")] {
            assert!(!tree.allows(section, key), "{section}.{key}");
        }
        assert_eq!(tree.get("flag"), Some(&Node::Flag(true)));
    }

    #[test]
    fn group_permissions_are_null_or_nested_booleans() {
        for fine in [json!(null), json!({}), json!({"a": true}), json!({"a": {"b": {"c": false}}})] {
            assert_eq!(PermissionTree::validate(&fine), Ok(()), "{fine}");
        }
    }

    #[test]
    fn what_stood_there_before_is_not_judged() {
        let stored = json!({"workspace": {"tools": null, "models": 1}, "limits": {"rate": 10.0}, "l": []});
        for fine in [
            stored.clone(),
            json!({"workspace": {"models": 1, "tools": null}, "limits": {"rate": 10}, "l": []}),
            json!({"workspace": {"tools": true, "models": 1}, "limits": {"rate": 10}}),
            json!({"workspace": {"tools": null, "knowledge": true}}),
        ] {
            assert_eq!(PermissionTree::validate_changes(&fine, &stored), Ok(()), "{fine}");
        }
        for wrong in
            [json!({"limits": {"rate": 11}}), json!({"l": [1]}), json!({"workspace": null}), json!([])]
        {
            assert!(PermissionTree::validate_changes(&wrong, &stored).is_err(), "{wrong}");
        }
        assert_eq!(PermissionTree::validate_changes(&json!([]), &json!([])), Ok(()));
    }

    #[test]
    fn every_wrong_path_is_listed() {
        let wrong = json!({"chat": {"delete": 1, "edit": true, "x": {"y": null}}, "zoo": "yes", "l": []});
        let Err(DomainError::Fields(problems)) = PermissionTree::validate(&wrong) else {
            panic!("it passed")
        };
        let paths: Vec<String> = problems.iter().map(|(path, _)| path.join("/")).collect();
        assert_eq!(paths, ["chat/delete", "chat/x/y", "zoo", "l"]);
        let Err(DomainError::Fields(problems)) = PermissionTree::validate(&json!([])) else {
            panic!("it passed")
        };
        assert_eq!(problems.len(), 1);
        assert!(problems[0].0.is_empty());
    }

    #[test]
    fn nesting_has_a_bound() {
        let nested = |depth: usize| {
            let mut value = json!(true);
            for _ in 0..depth {
                value = json!({ "a": value });
            }
            PermissionTree::validate(&value)
        };
        assert_eq!(nested(MAX_DEPTH), Ok(()));
        assert!(nested(MAX_DEPTH + 1).is_err());
    }
}
