use serde_json::json;

use super::*;
use crate::user::Email;

#[test]
fn email_addresses_are_added() {
    let changed = user(&json!([{
        "op": "add", "path": "emails",
        "value": [{ "value": "ada@new.example", "type": "other", "primary": "True" }, { "value": "ada@home.example", "type": "home" }],
    }]));
    assert_eq!(values(&changed), ["ada@example.com", "ada@home.example", "ada@new.example"]);
    let primary: Vec<_> = changed.emails.iter().map(|email| email.primary).collect();
    assert_eq!(primary, [Some(false), None, Some(true)]);

    // What is there already is not there twice.
    let again = user(&json!([{
        "op": "add", "path": "emails", "value": [{ "value": "ADA@home.example", "type": "Home", "primary": true }],
    }]));
    assert_eq!(values(&again), values(&ada()));
    assert_eq!((again.emails[0].primary, again.emails[1].primary), (Some(false), Some(true)));

    // Entra ID adds what is not there in this way.
    let changed =
        user(&json!([{ "op": "Add", "path": "emails[type eq \"other\"].value", "value": "a@o.example" }]));
    let made =
        Email { value: "a@o.example".into(), display: None, kind: Some("other".into()), primary: None };
    assert_eq!(changed.emails[2], made);
    let made = user(&json!([
        { "op": "remove", "path": "emails" },
        { "op": "add", "path": "emails.value", "value": "a@o.example" },
        { "op": "add", "path": "emails[type eq \"home\" and primary eq true]", "value": { "value": "b@o.example" } },
    ]));
    assert_eq!(values(&made), ["a@o.example", "b@o.example"]);
    assert_eq!((made.emails[1].kind.as_deref(), made.emails[1].primary), (Some("home"), Some(true)));
}

#[test]
fn email_addresses_are_replaced() {
    let changed = user(&json!([{ "op": "replace", "path": "emails", "value": { "value": "x@y.example" } }]));
    assert_eq!(values(&changed), ["x@y.example"]);
    let changed = user(&json!([
        { "op": "replace", "path": "emails[type eq \"home\"].primary", "value": true },
        { "op": "replace", "path": "emails[primary eq true].display", "value": "Home" },
    ]));
    assert_eq!(changed.emails[0].primary, Some(false));
    assert_eq!((changed.emails[1].primary, changed.emails[1].display.as_deref()), (Some(true), Some("Home")));
    // The whole value is replaced; what the path says of it stays true.
    let whole =
        json!([{ "op": "replace", "path": "emails[type eq \"work\"]", "value": { "value": "x@y.example" } }]);
    let replaced =
        Email { value: "x@y.example".into(), display: None, kind: Some("work".into()), primary: None };
    assert_eq!(user(&whole).emails[0], replaced);
    // All at once: one of them only can be primary.
    let changed = user(&json!([{ "op": "replace", "path": "emails.primary", "value": true }]));
    assert_eq!(changed.emails.iter().filter(|email| email.primary == Some(true)).count(), 1);
}

#[test]
fn email_addresses_are_removed() {
    for path in
        ["emails[type eq \"home\"]", "emails[type eq \"home\"].value", "emails[not (primary eq true)]"]
    {
        assert_eq!(values(&user(&json!([{ "op": "Remove", "path": path }]))), ["ada@example.com"], "{path}");
    }
    let listed = json!([{ "op": "Remove", "path": "emails", "value": [{ "value": "ADA@home.example" }] }]);
    assert_eq!(values(&user(&listed)), ["ada@example.com"]);
    assert_eq!(user(&json!([{ "op": "Remove", "path": "emails", "value": [] }])), ada());
    assert_eq!(user(&json!([{ "op": "remove", "path": "emails[type eq \"other\"]" }])), ada());
    assert_eq!(user(&json!([{ "op": "remove", "path": "emails[type eq \"other\"].display" }])), ada());
    let changed = user(&json!([{ "op": "remove", "path": "emails[type eq \"work\"].type" }]));
    assert_eq!((changed.emails.len(), changed.emails[0].kind.as_deref()), (2, None));
}
