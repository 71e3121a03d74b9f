//! The way back: a document that says what is stored (rule D6). Made into a file and applied to the same database, it changes
//! nothing.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::{At, DeclaredGroup, Roster};
use super::rights::{DeclaredRights, FlatRights, flat};
use super::stored::{Accounts, StoredGroup, StoredRoster};
use crate::permissions::PermissionTree;
use crate::stored_config::Key;

impl Roster {
    /// What is stored, as a document: groups by name, members by e-mail address, everything in an order that does not change.
    /// `accounts` says whom each e-mail address means; who is not meant by it is named by id.
    ///
    /// Settings are those that are stored, but for the policy of the second factor, which only Open WebUI changes (rule M24).
    #[must_use]
    pub fn of(stored: &StoredRoster, accounts: &Accounts) -> Self {
        let names = Names::of(stored);
        let mut groups: Vec<&StoredGroup> = stored.groups.iter().collect();
        groups.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        let groups = groups.into_iter().map(|group| declared(stored, &names, accounts, group));
        Self {
            permissions: stored.template.as_ref().map(|rights| {
                let two = rights.iter().filter(|(right, _)| right.section_and_key().is_some());
                DeclaredRights::of(two.map(|(right, on)| (right.clone(), *on)).collect::<FlatRights>())
            }),
            settings: stored.settings.as_ref().map(|settings| {
                let shown = settings.iter().filter(|(key, setting)| {
                    setting.is_stored && !setting.is_unreadable && !key.is_factor_policy()
                });
                let value = |key: Key, held: &Value| match (key, held.as_str()) {
                    (Key::DefaultGroupId, Some(id)) => names.of_id(id).unwrap_or(id).into(),
                    _ => held.clone(),
                };
                let values = shown
                    .map(|(key, setting)| (key.wire().to_owned(), At::nowhere(value(*key, &setting.held))));
                values.collect()
            }),
            groups: Some(groups.collect()),
        }
    }
}

fn declared(
    stored: &StoredRoster,
    names: &Names<'_>,
    accounts: &Accounts,
    group: &StoredGroup,
) -> DeclaredGroup {
    let parent = group.parent.as_ref().and_then(|parent| names.of_id(parent.as_str()));
    let members = group.members.iter().map(|(id, email)| match accounts.find(email) {
        Some(found) if found == id => email.clone(),
        _ => id.as_str().to_owned(),
    });
    let mut members: Vec<String> = members.collect();
    members.sort();
    let tree = group.permissions.as_ref().map(|text| PermissionTree::from_json(text.as_str()));
    DeclaredGroup {
        name: At::nowhere(group.name.clone()),
        id: names.needs_id(&group.name).then(|| At::nowhere(group.id.as_str().to_owned())),
        description: Some(At::nowhere(group.description.clone())),
        parent: stored.has_tree.then(|| At::nowhere(parent.unwrap_or_default().to_owned())),
        members: Some(members.into_iter().map(At::nowhere).collect()),
        permissions: Some(DeclaredRights::of(tree.as_ref().map(flat).unwrap_or_default())),
    }
}

/// How groups are named.
struct Names<'a> {
    by_id: BTreeMap<&'a str, &'a str>,
    /// How many groups have a name, white space at its ends aside.
    counts: BTreeMap<&'a str, usize>,
}

impl<'a> Names<'a> {
    fn of(stored: &'a StoredRoster) -> Self {
        let mut names = Self { by_id: BTreeMap::new(), counts: BTreeMap::new() };
        for group in &stored.groups {
            names.by_id.insert(group.id.as_str(), group.name.as_str());
            *names.counts.entry(group.name.trim()).or_default() += 1;
        }
        names
    }

    /// Whether a name alone does not say which group is meant.
    fn needs_id(&self, name: &str) -> bool {
        name.trim().is_empty() || self.counts.get(name.trim()).is_none_or(|count| *count > 1)
    }

    /// How a group is referred to: by its name where that is enough; `None` where there is no such group.
    fn of_id<'t>(&'t self, id: &'t str) -> Option<&'t str> {
        let name = self.by_id.get(id)?;
        // An id wins over a name.
        Some(if self.needs_id(name) || self.by_id.contains_key(name) { id } else { name })
    }
}
