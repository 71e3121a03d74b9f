//! The document: what a file can declare. What it leaves out stays as it is (rule D2).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::problem::Problem;
use super::rights::DeclaredRights;

/// A value with its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// The line, where the format tells it.
    pub line: Option<u64>,
    /// The place, such as `groups[2].parent`.
    pub path: String,
}

impl<T> At<T> {
    /// A value that comes from no file.
    pub(super) fn nowhere(value: T) -> Self {
        Self { value, line: None, path: String::new() }
    }

    /// What is wrong with it.
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.line, self.path.clone(), message)
    }
}

impl<T: Serialize> Serialize for At<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// A whole document. It is written as JSON in this order; see docs/DECLARE.md.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Roster {
    /// Rights of the default template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<DeclaredRights>,
    /// Stored settings by their names, such as `ENABLE_SIGNUP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<BTreeMap<String, At<Value>>>,
    /// Groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<DeclaredGroup>>,
}

/// A group. Its name says which one it is, or its id where there is one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeclaredGroup {
    /// The name.
    pub name: At<String>,
    /// The id: for a group that gets another name, and where several have one name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<At<String>>,
    /// What the group is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<At<String>>,
    /// Name or id of the group above it; empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<At<String>>,
    /// Members, by e-mail address or id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<At<String>>>,
    /// What members may do beyond the template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<DeclaredRights>,
}

impl DeclaredGroup {
    /// A group of which only the name is said.
    pub(super) fn named(name: At<String>) -> Self {
        Self { name, id: None, description: None, parent: None, members: None, permissions: None }
    }
}

impl Roster {
    /// Every text by which a member is named: what [`Accounts`](super::Accounts) have to be found for.
    pub fn member_texts(&self) -> impl Iterator<Item = &str> {
        let groups = self.groups.iter().flatten();
        groups.flat_map(|group| group.members.iter().flatten()).map(|member| member.value.as_str())
    }

    /// The names and ids of groups of which the document says who is a member.
    #[must_use]
    pub fn groups_with_members(&self) -> BTreeSet<&str> {
        let groups = self.groups.iter().flatten().filter(|group| group.members.is_some());
        let texts = groups.flat_map(|group| match &group.id {
            Some(id) => [id.value.as_str(), id.value.as_str()],
            None => [group.name.value.as_str(), group.name.value.trim()],
        });
        texts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys;
    use super::*;

    #[test]
    fn the_keys_that_are_read_are_those_that_are_written() {
        let text = || At::nowhere("x".to_owned());
        let group = DeclaredGroup {
            id: Some(text()),
            description: Some(text()),
            parent: Some(text()),
            members: Some(Vec::new()),
            permissions: Some(DeclaredRights::default()),
            ..DeclaredGroup::named(text())
        };
        let roster = Roster {
            permissions: Some(DeclaredRights::default()),
            settings: Some(BTreeMap::new()),
            groups: Some(vec![group]),
        };
        let written = serde_json::to_value(&roster).unwrap();
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&written), keys::DOCUMENT.map(|key| key.name));
        assert_eq!(names(&written["groups"][0]), keys::GROUP.map(|key| key.name));
    }
}
