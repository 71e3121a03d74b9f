//! Switches in a query string.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use rosterd_domain::permissions::lenient_bool;
use serde_json::{Value, json};

use super::Checked;
use super::query::Pairs;
use crate::endpoint::{Argument, Failure, Operation};
use crate::error::ApiError;

/// What a switch is called and what it does.
pub(crate) trait Named {
    /// The parameter.
    const NAME: &'static str;
    /// What it does, for the document.
    const ABOUT: &'static str;
}

/// `raw`: settings as they are stored.
pub(crate) struct Raw;

impl Named for Raw {
    const NAME: &'static str = "raw";
    const ABOUT: &'static str =
        "The settings as they are stored, without the administrator's default interface settings.";
}

/// `include_inherited`: groups above groups.
pub(crate) struct IncludeInherited;

impl Named for IncludeInherited {
    const NAME: &'static str = "include_inherited";
    const ABOUT: &'static str = "Also the groups above those that the user is a member of.";
}

/// A switch of the query string: off where it is absent.
pub(crate) struct Switch<N>(Result<bool, ApiError>, PhantomData<fn() -> N>);

impl<N> Checked for Switch<N> {
    type Value = bool;

    fn into_result(self) -> Result<bool, ApiError> {
        self.0
    }
}

impl<N: Named> FromRequest for Switch<N> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(read(request.query_string(), N::NAME), PhantomData)))
    }
}

impl<N: Named> Argument for Switch<N> {
    fn describe(operation: &mut Operation) {
        operation.parameter(json!({
            "name": N::NAME, "in": "query", "description": N::ABOUT, "required": false,
            "schema": { "type": "boolean", "default": false },
        }));
        operation.fails(&[Failure::ValidationError]);
    }
}

fn read(query_string: &str, name: &'static str) -> Result<bool, ApiError> {
    let pairs = Pairs::read(query_string)?;
    let Some(text) = pairs.find(name) else { return Ok(false) };
    lenient_bool(&Value::from(text))
        .ok_or_else(|| ApiError::field("bool_parsing", &["query", name], "true or false is needed."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_is_spelled_in_many_ways() {
        for (query, on) in
            [("", false), ("raw=true", true), ("raw=Off", false), ("raw=1&raw=N", false), ("raw=Y", true)]
        {
            assert_eq!(read(query, Raw::NAME).ok(), Some(on), "{query}");
        }
        for query in ["raw=perhaps", "raw=", "raw=2"] {
            assert!(read(query, Raw::NAME).is_err(), "{query}");
        }
    }
}
