//! What is answered instead of a resource (RFC 7644, 3.12).

use serde_json::{Map, Value};

/// The schema of an error.
pub const ERROR_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// What kind of mistake a request with status 400 or 409 has made (RFC 7644, table 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScimType {
    /// The filter cannot be read, or compares what cannot be compared.
    InvalidFilter,
    /// The answer would be too long.
    TooMany,
    /// Another resource has this value already.
    Uniqueness,
    /// The attribute cannot be changed in this way.
    Mutability,
    /// The body has not the form that the call needs.
    InvalidSyntax,
    /// The path of a PATCH operation cannot be read, or names nothing.
    InvalidPath,
    /// A PATCH operation has no target, or none of the values is meant.
    NoTarget,
    /// A value is missing, or is not of the attribute's type.
    InvalidValue,
}

impl ScimType {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
        }
    }

    fn status(self) -> u16 {
        if self == Self::Uniqueness { 409 } else { 400 }
    }
}

/// An error as SCIM tells it: a status, what kind of mistake it is if the status alone does not say so, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ScimError {
    status: u16,
    scim_type: Option<ScimType>,
    detail: String,
}

impl ScimError {
    /// A mistake of this kind: status 409 for [`ScimType::Uniqueness`], else 400.
    #[must_use]
    pub fn new(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { status: scim_type.status(), scim_type: Some(scim_type), detail: detail.into() }
    }

    /// An error that its status tells enough of, such as 401, 403, 404, 412 or 501.
    #[must_use]
    pub fn with_status(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The kind of mistake.
    #[must_use]
    pub fn scim_type(&self) -> Option<ScimType> {
        self.scim_type
    }

    /// The sentence for people.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The body of the answer. The status is a text in it, as the RFC has it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut document = Map::new();
        document.insert("schemas".to_owned(), Value::from(vec![ERROR_SCHEMA]));
        document.insert("status".to_owned(), Value::from(self.status.to_string()));
        if let Some(scim_type) = self.scim_type {
            document.insert("scimType".to_owned(), Value::from(scim_type.as_str()));
        }
        document.insert("detail".to_owned(), Value::from(self.detail.as_str()));
        Value::Object(document)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_tells_its_status_as_a_text() {
        let error = ScimError::new(ScimType::InvalidFilter, "no such attribute: `shoeSize`");
        assert_eq!(
            error.to_json(),
            json!({
                "schemas": [ERROR_SCHEMA], "status": "400", "scimType": "invalidFilter",
                "detail": "no such attribute: `shoeSize`",
            })
        );
        assert_eq!(ScimError::new(ScimType::Uniqueness, "taken").status(), 409);
    }

    #[test]
    fn where_the_status_says_enough_there_is_no_type() {
        let error = ScimError::with_status(404, "no user has this id");
        assert_eq!(
            error.to_json(),
            json!({ "schemas": [ERROR_SCHEMA], "status": "404", "detail": "no user has this id" })
        );
    }
}
