//! From a file's values to the document. Everything that is wrong is told at once; what can be read is read, so that the rest is
//! judged, too.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{At, DeclaredGroup, Roster};
use super::keys::{self, Key};
use super::node::{Content, Entry, Node};
use super::problem::Problem;
use super::rights::{DeclaredRights, RightPath};
use crate::permissions::MAX_DEPTH;
use crate::text::nearest;

impl Roster {
    /// Reads a document, and tells everything that is wrong with its form (rule D3).
    #[must_use]
    pub fn read(root: &Node) -> (Self, Vec<Problem>) {
        let mut reader = Reader { problems: Vec::new() };
        let roster = reader.document(root);
        (roster, reader.problems)
    }
}

struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn fault(&mut self, line: Option<u64>, path: &str, message: impl Into<String>) {
        self.problems.push(Problem::new(line, path, message));
    }

    fn wrong_kind(&mut self, node: &Node, path: &str, wanted: &str) {
        self.fault(node.line, path, format!("{wanted} is needed, not {}", node.kind()));
    }

    fn document(&mut self, root: &Node) -> Roster {
        let mut roster = Roster::default();
        // An empty YAML file is null.
        if matches!(root.content, Content::Null) {
            return roster;
        }
        let Some(entries) = self.table(root, "") else { return roster };
        for Entry { key, line, value } in entries {
            match key.as_str() {
                "permissions" => {
                    roster.permissions =
                        self.rights(value, key, 2).filter(|rights| self.has_two_names(rights));
                }
                "settings" => roster.settings = self.settings(value, key),
                "groups" => roster.groups = self.groups(value, key),
                keys::SCHEMA => {}
                _ => self.unknown(*line, "", key, &keys::DOCUMENT),
            }
        }
        roster
    }

    fn table<'n>(&mut self, node: &'n Node, path: &str) -> Option<&'n [Entry]> {
        if let Content::Table(entries) = &node.content {
            return Some(entries);
        }
        self.wrong_kind(node, path, "a table");
        None
    }

    fn list<'n>(&mut self, node: &'n Node, path: &str) -> Option<&'n [Node]> {
        if let Content::List(nodes) = &node.content {
            return Some(nodes);
        }
        self.wrong_kind(node, path, "a list");
        None
    }

    /// A text without U+0000, which no database takes.
    fn text(&mut self, node: &Node, path: &str) -> Option<At<String>> {
        match &node.content {
            Content::Text(text) if !text.contains('\0') => {
                Some(At { value: text.clone(), line: node.line, path: path.to_owned() })
            }
            Content::Text(_) => {
                self.fault(node.line, path, "must not contain the NUL character");
                None
            }
            _ => {
                self.wrong_kind(node, path, "a text");
                None
            }
        }
    }

    /// Says what an unknown key may have meant.
    fn unknown(&mut self, line: Option<u64>, path: &str, key: &str, known: &[Key]) {
        let elsewhere = keys::ELSEWHERE.iter().find(|(name, _)| *name == key);
        let near = nearest(key, known.iter().map(|key| (key.name, key.name)));
        let advice = match (elsewhere, near) {
            (Some((_, advice)), _) => (*advice).to_owned(),
            (None, Some(near)) => format!("the nearest key is {near}"),
            (None, None) => {
                let names: Vec<_> = known.iter().map(|key| key.name).collect();
                format!("the keys here are {}", names.join(", "))
            }
        };
        self.fault(line, &joined(path, key), format!("there is no such key; {advice}"));
    }

    fn settings(&mut self, node: &Node, path: &str) -> Option<BTreeMap<String, At<serde_json::Value>>> {
        let mut settings = BTreeMap::new();
        for Entry { key, value, .. } in self.table(node, path)? {
            let path = joined(path, key);
            match value.to_value(&path) {
                Ok(json) => {
                    settings.insert(key.clone(), At { value: json, line: value.line, path });
                }
                Err(problem) => self.problems.push(problem),
            }
        }
        Some(settings)
    }

    fn groups(&mut self, node: &Node, path: &str) -> Option<Vec<DeclaredGroup>> {
        let nodes = self.list(node, path)?.iter().enumerate();
        Some(nodes.filter_map(|(index, node)| self.group(node, &format!("{path}[{index}]"))).collect())
    }

    fn group(&mut self, node: &Node, path: &str) -> Option<DeclaredGroup> {
        let entries = self.table(node, path)?;
        let name = entries.iter().find(|entry| entry.key == "name");
        if name.is_none() {
            self.fault(node.line, path, "a group needs a name");
        }
        let name = name.and_then(|entry| self.text(&entry.value, &joined(path, "name")));
        // Without a name the rest is judged all the same.
        let unnamed = || At { value: String::new(), line: node.line, path: path.to_owned() };
        let is_named = name.is_some();
        let mut group = DeclaredGroup::named(name.unwrap_or_else(unnamed));
        for Entry { key, line, value } in entries {
            let inner = joined(path, key);
            match key.as_str() {
                "name" => {}
                "id" => group.id = self.text(value, &inner).filter(|id| self.is_id(id)),
                "description" => group.description = self.text(value, &inner),
                "parent" => group.parent = self.parent(value, &inner),
                "members" => group.members = self.members(value, &inner),
                "permissions" => group.permissions = self.rights(value, &inner, MAX_DEPTH),
                _ => self.unknown(*line, path, key, &keys::GROUP),
            }
        }
        is_named.then_some(group)
    }

    fn is_id(&mut self, id: &At<String>) -> bool {
        let fits = crate::ids::GroupId::parse(&id.value).is_ok();
        if !fits {
            self.problems.push(id.problem("an id has 1 to 255 characters; leave it out for a new group"));
        }
        fits
    }

    /// The group above; null is none, like the empty text.
    fn parent(&mut self, node: &Node, path: &str) -> Option<At<String>> {
        if matches!(node.content, Content::Null) {
            return Some(At { value: String::new(), line: node.line, path: path.to_owned() });
        }
        self.text(node, path)
    }

    fn members(&mut self, node: &Node, path: &str) -> Option<Vec<At<String>>> {
        let mut seen = BTreeSet::new();
        let mut members = Vec::new();
        for (index, node) in self.list(node, path)?.iter().enumerate() {
            let Some(member) = self.text(node, &format!("{path}[{index}]")) else { continue };
            if seen.insert(member.value.clone()) {
                members.push(member);
            } else {
                self.problems.push(member.problem(format!("{} is named twice; remove one", member.value)));
            }
        }
        Some(members)
    }

    fn rights(&mut self, node: &Node, path: &str, depth: usize) -> Option<DeclaredRights> {
        let entries = self.table(node, path)?;
        let mut rights = DeclaredRights::default();
        self.add_rights(entries, path, &RightPath::new(&[]), depth, &mut rights);
        Some(rights)
    }

    fn add_rights(
        &mut self,
        entries: &[Entry],
        path: &str,
        above: &RightPath,
        depth: usize,
        rights: &mut DeclaredRights,
    ) {
        for Entry { key, value, .. } in entries {
            let (path, right) = (joined(path, key), above.then(key));
            match &value.content {
                Content::Switch(on) => {
                    rights.0.insert(right, At { value: *on, line: value.line, path });
                }
                Content::Table(_) if right.names().len() >= depth => {
                    self.fault(value.line, &path, format!("rights are at most {depth} names deep here"));
                }
                Content::Table(inner) => self.add_rights(inner, &path, &right, depth, rights),
                _ => self.wrong_kind(value, &path, "true or false"),
            }
        }
    }

    /// Whether all rights of the template have a section and a key.
    fn has_two_names(&mut self, rights: &DeclaredRights) -> bool {
        let odd: Vec<_> = rights
            .0
            .iter()
            .filter(|(right, _)| right.section_and_key().is_none())
            .map(|(_, on)| on)
            .collect();
        for on in &odd {
            self.problems.push(on.problem("a right has a section and a key, such as features.notes"));
        }
        odd.is_empty()
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: Value) -> (Roster, Vec<String>) {
        let (roster, problems) = Roster::read(&Node::of(value));
        (roster, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_document_is_read_and_written_the_same() {
        let document = json!({
            "permissions": { "features": { "notes": true } },
            "settings": { "ENABLE_SIGNUP": false },
            "groups": [{
                "name": "Ops", "id": "g-1", "description": "", "parent": "", "members": ["ada@example.com"],
                "permissions": { "chat": { "delete": false } },
            }],
        });
        let (roster, problems) = read(document.clone());
        assert_eq!(problems, [""; 0]);
        assert_eq!(serde_json::to_string(&roster).unwrap(), document.to_string());
        for nothing in [json!(null), json!({}), json!({ "$schema": "roster.schema.json" })] {
            assert_eq!(read(nothing), (Roster::default(), Vec::new()));
        }
    }

    #[test]
    fn d3_everything_that_is_wrong_is_told_at_once() {
        let (_, problems) = read(json!({
            "user": [],
            "users": [],
            "permissions": { "features": { "notes": "yes", "deep": { "er": true } }, "chat": true },
            "settings": [],
            "groups": [
                { "nmae": "Ops", "members": "ada" },
                { "name": 7, "id": "", "permissions": { "chat": null } },
                { "name": "Dev", "members": ["a@b.c", "a@b.c", 1], "parent": false, "zoo": 1 },
                "Ops",
            ],
        }));
        let wanted = [
            "user: there is no such key; the keys here are permissions, settings, groups",
            "users: there is no such key; this file never makes or changes accounts; use `rosterd user` or `rosterd import`",
            "permissions.features.notes: true or false is needed, not a text",
            "permissions.features.deep: rights are at most 2 names deep here",
            "permissions.chat: a right has a section and a key, such as features.notes",
            "settings: a table is needed, not a list",
            "groups[0]: a group needs a name",
            "groups[0].nmae: there is no such key; the nearest key is name",
            "groups[0].members: a list is needed, not a text",
            "groups[1].name: a text is needed, not a number",
            "groups[1].id: an id has 1 to 255 characters; leave it out for a new group",
            "groups[1].permissions.chat: true or false is needed, not null",
            "groups[2].members[1]: a@b.c is named twice; remove one",
            "groups[2].members[2]: a text is needed, not a number",
            "groups[2].parent: a text is needed, not true or false",
            "groups[2].zoo: there is no such key; the keys here are name, id, description, parent, members, permissions",
            "groups[3]: a table is needed, not a text",
        ];
        assert_eq!(problems, wanted);
        assert_eq!(read(json!([])).1, ["a table is needed, not a list"]);
    }

    #[test]
    fn null_is_no_parent() {
        let (roster, _) = read(json!({ "groups": [{ "name": "Ops", "parent": null }] }));
        assert_eq!(roster.groups.unwrap()[0].parent.as_ref().unwrap().value, "");
    }
}
