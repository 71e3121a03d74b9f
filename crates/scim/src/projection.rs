//! Which attributes an answer has: `attributes` and `excludedAttributes` (RFC 7644, 3.9).

use serde_json::{Map, Value};

use crate::path::AttributePath;
use crate::schema::{Attribute, List, Named, ResourceKind, Returned, find};

/// Which attributes an answer has.
#[derive(Debug, Clone)]
pub struct Projection {
    kind: ResourceKind,
    /// None: all.
    only: Option<Vec<Part>>,
    without: Vec<Part>,
}

/// An attribute, or a part of one.
#[derive(Debug, Clone, Copy)]
struct Part {
    attribute: &'static Attribute,
    sub: Option<&'static Attribute>,
}

/// How much of an attribute is meant.
enum Extent {
    Nothing,
    Whole,
    Parts(Vec<&'static str>),
}

impl Projection {
    /// All attributes.
    #[must_use]
    pub fn all(kind: ResourceKind) -> Self {
        Self { kind, only: None, without: Vec::new() }
    }

    /// Those that are named in `attributes`, or all if that is none, without those in `excluded`. Names of what is not there are passed
    /// over, as the RFC has it. By the RFC a request has one of the two lists; with both, both count.
    #[must_use]
    pub fn new(kind: ResourceKind, attributes: Option<&[String]>, excluded: &[String]) -> Self {
        Self { kind, only: attributes.map(|names| parts(kind, names)), without: parts(kind, excluded) }
    }

    /// Whether the answer has something of the list, so that it must be read.
    #[must_use]
    pub fn includes(&self, list: List) -> bool {
        let wanted =
            self.only.as_ref().is_none_or(|only| !matches!(extent(only, list.name()), Extent::Nothing));
        wanted && !matches!(extent(&self.without, list.name()), Extent::Whole)
    }

    /// The document with those attributes alone. `id` and `schemas` are always there.
    #[must_use]
    pub fn apply(&self, document: Value) -> Value {
        let Value::Object(document) = document else { return document };
        Value::Object(document.into_iter().filter_map(|(name, value)| self.attribute(name, value)).collect())
    }

    fn attribute(&self, name: String, value: Value) -> Option<(String, Value)> {
        if find(self.kind.attributes(), &name).is_some_and(|known| known.returned == Returned::Always) {
            return Some((name, value));
        }
        let value = match self.only.as_ref().map_or(Extent::Whole, |only| extent(only, &name)) {
            Extent::Nothing => return None,
            Extent::Whole => value,
            Extent::Parts(parts) => each(value, &|part| parts.contains(&part))?,
        };
        let value = match extent(&self.without, &name) {
            Extent::Nothing => value,
            Extent::Whole => return None,
            Extent::Parts(parts) => each(value, &|part| !parts.contains(&part))?,
        };
        Some((name, value))
    }
}

fn parts(kind: ResourceKind, names: &[String]) -> Vec<Part> {
    names
        .iter()
        .filter_map(|name| AttributePath::parse(name.trim()).ok())
        .filter_map(|path| match kind.resolve(&path) {
            Named::Known { attribute, sub } => Some(Part { attribute, sub }),
            Named::Unstored | Named::Unknown => None,
        })
        .collect()
}

fn extent(parts: &[Part], name: &str) -> Extent {
    let mut named = Vec::new();
    for part in parts.iter().filter(|part| part.attribute.name == name) {
        match part.sub {
            Some(sub) => named.push(sub.name),
            None => return Extent::Whole,
        }
    }
    if named.is_empty() { Extent::Nothing } else { Extent::Parts(named) }
}

/// An object, or each object of an array, with those of its members alone; `None` if nothing is left.
fn each(value: Value, keep: &dyn Fn(&str) -> bool) -> Option<Value> {
    match value {
        Value::Object(object) => {
            let kept: Map<_, _> = object.into_iter().filter(|(name, _)| keep(name)).collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(values) => {
            let kept: Vec<_> = values.into_iter().filter_map(|value| each(value, keep)).collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        value => Some(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> Value {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "a", "userName": "ada@example.com",
            "name": { "givenName": "Ada", "familyName": "Lovelace" },
            "emails": [{ "value": "ada@example.com", "type": "work" }, { "value": "ada@home.example" }],
            "meta": { "resourceType": "User", "version": "W/\"1\"" },
        })
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// What is left beside `id` and `schemas`.
    fn left(attributes: Option<&[&str]>, excluded: &[&str]) -> Value {
        let attributes = attributes.map(names);
        let projection = Projection::new(ResourceKind::User, attributes.as_deref(), &names(excluded));
        let Value::Object(mut document) = projection.apply(ada()) else { panic!() };
        assert!(document.remove("id").is_some() && document.remove("schemas").is_some());
        Value::Object(document)
    }

    #[test]
    fn only_what_was_asked_for() {
        assert_eq!(left(Some(&["username"]), &[]), json!({ "userName": "ada@example.com" }));
        assert_eq!(left(Some(&["name.GivenName"]), &[]), json!({ "name": { "givenName": "Ada" } }));
        assert_eq!(left(Some(&["name.givenName", "name"]), &[])["name"], ada()["name"]);
        assert_eq!(left(Some(&["emails.type"]), &[]), json!({ "emails": [{ "type": "work" }] }));
        assert_eq!(left(Some(&["name.formatted"]), &[]), json!({}));
        assert_eq!(left(Some(&["shoeSize", "not a name", "title"]), &[]), json!({}));
        assert_eq!(left(Some(&[]), &[]), json!({}));
        let urn = "urn:ietf:params:scim:schemas:core:2.0:User:userName";
        assert_eq!(left(Some(&[urn]), &[]), json!({ "userName": "ada@example.com" }));
    }

    #[test]
    fn all_but_what_was_excluded() {
        let document = left(None, &["EMAILS", "name.givenName", "meta", "id", "schemas"]);
        assert_eq!(document, json!({ "userName": "ada@example.com", "name": { "familyName": "Lovelace" } }));
        assert_eq!(left(None, &["name.givenName", "name.familyName"]).get("name"), None);
        assert_eq!(left(Some(&["name", "userName"]), &["name"]), json!({ "userName": "ada@example.com" }));
    }

    #[test]
    fn what_is_not_shown_need_not_be_read() {
        let includes = |attributes: Option<&[&str]>, excluded: &[&str]| {
            let attributes = attributes.map(names);
            Projection::new(ResourceKind::Group, attributes.as_deref(), &names(excluded))
                .includes(List::Members)
        };
        assert!(includes(None, &[]));
        assert!(includes(None, &["members.$ref"]));
        assert!(includes(Some(&["members.value"]), &[]));
        assert!(!includes(None, &["Members"]));
        assert!(!includes(Some(&["displayName"]), &[]));
        assert!(Projection::all(ResourceKind::Group).includes(List::Members));
    }
}
