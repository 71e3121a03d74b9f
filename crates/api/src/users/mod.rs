//! `/users`: handlers and wire shapes.

pub(crate) mod admin;
pub(crate) mod deleted;
pub(crate) mod hand_over;
pub(crate) mod image;
pub(crate) mod links;
pub(crate) mod lists;
pub(crate) mod lookup;
pub(crate) mod many;
mod many_form;
pub(crate) mod own;
pub(crate) mod permissions;
mod permissions_form;
pub(crate) mod sessions;
pub(crate) mod suspend;
pub(crate) mod variables;
