//! What the server sends out: one HTTP request to a URL that somebody else chose, and mails to one [SMTP server](smtp).
//!
//! Whoever may name a URL that a server asks for can try to make the server reach what they cannot reach themselves: its own
//! ports, other machines of its network, the metadata of a cloud. So an [`Outbound`] resolves the host's name once, has each
//! IP judged, and connects to one that passed. It follows no redirect, sends nothing but what it was given, and takes no more
//! time and no larger answer than it may.

mod failure;
mod reach;
pub mod smtp;
mod tls;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HOST, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use openssl::ssl::SslConnector;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use url::Url;

pub use failure::Failure;
use reach::Connection;

/// The largest head of an answer, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// How much of an answer's body is read, in bytes. It is not kept.
const MAX_BODY: usize = 64 << 10;

/// What is sent by POST.
#[derive(Debug, Clone)]
pub struct Message {
    /// Headers beside those of the protocol: names in small letters, and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

/// What came back. Of an answer only its head counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header `Retry-After`, as it was sent.
    pub retry_after: Option<String>,
}

/// Sends requests.
pub struct Outbound {
    ca_file: Option<PathBuf>,
    time: Duration,
    may_reach: fn(IpAddr) -> bool,
    /// Made at the first need: reading what the system trusts takes a while.
    tls: OnceLock<Result<SslConnector, Failure>>,
}

impl Outbound {
    /// A sender whose requests take so much time at most. `may_reach` judges each IP. Certificates must be signed by one of the
    /// PEM file `ca_file`, if there is one, else by one that the system trusts.
    #[must_use]
    pub fn new(time: Duration, may_reach: fn(IpAddr) -> bool, ca_file: Option<PathBuf>) -> Self {
        Self { ca_file, time, may_reach, tls: OnceLock::new() }
    }

    /// Sends a message to an `http` or `https` URL. A redirect is an answer like any other.
    ///
    /// # Errors
    /// [`Failure`] where there is no answer.
    pub async fn post(&self, url: &Url, message: Message) -> Result<Answer, Failure> {
        let end = Instant::now() + self.time;
        let mut driver = JoinSet::new();
        let answered = timeout_at(end, self.ask(url, message, &mut driver)).await;
        let response = answered.map_err(|_late| Failure::TooSlow(self.time))??;
        let answer = Answer {
            status: response.status().as_u16(),
            retry_after: response
                .headers()
                .get(RETRY_AFTER)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
        };
        // Some receivers take a connection that is closed in the middle of their answer for a failure. Whatever becomes of the
        // body, the status stands.
        let _late_or_not = timeout_at(end, drain(response.into_body())).await;
        Ok(answer)
    }

    /// Connects, sends and waits for the head of the answer. `driver` moves the bytes; dropping it closes the connection.
    async fn ask(
        &self,
        url: &Url,
        message: Message,
        driver: &mut JoinSet<()>,
    ) -> Result<Response<Incoming>, Failure> {
        let request = request(url, message)?;
        let connection = self.connect(url).await?;
        let (mut sender, moving) =
            http1::Builder::new().max_buf_size(MAX_HEAD).handshake(TokioIo::new(connection)).await?;
        driver.spawn(async move {
            // What goes wrong is told to whoever waits for the answer.
            let _told = moving.await;
        });
        Ok(sender.send_request(request).await?)
    }

    async fn connect(&self, url: &Url) -> Result<Connection, Failure> {
        let tcp = reach::connect(url, self.may_reach).await?;
        if url.scheme() != "https" {
            return Ok(Box::new(tcp));
        }
        let connector = self.tls.get_or_init(|| tls::connector(self.ca_file.as_deref()));
        let connector = connector.as_ref().map_err(Failure::clone)?;
        Ok(Box::new(tls::shake_hands(connector, url.host().ok_or(Failure::NoHost)?, tcp).await?))
    }
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound").field("time", &self.time).finish_non_exhaustive()
    }
}

fn request(url: &Url, message: Message) -> Result<Request<Full<Bytes>>, Failure> {
    let host = url.host_str().ok_or(Failure::NoHost)?;
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let unsendable = |_why| Failure::Unsendable;
    let mut request = Request::post(path).body(Full::new(message.body)).map_err(unsendable)?;
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_str(&host).map_err(|_why| Failure::Unsendable)?);
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    for (name, value) in message.headers {
        let value = HeaderValue::from_str(&value).map_err(|_why| Failure::Unsendable)?;
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(request)
}

/// Reads a body to its end, or as far as it is read.
async fn drain(mut body: Incoming) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > MAX_BODY {
            break;
        }
    }
}

#[cfg(test)]
mod tests;
