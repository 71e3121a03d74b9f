//! Who may use which feature.
//!
//! [`Rights`] is a table of the rights that a version of Open WebUI knows, one row each. [`UserPermissions`] is the
//! template: a value for each of them, the same for everybody. Groups grant more with a [`PermissionTree`], a nested map
//! that may hold rights this server does not know. [`EffectivePermissions`] is what comes out for one user. A new right is
//! one row of a table.

mod effective;
mod leniency;
mod open_webui_0_12;
mod open_webui_0_6;
#[cfg(feature = "openapi")]
mod openapi;
mod rights;
mod template;
mod tree;
mod user_permissions;

pub use effective::EffectivePermissions;
pub use leniency::lenient_bool;
pub use open_webui_0_6::OPEN_WEBUI_0_6;
pub use open_webui_0_12::OPEN_WEBUI_0_12;
pub use rights::{Right, Rights, Section};
pub use template::{StoredTemplate, replace_known, set_rights, to_store};
pub use tree::{MAX_DEPTH, Node, PermissionTree};
pub use user_permissions::UserPermissions;
