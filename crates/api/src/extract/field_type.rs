//! What one JSON value of a form can be read as.

use rosterd_domain::field_error::FieldError;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::cargo::Cargo;

/// A type that one JSON value can be read as.
pub(crate) trait FieldType: Sized {
    /// What it makes a body large with.
    const CARRIES: Cargo = Cargo::Fields;

    /// Reads a JSON value.
    ///
    /// # Errors
    /// Why it is none of this type.
    fn read(json: &str) -> Result<Self, Fault>;

    /// What is wrong with a value that may stand all the same, where it is stored already: it is judged once more beside
    /// what is stored, by the use case.
    fn waits(&self, _name: &'static str) -> Vec<FieldError> {
        Vec::new()
    }

    /// What the document says of it. Schemas that this one refers to are put among `parts`.
    fn schema(parts: &mut Parts) -> RefOr<Schema>;
}

/// Schemas by name.
pub(crate) type Parts = Vec<(String, RefOr<Schema>)>;

/// Why a JSON value cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The kind, as `pydantic` names it.
    pub(crate) kind: &'static str,
    /// A sentence.
    pub(crate) message: String,
}

impl Fault {
    /// Such a fault.
    pub(crate) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}
