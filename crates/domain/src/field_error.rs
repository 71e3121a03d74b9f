//! What is wrong with the fields of a request, in the shape of the API.

use std::borrow::Cow;

use serde::Serialize;

use crate::error::DomainError;

/// One wrong field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The kind of error, such as `missing`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where: `body`, `query` or `path`, then the keys that lead to the field.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub loc: Vec<Cow<'static, str>>,
    /// What is wrong, as a sentence.
    pub msg: String,
}

impl FieldError {
    /// A fault at `loc`.
    pub fn new(kind: &'static str, loc: &[&str], msg: impl Into<String>) -> Self {
        Self { kind, loc: loc.iter().map(|part| Cow::Owned((*part).to_owned())).collect(), msg: msg.into() }
    }
}

/// The faults that a rule found in a body, below this place.
#[must_use]
pub fn faults_of<T>(at: &[&str], verdict: &Result<T, DomainError>) -> Vec<FieldError> {
    let below = |path: &[String], message: &str| {
        let inside: Vec<String> =
            at.iter().map(|part| (*part).to_owned()).chain(path.iter().cloned()).collect();
        body_field(&inside, message)
    };
    match verdict {
        Ok(_) => Vec::new(),
        Err(DomainError::Field { path, message }) => vec![below(path, message)],
        Err(DomainError::Fields(faults)) => {
            faults.iter().map(|(path, message)| below(path, message)).collect()
        }
        Err(other) => vec![below(&[], &other.to_string())],
    }
}

/// A fault that a rule found in a body.
#[must_use]
pub fn body_field(path: &[String], message: &str) -> FieldError {
    let loc = std::iter::once(Cow::Borrowed("body")).chain(path.iter().cloned().map(Cow::Owned)).collect();
    FieldError { kind: "value_error", loc, msg: message.to_owned() }
}
