//! Rules D1, D2, D5 and D7 on what a plan is made of.

mod properties;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::node::Node;
use super::super::plan::{Plan, Step};
use super::super::rights::{RightPath, flat};
use super::super::stored::{StoredGroup, StoredSetting};
use super::*;
use crate::dialect::Dialect;
use crate::ids::{GroupId, UserId};
use crate::json::JsonText;
use crate::permissions::{OPEN_WEBUI_0_12, PermissionTree};
use crate::stored_config::Key;

fn group(id: &str, name: &str, parent: Option<&str>) -> StoredGroup {
    StoredGroup {
        id: GroupId::from_stored(id.to_owned()),
        name: name.to_owned(),
        description: String::new(),
        parent: parent.map(|parent| GroupId::from_stored(parent.to_owned())),
        permissions: None,
        member_count: 0,
        members: BTreeMap::new(),
    }
}

fn roster(groups: Vec<StoredGroup>) -> StoredRoster {
    let template = flat(&PermissionTree::from(&OPEN_WEBUI_0_12.builtin()));
    let setting = |key: Key| StoredSetting {
        held: key.default(),
        is_stored: false,
        is_unreadable: false,
        default: key.default(),
    };
    StoredRoster {
        dialect: Dialect::V0_12,
        has_tree: true,
        has_owner: true,
        groups,
        template: Some(template.clone()),
        template_defaults: template,
        settings: Some(Key::of_form(Dialect::V0_12).map(|key| (key, setting(key))).collect()),
    }
}

/// Everybody at example.com has an account, whose id is the first part of the e-mail address.
fn accounts(document: &Roster) -> Accounts {
    let found = document.member_texts().filter_map(|text| {
        let id = text.strip_suffix("@example.com")?;
        Some((text.to_owned(), UserId::from_stored(id.to_owned())))
    });
    Accounts(found.collect())
}

fn planned(document: &Value, stored: &StoredRoster, wanted: Wanted) -> Result<Plan, Vec<String>> {
    let (document, mut problems) = Roster::read(&Node::of(document.clone()));
    let (plan, more) = plan(&document, stored, &accounts(&document), wanted);
    problems.extend(more);
    if problems.is_empty() { Ok(plan) } else { Err(problems.iter().map(ToString::to_string).collect()) }
}

const KEEP: Wanted = Wanted { prune: false, force: false };
const PRUNE: Wanted = Wanted { prune: true, force: false };

/// What a plan does, as words.
fn words(plan: &Plan) -> Vec<String> {
    let words = plan.steps.iter().map(|step| match step {
        Step::CreateGroup(made) => {
            format!("create {} below {:?}", made.name, made.parent.as_ref().map(|parent| &parent.name))
        }
        Step::ChangeGroup(change) => format!("change {}", change.name),
        Step::DeleteGroup { name, .. } => format!("delete {name}"),
        Step::ChangePermissions { rights } => format!("permissions {}", rights.len()),
        Step::ChangeSettings { settings } => format!("settings {}", settings.len()),
    });
    words.collect()
}

#[test]
fn d1_a_group_is_found_by_its_id_or_by_its_name() {
    let stored = roster(vec![group("1", "Ops", None), group("2", "Twin", None), group("3", "Twin", None)]);
    let of = |groups: Value| planned(&json!({ "groups": groups }), &stored, KEEP);
    assert_eq!(of(json!([{ "name": " Ops " }])).map(|plan| words(&plan)), Ok(Vec::new()));
    let renamed = of(json!([{ "name": "Dev", "id": "1" }, { "name": "Ops" }])).unwrap();
    assert_eq!(words(&renamed), ["change Ops", "create Ops below None"]);
    assert_eq!(
        of(json!([{ "name": "Twin", "id": "3" }, { "name": "Twin" }])).map(|plan| words(&plan)),
        Ok(vec![])
    );
    for (groups, problem) in [
        (json!([{ "name": "Twin" }]), "2 groups are named Twin; say which one is meant by its `id`: 2, 3"),
        (json!([{ "name": "X" }, { "name": "X " }]), "groups[1].name: a group named X  stands here already"),
        (
            json!([{ "name": "A", "id": "1" }, { "name": "B", "id": "1" }]),
            "groups[1].id: a group with this id",
        ),
        (json!([{ "name": "A", "id": "9" }]), "there is no group with this id"),
        (json!([{ "name": " " }]), "a group needs a name"),
        (json!([{ "name": "x".repeat(256) }]), "255 characters"),
    ] {
        let problems = of(groups.clone()).unwrap_err();
        assert_eq!(problems.len(), 1, "{groups}: {problems:?}");
        assert!(problems[0].contains(problem), "{groups}: {problems:?}");
    }
}

#[test]
fn d2_what_is_not_named_stays_and_goes_only_with_prune() {
    let mut ops = group("1", "Ops", Some("2"));
    ops.members.insert(UserId::from_stored("eve".into()), "eve@example.com".into());
    ops.permissions = Some(JsonText::from_stored(r#"{"chat":{"edit":true},"rate":7}"#.into()));
    let stored = roster(vec![ops, group("2", "All", None), group("3", "Below", Some("1"))]);
    let document = json!({
        "permissions": { "features": { "notes": false } },
        "settings": { "ENABLE_SIGNUP": false },
        "groups": [{ "name": "Ops", "members": ["ada@example.com"], "permissions": { "chat": { "delete": true } } }],
    });
    let kept = planned(&document, &stored, KEEP).unwrap();
    assert_eq!(words(&kept), ["change Ops", "permissions 1", "settings 1"]);
    let Step::ChangeGroup(change) = &kept.steps[0] else { panic!("{kept:?}") };
    assert_eq!((change.added.len(), change.removed.len(), change.rights.len()), (1, 0, 1));
    assert_eq!(change.parent, None);

    let pruned = planned(&document, &stored, PRUNE).unwrap();
    assert_eq!(words(&pruned), ["change Ops", "delete All", "delete Below", "permissions 1", "settings 1"]);
    let Step::ChangeGroup(change) = &pruned.steps[0] else { panic!("{pruned:?}") };
    assert_eq!((change.added.len(), change.removed.len(), change.rights.len()), (1, 1, 2));
    let parent = change.parent.as_ref().unwrap();
    assert_eq!((parent.before.as_ref().unwrap().name.as_str(), &parent.after), ("All", &None));
    // A table or list that is not there says nothing, so nothing of its kind is removed.
    for nothing in
        [json!({}), json!({ "groups": [{ "name": "Ops" }, { "name": "All" }, { "name": "Below" }] })]
    {
        assert_eq!(planned(&nothing, &stored, PRUNE).map(|plan| words(&plan)), Ok(Vec::new()), "{nothing}");
    }
    let all = planned(&json!({ "groups": [] }), &stored, PRUNE).unwrap();
    assert_eq!(words(&all), ["delete Below", "delete Ops", "delete All"], "those below first");
}

#[test]
fn d2_what_is_pruned_of_permissions_and_settings_becomes_what_is_configured() {
    let mut stored = roster(Vec::new());
    let path = RightPath::new(&["features", "notes"]);
    let notes = stored.template_defaults[&path];
    stored.template.as_mut().unwrap().insert(path, !notes);
    stored.template.as_mut().unwrap().insert(RightPath::new(&["zoo", "fly"]), true);
    let settings = stored.settings.as_mut().unwrap();
    settings.get_mut(&Key::EnableSignup).unwrap().held = json!(false);
    let unreadable = settings.get_mut(&Key::EnableNotes).unwrap();
    (unreadable.held, unreadable.is_unreadable) = (json!(false), true);
    let plan = planned(&json!({ "permissions": {}, "settings": {} }), &stored, PRUNE).unwrap();
    assert_eq!(
        words(&plan),
        ["permissions 1", "settings 1"],
        "what only others know or nobody can read stays"
    );
    assert!(planned(&json!({ "permissions": {}, "settings": {} }), &stored, KEEP).unwrap().is_empty());
    let named = json!({ "settings": { "ENABLE_NOTES": true } });
    assert!(planned(&named, &stored, KEEP).unwrap_err()[0].contains("cannot be read"));
}

#[test]
fn d5_members_need_an_account_and_rights_and_settings_a_name_that_is_known() {
    let stored = roster(vec![group("1", "Ops", None)]);
    let document = json!({
        "permissions": { "chat": { "delte": true }, "zoo": { "fly": true } },
        "settings": { "ENABLE_SINGUP": true, "USER_PERMISSIONS": {}, "ENABLE_MFA": true, "DEFAULT_GROUP_ID": "X" },
        "groups": [{
            "name": "Ops",
            "members": ["ada@example.com", "nobody@elsewhere.org"],
            "permissions": { "chat": { "sing": true } },
        }],
    });
    let problems = planned(&document, &stored, KEEP).unwrap_err();
    for part in [
        "permissions.chat.delte: there is no such right; the nearest name is chat.delete, and --force",
        "permissions.zoo.fly: there is no such right; --force",
        "settings.ENABLE_SINGUP: there is no such setting; the nearest name is ENABLE_SIGNUP",
        "settings.USER_PERMISSIONS: the default permissions have a table of their own",
        "settings.ENABLE_MFA: only Open WebUI has a second factor",
        "settings.DEFAULT_GROUP_ID: there is no group with the name or id X",
        "groups[0].members[1]: nobody@elsewhere.org has no account",
        "groups[0].permissions.chat.sing: there is no such right",
    ] {
        assert!(problems.iter().any(|problem| problem.contains(part)), "{part}: {problems:#?}");
    }
    assert_eq!(problems.len(), 8, "{problems:#?}");
    let forced = Wanted { force: true, ..KEEP };
    let rights = json!({ "groups": [{ "name": "Ops", "permissions": { "chat": { "sing": true } } }] });
    assert_eq!(planned(&rights, &stored, forced).map(|plan| words(&plan)), Ok(vec!["change Ops".to_owned()]));
    let same = json!({ "settings": { "ENABLE_MFA": false } });
    assert!(planned(&same, &stored, KEEP).unwrap().is_empty(), "what holds already may be named");
}

#[test]
fn a_group_that_is_made_can_be_the_one_that_new_accounts_join() {
    let document = json!({ "settings": { "DEFAULT_GROUP_ID": "New" }, "groups": [{ "name": "New" }] });
    let plan = planned(&document, &roster(Vec::new()), KEEP).unwrap();
    let Step::ChangeSettings { settings } = &plan.steps[1] else { panic!("{plan:?}") };
    assert_eq!(
        settings[0].group.as_ref().map(|group| (&group.id, group.name.as_str())),
        Some((&None, "New"))
    );
    let stored = roster(vec![group("g-1", "New", None)]);
    let plan = planned(&document, &stored, KEEP).unwrap();
    let Step::ChangeSettings { settings } = &plan.steps[0] else { panic!("{plan:?}") };
    assert_eq!((&settings[0].after, &settings[0].group), (&json!("g-1"), &None));
}

#[test]
fn d2_the_group_that_new_accounts_join_is_not_removed() {
    let mut stored = roster(vec![group("g-1", "New", None), group("g-2", "Other", None)]);
    let setting = stored.settings.as_mut().and_then(|settings| settings.get_mut(&Key::DefaultGroupId));
    setting.unwrap().held = json!("g-1");
    let of = |settings: Option<Value>, wanted| {
        let mut document = json!({ "groups": [{ "name": "Other" }] });
        if let Some(settings) = settings {
            document["settings"] = settings;
        }
        planned(&document, &stored, wanted).map(|plan| words(&plan))
    };
    let by = |text: &str| Some(json!({ "DEFAULT_GROUP_ID": text }));
    for settings in [None, by("g-1")] {
        let problems = of(settings.clone(), PRUNE).unwrap_err();
        assert_eq!(problems.len(), 1, "{settings:?}: {problems:?}");
        assert!(
            problems[0].starts_with("settings.DEFAULT_GROUP_ID: new accounts join the group New"),
            "{problems:?}"
        );
        assert_eq!(of(settings, KEEP), Ok(Vec::new()));
    }
    assert_eq!(of(by("New"), PRUNE).unwrap_err().len(), 1);
    let goes = Ok(vec!["delete New".to_owned(), "settings 1".to_owned()]);
    // Another group, none, and what is configured.
    for settings in [by("Other"), by(""), Some(json!({}))] {
        assert_eq!(of(settings, PRUNE), goes);
    }
}

#[test]
fn m1_groups_get_their_places_from_the_top_and_a_ring_is_refused() {
    let stored = roster(vec![group("a", "A", None), group("b", "B", Some("a")), group("c", "C", Some("b"))]);
    let of = |groups: Value| planned(&json!({ "groups": groups }), &stored, KEEP);
    let turned = json!([
        { "name": "A", "parent": "B" }, { "name": "B", "parent": "C" }, { "name": "C", "parent": "" },
        { "name": "D", "parent": "A" },
    ]);
    let order = of(turned).map(|plan| words(&plan));
    assert_eq!(
        order,
        Ok(["change C", "change B", "change A", "create D below Some(\"A\")"].map(str::to_owned).to_vec())
    );
    let ring = of(json!([{ "name": "A", "parent": "C" }])).unwrap_err();
    assert_eq!(
        ring,
        ["groups[0].parent: a group cannot be above itself: A < C < B < A; give one of them another parent"]
    );
    let itself = of(json!([{ "name": "N", "parent": "N" }])).unwrap_err();
    assert!(itself[0].contains("N < N"), "{itself:?}");
    let missing = of(json!([{ "name": "A", "parent": "X" }])).unwrap_err();
    assert!(missing[0].contains("there is no group with the name or id X"), "{missing:?}");
    let gone = planned(&json!({ "groups": [{ "name": "A", "parent": "C" }] }), &stored, PRUNE).unwrap_err();
    assert!(gone[0].contains("--prune removes the group C"), "{gone:?}");
    // A ring that somebody else has made is no fault of this document.
    let ringed = roster(vec![group("a", "A", Some("b")), group("b", "B", Some("a"))]);
    let same = json!({ "groups": [{ "name": "A", "parent": "B" }, { "name": "B", "parent": "A" }] });
    assert_eq!(planned(&same, &ringed, KEEP).map(|plan| words(&plan)), Ok(Vec::new()));
}

#[test]
fn d7_what_the_database_does_not_have_is_refused() {
    let mut stored = roster(vec![group("a", "A", None)]);
    (stored.dialect, stored.has_tree) = (Dialect::V0_6, false);
    stored.settings.as_mut().unwrap().retain(|key, _| Key::of_form(Dialect::V0_6).any(|known| known == *key));
    let document = json!({
        "settings": { "ENABLE_AUTOMATIONS": false, "ENABLE_SIGNUP": true },
        "groups": [{ "name": "A", "parent": "" }, { "name": "B", "parent": "A" }],
    });
    let problems = planned(&document, &stored, KEEP).unwrap_err();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(
        problems[0].starts_with("groups[1].parent: this database is one of an older Open WebUI"),
        "{problems:?}"
    );
    assert!(
        problems[1].starts_with("settings.ENABLE_AUTOMATIONS: this database is one of an older"),
        "{problems:?}"
    );
    (stored.template, stored.settings, stored.has_owner) = (None, None, false);
    let document = json!({
        "permissions": { "chat": { "edit": true } },
        "settings": { "ENABLE_SIGNUP": true },
        "groups": [{ "name": "New" }],
    });
    let problems = planned(&document, &stored, KEEP).unwrap_err();
    for part in [
        "permissions: values that are stored do not count",
        "settings: values that",
        "nobody can own a group",
    ] {
        assert!(problems.iter().any(|problem| problem.contains(part)), "{part}: {problems:?}");
    }
}
