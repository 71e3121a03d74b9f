use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::{OPEN_WEBUI_0_6, OPEN_WEBUI_0_12, Rights, StoredTemplate};
use super::*;
use crate::group::Group;
use crate::rules::settings_rights::SettingsRights;

fn reached(id: &str, parent: Option<&str>, membership: Membership) -> ReachedGroup {
    let id_of = |id: &str| GroupId::from_stored(id.to_owned());
    ReachedGroup {
        group: Group {
            id: id_of(id),
            user_id: None,
            name: format!("group {id}"),
            description: String::new(),
            data: None,
            meta: None,
            permissions: None,
            created_at: 1,
            updated_at: 1,
        },
        parent: parent.map(id_of),
        membership,
    }
}

fn own(id: &str) -> ReachedGroup {
    reached(id, None, Membership::Direct)
}

fn explain(
    rights: &'static Rights,
    role: Role,
    template: &str,
    groups: &[(ReachedGroup, &str)],
) -> ExplainedPermissions {
    let trees: Vec<_> = groups.iter().map(|(_, json)| PermissionTree::from_json(json)).collect();
    let groups = groups.iter().zip(&trees).map(|((group, _), tree)| GroupRights { group, tree }).collect();
    let user = ExplainedUser { id: UserId::from_stored("u".to_owned()), name: "Bob".to_owned(), role };
    ExplainedPermissions::of(user, &StoredTemplate::read(template, rights).tree, groups, &rights.builtin())
}

fn right(explained: &ExplainedPermissions, name: &str) -> ExplainedRight {
    let found: Vec<_> = explained.rights.iter().filter(|right| right.right == name).collect();
    assert_eq!(found.len(), 1, "{name}");
    found[0].clone()
}

fn ids(groups: &[GroupId]) -> Vec<&str> {
    groups.iter().map(GroupId::as_str).collect()
}

#[test]
fn m32_all_groups_that_give_a_right_are_named() {
    let template = r#"{"chat":{"delete":false,"edit":true}}"#;
    let gives = r#"{"chat":{"delete":true}}"#;
    let groups = [(own("b"), gives), (own("a"), gives), (own("c"), r#"{"chat":{"delete":false}}"#)];
    let explained = explain(&OPEN_WEBUI_0_12, Role::User, template, &groups);
    let delete = right(&explained, "chat.delete");
    assert!(delete.known && delete.holds && !delete.by_role);
    assert_eq!(delete.template, Some(TemplateSays { gives: false, stored: true }));
    assert_eq!((ids(&delete.groups), ids(&delete.withheld_by)), (vec!["a", "b"], vec![]));
    let edit = right(&explained, "chat.edit");
    assert_eq!((edit.holds, edit.template), (true, Some(TemplateSays { gives: true, stored: true })));
    assert!(edit.groups.is_empty());
    // Neither stored nor given: the default.
    let tools = right(&explained, "workspace.tools");
    assert_eq!((tools.holds, tools.template), (false, Some(TemplateSays { gives: false, stored: false })));
    assert_eq!(explained.rights.len(), 67);
}

#[test]
fn m32_a_group_above_says_through_which_groups_it_counts() {
    let groups = [
        (reached("top", None, Membership::Inherited), r#"{"chat":{"call":true}}"#),
        (reached("left", Some("top"), Membership::Direct), "null"),
        (reached("right", Some("middle"), Membership::Direct), "null"),
        (reached("middle", Some("top"), Membership::Direct), "null"),
        (reached("stray", Some("gone"), Membership::Direct), "null"),
    ];
    let explained = explain(&OPEN_WEBUI_0_12, Role::User, "null", &groups);
    let told: Vec<_> = explained
        .groups
        .iter()
        .map(|group| {
            let parent = group.parent_group_id.as_ref().map(GroupId::as_str);
            (group.id.as_str(), group.membership, parent, ids(&group.through))
        })
        .collect();
    let (direct, inherited) = (Membership::Direct, Membership::Inherited);
    assert_eq!(
        told,
        [
            ("left", direct, Some("top"), vec![]),
            ("middle", direct, Some("top"), vec!["right"]),
            ("right", direct, Some("middle"), vec![]),
            ("stray", direct, None, vec![]),
            ("top", inherited, None, vec!["left", "middle", "right"]),
        ]
    );
    assert_eq!(ids(&right(&explained, "chat.call").groups), ["top"]);
}

#[test]
fn m19_m32_a_ring_of_parents_ends() {
    let groups = [
        (reached("a", Some("b"), Membership::Direct), "null"),
        (reached("b", Some("a"), Membership::Inherited), "null"),
    ];
    let explained = explain(&OPEN_WEBUI_0_12, Role::User, "null", &groups);
    assert_eq!(
        explained.groups.iter().map(|group| ids(&group.through)).collect::<Vec<_>>(),
        [vec![], vec!["a"]]
    );
}

#[test]
fn m32_an_admin_holds_by_role_what_rules_do_not_ask_of_admins() {
    let template = serde_json::to_string(&OPEN_WEBUI_0_12.none()).unwrap();
    let by_role = |rights: &'static Rights, role: Role| -> Vec<String> {
        let explained = explain(rights, role, &template, &[]);
        let held = explained.rights.into_iter().filter(|right| right.by_role && right.holds);
        held.map(|right| right.right).collect()
    };
    let newest = [
        "chat.controls",
        "chat.system_prompt",
        "features.api_keys",
        "features.direct_tool_servers",
        "features.webhooks",
        "settings.interface",
    ];
    let mut held = by_role(&OPEN_WEBUI_0_12, Role::Admin);
    held.sort_unstable();
    assert_eq!(held, newest);
    assert_eq!(by_role(&OPEN_WEBUI_0_6, Role::Admin).len(), 2);
    assert!(by_role(&OPEN_WEBUI_0_12, Role::User).is_empty());
}

#[test]
fn n4_s2_m32_what_admins_hold_is_what_their_settings_need() {
    let of = |left_out: Option<&str>| {
        let mut rights = OPEN_WEBUI_0_12.none();
        for (_, section, key) in NOT_ASKED_OF_ADMINS {
            rights.set(section, key, left_out != Some(key));
        }
        let effective = EffectivePermissions::compute(&PermissionTree::from(&rights), [], &rights);
        SettingsRights::of(&Role::User, &effective)
    };
    assert_eq!(of(None), SettingsRights::ALL);
    for (_, section, key) in NOT_ASKED_OF_ADMINS.into_iter().filter(|(.., key)| *key != "api_keys") {
        assert_ne!(of(Some(key)), SettingsRights::ALL, "{section}.{key}");
    }
}

#[test]
fn m32_in_0_6_a_group_can_take_the_place_of_a_default() {
    let template = r#"{"chat":{"share":true}}"#;
    let groups = [(own("a"), r#"{"chat":{"delete":false}}"#), (own("b"), "null")];
    let older = right(&explain(&OPEN_WEBUI_0_6, Role::User, template, &groups), "chat.delete");
    assert_eq!((older.holds, ids(&older.withheld_by)), (false, vec!["a"]));
    assert_eq!(older.template, Some(TemplateSays { gives: true, stored: false }));
    let newest = right(&explain(&OPEN_WEBUI_0_12, Role::User, template, &groups), "chat.delete");
    assert_eq!((newest.holds, ids(&newest.withheld_by)), (true, vec![]));
}

#[test]
fn m32_a_section_in_the_place_of_a_right_withholds_it() {
    let groups = [
        (own("a"), r#"{"chat":{"delete":{"mine":true}}}"#),
        (own("b"), r#"{"chat":{"delete":true}}"#),
        (own("c"), r#"{"chat":{"delete":false}}"#),
    ];
    let explained = explain(&OPEN_WEBUI_0_12, Role::User, "null", &groups);
    let delete = right(&explained, "chat.delete");
    assert_eq!((delete.holds, ids(&delete.groups), ids(&delete.withheld_by)), (false, vec![], vec!["a"]));
    let below = right(&explained, "chat.delete.mine");
    assert_eq!((below.known, below.holds, ids(&below.groups)), (false, true, vec!["a"]));
}

#[test]
fn m32_what_is_not_known_is_explained_too() {
    let template = r#"{"zoo":{"lion":true,"bear":false}}"#;
    let groups = [(own("a"), r#"{"zoo":{"bear":true},"flat":true}"#)];
    let explained = explain(&OPEN_WEBUI_0_12, Role::Admin, template, &groups);
    let stored = |gives| Some(TemplateSays { gives, stored: true });
    let told = |name| {
        let right = right(&explained, name);
        assert!(!right.known && !right.by_role && right.holds);
        (right.template, right.groups.len())
    };
    assert_eq!(told("zoo.lion"), (stored(true), 0));
    assert_eq!(told("zoo.bear"), (stored(false), 1));
    assert_eq!(told("flat"), (None, 1));
}

fn tree() -> impl Strategy<Value = String> {
    let flag = any::<bool>().prop_map(|given| given.to_string());
    let node = prop_oneof![4 => flag.clone(), 1 => flag.prop_map(|given| format!(r#"{{"x":{given}}}"#))];
    let section = prop::collection::btree_map(
        prop::sample::select(vec!["delete", "edit", "api_keys", "other"]),
        node.clone(),
        0..4,
    );
    let object = |entries: BTreeMap<&str, String>| {
        let entries: Vec<_> = entries.iter().map(|(key, value)| format!(r#""{key}":{value}"#)).collect();
        format!("{{{}}}", entries.join(","))
    };
    let section = prop_oneof![4 => section.prop_map(object), 1 => node];
    prop::collection::btree_map(prop::sample::select(vec!["chat", "features", "zoo"]), section, 0..4)
        .prop_map(object)
}

proptest! {
    #[test]
    fn m32_what_is_explained_is_what_counts(
        template in tree(), groups in prop::collection::vec(tree(), 0..4), newest in any::<bool>(),
    ) {
        let rights = if newest { &OPEN_WEBUI_0_12 } else { &OPEN_WEBUI_0_6 };
        let names = ["a", "b", "c"];
        let groups: Vec<_> = names.iter().zip(&groups).map(|(id, json)| (own(id), json.as_str())).collect();
        let explained = explain(rights, Role::User, &template, &groups);
        let trees: Vec<_> = groups.iter().map(|(_, json)| PermissionTree::from_json(json)).collect();
        let stored = StoredTemplate::read(&template, rights).tree;
        let effective = EffectivePermissions::compute(&stored, &trees, &rights.builtin());
        for (section, key, _) in rights.builtin().iter() {
            let right = right(&explained, &format!("{section}.{key}"));
            prop_assert_eq!(right.holds, effective.allows(section, key), "{}", right.right);
        }
        let mut flags = 0;
        for_each_flag(&effective.tree(), &mut Vec::new(), &mut |_, _| flags += 1);
        prop_assert!(explained.rights.len() >= flags);
        for right in &explained.rights {
            let template = right.template.is_some_and(|says| says.gives);
            let said = template || !right.groups.is_empty();
            // Whoever asks why always finds a reason.
            prop_assert_eq!(right.holds, said && right.withheld_by.is_empty(), "{:?}", right);
        }
    }
}
