//! What accounts may do.

use reqwest::Method;
use rosterd_domain::{EffectivePermissions, ExplainedPermissions, UserPermissions};

use crate::client::{Client, send};
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

    /// What a user may do. For admins.
    ///
    /// # Errors
    /// `NOT_FOUND`; [`Error`].
    pub async fn get_user_permissions_by_id(
        &self,
        id: impl AsRef<str>,
    ) -> Result<EffectivePermissions, Error> {
        self.get(&["api", "v1", "users", id.as_ref(), "permissions"]).await
    }

    /// What a user may do, and what gives each right. For admins.
    ///
    /// # Errors
    /// `NOT_FOUND`; [`Error`].
    pub async fn explain_user_permissions_by_id(
        &self,
        id: impl AsRef<str>,
    ) -> Result<ExplainedPermissions, Error> {
        let request = self.request(Method::GET, &["api", "v1", "users", id.as_ref(), "permissions"]);
        let response = send(request.query(&[("explain", true)])).await?;
        response.json().await.map_err(Error::Transport)
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
