//! `/api/v1/users`.

mod admin;
mod documents;
mod image;
mod info;
mod lists;
mod lookup;
mod permissions;
mod settings;
mod status;
