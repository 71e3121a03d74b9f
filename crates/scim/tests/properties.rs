//! What holds for every request. The seed is fixed: a run that fails fails again.

#![expect(clippy::unwrap_used, reason = "a helper of a test may stop where it stands")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rosterd_scim::patch::PatchRequest;
use rosterd_scim::{Projection, ResourceKind, ScimError, UserAttributes, UserForm};
use serde_json::{Map, Value, json};

fn config() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::with_cases(512)
    }
}

/// Any JSON, a few levels deep, with the names of attributes as keys.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i8>().prop_map(Value::from),
        proptest::sample::select(vec!["True", "false", "", "a", "ada@example.com", "work"])
            .prop_map(Value::from),
        ".{0,5}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::vec((path(), inner), 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Paths: good ones, and others.
fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => proptest::sample::select(vec![
            "userName", "username", "externalId", "active", "displayName", "name", "name.givenName", "name.middleName",
            "emails", "emails.value", "emails[type eq \"work\"]", "emails[type eq \"work\"].value", "emails[primary eq true].type",
            "emails[not (value pr)].primary", "members", "members[value eq \"a\"]", "value", "type", "primary", "roles", "id",
            "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group:members",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "shoeSize", "password",
        ])
        .prop_map(str::to_owned),
        1 => ".{0,8}",
    ]
}

fn operation() -> impl Strategy<Value = Value> {
    let verb = proptest::sample::select(vec!["add", "Add", "remove", "Remove", "replace", "REPLACE"]);
    (verb, proptest::option::of(path()), proptest::option::of(any_json())).prop_map(|(verb, path, value)| {
        let mut operation = Map::from_iter([("op".to_owned(), Value::from(verb))]);
        operation.extend(path.map(|path| ("path".to_owned(), Value::from(path))));
        operation.extend(value.map(|value| ("value".to_owned(), value)));
        Value::Object(operation)
    })
}

/// An operation that says who comes or goes.
fn of_members() -> impl Strategy<Value = Value> {
    let ids = proptest::collection::vec("[a-e]", 0..4);
    (0..4, ids, "[a-e]").prop_map(|(kind, ids, one)| {
        let ids: Vec<Value> = ids.into_iter().map(|id| json!({ "value": id })).collect();
        match kind {
            0 => json!({ "op": "Add", "path": "members", "value": ids }),
            1 => json!({ "op": "Remove", "path": "members", "value": ids }),
            2 => json!({ "op": "replace", "path": "members", "value": ids }),
            _ => json!({ "op": "remove", "path": format!("members[value eq \"{one}\"]") }),
        }
    })
}

fn request(operations: &[Value]) -> Result<PatchRequest, ScimError> {
    PatchRequest::parse(&json!({ "Operations": operations }))
}

fn ada() -> UserAttributes {
    let body = json!({
        "userName": "ada@example.com", "externalId": "e1", "displayName": "Ada",
        "emails": [{ "value": "ada@work.example", "type": "work", "primary": true }, { "value": "ada@home.example" }],
    });
    UserForm::parse(&body).unwrap().into_new()
}

fn members(operations: &[Value], before: BTreeSet<String>) -> BTreeSet<String> {
    request(operations).unwrap().group_changes().unwrap().members.apply(before)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_patch_leaves_a_user_that_could_have_been_made(operations in proptest::collection::vec(operation(), 1..4)) {
        let Ok(request) = request(&operations) else { return Ok(()) };
        let Ok(changes) = request.user_changes() else { return Ok(()) };
        let mut user = ada();
        for change in changes {
            let before = user.clone();
            if user.apply(&change).is_err() {
                prop_assert_eq!(&user, &before);
            }
        }
        prop_assert!(!user.user_name.trim().is_empty());
        prop_assert!(user.emails.iter().filter(|email| email.primary == Some(true)).count() <= 1);
        prop_assert!(user.emails.iter().all(|email| !email.value.is_empty()));
    }

    #[test]
    fn a_request_is_what_its_operations_are_one_after_another(
        operations in proptest::collection::vec(of_members(), 1..6),
        before in proptest::collection::btree_set("[a-e]", 0..5),
    ) {
        let mut step_by_step = before.clone();
        for operation in &operations {
            step_by_step = members(std::slice::from_ref(operation), step_by_step);
        }
        prop_assert_eq!(members(&operations, before), step_by_step);
    }

    #[test]
    fn only_a_request_that_names_members_changes_them(operations in proptest::collection::vec(operation(), 1..4)) {
        prop_assume!(!operations.iter().any(|operation| operation.to_string().to_lowercase().contains("members")));
        if let Ok(changes) = request(&operations).and_then(|request| request.group_changes()) {
            let before = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
            prop_assert_eq!(changes.members.apply(before.clone()), before);
        }
    }

    #[test]
    fn with_and_without_a_path_is_the_same(name in proptest::sample::select(vec![
        "userName", "displayName", "externalId", "active", "name.givenName", "emails", "emails[type eq \"work\"].value",
    ]), value in any_json(), verb in "add|replace") {
        let changes = |operation: Value| request(&[operation]).unwrap().user_changes();
        let with = changes(json!({ "op": verb, "path": name, "value": value }));
        let without = changes(json!({ "op": verb, "value": { name: value } }));
        prop_assert_eq!(with, without);
    }

    #[test]
    fn any_body_is_read_or_refused(body in any_json()) {
        let _ = UserForm::parse(&body);
        let _ = rosterd_scim::GroupForm::parse(&body);
        let _ = PatchRequest::parse(&body);
    }

    #[test]
    fn a_projection_takes_away_and_adds_nothing(
        attributes in proptest::option::of(proptest::collection::vec(path(), 0..3)),
        excluded in proptest::collection::vec(path(), 0..3),
    ) {
        let document = json!({
            "schemas": ["x"], "id": "a", "userName": "ada", "name": { "givenName": "Ada", "familyName": "L" },
            "emails": [{ "value": "v", "type": "work" }, { "value": "w" }], "meta": { "version": "1" },
        });
        let projection = Projection::new(ResourceKind::User, attributes.as_deref(), &excluded);
        let shown = projection.apply(document.clone());
        prop_assert_eq!((&shown["id"], &shown["schemas"]), (&document["id"], &document["schemas"]));
        prop_assert_eq!(projection.apply(shown.clone()), shown.clone(), "twice is once");
        for (name, value) in shown.as_object().unwrap() {
            let whole = &document[name];
            let is_part = match (value, whole) {
                (Value::Object(part), Value::Object(whole)) => part.iter().all(|(name, value)| whole.get(name) == Some(value)),
                (Value::Array(part), Value::Array(whole)) => part.len() <= whole.len(),
                (value, whole) => value == whole,
            };
            prop_assert!(is_part, "{name}: {value}");
        }
    }
}
