//! Conditional requests (RFC 9110, section 13): which version a client has, and which one it wants to change.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use rosterd_app::versions::Condition;
use serde_json::{Value, json};

use crate::endpoint::{Argument, Failure, Operation};
use crate::error::ApiError;

/// Whether the client already has this version (`If-None-Match`, weak comparison).
pub(crate) fn client_has(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .any(|candidate| candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == tag)
}

/// The entity tag of an answer, for the document.
pub(crate) fn header_of_answer() -> Value {
    json!({ "ETag": { "description": "The version of what is answered.", "schema": { "type": "string" } } })
}

/// The version that a client has: the header `If-None-Match`, if any.
#[derive(Debug, Clone)]
pub(crate) struct IfNoneMatch(HttpRequest);

impl IfNoneMatch {
    /// Whether it is this one.
    pub(crate) fn is(&self, tag: &str) -> bool {
        client_has(self.0.headers(), tag)
    }
}

impl FromRequest for IfNoneMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        // A request is a counted reference. The header is looked at when there is a tag to compare it with.
        ready(Ok(Self(request.clone())))
    }
}

impl Argument for IfNoneMatch {
    fn describe(operation: &mut Operation) {
        operation
            .header("If-None-Match", "The version that the client has: 304 if it is still the stored one.");
        operation.answers(304, "The client has this version.", Value::Null, header_of_answer());
    }
}

/// The condition of an update: the `If-Match` header, if any.
#[derive(Debug, Clone, Default)]
pub(crate) struct IfMatch(pub(crate) Condition);

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let mut wanted = None;
        for value in request.headers().get_all(header::IF_MATCH) {
            // A header that cannot be read demands something we do not have.
            let list = value.to_str().unwrap_or_default();
            wanted.get_or_insert_with(Vec::new).extend(list.split(',').map(|tag| tag.trim().to_owned()));
        }
        ready(Ok(Self(Condition::new(wanted))))
    }
}

impl Argument for IfMatch {
    fn describe(operation: &mut Operation) {
        operation.header(
            "If-Match",
            "The version that the update is based on: 412 if another one is stored (rule S4).",
        );
        operation.fails(&[Failure::PreconditionFailed]);
    }
}
