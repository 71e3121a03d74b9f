//! Lists: the parameters of `GET /Users` and the body of `POST /Users/.search`, and what is answered (RFC 7644, 3.4.2 and 3.4.3).

use serde_json::{Map, Value};

use crate::error::{ScimError, ScimType};
use crate::filter::{Condition, Filter};
use crate::meta::put;
use crate::path::AttributePath;
use crate::projection::Projection;
use crate::schema::{Field, Named, ResourceKind};
use crate::sent::{body, check_schemas, member};

/// The schema of a list.
pub const LIST_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// The schema of the body of `.search`.
pub const SEARCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// How long a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Where the client does not say.
    pub default_count: u64,
    /// At most, whatever the client says.
    pub max_count: u64,
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The number of the first resource, from 1.
    pub start_index: u64,
    /// How many at most; 0 asks for their number alone.
    pub count: u64,
}

impl Page {
    /// How many resources come before the page.
    #[must_use]
    pub fn offset(self) -> u64 {
        self.start_index.saturating_sub(1)
    }

    /// How many resources there are on all pages, if `found` on this one say so: those of the last page do, and none behind it do not.
    #[must_use]
    pub fn total(self, found: usize) -> Option<u64> {
        let found = u64::try_from(found).unwrap_or(u64::MAX);
        let is_last = found < self.count && (found > 0 || self.offset() == 0);
        is_last.then(|| self.offset().saturating_add(found))
    }

    /// What less than 1 or 0 means, the RFC says: the first, and none.
    fn new(start_index: Option<i64>, count: Option<i64>, limits: Limits) -> Self {
        let natural = |number: i64| u64::try_from(number).unwrap_or(0);
        Self {
            start_index: start_index.map_or(1, natural).max(1),
            count: count.map_or(limits.default_count, natural).min(limits.max_count),
        }
    }
}

/// The order of a list. Resources that have the same value, or none, are in the order of their ids, those without one last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what; one that [is sortable](Field::is_sortable).
    pub by: Field,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Sort {
    fn parse(kind: ResourceKind, by: &str, order: Option<&str>) -> Result<Self, ScimError> {
        let descending = match order {
            None => false,
            Some(order) if order.eq_ignore_ascii_case("ascending") => false,
            Some(order) if order.eq_ignore_ascii_case("descending") => true,
            Some(_) => return Err(invalid("`sortOrder` must be ascending or descending")),
        };
        let field = AttributePath::parse(by.trim()).ok().and_then(|path| match kind.resolve(&path) {
            Named::Known { attribute, sub } => sub.unwrap_or(attribute).field,
            Named::Unstored | Named::Unknown => None,
        });
        if let Some(by) = field.filter(|field| field.is_sortable()) {
            return Ok(Self { by, descending });
        }
        let is_of_kind =
            |field: &Field| kind.attributes().any(|attribute| attribute.name == field.location().0);
        let sortable = Field::ALL.iter().filter(|field| field.is_sortable() && is_of_kind(field));
        let names: Vec<String> = sortable.map(|field| field.path()).collect();
        Err(invalid(&format!("`sortBy` must be one of {}", names.join(", "))))
    }
}

/// What is asked of a list.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// Which resources; none: all.
    pub filter: Option<Condition>,
    /// In which order; none: any that stays the same from page to page.
    pub sort: Option<Sort>,
    /// Which of them.
    pub page: Page,
    /// What of them.
    pub projection: Projection,
}

/// The parameters before they are understood.
#[derive(Default)]
struct Parameters {
    filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<i64>,
    count: Option<i64>,
    attributes: Option<Vec<String>>,
    excluded: Vec<String>,
}

impl ListQuery {
    /// Reads the parameters of a URL, decoded. Unknown ones are passed over.
    ///
    /// # Errors
    /// `invalidFilter`; `invalidValue` for numbers that are none, and for an order that there is not.
    pub fn from_parameters<'a>(
        kind: ResourceKind,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
        limits: Limits,
    ) -> Result<Self, ScimError> {
        let mut read = Parameters::default();
        for (name, value) in parameters {
            let number = || {
                let number = value.trim().parse::<i64>();
                number.map(Some).map_err(|_not_one| invalid(&format!("`{name}` must be a whole number")))
            };
            match name {
                "filter" => read.filter = Some(value.to_owned()),
                "sortBy" => read.sort_by = Some(value.to_owned()),
                "sortOrder" => read.sort_order = Some(value.to_owned()),
                "startIndex" => read.start_index = number()?,
                "count" => read.count = number()?,
                "attributes" => read.attributes.get_or_insert_default().extend(names(value)),
                "excludedAttributes" => read.excluded.extend(names(value)),
                _ => {}
            }
        }
        read.understood(kind, limits)
    }

    /// Reads the body of `.search`.
    ///
    /// # Errors
    /// As [`ListQuery::from_parameters`]; `invalidSyntax` for another body.
    pub fn from_search(kind: ResourceKind, sent: &Value, limits: Limits) -> Result<Self, ScimError> {
        let object = body(sent)?;
        check_schemas(object, SEARCH_SCHEMA)?;
        let sent = |name: &str| member(object, name).filter(|value| !value.is_null());
        let text = |name: &str| match sent(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(invalid(&format!("`{name}` must be a text"))),
        };
        let number = |name: &str| match sent(name).map(Value::as_i64) {
            None => Ok(None),
            Some(Some(number)) => Ok(Some(number)),
            Some(None) => Err(invalid(&format!("`{name}` must be a whole number"))),
        };
        let list = |name: &str| match sent(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(names(text).collect())),
            Some(Value::Array(values)) => {
                let names: Option<Vec<_>> =
                    values.iter().map(|name| name.as_str().map(str::to_owned)).collect();
                names.map(Some).ok_or_else(|| invalid(&format!("`{name}` must be a list of names")))
            }
            Some(_) => Err(invalid(&format!("`{name}` must be a list of names"))),
        };
        let read = Parameters {
            filter: text("filter")?,
            sort_by: text("sortBy")?,
            sort_order: text("sortOrder")?,
            start_index: number("startIndex")?,
            count: number("count")?,
            attributes: list("attributes")?,
            excluded: list("excludedAttributes")?.unwrap_or_default(),
        };
        read.understood(kind, limits)
    }
}

impl Parameters {
    fn understood(self, kind: ResourceKind, limits: Limits) -> Result<ListQuery, ScimError> {
        let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        let filter = self.filter.as_ref().filter(|_| given(&self.filter));
        let by = self.sort_by.as_ref().filter(|_| given(&self.sort_by));
        Ok(ListQuery {
            filter: filter.map(|text| Filter::parse(text)?.bind(kind)).transpose()?,
            sort: by.map(|by| Sort::parse(kind, by, self.sort_order.as_deref())).transpose()?,
            page: Page::new(self.start_index, self.count, limits),
            // A list of nothing asks for nothing in particular.
            projection: Projection::new(
                kind,
                self.attributes.as_deref().filter(|names| !names.is_empty()),
                &self.excluded,
            ),
        })
    }
}

fn names(text: &str) -> impl Iterator<Item = String> {
    text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}

fn invalid(detail: &str) -> ScimError {
    ScimError::new(ScimType::InvalidValue, detail)
}

/// The document of a list: `total` is how many there are on all pages.
#[must_use]
pub fn list_response(total: u64, start_index: u64, resources: Vec<Value>) -> Value {
    let mut document = Map::new();
    put(&mut document, "schemas", Some(vec![LIST_SCHEMA]));
    put(&mut document, "totalResults", Some(total));
    put(&mut document, "startIndex", Some(start_index));
    put(&mut document, "itemsPerPage", Some(resources.len()));
    put(&mut document, "Resources", Some(resources));
    Value::Object(document)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::List;

    const LIMITS: Limits = Limits { default_count: 100, max_count: 200 };

    fn query(parameters: &[(&str, &str)]) -> Result<ListQuery, ScimError> {
        ListQuery::from_parameters(ResourceKind::User, parameters.iter().copied(), LIMITS)
    }

    #[test]
    fn pages_by_the_rfc() {
        for (parameters, start_index, count) in [
            (&[][..], 1, 100),
            (&[("startIndex", "1"), ("count", "2")], 1, 2),
            (&[("startIndex", "0")], 1, 100),
            (&[("startIndex", "-7"), ("count", "-1")], 1, 0),
            (&[("count", "0")], 1, 0),
            (&[("startIndex", "301"), ("count", "1000000")], 301, 200),
        ] {
            let page = query(parameters).unwrap().page;
            assert_eq!(page, Page { start_index, count }, "{parameters:?}");
        }
        assert_eq!(query(&[("startIndex", "301")]).unwrap().page.offset(), 300);
        for parameters in
            [("startIndex", "one"), ("count", ""), ("count", "1.5"), ("count", "99999999999999999999")]
        {
            let error = query(&[parameters]).unwrap_err();
            assert_eq!(error.scim_type(), Some(ScimType::InvalidValue), "{parameters:?}");
        }
    }

    #[test]
    fn the_last_page_says_how_many_there_are() {
        for (start_index, count, found, total) in [
            (1, 10, 0, Some(0)),
            (1, 10, 7, Some(7)),
            (1, 10, 10, None),
            (11, 10, 7, Some(17)),
            (11, 10, 0, None),
            (1, 0, 0, None),
        ] {
            assert_eq!(Page { start_index, count }.total(found), total, "{start_index} {count} {found}");
        }
    }

    #[test]
    fn orders_are_by_texts_and_moments() {
        let sort = |by, order| query(&[("sortBy", by), ("sortOrder", order)]).map(|query| query.sort);
        assert_eq!(sort("USERNAME", "Ascending"), Ok(Some(Sort { by: Field::UserName, descending: false })));
        let newest = Some(Sort { by: Field::Created, descending: true });
        assert_eq!(sort("meta.created", "descending"), Ok(newest));
        assert_eq!(query(&[("sortOrder", "descending")]).unwrap().sort, None);
        assert!(sort("userName", "downwards").is_err());
        let error = sort("emails.value", "ascending").unwrap_err();
        assert_eq!(
            error.detail(),
            "`sortBy` must be one of id, externalId, meta.created, meta.lastModified, userName, displayName, \
             name.formatted, name.familyName, name.givenName"
        );
        let of_groups = ListQuery::from_parameters(ResourceKind::Group, [("sortBy", "userName")], LIMITS);
        assert!(!of_groups.unwrap_err().detail().contains("userName,"));
    }

    #[test]
    fn a_search_asks_the_same_as_a_url() {
        let sent = json!({
            "schemas": [SEARCH_SCHEMA], "filter": "userName sw \"a\"", "sortBy": "userName", "startIndex": 11,
            "count": 10, "attributes": ["userName", "emails"], "excludedAttributes": null,
        });
        let search = ListQuery::from_search(ResourceKind::User, &sent, LIMITS).unwrap();
        let same = query(&[
            ("filter", "userName sw \"a\""),
            ("sortBy", "userName"),
            ("startIndex", "11"),
            ("count", "10"),
            ("attributes", "userName, emails"),
            ("unknown", "x"),
        ])
        .unwrap();
        assert_eq!((search.filter, search.sort, search.page), (same.filter, same.sort, same.page));
        assert!(search.projection.includes(List::Emails) && same.projection.includes(List::Emails));
        assert!(!search.projection.includes(List::Groups) && !same.projection.includes(List::Groups));
    }

    #[test]
    fn what_a_search_cannot_be() {
        for (sent, scim_type) in [
            (json!([]), ScimType::InvalidSyntax),
            (json!({ "schemas": ["urn:x:y"] }), ScimType::InvalidSyntax),
            (json!({ "filter": 7 }), ScimType::InvalidValue),
            (json!({ "filter": "userName" }), ScimType::InvalidFilter),
            (json!({ "filter": "shoeSize pr" }), ScimType::InvalidFilter),
            (json!({ "count": "7" }), ScimType::InvalidValue),
            (json!({ "count": 1.5 }), ScimType::InvalidValue),
            (json!({ "attributes": [7] }), ScimType::InvalidValue),
            (json!({ "attributes": {} }), ScimType::InvalidValue),
        ] {
            let error = ListQuery::from_search(ResourceKind::User, &sent, LIMITS).unwrap_err();
            assert_eq!(error.scim_type(), Some(scim_type), "{sent}");
        }
        assert!(query(&[("filter", "  ")]).unwrap().filter.is_none());
        assert!(query(&[("attributes", "")]).unwrap().projection.includes(List::Emails));
    }

    #[test]
    fn a_list_tells_how_many_there_are() {
        assert_eq!(
            list_response(12, 11, vec![json!({ "id": "a" }), json!({ "id": "b" })]),
            json!({
                "schemas": [LIST_SCHEMA], "totalResults": 12, "startIndex": 11, "itemsPerPage": 2,
                "Resources": [{ "id": "a" }, { "id": "b" }],
            })
        );
    }
}
