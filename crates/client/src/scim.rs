//! Connections by SCIM: identity providers that make, change and disable accounts. All of it is for admins.

use std::fmt;

use reqwest::Method;
use rosterd_domain::role::Role;
use rosterd_domain::scim::{ConnectionInfo, GroupRule, LinkableUser};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::{Client, read, send};
use crate::error::Error;
use crate::versioned::{Version, Versioned};

const CONNECTIONS: [&str; 4] = ["api", "v1", "scim", "connections"];

/// The path of a connection, or below it.
fn of<'a>(id: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    CONNECTIONS.into_iter().chain([id]).chain(rest.iter().copied()).collect()
}

/// What a connection is to be like. What is not set stays; in a new one it is as careful as can be.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ConnectionForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_role: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    links_by_email: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    takes_passwords: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletes_accounts: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_rule: Option<GroupRule>,
}

impl ConnectionForm {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// By this name, which no other connection has. A new one needs it.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The accounts that it makes get this role: [`Role::User`] or [`Role::Pending`].
    #[must_use]
    pub fn default_role(self, role: Role) -> Self {
        Self { default_role: Some(role), ..self }
    }

    /// Whether it is linked to accounts that have the e-mail address of one of its users already.
    #[must_use]
    pub fn links_by_email(self, links: bool) -> Self {
        Self { links_by_email: Some(links), ..self }
    }

    /// Whether the passwords that it sends are set.
    #[must_use]
    pub fn takes_passwords(self, takes: bool) -> Self {
        Self { takes_passwords: Some(takes), ..self }
    }

    /// Whether its DELETE deletes accounts that it made.
    #[must_use]
    pub fn deletes_accounts(self, deletes: bool) -> Self {
        Self { deletes_accounts: Some(deletes), ..self }
    }

    /// How the names of its groups lead to groups.
    #[must_use]
    pub fn group_rule(self, rule: GroupRule) -> Self {
        Self { group_rule: Some(rule), ..self }
    }
}

/// A connection with a new token, which is never shown again.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct MadeConnection {
    /// The token, which the identity provider sends.
    pub token: String,
    /// By which URL the identity provider reaches SCIM, if the server knows.
    pub url: Option<String>,
    /// The connection.
    #[serde(flatten)]
    pub connection: ConnectionInfo,
}

impl fmt::Debug for MadeConnection {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MadeConnection").field("connection", &self.connection).finish_non_exhaustive()
    }
}

/// A page of the accounts that a connection could be linked to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LinkableUsers {
    /// The accounts of the page, by e-mail address.
    pub users: Vec<LinkableUser>,
    /// How many there are on all pages.
    pub total: i64,
}

impl Client {
    /// All connections, the oldest first.
    ///
    /// # Errors
    /// `CONFLICT` on a database without the tables for them, as with all that follows; [`Error`].
    pub async fn list_scim_connections(&self) -> Result<Vec<ConnectionInfo>, Error> {
        self.get(&CONNECTIONS).await
    }

    /// One connection with its version.
    ///
    /// # Errors
    /// `NOT_FOUND`; as [`Self::list_scim_connections`].
    pub async fn get_scim_connection(&self, id: impl AsRef<str>) -> Result<Versioned<ConnectionInfo>, Error> {
        self.get_versioned(&of(id.as_ref(), &[])).await
    }

    /// Makes a connection. Its token is not shown again.
    ///
    /// # Errors
    /// `HUMAN_SESSION_REQUIRED` for API keys; `CONFLICT` for a name that another one has, and for one connection too many; as
    /// [`Self::list_scim_connections`].
    pub async fn create_scim_connection(&self, connection: &ConnectionForm) -> Result<MadeConnection, Error> {
        self.post(&CONNECTIONS, connection).await
    }

    /// Changes a connection.
    ///
    /// # Errors
    /// `NOT_FOUND`; `CONFLICT` for a name that another one has; as [`Self::list_scim_connections`].
    pub async fn update_scim_connection(
        &self,
        id: impl AsRef<str>,
        update: &ConnectionForm,
    ) -> Result<ConnectionInfo, Error> {
        self.post(&of(id.as_ref(), &["update"]), update).await
    }

    /// Changes a connection, only if this version is still the stored one.
    ///
    /// # Errors
    /// `PRECONDITION_FAILED` for another version; as [`Self::update_scim_connection`].
    pub async fn update_scim_connection_if(
        &self,
        id: impl AsRef<str>,
        update: &ConnectionForm,
        version: &Version,
    ) -> Result<Versioned<ConnectionInfo>, Error> {
        self.post_versioned(&of(id.as_ref(), &["update"]), update, Some(version)).await
    }

    /// Deletes a connection. The accounts and groups that it made stay as they are.
    ///
    /// # Errors
    /// `NOT_FOUND`; as [`Self::list_scim_connections`].
    pub async fn delete_scim_connection(&self, id: impl AsRef<str>) -> Result<bool, Error> {
        self.delete(&of(id.as_ref(), &[])).await
    }

    /// Gives a connection a new token. The one before opens it too for so many seconds (`None`: a day).
    ///
    /// # Errors
    /// `HUMAN_SESSION_REQUIRED` for API keys; `NOT_FOUND`; as [`Self::list_scim_connections`].
    pub async fn rotate_scim_connection(
        &self,
        id: impl AsRef<str>,
        overlap: Option<i64>,
    ) -> Result<MadeConnection, Error> {
        self.post(&of(id.as_ref(), &["rotate"]), &json!({ "overlap": overlap })).await
    }

    /// A page of the accounts that a connection could be linked to by e-mail address, from 1.
    ///
    /// # Errors
    /// `NOT_FOUND`; as [`Self::list_scim_connections`].
    pub async fn list_scim_linkable_users(
        &self,
        id: impl AsRef<str>,
        page: u32,
        limit: Option<u16>,
    ) -> Result<LinkableUsers, Error> {
        let request = self.request(Method::GET, &of(id.as_ref(), &["linkable"]));
        let request = request.query(&[("page", page)]).query(&limit.map(|limit| [("limit", limit)]));
        read(send(request).await?).await
    }
}
