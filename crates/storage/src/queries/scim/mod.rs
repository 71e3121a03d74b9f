//! Tables of SCIM: what connections are, and what they keep of accounts and groups.

mod connections;
mod filter;
mod groups;
mod users;
