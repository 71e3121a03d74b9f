//! The deployment's configuration, version and health.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::answers::BackendConfig;
use crate::client::{Client, send};
use crate::error::Error;
use crate::versioned::{Version, Versioned};

impl Client {
    /// What a front end needs for its first page; pending and verified callers are told more.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_backend_config(&self) -> Result<BackendConfig, Error> {
        self.get(&["api", "config"]).await
    }

    /// The settings kept in the database, by name. For admins.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_admin_config(&self) -> Result<Versioned<Map<String, Value>>, Error> {
        self.get_versioned(&["api", "v1", "auths", "admin", "config"]).await
    }

    /// Changes settings. A database of the newest front end needs most of them, so send what
    /// [`get_admin_config`](Self::get_admin_config) gave, with the changes in it. With a version, only if that is still the
    /// stored one. For admins.
    ///
    /// # Errors
    /// `PRECONDITION_FAILED` for another version; `CONFLICT` where the policy of the second factor would change, `HUMAN_SESSION_REQUIRED` where an API key names it,
    /// `VALIDATION_ERROR`; [`Error`].
    pub async fn update_admin_config(
        &self,
        settings: &Map<String, Value>,
        only_if: Option<&Version>,
    ) -> Result<Versioned<Map<String, Value>>, Error> {
        self.post_versioned(&["api", "v1", "auths", "admin", "config"], settings, only_if).await
    }

    /// The server's version.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_version(&self) -> Result<String, Error> {
        #[derive(Deserialize)]
        struct Answer {
            version: String,
        }
        let answer: Answer = self.get(&["api", "version"]).await?;
        Ok(answer.version)
    }

    /// Succeeds while the server runs.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_health(&self) -> Result<(), Error> {
        let _answer: Value = self.get(&["health"]).await?;
        Ok(())
    }

    /// Succeeds while the server's database answers.
    ///
    /// # Errors
    /// `UNAVAILABLE`; [`Error`].
    pub async fn get_database_health(&self) -> Result<(), Error> {
        let _answer: Value = self.get(&["health", "db"]).await?;
        Ok(())
    }

    /// The metrics, in Prometheus' text format. The token of this client must be that of the metrics.
    ///
    /// # Errors
    /// `METRICS_TOKEN_REQUIRED`, `NOT_FOUND` where there are none; [`Error`].
    pub async fn get_metrics(&self) -> Result<String, Error> {
        let response = send(self.request(Method::GET, &["metrics"])).await?;
        response.text().await.map_err(Error::Transport)
    }
}
