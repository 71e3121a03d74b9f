mod emails;
mod groups;

use serde_json::json;

use super::*;
use crate::user::{PersonName, UserAttributes, UserForm};

fn request(operations: &Value) -> Result<PatchRequest, ScimError> {
    PatchRequest::parse(&json!({ "schemas": [PATCH_SCHEMA], "Operations": operations }))
}

fn ada() -> UserAttributes {
    UserForm::parse(&json!({
        "userName": "ada@example.com", "externalId": "e1", "displayName": "Ada",
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
        "emails": [
            { "value": "ada@example.com", "type": "work", "primary": true },
            { "value": "ada@home.example", "type": "home" },
        ],
    }))
    .unwrap()
    .into_new()
}

fn patched(operations: &Value) -> Result<UserAttributes, ScimError> {
    let mut user = ada();
    for change in request(operations)?.user_changes()? {
        user.apply(&change)?;
    }
    Ok(user)
}

fn user(operations: &Value) -> UserAttributes {
    patched(operations).unwrap_or_else(|error| panic!("{operations}: {error}"))
}

fn values(user: &UserAttributes) -> Vec<&str> {
    user.emails.iter().map(|email| &*email.value).collect()
}

#[test]
fn entra_disables_a_user_with_a_text() {
    for value in [json!("False"), json!(false), json!(["False"]), json!([{ "value": "False" }])] {
        let sent = json!([{ "op": "Replace", "path": "active", "value": value }]);
        assert!(!user(&sent).active, "{sent}");
    }
    let off = UserAttributes { active: false, ..ada() };
    let on = request(&json!([{ "op": "Add", "path": "active", "value": "True" }]))
        .unwrap()
        .user_changes()
        .unwrap();
    let mut user = off;
    user.apply(&on[0]).unwrap();
    assert!(user.active);
}

#[test]
fn okta_disables_a_user_without_a_path() {
    assert!(!user(&json!([{ "op": "replace", "value": { "active": false } }])).active);
    assert!(!user(&json!([{ "op": "Replace", "path": "", "value": { "Active": "false" } }])).active);
    assert!(!user(&json!([{ "op": "replace", "path": null, "value": [{ "active": false }] }])).active);
}

#[test]
fn entra_changes_an_account_by_paths() {
    let changed = user(&json!([
        { "op": "Replace", "path": "userName", "value": "countess@example.com" },
        { "op": "Replace", "path": "displayName", "value": [{ "$ref": null, "value": "The Countess" }] },
        { "op": "Add", "path": "name.formatted", "value": "Ada, Countess of Lovelace" },
        { "op": "Replace", "path": "name.givenName", "value": ["Augusta"] },
        { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "countess@example.com" },
        { "op": "Add", "path": "title", "value": "Countess" },
        { "op": "Add", "path": "addresses[type eq \"work\"].formatted", "value": "London" },
        { "op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "1" },
        { "op": "Add", "path": "roles", "value": [] },
        {
            "op": "Add", "value": "Analysis",
            "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        },
        { "op": "Replace", "path": "externalId", "value": "e2" },
    ]));
    assert_eq!(changed.user_name, "countess@example.com");
    assert_eq!(changed.external_id.as_deref(), Some("e2"));
    assert_eq!(changed.display_name.as_deref(), Some("The Countess"));
    assert_eq!(
        changed.name,
        PersonName {
            formatted: Some("Ada, Countess of Lovelace".to_owned()),
            family_name: Some("Lovelace".to_owned()),
            given_name: Some("Augusta".to_owned()),
        }
    );
    assert_eq!(values(&changed), ["countess@example.com", "ada@home.example"]);
    assert_eq!(changed.emails[0].primary, Some(true), "only the value was replaced");
}

#[test]
fn entra_changes_an_account_without_a_path() {
    let changed = user(&json!([{
        "op": "replace",
        "value": {
            "displayName": "Countess", "name.givenName": "Augusta", "name.familyName": "King",
            "emails[type eq \"work\"].value": "king@example.com",
            "urn:ietf:params:scim:schemas:core:2.0:User:externalId": "e3",
            "urn:ietf:params:scim:schemas:core:2.0:User": { "active": "False" },
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "Analysis",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "Analysis" },
            "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User": { "x": 1 },
            "id": "another", "schemas": [], "meta": {}, "groups": [], "shoeSize": 38, "roles": [],
        },
    }]));
    assert_eq!(changed.display_name.as_deref(), Some("Countess"));
    assert_eq!(changed.name.whole().as_deref(), Some("Augusta King"));
    assert_eq!((changed.external_id.as_deref(), changed.active), (Some("e3"), false));
    assert_eq!(values(&changed), ["king@example.com", "ada@home.example"]);
}

#[test]
fn a_name_changes_by_its_parts() {
    let name = |operation: Value| user(&json!([operation])).name;
    let changed = name(
        json!({ "op": "replace", "path": "name", "value": { "familyName": "King", "middleName": "x" } }),
    );
    assert_eq!((changed.given_name.as_deref(), changed.family_name.as_deref()), (Some("Ada"), Some("King")));
    let changed =
        name(json!({ "op": "add", "path": "name", "value": [{ "formatted": "A. K.", "givenName": null }] }));
    assert_eq!((changed.given_name, changed.formatted.as_deref()), (None, Some("A. K.")));
    assert_eq!(name(json!({ "op": "remove", "path": "name" })), PersonName::default());
    assert_eq!(name(json!({ "op": "replace", "path": "name", "value": null })), PersonName::default());
    assert_eq!(name(json!({ "op": "Remove", "path": "name.familyName" })).family_name, None);
    assert_eq!(name(json!({ "op": "add", "path": "name.middleName", "value": "x" })), ada().name);
}

#[test]
fn what_can_be_left_out_can_be_removed() {
    let changed = user(&json!([
        { "op": "remove", "path": "displayName" },
        { "op": "remove", "path": "externalId" },
        { "op": "remove", "path": "emails" },
        { "op": "remove", "path": "title" },
        { "op": "remove", "path": "password" },
    ]));
    assert_eq!((changed.display_name, changed.external_id, changed.emails), (None, None, Vec::new()));
    assert_eq!(user(&json!([{ "op": "replace", "path": "displayName", "value": "" }])).display_name, None);
    assert_eq!(user(&json!([{ "op": "replace", "path": "emails", "value": [] }])).emails, []);
}

#[test]
fn what_is_refused_says_why() {
    for (operation, scim_type) in [
        (json!({ "op": "move", "path": "userName", "value": "x" }), ScimType::InvalidSyntax),
        (json!({ "path": "userName", "value": "x" }), ScimType::InvalidSyntax),
        (json!("replace"), ScimType::InvalidSyntax),
        (json!({ "op": "replace", "path": 7, "value": "x" }), ScimType::InvalidPath),
        (json!({ "op": "replace", "path": "shoeSize", "value": "x" }), ScimType::InvalidPath),
        (json!({ "op": "replace", "path": "userName.value", "value": "x" }), ScimType::InvalidPath),
        (json!({ "op": "replace", "path": "userName[value eq \"x\"]", "value": "x" }), ScimType::InvalidPath),
        (
            json!({ "op": "replace", "path": "name[givenName eq \"x\"].formatted", "value": "x" }),
            ScimType::InvalidPath,
        ),
        (
            json!({ "op": "replace", "path": "emails[type eq \"work\"].shoeSize", "value": "x" }),
            ScimType::InvalidPath,
        ),
        (
            json!({ "op": "replace", "path": "emails.value[type eq \"work\"]", "value": "x" }),
            ScimType::InvalidPath,
        ),
        (json!({ "op": "replace", "path": "emails[type eq]", "value": "x" }), ScimType::InvalidFilter),
        (
            json!({ "op": "replace", "path": "emails[shoeSize eq \"x\"]", "value": "x" }),
            ScimType::InvalidFilter,
        ),
        (json!({ "op": "replace", "path": "id", "value": "x" }), ScimType::Mutability),
        (json!({ "op": "replace", "path": "groups", "value": [] }), ScimType::Mutability),
        (json!({ "op": "add", "path": "meta.created", "value": "x" }), ScimType::Mutability),
        (json!({ "op": "remove", "path": "userName" }), ScimType::Mutability),
        (json!({ "op": "remove", "path": "active" }), ScimType::Mutability),
        (
            json!({ "op": "remove", "path": "urn:ietf:params:scim:schemas:core:2.0:User" }),
            ScimType::Mutability,
        ),
        (json!({ "op": "remove" }), ScimType::NoTarget),
        (json!({ "op": "remove", "value": { "displayName": "x" } }), ScimType::NoTarget),
        (
            json!({ "op": "replace", "path": "emails[type eq \"other\"].value", "value": "x" }),
            ScimType::NoTarget,
        ),
        (
            json!({ "op": "replace", "path": "emails[type eq \"other\"]", "value": { "value": "x" } }),
            ScimType::NoTarget,
        ),
        (
            json!({ "op": "add", "path": "emails[type eq \"other\"].display", "value": "x" }),
            ScimType::InvalidValue,
        ),
        (json!({ "op": "replace", "path": "userName" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "userName", "value": null }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "displayName" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "active", "value": "perhaps" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "active", "value": null }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "emails" }), ScimType::InvalidValue),
        (
            json!({ "op": "replace", "path": "emails[type eq \"work\"]", "value": "x" }),
            ScimType::InvalidValue,
        ),
        (json!({ "op": "replace" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "value": "x" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "value": [{}, {}] }), ScimType::InvalidValue),
        (json!({ "op": "add", "value": { "not a name": 1 } }), ScimType::InvalidPath),
    ] {
        let error = patched(&json!([operation])).unwrap_err();
        assert_eq!((error.scim_type(), error.status()), (Some(scim_type), 400), "{operation}: {error}");
    }
    for body in [json!([]), json!({}), json!({ "Operations": [] }), json!({ "Operations": {} })] {
        assert_eq!(
            PatchRequest::parse(&body).unwrap_err().scim_type(),
            Some(ScimType::InvalidSyntax),
            "{body}"
        );
    }
    let many = vec![json!({ "op": "remove", "path": "title" }); MAX_OPERATIONS + 1];
    assert!(request(&Value::from(&many[1..])).is_ok());
    assert_eq!(request(&Value::from(many)).unwrap_err().scim_type(), Some(ScimType::TooMany));
    let other = json!({ "schemas": ["urn:x:y"], "Operations": [{ "op": "add", "value": {} }] });
    assert!(PatchRequest::parse(&other).is_err());
    let lenient = json!({ "operations": [{ "OP": "ADD", "Value": {} }] });
    assert!(PatchRequest::parse(&lenient).is_ok());
}

#[test]
fn a_failed_change_changes_nothing() {
    let mut user = ada();
    let failing = json!([{ "op": "replace", "path": "emails[type eq \"other\"].value", "value": "x" }]);
    for change in request(&failing).unwrap().user_changes().unwrap() {
        user.apply(&change).unwrap_err();
    }
    let many: Vec<Value> = (0..60).map(|n| json!({ "value": format!("{n}@x.example") })).collect();
    for part in many.chunks(49) {
        let change = request(&json!([{ "op": "add", "path": "emails", "value": part }])).unwrap();
        assert!(user.apply(&change.user_changes().unwrap()[0]).is_err() || part.len() < 49);
    }
}

#[test]
fn a_password_is_a_change_of_its_own() {
    let sent = request(&json!([{ "op": "replace", "path": "password", "value": "a long secret" }])).unwrap();
    let changes = sent.user_changes().unwrap();
    assert!(matches!(&changes[..], [UserChange::Password(password)] if password.expose() == "a long secret"));
    assert!(!format!("{changes:?}").contains("secret"));
    assert_eq!(user(&json!([{ "op": "replace", "path": "password", "value": "a long secret" }])), ada());
}
