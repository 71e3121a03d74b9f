//! Webhooks: events that are sent to URLs. All of it is for admins.

use std::fmt;

use reqwest::Method;
use rosterd_domain::webhook::{DeliveryState, WebhookDelivery, WebhookInfo, WebhookTest};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::{Client, read, send};
use crate::error::Error;
use crate::versioned::{Version, Versioned};

const WEBHOOKS: [&str; 3] = ["api", "v1", "webhooks"];

/// The path of a webhook, or below it.
fn of<'a>(id: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    WEBHOOKS.into_iter().chain([id]).chain(rest.iter().copied()).collect()
}

/// A webhook to be made.
#[derive(Debug, Clone, Serialize)]
pub struct NewWebhook {
    url: String,
    events: Vec<String>,
    description: String,
}

impl NewWebhook {
    /// One that sends these events to this URL: names such as `user.created`, kinds such as `user.*`, or `*` for all.
    #[must_use]
    pub fn new<E: Into<String>>(url: impl Into<String>, events: impl IntoIterator<Item = E>) -> Self {
        Self {
            url: url.into(),
            events: events.into_iter().map(Into::into).collect(),
            description: String::new(),
        }
    }

    /// With a few words about it.
    #[must_use]
    pub fn description(self, description: impl Into<String>) -> Self {
        Self { description: description.into(), ..self }
    }
}

/// What is to be changed of a webhook; what is not set stays.
#[derive(Debug, Clone, Default, Serialize)]
pub struct WebhookUpdate {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
}

impl WebhookUpdate {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Another URL.
    #[must_use]
    pub fn url(self, url: impl Into<String>) -> Self {
        Self { url: Some(url.into()), ..self }
    }

    /// Other events.
    #[must_use]
    pub fn events<E: Into<String>>(self, events: impl IntoIterator<Item = E>) -> Self {
        Self { events: Some(events.into_iter().map(Into::into).collect()), ..self }
    }

    /// Other words about it.
    #[must_use]
    pub fn description(self, description: impl Into<String>) -> Self {
        Self { description: Some(description.into()), ..self }
    }

    /// On, where it goes on where it stopped, or off.
    #[must_use]
    pub fn enabled(self, enabled: bool) -> Self {
        Self { enabled: Some(enabled), ..self }
    }
}

/// A webhook with a new secret, which is never shown again.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct MadeWebhook {
    /// The secret, `whsec_` and base64: deliveries are verified with it.
    pub secret: String,
    /// The webhook.
    #[serde(flatten)]
    pub webhook: WebhookInfo,
}

impl fmt::Debug for MadeWebhook {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MadeWebhook").field("webhook", &self.webhook).finish_non_exhaustive()
    }
}

/// One page of deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DeliveryPage {
    /// The deliveries, newest first.
    pub deliveries: Vec<WebhookDelivery>,
    /// Where the next page begins, if there may be more.
    pub next_cursor: Option<String>,
}

impl Client {
    /// All webhooks, the oldest first.
    ///
    /// # Errors
    /// `CONFLICT` on a database without the tables for them and where the audit log is off, as with all that follows; [`Error`].
    pub async fn list_webhooks(&self) -> Result<Vec<WebhookInfo>, Error> {
        self.get(&WEBHOOKS).await
    }

    /// One webhook with its version.
    ///
    /// # Errors
    /// `NOT_FOUND`; as [`Self::list_webhooks`].
    pub async fn get_webhook(&self, id: impl AsRef<str>) -> Result<Versioned<WebhookInfo>, Error> {
        self.get_versioned(&of(id.as_ref(), &[])).await
    }

    /// Makes a webhook. Its secret is not shown again.
    ///
    /// # Errors
    /// As [`Self::list_webhooks`], and for one webhook too many.
    pub async fn create_webhook(&self, webhook: &NewWebhook) -> Result<MadeWebhook, Error> {
        self.post(&WEBHOOKS, webhook).await
    }

    /// Changes a webhook.
    ///
    /// # Errors
    /// `NOT_FOUND`; as [`Self::list_webhooks`].
    pub async fn update_webhook(
        &self,
        id: impl AsRef<str>,
        update: &WebhookUpdate,
    ) -> Result<WebhookInfo, Error> {
        self.post(&of(id.as_ref(), &["update"]), update).await
    }

    /// Changes a webhook, only if this version is still the stored one.
    ///
    /// # Errors
    /// `PRECONDITION_FAILED` for another version; as [`Self::update_webhook`].
    pub async fn update_webhook_if(
        &self,
        id: impl AsRef<str>,
        update: &WebhookUpdate,
        version: &Version,
    ) -> Result<Versioned<WebhookInfo>, Error> {
        self.post_versioned(&of(id.as_ref(), &["update"]), update, Some(version)).await
    }

    /// Deletes a webhook and its deliveries.
    ///
    /// # Errors
    /// As [`Self::update_webhook`].
    pub async fn delete_webhook(&self, id: impl AsRef<str>) -> Result<bool, Error> {
        self.delete(&of(id.as_ref(), &[])).await
    }

    /// Gives a webhook a new secret. The one before signs too for so many seconds (`None`: a day).
    ///
    /// # Errors
    /// As [`Self::update_webhook`].
    pub async fn rotate_webhook(
        &self,
        id: impl AsRef<str>,
        overlap: Option<i64>,
    ) -> Result<MadeWebhook, Error> {
        self.post(&of(id.as_ref(), &["rotate"]), &json!({ "overlap": overlap })).await
    }

    /// Sends a test to a webhook, and waits for what becomes of it.
    ///
    /// # Errors
    /// As [`Self::update_webhook`].
    pub async fn test_webhook(&self, id: impl AsRef<str>) -> Result<WebhookTest, Error> {
        read(send(self.request(Method::POST, &of(id.as_ref(), &["test"]))).await?).await
    }

    /// A page of a webhook's deliveries, in this state or in any, newest first: the first, or the one after the page that named
    /// this [cursor](DeliveryPage::next_cursor).
    ///
    /// # Errors
    /// As [`Self::update_webhook`].
    pub async fn list_webhook_deliveries(
        &self,
        id: impl AsRef<str>,
        state: Option<DeliveryState>,
        cursor: Option<&str>,
        limit: Option<u16>,
    ) -> Result<DeliveryPage, Error> {
        let request = self.request(Method::GET, &of(id.as_ref(), &["deliveries"]));
        let request = request.query(&state.map(|state| [("state", state.as_str())]));
        let request = request.query(&cursor.map(|cursor| [("cursor", cursor)]));
        let request = request.query(&limit.map(|limit| [("limit", limit)]));
        read(send(request).await?).await
    }

    /// Has a delivery made once more.
    ///
    /// # Errors
    /// As [`Self::update_webhook`]; `CONFLICT` while the webhook is switched off.
    pub async fn retry_webhook_delivery(
        &self,
        id: impl AsRef<str>,
        delivery: impl AsRef<str>,
    ) -> Result<WebhookDelivery, Error> {
        let path = of(id.as_ref(), &["deliveries", delivery.as_ref(), "retry"]);
        read(send(self.request(Method::POST, &path)).await?).await
    }
}
