//! Use cases: each opens one read or one transaction, applies the rules of `rosterd-domain` in it, and writes.
//!
//! Nothing here knows HTTP beyond [`ApiError`](crate::error::ApiError). To add one: a function that takes the
//! application, a caller of the type that is enough, and plain values.

pub mod accounts;
pub(crate) mod avatars;
pub mod groups;
pub(crate) mod lists;
pub(crate) mod lookup;
pub(crate) mod permission_trees;
pub mod permissions;
pub(crate) mod profile;
pub mod sessions;
pub(crate) mod sign_in;
pub mod stored;
pub mod trusted;
pub mod users;
