//! Permissions as they were recorded from Open WebUI 0.6.43.

#![expect(clippy::expect_used, reason = "a helper of a test may stop where it stands")]

use rosterd_domain::permissions::replace_known;
use rosterd_domain::{DomainError, EffectivePermissions, PermissionTree, UserPermissions};
use serde_json::Value;

fn recordings() -> Value {
    serde_json::from_str(include_str!("recordings/permissions.json")).expect("the file is JSON")
}

fn each(section: &str) -> Vec<Value> {
    recordings()[section].as_array().expect("the section is a list").clone()
}

#[test]
fn the_builtin_defaults_are_the_references() {
    let shown = serde_json::to_string(&UserPermissions::builtin()).unwrap();
    assert_eq!(shown, recordings()["builtin"].to_string(), "values and order");
}

#[test]
fn a_written_template_reads_back_as_the_references() {
    for recorded in each("writes") {
        let parsed = UserPermissions::parse(&recorded["sent"]).unwrap();
        assert_eq!(serde_json::to_value(parsed).unwrap(), recorded["answer"], "{}", recorded["name"]);
        assert_eq!(
            replace_known(None, &parsed).unwrap().to_value(),
            recorded["answer"],
            "{}",
            recorded["name"]
        );
    }
}

#[test]
fn a_refused_template_names_the_references_paths() {
    for recorded in each("refused") {
        let Err(DomainError::Fields(problems)) = UserPermissions::parse(&recorded["sent"]) else {
            panic!("{} passed", recorded["name"])
        };
        let paths: Vec<Vec<String>> = problems.into_iter().map(|(path, _)| path).collect();
        assert_eq!(serde_json::to_value(paths).unwrap(), recorded["paths"], "{}", recorded["name"]);
    }
}

#[test]
fn effective_permissions_are_the_references() {
    for recorded in each("effective") {
        let tree = |json: &Value| PermissionTree::from_json(&json.to_string());
        let groups: Vec<PermissionTree> = recorded["groups"].as_array().unwrap().iter().map(tree).collect();
        let effective =
            EffectivePermissions::compute(&tree(&recorded["template"]), &groups, &UserPermissions::builtin());
        assert_eq!(serde_json::to_value(&effective).unwrap(), recorded["answer"], "{}", recorded["name"]);
    }
}
