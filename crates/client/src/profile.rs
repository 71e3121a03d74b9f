//! The caller's own profile.

use reqwest::Method;
use reqwest::header::IF_MATCH;
use rosterd_domain::{Group, JsonObject, StatusUpdate, UserModel, UserStatus};
use serde::Serialize;

use crate::client::{Client, send};
use crate::error::Error;
use crate::versioned::{Version, Versioned};

/// Each fails with [`Error`]; see there.
impl Client {
    /// Your settings; `None` where none were ever stored.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_user_settings(&self) -> Result<Versioned<Option<JsonObject>>, Error> {
        let request = self.request(Method::GET, &["api", "v1", "users", "user", "settings"]);
        Versioned::read(send(request).await?).await
    }

    /// Merges into your settings and gives all of them: each sent key replaces the stored one as a whole. With a
    /// version, only if that is still the stored one.
    ///
    /// # Errors
    /// `PRECONDITION_FAILED` for another version; [`Error`].
    pub async fn update_user_settings(
        &self,
        settings: &impl Serialize,
        only_if: Option<&Version>,
    ) -> Result<Versioned<JsonObject>, Error> {
        self.merge(&["api", "v1", "users", "user", "settings", "update"], settings, only_if).await
    }

    /// Your status.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_user_status(&self) -> Result<UserStatus, Error> {
        self.get(&["api", "v1", "users", "user", "status"]).await
    }

    /// Changes your status and gives your whole record. A field that is `None` stays, `Some(None)` clears it.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn update_user_status(&self, status: &StatusUpdate) -> Result<UserModel, Error> {
        self.post(&["api", "v1", "users", "user", "status", "update"], status).await
    }

    /// Your info; `None` where none was ever stored.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_user_info(&self) -> Result<Versioned<Option<JsonObject>>, Error> {
        let request = self.request(Method::GET, &["api", "v1", "users", "user", "info"]);
        Versioned::read(send(request).await?).await
    }

    /// Merges into your info and gives all of it, as [`Self::update_user_settings`] does.
    ///
    /// # Errors
    /// `PRECONDITION_FAILED` for another version; [`Error`].
    pub async fn update_user_info(
        &self,
        info: &impl Serialize,
        only_if: Option<&Version>,
    ) -> Result<Versioned<JsonObject>, Error> {
        self.merge(&["api", "v1", "users", "user", "info", "update"], info, only_if).await
    }

    /// Your groups, last changed first.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_user_groups(&self) -> Result<Vec<Group>, Error> {
        self.get(&["api", "v1", "users", "groups"]).await
    }

    async fn merge(
        &self,
        path: &[&str],
        body: &impl Serialize,
        only_if: Option<&Version>,
    ) -> Result<Versioned<JsonObject>, Error> {
        let request = self.request(Method::POST, path).json(body);
        let request = match only_if {
            Some(version) => request.header(IF_MATCH, version.as_str()),
            None => request,
        };
        Versioned::read(send(request).await?).await
    }
}
