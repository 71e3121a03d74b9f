//! `/auths`: handlers and wire shapes.

pub(crate) mod account;
pub(crate) mod admin;
mod admin_config;
pub(crate) mod api_keys;
mod cookie;
pub(crate) mod elsewhere;
pub(crate) mod links;
pub(crate) mod sessions;
pub(crate) mod setup;
pub(crate) mod sign_in;
mod trusted;

pub(crate) use admin_config::setting;
