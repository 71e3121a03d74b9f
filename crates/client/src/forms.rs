//! Requests for which the server's own types are not used.

use std::fmt;

use rosterd_domain::{GroupId, JsonObject, PermissionTree, Role, UnixSeconds};
use serde::Serialize;

/// A user as an admin wants it: everything is written, but for the password.
#[derive(Clone, Serialize)]
pub struct UserUpdate {
    /// The role.
    pub role: Role,
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The picture.
    pub profile_image_url: String,
    /// A new password; `None` or empty: it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// Why and until when a user is suspended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SuspendForm {
    /// Why, in words for other admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it ends by itself, a second in the future; `None`: not before somebody ends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<UnixSeconds>,
}

/// An account to be opened.
#[derive(Clone, Serialize)]
pub struct NewAccount {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The picture; the usual one if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_image_url: Option<String>,
}

impl fmt::Debug for UserUpdate {
    /// Shows no password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("UserUpdate");
        shown.field("role", &self.role).field("name", &self.name).field("email", &self.email);
        shown.finish_non_exhaustive()
    }
}

impl fmt::Debug for NewAccount {
    /// Shows no password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewAccount")
            .field("name", &self.name)
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

/// An API key to be made, with a name.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewApiKey {
    /// What you call it.
    pub name: String,
    /// How long it lives, such as `1h` or `90d`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<String>,
    /// When it ends, instead of `expires_in`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixSeconds>,
    /// It only reads.
    pub read_only: bool,
    /// The only paths it works for, with all below them; `None`: every path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_paths: Option<Vec<String>>,
}

/// A profile as its owner wants it. Of the optional fields `None` stays, `Some(None)` clears.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProfileUpdate {
    /// The name.
    pub name: String,
    /// The picture.
    pub profile_image_url: String,
    /// A few words about oneself, at most 2,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bio: Option<Option<String>>,
    /// Free text of at most 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Option<String>>,
    /// `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<Option<String>>,
}

/// What a group is made of.
#[derive(Debug, Clone, Default, Serialize)]
pub struct GroupForm {
    /// The id of the group above it; `Some(None)` for a group without one. In an update `None` leaves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_group_id: Option<Option<GroupId>>,
    /// The name.
    pub name: String,
    /// A few words on it, at most 2,000 characters.
    pub description: String,
    /// What its members may do beyond the template; in an update `None` leaves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<PermissionTree>,
    /// Free-form JSON; in an update it is merged into what is stored, and `None` leaves that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<JsonObject>,
    /// Free-form JSON; in an update `None` leaves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<JsonObject>,
}
