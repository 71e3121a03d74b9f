//! Conditional requests (RFC 9110, section 13): which version a client has, and which one it wants to change.

use std::future::{Ready, ready};

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::header::{self, EntityTag, Header as _};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder};
use rosterd_app::versions::{self, Condition};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::endpoint::{Answer, Argument, Failure, Operation};
use crate::error::ApiError;

/// Whether the client already has this version (`If-None-Match`, weak comparison). A header that cannot be read names none.
pub(crate) fn client_has(request: &HttpRequest, tag: &str) -> bool {
    match header::IfNoneMatch::parse(request) {
        Ok(header::IfNoneMatch::Any) => true,
        Ok(header::IfNoneMatch::Items(tags)) => {
            tag.parse::<EntityTag>().is_ok_and(|ours| tags.iter().any(|theirs| theirs.weak_eq(&ours)))
        }
        Err(_unreadable) => false,
    }
}

/// The entity tag of an answer, for the document.
pub(crate) fn header_of_answer() -> Value {
    json!({ "ETag": { "description": "The version of what is answered.", "schema": { "type": "string" } } })
}

/// JSON with the entity tag of what it shows.
pub(crate) struct Tagged<T> {
    tag: String,
    shown: T,
}

impl<T> Tagged<T> {
    /// This, which has this tag, quotes included.
    pub(crate) fn new(shown: T, tag: String) -> Self {
        Self { tag, shown }
    }
}

impl<T> From<versions::Tagged<T>> for Tagged<T> {
    fn from(versions::Tagged { shown, tag }: versions::Tagged<T>) -> Self {
        Self { tag, shown }
    }
}

impl<T: Serialize> Responder for Tagged<T> {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().insert_header((header::ETAG, self.tag)).json(self.shown)
    }
}

impl<T: Serialize + ToSchema> Answer for Tagged<T> {
    fn describe(operation: &mut Operation) {
        let schema = operation.schema::<T>();
        operation.answers_json(&schema, header_of_answer());
    }
}

/// The version that a client has: the header `If-None-Match`, if any.
#[derive(Debug, Clone)]
pub(crate) struct IfNoneMatch(HttpRequest);

impl IfNoneMatch {
    /// Whether it is this one.
    pub(crate) fn is(&self, tag: &str) -> bool {
        client_has(&self.0, tag)
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
        // The typed header cannot tell an absent one from an empty one.
        let condition = if request.headers().contains_key(header::IF_MATCH) {
            match header::IfMatch::parse(request) {
                Ok(header::IfMatch::Any) => Condition::Any,
                Ok(header::IfMatch::Items(tags)) => {
                    Condition::OneOf(tags.iter().map(ToString::to_string).collect())
                }
                // A header that cannot be read demands something we do not have.
                Err(_unreadable) => Condition::OneOf(Vec::new()),
            }
        } else {
            Condition::None
        };
        ready(Ok(Self(condition)))
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
