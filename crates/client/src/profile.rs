//! The caller's own profile.

use reqwest::Method;
use rosterd_domain::usage::UsageRequest;
use rosterd_domain::{JsonObject, StatusUpdate, Usage, UserGroup, UserModel, UserStatus, UserVariables};
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
        self.get_versioned(&["api", "v1", "users", "user", "settings"]).await
    }

    /// Your settings as they are stored, without the administrator's default interface settings.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_stored_user_settings(&self) -> Result<Versioned<Option<JsonObject>>, Error> {
        let request = self.request(Method::GET, &["api", "v1", "users", "user", "settings"]);
        Versioned::read(send(request.query(&[("raw", "true")])).await?).await
    }

    /// Merges into your settings and gives all of them: each sent key replaces the stored one, within `ui` key by key (a
    /// `null` there removes the key), but on a database of Open WebUI 0.6 `ui` as a whole. With a
    /// version, only if that is still the stored one.
    ///
    /// # Errors
    /// `PRECONDITION_FAILED` for another version; [`Error`].
    pub async fn update_user_settings(
        &self,
        settings: &impl Serialize,
        only_if: Option<&Version>,
    ) -> Result<Versioned<JsonObject>, Error> {
        self.post_versioned(&["api", "v1", "users", "user", "settings", "update"], settings, only_if).await
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
        self.get_versioned(&["api", "v1", "users", "user", "info"]).await
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
        self.post_versioned(&["api", "v1", "users", "user", "info", "update"], info, only_if).await
    }

    /// Your groups, last changed first; with `inherited` also those above them.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_user_groups(&self, inherited: bool) -> Result<Vec<UserGroup>, Error> {
        let request = self.request(Method::GET, &["api", "v1", "users", "groups"]);
        let response = send(request.query(&[("include_inherited", inherited)])).await?;
        response.json().await.map_err(Error::Transport)
    }

    /// Your variables.
    ///
    /// # Errors
    /// `NOT_FOUND` on a database of Open WebUI 0.6; [`Error`].
    pub async fn get_user_variables(&self) -> Result<UserVariables, Error> {
        self.get(&["api", "v1", "users", "user", "variables"]).await
    }

    /// Replaces all your variables and gives them as stored.
    ///
    /// # Errors
    /// `INVALID_VARIABLES`; `NOT_FOUND` on a database of Open WebUI 0.6; [`Error`].
    pub async fn update_user_variables(&self, variables: &UserVariables) -> Result<UserVariables, Error> {
        self.post(&["api", "v1", "users", "user", "variables", "update"], variables).await
    }

    /// What you used chats for.
    ///
    /// # Errors
    /// `INVALID_RANGE`; [`Error`].
    pub async fn get_user_usage(&self, asked: UsageRequest) -> Result<Usage, Error> {
        let parameters =
            [("days", asked.days), ("start_date", asked.start_date), ("end_date", asked.end_date)];
        let sent: Vec<_> = parameters.into_iter().filter(|(_, value)| value.is_some()).collect();
        let request = self.request(Method::GET, &["api", "v1", "users", "usage"]).query(&sent);
        send(request).await?.json().await.map_err(Error::Transport)
    }
}
