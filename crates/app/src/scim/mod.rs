//! SCIM: identity providers that make, change and disable accounts (rules J1 to J12).
//!
//! Admins make [connections], each with a token. Who shows one acts as that connection
//! ([`Actor::Connection`](crate::Actor)), and may do what [`users`] and [`groups`] let it, and nothing else. What is sent and answered
//! is `rosterd-scim`'s.

mod acting;
pub mod connections;
pub mod groups;
pub mod search;
pub mod users;

pub(crate) use acting::open;
pub use acting::{MOUNT, Served, list, passwords, read, write};
