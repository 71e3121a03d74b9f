//! What an endpoint is: a line of the URL table, and what the types of its handler say about it.
//!
//! An [`Argument`] of a handler knows which right the caller needs, which parameters are read and what the body is
//! like. An [`Answer`] knows its statuses and shapes. Both are given to an [`Operation`], from which the OpenAPI
//! document is generated.

mod answer;
mod argument;
mod failure;
mod line;
mod operation;

pub(crate) use answer::{Answer, Done, List, Made, Shape, WithCookie, Written};
pub(crate) use argument::{Argument, Arguments};
pub(crate) use failure::Failure;
pub(crate) use line::{Line, Section, delete, get, methods, page, patch, post, put, refusal, resource};
pub(crate) use operation::Operation;
#[cfg(feature = "openapi")]
pub(crate) use operation::Schemas;
