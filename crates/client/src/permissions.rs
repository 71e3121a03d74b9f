//! What accounts may do.

use rosterd_domain::{EffectivePermissions, UserPermissions};

use crate::client::Client;
use crate::error::Error;

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
    pub async fn get_user_default_permissions(&self) -> Result<UserPermissions, Error> {
        self.get(&["api", "v1", "users", "default", "permissions"]).await
    }

    /// What the default template is when nothing is stored. For admins.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_user_default_permissions_defaults(&self) -> Result<UserPermissions, Error> {
        self.get(&["api", "v1", "users", "default", "permissions", "defaults"]).await
    }

    /// Replaces the default template and gives it back. For admins.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn update_user_default_permissions(
        &self,
        permissions: &UserPermissions,
    ) -> Result<UserPermissions, Error> {
        self.post(&["api", "v1", "users", "default", "permissions"], permissions).await
    }
}
