//! What a request of SCIM says beside its body: parameters and versions.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderName};
use actix_web::{FromRequest, HttpRequest, web};
use rosterd_scim::{IfMatch, ListQuery, Projection, ResourceKind, ScimError, ScimType};
use serde_json::{Value, json};

use super::LIMITS;
use super::answer::describe_errors;
use super::failure::ScimFailure;
use crate::endpoint::{Argument, Operation};

/// Names of what an answer has, for the document.
const OF_PROJECTION: [(&str, &str); 2] = [
    ("attributes", "Names of the attributes that the answer has, with commas between them; all when absent."),
    ("excludedAttributes", "Names of attributes that the answer has not."),
];

/// The parameters of a list.
#[derive(Debug)]
pub(crate) struct Listed(Result<Vec<(String, String)>, ScimFailure>);

impl Listed {
    /// What is asked of a list of these.
    ///
    /// # Errors
    /// 400, to be given to [`Provider::accept`](super::Provider::accept).
    pub(crate) fn of(self, kind: ResourceKind) -> Result<ListQuery, ScimFailure> {
        let pairs = self.0?;
        let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Ok(ListQuery::from_parameters(kind, pairs, LIMITS)?)
    }
}

/// The parameters that say what of a resource is shown.
#[derive(Debug)]
pub(crate) struct Projected(Result<Vec<(String, String)>, ScimFailure>);

impl Projected {
    /// What is shown of one of these.
    ///
    /// # Errors
    /// 400 for a query string that cannot be read, to be given to [`Provider::accept`](super::Provider::accept).
    pub(crate) fn of(self, kind: ResourceKind) -> Result<Projection, ScimFailure> {
        let pairs = self.0?;
        let pairs = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| OF_PROJECTION.iter().any(|(known, _)| known == name));
        Ok(ListQuery::from_parameters(kind, pairs, LIMITS)?.projection)
    }
}

fn pairs(request: &HttpRequest) -> Result<Vec<(String, String)>, ScimFailure> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let wrong = |_why| ScimError::new(ScimType::InvalidValue, "the query string cannot be read");
    Ok(pairs.map_err(wrong)?.into_inner())
}

impl FromRequest for Listed {
    type Error = ScimFailure;
    type Future = Ready<Result<Self, ScimFailure>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(pairs(request))))
    }
}

impl FromRequest for Projected {
    type Error = ScimFailure;
    type Future = Ready<Result<Self, ScimFailure>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(pairs(request))))
    }
}

fn parameter(operation: &mut Operation, (name, about): (&str, &str), schema: &Value) {
    operation.parameter(json!({
        "name": name, "in": "query", "description": about, "required": false, "schema": schema,
    }));
}

impl Argument for Listed {
    fn describe(operation: &mut Operation) {
        let text = || json!({ "type": "string" });
        let number =
            |least: u64, default: u64| json!({ "type": "integer", "minimum": least, "default": default });
        let filter =
            ("filter", "Which resources, such as `userName eq \"ada@example.com\"` (RFC 7644, 3.4.2.2).");
        parameter(operation, filter, &text());
        parameter(operation, ("sortBy", "The attribute that orders the list."), &text());
        let order = json!({ "type": "string", "enum": ["ascending", "descending"] });
        parameter(operation, ("sortOrder", "In which direction."), &order);
        parameter(operation, ("startIndex", "The number of the first resource."), &number(1, 1));
        let count = ("count", "How many at most, 200 at most; 0 asks for their number alone.");
        parameter(operation, count, &number(0, LIMITS.default_count));
        for about in OF_PROJECTION {
            parameter(operation, about, &text());
        }
        describe_errors(operation, &[400]);
    }
}

impl Argument for Projected {
    fn describe(operation: &mut Operation) {
        for about in OF_PROJECTION {
            parameter(operation, about, &json!({ "type": "string" }));
        }
        describe_errors(operation, &[400]);
    }
}

/// The header `If-Match`: which version a change is based on.
#[derive(Debug)]
pub(crate) struct IfMatchSent(pub(crate) Result<Option<IfMatch>, ScimFailure>);

/// The header `If-None-Match`: which version the client has.
#[derive(Debug)]
pub(crate) struct IfNoneMatchSent(pub(crate) Result<Option<IfMatch>, ScimFailure>);

/// All headers of this name as one, as HTTP has it; `None` where there is none.
fn versions(request: &HttpRequest, name: HeaderName) -> Result<Option<IfMatch>, ScimFailure> {
    let lines: Vec<_> = request.headers().get_all(name).collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let lines: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    Ok(Some(IfMatch::parse(&lines.join(","))?))
}

impl FromRequest for IfMatchSent {
    type Error = ScimFailure;
    type Future = Ready<Result<Self, ScimFailure>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(versions(request, header::IF_MATCH))))
    }
}

impl FromRequest for IfNoneMatchSent {
    type Error = ScimFailure;
    type Future = Ready<Result<Self, ScimFailure>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(versions(request, header::IF_NONE_MATCH))))
    }
}

impl Argument for IfMatchSent {
    fn describe(operation: &mut Operation) {
        operation
            .header("If-Match", "The version that the change is based on: 412 if another one is stored.");
        describe_errors(operation, &[400, 412]);
    }
}

impl Argument for IfNoneMatchSent {
    fn describe(operation: &mut Operation) {
        operation
            .header("If-None-Match", "The version that the client has: 304 if it is still the stored one.");
        let etag = json!({ "ETag": { "description": "The version.", "schema": { "type": "string" } } });
        operation.answers(304, "The client has this version.", Value::Null, etag);
        describe_errors(operation, &[400]);
    }
}
