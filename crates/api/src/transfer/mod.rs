//! Accounts out of files and into them.

pub(crate) mod export;
pub(crate) mod import;
mod upload;
