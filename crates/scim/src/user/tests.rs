use serde_json::json;

use super::*;
use crate::date_time::DateTime;
use crate::error::ScimType;
use crate::version::Version;

/// What Entra ID sends to make a user.
fn of_entra() -> Value {
    json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ],
        "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
        "userName": "ada@example.com",
        "active": true,
        "emails": [{ "primary": true, "type": "work", "value": "ada.lovelace@example.com" }],
        "meta": { "resourceType": "User" },
        "name": { "formatted": "Ada Lovelace", "familyName": "Lovelace", "givenName": "Ada", "middleName": "K." },
        "roles": [],
        "title": "Countess",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "Analysis" },
    })
}

fn ada() -> UserAttributes {
    UserForm::parse(&of_entra()).unwrap().into_new()
}

#[test]
fn a_user_of_entra_keeps_what_is_stored() {
    let form = UserForm::parse(&of_entra()).unwrap();
    assert_eq!(form.password, None);
    let ada = form.into_new();
    assert_eq!(ada.user_name, "ada@example.com");
    assert_eq!(ada.external_id.as_deref(), Some("0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"));
    assert_eq!(ada.account_name(), "Ada Lovelace");
    assert_eq!(ada.email_address(), Some("ada@example.com"), "the user name is the e-mail address");
    assert!(ada.active);
}

#[test]
fn a_user_of_okta_has_a_password() {
    let form = UserForm::parse(&json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "bob@example.com", "name": { "givenName": "Bob", "familyName": "Ross" },
        "emails": [{ "primary": true, "value": "bob@example.com", "type": "work" }],
        "displayName": "Bob Ross", "locale": "en-US", "externalId": "00ujl29u0le5T6Aj10h7", "groups": [],
        "password": "1mz050nq", "active": true,
    }))
    .unwrap();
    assert_eq!(form.password.as_ref().map(Password::expose), Some("1mz050nq"));
    assert!(!format!("{form:?}").contains("1mz050nq"));
}

#[test]
fn left_out_is_not_null() {
    let form = |sent: Value| UserForm::parse(&sent).unwrap();
    let short = form(json!({ "userName": "bob@example.com" })).into_new();
    assert!(short.active);
    let address = Email {
        value: "bob@example.com".into(),
        display: None,
        kind: Some("work".into()),
        primary: Some(true),
    };
    assert_eq!(short.emails, [address]);
    assert_eq!(form(json!({ "userName": "bob@example.com", "emails": [] })).into_new().emails, []);
    assert_eq!(form(json!({ "userName": "bob" })).into_new().emails, []);

    let stored = UserAttributes { active: false, ..ada() };
    let replaced = form(json!({ "userName": "ada@example.org" })).replace(&stored);
    assert!(!replaced.active, "nobody is let in again by an accident");
    assert_eq!(replaced.external_id, stored.external_id);
    assert_eq!((replaced.display_name, replaced.name), (None, PersonName::default()));
    assert_eq!(replaced.emails[0].value, "ada@example.org");
    let replaced =
        form(json!({ "userName": "a@b.c", "active": "True", "externalId": null })).replace(&stored);
    assert_eq!((replaced.active, replaced.external_id), (true, None));
}

#[test]
fn what_a_user_cannot_be() {
    for (sent, scim_type) in [
        (json!("ada"), ScimType::InvalidSyntax),
        (json!([]), ScimType::InvalidSyntax),
        (
            json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "userName": "a@b.c" }),
            ScimType::InvalidSyntax,
        ),
        (json!({ "schemas": [], "userName": "a@b.c" }), ScimType::InvalidSyntax),
        (json!({ "invalid": "data" }), ScimType::InvalidValue),
        (json!({ "userName": "" }), ScimType::InvalidValue),
        (json!({ "userName": " " }), ScimType::InvalidValue),
        (json!({ "userName": 7 }), ScimType::InvalidValue),
        (json!({ "userName": "a@b.c", "active": "maybe" }), ScimType::InvalidValue),
        (json!({ "userName": "a@b.c", "name": "Ada" }), ScimType::InvalidValue),
        (json!({ "userName": "a@b.c", "emails": "a@b.c" }), ScimType::InvalidValue),
        (json!({ "userName": "a@b.c", "emails": [7] }), ScimType::InvalidValue),
        (json!({ "userName": "a@b.c", "displayName": "a\u{0}b" }), ScimType::InvalidValue),
        (
            json!({ "userName": "a@b.c", "emails": [{ "value": "x", "primary": true }, { "value": "y", "primary": "True" }] }),
            ScimType::InvalidValue,
        ),
        (json!({ "userName": "a@b.c", "emails": vec![json!({ "value": "x" }); 51] }), ScimType::InvalidValue),
    ] {
        assert_eq!(UserForm::parse(&sent).unwrap_err().scim_type(), Some(scim_type), "{sent}");
    }
}

#[test]
fn the_address_of_an_account_is_the_first_that_is_one() {
    let email = |value: &str, kind: Option<&str>, primary| Email {
        value: value.to_owned(),
        display: None,
        kind: kind.map(str::to_owned),
        primary,
    };
    let mut user = UserAttributes { user_name: "ada".to_owned(), emails: Vec::new(), ..ada() };
    assert_eq!(user.email_address(), None);
    user.emails.push(email("no address", None, Some(true)));
    assert_eq!(user.email_address(), None);
    user.emails.push(email("a@home.example", Some("home"), None));
    assert_eq!(user.email_address(), Some("a@home.example"));
    user.emails.push(email("a@work.example", Some("Work"), Some(false)));
    assert_eq!(user.email_address(), Some("a@work.example"));
    user.emails[0] = email("a@first.example", None, Some(true));
    assert_eq!(user.email_address(), Some("a@first.example"));
    user.user_name = "ada@example.com".to_owned();
    assert_eq!(user.email_address(), Some("ada@example.com"));
}

#[test]
fn names_come_from_what_there_is() {
    let name = |formatted: Option<&str>, given: Option<&str>, family: Option<&str>| PersonName {
        formatted: formatted.map(str::to_owned),
        given_name: given.map(str::to_owned),
        family_name: family.map(str::to_owned),
    };
    let user = |name| UserAttributes { display_name: None, name, ..ada() }.account_name();
    assert_eq!(user(name(Some("Countess"), Some("Ada"), Some("Lovelace"))), "Countess");
    assert_eq!(user(name(None, Some("Ada"), Some("Lovelace"))), "Ada Lovelace");
    assert_eq!(user(name(None, None, Some("Lovelace"))), "Lovelace");
    assert_eq!(user(name(None, None, None)), "ada@example.com");
}

#[test]
fn the_document_has_what_is_stored_and_no_more() {
    let moment = DateTime::from_seconds(1_795_779_060);
    let meta = Meta { created: moment, last_modified: moment, version: Version::new("7") };
    let groups = vec![GroupReference { id: "g 1".to_owned(), display: "Analysts".to_owned() }];
    let user = User { id: "7c1f".to_owned(), attributes: ada(), groups, meta: meta.clone() };
    assert_eq!(
        user.to_json("https://chat.example.com/scim/v2"),
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "7c1f",
            "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
            "userName": "ada@example.com",
            "name": { "formatted": "Ada Lovelace", "familyName": "Lovelace", "givenName": "Ada" },
            "active": true,
            "emails": [{ "value": "ada.lovelace@example.com", "type": "work", "primary": true }],
            "groups": [{
                "value": "g 1", "$ref": "https://chat.example.com/scim/v2/Groups/g%201", "display": "Analysts",
            }],
            "meta": {
                "resourceType": "User", "created": "2026-11-27T11:31:00Z", "lastModified": "2026-11-27T11:31:00Z",
                "location": "https://chat.example.com/scim/v2/Users/7c1f", "version": "W/\"7\"",
            },
        })
    );
    let attributes = UserForm::parse(&json!({ "userName": "bob", "active": false })).unwrap().into_new();
    let Value::Object(document) =
        (User { id: "b".to_owned(), attributes, groups: Vec::new(), meta }).to_json("")
    else {
        panic!()
    };
    assert_eq!(document.keys().collect::<Vec<_>>(), ["schemas", "id", "userName", "active", "meta"]);
}
