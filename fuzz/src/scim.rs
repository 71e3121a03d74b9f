//! What the target `scim` does with an input, and what must hold whatever it is. A file of its own, since only the crate
//! `rosterd-scim` is needed for it: a test of that crate (`fuzz`) includes it.

use std::collections::BTreeSet;

use rosterd_scim::patch::{MembersChange, PatchRequest};
use rosterd_scim::{
    DateTime, Filter, GroupForm, IfMatch, Limits, ListQuery, Meta, ResourceKind, User, UserAttributes,
    UserForm, Version,
};
use serde_json::{Value, json};

const LIMITS: Limits = Limits { default_count: 100, max_count: 200 };

/// What an identity provider sends: a filter, a header with versions, a moment, the body of a request.
///
/// # Panics
/// When a filter is not the same after a journey, or a user that is stored is not one that could have been made.
pub fn scim(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    filter(&text);
    let _ = IfMatch::parse(&text);
    if let Some(moment) = DateTime::parse(&text) {
        assert_eq!(DateTime::parse(&moment.to_string()), Some(moment));
    }
    if let Ok(body) = serde_json::from_str::<Value>(&text) {
        forms(&body);
        patch(&body);
        for kind in ResourceKind::ALL {
            if let Ok(query) = ListQuery::from_search(kind, &body, LIMITS) {
                assert!(query.page.count <= LIMITS.max_count && query.page.start_index > 0);
                assert!(query.projection.apply(shown(ada())).get("id").is_some());
            }
        }
    }
}

fn filter(text: &str) {
    match Filter::parse(text) {
        Ok(filter) => {
            assert_eq!(Filter::parse(&filter.to_string()).as_ref(), Ok(&filter));
            for kind in ResourceKind::ALL {
                if let Ok(condition) = filter.bind(kind) {
                    let holds = condition.matches(&shown(ada()));
                    let opposite = Filter::Not(Box::new(filter.clone())).bind(kind);
                    assert_eq!(opposite.map(|opposite| opposite.matches(&shown(ada()))), Ok(!holds));
                }
            }
        }
        Err(error) => assert!(error.position().is_some_and(|at| text.is_char_boundary(at)), "{error}"),
    }
}

fn forms(body: &Value) {
    if let Ok(form) = UserForm::parse(body) {
        check(&form.clone().into_new());
        check(&form.replace(&ada()));
    }
    if let Ok(form) = GroupForm::parse(body) {
        assert!(!form.display_name.trim().is_empty());
    }
}

fn patch(body: &Value) {
    let Ok(request) = PatchRequest::parse(body) else { return };
    let mut user = ada();
    for change in request.user_changes().unwrap_or_default() {
        let before = user.clone();
        if user.apply(&change).is_err() {
            assert_eq!(user, before, "what fails changes nothing");
        }
    }
    check(&user);
    let Ok(changes) = request.group_changes() else { return };
    if let MembersChange::Changed { add, remove } = &changes.members {
        assert!(add.is_disjoint(remove));
    }
    let members = changes.members.apply(BTreeSet::from(["a".to_owned()]));
    assert_eq!(changes.members.apply(members.clone()), members, "the same once more changes nothing");
}

fn ada() -> UserAttributes {
    let body =
        json!({ "userName": "ada@example.com", "emails": [{ "value": "ada@work.example", "type": "work" }] });
    let Ok(form) = UserForm::parse(&body) else { panic!("this is a user") };
    form.into_new()
}

/// A user is one that could have been made, and that databases can hold.
fn check(user: &UserAttributes) {
    assert!(!user.user_name.trim().is_empty() && !user.account_name().is_empty());
    assert!(user.emails.len() <= 50 && user.emails.iter().all(|email| !email.value.is_empty()));
    assert!(user.emails.iter().filter(|email| email.primary == Some(true)).count() <= 1);
    let document = shown(user.clone());
    assert!(!document.to_string().contains("\\u0000"));
    let Ok(again) = UserForm::parse(&document) else { panic!("what is answered can be sent: {document}") };
    // Without e-mail addresses there are none in the document, and the user name becomes one.
    if !user.emails.is_empty() {
        assert_eq!(&again.replace(user), user);
    }
}

fn shown(attributes: UserAttributes) -> Value {
    let moment = DateTime::from_seconds(1_800_000_000);
    let meta = Meta { created: moment, last_modified: moment, version: Version::new("1") };
    User { id: "a".to_owned(), attributes, groups: Vec::new(), meta }
        .to_json("https://chat.example.com/scim/v2")
}
