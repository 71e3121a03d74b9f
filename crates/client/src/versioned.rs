//! Documents with a version, for updates that must not overwrite what they have not seen (rule S4).

use reqwest::Response;
use reqwest::header::ETAG;
use serde::de::DeserializeOwned;

use crate::client::read;
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
