//! Callers: who sends a request and how they show who they are.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use reqwest::{Method, Url};
use rosterd_domain::ids::UserId;
use serde::Serialize;
use serde_json::Value;

use crate::http;
use crate::reply::{OpenReply, Reply};

/// How a caller shows who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// Not at all.
    None,
    /// `Authorization: Bearer …`: a token or an API key.
    Bearer(String),
    /// The cookie `token`.
    Cookie(String),
    /// An `Authorization` header as it stands.
    Authorization(String),
}

/// Somebody who talks to one server.
#[derive(Debug, Clone)]
pub struct Caller {
    base_url: String,
    client: reqwest::Client,
    credential: Credential,
    account: Option<Account>,
}

/// What a test knows of a caller's account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: UserId,
    pub(crate) email: String,
    pub(crate) password: String,
}

impl Caller {
    /// Somebody without any credentials.
    pub(crate) fn anonymous(base_url: &str, client: reqwest::Client) -> Self {
        Self { base_url: base_url.to_owned(), client, credential: Credential::None, account: None }
    }

    /// The same connection for the owner of an account.
    pub(crate) fn signed_in(self, account: Account, token: String) -> Self {
        Self { credential: Credential::Bearer(token), account: Some(account), ..self }
    }

    fn account(&self) -> &Account {
        self.account.as_ref().expect("this caller has an account")
    }

    /// The caller's user id.
    ///
    /// # Panics
    /// For an anonymous caller, as [`email`](Self::email) and [`password`](Self::password) do.
    #[must_use]
    pub fn id(&self) -> &UserId {
        &self.account().id
    }

    /// The caller's e-mail address.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.account().email
    }

    /// The caller's password.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.account().password
    }

    /// The same account, shown otherwise.
    #[must_use]
    pub fn with(&self, credential: Credential) -> Self {
        Self { credential, ..self.clone() }
    }

    /// The same account with this token or API key.
    #[must_use]
    pub fn with_bearer(&self, token: impl Into<String>) -> Self {
        self.with(Credential::Bearer(token.into()))
    }

    /// The same account with its token in the cookie instead of the header.
    #[must_use]
    pub fn by_cookie(&self) -> Self {
        match &self.credential {
            Credential::Bearer(token) => self.with(Credential::Cookie(token.clone())),
            other => self.with(other.clone()),
        }
    }

    /// The same account over connections of its own: connections belong to the runtime on which they were opened, so
    /// another one must not use them.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self { client: http::client(), ..self.clone() }
    }

    /// The same account through another server.
    #[must_use]
    pub fn through(&self, server: &crate::TestServer) -> Self {
        Self { base_url: server.url().to_owned(), ..self.clone() }
    }

    /// A request to complete and [send](Request::send). `path` begins with `/` and may have a query string.
    #[must_use]
    pub fn request(&self, method: Method, path: &str) -> Request {
        let url = format!("{}{path}", self.base_url);
        let url = Url::parse(&url).unwrap_or_else(|e| panic!("{url}: {e}"));
        let shown = format!("{method} {path}");
        let builder = self.client.request(method, url);
        let builder = match &self.credential {
            Credential::None => builder,
            Credential::Bearer(token) => builder.header(AUTHORIZATION, format!("Bearer {token}")),
            Credential::Cookie(token) => builder.header(COOKIE, format!("token={token}")),
            Credential::Authorization(value) => builder.header(AUTHORIZATION, value),
        };
        Request { builder, shown }
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Reply {
        self.request(Method::GET, path).send().await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: impl Serialize) -> Reply {
        self.request(Method::POST, path).json(&body).send().await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Reply {
        self.request(Method::DELETE, path).send().await
    }
}

/// A request in the making.
#[derive(Debug)]
pub struct Request {
    builder: reqwest::RequestBuilder,
    shown: String,
}

impl Request {
    /// Adds a header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { builder: self.builder.header(name, value), ..self }
    }

    /// Adds a header whose value need not be text.
    #[must_use]
    pub fn header_bytes(self, name: &str, value: &[u8]) -> Self {
        Self { builder: self.builder.header(name, value), ..self }
    }

    /// Gives it a JSON body.
    #[must_use]
    pub fn json(self, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).expect("the body has a JSON form");
        self.body("application/json", body)
    }

    /// Gives it a body as it stands.
    #[must_use]
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { builder: self.builder.header(CONTENT_TYPE, content_type).body(body.into()), ..self }
    }

    /// Sends it and reads the answer to its end.
    pub async fn send(self) -> Reply {
        let shown = self.shown.clone();
        self.exchange().await.unwrap_or_else(|error| panic!("{shown}: {}", http::causes(&error)))
    }

    /// The same of a server that may die meanwhile; `None` where there is no whole answer.
    pub async fn try_send(self) -> Option<Reply> {
        self.exchange().await.ok()
    }

    /// Sends it and reads the answer's head. The body is read piece by piece: for what does not end by itself.
    pub async fn open(self) -> OpenReply {
        let Self { builder, shown } = self;
        let response =
            builder.send().await.unwrap_or_else(|error| panic!("{shown}: {}", http::causes(&error)));
        OpenReply { request: shown, response }
    }

    async fn exchange(self) -> reqwest::Result<Reply> {
        let Self { builder, shown } = self;
        let response = builder.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await?.to_vec();
        Ok(Reply { request: shown, status, headers, bytes })
    }
}

/// What one path answers to a list of callers: a row of an access table.
pub async fn statuses(callers: &[&Caller], method: &Method, path: &str, body: Option<&Value>) -> Vec<u16> {
    let mut statuses = Vec::with_capacity(callers.len());
    for caller in callers {
        let request = caller.request(method.clone(), path);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        statuses.push(request.send().await.status());
    }
    statuses
}
