//! Why a filter is refused.

use super::{MAX_DEPTH, MAX_TESTS, Operator};
use crate::error::{ScimError, ScimType};

/// Why a filter is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// It cannot be read.
    #[error("the filter is wrong at byte {at}: {problem}")]
    Syntax {
        /// Where: bytes from the beginning of the text, from 0.
        at: usize,
        /// What is wrong there.
        problem: Problem,
    },
    /// No attribute that is stored has this name.
    #[error("the filter names `{0}`, which is no attribute of these resources")]
    UnknownAttribute(String),
    /// The attribute is there, but nothing can be searched for by it.
    #[error("the filter names `{0}`, which cannot be searched for")]
    NotSearchable(String),
    /// The attribute has parts, and none is named.
    #[error("the filter compares `{0}`, which has parts; name one of them, as in `{0}.{1}`")]
    HasParts(String, &'static str),
    /// A filter in square brackets after an attribute without parts.
    #[error("the filter has square brackets after `{0}`, which has no parts")]
    NoParts(String),
    /// The operator does not fit the type of the attribute.
    #[error("the filter compares `{path}` by `{operator}`, which its type does not allow")]
    Operator {
        /// The attribute.
        path: String,
        /// The operator.
        operator: Operator,
    },
    /// The value does not fit the type of the attribute.
    #[error("the filter compares `{path}` with {value}; it needs {needed}")]
    Value {
        /// The attribute.
        path: String,
        /// The value.
        value: String,
        /// What it should be.
        needed: &'static str,
    },
}

impl FilterError {
    /// Where the text is wrong, if it cannot be read.
    #[must_use]
    pub fn position(&self) -> Option<usize> {
        match self {
            Self::Syntax { at, .. } => Some(*at),
            _ => None,
        }
    }
}

impl From<FilterError> for ScimError {
    fn from(error: FilterError) -> Self {
        Self::new(ScimType::InvalidFilter, error.to_string())
    }
}

/// What is wrong with a text that should be a filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Something else than a name.
    #[error("the name of an attribute is expected")]
    Attribute,
    /// Something else than an operator.
    #[error("an operator is expected: pr, eq, ne, co, sw, ew, gt, ge, lt or le")]
    Operator,
    /// Something else than a value.
    #[error("a value is expected: a text in quotation marks, a number, true, false or null")]
    Value,
    /// A text without an end, or with an escape that JSON does not have.
    #[error("the text in quotation marks is not one of JSON")]
    Text,
    /// A number that JSON does not have, or too large a one.
    #[error("the number is not one of JSON")]
    Number,
    /// Something after a complete filter.
    #[error("`and`, `or` or the end is expected")]
    AfterFilter,
    /// A bracket that is not closed.
    #[error("`{0}` is expected")]
    Closing(char),
    /// Square brackets inside square brackets.
    #[error("square brackets cannot be inside square brackets")]
    Nested,
    /// Too deep.
    #[error("brackets are more than {MAX_DEPTH} deep")]
    TooDeep,
    /// Too long.
    #[error("a filter has at most {MAX_TESTS} comparisons")]
    TooMany,
}
