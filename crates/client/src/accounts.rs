//! Signing up, in and out, and one's own account.

use rosterd_domain::Role;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::answers::{Account, AddedAccount, AdminDetails, Session, SessionUser};
use crate::client::Client;
use crate::error::Error;
use crate::forms::{NewAccount, ProfileUpdate};

#[derive(Deserialize)]
struct Key {
    api_key: String,
}

impl Client {
    /// Your session.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_session_user(&self) -> Result<SessionUser, Error> {
        self.get(&["api", "v1", "auths", ""]).await
    }

    /// Signs in.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS`, `RATE_LIMIT_EXCEEDED`; [`Error`].
    pub async fn user_sign_in(&self, email: &str, password: &str) -> Result<Session, Error> {
        self.post(&["api", "v1", "auths", "signin"], &json!({ "email": email, "password": password })).await
    }

    /// Opens an account. The first of all is an admin, and closes sign-up.
    ///
    /// # Errors
    /// `ACCESS_PROHIBITED` where sign-up is closed, `EMAIL_TAKEN` and the like; [`Error`].
    pub async fn user_sign_up(&self, account: &NewAccount) -> Result<Session, Error> {
        self.post(&["api", "v1", "auths", "signup"], account).await
    }

    /// Ends the session of this client's token.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn user_sign_out(&self) -> Result<(), Error> {
        let _answer: serde_json::Value = self.get(&["api", "v1", "auths", "signout"]).await?;
        Ok(())
    }

    /// Opens an account for somebody. For admins.
    ///
    /// # Errors
    /// `EMAIL_TAKEN` and the like; [`Error`].
    pub async fn add_user(&self, account: &NewAccount, role: &Role) -> Result<AddedAccount, Error> {
        #[derive(Serialize)]
        struct Form<'a> {
            #[serde(flatten)]
            account: &'a NewAccount,
            role: &'a Role,
        }
        self.post(&["api", "v1", "auths", "add"], &Form { account, role }).await
    }

    /// Changes your profile.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn update_user_profile(&self, profile: &ProfileUpdate) -> Result<Account, Error> {
        self.post(&["api", "v1", "auths", "update", "profile"], profile).await
    }

    /// Changes your password.
    ///
    /// # Errors
    /// `INCORRECT_PASSWORD`, `INVALID_PASSWORD`, `PASSWORD_TOO_LONG`; [`Error`].
    pub async fn update_user_password(&self, current: &str, new: &str) -> Result<bool, Error> {
        let body = json!({ "password": current, "new_password": new });
        self.post(&["api", "v1", "auths", "update", "password"], &body).await
    }

    /// Your API key.
    ///
    /// # Errors
    /// `API_KEY_NOT_FOUND`; [`Error`].
    pub async fn get_api_key(&self) -> Result<String, Error> {
        let key: Key = self.get(&["api", "v1", "auths", "api_key"]).await?;
        Ok(key.api_key)
    }

    /// Makes a new API key in place of the old one.
    ///
    /// # Errors
    /// `API_KEY_CREATION_NOT_ALLOWED`; [`Error`].
    pub async fn create_api_key(&self) -> Result<String, Error> {
        let key: Key = self.post_nothing(&["api", "v1", "auths", "api_key"]).await?;
        Ok(key.api_key)
    }

    /// Deletes your API key; whether there was one.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn delete_api_key(&self) -> Result<bool, Error> {
        self.delete(&["api", "v1", "auths", "api_key"]).await
    }

    /// Whom to ask to be let in.
    ///
    /// # Errors
    /// `ACCESS_PROHIBITED` where that is not told; [`Error`].
    pub async fn get_admin_details(&self) -> Result<AdminDetails, Error> {
        self.get(&["api", "v1", "auths", "admin", "details"]).await
    }
}
