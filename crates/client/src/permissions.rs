//! What accounts may do.

use rosterd_domain::{EffectivePermissions, UserPermissions};

use crate::client::Client;
use crate::error::Error;
use crate::versioned::{Version, Versioned};

impl Client {
    /// What you may do.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_user_permissions(&self) -> Result<EffectivePermissions, Error> {
        self.get(&["api", "v1", "users", "permissions"]).await
    }

    /// The default template. For admins.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_user_default_permissions(&self) -> Result<Versioned<UserPermissions>, Error> {
        self.get_versioned(&["api", "v1", "users", "default", "permissions"]).await
    }

    /// What the default template is when nothing is stored. For admins.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_user_default_permissions_defaults(&self) -> Result<UserPermissions, Error> {
        self.get(&["api", "v1", "users", "default", "permissions", "defaults"]).await
    }

    /// Replaces the default template and gives it back. With a version, only if that is still the stored one. For admins.
    ///
    /// # Errors
    /// `PRECONDITION_FAILED` for another version; [`Error`].
    pub async fn update_user_default_permissions(
        &self,
        permissions: &UserPermissions,
        only_if: Option<&Version>,
    ) -> Result<Versioned<UserPermissions>, Error> {
        self.post_versioned(&["api", "v1", "users", "default", "permissions"], permissions, only_if).await
    }
}
