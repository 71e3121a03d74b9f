//! Who may use which feature.
//!
//! [`UserPermissions`] is the template: four sections of named rights, the same for everybody. Groups grant more with
//! a [`PermissionTree`], a nested map that may hold rights this server does not know. [`EffectivePermissions`] is
//! what comes out for one user. A new right is one line in `sections.rs`.

mod effective;
mod leniency;
mod sections;
mod template;
mod tree;
mod user_permissions;

pub use effective::EffectivePermissions;
pub use leniency::lenient_bool;
pub use sections::{ChatPermissions, FeaturesPermissions, SharingPermissions, WorkspacePermissions};
pub use template::{StoredTemplate, replace_known, set_rights};
pub use tree::{MAX_DEPTH, Node, PermissionTree};
pub use user_permissions::{UserPermissions, env_name};
