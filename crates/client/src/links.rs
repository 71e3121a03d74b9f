//! One-time links: invites, new passwords, and e-mail addresses that are to be confirmed.

use std::fmt;

use rosterd_domain::link::LinkKind;
use rosterd_domain::{GroupId, Role, UnixSeconds, UserModel};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::answers::Session;
use crate::client::Client;
use crate::error::Error;

/// Somebody to be invited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NewInvite {
    /// The e-mail address, under which the account signs in.
    pub email: String,
    /// The name others see; its owner can change it.
    pub name: String,
    /// The role; `None`: user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The groups that the account joins, beside the one of new accounts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupId>,
    /// How the link is made.
    #[serde(flatten)]
    pub terms: LinkTerms,
}

/// How a link is to be made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LinkTerms {
    /// For how many seconds it can be used, 300 to 2,592,000; `None`: a week for an invite, a day for a new password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<i64>,
    /// `Some(false)`: no mail is sent, also where mail is set up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<bool>,
}

/// A link that was made.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct MadeLink {
    /// The token, which is never shown again.
    pub token: String,
    /// The URL that opens it in the console, if the server knows by which URL people reach it.
    pub link: Option<String>,
    /// From when on it opens nothing.
    pub expires_at: UnixSeconds,
    /// Whether it goes to the account's e-mail address by itself.
    pub mailed: bool,
}

/// Somebody who was invited.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct InvitedUser {
    /// The account.
    pub user: UserModel,
    /// The link by which its owner sets a password.
    #[serde(flatten)]
    pub link: MadeLink,
}

/// What a link is for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ShownLink {
    /// An invite is for [`Client::accept_invite`], a reset for [`Client::reset_password`], and a confirmation for
    /// [`Client::confirm_email`].
    pub kind: LinkKind,
    /// The account's e-mail address.
    pub email: String,
    /// The account's name.
    pub name: String,
    /// From when on the link opens nothing.
    pub expires_at: UnixSeconds,
}

impl fmt::Debug for MadeLink {
    /// Shows no token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MadeLink")
            .field("expires_at", &self.expires_at)
            .field("mailed", &self.mailed)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Makes an account without a password, and the link by which its owner sets one. For admins.
    ///
    /// # Errors
    /// `EMAIL_TAKEN`, `INVALID_EMAIL_FORMAT`, `GROUP_NOT_FOUND`; `ACCESS_PROHIBITED` where nobody signs in with a password; `CONFLICT`
    /// on a database of Open WebUI that was not adopted; [`Error`].
    pub async fn invite_user(&self, invite: &NewInvite) -> Result<InvitedUser, Error> {
        self.post(&["api", "v1", "users", "invite"], invite).await
    }

    /// Makes a link by which the owner of an account sets a new password. For admins.
    ///
    /// # Errors
    /// `NOT_FOUND`; `ACTION_PROHIBITED` for the primary admin; `CONFLICT` for a user who is suspended; otherwise as
    /// [`invite_user`](Self::invite_user).
    pub async fn create_user_password_link(
        &self,
        id: impl AsRef<str>,
        terms: LinkTerms,
    ) -> Result<MadeLink, Error> {
        self.post(&["api", "v1", "users", id.as_ref(), "password", "link"], &terms).await
    }

    /// What a link is for. It can still be used afterwards.
    ///
    /// # Errors
    /// `INVALID_LINK` for a link that is dead; `RATE_LIMIT_EXCEEDED`; [`Error`].
    pub async fn show_link(&self, token: &str) -> Result<ShownLink, Error> {
        self.post(&["api", "v1", "auths", "link"], &json!({ "token": token })).await
    }

    /// Asks for a link by mail for a new password, for who has forgotten the old one. The answer is the same whether an account has
    /// this e-mail address or not.
    ///
    /// # Errors
    /// `INVALID_EMAIL_FORMAT`; `ACCESS_PROHIBITED` where mail is not set up; `RATE_LIMIT_EXCEEDED`; [`Error`].
    pub async fn forgot_password(&self, email: &str) -> Result<bool, Error> {
        self.post(&["api", "v1", "auths", "password", "forgot"], &json!({ "email": email })).await
    }

    /// Accepts an invite with a password and, if wanted, another name. Gives a session.
    ///
    /// # Errors
    /// As [`show_link`](Self::show_link); `INVALID_PASSWORD` and `PASSWORD_TOO_LONG`, and the link can still be used.
    pub async fn accept_invite(
        &self,
        token: &str,
        password: &str,
        name: Option<&str>,
    ) -> Result<Session, Error> {
        let form = json!({ "token": token, "password": password, "name": name });
        self.post(&["api", "v1", "auths", "invite", "accept"], &form).await
    }

    /// Sets a new password by a link. All sessions of the account end.
    ///
    /// # Errors
    /// As [`accept_invite`](Self::accept_invite).
    pub async fn reset_password(&self, token: &str, password: &str) -> Result<bool, Error> {
        let form = json!({ "token": token, "password": password });
        self.post(&["api", "v1", "auths", "password", "reset"], &form).await
    }

    /// Confirms the e-mail address of an account by a link. The account gets the role that it waited for.
    ///
    /// # Errors
    /// As [`show_link`](Self::show_link); `CONFLICT` on a database of Open WebUI that was not adopted.
    pub async fn confirm_email(&self, token: &str) -> Result<bool, Error> {
        self.post(&["api", "v1", "auths", "email", "confirm"], &json!({ "token": token })).await
    }

    /// Asks for another link to confirm the caller's e-mail address, which goes there by mail.
    ///
    /// # Errors
    /// `CONFLICT` where nothing is to be confirmed; `RATE_LIMIT_EXCEEDED` less than five minutes after the mail before;
    /// `HUMAN_SESSION_REQUIRED` for an API key; [`Error`].
    pub async fn resend_email_confirmation(&self) -> Result<bool, Error> {
        self.post_nothing(&["api", "v1", "auths", "email", "confirm", "resend"]).await
    }
}
