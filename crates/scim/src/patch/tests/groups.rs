use std::collections::BTreeSet;

use serde_json::json;

use super::*;

fn changes(operations: &Value) -> Result<GroupChanges, ScimError> {
    request(operations)?.group_changes()
}

fn group(operations: &Value) -> GroupChanges {
    changes(operations).unwrap_or_else(|error| panic!("{operations}: {error}"))
}

fn ids(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn members_come_and_go_as_entra_and_okta_say() {
    let members = |operations: Value| group(&operations).members;
    let remove = |ids_: &[&str]| MembersChange::Changed { add: ids(&[]), remove: ids(ids_) };
    assert_eq!(
        members(
            json!([{ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": "a" }, { "value": "b" }] }])
        ),
        MembersChange::Changed { add: ids(&["a", "b"]), remove: ids(&[]) }
    );
    for operation in [
        json!({ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": "a" }] }),
        json!({ "op": "Remove", "path": "members", "value": "a" }),
        json!({ "op": "remove", "path": "members[value eq \"a\"]" }),
        json!({ "op": "remove", "path": "members[value eq \"a\" and type eq \"User\"]" }),
    ] {
        assert_eq!(members(json!([operation])), remove(&["a"]), "{operation}");
    }
    assert_eq!(
        members(json!([{ "op": "remove", "path": "members[value eq \"a\" or value eq \"b\"]" }])),
        remove(&["a", "b"])
    );
    assert_eq!(
        members(json!([{ "op": "replace", "path": "members", "value": [{ "value": "a" }] }])),
        MembersChange::Replace(ids(&["a"]))
    );
    assert_eq!(members(json!([{ "op": "remove", "path": "members" }])), MembersChange::Replace(ids(&[])));
    assert_eq!(
        members(json!([{ "op": "add", "value": { "members": [{ "value": "a" }] } }])),
        MembersChange::Changed { add: ids(&["a"]), remove: ids(&[]) }
    );
}

#[test]
fn a_request_that_names_nobody_removes_nobody() {
    for operation in [
        json!({ "op": "Remove", "path": "members", "value": [] }),
        json!({ "op": "Add", "path": "members", "value": [] }),
        json!({ "op": "remove", "path": "members[type eq \"Group\"]" }),
    ] {
        assert_eq!(group(&json!([operation])).members, MembersChange::Nothing, "{operation}");
    }
    for operation in [
        json!({ "op": "Remove", "path": "members", "value": null }),
        json!({ "op": "Remove", "path": "members", "value": [{ "display": "Ada" }] }),
        json!({ "op": "replace", "path": "members", "value": null }),
        json!({ "op": "replace", "path": "members" }),
        json!({ "op": "replace", "value": { "members": null } }),
    ] {
        let error = changes(&json!([operation])).unwrap_err();
        assert_eq!(error.scim_type(), Some(ScimType::InvalidValue), "{operation}");
    }
    for path in [
        "members[value pr]",
        "members[type eq \"User\"]",
        "members[not (value eq \"a\")]",
        "members[value sw \"a\"]",
    ] {
        let error = changes(&json!([{ "op": "remove", "path": path }])).unwrap_err();
        assert_eq!(error.scim_type(), Some(ScimType::InvalidFilter), "{path}");
    }
    let other_name = group(&json!([{ "op": "replace", "value": { "id": "g", "displayName": "Staff" } }]));
    assert_eq!(other_name.members, MembersChange::Nothing, "Okta renames a group in this way");
    assert_eq!(other_name.display_name.as_deref(), Some("Staff"));
}

#[test]
fn operations_of_a_group_are_carried_out_in_order() {
    let changed = group(&json!([
        { "op": "replace", "path": "displayName", "value": "A" },
        { "op": "add", "path": "members", "value": [{ "value": "a" }, { "value": "b" }] },
        { "op": "remove", "path": "members[value eq \"b\"]" },
        { "op": "remove", "path": "members[value eq \"c\"]" },
        { "op": "add", "path": "members", "value": [{ "value": "c" }] },
        { "op": "replace", "path": "displayName", "value": "B" },
        { "op": "add", "path": "externalId", "value": "e" },
        { "op": "remove", "path": "externalId" },
    ]));
    assert_eq!(
        changed,
        GroupChanges {
            display_name: Some("B".to_owned()),
            external_id: Some(None),
            members: MembersChange::Changed { add: ids(&["a", "c"]), remove: ids(&["b"]) },
        }
    );
    let changed = group(&json!([
        { "op": "replace", "path": "members", "value": [{ "value": "a" }] },
        { "op": "add", "path": "members", "value": [{ "value": "b" }] },
        { "op": "remove", "path": "members", "value": [{ "value": "a" }] },
    ]));
    assert_eq!(changed.members, MembersChange::Replace(ids(&["b"])));
}

#[test]
fn what_a_group_refuses() {
    for (operation, scim_type) in [
        (json!({ "op": "remove", "path": "displayName" }), ScimType::Mutability),
        (
            json!({ "op": "replace", "path": "members[value eq \"a\"]", "value": { "value": "b" } }),
            ScimType::Mutability,
        ),
        (
            json!({ "op": "replace", "path": "members[value eq \"a\"].value", "value": "b" }),
            ScimType::Mutability,
        ),
        (json!({ "op": "add", "path": "members.value", "value": "b" }), ScimType::Mutability),
        (json!({ "op": "replace", "path": "id", "value": "x" }), ScimType::Mutability),
        (json!({ "op": "replace", "path": "displayName", "value": "" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "userName", "value": "x" }), ScimType::InvalidPath),
        (json!({ "op": "remove" }), ScimType::NoTarget),
    ] {
        let error = changes(&json!([operation])).unwrap_err();
        assert_eq!(error.scim_type(), Some(scim_type), "{operation}: {error}");
    }
    let ignored = group(&json!([{ "op": "add", "path": "members[value eq \"a\"].display", "value": "Ada" }]));
    assert_eq!(ignored, GroupChanges::default());
}
