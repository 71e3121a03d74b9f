//! Connections by SCIM: identity providers that make, change and disable accounts here (rules J1 to J12).
//!
//! What is here is about connections. The protocol is the crate `rosterd-scim`; what a connection sent of accounts and groups is
//! kept by the storage in that crate's types.

mod draft;
mod group;
mod row;
mod token;
mod wire;

pub use draft::{ConnectionDraft, ConnectionName, ConnectionSettings, ConnectionUpdate, ensure_default_role};
pub use group::{GroupLink, SeenMembers};
pub use row::{Connection, ConnectionRow, GroupRule};
pub use token::{ConnectionToken, PREFIX as TOKEN_PREFIX};
pub use wire::{ConnectionInfo, LinkableUser};

/// The most connections there can be.
pub const MAX_CONNECTIONS: usize = 32;
