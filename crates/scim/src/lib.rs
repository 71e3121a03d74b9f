//! The protocol of SCIM 2.0 (RFC 7643, RFC 7644), without any I/O: what identity providers send is read and checked, and what they are
//! answered is written. What is stored, and who may do what, is the caller's.
//!
//! - [`filter`]: the grammar of filters, and conditions that can be evaluated or compiled to SQL
//! - [`patch`]: PATCH in the forms that Entra ID and Okta send, as changes of what is stored
//! - [`schema`]: the table of attributes, which everything else follows
//! - [`UserForm`], [`GroupForm`]: the bodies of POST and PUT
//! - [`User`], [`Group`]: the documents that are answered
//! - [`discovery`]: what the server tells of itself
//! - [`ListQuery`], [`Projection`], [`Version`]: pages, partial answers, versions
//! - [`ScimError`]: what is answered instead
//!
//! It must not know HTTP, databases or the clock, and needs no other crate of rosterd.

mod date_time;
pub mod discovery;
mod error;
pub mod filter;
mod group;
mod list;
mod meta;
pub mod patch;
mod path;
mod projection;
pub mod schema;
mod sent;
mod user;
mod version;

pub use date_time::DateTime;
pub use error::{ERROR_SCHEMA, ScimError, ScimType};
pub use filter::{Condition, Filter};
pub use group::{Group, GroupForm};
pub use list::{LIST_SCHEMA, Limits, ListQuery, Page, SEARCH_SCHEMA, Sort, list_response};
pub use meta::{Meta, location};
pub use path::{AttributePath, BadName};
pub use projection::Projection;
pub use schema::{Field, List, ResourceKind};
pub use sent::Password;
pub use user::{Email, GroupReference, PersonName, User, UserAttributes, UserForm};
pub use version::{IfMatch, Version};

/// The example of the README, which is compiled and run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
