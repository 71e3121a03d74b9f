//! The audit log: pages of events, and events as they are sealed.

use futures_util::Stream;
use futures_util::stream::try_unfold;
use reqwest::{Method, Response};
use rosterd_domain::UnixMillis;
use rosterd_domain::audit::AuditEvent;
use serde::Deserialize;

use crate::client::{Client, read, send};
use crate::error::Error;

/// What a page of events is asked for. Without anything: the newest 100.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventQuery {
    parameters: Vec<(&'static str, String)>,
}

impl EventQuery {
    /// The newest events.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only what this account or job did, by its id. For admins.
    #[must_use]
    pub fn actor(self, id: impl Into<String>) -> Self {
        self.with("actor", id)
    }

    /// Only what is about this user or group, by its id. For admins.
    #[must_use]
    pub fn subject(self, id: impl Into<String>) -> Self {
        self.with("subject", id)
    }

    /// Only this action, such as `user.created`, or all of a kind, such as `user.*`.
    #[must_use]
    pub fn action(self, action: impl Into<String>) -> Self {
        self.with("action", action)
    }

    /// Only what happened at this moment or later.
    #[must_use]
    pub fn from(self, at: UnixMillis) -> Self {
        self.with("from", at.to_string())
    }

    /// Only what happened before this moment.
    #[must_use]
    pub fn to(self, at: UnixMillis) -> Self {
        self.with("to", at.to_string())
    }

    /// Only what came from this client IP. For admins.
    #[must_use]
    pub fn client_ip(self, ip: impl Into<String>) -> Self {
        self.with("client_ip", ip)
    }

    /// Only what belongs to the request with this id. For admins.
    #[must_use]
    pub fn request_id(self, id: impl Into<String>) -> Self {
        self.with("request_id", id)
    }

    /// Events a page, 1 to 1000.
    #[must_use]
    pub fn limit(self, limit: u16) -> Self {
        self.with("limit", limit.to_string())
    }

    /// The page after the one that named this [cursor](EventPage::next_cursor).
    #[must_use]
    pub fn cursor(self, cursor: impl Into<String>) -> Self {
        self.with("cursor", cursor)
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.retain(|(known, _)| *known != name);
        self.parameters.push((name, value.into()));
        self
    }
}

/// One page of events.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct EventPage {
    /// The events, newest first.
    pub events: Vec<AuditEvent>,
    /// Where the next page begins, if there may be more.
    pub next_cursor: Option<String>,
}

impl Client {
    /// A page of the audit log. For admins.
    ///
    /// # Errors
    /// `NOT_FOUND` on a database without tables for events; [`Error`].
    pub async fn get_audit_events(&self, query: &EventQuery) -> Result<EventPage, Error> {
        let request = self.request(Method::GET, &["api", "v1", "audit"]).query(&query.parameters);
        read(send(request).await?).await
    }

    /// A page of the events about oneself.
    ///
    /// # Errors
    /// As [`Self::get_audit_events`].
    pub async fn get_user_events(&self, query: &EventQuery) -> Result<EventPage, Error> {
        let request =
            self.request(Method::GET, &["api", "v1", "users", "user", "events"]).query(&query.parameters);
        read(send(request).await?).await
    }

    /// Events in the order of their positions, after this one (`None`: those that are sealed from now on), as they are
    /// sealed. Ends when the server ends it, such as with the session: then ask again, after the last position that came. For
    /// admins.
    ///
    /// # Errors
    /// As [`Self::get_audit_events`].
    pub async fn stream_audit_events(
        &self,
        after: Option<i64>,
    ) -> Result<impl Stream<Item = Result<AuditEvent, Error>> + Send + use<>, Error> {
        let request = self.request(Method::GET, &["api", "v1", "audit", "stream"]);
        let request = request.query(&after.map(|position| [("position", position.to_string())]));
        let reading = Reading { response: send(request).await?, bytes: Vec::new() };
        Ok(try_unfold(reading, |mut reading| async move {
            Ok(reading.next().await?.map(|event| (event, reading)))
        }))
    }
}

/// Where a stream is.
struct Reading {
    response: Response,
    /// Received, and not read.
    bytes: Vec<u8>,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<AuditEvent>, Error> {
        loop {
            while let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.bytes.drain(..=end).collect();
                // The server writes the data of an event on one line.
                if let Some(data) = line.strip_prefix(b"data: ") {
                    return serde_json::from_slice(data).map(Some).map_err(Error::Answer);
                }
            }
            match self.response.chunk().await.map_err(Error::Transport)? {
                Some(chunk) => self.bytes.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
    }
}
