//! Documents with a version, for updates that must not overwrite what they have not seen (rule S4).

use reqwest::header::{ETAG, IF_MATCH};
use reqwest::{Method, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::{Client, read, send};
use crate::error::Error;

/// The version of a stored document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(String);

impl Version {
    /// As a header holds it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A document and its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The document.
    pub value: T,
    /// Its version; `None` when the server did not say.
    pub version: Option<Version>,
}

impl<T: DeserializeOwned> Versioned<T> {
    pub(crate) async fn read(response: Response) -> Result<Self, Error> {
        let version = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok());
        let version = version.map(|tag| Version(tag.to_owned()));
        Ok(Self { value: read(response).await?, version })
    }
}

impl Client {
    /// Reads a document with its version.
    pub(crate) async fn get_versioned<T: DeserializeOwned>(
        &self,
        path: &[&str],
    ) -> Result<Versioned<T>, Error> {
        Versioned::read(send(self.request(Method::GET, path)).await?).await
    }

    /// Changes a document; with a version, only if that is still the stored one.
    pub(crate) async fn post_versioned<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &impl Serialize,
        only_if: Option<&Version>,
    ) -> Result<Versioned<T>, Error> {
        let request = self.request(Method::POST, path).json(body);
        let request = match only_if {
            Some(version) => request.header(IF_MATCH, version.as_str()),
            None => request,
        };
        Versioned::read(send(request).await?).await
    }
}
