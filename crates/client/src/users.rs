//! Looking at, changing and deleting users.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use rosterd_domain::{
    ApiKeyInfo, LastSignIn, OauthSession, OpenSession, UserActive, UserGroup, UserInfo, UserModel,
    UserPreview, UserRecord,
};
use serde::Deserialize;
use serde_json::json;

use crate::answers::ProfileImage;
use crate::client::{Client, send};
use crate::error::Error;
use crate::forms::{SuspendForm, UserUpdate};
use crate::versioned::{Version, Versioned};

impl Client {
    /// What every verified user may see of another. `shared-<chat id>` means the owner of that chat.
    ///
    /// # Errors
    /// `USER_NOT_FOUND`; [`Error`].
    pub async fn get_user_by_id(&self, id: impl AsRef<str>) -> Result<UserActive, Error> {
        self.get(&["api", "v1", "users", id.as_ref()]).await
    }

    /// All of a user's record, with groups and activity. For admins, but not on a database of Open WebUI 0.6.
    ///
    /// # Errors
    /// `USER_NOT_FOUND`; [`Error`].
    pub async fn get_user_record_by_id(&self, id: impl AsRef<str>) -> Result<UserRecord, Error> {
        self.get(&["api", "v1", "users", id.as_ref()]).await
    }

    /// [`get_user_record_by_id`](Self::get_user_record_by_id) with the version of what
    /// [`update_user_by_id_if`](Self::update_user_by_id_if) can change.
    ///
    /// # Errors
    /// `USER_NOT_FOUND`; [`Error`].
    pub async fn get_user_record_versioned(
        &self,
        id: impl AsRef<str>,
    ) -> Result<Versioned<UserRecord>, Error> {
        self.get_versioned(&["api", "v1", "users", id.as_ref()]).await
    }

    /// What lists show of a user, with groups and activity.
    ///
    /// # Errors
    /// `USER_NOT_FOUND`; [`Error`].
    pub async fn get_user_info_by_id(&self, id: impl AsRef<str>) -> Result<UserInfo, Error> {
        self.get(&["api", "v1", "users", id.as_ref(), "info"]).await
    }

    /// What a user reaches by owning it or by a grant. For admins.
    ///
    /// # Errors
    /// `NOT_FOUND`; [`Error`].
    pub async fn get_user_preview(&self, id: impl AsRef<str>) -> Result<UserPreview, Error> {
        self.get(&["api", "v1", "users", id.as_ref(), "preview"]).await
    }

    /// A user's open sessions, newest first. Those that Open WebUI opened are not among them. For admins.
    ///
    /// # Errors
    /// `NOT_FOUND`; `CONFLICT` on a database without a table for sessions; [`Error`].
    pub async fn get_user_sessions_by_id(&self, id: impl AsRef<str>) -> Result<Vec<OpenSession>, Error> {
        self.get(&["api", "v1", "users", id.as_ref(), "sessions"]).await
    }

    /// Ends one session of a user. For admins.
    ///
    /// # Errors
    /// `NOT_FOUND` also where the user has no such open session; `ACTION_PROHIBITED` for the primary admin's; `CONFLICT` on a
    /// database without a table for sessions; [`Error`].
    pub async fn end_user_session_by_id(
        &self,
        id: impl AsRef<str>,
        session: impl AsRef<str>,
    ) -> Result<bool, Error> {
        self.delete(&["api", "v1", "users", id.as_ref(), "sessions", session.as_ref()]).await
    }

    /// When a user signed in last, and how many attempts failed since and before. For admins.
    ///
    /// # Errors
    /// `NOT_FOUND`; `CONFLICT` on a database without a table for it; [`Error`].
    pub async fn get_user_last_sign_in_by_id(&self, id: impl AsRef<str>) -> Result<LastSignIn, Error> {
        self.get(&["api", "v1", "users", id.as_ref(), "last_sign_in"]).await
    }

    /// Ends all sessions of a user. For admins.
    ///
    /// # Errors
    /// `NOT_FOUND`, `ACTION_PROHIBITED`; [`Error`].
    pub async fn revoke_user_sessions(&self, id: impl AsRef<str>) -> Result<bool, Error> {
        self.post_nothing(&["api", "v1", "users", id.as_ref(), "sessions", "revoke"]).await
    }

    /// A user's API keys, without their text. For admins.
    ///
    /// # Errors
    /// `NOT_FOUND`; `CONFLICT` on a database of Open WebUI that was not adopted; [`Error`].
    pub async fn list_user_api_keys(&self, id: impl AsRef<str>) -> Result<Vec<ApiKeyInfo>, Error> {
        self.get(&["api", "v1", "users", id.as_ref(), "api_keys"]).await
    }

    /// Deletes all API keys of a user, if there are any. For admins.
    ///
    /// # Errors
    /// `NOT_FOUND`, `ACTION_PROHIBITED`; [`Error`].
    pub async fn delete_user_api_keys(&self, id: impl AsRef<str>) -> Result<bool, Error> {
        self.delete(&["api", "v1", "users", id.as_ref(), "api_keys"]).await
    }

    /// Deletes an API key of a user. For admins.
    ///
    /// # Errors
    /// `API_KEY_NOT_FOUND`, `ACTION_PROHIBITED`; as [`list_user_api_keys`](Self::list_user_api_keys); [`Error`].
    pub async fn delete_user_api_key(
        &self,
        id: impl AsRef<str>,
        key: impl AsRef<str>,
    ) -> Result<bool, Error> {
        self.delete(&["api", "v1", "users", id.as_ref(), "api_keys", key.as_ref()]).await
    }

    /// Whether a user sent a request in the last 180 seconds; an unknown one did not.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_user_active_status_by_id(&self, id: impl AsRef<str>) -> Result<bool, Error> {
        #[derive(Deserialize)]
        struct Answer {
            active: bool,
        }
        let answer: Answer = self.get(&["api", "v1", "users", id.as_ref(), "active"]).await?;
        Ok(answer.active)
    }

    /// A user's picture, or where it is.
    ///
    /// # Errors
    /// `USER_NOT_FOUND`; [`Error`].
    pub async fn get_user_profile_image_by_id(&self, id: impl AsRef<str>) -> Result<ProfileImage, Error> {
        let path = ["api", "v1", "users", id.as_ref(), "profile", "image"];
        let response = send(self.request(Method::GET, &path)).await?;
        let header = |name| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        if response.status().is_redirection() {
            return Ok(ProfileImage::Elsewhere(header(LOCATION)));
        }
        let media_type = header(CONTENT_TYPE);
        let bytes = response.bytes().await.map_err(Error::Transport)?.to_vec();
        Ok(ProfileImage::Inline { media_type, bytes })
    }

    /// A user's OAuth sessions, newest first. For admins.
    ///
    /// # Errors
    /// `USER_NOT_FOUND` where there are none; [`Error`].
    pub async fn get_user_oauth_sessions_by_id(
        &self,
        id: impl AsRef<str>,
    ) -> Result<Vec<OauthSession>, Error> {
        self.get(&["api", "v1", "users", id.as_ref(), "oauth", "sessions"]).await
    }

    /// A user's groups, with `inherited` also those above them; none for an unknown id. For admins.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_user_groups_by_id(
        &self,
        id: impl AsRef<str>,
        inherited: bool,
    ) -> Result<Vec<UserGroup>, Error> {
        let request = self.request(Method::GET, &["api", "v1", "users", id.as_ref(), "groups"]);
        let response = send(request.query(&[("include_inherited", inherited)])).await?;
        response.json().await.map_err(Error::Transport)
    }

    /// Changes a user, all fields or none, and gives the whole record. For admins.
    ///
    /// # Errors
    /// `USER_NOT_FOUND`, `ACTION_PROHIBITED`, `EMAIL_TAKEN` and the like; `CONFLICT` for another role of a suspended user;
    /// [`Error`].
    pub async fn update_user_by_id(
        &self,
        id: impl AsRef<str>,
        update: &UserUpdate,
    ) -> Result<UserModel, Error> {
        self.post(&["api", "v1", "users", id.as_ref(), "update"], update).await
    }

    /// [`update_user_by_id`](Self::update_user_by_id), only if this version is still the stored one.
    ///
    /// # Errors
    /// `PRECONDITION_FAILED` for another version; as [`update_user_by_id`](Self::update_user_by_id).
    pub async fn update_user_by_id_if(
        &self,
        id: impl AsRef<str>,
        update: &UserUpdate,
        version: &Version,
    ) -> Result<Versioned<UserModel>, Error> {
        self.post_versioned(&["api", "v1", "users", id.as_ref(), "update"], update, Some(version)).await
    }

    /// Suspends a user, or gives the suspension another reason and end. Sessions and API keys are refused from now on. For
    /// admins.
    ///
    /// # Errors
    /// `NOT_FOUND`; `ACTION_PROHIBITED` for the own account, the primary admin and the last active admin; `CONFLICT` on a
    /// database without a table for suspensions; [`Error`].
    pub async fn suspend_user_by_id(
        &self,
        id: impl AsRef<str>,
        suspend: &SuspendForm,
    ) -> Result<UserModel, Error> {
        self.post(&["api", "v1", "users", id.as_ref(), "suspend"], suspend).await
    }

    /// Lets a suspended user in again, with the role of before. For admins.
    ///
    /// # Errors
    /// `NOT_FOUND`; `CONFLICT` on a database without a table for suspensions; [`Error`].
    pub async fn resume_user_by_id(&self, id: impl AsRef<str>) -> Result<UserModel, Error> {
        self.post_nothing(&["api", "v1", "users", id.as_ref(), "resume"]).await
    }

    /// Makes an admin the primary admin in place of the caller, and gives its record. For the primary admin, with its password.
    ///
    /// # Errors
    /// `ACTION_PROHIBITED` for other admins; `NOT_FOUND`; `CONFLICT` for who is no active admin; `INCORRECT_PASSWORD`;
    /// `RATE_LIMIT_EXCEEDED`; [`Error`].
    pub async fn make_user_primary(&self, id: impl AsRef<str>, password: &str) -> Result<UserModel, Error> {
        let body = json!({ "password": password });
        self.post(&["api", "v1", "users", id.as_ref(), "make-primary"], &body).await
    }

    /// Deletes a user and all that hangs on the account. For admins.
    ///
    /// # Errors
    /// `USER_NOT_FOUND`, `ACTION_PROHIBITED`; [`Error`].
    pub async fn delete_user_by_id(&self, id: impl AsRef<str>) -> Result<bool, Error> {
        self.delete(&["api", "v1", "users", id.as_ref()]).await
    }
}
