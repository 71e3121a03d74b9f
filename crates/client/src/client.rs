//! The connection, the credential, and how a request becomes an answer.

use std::fmt;
use std::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, Error};

/// What may not stand in one part of a path as it is.
const PART: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// How long a call may take in all, unless another client is brought along.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// A server, and who talks to it. Cheap to clone: the connections are shared.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: Option<HeaderValue>,
}

impl Client {
    /// A client of the server at `base_url`, such as `https://chat.example.com`, without credentials. It follows no
    /// redirects and gives up after 30 seconds.
    ///
    /// # Errors
    /// [`Error::Url`]; [`Error::Transport`] when TLS cannot be set up.
    pub fn new(base_url: &str) -> Result<Self, Error> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(REQUEST_TIMEOUT)
            .build()
            .map_err(Error::Transport)?;
        Self::with_http(base_url, http)
    }

    /// The same over a client of your own. It should follow no redirects: a profile image elsewhere is one.
    ///
    /// # Errors
    /// [`Error::Url`].
    pub fn with_http(base_url: &str, http: reqwest::Client) -> Result<Self, Error> {
        let base = Url::parse(base_url).map_err(|why| Error::Url(why.to_string()))?;
        if base.cannot_be_a_base() || !matches!(base.scheme(), "http" | "https") {
            return Err(Error::Url(format!("{base_url} is not an http(s) URL")));
        }
        Ok(Self { http, base, token: None })
    }

    /// The same server for the owner of a session token or an API key.
    #[must_use]
    pub fn with_token(&self, token: impl AsRef<str>) -> Self {
        let mut client = self.clone();
        // Text that no header can hold is no token; the server says so.
        client.token = HeaderValue::from_str(&format!("Bearer {}", token.as_ref()))
            .or_else(|_unfit| HeaderValue::from_str("Bearer"))
            .ok()
            .map(|mut value| {
                value.set_sensitive(true);
                value
            });
        client
    }

    /// The same server without credentials.
    #[must_use]
    pub fn without_token(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// A request to one of the server's paths, whose parts are encoded here.
    pub(crate) fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let mut url = self.base.clone();
        let parts: Vec<String> = path.iter().map(|part| encode(part)).collect();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}/{}", parts.join("/")));
        let request = self.http.request(method, url);
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, token.clone()),
            None => request,
        }
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, Error> {
        read(send(self.request(Method::GET, path)).await?).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<T, Error> {
        read(send(self.request(Method::POST, path).json(body)).await?).await
    }

    /// A `POST` that has nothing to say.
    pub(crate) async fn post_nothing<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, Error> {
        read(send(self.request(Method::POST, path)).await?).await
    }

    pub(crate) async fn delete<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, Error> {
        read(send(self.request(Method::DELETE, path)).await?).await
    }
}

impl fmt::Debug for Client {
    /// Shows where, not with which token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = self.token.as_ref().map(|_| "..");
        f.debug_struct("Client")
            .field("base", &self.base.as_str())
            .field("token", &token)
            .finish_non_exhaustive()
    }
}

/// One part of a path. A lone dot or two would climb; they are encoded, and so are an id like any other.
fn encode(part: &str) -> String {
    match part {
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        part => utf8_percent_encode(part, PART).to_string(),
    }
}

/// Sends a request; every status from 400 on is an error.
pub(crate) async fn send(request: RequestBuilder) -> Result<Response, Error> {
    let response = request.send().await.map_err(Error::Transport)?;
    if response.status().as_u16() < 400 {
        return Ok(response);
    }
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.bytes().await.map_err(Error::Transport)?;
    Err(Error::Api(Box::new(ApiError::read(status, &headers, &body))))
}

/// Reads the JSON of an answer.
pub(crate) async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Error> {
    let body = response.bytes().await.map_err(Error::Transport)?;
    serde_json::from_slice(&body).map_err(Error::Answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_one_part_of_the_path() {
        let client = Client::new("http://host/prefix/").unwrap();
        let url = |id: &str| {
            let request = client.request(Method::GET, &["api", "v1", "users", id]).build().unwrap();
            request.url().as_str().to_owned()
        };
        assert_eq!(url("u-1"), "http://host/prefix/api/v1/users/u-1");
        assert_eq!(url("a/b?c#d%e"), "http://host/prefix/api/v1/users/a%2Fb%3Fc%23d%25e");
        assert_eq!(url("ü"), "http://host/prefix/api/v1/users/%C3%BC");
    }

    #[test]
    fn other_schemes_are_refused_and_tokens_are_not_shown() {
        assert!(matches!(Client::new("ftp://host"), Err(Error::Url(_))));
        assert!(matches!(Client::new("not a URL"), Err(Error::Url(_))));
        let client = Client::new("http://host").unwrap().with_token("very-secret");
        assert!(!format!("{client:?}").contains("very-secret"));
    }
}
