//! `/api/v1/users`.

mod admin;
mod documents;
mod image;
mod info;
mod lists;
mod lookup;
mod many;
mod narrowed;
mod permissions;
mod sessions;
mod settings;
mod settings_by_key;
mod status;
mod usage;
mod variables;
mod views;
