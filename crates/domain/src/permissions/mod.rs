//! Who may use which feature.
//!
//! [`Rights`] are those that a version of Open WebUI knows, from one table with a row for each. [`UserPermissions`] is the
//! template: a value for each of them, the same for everybody. Groups grant more with a [`PermissionTree`], a nested map
//! that may hold rights this server does not know. [`EffectivePermissions`] is what comes out for one user, and
//! [`ExplainedPermissions`] says of each right what gives it. A new right is one row of the table.

mod effective;
mod explained;
mod leniency;
#[cfg(feature = "openapi")]
mod openapi;
mod prepared;
mod right;
mod rights;
mod table;
mod template;
mod tree;
mod user_permissions;

pub use effective::EffectivePermissions;
pub use explained::{
    ExplainedGroup, ExplainedPermissions, ExplainedRight, ExplainedUser, GroupRights, TemplateSays,
    is_held_by_admins,
};
pub use leniency::lenient_bool;
pub use prepared::PreparedTree;
pub use right::{Right, Section};
pub use rights::{OPEN_WEBUI_0_6, OPEN_WEBUI_0_12, Rights};
pub use template::{StoredTemplate, replace_known, set_rights, to_store};
pub use tree::{MAX_DEPTH, Node, PermissionTree};
pub use user_permissions::UserPermissions;
