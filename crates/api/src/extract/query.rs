//! Query strings.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde_json::{Value, json};

use super::Checked;
use crate::endpoint::{Argument, Failure, Operation};
use crate::error::ApiError;

/// A parameter, for the document.
#[derive(Clone, Copy)]
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is for.
    pub(crate) about: &'static str,
    /// What it may be.
    pub(crate) schema: fn() -> Value,
}

/// What is read from a query string. No parameter is required.
pub(crate) trait FromQuery {
    /// What the parameters are when they are right.
    type Value;

    /// The parameters, for the document.
    const PARAMETERS: &'static [Parameter];

    /// Judges what was sent.
    ///
    /// # Errors
    /// 422 with every parameter that is wrong.
    fn read(sent: &Pairs) -> Result<Self::Value, ApiError>;
}

/// The parameters of a request, read and judged.
pub(crate) struct Query<Q: FromQuery>(Result<Q::Value, ApiError>);

impl<Q: FromQuery> Checked for Query<Q> {
    type Value = Q::Value;

    fn into_result(self) -> Result<Q::Value, ApiError> {
        self.0
    }
}

impl<Q: FromQuery> FromRequest for Query<Q> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(Pairs::read(request.query_string()).and_then(|sent| Q::read(&sent)))))
    }
}

impl<Q: FromQuery> Argument for Query<Q> {
    fn describe(operation: &mut Operation) {
        for Parameter { name, about, schema } in Q::PARAMETERS {
            operation.parameter(json!({
                "name": name, "in": "query", "description": about, "required": false, "schema": schema(),
            }));
        }
        operation.fails(&[Failure::ValidationError]);
    }
}

/// The parameters of a query string.
pub(crate) struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// # Errors
    /// 422 at `query`.
    pub(super) fn read(query_string: &str) -> Result<Self, ApiError> {
        web::Query::<Vec<(String, String)>>::from_query(query_string)
            .map(|pairs| Self(pairs.into_inner()))
            .map_err(|_why| ApiError::field("value_error", &["query"], "The query string cannot be read."))
    }

    /// A parameter; one that is given twice counts once, the last time, and unknown ones are ignored.
    pub(super) fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A whole number; one too large for the machine counts as the largest, since it lies beyond every end anyway.
pub(super) fn whole_number(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let end = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(text.parse().unwrap_or(end))
}
