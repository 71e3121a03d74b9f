//! `/auths`: the handlers and wire shapes of contract section 7.

pub(crate) mod account;
pub(crate) mod admin;
mod cookie;
pub(crate) mod sign_in;
mod trusted;
