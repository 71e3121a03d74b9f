//! What holds for every document: rules D2 and D6.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::super::document::Roster;
use super::super::super::node::Node;
use super::super::super::plan::{GroupRef, Plan, Step};
use super::super::super::rights::{RightChange, RightPath, with_changes};
use super::super::super::stored::{Accounts, StoredRoster};
use super::super::{Wanted, plan};
use super::{group, roster};
use crate::ids::{GroupId, UserId};
use crate::stored_config::Key;

/// What a plan makes of what is stored, as the use cases do it.
fn carried_out(mut stored: StoredRoster, plan: &Plan) -> StoredRoster {
    let mut made: BTreeMap<String, GroupId> = BTreeMap::new();
    for step in &plan.steps {
        match step {
            Step::CreateGroup(new) => {
                let id = GroupId::from_stored(format!("made-{}", stored.groups.len()));
                made.insert(new.name.clone(), id.clone());
                let mut group = group(id.as_str(), &new.name, None);
                group.parent = new.parent.as_ref().map(|parent| id_of(parent, &made));
                group.description.clone_from(&new.description);
                let rights = new.rights.iter();
                let changes: Vec<_> = rights
                    .map(|(right, on)| RightChange { right: right.clone(), before: None, after: Some(*on) })
                    .collect();
                group.permissions = with_changes(None, &changes).ok();
                group.members = new.members.iter().map(|it| (it.id.clone(), it.name.clone())).collect();
                assert!(group.parent.iter().all(|parent| stored.groups.iter().any(|it| it.id == *parent)));
                stored.groups.push(group);
            }
            Step::ChangeGroup(change) => {
                let parent = change
                    .parent
                    .as_ref()
                    .map(|parent| parent.after.as_ref().map(|parent| id_of(parent, &made)));
                if let Some(Some(parent)) = &parent {
                    assert!(!line(&stored, parent).contains(&change.id), "rule M1 refuses {change:?}");
                }
                let group = stored.groups.iter_mut().find(|group| group.id == change.id).unwrap();
                group.parent = parent.unwrap_or_else(|| group.parent.clone());
                if let Some(rename) = &change.rename {
                    group.name.clone_from(&rename.after);
                }
                if let Some(description) = &change.description {
                    group.description.clone_from(&description.after);
                }
                if !change.rights.is_empty() {
                    group.permissions = with_changes(group.permissions.as_ref(), &change.rights).ok();
                }
                group.members.extend(change.added.iter().map(|it| (it.id.clone(), it.name.clone())));
                group.members.retain(|id, _| change.removed.iter().all(|gone| gone.id != *id));
            }
            Step::DeleteGroup { id, .. } => {
                assert!(
                    stored.groups.iter().all(|group| group.parent.as_ref() != Some(id)),
                    "nobody is below it"
                );
                stored.groups.retain(|group| group.id != *id);
            }
            Step::ChangePermissions { rights } => {
                let template = stored.template.as_mut().unwrap();
                template.extend(rights.iter().map(|change| (change.right.clone(), change.after.unwrap())));
            }
            Step::ChangeSettings { settings } => {
                for change in settings {
                    let key = Key::named(change.name).unwrap();
                    let setting = stored.settings.as_mut().unwrap().get_mut(&key).unwrap();
                    setting.is_stored = true;
                    setting.held = match &change.group {
                        Some(group) => id_of(group, &made).as_str().into(),
                        None => change.after.clone(),
                    };
                }
            }
        }
    }
    stored
}

fn id_of(group: &GroupRef, made: &BTreeMap<String, GroupId>) -> GroupId {
    group.id.clone().unwrap_or_else(|| made[&group.name].clone())
}

/// A group and those above it.
fn line(stored: &StoredRoster, id: &GroupId) -> Vec<GroupId> {
    let parent = |id: &GroupId| stored.groups.iter().find(|group| group.id == *id)?.parent.clone();
    std::iter::successors(Some(id.clone()), parent).take(stored.groups.len() + 1).collect()
}

const RIGHTS: [(&str, &str); 3] = [("chat", "delete"), ("chat", "edit"), ("features", "notes")];

/// Stored groups: names of which some are shared or odd, parents of which some are missing, without rings.
fn any_stored() -> impl Strategy<Value = StoredRoster> {
    let name = prop_oneof![
        Just("Ops"),
        Just("Dev"),
        Just(" Dev"),
        Just(""),
        Just("All"),
        Just("3"),
        Just("Bücher \"x\"")
    ];
    let one = (name, 0..9_usize, proptest::bits::u8::ANY, proptest::bits::u8::ANY, "[a-z\\n\"]{0,4}");
    (proptest::collection::vec(one, 0..6), any::<bool>()).prop_map(|(groups, signup)| {
        let all =
            groups.into_iter().enumerate().map(|(index, (name, parent, rights, members, description))| {
                // Only a lower number is above, so there is no ring; a higher one is missing.
                let parent = (parent != index && (parent < index || parent > 6)).then(|| parent.to_string());
                let mut made = group(&index.to_string(), name, parent.as_deref());
                made.description = description;
                for (bit, (section, key)) in
                    RIGHTS.into_iter().enumerate().filter(|(bit, _)| rights >> bit & 1 == 1)
                {
                    let path = RightPath::new(&[section, key]);
                    let change =
                        RightChange { right: path, before: None, after: Some(rights >> (bit + 3) & 1 == 1) };
                    made.permissions = with_changes(made.permissions.as_ref(), &[change]).ok();
                }
                for bit in (0..4).filter(|bit| members >> bit & 1 == 1) {
                    let id = UserId::from_stored(format!("u{bit}"));
                    // Two accounts share an e-mail address, which means the first of them.
                    made.members.insert(id, format!("u{}@example.com", if bit == 3 { 0 } else { bit }));
                }
                made
            });
        let mut roster = roster(all.collect());
        let setting = roster.settings.as_mut().unwrap().get_mut(&Key::EnableSignup).unwrap();
        (setting.held, setting.is_stored) = (signup.into(), true);
        roster
    })
}

/// A document over the same names.
fn any_document() -> impl Strategy<Value = Value> {
    let name = prop_oneof![Just("Ops"), Just("Dev"), Just("All"), Just("New"), Just("Newer")];
    let parent =
        proptest::option::of(prop_oneof![Just(""), Just("Ops"), Just("All"), Just("New"), Just("Newer")]);
    let members = proptest::option::of(proptest::sample::subsequence(
        vec!["u0@example.com", "u1@example.com", "u2@example.com", "u9@example.com"],
        0..4,
    ));
    let rights = proptest::option::of(proptest::sample::subsequence(RIGHTS.to_vec(), 0..3));
    let one = (name, parent, members, rights, any::<bool>());
    let groups = proptest::collection::vec(one, 0..5);
    (groups, any::<bool>(), any::<bool>()).prop_map(|(groups, on, joins)| {
        let mut seen = std::collections::BTreeSet::new();
        let groups = groups.into_iter().filter(|(name, ..)| seen.insert(*name));
        let groups: Vec<Value> = groups
            .map(|(name, parent, members, rights, on)| {
                let mut group = json!({ "name": name });
                if let Some(parent) = parent {
                    group["parent"] = parent.into();
                }
                if let Some(members) = members {
                    group["members"] = members.into();
                }
                if let Some(rights) = rights {
                    group["permissions"] = json!({});
                    for (section, key) in rights {
                        group["permissions"][section][key] = on.into();
                    }
                }
                group
            })
            .collect();
        let mut document = json!({
            "permissions": { "features": { "notes": on } },
            "settings": { "ENABLE_SIGNUP": on },
            "groups": groups,
        });
        if let Some(group) = document["groups"].get(0).filter(|_| joins) {
            document["settings"]["DEFAULT_GROUP_ID"] = group["name"].clone();
        }
        document
    })
}

fn everybody() -> Accounts {
    let known = (0..10).map(|number| format!("u{number}"));
    let both = known.flat_map(|id| {
        let email = (format!("{id}@example.com"), UserId::from_stored(id.clone()));
        [email, (id.clone(), UserId::from_stored(id))]
    });
    Accounts(both.collect())
}

proptest! {
    #[test]
    fn d6_what_is_stored_as_a_document_changes_nothing(stored in any_stored(), prune in any::<bool>()) {
        let document = Roster::of(&stored, &everybody());
        let text = serde_json::to_value(&document).unwrap();
        let (read, problems) = Roster::read(&Node::of(text));
        prop_assert_eq!(problems, Vec::new());
        let (plan, problems) = plan(&read, &stored, &everybody(), Wanted { prune, force: false });
        prop_assert_eq!(problems, Vec::new());
        prop_assert_eq!(plan, Plan::default());
    }

    #[test]
    fn d2_a_second_run_changes_nothing(stored in any_stored(), document in any_document(), prune in any::<bool>()) {
        let wanted = Wanted { prune, force: false };
        let (document, problems) = Roster::read(&Node::of(document));
        prop_assert_eq!(problems, Vec::new());
        let (first, problems) = plan(&document, &stored, &everybody(), wanted);
        // Names that several groups have, and rings, are refused.
        prop_assume!(problems.is_empty());
        let after = carried_out(stored, &first);
        let (second, problems) = plan(&document, &after, &everybody(), wanted);
        prop_assert_eq!(problems, Vec::new());
        prop_assert_eq!(second, Plan::default());
    }
}
