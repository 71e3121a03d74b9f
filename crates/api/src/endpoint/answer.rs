//! What the answer of a handler says of its endpoint.

use std::marker::PhantomData;

use actix_web::body::BoxBody;
use actix_web::web::Json;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Failure, Operation};
use crate::error::ApiError;

/// What a handler answers with.
pub(crate) trait Answer {
    /// Adds the statuses and shapes of it.
    fn describe(operation: &mut Operation);
}

/// A handler that can fail may meet a fault of ours or a database out of reach. Its other errors are told by its
/// arguments and by its line in the table.
impl<A: Answer> Answer for Result<A, ApiError> {
    fn describe(operation: &mut Operation) {
        operation.fails(&[Failure::InternalError, Failure::Unavailable]);
        A::describe(operation);
    }
}

impl<T: Serialize + ToSchema> Answer for Json<T> {
    fn describe(operation: &mut Operation) {
        let schema = operation.schema::<T>();
        operation.answers_json(&schema, json!({}));
    }
}

/// The answer of a call that only says that it is done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(description = "It is as asked.")]
pub(crate) struct Done {
    /// `true`.
    status: bool,
}

impl Done {
    /// The only one.
    pub(crate) const YES: Self = Self { status: true };
}

/// A JSON list.
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<T: Serialize> Responder for List<T> {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(self.0)
    }
}

impl<T: Serialize + ToSchema> Answer for List<T> {
    fn describe(operation: &mut Operation) {
        let schema = json!({ "type": "array", "items": operation.schema::<T>() });
        operation.answers_json(&schema, json!({}));
    }
}

/// An answer that the handler puts together by itself. What it is, `S` says.
pub(crate) struct Made<S> {
    response: HttpResponse,
    shape: PhantomData<fn() -> S>,
}

impl<S> From<HttpResponse> for Made<S> {
    fn from(response: HttpResponse) -> Self {
        Self { response, shape: PhantomData }
    }
}

impl<S> Responder for Made<S> {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        self.response
    }
}

impl<S: Shape> Answer for Made<S> {
    fn describe(operation: &mut Operation) {
        S::describe(operation);
    }
}

/// What an answer is whose type in Rust does not tell. Never made, only named.
pub(crate) trait Shape {
    /// As in [`Answer`].
    fn describe(operation: &mut Operation);
}

/// JSON of such a type, written already or piece by piece.
pub(crate) struct Written<T>(PhantomData<T>);

impl<T: ToSchema> Shape for Written<T> {
    fn describe(operation: &mut Operation) {
        let schema = operation.schema::<T>();
        operation.answers_json(&schema, json!({}));
    }
}

/// JSON of such a type, with the cookie `token`.
pub(crate) struct WithCookie<T>(PhantomData<T>);

impl<T: ToSchema> Shape for WithCookie<T> {
    fn describe(operation: &mut Operation) {
        let schema = operation.schema::<T>();
        let cookie: Value = json!({ "description": "The cookie `token`.", "schema": { "type": "string" } });
        operation.answers_json(&schema, json!({ "Set-Cookie": cookie }));
    }
}
