//! Permissions as a list of rights, each with the path that leads to it.
//!
//! Two trees give the same when they have the same list: empty sections, and what is no boolean, give nothing.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::document::At;
use crate::json::{JsonText, Unreadable};
use crate::permissions::{MAX_DEPTH, Node as Branch, OPEN_WEBUI_0_12, PermissionTree};

/// The names that lead to a right: section and key, or more in a group's permissions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RightPath(Vec<String>);

impl RightPath {
    /// The path of these names.
    #[must_use]
    pub fn new(names: &[&str]) -> Self {
        Self(names.iter().map(|name| (*name).to_owned()).collect())
    }

    /// The same path with one more name.
    #[must_use]
    pub fn then(&self, name: &str) -> Self {
        Self(self.0.iter().cloned().chain([name.to_owned()]).collect())
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Section and key, if that is all.
    #[must_use]
    pub fn section_and_key(&self) -> Option<(&str, &str)> {
        match self.0.as_slice() {
            [section, key] => Some((section, key)),
            _ => None,
        }
    }

    /// Whether the right is one that this server knows.
    pub(super) fn is_known(&self) -> bool {
        self.section_and_key()
            .is_some_and(|(section, key)| OPEN_WEBUI_0_12.builtin().get(section, key).is_some())
    }

    /// Whether one of the two leads through the other: then they cannot both be rights.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        self != other && (self.0.starts_with(&other.0) || other.0.starts_with(&self.0))
    }
}

impl fmt::Display for RightPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

impl Serialize for RightPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Rights with their values.
pub type FlatRights = BTreeMap<RightPath, bool>;

/// The rights of a tree. What lies deeper than a right may, which only somebody else can have written, is left alone.
#[must_use]
pub fn flat(tree: &PermissionTree) -> FlatRights {
    fn collect(tree: &PermissionTree, path: &RightPath, rights: &mut FlatRights) {
        for (name, branch) in tree.iter() {
            let path = path.then(name);
            if path.0.len() > MAX_DEPTH {
                continue;
            }
            match branch {
                Branch::Flag(on) => {
                    rights.insert(path, *on);
                }
                Branch::Section(inner) => collect(inner, &path, rights),
            }
        }
    }
    let mut rights = FlatRights::new();
    collect(tree, &RightPath(Vec::new()), &mut rights);
    rights
}

/// Rights as a file has them: nested tables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeclaredRights(pub BTreeMap<RightPath, At<bool>>);

impl DeclaredRights {
    /// Rights that come from no file.
    pub(super) fn of(rights: FlatRights) -> Self {
        Self(rights.into_iter().map(|(path, on)| (path, At::nowhere(on))).collect())
    }
}

impl Serialize for DeclaredRights {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut root = Map::new();
        for (path, on) in &self.0 {
            put(&mut root, path.names(), Some(on.value));
        }
        root.serialize(serializer)
    }
}

/// A right that changes: what it was and what it becomes; `None` where it is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RightChange {
    /// Which.
    pub right: RightPath,
    /// As it is stored.
    pub before: Option<bool>,
    /// As it is to be.
    pub after: Option<bool>,
}

/// The stored permissions of a group with these changes. Whatever is no boolean in them stays.
///
/// # Errors
/// [`Unreadable`] where what is stored cannot be read as a whole: nothing may be written over it.
pub fn with_changes(stored: Option<&JsonText>, changes: &[RightChange]) -> Result<JsonText, Unreadable> {
    let mut root = match stored.map(JsonText::value_for_change).transpose()? {
        Some(Value::Object(entries)) => entries,
        _ => Map::new(),
    };
    // What is removed goes first: a flag may make room for a section of its name.
    let (gone, set): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.after.is_none());
    for change in gone.into_iter().chain(set) {
        put(&mut root, change.right.names(), change.after);
    }
    Ok(JsonText::from_stored(Value::Object(root).to_string()))
}

/// Puts a flag at the end of a path, or removes what is there, and the sections that are empty then.
fn put(section: &mut Map<String, Value>, path: &[String], on: Option<bool>) {
    let Some((name, rest)) = path.split_first() else { return };
    match (rest.is_empty(), on) {
        (true, Some(on)) => {
            section.insert(name.clone(), Value::Bool(on));
        }
        (true, None) => {
            section.shift_remove(name);
        }
        (false, Some(_)) => {
            let inner = section.entry(name.clone()).or_insert(Value::Null);
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            if let Value::Object(inner) = inner {
                put(inner, rest, on);
            }
        }
        (false, None) => {
            if let Some(Value::Object(inner)) = section.get_mut(name) {
                put(inner, rest, None);
                if inner.is_empty() {
                    section.shift_remove(name);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: &[&str], after: Option<bool>) -> RightChange {
        RightChange { right: RightPath::new(path), before: None, after }
    }

    fn changed(stored: &str, changes: &[RightChange]) -> String {
        with_changes(Some(&JsonText::from_stored(stored.to_owned())), changes).unwrap().into_string()
    }

    #[test]
    fn rights_are_set_and_removed_and_the_rest_stays() {
        let stored = r#"{"chat":{"delete":true,"rate":1.5},"zoo":{"fly":true}}"#;
        let changes = [
            change(&["chat", "delete"], Some(false)),
            change(&["zoo", "fly"], None),
            change(&["a", "b"], Some(true)),
        ];
        assert_eq!(changed(stored, &changes), r#"{"chat":{"delete":false,"rate":1.5},"a":{"b":true}}"#);
        assert_eq!(changed("null", &[change(&["a", "b"], Some(true))]), r#"{"a":{"b":true}}"#);
        assert_eq!(with_changes(None, &[]).unwrap().as_str(), "{}");
        // What stands in the place of a section is none; with a right in it, it is.
        assert_eq!(changed(r#"{"chat":7,"x":7}"#, &changes[..1]), r#"{"chat":{"delete":false},"x":7}"#);
        assert_eq!(changed(r#"{"x":7}"#, &[change(&["none", "such"], None)]), r#"{"x":7}"#);
    }

    #[test]
    fn what_cannot_be_read_as_a_whole_is_not_written_over() {
        let deep = format!("{}true{}", r#"{"a":"#.repeat(200), "}".repeat(200));
        for stored in [r#"{"chat":{"delete":tru"#, r#"{"a":"\ud800"}"#, r#"{"\ud800":true}"#, &deep] {
            let text = JsonText::from_stored(stored.to_owned());
            assert_eq!(with_changes(Some(&text), &[change(&["a", "b"], Some(true))]), Err(Unreadable));
        }
    }

    #[test]
    fn a_flag_makes_room_for_a_section_of_its_name() {
        let changes = [change(&["chat", "delete"], Some(true)), change(&["chat"], None)];
        assert_eq!(changed(r#"{"chat":true}"#, &changes), r#"{"chat":{"delete":true}}"#);
        assert!(RightPath::new(&["chat"]).excludes(&RightPath::new(&["chat", "delete"])));
        assert!(!RightPath::new(&["chat"]).excludes(&RightPath::new(&["chat"])));
        assert!(!RightPath::new(&["chat", "x"]).excludes(&RightPath::new(&["chat", "y"])));
    }

    #[test]
    fn a_tree_and_its_rights_are_the_same() {
        let tree = PermissionTree::from_json(r#"{"b":{"x":true,"y":{"z":false}},"a":{},"c":true}"#);
        let rights = flat(&tree);
        let listed: Vec<_> = rights.iter().map(|(path, on)| format!("{path}={on}")).collect();
        assert_eq!(listed, ["b.x=true", "b.y.z=false", "c=true"]);
        let written = serde_json::to_string(&DeclaredRights::of(rights)).unwrap();
        assert_eq!(written, r#"{"b":{"x":true,"y":{"z":false}},"c":true}"#);
    }

    #[test]
    fn only_a_section_and_a_key_are_known() {
        assert!(RightPath::new(&["features", "notes"]).is_known());
        for path in [&["features"][..], &["features", "fly"], &["features", "notes", "x"]] {
            assert!(!RightPath::new(path).is_known(), "{path:?}");
        }
    }
}
