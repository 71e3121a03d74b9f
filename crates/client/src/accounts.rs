//! Signing up, in and out, and one's own account.

use reqwest::Method;
use reqwest::header::HeaderValue;
use rosterd_domain::{ApiKeyInfo, LastSignIn, OpenSession, Role};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::answers::{Account, AddedAccount, AdminDetails, MadeApiKey, MfaStatus, Session, SessionUser};
use crate::client::{Client, read, send};
use crate::error::Error;
use crate::forms::{NewAccount, NewApiKey, ProfileUpdate};

#[derive(Deserialize)]
struct Key {
    api_key: String,
}

#[derive(Deserialize)]
struct SignedOut {
    redirect_url: Option<String>,
}

#[derive(Deserialize)]
struct Ldap {
    #[serde(rename = "ENABLE_LDAP")]
    enabled: bool,
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
    /// `SETUP_TOKEN_REQUIRED`: see [`user_sign_up_with`](Self::user_sign_up_with). `ACCESS_PROHIBITED` where sign-up is closed, `EMAIL_TAKEN` and the like; [`Error`].
    pub async fn user_sign_up(&self, account: &NewAccount) -> Result<Session, Error> {
        self.post(&["api", "v1", "auths", "signup"], account).await
    }

    /// Opens the first account of a server that others can reach: with the set-up token that the server printed at its start.
    ///
    /// # Errors
    /// `SETUP_TOKEN_REQUIRED` for another token, `RATE_LIMIT_EXCEEDED`; as [`user_sign_up`](Self::user_sign_up).
    pub async fn user_sign_up_with(&self, account: &NewAccount, setup_token: &str) -> Result<Session, Error> {
        let request = self.request(Method::POST, &["api", "v1", "auths", "signup"]).json(account);
        // Text that no header can hold is no token; the server says so.
        let token = HeaderValue::from_str(setup_token).unwrap_or(HeaderValue::from_static(""));
        read(send(request.header("X-Setup-Token", token)).await?).await
    }

    /// Ends the session of this client's token. Gives where a front end goes then, if that is configured.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn user_sign_out(&self) -> Result<Option<String>, Error> {
        let out: SignedOut = self.post_nothing(&["api", "v1", "auths", "signout"]).await?;
        Ok(out.redirect_url)
    }

    /// The same by `GET`, for servers before Open WebUI 0.12.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn user_sign_out_by_get(&self) -> Result<Option<String>, Error> {
        let out: SignedOut = self.get(&["api", "v1", "auths", "signout"]).await?;
        Ok(out.redirect_url)
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

    /// Says in which time zone you are: any text, such as `Europe/Berlin`.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn update_user_timezone(&self, timezone: &str) -> Result<(), Error> {
        let path = ["api", "v1", "auths", "update", "timezone"];
        let _done: Value = self.post(&path, &json!({ "timezone": timezone })).await?;
        Ok(())
    }

    /// Your second factor, which Open WebUI keeps.
    ///
    /// # Errors
    /// `HUMAN_SESSION_REQUIRED` for others than persons; [`Error`].
    pub async fn get_mfa_status(&self) -> Result<MfaStatus, Error> {
        self.get(&["api", "v1", "auths", "mfa", "status"]).await
    }

    /// Deletes your sessions with an identity provider, which Open WebUI makes.
    ///
    /// # Errors
    /// `NOT_FOUND` where there is none; [`Error`].
    pub async fn delete_oauth_sessions(&self, provider: &str) -> Result<bool, Error> {
        self.delete(&["api", "v1", "auths", "oauth", "sessions", provider]).await
    }

    /// Whether Open WebUI signs in by LDAP. For admins.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_ldap_config(&self) -> Result<bool, Error> {
        let ldap: Ldap = self.get(&["api", "v1", "auths", "admin", "config", "ldap"]).await?;
        Ok(ldap.enabled)
    }

    /// Says that LDAP is to stay as it is. For admins.
    ///
    /// # Errors
    /// `CONFLICT` for anything else: rosterd has no LDAP; [`Error`].
    pub async fn update_ldap_config(&self, enabled: bool) -> Result<bool, Error> {
        let body = json!({ "enable_ldap": enabled });
        let ldap: Ldap = self.post(&["api", "v1", "auths", "admin", "config", "ldap"], &body).await?;
        Ok(ldap.enabled)
    }

    /// The settings of Open WebUI's LDAP server, without the password. For admins.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_ldap_server(&self) -> Result<Map<String, Value>, Error> {
        self.get(&["api", "v1", "auths", "admin", "config", "ldap", "server"]).await
    }

    /// The settings of signing in by OAuth, all off or empty. For admins.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_oauth_config(&self) -> Result<Map<String, Value>, Error> {
        self.get(&["api", "v1", "auths", "admin", "config", "oauth"]).await
    }

    /// Changes your password. All your sessions end, the one of this client too; API keys live on.
    ///
    /// # Errors
    /// `INCORRECT_PASSWORD`, `INVALID_PASSWORD`, `PASSWORD_TOO_LONG`; `CONFLICT` when the account was changed at the same
    /// moment; [`Error`].
    pub async fn update_user_password(&self, current: &str, new: &str) -> Result<bool, Error> {
        let body = json!({ "password": current, "new_password": new });
        self.post(&["api", "v1", "auths", "update", "password"], &body).await
    }

    /// Your open sessions, newest first. Those that Open WebUI opened are not among them.
    ///
    /// # Errors
    /// `HUMAN_SESSION_REQUIRED` for others than persons; `CONFLICT` on a database without a table for sessions; [`Error`].
    pub async fn get_sessions(&self) -> Result<Vec<OpenSession>, Error> {
        self.get(&["api", "v1", "auths", "sessions"]).await
    }

    /// When you signed in last, and how many attempts failed since and before.
    ///
    /// # Errors
    /// `HUMAN_SESSION_REQUIRED` for others than persons; `CONFLICT` on a database without a table for it; [`Error`].
    pub async fn get_last_sign_in(&self) -> Result<LastSignIn, Error> {
        self.get(&["api", "v1", "auths", "last_sign_in"]).await
    }

    /// Ends your other sessions; the one of this client goes on.
    ///
    /// # Errors
    /// As [`get_sessions`](Client::get_sessions).
    pub async fn end_other_sessions(&self) -> Result<bool, Error> {
        self.delete(&["api", "v1", "auths", "sessions"]).await
    }

    /// Ends one of your sessions, which may be the one of this client.
    ///
    /// # Errors
    /// `NOT_FOUND` where you have no such open session; otherwise as [`get_sessions`](Client::get_sessions).
    pub async fn end_session(&self, session: impl AsRef<str>) -> Result<bool, Error> {
        self.delete(&["api", "v1", "auths", "sessions", session.as_ref()]).await
    }

    /// Your API key. A standalone database knows only how it begins, and gives asterisks for the rest.
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

    /// Your API keys, the newest first, ended ones too. For sessions of persons.
    ///
    /// # Errors
    /// `CONFLICT` on a database of Open WebUI that was not adopted; [`Error`].
    pub async fn list_api_keys(&self) -> Result<Vec<ApiKeyInfo>, Error> {
        self.get(&["api", "v1", "auths", "api_keys"]).await
    }

    /// Makes an API key with a name. Its text is not shown again. For sessions of persons.
    ///
    /// # Errors
    /// `API_KEY_CREATION_NOT_ALLOWED`; `CONFLICT` for one key too many, and as [`list_api_keys`](Self::list_api_keys);
    /// [`Error`].
    pub async fn create_named_api_key(&self, key: &NewApiKey) -> Result<MadeApiKey, Error> {
        self.post(&["api", "v1", "auths", "api_keys"], key).await
    }

    /// Deletes one of your API keys. For sessions of persons.
    ///
    /// # Errors
    /// `API_KEY_NOT_FOUND`; as [`list_api_keys`](Self::list_api_keys); [`Error`].
    pub async fn delete_api_key_by_id(&self, id: impl AsRef<str>) -> Result<bool, Error> {
        self.delete(&["api", "v1", "auths", "api_keys", id.as_ref()]).await
    }

    /// Whom to ask to be let in.
    ///
    /// # Errors
    /// `ACCESS_PROHIBITED` where that is not told; [`Error`].
    pub async fn get_admin_details(&self) -> Result<AdminDetails, Error> {
        self.get(&["api", "v1", "auths", "admin", "details"]).await
    }
}
