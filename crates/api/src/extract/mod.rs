//! Reading requests: bodies, query strings and paths, with every offending field named.

mod body;
mod depth;
mod fields;
mod path;
mod query;

pub(crate) use body::{Body, Cargo, Form};
pub(crate) use fields::{Fields, object};
pub(crate) use path::PathId;
pub(crate) use query::{ListParams, ListRequest};

use crate::error::ApiError;

/// Input that was read and may be faulty. The fault waits until the caller is known to be allowed to use the
/// endpoint: see [`App::accept`](crate::App::accept).
pub trait Checked {
    /// What the input is when it is right.
    type Value;

    /// The input or its fault.
    ///
    /// # Errors
    /// What is wrong with the input: 413, 415 or 422.
    fn into_result(self) -> Result<Self::Value, ApiError>;
}
